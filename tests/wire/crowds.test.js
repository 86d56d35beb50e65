'use strict';
/* Very many connections: half open ones, and ones of a thousand addresses. */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const { test, describe, before, after } = require('node:test');
const http = require('../lib/http.js');
const { v2 } = require('../lib/proxy-header.js');
const { NEEDS_CONTRACT, REFERENCE, startBroker } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };
const CONTRACT = { skip: suite.skip || NEEDS_CONTRACT.skip };

/* Of descriptors, for us and for the broker: node has raised it as far as it may. */
const LIMIT = Number(/^Max open files +(\d+)/m.exec(fs.readFileSync('/proc/self/limits'))?.[1] ??
    Infinity);
const N_HALF_OPEN = Math.min(10000, LIMIT - 500);
const N_CLIENTS = 50, N_ADDRESSES = 1000, AT_ONCE = 50;

/* make(0), make(1), ... some at a time. */
async function makeAll(n, make) {
    const all = [];
    while (all.length < n)
        all.push(...await Promise.all(Array.from(
            { length: Math.min(AT_ONCE, n - all.length) }, (_, i) => make(all.length + i))));
    return all;
}

describe('half open connections', CONTRACT, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true, config: { 'request timeout': 600,
            'keep-alive timeout': 600, 'heartbeat interval': 600, 'heartbeat timeout': 1200 } });
    });
    after(() => broker.stop());

    /* Nothing at all, half a line, half a head, in turns. */
    const BEGINNINGS = ['', 'GET /sock', 'GET /socket.io/1/ HTTP/1.1\r\nHost: a\r\n'];

    /* Without all that other connections of tests keep. */
    const halfOpen = (i) => new Promise((resolve, reject) => {
        const socket = net.connect(broker.port, '127.0.0.1');
        socket.once('error', reject);
        socket.once('connect', () => {
            socket.write(BEGINNINGS[i % BEGINNINGS.length]);
            resolve(socket);
        });
        socket.resume();
    });

    /* The time of each of some turns of all clients. */
    async function times(clients) {
        const ms = [];
        for (let turn = 0; turn < 10; turn++)
            await Promise.all(clients.map(async (client) => {
                const began = performance.now();
                await sio.assertAlive(client);
                ms.push(performance.now() - began);
            }));
        return ms.sort((a, b) => a - b);
    }

    test(`${N_HALF_OPEN} of them keep nobody out`, async (t) => {
        const early = await makeAll(N_CLIENTS, () => sio.connect(broker.port));
        const quiet = await times(early);
        const half = await makeAll(N_HALF_OPEN, halfOpen);
        const late = await makeAll(N_CLIENTS, () => sio.connect(broker.port));
        await times(late);
        const busy = await times(early);
        const { connections, sessions } = await broker.counters();
        assert.ok(connections >= N_HALF_OPEN + 2 * N_CLIENTS, `${connections} connections`);
        assert.strictEqual(sessions, 2 * N_CLIENTS);
        assert.ok(half.every((socket) => !socket.destroyed), 'they have their time');
        const p99 = (ms) => ms[Math.floor(ms.length * 0.99)];
        t.diagnostic(`p99 of an echo: ${p99(quiet).toFixed(1)} ms for ${N_CLIENTS} clients alone, ${
            p99(busy).toFixed(1)} ms beside the half open ones`);
        for (const connection of [...half, ...early, ...late])
            connection.destroy();
    });
});

describe('connections of many addresses behind one proxy', suite, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { listen: ['127.0.0.1:0 proxy'],
            'max connections per address': 1 } });
    });
    after(() => broker.stop());

    const connect = async (i) => {
        const connection = await http.connect(broker.places[0]);
        connection.write(v2({ address: `198.18.${i >> 8}.${i & 255}` }));
        return connection;
    };
    const ask = (connection) => connection.request({ target: '/' });

    test(`${N_ADDRESSES} of them, and each has its own number`, async () => {
        const all = await makeAll(N_ADDRESSES, connect);
        for (const connection of all)
            assert.strictEqual((await ask(connection)).status, 200);
        for (const i of [0, N_ADDRESSES - 1]) {
            const second = await connect(i);
            assert.strictEqual((await second.response()).status, 503);
            second.destroy();
        }
        const { refused_connections: refused } = await broker.counters();
        assert.strictEqual(refused, 2);
        for (const connection of all)
            connection.destroy();
    });
});
