'use strict';
/* Polls in the binary framing (protocol/eio3_client.h) at another instance than the session's. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster } = require('../lib/cluster.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { NEEDS_CONTRACT } = require('../lib/server.js');
const { OPCODE, frame } = require('../lib/ws.js');

const OCTETS = 'application/octet-stream', TEXT = 'text/plain; charset=UTF-8';

describe('the binary framing at another instance', NEEDS_CONTRACT, () => {
    let cluster;
    before(async () => {
        cluster = await startCluster(2, { config: { encodePayloadAsBinary: true } });
    });
    after(() => cluster.stop());

    /* What a poll there brings: of an echo, and when a websocket is probed here. */
    async function polls(query, forget) {
        const client = await engine.poll(cluster.ports[0], 3, query);
        delete client.query[forget];
        await client.post('12:42["echo",1]');
        client.port = cluster.ports[1];
        const event = await client.raw();
        const waiting = await http.connect(client.port);
        waiting.write(http.format({ target: engine.url(client.query) }));
        await http.get(client.port, '/');       /* it has come there ... */
        await client.post('1:3');               /* ... and here they know */
        const socket = await engine.upgrade(cluster.ports[0], 3, { sid: client.query.sid });
        socket.write(frame(OPCODE.TEXT, '2probe'));
        const noop = await waiting.response();
        socket.destroy();
        waiting.destroy();
        return [event, noop].map((answer) => [answer.get('Content-Type'),
            answer.body.toString('latin1')]);
    }

    const BYTES = [[OCTETS, '\x00\x01\x02\xff42["echo",1]'], [OCTETS, '\x00\x01\xff6']];

    test('for who reads nothing else', async () => {
        assert.deepStrictEqual(await polls({ t: '1795999475548-0' }), BYTES);
    });

    test('by the setting: events; a noop is text, as far as is known there', async () => {
        assert.deepStrictEqual(await polls({}), [BYTES[0], [TEXT, '1:6']]);
    });

    test('not for who asked for b64 in the handshake', async () => {
        assert.deepStrictEqual(await polls({ b64: 1 }, 'b64'),
            [[TEXT, '12:42["echo",1]'], [TEXT, '1:6']]);
    });
});
