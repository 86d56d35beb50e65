'use strict';
/*
 * While one address makes handshakes without end, clients from elsewhere connect as before:
 * of Engine.IO by polling, and of 0.9 by websocket.
 */

const assert = require('node:assert');
const { test, before, after, describe } = require('node:test');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { NEEDS_CONTRACT, REFERENCE, startBroker } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

const CONTRACT = { skip: REFERENCE ? 'about our own program' : NEEDS_CONTRACT.skip };
const N_HONEST = 200, FLOODERS = 4;
const FLOOD_HEADERS = { 'X-Forwarded-For': '203.0.113.66', 'X-Long': 'é'.repeat(2000) };

/* Handshakes as fast as one connection takes them, until stop() is called. */
function flood(port, target) {
    let running = true, n = 0;
    const ended = (async () => {
        const connection = await http.connect(port);
        while (running) {
            await connection.request({ target, headers: FLOOD_HEADERS });
            n++;
        }
        connection.destroy();
        return n;
    })();
    return { stop: () => { running = false; return ended; } };
}

/* How long honest clients take to connect and to be served, sorted. */
async function connectAll(port) {
    const times = [];
    for (let i = 0; i < N_HONEST; i++) {
        const began = performance.now();
        const headers = { 'X-Forwarded-For': `198.51.100.${i}` };
        if (i % 2 === 0) {
            const client = new engine.Polling(port, 4);
            await client.open(headers);
            await client.send('40');
            assert.match(await client.next(), /^40/);
        } else {
            const { id } = await sio.handshake(port, '', headers);
            const socket = await sio.upgrade(port, id, 'websocket');
            assert.strictEqual(await socket.message(), '1::');
            socket.destroy();
        }
        times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b);
}

describe('a flood of handshakes', CONTRACT, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true, config: { 'max unused handshakes': 5000,
            'max sessions per address': 2000 } });
    });
    after(() => broker.stop());

    for (const [name, target] of [['Engine.IO', engine.url({ EIO: 4, transport: 'polling' })],
        ['0.9', '/socket.io/1/']])
        test(`${name}: nobody else is kept out`, async () => {
            const quiet = await connectAll(broker.port);
            const floods = Array.from({ length: FLOODERS }, () => flood(broker.port, target));
            const busy = await connectAll(broker.port);
            const sum = (await Promise.all(floods.map((f) => f.stop()))).reduce((a, b) => a + b);
            const p99 = (times) => times[Math.floor(times.length * 0.99)];
            console.log(`# ${name}: ${sum} handshakes of the flood; p99 of the others ${
                p99(quiet).toFixed(1)} ms, ${p99(busy).toFixed(1)} ms meanwhile`);
            assert.ok(sum > 100, 'there was a flood');
        });
});
