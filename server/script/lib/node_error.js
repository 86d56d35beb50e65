'use strict';
// Errors with a code, as Node throws and shows them.

module.exports = function nodeError(Type, code, message) {
    const error = new Type(message);

    const title = `${error.name} [${code}]: ${message}`;

    Object.defineProperty(error, 'toString', {enumerable: false, configurable: true,
        value: () => title});
    Object.defineProperty(error, 'stack', {enumerable: false, configurable: true, writable: true,
        value: error.stack.replace(`${error.name}: ${message}`, () => title)});
    error.code = code;
    return error;
};

// "Received ..." at the end of a message about an argument.
module.exports.received = function (value) {
    if (value === null || value === undefined)
        return `Received ${value}`;
    if (typeof value === 'function')
        return `Received function ${value.name}`;
    if (typeof value === 'object')
        return value.constructor && value.constructor.name
            ? `Received an instance of ${value.constructor.name}` : 'Received an object';
    const text = typeof value === 'string' ? `'${value.length > 28 ? value.slice(0, 25) + '...'
        : value}'` : String(value) + (typeof value === 'bigint' ? 'n' : '');

    return `Received type ${typeof value} (${text})`;
};
