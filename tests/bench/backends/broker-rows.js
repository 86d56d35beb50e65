'use strict';
/*
 * broker-rows.js - what commands, questions, streams, tokens and memory cost the broker by
 * themselves.
 *
 * Each is a function of the program of a broker and resolves with { title: [number, unit] }.
 */

const net = require('node:net');
const path = require('node:path');
const { io } = require('socket.io-client-4');
const { Api } = require('../../../client-demo/backends/node/lib/api.js');
const { KEY, apiOf, findApi } = require('../../lib/api.js');
const { SECRET, ENV } = require('../../lib/backend.js');
const { eventually } = require('../../lib/deadline.js');
const { freePort, processorMs, residentBytes } = require('../../lib/program.js');
const { startRedis } = require('../../lib/services.js');
const { Broker, writeConfig } = require('../../lib/server.js');
const tokens = require('../../lib/tokens.js');
const { CPU, pinned } = require('../lib/measure.js');

const N_CLIENTS = 100;

/* A broker on a processor of its own. */
async function startBroker(program, config) {
    const broker = new Broker('taskset', ['-c', String(CPU.server(0)), program, '--port', '0',
        '--config', writeConfig({ name: 'Server1', greeting: false, ...config })],
    { env: { ...process.env, ...ENV } });
    await broker.listening();
    return broker;
}

async function startWithApi(program, config) {
    const broker = await startBroker(program, { api: apiOf(), ...config });
    const api = new Api(`http://127.0.0.1:${await findApi(broker)}`, KEY);
    return { broker, api, async stop() {
        api.end();
        await broker.program.stop('SIGKILL');
    } };
}

async function connect(port, n, options) {
    const clients = Array.from({ length: n }, () =>
        io(`http://127.0.0.1:${port}`, { forceNew: true, transports: ['websocket'], ...options }));
    await Promise.all(clients.map((client) =>
        new Promise((resolve) => client.once('connect', resolve))));
    return clients;
}

/* us of that process for each of n, while work is done. */
async function cost(pid, n, work) {
    const before = processorMs(pid);
    await work();
    return 1000 * (processorMs(pid) - before) / n;
}

/* --- The API: requests on kept connections; batches and questions, eight at a time. --- */

const EMIT = { to: 'nobody', name: 'news', args: ['Hello'] };
const BATCH = { commands: Array(100).fill({ do: 'emit', ...EMIT }) };

/*
 * n requests, with one under way on each of the connections. Written by hand, as a client of Node
 * takes several times as long for a request as the broker, which would then do nothing but wake up.
 */
function pourRequests(port, n, nConnections) {
    const body = JSON.stringify(EMIT);
    const request = 'POST /v1/emit HTTP/1.1\r\nHost: localhost\r\n' +
        `Authorization: Bearer ${KEY}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    let left = n;
    const one = () => new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1');
        let text = '';
        const next = () => (left-- > 0 ? socket.write(request) : resolve(socket.destroy()));
        socket.on('error', reject).on('close', () => reject(new Error('the connection is closed')));
        socket.setNoDelay().setEncoding('latin1').on('data', (chunk) => {
            text += chunk;
            if (!text.endsWith('}\n'))
                return;
            if (!text.startsWith('HTTP/1.1 200 '))
                reject(new Error(text));
            text = '';
            next();
        });
        next();
    });
    return Promise.all(Array.from({ length: nConnections }, one));
}

async function costOfRequests({ api, broker }, name, command, n, perRequest) {
    const text = JSON.stringify(command);
    const send = async (count) => {
        for (let i = 0; i < count; i++)
            await api.post(name, text);
    };
    await send(100);
    return cost(broker.program.pid, n * perRequest, () =>
        Promise.all(Array.from({ length: 8 }, () => send(n / 8))));
}

async function measureApi(program) {
    const it = await startWithApi(program);
    const port = await findApi(it.broker);
    const n = 40000;
    await pourRequests(port, 1000, 1);
    const result = {
        'API: emit': [await cost(it.broker.program.pid, n, () => pourRequests(port, n, 64)), 'us'],
        'API: emit, 100 in a batch': [await costOfRequests(it, 'batch', BATCH, 1600, 100), 'us'],
    };
    await it.stop();
    return result;
}

/* Clients that answer at once; an operation is the answer of one. */
async function measureAsk(program) {
    const it = await startWithApi(program);
    const clients = await connect(it.broker.port, N_CLIENTS);
    for (const client of clients)
        client.on('question', (n, answer) => answer(n));
    const us = await costOfRequests(it, 'ask', { name: 'question', args: [1] }, 800, N_CLIENTS);
    clients.forEach((client) => client.disconnect());
    await it.stop();
    return { 'ask of 100, for each answer': [us, 'us'] };
}

/* --- Streams. --- */

/* A connection to Redis for many commands at once: resolves when all n are answered. */
function pour(port, n, command) {
    const text = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('');
    const bytes = `*${command.length}\r\n${text}`;
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1');
        let left = n;
        socket.on('error', reject).on('data', (chunk) => {
            left -= chunk.toString('latin1').split('\n').length - 1;
            if (left <= 0)
                resolve(socket.destroy());
        });
        socket.write(bytes.repeat(n));
    });
}

/* The answer of an XADD is two lines. */
const addCommands = (redis, n) => pour(redis.port, 2 * n, ['XADD', 'sio:commands', '*', 'json',
    JSON.stringify({ do: 'emit', ...EMIT })]);

/* They are there before the broker is, so that whoever adds them has no part in it. */
async function measureCommands(program) {
    const redis = await startRedis();
    const n = 200000, first = 10000;
    await addCommands(redis, first + n);
    const broker = await startBroker(program, { redis: redis.url, api: { stream: true } });
    const begun = async (count) => eventually(async () =>
        (await broker.counters()).stream_commands >= count, 'commands are done', 120000);
    await begun(first);
    const { stream_commands: before } = await broker.counters();
    const started = Date.now();
    const us = await cost(broker.program.pid, first + n - before, () => begun(first + n));
    const perSecond = (first + n - before) / (Date.now() - started) * 1000;
    await broker.program.stop('SIGKILL');
    await redis.stop();
    return { 'stream: a command': [us, 'us'], 'stream: commands': [perSecond, 'a second'] };
}

/* What its client costs is in it: the event comes by a websocket. */
async function measureEvents(program) {
    const redis = await startRedis();
    const broker = await startBroker(program, { redis: redis.url, backends: [{ name: 'app',
        stream: true, 'max stream entries': 1000000, 'max queued events': 1000000,
        'max stream bytes': 2 ** 32, 'max queued bytes': 2 ** 30 }] });
    const clients = await connect(broker.port, N_CLIENTS);
    const n = 50000;
    const emitAll = async (count) => {
        const before = (await broker.counters()).backend_requests;
        for (let i = 0; i < count; i++)
            clients[i % N_CLIENTS].emit('say', 'x'.repeat(64), i);
        await eventually(async () => {
            const { backend_requests: sent, backend_queue: waiting } = await broker.counters();
            return sent >= before + count && waiting === 0;
        }, 'events are added', 120000);
    };
    await emitAll(2000);
    const redisBefore = processorMs(redis.program.pid);
    const us = await cost(broker.program.pid, n, () => emitAll(n));
    const redisUs = 1000 * (processorMs(redis.program.pid) - redisBefore) / n;
    clients.forEach((client) => client.disconnect());
    await broker.program.stop('SIGKILL');
    await redis.stop();
    return { 'stream: an event': [us, 'us'], 'stream: an event, Redis': [redisUs, 'us'] };
}

/* --- A token, checked before anybody is asked. --- */

async function costOfConnections(program, config, options) {
    const broker = await startBroker(program, config);
    const come = async (n) => {
        for (let i = 0; i < n; i += 50)
            for (const client of await connect(broker.port, 50, options))
                client.disconnect();
    };
    await come(200);
    const n = 2000;
    const us = await cost(broker.program.pid, n, () => come(n));
    await broker.program.stop('SIGKILL');
    return us;
}

async function measureToken(program) {
    const jwt = { jwt: { secret: tokens.SECRET } };
    const claims = { sub: '42', exp: tokens.now() + 3600 };
    const token = tokens.makeRaw('{"alg":"HS256"}', JSON.stringify(claims));
    return {
        'token: a connection without one': [await costOfConnections(program, {}), 'us'],
        'token: with one of HS256': [await costOfConnections(program, jwt,
            { auth: { token } }), 'us'],
    };
}

/* --- Memory: what a backend adds to a client that does nothing. --- */

async function bytesOfClient(program, config) {
    const broker = await startBroker(program, config);
    await connect(broker.port, 200);
    const before = residentBytes(broker.program.pid);
    const n = 3000;
    for (let i = 0; i < n / 100; i++)
        await connect(broker.port, 100);
    await eventually(async () => (await broker.counters()).backend_queue === 0, 'all is told');
    const bytes = (residentBytes(broker.program.pid) - before) / n;
    await broker.program.stop('SIGKILL');
    return bytes;
}

async function measureMemory(program) {
    const port = await freePort();
    const backend = pinned(CPU.load, [process.execPath, path.join(__dirname, 'receiver.js'), port],
        { env: { ...process.env, HOOK_SECRET: SECRET } });
    await backend.said(/serving/);
    const hooked = await bytesOfClient(program, { backends: [{ name: 'app',
        urls: [`http://127.0.0.1:${port}/`], secret: 'env:HOOK_SECRET' }] });
    await backend.stop('SIGKILL');
    const alone = await bytesOfClient(program, {});
    return { 'memory: a client more, alone': [alone, 'bytes'],
        'memory: behind a backend': [hooked, 'bytes'] };
}

module.exports = { measureApi, measureAsk, measureCommands, measureEvents, measureMemory,
    measureToken };
