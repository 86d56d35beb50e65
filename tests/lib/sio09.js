'use strict';
/*
 * sio09.js - the first steps of a Socket.IO 0.9 client on raw connections.
 */

const assert = require('node:assert');
const { eventually } = require('./deadline.js');
const http = require('./http.js');
const ws = require('./ws.js');

const GREETING = /^5:::\{"name":"server","args":\[\{"server":".*","port":\d+\}\]\}$/;
const ID = /^[A-Za-z0-9_-]{20}$/;

/* "<id>:<heartbeat timeout>:<close timeout>:<transports>" taken apart. */
function parseHandshake(text) {
    const fields = text.split(':');
    assert.strictEqual(fields.length, 4, `a handshake has four fields: ${text}`);
    const [id, heartbeatTimeout, closeTimeout, transports] = fields;
    return { id, heartbeatTimeout, closeTimeout, transports: transports.split(','), text };
}

async function handshake(port, query = 't=1', headers) {
    const response = await http.get(port, `/socket.io/1/?${query}`, headers);
    assert.strictEqual(response.status, 200, response.text);
    return { ...parseHandshake(response.text), response };
}

function transportUrl(transport, id, query = '') {
    return `/socket.io/1/${transport}/${id}${query === '' ? '' : `?${query}`}`;
}

/* Upgrade a session to a websocket; nothing is read beyond the answer's head. */
function upgrade(port, id, transport = 'websocket', headers) {
    return ws.upgrade(port, transportUrl(transport, id), headers);
}

/* Handshake, upgrade, and read the greeting: a session as a client has it. */
async function connect(port) {
    const { id } = await handshake(port);
    const socket = await upgrade(port, id);
    assert.strictEqual(socket.answer.status, 101, socket.answer.text);
    assert.strictEqual(await socket.message(), '1::');
    socket.greeting = await socket.message();
    assert.match(socket.greeting, GREETING);
    socket.id = id;
    return socket;
}

/*
 * An event with an id is acknowledged as 6:::<id> by the server itself, whatever the application
 * does with it (nothing, for this name). `length` pads the packet to that many bytes.
 */
function probe(id, length = 0) {
    const packet = (padding) => `5:${id}::{"name":"probe","args":["${padding}"]}`;
    return packet('x'.repeat(Math.max(0, length - packet('').length)));
}

/* The next message that is no heartbeat; those are answered, as a client does. */
async function nextMessage(socket, deadline) {
    for (;;) {
        const message = await socket.message(deadline);
        if (message !== '2::')
            return message;
        socket.text('2::');
    }
}

/* The session lives and is served. */
let lastId = 1000;
async function assertAlive(socket) {
    const id = ++lastId;
    socket.text(probe(id));
    assert.strictEqual(await nextMessage(socket), `6:::${id}`);
}

/* The session is over, or will be in a moment: an upgrade for it is told to reconnect. */
function assertEnds(port, id) {
    return eventually(async () => {
        const socket = await upgrade(port, id);
        socket.text(probe(9));
        const first = await socket.message();
        socket.destroy();
        return first === '7:::1+0';
    }, `the end of session ${id}`);
}

/* Packets as the client frames several of them in one body: lengths count UTF-16 units. */
function payload(packets) {
    if (packets.length === 1)
        return packets[0];
    return packets.map((packet) => `\ufffd${packet.length}\ufffd${packet}`).join('');
}

/* The packets of a body, whose framing must be exact. */
function unpack(body) {
    const packets = [];
    let rest = body;
    while (rest.startsWith('\ufffd')) {
        const [, length] = /^\ufffd(\d+)\ufffd/.exec(rest);
        const at = length.length + 2;
        packets.push(rest.slice(at, at + Number(length)));
        rest = rest.slice(at + Number(length));
    }
    if (rest !== '')
        packets.push(rest);
    assert.strictEqual(payload(packets), body);
    return packets;
}

module.exports = {
    GREETING, ID, parseHandshake, handshake, transportUrl, upgrade, connect, probe, assertAlive,
    nextMessage,
    assertEnds, payload, unpack,
};
