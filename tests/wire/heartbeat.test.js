'use strict';
/* Heartbeats: the server speaks first, and closes who does not answer (spec 5.3). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER } = require('../lib/server.js');
const sio = require('../lib/sio09.js');
const { OPCODE } = require('../lib/ws.js');

const INTERVAL_MS = 200;
const TIMEOUT_MS = 3000;      /* a busy machine may be late with an answer */
const LIFE_MS = INTERVAL_MS + TIMEOUT_MS + 1000;

describe('heartbeats', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { 'heartbeat interval': INTERVAL_MS / 1000,
            'heartbeat timeout': TIMEOUT_MS / 1000 } });
    });
    after(() => broker.stop());

    /* Until the end there may be more beats, then a close frame. */
    async function assertClosed(socket) {
        const rest = (await socket.end()).toString('latin1');
        assert.match(rest, /^(\x81\x032::)*(\x88\x02\x03\xe8)?$/);
    }

    test('the first beat comes after the interval, not before', async () => {
        const start = Date.now();
        const socket = await sio.connect(broker.port);
        assert.strictEqual(await socket.message(), '2::');
        assert.ok(Date.now() - start >= INTERVAL_MS - 50, `after ${Date.now() - start} ms`);
        socket.destroy();
    });

    test('a client that does not answer is closed after the timeout', async () => {
        const start = Date.now();
        const socket = await sio.connect(broker.port);
        assert.strictEqual(await socket.message(), '2::');
        await assertClosed(socket);
        const took_ms = Date.now() - start;
        assert.ok(took_ms >= INTERVAL_MS + TIMEOUT_MS - 50, `after ${took_ms} ms`);
        socket.destroy();
    });

    test('a closed client is unknown from then on', async () => {
        const socket = await sio.connect(broker.port);
        assert.strictEqual(await socket.message(), '2::');
        await socket.end();
        const again = await sio.upgrade(broker.port, socket.id);
        assert.strictEqual(await again.message(), '7:::1+0');
        again.destroy();
    });

    test('a client that answers lives', async () => {
        const socket = await sio.connect(broker.port);
        const start = Date.now();
        for (let beats = 0; Date.now() - start < LIFE_MS; beats++) {
            assert.strictEqual(await socket.message(), '2::', `beat ${beats}`);
            socket.text('2::');
        }
        socket.text(sio.probe(1));
        assert.strictEqual(await socket.message(), '6:::1');
        socket.destroy();
    });

    test('any packet from the client postpones the timeout', BETTER, async () => {
        const socket = await sio.connect(broker.port);
        const start = Date.now();
        const talk = setInterval(() => socket.text(sio.probe(5)), TIMEOUT_MS / 10);
        try {
            while (Date.now() - start < LIFE_MS)
                assert.ok(['2::', '6:::5'].includes(await socket.message()));
        } finally {
            clearInterval(talk);
        }
        socket.destroy();
    });

    test('a websocket ping is no heartbeat of Socket.IO, but shows life', BETTER, async () => {
        const socket = await sio.connect(broker.port);
        socket.send(OPCODE.PING, 'x');
        assert.strictEqual((await socket.next()).opcode, OPCODE.PONG);
        assert.strictEqual(await socket.message(), '2::');
        socket.destroy();
    });

    test('2:: that nobody asked for is fine', async () => {
        const socket = await sio.connect(broker.port);
        socket.text('2::');
        socket.text('2:::');
        await sio.assertAlive(socket);
        socket.destroy();
    });
});
