'use strict';
/*
 * deadline.js - waiting for conditions. Nothing here sleeps and hopes: every wait names what it
 * waits for, ends as soon as that is true, and fails with that name when the time is up.
 */

const DEADLINE_MS = 30000;      /* on a machine that does much else, too */

/* Of waits that go on. One that nobody awaits any more must not keep a file that has ended. */
const timers = new Set();
if (/\.test\.js$/.test(require.main?.filename ?? ''))
    require('node:test').after(() => timers.forEach(clearTimeout));

/* Reject with `what` unless promise settles in time; details() adds what was seen so far. */
async function within(promise, what, ms = DEADLINE_MS, details = () => '') {
    let timer;
    const late = new Promise((resolve, reject) => {
        timer = setTimeout(() => {
            reject(new Error(`not within ${ms} ms: ${what}${details()}`));
        }, ms);
        timers.add(timer);
    });
    try {
        return await Promise.race([promise, late]);
    } finally {
        clearTimeout(timer);
        timers.delete(timer);
    }
}

/*
 * Ask again and again until condition() gives something true; returns that. `what` may be a
 * function that says it when the time is up, with what was seen.
 */
async function eventually(condition, what, ms = DEADLINE_MS) {
    const end = Date.now() + ms;
    for (;;) {
        const value = await condition();
        if (value)
            return value;
        if (Date.now() >= end)
            throw new Error(`not within ${ms} ms: ${typeof what === 'function' ? what() : what}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

/* One event of an EventEmitter (Node's, or the 0.9 client's); resolves with its arguments. */
function event(emitter, name, ms = DEADLINE_MS) {
    return within(new Promise((resolve) => {
        emitter.once(name, (...args) => resolve(args));
    }), `event "${name}"`, ms);
}

module.exports = { DEADLINE_MS, within, eventually, event };
