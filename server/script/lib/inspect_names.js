'use strict';
// What inspect() says of an object before what is in it.

const hexOf = (bytes) => Array.from(bytes.subarray(0, 50),
    (byte) => byte.toString(16).padStart(2, '0')).join(' ') +
    (bytes.length > 50 ? ` ... ${bytes.length - 50} more byte${bytes.length > 51 ? 's' : ''}` : '');

// The name of the class that it is of; null: it has no prototype.
function classOf(value) {
    for (let is = value; is !== null; is = Object.getPrototypeOf(is)) {
        const own = Object.getOwnPropertyDescriptor(is, 'constructor');

        if (own && typeof own.value === 'function' && own.value.name !== '' &&
            value instanceof own.value)
            return own.value.name;
    }
    return null;
}

const FALLBACK = {array: 'Array', map: 'Map', set: 'Set', function: 'Function', error: 'Error'};

function sizeOf(value, kind) {
    return kind === 'map' || kind === 'set' ? `(${value.size})`
        : kind === 'array' || kind === 'typed' ? `(${value.length})` : '';
}

function tagOf(value, name) {
    const tag = Object.hasOwn(value, Symbol.toStringTag) ? '' : value[Symbol.toStringTag];

    return typeof tag === 'string' && tag !== '' && tag !== name ? ` [${tag}]` : '';
}

// With a blank behind it, or ''.
function prefixOf(value, kind) {
    if (Object.prototype.toString.call(value) === '[object Arguments]')
        return '[Arguments] ';
    const name = classOf(value);
    const fallback = FALLBACK[kind] || 'Object';

    if (name === null)
        return `[${fallback}${sizeOf(value, kind)}: null prototype]${tagOf(value, fallback)} `;
    const tag = tagOf(value, name);

    if ((kind === 'array' || kind === 'object') && name === fallback && tag === '')
        return '';
    return `${name}${sizeOf(value, kind)}${tag} `;
}

function headOfFunction(fn) {
    const source = Function.prototype.toString.call(fn);

    if (/^class\b/.test(source)) {
        const parent = Object.getPrototypeOf(fn).name;

        return `[class ${fn.name || '(anonymous)'}${parent ? ` extends ${parent}` : ''}]`;
    }
    const type = Object.prototype.toString.call(fn).slice(8, -1);

    return `[${type}${fn.name ? `: ${fn.name}` : ' (anonymous)'}]` +
        (classOf(fn) === null ? ' null prototype' : '');
}

function headOfBoxed(value) {
    const is = value.valueOf();

    return `[${classOf(value)}: ${typeof is === 'string' ? `'${is}'` :
        Object.is(is, -0) ? '-0' : String(is) + (typeof is === 'bigint' ? 'n' : '')}]`;
}

// {head: before the braces, which are left out when there is one and nothing is in it; braces}
function headOf(value, kind) {
    const prefix = prefixOf(value, kind);

    switch (kind) {
    case 'array':
    case 'typed': return {head: '', braces: [`${prefix}[`, ']']};
    case 'function': return {head: headOfFunction(value), braces: ['{', '}']};
    case 'regexp': return {head: String(value), braces: ['{', '}']};
    case 'error': return {head: 'error', braces: ['{', '}']};
    case 'boxed': return {head: headOfBoxed(value), braces: ['{', '}']};
    case 'date': return {head: Number.isNaN(value.getTime()) ? 'Invalid Date'
        : value.toISOString(), braces: ['{', '}']};
    default:
        return {head: '', braces: [`${prefix}{`, '}']};
    }
}

module.exports = {classOf, headOf, prefixOf, hexOf};
