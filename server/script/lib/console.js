'use strict';
// The global `console`: lines of the log.

const {format} = builtin('util');
const counts = new Map();
const times = new Map();

function at(level) {
    return (...args) => native.log(level, format(...args));
}

const console = module.exports = {
    error: at(0), warn: at(1), log: at(2), info: at(2), debug: at(3),
    trace: (...args) => native.log(0, 'Trace: ' + format(...args) + '\n' + new Error().stack),
    dir: (value) => native.log(2, format(value)),
    assert(isTrue, ...args) {
        if (!isTrue)
            console.error('Assertion failed' + (args.length ? ': ' + format(...args) : ''));
    },
    count(label = 'default') {
        counts.set(label, (counts.get(label) || 0) + 1);
        console.log(`${label}: ${counts.get(label)}`);
    },
    time(label = 'default') { times.set(label, native.nowUs()); },
    timeEnd(label = 'default') {
        if (times.has(label))
            console.log(`${label}: ${((native.nowUs() - times.get(label)) / 1000).toFixed(3)}ms`);
        times.delete(label);
    },
    group() {}, groupEnd() {}, table: (value) => native.log(2, format(value)),
};
