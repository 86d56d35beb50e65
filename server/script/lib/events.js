'use strict';
// Module "events".

function EventEmitter() {
    this._events = this._events || Object.create(null);
}

module.exports = EventEmitter;
EventEmitter.EventEmitter = EventEmitter;
EventEmitter.defaultMaxListeners = 10;

const proto = EventEmitter.prototype;

// A single listener is there itself, as in Node: sockets have many events, and few have two.
function listOf(emitter, name) {
    if (!emitter._events || !Object.hasOwn(emitter, '_events'))
        emitter._events = Object.create(null);
    const is = emitter._events[name];

    return typeof is === 'function' ? [is] : is;
}

function add(emitter, name, fn, isFirst) {
    if (typeof fn !== 'function')
        throw new TypeError('The "listener" argument must be of type function. Received ' +
            typeof fn);
    const list = listOf(emitter, name);

    if (emitter._events.newListener !== undefined)
        emitter.emit('newListener', name, fn.listener || fn);
    if (list === undefined)
        emitter._events[name] = fn;
    else // a copy: who is being told of an event goes on with the list as it was
        emitter._events[name] = isFirst ? [fn, ...list] : [...list, fn];
    return emitter;
}

function onceOf(emitter, name, fn) {
    function wrapped(...args) {
        emitter.removeListener(name, wrapped);
        return fn.apply(this, args);
    }
    wrapped.listener = fn;
    return wrapped;
}

proto.on = proto.addListener = function (name, fn) { return add(this, name, fn, false); };
proto.prependListener = function (name, fn) { return add(this, name, fn, true); };
proto.once = function (name, fn) { return add(this, name, onceOf(this, name, fn), false); };
proto.prependOnceListener = function (name, fn) {
    return add(this, name, onceOf(this, name, fn), true);
};

proto.removeListener = proto.off = function (name, fn) {
    const list = listOf(this, name);
    const i = list === undefined ? -1
        : list.findLastIndex((one) => one === fn || one.listener === fn);

    if (i < 0)
        return this;
    if (list.length === 1)
        delete this._events[name];
    else
        this._events[name] = list.length === 2 ? list[1 - i] : list.filter((_, at) => at !== i);
    if (this._events.removeListener !== undefined)
        this.emit('removeListener', name, fn);
    return this;
};

proto.removeAllListeners = function (name) {
    listOf(this, '');
    if (name === undefined)
        this._events = Object.create(null);
    else
        delete this._events[name];
    return this;
};

proto.emit = function (name, ...args) {
    const list = listOf(this, name);

    if (list === undefined) {
        if (name !== 'error')
            return false;
        if (args[0] instanceof Error)
            throw args[0];
        throw new Error('Unhandled error. (' + String(args[0]) + ')');
    }
    for (const fn of list)
        fn.apply(this, args);
    return true;
};

proto.listeners = function (name) { return (listOf(this, name) || []).map((f) => f.listener || f); };
proto.rawListeners = function (name) { return [...(listOf(this, name) || [])]; };
proto.listenerCount = function (name) { return (listOf(this, name) || []).length; };
proto.eventNames = function () { listOf(this, ''); return Reflect.ownKeys(this._events); };
proto.setMaxListeners = function () { return this; };
proto.getMaxListeners = function () { return EventEmitter.defaultMaxListeners; };

EventEmitter.listenerCount = (emitter, name) => emitter.listenerCount(name);
EventEmitter.once = (emitter, name) => new Promise(function (resolve, reject) {
    function fail(error) { emitter.removeListener(name, done); reject(error); }
    function done(...args) { emitter.removeListener('error', fail); resolve(args); }
    emitter.once(name, done);
    if (name !== 'error')
        emitter.once('error', fail);
});
