'use strict';
// The global `console`, as in Node: log, info and debug go to standard output, the others to
// standard error. The level of the log is for what the broker tells by itself.

const {format} = builtin('util');
const inspect = builtin('inspect');
const {stackOf} = builtin('inspect_error');
const table = builtin('table');

const counts = new Map();
const times = new Map();
let indent = '';

function print(descriptor, text) {
    native.write(descriptor, (indent ? indent + text.replaceAll('\n', '\n' + indent) : text) + '\n');
}

const to = (descriptor) => (...args) => print(descriptor, format(...args));

function warn(text) {
    native.write(2, `(node:${native.pid()}) Warning: ${text}\n`);
}

// 12.345ms, 1.234s, 1:02.345 (m:ss.mmm), 1:00:02 (h:mm:ss)
function duration(us) {
    const two = (n) => String(n).padStart(2, '0');
    const ms = us / 1000;
    const minutes = Math.floor(ms / 60000);

    if (ms < 1000)
        return `${Number(ms.toFixed(3))}ms`;
    if (minutes === 0)
        return `${(ms / 1000).toFixed(3)}s`;
    if (minutes < 60)
        return `${minutes}:${((ms / 1000) % 60).toFixed(3).padStart(6, '0')} (m:ss.mmm)`;
    return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(Math.floor(ms / 1000) % 60)} ` +
        '(h:mm:ss)';
}

function tellTime(word, label, rest) {
    label = String(label);
    if (!times.has(label)) {
        warn(`No such label '${label}' for console.${word}()`);
        return;
    }
    console.log('%s: %s', label, duration(native.nowUs() - times.get(label)), ...rest);
}

const console = module.exports = {
    log: to(1), info: to(1), debug: to(1), dirxml: to(1), error: to(2), warn: to(2),
    trace(...args) {
        const error = new Error(format(...args));

        error.name = 'Trace';
        print(2, stackOf(error));
    },
    dir: (value, options) => print(1, inspect(value, {...options})),
    assert(isTrue, ...args) {
        if (isTrue)
            return;
        args[0] = args.length > 0 ? `Assertion failed: ${args[0]}` : 'Assertion failed';
        console.warn(...args);
    },
    count(label = 'default') {
        const key = String(label);

        counts.set(key, (counts.get(key) || 0) + 1);
        console.log(`${key}: ${counts.get(key)}`);
    },
    countReset(label = 'default') {
        if (!counts.delete(String(label)))
            warn(`Count for '${label}' does not exist`);
    },
    time(label = 'default') {
        if (times.has(String(label)))
            warn(`Label '${label}' already exists for console.time()`);
        else
            times.set(String(label), native.nowUs());
    },
    timeLog(label = 'default', ...rest) { tellTime('timeLog', label, rest); },
    timeEnd(label = 'default') {
        tellTime('timeEnd', label, []);
        times.delete(String(label));
    },
    group(...labels) {
        if (labels.length > 0)
            console.log(...labels);
        indent += '  ';
    },
    groupEnd() { indent = indent.slice(2); },
    table(data, columns) {
        if (typeof data === 'object' && data !== null)
            print(1, table(data, columns));
        else
            console.log(data);
    },
};
console.groupCollapsed = console.group;
