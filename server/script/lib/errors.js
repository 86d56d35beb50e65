'use strict';
// Errors that nobody has caught, told as Node tells them: place, line, caret, stack.

const {inspect} = builtin('util');

const RUN_FAILED = 1, TEXT_WRONG = 2, HANDLER_FAILED = 7; // exit statuses; 1 and 7 as in Node
const MAX_SHOWN = 200; // characters of a line
const wrongTexts = new WeakMap(); // errors in the text of a module: {file, line, column}

// The first place of a stack that is in a file.
function placeOf(stack) {
    const found = /^ {4}at (?:.* \()?(\/.*):(\d+):(\d+)\)?$/m.exec(stack);

    return found && {file: found[1], line: Number(found[2]), column: Number(found[3])};
}

function lineOf({file, line}) {
    try {
        return native.readText(file).split(/\r\n|[\n\r\u2028\u2029]/)[line - 1];
    } catch {
        return undefined; // it is not there any more
    }
}

// The line of a place, and a caret under it; '' when there is none.
function pointAt(place) {
    const line = place ? lineOf(place) : undefined;

    if (line === undefined || line.length > MAX_SHOWN)
        return '';
    return `${line}\n${line.slice(0, place.column - 1).replace(/[^\t]/g, ' ')}^\n`;
}

// As the shell's user would call it.
function nameOf(file) {
    const folder = native.cwd() + '/';

    return file.startsWith(folder) ? file.slice(folder.length) : file;
}

// Many set their name after the stack was written.
function stackOf(error) {
    const {name, stack} = error;

    if (typeof stack !== 'string')
        return String(error);
    return typeof name === 'string' && /^Error\b/.test(stack) && !stack.startsWith(name)
        ? name + stack.slice('Error'.length) : stack;
}
exports.stackOf = stackOf;

// What an error has beside its stack: code, and so on.
function withProperties(error) {
    const own = Object.keys(error).filter((key) => key !== 'stack' && key !== 'message');
    const stack = stackOf(error);

    const lines = own.map((key) => `  ${key}: ${inspect(error[key]).replace(/\n/g, '\n  ')}`);

    return lines.length === 0 ? stack : `${stack} {\n${lines.join(',\n')}\n}`;
}

function textOf(error) {
    if (!(error instanceof Error))
        return `Uncaught:\n${inspect(error)}`;
    let text = withProperties(error);

    if (error.cause instanceof Error)
        text += `\n[cause]: ${withProperties(error.cause)}`;
    return text;
}

function say(error) {
    const place = error instanceof Error ? placeOf(error.stack) : null;
    const pointed = pointAt(place);

    const where = pointed && `${place.file}:${place.line}\n${pointed}\n`;

    native.write(2, `${where}${textOf(error)}\n`);
}

function sayRejection(reason) {
    if (reason instanceof Error) {
        say(reason);
        return;
    }
    native.write(2, '[UnhandledPromiseRejection: This error originated either by throwing inside ' +
        'of an async function without a catch block, or by rejecting a promise which was not ' +
        `handled with .catch(). The promise rejected with the reason "${inspect(reason)}".] ` +
        "{\n  code: 'ERR_UNHANDLED_REJECTION'\n}\n");
}

// --- The text of a module that is wrong. ---

// Note where, when it is a SyntaxError from compiling file. Throws it.
exports.throwFromCompiling = function (error, file) {
    if (error instanceof SyntaxError && !wrongTexts.has(error)) { // who imports it fails, too
        const place = placeOf(error.stack);

        wrongTexts.set(error, place && place.file === file ? place : {file, line: 1, column: 1});
    }
    throw error;
};

exports.isOfText = (error) => typeof error === 'object' && error !== null && wrongTexts.has(error);

// JSON.parse() of a file. Its errors say where, too.
exports.parseJson = function (text, file) {
    try {
        return native.parseJson('\n' + text.replace(/^\ufeff/, ''), file);
    } catch (error) {
        exports.throwFromCompiling(error, file);
    }
};

function sayWrongText(error) {
    const place = wrongTexts.get(error);

    native.write(2, `${nameOf(place.file)}:${place.line}:${place.column}: ${error.name}: ` +
        `${error.message}\n${pointAt(place)}`);
}
exports.sayWrongText = sayWrongText;

// --- What C asks. ---

function end(status) {
    process.exitCode = status;
    return process._tellExit();
}

// process.on('uncaughtException'): what that throws ends the script at once.
function tell(error, origin) {
    try {
        process.emit('uncaughtExceptionMonitor', error, origin);
        if (process.listenerCount('uncaughtException') === 0)
            return false;
        process.emit('uncaughtException', error, origin);
        return true;
    } catch (another) {
        say(another);
        return HANDLER_FAILED;
    }
}

function onUncaught(error, origin, sayIt) {
    const told = tell(error, origin);

    if (told === true)
        return -1;
    if (told === HANDLER_FAILED)
        return HANDLER_FAILED;
    if (exports.isOfText(error)) {
        sayWrongText(error);
        return end(TEXT_WRONG);
    }
    sayIt(error);
    return end(RUN_FAILED);
}

native.hook('uncaught', (error) => onUncaught(error, 'uncaughtException', say));

native.hook('unhandled', function (reason, promise) {
    if (process.listenerCount('unhandledRejection') === 0)
        return onUncaught(reason, 'unhandledRejection', sayRejection);
    try {
        process.emit('unhandledRejection', reason, promise);
        return -1;
    } catch (error) {
        return onUncaught(error, 'uncaughtException', say);
    }
});
