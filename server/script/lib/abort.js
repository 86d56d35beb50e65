'use strict';
// Globals that end something before it has ended by itself: AbortController and AbortSignal, and
// the events that they stand on.

const {timers} = builtin('timers');

const CODES = {AbortError: 20, TimeoutError: 23, DataCloneError: 25};

class DOMException extends Error {
    constructor(message = '', name = 'Error') {
        super(message);
        Object.defineProperty(this, 'name', {value: String(name), configurable: true});
        this.code = CODES[name] || 0;
    }
}

class Event {
    constructor(type, {cancelable = false} = {}) {
        Object.assign(this, {type: String(type), cancelable, defaultPrevented: false,
            target: null});
    }
    preventDefault() { this.defaultPrevented = this.cancelable; }
}

class EventTarget {
    #listeners = new Map(); // by type: a map of function to whether it is called once

    addEventListener(type, fn, options) {
        if (!this.#listeners.has(type))
            this.#listeners.set(type, new Map());
        if (fn && !this.#listeners.get(type).has(fn))
            this.#listeners.get(type).set(fn, Boolean(options && options.once));
    }
    removeEventListener(type, fn) {
        if (this.#listeners.has(type))
            this.#listeners.get(type).delete(fn);
    }
    dispatchEvent(event) {
        event.target = this;
        for (const [fn, isOnce] of [...this.#listeners.get(event.type) || []]) {
            if (isOnce)
                this.removeEventListener(event.type, fn);
            if (typeof fn === 'function')
                fn.call(this, event);
            else
                fn.handleEvent(event);
        }
        if (typeof this['on' + event.type] === 'function')
            this['on' + event.type](event);
        return !event.defaultPrevented;
    }
}

const OURS = Symbol('made by AbortController');

class AbortSignal extends EventTarget {
    constructor(key) {
        super();
        if (key !== OURS)
            throw Object.assign(new TypeError('Illegal constructor'),
                {code: 'ERR_ILLEGAL_CONSTRUCTOR'});
        Object.assign(this, {aborted: false, reason: undefined, onabort: null});
    }
    throwIfAborted() {
        if (this.aborted)
            throw this.reason;
    }
    static abort(reason) {
        const controller = new AbortController();

        controller.abort(reason);
        return controller.signal;
    }
    static timeout(ms) {
        const controller = new AbortController();

        timers.setTimeout(() => controller.abort(new DOMException(
            'The operation was aborted due to timeout', 'TimeoutError')), ms).unref();
        return controller.signal;
    }
    static any(signals) {
        const controller = new AbortController();

        for (const signal of signals)
            if (signal.aborted)
                controller.abort(signal.reason);
            else
                signal.addEventListener('abort', () => controller.abort(signal.reason),
                    {once: true});
        return controller.signal;
    }
}

class AbortController {
    constructor() { this.signal = new AbortSignal(OURS); }
    abort(reason = new DOMException('This operation was aborted', 'AbortError')) {
        if (this.signal.aborted)
            return;
        this.signal.aborted = true;
        this.signal.reason = reason;
        this.signal.dispatchEvent(new Event('abort'));
    }
}

module.exports = {DOMException, Event, EventTarget, AbortSignal, AbortController};
