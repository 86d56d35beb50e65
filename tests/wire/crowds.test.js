'use strict';
/* Very many connections: half open ones, and ones of a thousand addresses. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const http = require('../lib/http.js');
const { v2 } = require('../lib/proxy-header.js');
const { NEEDS_CONTRACT, REFERENCE, startBroker } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };
const CONTRACT = { skip: suite.skip || NEEDS_CONTRACT.skip };

const N_HALF_OPEN = 2000, N_CLIENTS = 50, N_ADDRESSES = 1000, AT_ONCE = 50;

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
        broker = await startBroker({ contract: true, config: { 'request timeout': 600 } });
    });
    after(() => broker.stop());

    /* Nothing at all, half a line, half a head, in turns. */
    const BEGINNINGS = ['', 'GET /sock', 'GET /socket.io/1/ HTTP/1.1\r\nHost: a\r\n'];

    test(`${N_HALF_OPEN} of them keep nobody out`, async () => {
        const half = await makeAll(N_HALF_OPEN, async (i) => {
            const connection = await http.connect(broker.port);
            connection.write(Buffer.from(BEGINNINGS[i % BEGINNINGS.length]));
            return connection;
        });
        const clients = await makeAll(N_CLIENTS, () => sio.connect(broker.port));
        await Promise.all(clients.map((socket) => sio.assertAlive(socket)));
        const { connections, sessions } = await broker.counters();
        assert.ok(connections >= N_HALF_OPEN + N_CLIENTS, `${connections} connections`);
        assert.strictEqual(sessions, N_CLIENTS);
        assert.ok(half.every(({ closed }) => !closed), 'they have their time');
        for (const connection of [...half, ...clients])
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
