// What a script finds: globals, and require(). A function of `native` (native.h), of argv, whose
// first element is the file to run, and of whether to check that file only.
(function (native, argv, isCheck) {
'use strict';

// --- Files of lib/: modules that are given native. ---

const builtins = new Map();

function builtin(name) {
    let module = builtins.get(name);

    if (module === undefined) {
        module = {exports: {}};
        builtins.set(name, module);
        const source = native.source(name);
        const fn = native.compile(`(function (exports, module, builtin, native) {${source}\n})`,
            'siobroker:' + name);
        fn(module.exports, module, builtin, native);
    }
    return module.exports;
}

// --- Globals. ---

const {nextTick, timers} = builtin('timers');
const process = builtin('process');

process.argv.push(...argv);

const {Buffer, TextEncoder, TextDecoder, atob, btoa} = builtin('buffer');

const {URL, URLSearchParams} = builtin('url');

Object.assign(globalThis, timers, {
    URL, URLSearchParams, Buffer, TextEncoder, TextDecoder, atob, btoa, process,
    console: builtin('console'), global: globalThis,
    structuredClone: builtin('structured_clone').structuredClone,
    gc: () => native.collect(), // as node --expose-gc has it
});
globalThis.performance = {timeOrigin: Date.now(), now: () => process.uptime() * 1000};

// What few programs use is read when it is used.
function lazily(file, names, of = (name) => builtin(file)[name]) {
    for (const name of names)
        Object.defineProperty(globalThis, name, {configurable: true, enumerable: false,
            get: () => globalThis[name] = of(name),
            set: (value) => Object.defineProperty(globalThis, name,
                {configurable: true, enumerable: false, writable: true, value})});
}

lazily('abort', ['AbortController', 'AbortSignal', 'DOMException', 'Event', 'EventTarget']);
lazily('fetch', ['fetch'], () => builtin('fetch'));
lazily('fetch_headers', ['Headers']);
lazily('fetch_response', ['Request', 'Response']);
builtin('errors');
builtin('errors_global');
builtin('timers_promises');
builtin('modules_es');

if (isCheck)
    builtin('modules_check').checkMain(argv[0]);
else
    builtin('modules').runMain(argv[0]);
})
