'use strict';
/*
 * roamer.js - a client of which each request goes to the next instance, as behind a round-robin
 * proxy: the handshake, the upgrade or the stream, every poll, every POST, the disconnect.
 *
 * Otherwise it does what the real client does: it polls again after each answer, has one POST under
 * way and sends what gathers meanwhile as one payload, and answers heartbeats.
 */

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { StringDecoder } = require('node:string_decoder');
const { DEADLINE_MS, eventually, within } = require('./deadline.js');
const http = require('./http.js');
const { KINDS } = require('./polling.js');
const sio = require('./sio09.js');
const ws = require('./ws.js');

const TRANSPORTS = ['websocket', 'flashsocket', 'htmlfile', 'xhr-polling', 'jsonp-polling'];

/* A request may wait as long as Redis is away, and a poll for the polling duration besides. */
const PATIENCE_MS = 120000;

/* Kept connections to each port, as a proxy has them; none is kept from close() on. */
class Pool {
    constructor() {
        this.idle = new Map();
        this.closed = false;
    }

    async take(port) {
        const idle = this.idle.get(port) || [];
        while (idle.length > 0) {
            const connection = idle.pop();
            if (!connection.closed)
                return connection;
        }
        return http.connect(port);
    }

    give(port, connection) {
        if (this.closed) {
            connection.destroy();
            return;
        }
        if (!this.idle.has(port))
            this.idle.set(port, []);
        this.idle.get(port).push(connection);
    }

    close() {
        this.closed = true;
        for (const connection of [...this.idle.values()].flat())
            connection.destroy();
        this.idle.clear();
    }
}

/* type, id, "+", endpoint, data */
const PACKET = /^(\d):(\d*)(\+?):([^:]*)(?::([^]*))?$/;
const ACK = /^(\d+)(?:\+([^]*))?$/;

/*
 * Emits "event" (name, args, namespace, id) for each event that comes. What a class below adds:
 *   open()        the request that carries packets to the client
 *   say(packet)   a packet to the server
 *   sent()        resolves when the server has all that was said
 *   cut()         the end of its connections
 */
class Roamer extends EventEmitter {
    constructor(ports, transport, { first = 0, query = 't=1', pool = new Pool() } = {}) {
        super();
        Object.assign(this, { ports, transport, query, pool });
        this.turn = first;
        this.gone = false;          /* destroyed */
        this.over = null;           /* or why the session has ended, as the client sees it */
        this.packets = [];          /* all that came, but events, heartbeats and noops */
        this.events = new Map();    /* endpoint and name -> arguments of each, as they came */
        this.asked = new Map();     /* id -> what to do with the acknowledgement */
        this.lastId = 0;
        this.busy = new Set();      /* connections with a request under way */
    }

    next() {
        return this.ports[this.turn++ % this.ports.length];
    }

    /* One request, to the next instance or to a certain one. */
    async request({ port = this.next(), ...options }) {
        const connection = await this.pool.take(port);
        this.busy.add(connection);
        try {
            assert.ok(!this.gone, 'destroyed meanwhile');
            const response = await connection.request({ ms: PATIENCE_MS, ...options });
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

    /* Handshake and opening; connected and greeted when it resolves. */
    async connect() {
        const response = await this.request({ target: `/socket.io/1/?${this.query}` });
        assert.strictEqual(response.status, 200, response.text);
        await this.begin(sio.parseHandshake(response.text).id);
        await this.until(() => this.packets.includes('1::') && this.heard('server').length > 0,
            'is connected and greeted');
        return this;
    }

    async begin(id) {
        this.id = id;
        this.url = sio.transportUrl(this.transport, id, KINDS[this.transport]?.query);
        await this.open();
    }

    /*
     * The session goes on with another transport: the roamer that has it from now on. This one says
     * nothing more, and takes what still comes on its last connection.
     */
    async change(transport) {
        const { ports, pool, turn, id } = this;
        const successor = makeRoamer(ports, transport, { first: turn, pool });
        this.end('changed transport');
        await this.settle();
        await successor.begin(id);
        return successor;
    }

    /* Resolves when the server knows of all connections, so that the next one is the newest. */
    async settle() {}

    /* Arguments of each event of this name, in the order they came. */
    heard(name, endpoint = '') {
        return this.events.get(`${endpoint} ${name}`) || [];
    }

    /* The data of each, its last argument. */
    numbers(name, endpoint) {
        return this.heard(name, endpoint).map((args) => args.at(-1));
    }

    /* Wait for a condition; the end of the session ends the wait too. */
    async until(condition, what, ms = DEADLINE_MS) {
        let seen;
        await eventually(() => (seen = condition()) || this.over !== null, `${this} ${what}`, ms);
        assert.ok(seen, `${this} has ended before it ${what}`);
        return seen;
    }

    toString() {
        return `${this.transport} ${this.id}${this.over === null ? '' : ` (${this.over})`}`;
    }

    emitEvent(name, args = [], endpoint = '') {
        this.say(`5::${endpoint}:${JSON.stringify({ name, args })}`);
    }

    /* Emit with an acknowledgement; resolves with its arguments. */
    ask(name, args = [], { endpoint = '', ms = DEADLINE_MS } = {}) {
        const id = ++this.lastId;
        const answer = new Promise((resolve, reject) => this.asked.set(id, { resolve, reject }));
        if (this.over === null)
            this.say(`5:${id}+:${endpoint}:${JSON.stringify({ name, args })}`);
        else
            this.end(this.over);
        return within(answer, `${this}: acknowledgement of ${name}`, ms);
    }

    /* Join a namespace. */
    async join(endpoint) {
        this.say(`1::${endpoint}`);
        await this.until(() => this.packets.includes(`1::${endpoint}`), `is in ${endpoint}`);
    }

    /* Say goodbye; the server says it too. */
    async leave() {
        this.say('0::');
        await this.ended();
    }

    /* End the session by a request of its own. */
    async disconnect() {
        const response = await this.request({ target: `/socket.io/1//${this.id}/?disconnect=1` });
        assert.strictEqual(response.status, 200);
    }

    /* Resolves with the packet that has ended the session. */
    ended(ms) {
        return eventually(() => this.over, `${this} ends`, ms);
    }

    end(why) {
        this.over = this.over || why;
        for (const { reject } of this.asked.values())
            reject(new Error(`${this} has ended before an acknowledgement`));
        this.asked.clear();
    }

    /* Vanish, as a client whose power fails. */
    destroy() {
        this.gone = true;
        this.end('destroyed');
        this.cut();
        for (const connection of this.busy)
            connection.destroy();
    }

    /* A packet of the server. */
    take(packet) {
        const [, type, id, , endpoint, data] = PACKET.exec(packet) || assert.fail(packet);
        if (type === '2')
            return this.say('2::');
        if (type === '5')
            return this.takeEvent(JSON.parse(data), endpoint, id);
        if (type !== '8')
            this.packets.push(packet);
        if (type === '6')
            return this.takeAck(ACK.exec(data));
        if (packet === '0::' || packet === '7:::1+0')
            this.end(packet);
        return undefined;
    }

    takeEvent({ name, args = [] }, endpoint, id) {
        const key = `${endpoint} ${name}`;
        if (!this.events.has(key))
            this.events.set(key, []);
        this.events.get(key).push(args);
        this.emit('event', name, args, endpoint, id);
    }

    takeAck([packet, id, args]) {
        const asked = this.asked.get(Number(id));
        assert.ok(asked, `${this}: an acknowledgement that nobody waits for: ${packet}`);
        this.asked.delete(Number(id));
        asked.resolve(args ? JSON.parse(args) : []);
    }

    /* Packets of one piece; what the client can not accept ends it. */
    takeAll(body) {
        try {
            for (const packet of sio.unpack(body))
                this.take(packet);
        } catch (error) {
            this.end(error.message);
        }
    }
}

/* websocket and flashsocket. */
class WebsocketRoamer extends Roamer {
    async open() {
        this.socket = await sio.upgrade(this.next(), this.id, this.transport);
        assert.strictEqual(this.socket.answer.status, 101, this.socket.answer.text);
        this.socket.watch(() => this.read());
    }

    read() {
        for (;;) {
            const frame = ws.parseFrame(this.socket.received);
            if (frame === undefined)
                break;
            this.socket.take(frame.raw.length);
            if (frame.opcode === ws.OPCODE.TEXT)
                this.takeAll(frame.payload.toString());
        }
        if (this.socket.closed) {
            this.end('closed');
            this.cut();
        }
    }

    say(packet) {
        this.socket.text(packet);
    }

    async sent() {
        await this.ask('echo');
    }

    cut() {
        if (this.socket)
            this.socket.destroy();
    }
}

/* What POSTs its packets. */
class PostingRoamer extends Roamer {
    constructor(...args) {
        super(...args);
        this.outbox = [];
        this.posting = false;
        this.kind = KINDS[this.transport] || KINDS['xhr-polling'];
    }

    say(packet) {
        this.outbox.push(packet);
        if (!this.posting)
            this.post().catch((error) => this.end(`POST: ${error.message}`));
    }

    async post() {
        this.posting = true;
        while (this.outbox.length > 0 && this.over === null) {
            const body = this.kind.encode(sio.payload(this.outbox.splice(0)));
            const { status, text } = await this.request({ method: 'POST', target: this.url, body,
                headers: { 'Content-Type': this.kind.type } });
            assert.deepStrictEqual({ status, text }, { status: 200, text: '1' });
        }
        this.posting = false;
    }

    sent() {
        return this.until(() => !this.posting, 'has posted everything', PATIENCE_MS);
    }

    cut() {}
}

class PollingRoamer extends PostingRoamer {
    async open() {
        this.poll().catch((error) => this.end(`poll: ${error.message}`));
    }

    async poll() {
        while (this.over === null) {
            this.polledPort = this.next();
            const response = await this.request({ port: this.polledPort, target: this.url });
            assert.strictEqual(response.status, 200, response.text);
            this.takeAll(this.kind.decode(response.text));
        }
    }

    /* What one instance tells another stays in order: this comes after the poll. */
    async settle() {
        await http.get(this.polledPort, '/');
        await this.request({ port: this.polledPort, method: 'POST', target: this.url,
            body: this.kind.encode('2::'), headers: { 'Content-Type': this.kind.type } });
    }
}

const SCRIPT_END = '</script>';     /* packets have it as <\/script> */
const SCRIPT = /^ *<script>_\((".*")\);<\/script>$/s;

class HtmlfileRoamer extends PostingRoamer {
    async open() {
        this.stream = await http.connect(this.next());
        this.stream.write(http.format({ target: this.url }));
        assert.strictEqual((await this.stream.head()).status, 200);
        this.page = '';
        this.decoder = new StringDecoder('utf8');
        this.stream.watch(() => this.read());
    }

    /* A proxy may cut the page into other chunks than the server does. */
    read() {
        for (;;) {
            const chunk = http.parseChunk(this.stream.received);
            if (chunk === undefined)
                break;
            this.stream.take(chunk.size);
            this.page += this.decoder.write(chunk.data);
            if (chunk.data.length === 0)
                this.stream.destroy();
        }
        this.readScripts();
        if (this.stream.closed) {
            this.end('closed');
            this.cut();
        }
    }

    /* All scripts that are whole; the first defines what the others call. */
    readScripts() {
        for (;;) {
            const end = this.page.indexOf(SCRIPT_END);
            if (end < 0)
                break;
            const script = this.page.slice(0, end + SCRIPT_END.length);
            this.page = this.page.slice(script.length);
            if (!script.startsWith('<html>'))
                this.takeAll(JSON.parse(SCRIPT.exec(script)[1]));
        }
    }

    cut() {
        if (this.stream)
            this.stream.destroy();
    }
}

const CLASSES = { websocket: WebsocketRoamer, flashsocket: WebsocketRoamer,
    htmlfile: HtmlfileRoamer, 'xhr-polling': PollingRoamer, 'jsonp-polling': PollingRoamer };

/* A roamer that has not connected yet. */
const makeRoamer = (ports, transport, options) =>
    new CLASSES[transport](ports, transport, options);

module.exports = { TRANSPORTS, Pool, makeRoamer };
