'use strict';
// Module "assert".

const {inspect} = builtin('util');

class AssertionError extends Error {
    constructor({message, actual, expected, operator}) {
        super(message || `${inspect(actual)} ${operator} ${inspect(expected)}`);
        Object.assign(this, {name: 'AssertionError', code: 'ERR_ASSERTION', actual, expected,
            operator});
    }
}

function check(isTrue, actual, expected, message, operator) {
    if (isTrue)
        return;
    if (message instanceof Error)
        throw message;
    throw new AssertionError({message, actual, expected, operator});
}

function isSame(a, b, isStrict) {
    if (isStrict ? Object.is(a, b) : a == b) // as the original does
        return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
        return false;
    if (isStrict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b))
        return false;
    if (a instanceof Date || a instanceof RegExp)
        return String(a) === String(b) && Number(a) === Number(b) || String(a) === String(b);
    if (a instanceof Map || a instanceof Set)
        return b instanceof a.constructor && isSame([...a], [...b], isStrict);
    const keys = Object.keys(a);

    return keys.length === Object.keys(b).length &&
        keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key], isStrict));
}

function assert(value, message) { check(value, value, true, message, '=='); }

function throwsWhat(fn, wanted, message) {
    try {
        fn();
    } catch (error) {
        if (wanted instanceof RegExp)
            check(wanted.test(String(error)), error, wanted, message, 'throws');
        else if (typeof wanted === 'function' && wanted.prototype instanceof Error)
            check(error instanceof wanted, error, wanted, message, 'throws');
        return;
    }
    check(false, undefined, wanted, message || 'Missing expected exception.', 'throws');
}

module.exports = Object.assign(assert, {
    AssertionError, ok: assert, throws: throwsWhat,
    equal: (a, b, message) => check(a == b, a, b, message, '=='),
    notEqual: (a, b, message) => check(a != b, a, b, message, '!='),
    strictEqual: (a, b, message) => check(Object.is(a, b), a, b, message, '==='),
    notStrictEqual: (a, b, message) => check(!Object.is(a, b), a, b, message, '!=='),
    deepEqual: (a, b, message) => check(isSame(a, b, false), a, b, message, 'deepEqual'),
    deepStrictEqual: (a, b, message) => check(isSame(a, b, true), a, b, message, 'deepStrictEqual'),
    notDeepEqual: (a, b, message) => check(!isSame(a, b, false), a, b, message, 'notDeepEqual'),
    notDeepStrictEqual: (a, b, message) =>
        check(!isSame(a, b, true), a, b, message, 'notDeepStrictEqual'),
    fail: (message) => check(false, undefined, undefined, message || 'Failed', 'fail'),
    match: (text, pattern, message) => check(pattern.test(text), text, pattern, message, 'match'),
    ifError(value) {
        if (value !== null && value !== undefined)
            throw value;
    },
});
assert.strict = assert;
