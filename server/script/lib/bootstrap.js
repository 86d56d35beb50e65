// What a script finds: globals, and require(). A function of `native` (native.h) and of argv, whose
// first element is the file to run.
(function (native, argv) {
'use strict';

// --- Files of lib/: modules that are given native. ---

const builtins = new Map();

function builtin(name) {
    let module = builtins.get(name);

    if (module === undefined) {
        module = {exports: {}};
        builtins.set(name, module);
        const fn = native.compile('(function (exports, module, builtin, native) {' +
            native.source(name) + '\n})', 'siobroker:' + name);
        fn(module.exports, module, builtin, native);
    }
    return module.exports;
}

// --- Errors that nobody has caught. ---

function stackOf(error) {
    if (!(error instanceof Error))
        return 'Uncaught ' + String(error);
    return error + (error.stack ? '\n' + error.stack.replace(/\n$/, '') : '');
}

// A mistake in the text itself has a place, and nothing else.
function sayError(error) {
    const place = error instanceof SyntaxError && /at (.+:\d+:\d+)\n/.exec(error.stack);

    native.write(2, (place ? place[1] + ': ' + error : stackOf(error)) + '\n');
}

native.hook('uncaught', function (error) {
    if (process.listenerCount('uncaughtException') > 0) {
        process.emit('uncaughtException', error, 'uncaughtException');
        return true;
    }
    sayError(error);
    return false;
});

native.hook('unhandled', function (reason) {
    if (process.listenerCount('unhandledRejection') > 0) {
        process.emit('unhandledRejection', reason);
        return true;
    }
    sayError(reason);
    return false;
});

// --- Globals. ---

const {nextTick, timers} = builtin('timers');
const process = builtin('process');

const {Buffer, TextEncoder, TextDecoder, atob, btoa} = builtin('buffer');

const {URL, URLSearchParams} = builtin('url');

Object.assign(globalThis, timers, {URL, URLSearchParams}, {Buffer, TextEncoder, TextDecoder, atob, btoa, process, console: builtin('console'), global: globalThis});
process.argv.push(...argv);

builtin('modules').runMain(argv[0]);
})
