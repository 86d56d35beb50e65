'use strict';
/*
 * engine.js - the first steps of an Engine.IO client, revision 3 or 4, on raw connections.
 *
 * Packets are what one message of a websocket would be: a string, or a Buffer (in revision 3 with
 * its type byte).
 */

const assert = require('node:assert');
const http = require('./http.js');
const ws = require('./ws.js');
const { OPCODE } = ws;

const ID = /^[A-Za-z0-9_-]{20}$/;
const SEPARATOR = '\x1e';

function url(query, path = '/socket.io/') {
    return `${path}?${new URLSearchParams(query)}`;
}

/* --- Payloads. --- */

function unbase64(packet, eio) {
    if (packet[0] !== 'b')
        return packet;
    const data = Buffer.from(packet.slice(eio === 3 ? 2 : 1), 'base64');
    return eio === 3 ? Buffer.concat([Buffer.from([Number(packet[1])]), data]) : data;
}

/* <length>:<packet>..., lengths in UTF-16 units. */
function splitText3(text) {
    const packets = [];
    const length = /(\d+):/y;
    for (let at = 0; at < text.length;) {
        length.lastIndex = at;
        const match = length.exec(text);
        assert.ok(match, 'not a payload');
        const start = at + match[0].length;
        at = start + Number(match[1]);
        assert.ok(at <= text.length, 'a payload that is cut short');
        packets.push(text.slice(start, at));
    }
    return packets;
}

/* <0 or 1><digits as bytes>FF<packet>... */
function splitBytes3(bytes) {
    const packets = [];
    while (bytes.length > 0) {
        const mark = bytes.indexOf(0xff);
        assert.ok(mark > 0 && bytes[0] <= 1, `not a payload: ${bytes.toString('hex')}`);
        const end = mark + 1 + Number([...bytes.subarray(1, mark)].join(''));
        const packet = bytes.subarray(mark + 1, end);
        packets.push(bytes[0] === 0 ? packet.toString('utf8') : Buffer.from(packet));
        bytes = bytes.subarray(end);
    }
    return packets;
}

function decode(eio, response) {
    if (response.get('Content-Type') === 'application/octet-stream')
        return splitBytes3(response.body);
    const parts = eio === 3 ? splitText3(response.text) : response.text.split(SEPARATOR);
    return parts.map((packet) => unbase64(packet, eio));
}

function base64(packet, eio) {
    if (typeof packet === 'string')
        return packet;
    return eio === 3 ? `b${packet[0]}${packet.subarray(1).toString('base64')}`
        : `b${packet.toString('base64')}`;
}

function encode(eio, packets) {
    const texts = packets.map((packet) => base64(packet, eio));
    return eio === 3 ? texts.map((text) => `${text.length}:${text}`).join('')
        : texts.join(SEPARATOR);
}

/* --- Polling. --- */

class Polling {
    constructor(port, eio, query = {}) {
        this.port = port;
        this.eio = eio;
        this.query = { EIO: eio, transport: 'polling', ...query };
        this.waiting = [];      /* packets that came and were not taken yet, the next one last */
    }

    /* A request as it is: nothing is expected of the answer. */
    raw(options = {}) {
        return http.request(this.port,
            { target: url({ ...this.query, ...options.query }), ...options });
    }

    async get(options) {
        const response = await this.raw(options);
        assert.strictEqual(response.status, 200, response.text);
        return decode(this.eio, response);
    }

    post(body, headers, query) {
        return this.raw({ method: 'POST', body, headers, query });
    }

    async send(...packets) {
        const response = await this.post(encode(this.eio, packets));
        assert.strictEqual(response.text, 'ok');
    }

    async next() {
        while (this.waiting.length === 0)
            this.waiting = (await this.get()).reverse();
        return this.waiting.pop();
    }

    /* A GET that waits on the server: a later request is answered, so this one has arrived. */
    async wait() {
        const connection = await http.connect(this.port);
        connection.write(http.format({ target: url(this.query) }));
        await new Promise((resolve) => setTimeout(resolve, 50));
        return connection;
    }

    /* The handshake. */
    async open(headers) {
        const [packet] = await this.get({ headers });
        this.opened = JSON.parse(packet.slice(1));
        this.query.sid = this.opened.sid;
        return this;
    }
}

/* --- Websockets. --- */

async function upgrade(port, eio, query = {}, headers = {}, options = {}) {
    const socket = await ws.upgrade(port, url({ EIO: eio, transport: 'websocket', ...query }),
        headers, options);
    socket.eio = eio;
    socket.next = async (ms) => {
        const frame = await ws.WsConnection.prototype.next.call(socket, ms);
        if (frame.opcode === OPCODE.CLOSE)
            throw new Error(`closed${socket.seen()}`);
        return frame.opcode === OPCODE.TEXT ? frame.payload.toString('utf8')
            : Buffer.from(frame.payload);
    };
    socket.message = socket.next;
    socket.send = async (...packets) => {
        for (const packet of packets) {
            socket.write(ws.frame(typeof packet === 'string' ? OPCODE.TEXT : OPCODE.BINARY,
                packet));
        }
    };
    return socket;
}

async function connect(port, eio, query) {
    const socket = await upgrade(port, eio, query);
    assert.strictEqual(socket.answer.status, 101, socket.answer.text);
    socket.opened = JSON.parse((await socket.next()).slice(1));
    return socket;
}

/* --- Either, as `client`: its packets are those of the contract application. --- */

/* Whether client is served: what it echoes comes back, behind whatever else there is. */
let n = 0;
async function assertServed(client) {
    const packet = `42["echo","served ${++n}"]`;
    await client.send(packet);
    while (await client.next() !== packet);
}

/* Into the default namespace, where revision 3 is from the start; its greeting is read. */
async function join(client) {
    if (client.eio === 4)
        await client.send('40');
    await assertServed(client);
    return client;
}

const poll = async (port, eio, query) => join(await new Polling(port, eio, query).open());
const dial = async (port, eio, query) => join(await connect(port, eio, query));

/* Refused, with that code. */
const MESSAGES = ['Transport unknown', 'Session ID unknown', 'Bad handshake method', 'Bad request',
    'Forbidden', 'Unsupported protocol version'];
function assertRefused(response, code) {
    assert.strictEqual(response.text, JSON.stringify({ code, message: MESSAGES[code] }));
    assert.strictEqual(response.status, code === 4 ? 403 : 400);
    assert.strictEqual(response.get('Content-Type'), 'application/json');
}

module.exports = {
    ID, url, decode, encode, Polling, upgrade, connect, join, poll, dial, assertServed,
    assertRefused,
};
