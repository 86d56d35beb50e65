'use strict';
/*
 * modern.js - the real clients of all generations behind one interface.
 *
 * 0.9.16 is among them (lib/client.js), so that a test can be written once and run with each.
 * For event names, arguments and acknowledgements they all agree; the differences are below.
 */

const assert = require('node:assert');
const old = require('./client.js');
const { event, eventually, within } = require('./deadline.js');
const { CONTRACT } = require('./server.js');

/* Is it the real socket.io 4.8 that is tested? See reference-modern.js. */
const ORIGINAL = /reference-modern/.test(CONTRACT || '');
/* Options of test(): what we promise beyond, or unlike, the original. */
const BETTER = { skip: ORIGINAL && 'the original does otherwise' };

/*
 *   package         its alias in tests/package.json
 *   engine          revision of Engine.IO; 0: none
 *   packets         revision of Socket.IO packets
 *   namespaceQuery  can it send a query with the CONNECT of a namespace?
 *   oldPayload      its polling knows text as UTF-8 of UTF-8 (spec 1.5) ...
 *   oldFrames       ... and its websocket too
 */
const VERSIONS = {
    '0.9.16': { package: 'socket.io-client', engine: 0, packets: 0 },
    '1.0.2': { package: 'socket.io-client-1.0.2', engine: 3, packets: 3, oldPayload: true,
        oldFrames: true },
    '1.0.6': { package: 'socket.io-client-1.0.6', engine: 3, packets: 4, oldPayload: true,
        oldFrames: true },
    '1.7.4': { package: 'socket.io-client-1.7', engine: 3, packets: 4, namespaceQuery: true,
        oldPayload: true },
    '2.5.0': { package: 'socket.io-client-2', engine: 3, packets: 4, namespaceQuery: true },
    '3.1.3': { package: 'socket.io-client-3', engine: 4, packets: 5 },
    '4.8.4': { package: 'socket.io-client-4', engine: 4, packets: 5 },
};
/* Those since 1.0; CLIENT_VERSIONS names some of them. */
const MODERN = Object.keys(VERSIONS).filter((version) => VERSIONS[version].engine > 0 &&
    (process.env.CLIENT_VERSIONS || version).split(' ').includes(version));

/* Does nothing tell, there, that this one encodes text twice, until its text does (eio3_text.h)? */
function isSecretive(version, way) {
    const { oldPayload, oldFrames } = VERSIONS[version];
    return way === 'polling' ? !!oldPayload && !oldFrames : !!oldFrames;
}

/* How they may be told to connect: by one transport, or from the one to the other. */
const WAYS = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

const OPTIONS = { forceNew: true, timeout: 5000, reconnectionDelay: 50, reconnectionDelayMax: 500,
    randomizationFactor: 0 };

/* Who has not left yet. What a failed test forgets would reconnect for ever: see leaveAll(). */
const begun = new Set();

/*
 * The same value with its Buffers as Node 0.10 made them. What later ones have as .buffer, clients
 * of 1.0 take for the bytes, and then send zeros.
 */
function forNode010(value) {
    if (Buffer.isBuffer(value))
        return Object.defineProperty(Buffer.from(value), 'buffer', { value: undefined });
    if (Array.isArray(value))
        return value.map(forNode010);
    if (value === null || typeof value !== 'object')
        return value;
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, forNode010(v)]));
}

class Client {
    constructor(version, socket, namespace) {
        this.version = version;
        this.socket = socket;
        this.namespace = namespace;
        this.kind = VERSIONS[version];
    }

    on(name, listener) {
        this.socket.on(name, listener);
    }

    off(name, listener) {
        this.socket.removeListener(name, listener);
    }

    emit(...args) {
        this.socket.emit(...(this.kind.oldFrames ? args.map(forNode010) : args));
    }

    send(...args) {
        this.socket.send(...args);
    }

    /* Arguments of the next `name`. */
    next(name, ms) {
        return event(this.socket, name, ms);
    }

    /* Acknowledge the next `name` with these arguments; resolves with its own. */
    answer(name, ...args) {
        return within(new Promise((resolve) => {
            this.socket.once(name, (...received) => {
                received.pop()(...(this.kind.oldFrames ? args.map(forNode010) : args));
                resolve(received);
            });
        }), `${this.version}: ${name}`);
    }

    /* Arguments of each of the next n `name`. */
    async take(name, n) {
        const taken = [];
        let listener;
        const done = new Promise((resolve) => {
            listener = (...args) => taken.push(args) === n && resolve();
            this.on(name, listener);
        });
        await within(done, `${this.version}: ${n} "${name}"`, undefined,
            () => `, only ${taken.length}`);
        this.off(name, listener);
        return taken;
    }

    /* Emit with an acknowledgement; resolves with its arguments. */
    ask(...args) {
        return within(new Promise((resolve) => {
            this.emit(...args, (...answer) => resolve(answer));
        }), `${this.version}: acknowledgement of ${JSON.stringify(args)}`);
    }

    get connected() {
        return this.socket.connected;
    }

    /* Connect again if it has given up: see lib/client.js. Only 0.9.16 ever does. */
    revive() {}
}

class ModernClient extends Client {
    get engine() {
        return this.socket.io.engine;
    }

    get transport() {
        return this.engine.transport.name;
    }

    /* As the server knows it. Clients before 1.4 do not say. */
    get id() {
        if (this.kind.packets === 5 || this.socket.id)
            return this.socket.id;
        return this.namespace === '' ? this.engine.id : `${this.namespace}#${this.engine.id}`;
    }

    /* Another namespace on the same connection, or the same again. */
    of(namespace, options) {
        const socket = this.socket.io.socket(namespace || '/', options);
        return new ModernClient(this.version, socket, namespace);
    }

    /* Resolves when polling has become a websocket. */
    upgraded() {
        return eventually(() => this.transport === 'websocket' && !this.engine.upgrading,
            `upgrade of ${this.version}`);
    }

    /* Arguments of the refusal: [text] before 3.0, [error] since. */
    refused() {
        return this.next(this.kind.packets === 5 ? 'connect_error' : 'error');
    }

    /* Resolves when an attempt to connect has failed. The first versions tell their manager. */
    failed() {
        return event(this.kind.packets === 3 ? this.socket.io : this.socket, 'connect_error');
    }

    /* Count heartbeats that come from now on; returns a function that tells how many. */
    countBeats() {
        let beats = 0;
        this.engine.on('packet', ({ type }) => { beats += type === 'ping' || type === 'pong'; });
        return () => beats;
    }

    /* The connection breaks. */
    cut() {
        this.engine.transport.ws.terminate();
    }

    disconnect() {
        this.socket.disconnect();
    }

    leave() {
        const manager = this.socket.io;
        manager.reconnection(false);
        manager.skipReconnect = true;   /* one that is at it would go on */
        this.socket.disconnect();
        (manager.close || manager._close).call(manager);    /* with what other namespaces it has */
    }
}

class OldClient extends Client {
    get transport() {
        return old.transportOf(this.socket);
    }

    get id() {
        return this.socket.socket.sessionid;
    }

    get connected() {
        return this.socket.socket.connected;
    }

    of(namespace) {
        return new OldClient(this.version, this.socket.socket.of(namespace), namespace);
    }

    revive() {
        old.revive(this.socket);
    }

    disconnect() {
        this.socket.disconnect();
    }

    leave() {
        old.leave(this.socket);
    }
}


/*
 * A client that has begun to connect.
 *   port        or a list of them, which clients take in turns
 *   version     a key of VERSIONS
 *   way         a key of WAYS, or none for its usual one (0.9 has it from the server)
 *   namespace   '' or '/name'
 *   query       an object, or for 0.9 a text
 *   auth        an object (since 3.0)
 */
let turn = 0;
function begin(port, { version = '4.8.4', namespace = '', way, ...options } = {}) {
    const to = Array.isArray(port) ? port[turn++ % port.length] : port;
    let client;
    if (VERSIONS[version].engine === 0) {
        client = new OldClient(version, old.begin(to, { namespace, ...options }), namespace);
    } else {
        const io = require(VERSIONS[version].package);
        if (way)
            options.transports = WAYS[way];
        const socket = io(`http://127.0.0.1:${to}${namespace}`, { ...OPTIONS, ...options });
        client = new ModernClient(version, socket, namespace);
    }
    begun.add(client);
    return client;
}

/*
 * A client of Socket.IO protocol 3 loops for ever on an acknowledgement written as all others want
 * it, and only its own ones tell that it is one. Let it tell.
 */
async function introduce(client) {
    const answered = client.next('answer');
    const asked = client.answer('question');
    client.emit('ask', 'who are you?');
    await Promise.all([asked, answered]);
}

/* A connected client that has its greeting, in .greeting, and is where its way leads to. */
async function connect(port, options = {}) {
    const client = begin(port, options);
    [client.greeting] = await client.next(client.namespace === '' ? 'server' : 'welcome');
    if (client.kind.packets === 3 && !ORIGINAL && client.namespace !== '/auth')
        await introduce(client);
    if (options.way === 'upgrade' && client.kind.engine > 0)
        await client.upgraded();
    return client;
}

/* Resolves when all that the server was sent before has been handled, and all it said is here. */
let barrier = 0;
async function settle(client) {
    const mark = `settle ${++barrier}`;
    let seen;
    const echoed = new Promise((resolve) => {
        seen = (value) => value === mark && resolve();
        client.on('echo', seen);
    });
    client.emit('echo', mark);
    await within(echoed, `${client.version}: echo of "${mark}"`);
    client.off('echo', seen);
}

/* No `name` comes before what the server says now: it keeps its order. */
async function assertNo(client, name) {
    const unwanted = (...args) => assert.fail(`unwanted "${name}": ${JSON.stringify(args)}`);
    client.on(name, unwanted);
    await settle(client);
    client.off(name, unwanted);
}

/* Arguments of the next `name` of each. */
const allNext = (clients, name) => Promise.all(clients.map((client) => client.next(name)));

/* Disconnect for good. */
function leave(...clients) {
    for (const client of clients) {
        begun.delete(client);
        client.leave();
    }
}

/* For an after hook at the end of each test file. */
function leaveAll() {
    leave(...begun);
    old.leaveAll();
}

module.exports = { VERSIONS, MODERN, WAYS, ORIGINAL, BETTER, isSecretive, begin, connect, settle,
    assertNo, allNext, leave, leaveAll };
