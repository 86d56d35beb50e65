'use strict';
/* A client that asks and does not read: it waits in its own socket, not in our memory. */

const assert = require('node:assert');
const net = require('node:net');
const { test } = require('node:test');
const { startBroker } = require('../lib/server.js');

const REQUEST = 'GET /socket.io/socket.io.js HTTP/1.1\r\nHost: x\r\n\r\n';
const SENT_BYTES = 40e6; /* far more than the socket buffers of both sides hold */

/* Resolves when what the socket still holds back has not become less for half a second. */
async function stalled(socket) {
    for (let before = Infinity; socket.writableLength < before;) {
        before = socket.writableLength;
        await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return socket.writableLength;
}

test('requests behind unread answers are not read into memory', async () => {
    const broker = await startBroker();
    const socket = net.connect(broker.port, '127.0.0.1');
    socket.pause();
    socket.on('error', () => {}); /* destroyed below, with data on its way */
    const n = Math.ceil(SENT_BYTES / REQUEST.length);
    socket.write(REQUEST.repeat(n));
    assert.ok(await stalled(socket) > SENT_BYTES / 2, `only ${socket.writableLength} held back`);
    socket.destroy();
    await broker.stop();
});
