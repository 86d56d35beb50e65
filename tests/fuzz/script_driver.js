'use strict';
// The script of fuzz_script.c: says everything to everybody with the oddest arguments, as the bytes
// of an input choose.

const socketio = require('socket.io');
const modules = ['assert', 'buffer', 'crypto', 'events', 'os', 'path', 'querystring',
    'string_decoder', 'timers', 'url', 'util'].map((name) => require(name));
const io = new socketio.Server();
const sockets = [];
const functions = []; // that clients and siobroker have given us: acknowledgements, next()
let bytes = [];

process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});
for (const name of ['log', 'error', 'warn', 'info', 'debug', 'trace', 'dir', 'table'])
    console[name] = () => {};

const choice = (n) => bytes.length > 0 ? bytes.shift() % n : 0;
const pick = (list) => list[choice(list.length)];

// --- What may be an argument. ---

function detached() {
    const buffer = new Uint8Array(8).buffer;
    try { structuredClone(buffer, {transfer: [buffer]}); } catch { /* there is none */ }
    return new Uint8Array(buffer);
}

function circle() {
    const all = {name: 'circle'};
    all.self = [all];
    return all;
}

function deep(n) {
    let all = [];
    for (let i = 0; i < n; i++)
        all = [all];
    return all;
}

function leave(value) {
    for (const socket of [...sockets])
        socket.disconnect(true);
    return value;
}

function fail() { throw new RangeError('on purpose'); }

const throwing = new Proxy({}, {get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail});
const revoked = Proxy.revocable({}, {});
revoked.revoke();

const odd = [
    () => undefined, () => null, () => true, () => 0, () => -1, () => NaN, () => Infinity,
    () => 1e300, () => 4294967296, () => 0.5, () => '', () => 'a', () => '/a', () => 'message',
    () => 'disconnect', () => '__proto__', () => 'x'.repeat(3000), () => '\ud800\0\uffff',
    () => [], () => [[], ['a']], () => ({}), () => ({a: {b: [1, 'c', null]}}), () => Symbol('s'),
    () => 12345678901234567890n, () => () => leave(1), () => fail, () => function () {},
    () => (...args) => { args.filter((one) => typeof one === 'function').forEach((fn) => fn()); },
    () => ({get a() { return fail(); }}), () => ({toJSON: fail}), () => ({toJSON: leave}),
    () => ({toString: fail, valueOf: fail}), () => ({toString: () => leave('x')}),
    () => ({valueOf: () => leave(5)}), () => [{get 0() { return leave(1); }}], () => throwing,
    () => revoked.proxy, detached, () => new Uint8Array(5), () => Buffer.from('bytes'),
    () => new ArrayBuffer(3), () => new DataView(new ArrayBuffer(4)), circle, () => deep(50),
    () => deep(100000), () => Object.create(null), () => new Date(NaN), () => /x/g,
    () => new Map([[1, 2]]), () => new Set('abc'), () => Promise.reject(new Error('no')),
    () => Promise.resolve(1), () => ({then: (fn) => fn(2)}), () => ({length: 100}),
    () => ({length: -1}), () => new Error('e'), () => Array(50).fill('room'), () => sockets[0],
    () => io, () => pick(functions), () => ({a: Buffer.from('b'), c: [new Uint8Array(2)]}),
    () => ({_placeholder: true, num: 0}), () => new Proxy([], {get: (all, key) => leave(all[key])}),
    () => globalThis, () => JSON.parse('{"__proto__":1}'), () => new (class extends Array {})(3),
];

const argument = () => pick(odd)();
const args = () => Array.from({length: choice(4)}, argument);

// --- Who may be spoken to. ---

const left = /^(constructor|setInterval|exit|kill|abort|reallyExit|write|__.*|log|serveSockets)$/;

function wordsOf(object) {
    const words = new Set();

    for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
        for (const word of Reflect.ownKeys(at))
            if (typeof word === 'string' && !left.test(word))
                words.add(word);
    return [...words];
}

const whom = [
    () => io, () => io.sockets, () => io.of('/a'), () => pick(sockets), () => pick(sockets),
    () => pick(sockets) && pick(sockets).broadcast, () => io.to('a'), () => io.volatile.except('a'),
    () => io.manager, () => timers, () => pick(modules),
    () => pick(sockets) && pick(sockets).native,
    () => native, () => native, () => JSON, () => Buffer, () => socketio, () => process,
];
const timers = {setTimeout, setImmediate, clearTimeout, queueMicrotask, nextTick: process.nextTick};
const unsafe = /write|remove|exit|hook|mkdir|rename|unlink|append|fetch|http|redis|read|open|stat/i;
let native = {};

globalThis.begin = function (given) {
    native = Object.fromEntries(Object.entries(given).filter(([name]) => !unsafe.test(name)));
};

// One sentence. A promise of an answer is none that anybody waits for.
globalThis.step = function (given) {
    bytes = given;
    const one = pick(whom)();
    if (one === undefined || one === null)
        return;
    const word = pick(wordsOf(one));
    const is = one[word];
    const result = typeof is === 'function'
        ? choice(8) === 7 ? new is(...args()) : is.apply(one, args())
        : choice(4) === 3 ? (one[word] = argument()) : is;

    if (typeof result === 'function')
        functions.push(result);
    if (result && typeof result.then === 'function')
        result.then(() => {}, () => {});
    if (functions.length > 20)
        functions.shift();
};

globalThis.finish = function () {
    sockets.length = functions.length = 0;
};

// --- Clients. ---

function serve(nsp) {
    nsp.use((socket, next) => {
        functions.push(next);
        if (socket.handshake.query.late === undefined)
            next(socket.handshake.query.bad === undefined ? undefined : new Error('bad'));
    });
    nsp.on('connection', function (socket) {
        sockets.push(socket);
        socket.onAny((name, ...given) => {
            const fn = given.at(-1);

            if (typeof fn === 'function')
                functions.push(fn);
            socket.emit(name === 'disconnect' ? 'other' : name, ...given.slice(0, -1));
        });
        socket.on('bye', () => socket.disconnect(true));
        socket.on('data', (value) => { socket.data.value = value; });
        socket.on('disconnect', () => sockets.splice(sockets.indexOf(socket), 1));
    });
}
serve(io.sockets);
serve(io.of('/a'));
