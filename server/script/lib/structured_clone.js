'use strict';
// structuredClone(): a copy of a value with all that it holds, each once however often it is held.

function dataCloneError(value) {
    const {DOMException} = builtin('abort');

    return new DOMException(`${typeof value === 'symbol' ? String(value) : value} could not be ` +
        'cloned.', 'DataCloneError');
}

const ERRORS = {Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError};

// Of objects that are more than their properties: the copy, still without what it holds.
const makers = [
    [Date, (value) => new Date(value.getTime())],
    [RegExp, (value) => new RegExp(value.source, value.flags)],
    [ArrayBuffer, (value) => value.slice(0)],
    [Boolean, (value) => Object(value.valueOf())],
    [Number, (value) => Object(value.valueOf())],
    [String, (value) => Object(value.valueOf())],
    [Map, () => new Map()],
    [Set, () => new Set()],
    [Array, (value) => new Array(value.length)],
];

// An array over bytes, whose buffer is copied as whole as it is and may be shared with others.
function copyView(value, copies) {
    const buffer = copy(value.buffer, copies);
    const Type = value instanceof Uint8Array ? Uint8Array : value.constructor;

    return new Type(buffer, value.byteOffset,
        value instanceof DataView ? value.byteLength : value.length);
}

function copyError(value, copies) {
    const Type = Object.hasOwn(ERRORS, value.name) ? ERRORS[value.name] : Error;
    const result = new Type(value.message);

    copies.set(value, result);
    Object.defineProperty(result, 'stack',
        {value: String(value.stack), writable: true, configurable: true});
    if (Object.hasOwn(value, 'cause'))
        Object.defineProperty(result, 'cause',
            {value: copy(value.cause, copies), writable: true, configurable: true});
    return result;
}

function copyObject(value, copies) {
    if (ArrayBuffer.isView(value))
        return copyView(value, copies);
    if (value instanceof Error)
        return copyError(value, copies);
    if ([Promise, WeakMap, WeakSet, WeakRef].some((Type) => value instanceof Type))
        throw dataCloneError(`#<${value.constructor.name}>`);
    const [Type, make] = makers.find(([Known]) => value instanceof Known) || [];
    const result = make ? make(value) : {};

    copies.set(value, result);
    if (Type === Map)
        for (const [key, held] of [...value])
            result.set(copy(key, copies), copy(held, copies));
    else if (Type === Set)
        for (const held of [...value])
            result.add(copy(held, copies));
    else if (!make || Type === Array)
        for (const key of Object.keys(value))
            result[key] = copy(value[key], copies);
    return result;
}

function copy(value, copies) {
    if (typeof value === 'function' || typeof value === 'symbol')
        throw dataCloneError(value);
    if (typeof value !== 'object' || value === null)
        return value;
    if (!copies.has(value))
        copies.set(value, copyObject(value, copies));
    return copies.get(value);
}

exports.structuredClone = function structuredClone(value) {
    if (arguments.length === 0)
        throw new TypeError('The "value" argument must be specified');
    return copy(value, new Map());
};
