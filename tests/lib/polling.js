'use strict';
/*
 * polling.js - polls and posts of the two polling transports on raw connections.
 */

const assert = require('node:assert');
const http = require('./http.js');
const sio = require('./sio09.js');

/* Text of a jsonp answer io.j[<index>](<JSON string>); */
function parseJsonp(text, index = 0) {
    const match = /^io\.j\[(\d+)\]\((".*")\);$/s.exec(text);
    assert.ok(match, `not a jsonp answer: ${text.slice(0, 200)}`);
    assert.strictEqual(Number(match[1]), index);
    return JSON.parse(match[2]);
}

/* How each of them frames packets, in both directions. */
const KINDS = {
    'xhr-polling': {
        type: 'text/plain;charset=UTF-8',
        query: 't=1',
        encode: (packets) => packets,
        decode: (text) => text,
    },
    'jsonp-polling': {
        type: 'application/x-www-form-urlencoded',
        query: 't=1&i=0',
        encode: (packets) => `d=${encodeURIComponent(JSON.stringify(packets))}`,
        decode: (text) => parseJsonp(text),
    },
};

/* A session over a polling transport: each poll on a connection of its own. */
class Poller {
    constructor(port, transport, id) {
        this.port = port;
        this.id = id;
        this.kind = KINDS[transport];
        this.url = sio.transportUrl(transport, id, this.kind.query);
    }

    /* The next requests go to another instance. */
    at(port) {
        this.port = port;
        return this;
    }

    /* A poll that was sent; its connection, to wait on or to cut. */
    async begin(headers) {
        const connection = await http.connect(this.port);
        connection.write(http.format({ target: this.url, headers }));
        return connection;
    }

    /* The packets that answer a poll. */
    async finish(connection, ms) {
        const response = await connection.response({ ms });
        connection.destroy();
        assert.strictEqual(response.status, 200, response.head);
        return this.kind.decode(response.text);
    }

    async poll(ms) {
        return this.finish(await this.begin(), ms);
    }

    async post(packets) {
        const response = await http.post(this.port, this.url, this.kind.encode(packets),
            { 'Content-Type': this.kind.type });
        assert.strictEqual(response.status, 200, response.head);
        assert.strictEqual(response.text, '1');
        return response;
    }
}

/* Handshake and the first two polls: the connect packet, then the greeting. */
async function connect(port, transport) {
    const poller = new Poller(port, transport, (await sio.handshake(port)).id);
    assert.strictEqual(await poller.poll(), '1::');
    /* News about others may have come in the same moment. */
    [poller.greeting] = sio.unpack(await poller.poll());
    assert.match(poller.greeting, sio.GREETING);
    return poller;
}

/* Open n sessions one after the other on one connection, and end each. */
async function openAndEnd(port, n) {
    const connection = await http.connect(port);
    for (let i = 0; i < n; i++) {
        const { text } = await connection.request({ target: '/socket.io/1/' });
        const url = sio.transportUrl('xhr-polling', sio.parseHandshake(text).id);
        assert.strictEqual((await connection.request({ target: url })).text, '1::');
        const { status } = await connection.request({ target: `${url}?disconnect=1` });
        assert.strictEqual(status, 200);
    }
    connection.destroy();
}

module.exports = { KINDS, Poller, connect, openAndEnd, parseJsonp };
