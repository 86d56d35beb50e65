'use strict';
// Module "util", as far as servers use it.

const MAX_DEPTH = 2;

function quote(text) {
    return "'" + text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n') + "'";
}

function keyOf(key) {
    if (typeof key === 'symbol')
        return `[${String(key)}]`;
    return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

function show(value, depth, seen) {
    if (typeof value === 'string')
        return quote(value);
    if (typeof value === 'function')
        return `[Function${value.name ? ': ' + value.name : ' (anonymous)'}]`;
    if (typeof value === 'bigint')
        return value + 'n';
    if (Object.is(value, -0))
        return '-0';
    if (typeof value !== 'object' || value === null)
        return String(value);
    if (typeof value.inspect === 'function' && value.inspect.length < 2 && depth >= 0)
        return String(value.inspect());
    return showObject(value, depth, seen);
}

function showObject(value, depth, seen) {
    if (value instanceof Error)
        return typeof value.stack === 'string' ? value.stack : `[${value}]`;
    if (value instanceof RegExp)
        return String(value);
    if (value instanceof Date)
        return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (seen.includes(value))
        return '[Circular *1]';
    if (depth < 0)
        return Array.isArray(value) ? '[Array]' : `[${nameOf(value) || 'Object'}]`;
    return layOut(value, partsOf(value, depth - 1, [...seen, value]));
}

function nameOf(value) {
    const proto = Object.getPrototypeOf(value);

    if (proto === null)
        return '[Object: null prototype]';
    return proto.constructor && proto.constructor !== Object ? proto.constructor.name : '';
}

function partsOf(value, depth, seen) {
    const parts = [];
    let keys = Object.keys(value);

    if (Array.isArray(value) || ArrayBuffer.isView(value)) {
        for (const one of Array.prototype.slice.call(value, 0, 100))
            parts.push(show(one, depth, seen));
        if (value.length > 100)
            parts.push(`... ${value.length - 100} more items`);
        keys = keys.filter((key) => !/^\d+$/.test(key));
    } else if (value instanceof Map) {
        for (const [key, one] of value)
            parts.push(`${show(key, depth, seen)} => ${show(one, depth, seen)}`);
    } else if (value instanceof Set) {
        for (const one of value)
            parts.push(show(one, depth, seen));
    }
    for (const key of keys) {
        const is = Object.getOwnPropertyDescriptor(value, key);
        const text = is.get ? (is.set ? '[Getter/Setter]' : '[Getter]') : show(is.value, depth, seen);
        parts.push(`${keyOf(key)}: ${text}`);
    }
    return parts;
}

function layOut(value, parts) {
    const isList = Array.isArray(value);
    const name = isList ? '' : nameOf(value);
    const [open, close] = isList ? '[]' : '{}';
    const prefix = name ? name + (value instanceof Map || value instanceof Set
        ? `(${value.size}) ` : ' ') : '';
    const length = parts.reduce((n, part) => n + part.length + 2, prefix.length);

    if (parts.length === 0)
        return prefix + open + close;
    if (length <= 72 && !parts.some((part) => part.includes('\n')))
        return `${prefix}${open} ${parts.join(', ')} ${close}`;
    return `${prefix}${open}\n  ${parts.join(',\n').replace(/\n/g, '\n  ')}\n${close}`;
}

function inspect(value, options) {
    const depth = options && options.depth !== undefined ? options.depth : MAX_DEPTH;

    return show(value, depth === null ? Infinity : depth, []);
}

function formatOne(letter, value) {
    switch (letter) {
    case 's': return typeof value === 'string' ? value
        : typeof value === 'object' && value !== null ? inspect(value, {depth: 0}) : String(value);
    case 'd': return typeof value === 'object' ? 'NaN' : String(Number(value));
    case 'i': return typeof value === 'object' ? 'NaN' : String(parseInt(value, 10));
    case 'f': return String(parseFloat(value));
    case 'j': return JSON.stringify(value);
    case 'o':
    case 'O': return inspect(value);
    default: return '';
    }
}

function format(first, ...rest) {
    let text;
    let i = 0;

    if (typeof first === 'string')
        text = first.replace(/%[sdifjoOc%]/g, function (all) {
            if (all === '%%')
                return '%';
            return i < rest.length ? formatOne(all[1], rest[i++]) : all;
        });
    else
        text = arguments.length === 0 ? '' : inspect(first);
    for (; i < rest.length; i++)
        text += ' ' + (typeof rest[i] === 'string' ? rest[i] : inspect(rest[i]));
    return text;
}

exports.inspect = inspect;
exports.format = format;
exports.inherits = function inherits(child, parent) {
    child.super_ = parent;
    Object.setPrototypeOf(child.prototype, parent.prototype);
};
const custom = Symbol.for('nodejs.util.promisify.custom');

exports.promisify = (fn) => fn[custom] || ((...args) => new Promise(function (resolve, reject) {
    fn(...args, (error, value) => error ? reject(error) : resolve(value));
}));
exports.promisify.custom = custom;
exports.callbackify = (fn) => function (...args) {
    const done = args.pop();
    fn(...args).then((value) => done(null, value), (error) => done(error));
};
exports.deprecate = (fn) => fn;
exports.isArray = Array.isArray;
exports.isDeepStrictEqual = (a, b) => inspect(a, {depth: null}) === inspect(b, {depth: null});
exports.types = {isRegExp: (v) => v instanceof RegExp, isDate: (v) => v instanceof Date};
