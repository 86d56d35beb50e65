'use strict';
// util.inspect(): values as text, laid out as Node does it.

const {textOfError} = builtin('inspect_error');
const {headOf, hexOf, prefixOf} = builtin('inspect_names');
const {inColumns, isShort, onLines, quote} = builtin('inspect_layout');

const MAX_ITEMS = 100;
const MAX_TEXT = 10000;
const CUSTOM = Symbol.for('nodejs.util.inspect.custom');
const NAME = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

// One call of inspect().
class Inspection {
    constructor(options) {
        Object.assign(this, {depth: 2, showHidden: false, breakLength: 80, compact: 3,
            maxArrayLength: MAX_ITEMS, maxStringLength: MAX_TEXT, sorted: false}, options);
        if (this.depth === null)
            this.depth = Infinity;
        this.options = options;
        this.indent = 0;
        this.seen = [];
        this.circular = new Map(); // objects that are in themselves, by number
        this.deepest = 0; // where the last object was that had something in it
    }

    // --- What kind of value. ---

    show(value, level, isTyped) {
        switch (typeof value) {
        case 'string': return this.showText(value);
        case 'number': return Object.is(value, -0) ? '-0' : String(value);
        case 'bigint': return value + 'n';
        case 'symbol': return String(value);
        case 'object': return value === null ? 'null' : this.showObject(value, level, isTyped);
        case 'function': return this.showObject(value, level, isTyped);
        default: return String(value);
        }
    }
    // A long one with several lines is cut behind each.
    showText(text) {
        const more = text.length - this.maxStringLength;
        const tail = more > 0 ? `... ${more} more character${more > 1 ? 's' : ''}` : '';
        const shown = more > 0 ? text.slice(0, this.maxStringLength) : text;

        if (this.compact === 3 && shown.length > 16 && shown.length > this.breakLength -
            this.indent - 4)
            return shown.split(/(?<=\n)/).map(quote)
                .join(' +\n' + ' '.repeat(this.indent + 2)) + tail;
        return quote(shown) + tail;
    }
    showObject(value, level, isTyped) {
        const custom = value[CUSTOM];

        if (typeof custom === 'function' && custom !== inspect) {
            const shown = custom.call(value, this.depth - level, {...this.options,
                depth: this.depth - level}, inspect);

            return typeof shown === 'string' ? shown.replaceAll('\n', '\n' + ' '.repeat(this.indent))
                : this.show(shown, level);
        }
        if (this.seen.includes(value)) {
            if (!this.circular.has(value))
                this.circular.set(value, this.circular.size + 1);
            return `[Circular *${this.circular.get(value)}]`;
        }
        return this.showWhole(value, level, isTyped);
    }
    showWhole(value, level, isTyped) {
        const keys = this.keysOf(value);
        const kind = kindOf(value);
        let {head, braces} = headOf(value, kind);

        if (kind === 'error')
            head = textOfError(value, keys, this.indent);
        if (keys.length === 0 && !this.hasItems(value, kind))
            return head || `${braces[0]}${braces[1]}`;
        if (level > this.depth)
            return `[${prefixOf(value, kind).trim() || (kind === 'array' ? 'Array' : 'Object')}]`;
        this.seen.push(value);
        this.deepest = level;
        const parts = this.partsOf(value, kind, keys, level + 1);

        this.seen.pop();
        if (this.circular.has(value)) {
            const mark = `<ref *${this.circular.get(value)}>`;

            if (head === '')
                braces[0] = `${mark} ${braces[0]}`;
            else
                head = `${mark} ${head}`;
        }
        return this.layOut(parts, head, braces, kind, level, value);
    }
    hasItems(value, kind) {
        return kind === 'array' || kind === 'typed' ? value.length > 0
            : kind === 'map' || kind === 'set' ? value.size > 0
                : ['buffer', 'promise', 'weak', 'iterator'].includes(kind);
    }
    keysOf(value) {
        const isList = Array.isArray(value) || isTypedArray(value) || value instanceof String;
        const names = this.showHidden ? Object.getOwnPropertyNames(value)
            .filter((name) => !isList || name !== 'length') : Object.keys(value);
        const symbols = Object.getOwnPropertySymbols(value).filter((symbol) => this.showHidden ||
            Object.prototype.propertyIsEnumerable.call(value, symbol));
        const keys = [...(isList ? names.filter((key) => !/^(0|[1-9]\d*)$/.test(key)) : names),
            ...symbols];

        if (this.sorted)
            keys.sort(typeof this.sorted === 'function' ? this.sorted : undefined);
        return keys;
    }

    // --- What is in it. ---

    partsOf(value, kind, keys, level) {
        return [...this.itemsOf(value, kind, level),
            ...keys.map((key) => this.showProperty(value, key, level))];
    }
    itemsOf(value, kind, level) {
        switch (kind) {
        case 'array': return this.listItems(value, level);
        case 'typed': return this.more(Array.from(value.subarray(0, this.maxArrayLength),
            (one) => this.show(one, level)), value.length);
        case 'set': return this.inner(() => this.more([...value].slice(0, this.maxArrayLength)
            .map((one) => this.show(one, level)), value.size));
        case 'map': return this.inner(() => this.more([...value].slice(0, this.maxArrayLength)
            .map(([key, one]) => `${this.show(key, level)} => ${this.show(one, level)}`),
        value.size));
        case 'buffer': return [`[Uint8Contents]: <${hexOf(new Uint8Array(value))}>`,
            `byteLength: ${value.byteLength}`];
        case 'promise': return this.promiseItems(value, level);
        case 'weak': return ['<items unknown>'];
        default: return [];
        }
    }
    promiseItems(value, level) {
        const [state, result] = native.promiseState(value);

        return state === 'pending' ? ['<pending>']
            : [(state === 'rejected' ? '<rejected> ' : '') + this.inner(() =>
                this.show(result, level))];
    }
    inner(fn) {
        this.indent += 2;
        const made = fn();

        this.indent -= 2;
        return made;
    }
    more(parts, n) {
        const left = n - parts.length;

        if (left > 0)
            parts.push(`... ${left} more item${left > 1 ? 's' : ''}`);
        return parts;
    }
    listItems(list, level) {
        const parts = [];
        let i = 0;

        while (i < list.length && parts.length < this.maxArrayLength) {
            let n = 0;

            while (i < list.length && !Object.hasOwn(list, i))
                i++, n++;
            if (n > 0)
                parts.push(`<${n} empty item${n > 1 ? 's' : ''}>`);
            else
                parts.push(this.showProperty(list, i++, level, true));
        }
        if (i < list.length)
            parts.push(`... ${list.length - i} more item${list.length - i > 1 ? 's' : ''}`);
        return parts;
    }
    showProperty(value, key, level, isItem) {
        const is = Object.getOwnPropertyDescriptor(value, key) || {value: value[key]};
        const text = 'value' in is ? this.inner(() => this.show(is.value, level))
            : is.get ? (is.set ? '[Getter/Setter]' : '[Getter]')
                : is.set ? '[Setter]' : 'undefined';

        if (isItem)
            return text;
        const name = typeof key === 'symbol' ? `[${String(key)}]`
            : is.enumerable === false ? `[${key}]` : NAME.test(key) ? key : quote(key);

        return `${name}: ${text}`;
    }

    // --- On one line, or more. ---

    layOut(parts, head, braces, kind, level, value) {
        const isList = kind === 'array' || kind === 'typed';
        const lines = isList && parts.length > 6
            ? inColumns(parts, value, this.indent, this.breakLength, this.maxArrayLength) : parts;

        if (this.compact === 3 && this.deepest - level < 3 && lines === parts &&
            isShort(parts, this.indent + braces[0].length + head.length + 10, this.breakLength) &&
            !head.includes('\n') && !parts.some((part) => part.includes('\n')))
            return `${head ? head + ' ' : ''}${braces[0]} ${parts.join(', ')} ${braces[1]}`;
        return onLines(lines, head, braces, this.indent);
    }
}

const isTypedArray = (value) => ArrayBuffer.isView(value) && !(value instanceof DataView);

function kindOf(value) {
    if (typeof value === 'function')
        return 'function';
    if (Array.isArray(value))
        return 'array';
    if (isTypedArray(value))
        return 'typed';
    for (const [Type, kind] of [[Error, 'error'], [Map, 'map'], [Set, 'set'], [Date, 'date'],
        [RegExp, 'regexp'], [ArrayBuffer, 'buffer'], [Promise, 'promise'], [WeakMap, 'weak'],
        [WeakSet, 'weak'], [Number, 'boxed'], [String, 'boxed'], [Boolean, 'boxed'],
        [Symbol, 'boxed'], [BigInt, 'boxed']])
        if (value instanceof Type)
            return kind;
    return 'object';
}

function inspect(value, options, ...old) {
    if (typeof options === 'boolean' || old.length > 0) // inspect(value, showHidden, depth)
        options = {showHidden: Boolean(options), ...(old[0] !== undefined && {depth: old[0]})};
    return new Inspection(options || {}).show(value, 0);
}

inspect.custom = CUSTOM;
inspect.defaultOptions = {depth: 2};
module.exports = inspect;
