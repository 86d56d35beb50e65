'use strict';
/* The websocket upgrade: the 101, the greeting, and every refusal (spec 2.1, 2.2). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER } = require('../lib/server.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');
const { open } = require('../lib/tcp.js');
const ws = require('../lib/ws.js');

const SWITCHING = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${ws.SAMPLE_ACCEPT}`].join('\r\n');

describe('upgrade', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ args: ['--name', 'Server1'], config: {
            transports: ['websocket', 'flashsocket', 'htmlfile', 'xhr-polling', 'jsonp-polling'],
            'flash policy server': false } });
    });
    after(() => broker.stop());

    const freshUrl = async (transport = 'websocket') =>
        sio.transportUrl(transport, (await sio.handshake(broker.port)).id);

    const ACCEPTED = [
        ['version 13', {}],
        ['version 8', { 'Sec-WebSocket-Version': '8' }],
        ['version 7', { 'Sec-WebSocket-Version': '7' }],
        ['upper case', { Upgrade: 'WEBSOCKET' }],
        ['what Firefox sends', { Connection: 'keep-alive, Upgrade' }],
        ['a subprotocol that we do not speak', { 'Sec-WebSocket-Protocol': 'foo' }],
        ['an extension that we do not speak',
            { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }],
        ['an origin', { Origin: 'http://a.example' }],
    ];
    for (const [what, headers] of ACCEPTED) {
        test(`${what}: exactly the four lines`, async () => {
            const socket = await ws.upgrade(broker.port, await freshUrl(), headers);
            assert.strictEqual(socket.answer.head, SWITCHING);
            assert.strictEqual(await socket.message(), '1::');
            socket.destroy();
        });
    }

    /* As nginx asks without "proxy_http_version 1.1"; Node takes it, too. */
    test('HTTP/1.0: the same, in HTTP/1.1', async () => {
        const socket = await ws.upgrade(broker.port, await freshUrl(), { Connection: 'upgrade' },
            { version: '1.0' });
        assert.strictEqual(socket.answer.head, SWITCHING);
        assert.strictEqual(await socket.message(), '1::');
        await socket.message();
        await sio.assertAlive(socket);
        socket.destroy();
    });

    test('the first frames are connect packet and greeting, byte for byte', async () => {
        const socket = await ws.upgrade(broker.port, await freshUrl());
        const text = `5:::{"name":"server","args":[{"server":"Server1","port":${broker.port}}]}`;
        const expected = Buffer.concat([Buffer.from('8103313a3a', 'hex'),
            Buffer.from([0x81, text.length]), Buffer.from(text)]);
        assert.deepStrictEqual(await socket.read(expected.length), expected);
        await sio.assertAlive(socket);
        socket.destroy();
    });

    test('flashsocket is a websocket', async () => {
        const socket = await ws.upgrade(broker.port, await freshUrl('flashsocket'));
        assert.strictEqual(socket.answer.head, SWITCHING);
        assert.strictEqual(await socket.message(), '1::');
        socket.destroy();
    });

    test('the protocol version is not looked at', async () => {
        const { id } = await sio.handshake(broker.port);
        const socket = await ws.upgrade(broker.port, `/socket.io/7/websocket/${id}`);
        assert.strictEqual(socket.answer.status, 101);
        assert.strictEqual(await socket.message(), '1::');
        socket.destroy();
    });

    test('frames may follow the request in the same segment', BETTER, async () => {
        const socket = await open(broker.port, { Kind: ws.WsConnection });
        socket.write(Buffer.concat([ws.upgradeRequest(await freshUrl()),
            ws.frame(ws.OPCODE.TEXT, sio.probe(7))]));
        assert.strictEqual((await socket.response()).status, 101);
        const messages = [await socket.message(), await socket.message(), await socket.message()];
        assert.deepStrictEqual([messages[0], messages[2]], ['1::', '6:::7']);
        socket.destroy();
    });

    test('a kept HTTP connection can be upgraded', async () => {
        const connection = await open(broker.port, { Kind: ws.WsConnection });
        const { id } = sio.parseHandshake(
            (await connection.request({ target: '/socket.io/1/' })).text);
        connection.write(ws.upgradeRequest(sio.transportUrl('websocket', id)));
        assert.strictEqual((await connection.response()).status, 101);
        assert.strictEqual(await connection.message(), '1::');
        connection.destroy();
    });

    test('an unknown session is told to reconnect, and closed', async () => {
        const socket = await sio.upgrade(broker.port, 'AAAAAAAAAAAAAAAAAAAA');
        assert.strictEqual(socket.answer.head, SWITCHING);
        assert.strictEqual(await socket.message(), '7:::1+0');
        assert.ok([null, 1000].includes(await socket.closeCode()));
        socket.destroy();
    });

    test('an ended session is unknown', async () => {
        const first = await sio.connect(broker.port);
        first.text('0::');
        await first.end();
        const again = await sio.upgrade(broker.port, first.id);
        assert.strictEqual(await again.message(), '7:::1+0');
        again.destroy();
    });

    const REFUSED = [
        ['without a key', 'websocket', { 'Sec-WebSocket-Key': null }],
        ['with an empty key', 'websocket', { 'Sec-WebSocket-Key': '' }],
        ['to something else', 'websocket', { Upgrade: 'foo' }],
        ['to h2c', 'websocket', { Upgrade: 'h2c' }],
        ['on xhr-polling', 'xhr-polling', {}],
        ['on jsonp-polling', 'jsonp-polling', {}],
        ['on htmlfile', 'htmlfile', {}],
        ['on an unknown transport', 'bogus', {}],
    ];
    for (const [what, transport, headers] of REFUSED) {
        test(`${what}: 400`, BETTER, async () => {
            const url = await freshUrl(transport);
            const refused = await ws.upgrade(broker.port, url, headers);
            assert.strictEqual(refused.answer.status, 400, refused.answer.head);
            assert.ok(refused.answer.body.length > 0);
            refused.destroy();
        });
    }

    for (const target of ['/elsewhere', '/socket.io/', '/socket.io/1/',
        '/socket.io/1/websocket/']) {
        test(`of ${target} gets a complete refusal`, BETTER, async () => {
            const refused = await ws.upgrade(broker.port, target);
            assert.ok(refused.answer.status >= 400 && refused.answer.status < 500,
                refused.answer.head);
            refused.destroy();
        });
    }

    test('with ?disconnect gets a complete refusal', BETTER, async () => {
        const refused = await ws.upgrade(broker.port, `${await freshUrl()}?disconnect=1`);
        assert.strictEqual(refused.answer.status, 400);
        refused.destroy();
    });

    test('a refused upgrade leaves the handshake good', BETTER, async () => {
        const { id } = await sio.handshake(broker.port);
        const refused = await sio.upgrade(broker.port, id, 'websocket',
            { 'Sec-WebSocket-Key': null });
        assert.strictEqual(refused.answer.status, 400);
        const socket = await sio.upgrade(broker.port, id);
        assert.strictEqual(await socket.message(), '1::');
        socket.destroy();
    });

    test('a second websocket takes over, the first is closed', BETTER, async () => {
        const first = await sio.connect(broker.port);
        const second = await sio.upgrade(broker.port, first.id);
        assert.strictEqual(second.answer.status, 101);
        assert.ok([null, 1000].includes(await first.closeCode()));
        await sio.assertAlive(second);
        second.destroy();
    });

    test('a second websocket gets no second connect packet', async () => {
        const first = await sio.connect(broker.port);
        const second = await sio.upgrade(broker.port, first.id);
        await sio.assertAlive(second);
        second.destroy();
        first.destroy();
    });
});

describe('transports that are switched off', () => {
    test('have no upgrade', BETTER, async () => {
        const broker = await startBroker({ config: { transports: ['xhr-polling'] } });
        const { id } = await sio.handshake(broker.port);
        const refused = await sio.upgrade(broker.port, id);
        assert.strictEqual(refused.answer.status, 400);
        assert.strictEqual((await http.get(broker.port, '/')).status, 200);
        await broker.stop();
    });
});
