'use strict';
// Module "util" (and "sys"), as far as servers use it.

const inspect = builtin('inspect');

const BUILT_IN = new Set(['Object', 'Array', 'Error', 'Date', 'Function', 'Map', 'Set', 'RegExp',
    'Promise', 'Number', 'String', 'Boolean', 'Symbol', 'BigInt']);

// Is the toString() of an object none of the program's own?
function isShownWhole(value) {
    for (let is = value; is !== null; is = Object.getPrototypeOf(is))
        if (Object.hasOwn(is, 'toString'))
            return Object.hasOwn(is, 'constructor') && BUILT_IN.has(is.constructor.name);
    return true;
}

function asJson(value) {
    try {
        return JSON.stringify(value);
    } catch (error) {
        if (/circular/.test(error.message))
            return '[Circular]';
        throw error;
    }
}

function asNumber(value, fn) {
    return typeof value === 'symbol' ? 'NaN' : inspect(fn(value));
}

function formatOne(letter, value) {
    switch (letter) {
    case 's':
        return typeof value === 'string' ? value : typeof value === 'bigint' ? value + 'n'
            : typeof value === 'object' && value !== null && isShownWhole(value)
                ? inspect(value, {depth: 0}) : Object.is(value, -0) ? '-0' : String(value);
    case 'd': return typeof value === 'bigint' ? value + 'n' : asNumber(value, Number);
    case 'i': return typeof value === 'bigint' ? value + 'n' : asNumber(value, parseInt);
    case 'f': return asNumber(value, parseFloat);
    case 'j': return asJson(value);
    case 'o': return inspect(value, {showHidden: true, depth: 4});
    case 'O': return inspect(value);
    default: return '';
    }
}

function format(first, ...rest) {
    let i = 0;
    let text = '';

    if (typeof first === 'string')
        text = rest.length === 0 ? first : first.replace(/%[sdifjoOc%]/g, function (all) {
            if (all === '%%')
                return '%';
            return i < rest.length ? formatOne(all[1], rest[i++]) : all;
        });
    else if (arguments.length > 0)
        text = inspect(first);
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
exports.types = {isRegExp: (v) => v instanceof RegExp, isDate: (v) => v instanceof Date,
    isNativeError: (v) => v instanceof Error, isPromise: (v) => v instanceof Promise,
    isMap: (v) => v instanceof Map, isSet: (v) => v instanceof Set,
    isTypedArray: (v) => ArrayBuffer.isView(v) && !(v instanceof DataView),
    isUint8Array: (v) => v instanceof Uint8Array};
exports.stripVTControlCharacters = (text) => text.replace(/\u001b\[[\d;]*[A-Za-z]/g, '');
exports.debuglog = () => Object.assign(() => {}, {enabled: false});

// Of the days of 0.9.
Object.assign(exports, {
    isRegExp: exports.types.isRegExp, isDate: exports.types.isDate,
    isError: exports.types.isNativeError, isBuffer: (v) => v instanceof Buffer,
    isFunction: (v) => typeof v === 'function', isString: (v) => typeof v === 'string',
    isNumber: (v) => typeof v === 'number', isBoolean: (v) => typeof v === 'boolean',
    isObject: (v) => typeof v === 'object' && v !== null, isNull: (v) => v === null,
    isUndefined: (v) => v === undefined, isNullOrUndefined: (v) => v === undefined || v === null,
    print: (...texts) => { native.write(1, texts.join('')); },
    puts: (...texts) => { native.write(1, texts.map((text) => text + '\n').join('')); },
    debug: (text) => { native.write(2, `DEBUG: ${text}\n`); },
    error: (...texts) => { native.write(2, texts.map((text) => text + '\n').join('')); },
    log: (...args) => { console.log('%s - %s', new Date().toUTCString(), format(...args)); },
});
