'use strict';
// Module "timers/promises".

const {timers} = builtin('timers');

function abortError(signal) {
    const error = new Error('The operation was aborted', {cause: signal.reason});

    error.name = 'AbortError';
    error.code = 'ABORT_ERR';
    return error;
}

// A promise that begin(done) keeps, unless it is aborted.
function wait(begin, value, {signal, ref = true} = {}) {
    return new Promise(function (resolve, reject) {
        if (signal && signal.aborted) {
            reject(abortError(signal));
            return;
        }
        const timer = begin(function () {
            if (signal)
                signal.removeEventListener('abort', abort);
            resolve(value);
        });

        function abort() {
            timer.end();
            reject(abortError(signal));
        }
        if (!ref)
            timer.unref();
        if (signal)
            signal.addEventListener('abort', abort, {once: true});
    });
}

exports.setTimeout = (ms, value, options) =>
    wait((done) => timers.setTimeout(done, ms), value, options);
exports.setImmediate = (value, options) =>
    wait((done) => timers.setImmediate(done), value, options);
exports.setInterval = async function* (ms, value, options) {
    for (;;)
        yield await exports.setTimeout(ms, value, options);
};
exports.scheduler = {
    wait: (ms, options) => exports.setTimeout(ms, undefined, options),
    yield: () => exports.setImmediate(),
};

// util.promisify(setTimeout)
const custom = Symbol.for('nodejs.util.promisify.custom');

Object.defineProperty(timers.setTimeout, custom, {value: exports.setTimeout});
Object.defineProperty(timers.setImmediate, custom, {value: exports.setImmediate});
