'use strict';
// Errors as text: their message, and where they were made.

const {classOf} = builtin('inspect_names');

function titleOf(error) {
    try {
        return typeof error.toString === 'function' ? String(error) : 'Error';
    } catch {
        return 'Error';
    }
}

// Many set their name after the stack was written.
function stackOf(error) {
    const {name} = error;
    const stack = typeof error.stack === 'string' ? error.stack.replace(/\n$/, '') : '';

    if (stack === '')
        return `[${titleOf(error)}]`;
    return typeof name === 'string' && name !== '' && /^Error\b/.test(stack) &&
        !stack.startsWith(name) ? name + stack.slice('Error'.length) : stack;
}

exports.stackOf = stackOf;

// What is in the stack already is not told again. cause is, though nobody can see it in the keys.
exports.textOfError = function (error, keys, indent) {
    const name = classOf(error);
    let text = stackOf(error);

    // One that has no name of its own is called after its class.
    if (name !== null && name !== error.name && /Error$/.test(error.name) &&
        text.startsWith(error.name))
        text = name + text.slice(error.name.length);
    for (const key of ['name', 'message', 'stack']) {
        const at = keys.indexOf(key);

        if (at >= 0 && text.includes(String(error[key])))
            keys.splice(at, 1);
    }
    for (const key of ['cause', 'errors'])
        if (Object.hasOwn(error, key) && !keys.includes(key))
            keys.push(key);
    return text.replaceAll('\n', '\n' + ' '.repeat(indent));
};
