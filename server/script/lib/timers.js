'use strict';
// setTimeout and its kind (module "timers"), and process.nextTick.

const MAX_MS = 30 * 86400000; // of native.after()
const ticks = [];

native.hook('ticks', function () {
    while (ticks.length > 0) {
        const [fn, args] = ticks.shift();
        fn(...args);
    }
});

exports.nextTick = function nextTick(fn, ...args) {
    ticks.push([fn, args]);
};

class Timeout {
    constructor(fn, ms, args, isRepeated) {
        if (typeof fn !== 'function')
            throw new TypeError('The "callback" argument must be of type function. Received ' +
                typeof fn);
        this.fn = fn;
        this.args = args;
        this.ms = ms >= 1 && ms <= MAX_MS ? Math.trunc(ms) : 1;
        this.isRepeated = isRepeated;
        this.begin();
    }
    begin() {
        this.timer = native.after(this.ms, () => this.fire());
    }
    fire() {
        if (this.isRepeated)
            this.begin();
        else
            this.timer = null;
        this.fn.apply(this, this.args);
    }
    end() {
        if (this.timer)
            native.cancel(this.timer);
        this.timer = null;
        this.isRepeated = false;
    }
    refresh() {
        if (this.timer) {
            native.cancel(this.timer);
            this.begin();
        }
        return this;
    }
    ref() { return this; }
    unref() { return this; }
    hasRef() { return true; }
    close() { this.end(); return this; }
}

class Immediate {
    constructor(fn, args) {
        this.timer = native.after(0, () => {
            this.timer = null;
            fn(...args);
        });
    }
    end() {
        if (this.timer)
            native.cancel(this.timer);
        this.timer = null;
    }
}

function clear(timeout) {
    if (timeout && typeof timeout.end === 'function')
        timeout.end();
}

exports.timers = {
    setTimeout: (fn, ms, ...args) => new Timeout(fn, ms, args, false),
    setInterval: (fn, ms, ...args) => new Timeout(fn, ms, args, true),
    setImmediate: (fn, ...args) => new Immediate(fn, args),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    queueMicrotask: (fn) => { Promise.resolve().then(fn); },
};
