'use strict';
/*
 * engine-roamer.js - a client of socket.io 2.x (Engine.IO 3) or 4.x (4) of which each request goes
 * to the next instance, as behind a round-robin proxy: handshake, every poll, every POST, the
 * upgrade.
 *
 * It polls again after each answer, has one POST under way and sends what gathers meanwhile as one
 * payload, and answers heartbeats. What it shares with the clients of 0.9 is called as in
 * roamer.js.
 */

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { DEADLINE_MS, eventually, within } = require('./deadline.js');
const engine = require('./engine.js');
const ws = require('./ws.js');

/*
 * How a client may be:
 *   eio       the revision
 *   b64       it takes no bytes
 *   jsonp     it polls with scripts
 *   upgrade   as soon as it is connected it moves to a websocket
 */
const KINDS = {
    'polling 4': { eio: 4 },
    'polling 3': { eio: 3 },
    'polling 3 in base64': { eio: 3, b64: 1 },
    'polling 3 by scripts': { eio: 3, b64: 1, jsonp: true },
    'upgrade 4': { eio: 4, upgrade: true },
    'upgrade 3': { eio: 3, upgrade: true },
};

const PATIENCE_MS = 60000;
const EVENT = /^([2356])(?:(\d+)-)?(\d*)(\[[^]*)$/;

/* Buffers become placeholders; in revision 3 bytes have their type in front. */
function pack(eio, type, id, args) {
    const bytes = [];
    const json = JSON.stringify(args, (key, value) => {
        if (!(value && value.type === 'Buffer'))
            return value;
        const data = Buffer.from(value.data);
        bytes.push(eio === 3 ? Buffer.concat([Buffer.from([4]), data]) : data);
        return { _placeholder: true, num: bytes.length - 1 };
    });
    const head = bytes.length > 0 ? `4${type + 3}${bytes.length}-` : `4${type}`;
    return [`${head}${id === undefined ? '' : id}${json}`, ...bytes];
}

function unpack(eio, json, bytes) {
    return JSON.parse(json, (key, value) => (value && value._placeholder
        ? Buffer.from(bytes[value.num].subarray(eio === 3 ? 1 : 0)) : value));
}

class EngineRoamer extends EventEmitter {
    constructor(ports, kind, { first = 0, query = {}, pool } = {}) {
        super();
        Object.assign(this, KINDS[kind], { kind, ports, pool, turn: first });
        this.query = { EIO: this.eio, transport: 'polling', ...query };
        if (this.b64)
            this.query.b64 = 1;
        this.over = null;           /* or why the session has ended, as the client sees it */
        this.connects = 0;          /* to the namespace */
        this.events = new Map();
        this.asked = new Map();
        this.lastId = 0;
        this.outbox = [];
        this.posting = this.polling = this.paused = false;
        this.socket = null;
        this.busy = new Set();
        this.setMaxListeners(0);
    }

    toString() {
        return `${this.kind} ${this.id}${this.over === null ? '' : ` (${this.over})`}`;
    }

    next() {
        return this.ports[this.turn++ % this.ports.length];
    }

    /* --- Requests. --- */

    async request({ port = this.next(), query = {}, ...options } = {}) {
        const connection = await this.pool.take(port);
        const script = this.jsonp ? { j: this.turn } : {};
        this.busy.add(connection);
        try {
            const response = await connection.request({ ms: PATIENCE_MS,
                target: engine.url({ ...this.query, ...script, ...query }), ...options });
            if (/close/i.test(response.get('Connection')))
                connection.destroy();
            else
                this.pool.give(port, connection);
            return response;
        } catch (error) {
            connection.destroy();
            throw error;
        } finally {
            this.busy.delete(connection);
        }
    }

    decode(response) {
        if (!this.jsonp)
            return engine.decode(this.eio, response);
        const [, script] = /^___eio\[\d+\]\((".*")\);$/s.exec(response.text);
        return engine.decode(this.eio, { text: JSON.parse(script), get: () => 'text/plain' });
    }

    encode(packets) {
        const body = engine.encode(this.eio, packets);
        return this.jsonp ? `${new URLSearchParams({ d: body.replace(/\\n/g, '\\\\n') })}` : body;
    }

    async get() {
        const response = await this.request();
        if (response.status !== 200)
            throw new Error(response.text || `status ${response.status}`);
        return this.decode(response);
    }

    async poll() {
        this.polling = true;
        while (this.over === null && !this.paused)
            await this.takeAll(await this.get());
        this.polling = false;
    }

    async post() {
        this.posting = true;
        while (this.outbox.length > 0 && this.over === null) {
            const body = this.encode(this.outbox.splice(0));
            const response = await this.request({ method: 'POST', body });
            if (response.text !== 'ok')
                throw new Error(response.text || `status ${response.status}`);
        }
        this.posting = false;
    }

    say(...packets) {
        if (this.socket) {
            this.socket.send(...packets);
            return;
        }
        this.outbox.push(...packets);
        if (!this.posting)
            this.post().catch((error) => this.end(error.message));
    }

    /* Resolves when the server has all that was said. */
    async sent() {
        if (this.socket)
            await this.ask('echo');
        else
            await this.until(() => !this.posting, 'has posted everything', PATIENCE_MS);
    }

    /* --- Life. --- */

    async connect() {
        const [opened, ...rest] = await this.get();
        this.opened = JSON.parse(opened.slice(1));
        this.id = this.query.sid = this.opened.sid;
        await this.takeAll(rest);
        this.poll().catch((error) => this.end(error.message));
        if (this.eio === 4)
            this.say('40');
        if (this.upgrade)
            await this.moveOver();
        await this.until(() => this.connects > 0 && this.heard('server').length > 0,
            'is connected and greeted');
        return this;
    }

    /* A websocket that was probed; polling goes on. */
    async probe() {
        const socket = await engine.upgrade(this.next(), this.eio, { sid: this.id });
        assert.strictEqual(socket.answer.status, 101, socket.answer.text);
        await socket.send('2probe');
        assert.strictEqual(await socket.next(), '3probe');
        return socket;
    }

    /*
     * To a websocket, as the real client does: the last poll and the last POST have to end first.
     */
    async moveOver() {
        const socket = await this.probe();
        this.paused = true;
        await this.until(() => !this.polling && !this.posting, 'has paused');
        await socket.send('5');
        this.socket = socket;
        if (this.outbox.length > 0)
            await socket.send(...this.outbox.splice(0));
        socket.watch(() => this.read());
    }

    read() {
        for (;;) {
            const frame = ws.parseFrame(this.socket.received);
            if (frame === undefined)
                break;
            this.socket.take(frame.raw.length);
            if (frame.opcode === ws.OPCODE.TEXT)
                this.takeAll([frame.payload.toString()]);
            else if (frame.opcode === ws.OPCODE.BINARY)
                this.takeAll([Buffer.from(frame.payload)]);
            else
                this.end('closed');
        }
        if (this.socket.closed)
            this.end('closed');
    }

    end(why) {
        if (this.over !== null)
            return;
        this.over = why;
        for (const { reject } of this.asked.values())
            reject(new Error(`${this}: has ended`));
        this.asked.clear();
        this.destroy();
        this.emit('end');
    }

    async ended(ms) {
        await eventually(() => this.over !== null, `${this} ends`, ms);
        return this.over;
    }

    async leave() {
        this.paused = true;     /* the answer to its poll is the last */
        this.say('1');
        if (!this.socket)
            await this.until(() => !this.posting, 'has said goodbye');
        this.end('left');
    }

    destroy() {
        this.over = this.over || 'destroyed';
        for (const connection of this.busy)
            connection.destroy();
        if (this.socket)
            this.socket.destroy();
    }

    /* --- Packets. --- */

    takeAll(packets) {
        for (const packet of packets)
            this.take(packet);
    }

    take(packet) {
        if (typeof packet !== 'string')
            return this.takeBytes(packet);
        if (packet === '2')
            return this.say('3');
        if (packet === '1')
            return this.end('close');
        if (packet[0] !== '4')
            return undefined;
        if (packet[1] === '0')
            this.connects++;
        else if (packet === '41')
            this.emit('kicked');
        else
            this.takeMessage(packet.slice(1));
        return undefined;
    }

    takeMessage(packet) {
        const match = EVENT.exec(packet);
        assert.ok(match && !this.waiting, `${this}: ${packet}`);
        const [, type, n = '0', id, json] = match;
        this.waiting = { type: Number(type) % 3, n: Number(n), id, json, bytes: [] };
        this.complete();
    }

    takeBytes(bytes) {
        assert.ok(this.waiting, `${this}: bytes that were not announced`);
        this.waiting.bytes.push(bytes);
        this.complete();
    }

    complete() {
        const { type, n, id, json, bytes } = this.waiting;
        if (bytes.length < n)
            return;
        this.waiting = undefined;
        const args = unpack(this.eio, json, bytes);
        if (type === 2)
            this.takeEvent(args, id);
        else
            this.takeAck(id, args);
    }

    takeEvent([name, ...args], id) {
        if (!this.events.has(name))
            this.events.set(name, []);
        this.events.get(name).push(args);
        this.emit('event', name, args, id);
    }

    takeAck(id, args) {
        const asked = this.asked.get(Number(id));
        assert.ok(asked, `${this}: an acknowledgement that nobody waits for`);
        this.asked.delete(Number(id));
        asked.resolve(args);
    }

    /* --- What tests do. --- */

    heard(name) {
        return this.events.get(name) || [];
    }

    numbers(name) {
        return this.heard(name).map((args) => args[0]);
    }

    async until(condition, what, ms = DEADLINE_MS) {
        let seen;
        await eventually(() => (seen = condition()) || this.over !== null, `${this} ${what}`, ms);
        assert.ok(seen, `${this} has ended before it ${what}`);
        return seen;
    }

    emitEvent(name, args = []) {
        this.say(...pack(this.eio, 2, undefined, [name, ...args]));
    }

    answer(id, args) {
        this.say(...pack(this.eio, 3, id, args));
    }

    ask(name, args = [], { ms = DEADLINE_MS } = {}) {
        const id = ++this.lastId;
        const answer = new Promise((resolve, reject) => {
            if (this.over !== null)
                reject(new Error(`${this}: has ended`));
            this.asked.set(id, { resolve, reject });
        });
        if (this.over === null)
            this.say(...pack(this.eio, 2, id, [name, ...args]));
        return within(answer, `${this}: acknowledgement of ${name}`, ms);
    }
}

/* Like cluster.roamer(): a connected client. */
function roam(cluster, kind, { ports = cluster.ports, ...options } = {}) {
    const roamer = new EngineRoamer(ports, kind, { pool: cluster.pool, ...options });
    cluster.roamers.add(roamer);
    return roamer.connect();
}

/* n of them, beginning with one instance after the other. */
function crowd(cluster, kind, n, options) {
    return Promise.all(Array.from({ length: n },
        (_, i) => roam(cluster, kind, { first: i, ...options })));
}

module.exports = { KINDS: Object.keys(KINDS), EngineRoamer, roam, crowd };
