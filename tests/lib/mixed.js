'use strict';
/*
 * mixed.js - a cluster of our instances and of real socket.io 0.9.16 processes on one Redis, and
 * its clients: the handshake, the transport and the POSTs of one may be at three different members.
 *
 * MIXED_OURS=node puts a Node process in the place of each of ours, to try the tests themselves.
 */

const assert = require('node:assert');
const net = require('node:net');
const path = require('node:path');
const { eventually } = require('./deadline.js');
const http = require('./http.js');
const { END, HtmlfileClient, WebsocketClient } = require('./raw-clients.js');
const { CONTRACT, REFERENCE, startBroker } = require('./server.js');
const { startRedis } = require('./services.js');
const sio = require('./sio09.js');

const PEER = path.join(__dirname, 'reference-peer.js');
/* MIXED_DIALECT=node-0.9.17 with a later socket.io in tests/node_modules. */
const DIALECT = process.env.MIXED_DIALECT || 'node-0.9';
const ALL_NODE = process.env.MIXED_OURS === 'node';

/* Node does not offer flashsocket unless asked to. */
const TRANSPORTS = ['websocket', 'flashsocket', 'htmlfile', 'xhr-polling', 'jsonp-polling'];

/* Options of describe(). */
const MIXED = { skip: REFERENCE ? 'about our own program'
    : CONTRACT === undefined && 'build/contract-server is not built' };

async function startNode(redis, name, config, port) {
    const node = await startBroker({ file: PEER, config, port,
        args: ['--name', name, '--redis', redis.url] });
    node.redis = redis;
    return node;
}

/*
 * Node serves a session before it hears what others publish for it. Whoever says something
 * elsewhere at once loses it, with Node alone too.
 */
const hears = (node, id) => eventually(async () => {
    const reply = await redisCommand(node.redis, 'PUBSUB', 'NUMSUB', `message:${id}`);
    return Number(/^:(\d+)/m.exec(reply)[1]) > 0;      /* not what the name of the channel has */
}, `Node hears what is said to ${id}`);

const startOurs = (redis, name, config, port) => (ALL_NODE ? startNode(redis, name, config, port)
    : startBroker({ contract: true, config, port,
        args: ['--name', name, '--redis', redis.url, '--dialect', DIALECT] }));

class Mixed {
    static async start({ ours = 1, nodes = 1, config } = {}) {
        const redis = await startRedis();
        const some = (n, start, name) => Promise.all(Array.from({ length: n },
            (_, i) => start(redis, `${name}${i + 1}`, mixed.config)));
        const mixed = new Mixed();
        mixed.redis = redis;
        mixed.config = { transports: TRANSPORTS, ...config };
        mixed.nodes = await some(nodes, startNode, 'Node');
        mixed.ours = await some(ours, startOurs, 'Ours');
        [mixed.node] = mixed.nodes;
        [mixed.our] = mixed.ours;
        await mixed.ready();
        return mixed;
    }

    /* Ours listens for clients as soon as it can store, which is a moment before it hears Node. */
    ready() {
        const n = [...this.ours, ...this.nodes].filter(({ program }) => program.status === null);
        return eventually(async () => {
            const reply = await redisCommand(this.redis, 'PUBSUB', 'NUMSUB', 'disconnect');
            return Number(/:(\d+)/.exec(reply)[1]) >= n.length;
        }, 'the subscriptions');
    }

    /* One more of ours. */
    async add() {
        const broker = await startOurs(this.redis, `Ours${this.ours.length + 1}`, this.config);
        this.ours.push(broker);
        await this.ready();
        return broker;
    }

    async stop() {
        await Promise.all([...this.ours, ...this.nodes].map((broker) => broker.stop()));
        await this.redis.stop();
    }
}

/* What the Node process has in its tables; a deed of DEEDS in reference-peer.js is done first. */
async function peer(node, deed = 'tables', parameters = {}) {
    const response = await http.get(node.port, `/peer/${deed}?${new URLSearchParams(parameters)}`);
    return JSON.parse(response.text);
}

/* Its tables without what is different for each process. */
async function tablesOf(node) {
    const { nodeId, ...tables } = await peer(node);
    return tables;
}

const KINDS = { websocket: WebsocketClient, flashsocket: WebsocketClient,
    htmlfile: HtmlfileClient };
const LASTING = Object.keys(KINDS);

const event = (name, args, { id = '', nsp = '' } = {}) =>
    `5:${id}:${nsp}:${JSON.stringify({ name, args })}`;

/* A session with all that it was told so far, line by line. */
class Member {
    static async open({ handshake, at, posts = at, transport = 'websocket', query, name }) {
        const { id } = await sio.handshake((handshake || at).port, query);
        const member = new Member();
        member.client = await KINDS[transport].open(at.port, id, { transport, name });
        member.client.port = posts.port;
        Object.assign(member, { id, name, at, lines: [], nextId: 1 });
        return member;
    }

    /* The same, with the greeting of the process that opened the session. */
    static async connect(options) {
        const member = await Member.open(options);
        await member.until((line) => line.startsWith('5:::{"name":"server"'), 'the greeting');
        assert.strictEqual(member.lines[0], '1::');
        const { at, posts = at } = options;
        if (at.redis && posts !== at)
            await hears(at, member.id);
        return member;
    }

    look() {
        if (this.lines.at(-1) !== END)
            this.lines.push(...this.client.seen());
        return this.lines;
    }

    /* The first line that matches: a text, or what a function says yes to. */
    until(wanted, what = wanted) {
        const is = typeof wanted === 'function' ? wanted : (line) => line === wanted;
        return eventually(() => this.look().find(is), `${this.name || this.id} gets ${what}`)
            .catch((error) => {
                error.message += `\ngot at last ${JSON.stringify(this.lines.slice(-20), null, 4)}`;
                throw error;
            });
    }

    say(packet) {
        return this.client.say(packet);
    }

    emit(name, args, options) {
        return this.say(event(name, args, options));
    }

    /* Emit, and the arguments of the acknowledgement. */
    async ask(name, args, nsp = '') {
        const id = this.nextId++;
        await this.emit(name, args, { id: `${id}+`, nsp });
        const head = `6::${nsp}:${id}`;
        const line = await this.until((l) => l === head || l.startsWith(`${head}+`), head);
        return line === head ? [] : JSON.parse(line.slice(head.length + 1));
    }

    async join(nsp) {
        await this.say(`1::${nsp}`);
        await this.until((line) => line.startsWith(`5::${nsp}:{"name":"welcome"`), 'the welcome');
    }

    /* The data of all events of that name so far: in a room, its name comes first. */
    heard(name, nsp = '') {
        const head = `5::${nsp}:`;
        return this.look().filter((line) => line.startsWith(head))
            .map((line) => JSON.parse(line.slice(head.length)))
            .filter((e) => e.name === name).map(({ args = [] }) => args[name === 'room' ? 1 : 0]);
    }

    get ended() {
        return this.look().at(-1) === END;
    }

    leave() {
        this.client.leave();
    }
}

/*
 * Everyone gets a last event of every sender. Redis keeps the order of one publisher, so what was
 * sent before has arrived by then, or never will.
 */
async function settle(members, senders, nsp = '') {
    for (const sender of senders) {
        const last = `last of ${sender.id} ${sender.nextId++}`;
        await sender.emit('broadcast', [last], { nsp });
        for (const member of members)
            await member.until((line) => line.includes(last), `"${last}"`);
    }
}

/* --- What Redis is told. --- */

/* The words of a line of MONITOR: quoted, with C escapes, one for each byte that is not ASCII. */
function words(line) {
    return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, quoted]) => Buffer.from(
        quoted.replace(/\\(x[0-9a-f]{2}|.)/g, (_, escape) => (escape[0] === 'x'
            ? String.fromCharCode(parseInt(escape.slice(1), 16))
            : { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' }[escape] || escape)),
        'latin1').toString());
}

/* All commands that Redis is given from now on, as lists of words, in .commands. */
class Monitor {
    static async start(redis) {
        const monitor = new Monitor();
        monitor.commands = [];
        monitor.socket = net.connect(redis.port, '127.0.0.1');
        let text = '';
        monitor.socket.setEncoding('latin1');
        monitor.socket.on('data', (data) => {
            text += data;
            const lines = text.split('\r\n');
            text = lines.pop();
            for (const line of lines)
                monitor.hear(line);
        });
        monitor.socket.write('MONITOR\r\n');
        await eventually(() => monitor.ready, 'MONITOR');
        return monitor;
    }

    hear(line) {
        if (line === '+OK')
            this.ready = true;
        else
            this.commands.push(words(line));
    }

    /* [channel, args...] of what was published under a node id, or by all others than a list. */
    published(by) {
        return this.commands.filter(([verb]) => verb === 'PUBLISH')
            .map(([, channel, text]) => [channel, text])
            .filter(([, text]) => text.startsWith('{"nodeId":'))
            .map(([channel, text]) => [channel, JSON.parse(text)])
            .filter(([, envelope]) => by(envelope.nodeId))
            .map(([channel, { args }]) => [channel, ...args]);
    }

    stop() {
        this.socket.destroy();
    }
}

/* The reply to one command, on a connection of its own: text, number, null or a list. */
async function redisCommand(redis, ...args) {
    const socket = net.connect(redis.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (data) => { text += data; });
    socket.write(`*${args.length}\r\n${args.map((a) => `$${Buffer.byteLength(a)}\r\n${a}\r\n`)
        .join('')}`);
    await eventually(() => text.endsWith('\r\n'), `reply to ${args.join(' ')}`);
    socket.destroy();
    if (text.startsWith('$-1'))
        return null;
    return text.startsWith('$') || text.startsWith('*')
        ? text.split('\r\n').filter((line, i) => i > 0 && !/^[$*]\d/.test(line)).slice(0, -1)
            .join('\n')
        : text.slice(1, -2);
}

module.exports = {
    MIXED, ALL_NODE, LASTING, Mixed, Member, Monitor, event, peer, redisCommand, settle, startNode,
    startOurs, tablesOf,
};
