'use strict';
// setTimeout and its kind, and process.nextTick, in the order of Node: what is put off runs after
// each call from C; timers by their time and then by their age; then what setImmediate() has put
// off. C wakes us when something is due, and calls the hook "timer" for one after the other.

const ticks = [];
const heap = []; // of timers; the next one is the first
let immediates = [];
let n = 0; // of timers that were made
let turn = null; // of the loop: {now, immediates}
let armedFor = Infinity;
let isFromEvent = false; // does an event of the network wait for `immediates`? Then they go first

function needFunction(value, name = 'callback') {
    if (typeof value === 'function')
        return;
    const error = new TypeError(`The "${name}" argument must be of type function. Received ` +
        (value === null || value === undefined ? value : `type ${typeof value}`));

    error.code = 'ERR_INVALID_ARG_TYPE';
    throw error;
}

// --- process.nextTick(). ---

native.hook('ticks', function () {
    try {
        for (let i = 0; i < ticks.length; i++) {
            const {fn, args} = ticks[i];

            ticks[i] = null;
            fn(...args);
        }
    } finally { // of what throws, those behind it run all the same
        const left = ticks.filter((tick) => tick !== null);

        ticks.length = 0;
        left.forEach(putOff);
    }
});

// C calls "ticks" only if it is told: an empty queue costs nothing.
function putOff(tick) {
    if (ticks.push(tick) === 1)
        native.putOff();
}

exports.nextTick = function nextTick(fn, ...args) {
    needFunction(fn);
    putOff({fn, args});
};

// --- A heap. ---

function isBefore(a, b) {
    return a.due < b.due || (a.due === b.due && a.number < b.number);
}

function put(timer, i) {
    heap[i] = timer;
    timer.place = i;
}

function rise(timer) {
    while (timer.place > 0) {
        const up = heap[(timer.place - 1) >> 1];
        const i = up.place;

        if (!isBefore(timer, up))
            return;
        put(up, timer.place);
        put(timer, i);
    }
}

function sink(timer) {
    for (;;) {
        let down = heap[2 * timer.place + 1];
        const other = heap[2 * timer.place + 2];

        if (other !== undefined && isBefore(other, down))
            down = other;
        if (down === undefined || !isBefore(down, timer))
            return;
        const i = down.place;

        put(down, timer.place);
        put(timer, i);
    }
}

function insert(timer) {
    timer.due = native.nowMs() + timer.ms;
    timer.number = n++;
    put(timer, heap.length);
    rise(timer);
    arm();
}

function remove(timer) {
    const last = heap.pop();

    if (last !== timer) {
        put(last, timer.place);
        rise(last);
        sink(last);
    }
    timer.place = -1;
}

// --- When they are due. ---

function arm() {
    const due = immediates.length > 0 ? 0 : heap.length > 0 ? heap[0].due : Infinity;

    if (turn !== null || due >= armedFor)
        return;
    armedFor = due;
    native.wakeAfter(Math.max(0, due - native.nowMs()));
}

function takeImmediates() {
    const taken = immediates;

    immediates = [];
    isFromEvent = false;
    return taken.reverse();
}

// One of them; false: no other is due.
native.hook('timer', function () {
    armedFor = Infinity;
    turn = turn || {now: native.nowMs(), immediates: isFromEvent ? takeImmediates() : null};
    if (turn.immediates === null && heap.length > 0 && heap[0].due <= turn.now) {
        heap[0].fire();
        return true;
    }
    turn.immediates = turn.immediates || takeImmediates();
    while (turn.immediates.length > 0) {
        const one = turn.immediates.pop();

        if (one.fn !== null) {
            one.fire();
            return true;
        }
    }
    turn = null;
    hasTurned = true;
    arm();
    return false;
});

let hasTurned = false;

// --- What scripts have of it. ---

class Waiting {
    constructor(fn, args) {
        needFunction(fn);
        this.fn = fn;
        this.args = args;
        this.isRef = this.isWaitedFor = false;
    }
    // A script goes on for what it waits for.
    setWaitedFor(is) {
        if (is !== this.isWaitedFor)
            native.wait(is ? 1 : -1);
        this.isWaitedFor = is;
    }
    ref() {
        this.isRef = true;
        this.setWaitedFor(this.isPending());
        return this;
    }
    unref() {
        this.isRef = false;
        this.setWaitedFor(false);
        return this;
    }
    hasRef() { return this.isRef; }
}

const byNumber = new Map(); // those whose number a script has asked for

class Timeout extends Waiting {
    constructor(fn, ms, args, isRepeated) {
        super(fn, args);
        this.ms = ms >= 1 && ms <= 2147483647 ? Math.trunc(ms) : 1;
        this.isRepeated = isRepeated;
        insert(this);
        this.ref();
    }
    isPending() { return this.place >= 0; }
    fire() {
        remove(this);
        try {
            this.fn(...this.args);
        } finally {
            if (this.isRepeated && this.place < 0)
                insert(this);
            if (this.place < 0)
                this.end();
        }
    }
    end() {
        if (this.place >= 0)
            remove(this);
        this.isRepeated = false;
        this.setWaitedFor(false);
        byNumber.delete(this.id);
    }
    refresh() {
        if (this.fn === null) // it was cleared
            return this;
        if (this.place >= 0)
            remove(this);
        insert(this);
        this.setWaitedFor(this.isRef);
        return this;
    }
    close() {
        clear(this);
        return this;
    }
    [Symbol.toPrimitive]() {
        this.id = this.number + 1;
        byNumber.set(this.id, this);
        return this.id;
    }
}

class Immediate extends Waiting {
    constructor(fn, args) {
        super(fn, args);
        immediates.push(this);
        isFromEvent = isFromEvent || (turn === null && hasTurned);
        this.ref();
        arm();
    }
    isPending() { return this.fn !== null; }
    fire() {
        const {fn, args} = this;

        this.end();
        fn(...args);
    }
    end() {
        this.fn = null;
        this.setWaitedFor(false);
    }
}

function clear(timer) {
    const one = timer instanceof Waiting ? timer : byNumber.get(Number(timer));

    if (one === undefined)
        return;
    one.end();
    one.fn = null;
}

exports.timers = {
    setTimeout: function setTimeout(fn, ms, ...args) { return new Timeout(fn, ms, args, false); },
    setInterval: function setInterval(fn, ms, ...args) { return new Timeout(fn, ms, args, true); },
    setImmediate: function setImmediate(fn, ...args) { return new Immediate(fn, args); },
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    queueMicrotask: function queueMicrotask(fn) {
        needFunction(fn);
        native.queueJob(fn);
    },
};
