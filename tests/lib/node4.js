'use strict';
/*
 * node4.js - servers of the real socket.io 4.8 with their adapters for Redis, beside ours on one
 * Redis, and what emitters of other languages and times say there.
 *
 * They run in the process of the test: what would end one of them ends the test.
 */

const assert = require('node:assert');
const http = require('node:http');
const { eventually } = require('./deadline.js');
const { connect } = require('./modern.js');
const { startBroker } = require('./server.js');
const { startRedis } = require('./services.js');

const { createAdapter, createShardedAdapter } = require('@socket.io/redis-adapter');
const { Emitter } = require('@socket.io/redis-emitter');
const streams = require('@socket.io/redis-streams-adapter');
const { createClient } = require('redis-4');
const { Server } = require('socket.io-4');

/* Nobody waits so long: who is not answered is found by what is missing. */
const REQUESTS_MS = 25000;

async function redisClient(redis) {
    const client = createClient({ url: redis.url });
    client.on('error', () => {});           /* Redis is stopped at the end */
    await client.connect();
    return client;
}

/* A server on which clients may do what they may do on the contract application. */
class NodeServer {
    static async start(redis, name, namespaces = [],
        { requestsTimeout = REQUESTS_MS, port = 0, subscriptionMode, stream, ...options } = {}) {
        const node = new NodeServer();
        node.name = name;
        node.pub = await redisClient(redis);
        node.sub = await redisClient(redis);
        node.http = http.createServer();
        node.io = new Server(node.http, { ...options, adapter: stream !== undefined
            ? streams.createAdapter(node.pub, stream)
            : subscriptionMode === undefined
                ? createAdapter(node.pub, node.sub, { requestsTimeout })
                : createShardedAdapter(node.pub, node.sub, { subscriptionMode }) });
        for (const namespace of ['/', ...namespaces])
            node.io.of(namespace).on('connection', (socket) => node.serve(socket));
        node.said = [];
        node.io.on('told', (...args) => node.said.push(args));
        node.io.on('asked', (value, answer) => answer?.(`${name}: ${value}`));
        await new Promise((resolve) => node.http.listen(port, '127.0.0.1', resolve));
        node.port = node.http.address().port;
        return node;
    }

    serve(socket) {
        socket.data.of = this.name;
        socket.emit('server', { server: this.name });
        socket.on('join', (room, done) => { socket.join(room); done(); });
        socket.on('echo', (...args) => (typeof args.at(-1) === 'function' ? args.pop()(...args)
            : socket.emit('echo', ...args)));
    }

    async stop() {
        this.io.disconnectSockets(true);
        await this.shutDown();
    }

    /* As a process does that is told to end: its clients come back, to another one. */
    async shutDown() {
        const closed = new Promise((resolve) => this.io.close(resolve));
        this.http.closeAllConnections();
        await closed;
        await Promise.all([this.pub, this.sub].map((client) => client.quit()));
    }
}

/* nodes of them and ours instances of the contract application. */
class Beside {
    static async start({ dialect, nodes = 1, ours = 1, config, args = [] }) {
        const beside = new Beside();
        beside.redis = await startRedis();
        beside.dialect = dialect;
        beside.client = await redisClient(beside.redis);
        beside.nodes = [];
        for (let i = 0; i < nodes; i++)
            beside.nodes.push(await NodeServer.start(beside.redis, `Node${i + 1}`));
        beside.ours = await Promise.all(Array.from({ length: ours }, (_, i) => startBroker({
            contract: true, config: { name: `Ours${i + 1}`, ...config },
            args: ['--redis', beside.redis.url, '--dialect', dialect, '--reach', ...args] })));
        [beside.our] = beside.ours;
        [beside.node] = beside.nodes;
        await beside.ready();
        return beside;
    }

    /* All hear all: each has one connection that subscribes to patterns. */
    ready() {
        const all = this.nodes.length + this.ours.length;
        const members = this.dialect === 'node-4' ? all : this.nodes.length;
        return eventually(async () => {
            const list = await this.redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub');
            return (list.match(/ psub=[1-9]/g) ?? []).length === all &&
                await this.members() === members;
        }, 'the subscriptions');
    }

    /* How many Node counts as servers. */
    async members(namespace = '/') {
        const reply = await this.redis.command('PUBSUB', 'NUMSUB',
            `socket.io-request#${namespace}#`);
        return Number(reply.split('\n')[1]);
    }

    emitter(namespace) {
        return new Emitter(this.client, {}, namespace);
    }

    /* payload: hexadecimal digits, or any text that begins with "{". */
    publish(channel, payload) {
        return this.client.publish(channel,
            /^[0-9a-f]*$/.test(payload) ? Buffer.from(payload, 'hex') : payload);
    }

    /* Clients of ours, one of each of these revisions, in a room of that name. */
    async clients(versions, broker = this.our) {
        return Promise.all(versions.map(async (version) => {
            const client = await connect(broker.port, { version });
            client.heard = [];
            return client;
        }));
    }

    async stop() {
        await Promise.all(this.ours.map((broker) => broker.stop()));
        await Promise.all(this.nodes.map((node) => node.stop()));
        await this.client.disconnect();
        await this.redis.stop();
    }
}

/* Everything that each client hears of an event from now on. */
function record(clients, name) {
    return clients.map((client) => {
        const heard = [];
        client.on(name, (...args) => heard.push(args));
        return heard;
    });
}

/* Each has heard exactly this, in this order; the last of it is the last that was said. */
async function assertHeard(lists, want, what) {
    await eventually(() => lists.every((heard) => heard.length >= want.length),
        () => `${what}: ${JSON.stringify(lists.map((heard) => heard.length))}`);
    for (const heard of lists)
        assert.deepStrictEqual(heard, want, what);
}

module.exports = { Beside, NodeServer, record, assertHeard, redisClient };
