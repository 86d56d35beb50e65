'use strict';
/* The handshake in all its forms (spec 1.2, 1.5). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { startBroker, BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');

const DEFAULT_TRANSPORTS = 'websocket,htmlfile,xhr-polling,jsonp-polling';

describe('handshake', () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    test('names id, timeouts and transports', async () => {
        const { id, text, response } = await sio.handshake(broker.port);
        assert.match(id, sio.ID);
        assert.strictEqual(text, `${id}:60:60:${DEFAULT_TRANSPORTS}`);
        assert.strictEqual(response.get('Content-Type'), 'text/plain');
        assert.strictEqual(response.get('Access-Control-Allow-Origin'), undefined);
        assert.ok(Math.abs(Date.parse(response.get('Date')) - Date.now()) < 60000);
    });

    /* billroy/socket.io-arduino-client reads lines: headers, an empty one, a size, the answer. */
    test('the answer is one chunk, so it stands behind a line with its size', async () => {
        const connection = await http.connect(broker.port);
        connection.write('GET /socket.io/1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n' +
            'Origin: Arduino\r\n\r\n');
        const bytes = await connection.until(({ received }) =>
            (received.includes('\r\n0\r\n\r\n') ? received.toString('latin1') : undefined),
        'the last chunk');
        const lines = bytes.split('\r\n');
        const [size, answer] = lines.slice(lines.indexOf('') + 1);
        assert.strictEqual(parseInt(size, 16), answer.length);
        assert.match(sio.parseHandshake(answer).id, sio.ID);
        assert.ok(lines.includes('Transfer-Encoding: chunked'));
        connection.destroy();
    });

    for (const query of ['jsonp=1', 'jsonp=0&t=1']) {
        test(`so is the script of ?${query}`, async () => {
            const response = await http.get(broker.port, `/socket.io/1/?${query}`);
            assert.strictEqual(response.chunks.length, 1);
            assert.strictEqual(response.get('Content-Length'), undefined);
        });
    }

    test('HTTP/1.0 gets the length in its place', BETTER, async () => {
        const response =
            await http.request(broker.port, { target: '/socket.io/1/', version: '1.0' });
        assert.strictEqual(Number(response.get('Content-Length')), response.body.length);
        assert.strictEqual(response.get('Transfer-Encoding'), undefined);
    });

    test('ids are 20 characters, and each is new', async () => {
        const connection = await http.connect(broker.port);
        const ids = new Set();
        for (let i = 0; i < 200; i++) {
            const response = await connection.request({ target: '/socket.io/1/' });
            const { id } = sio.parseHandshake(response.text);
            assert.match(id, sio.ID);
            ids.add(id);
        }
        assert.strictEqual(ids.size, 200);
        connection.destroy();
    });

    for (const origin of ['http://example.org:81', 'https://a.example', 'null']) {
        test(`echoes the origin ${origin}`, async () => {
            const { response } = await sio.handshake(broker.port, 't=1', { Origin: origin });
            assert.strictEqual(response.get('Access-Control-Allow-Origin'), origin);
            assert.strictEqual(response.get('Access-Control-Allow-Credentials'), 'true');
        });
    }

    test('a Referer alone adds no CORS headers', async () => {
        const { response } = await sio.handshake(broker.port, 't=1',
            { Referer: 'http://a.example/' });
        assert.strictEqual(response.get('Access-Control-Allow-Origin'), undefined);
    });

    for (const index of ['0', '3', '007']) {
        test(`jsonp=${index} gets a script`, async () => {
            const response = await http.get(broker.port, `/socket.io/1/?t=1&jsonp=${index}`,
                { Origin: 'http://a.example' });
            assert.strictEqual(response.status, 200);
            assert.strictEqual(response.get('Content-Type'), 'application/javascript');
            assert.strictEqual(response.get('Access-Control-Allow-Origin'), undefined);
            const match = response.text.match(/^io\.j\[(\d+)\]\("([^"]+)"\);$/);
            assert.ok(match, response.text);
            assert.strictEqual(match[1], index);
            assert.match(sio.parseHandshake(match[2]).id, sio.ID);
        });
    }

    for (const index of ['', 'x', '1x', '-1', 'alert(1)']) {
        test(`jsonp=${index} is ignored`, async () => {
            const { response } = await sio.handshake(broker.port, `jsonp=${index}`);
            assert.strictEqual(response.get('Content-Type'), 'text/plain');
        });
    }

    test('POST with a body is a handshake, and the connection goes on', async () => {
        const connection = await http.connect(broker.port);
        for (let i = 0; i < 2; i++) {
            const response = await connection.request(
                { method: 'POST', target: '/socket.io/1/', body: 'GET / HTTP/1.1\r\n\r\n' });
            assert.match(sio.parseHandshake(response.text).id, sio.ID);
        }
        connection.destroy();
    });

    test('any query is taken', async () => {
        for (const query of ['', '&', '=', '%', '%zz=%', 'a[]=1&a[]=2', '__proto__=1', 't=1&t=2'])
            await sio.handshake(broker.port, query);
    });
});

describe('handshake settings', () => {
    async function bodyWith(config) {
        const broker = await startBroker({ config });
        const { text, id } = await sio.handshake(broker.port);
        await broker.stop();
        return text.slice(id.length);
    }

    test('transports are listed as configured', async () => {
        const five = ['websocket', 'flashsocket', 'htmlfile', 'xhr-polling', 'jsonp-polling'];
        assert.strictEqual(await bodyWith({ transports: five, 'flash policy server': false }),
            `:60:60:${five.join(',')}`);
        assert.strictEqual(await bodyWith({ transports: ['xhr-polling', 'websocket'] }),
            ':60:60:xhr-polling,websocket');
    });

    test('timeouts may be fractions', async () => {
        assert.strictEqual(await bodyWith({ 'heartbeat timeout': 1.5, 'heartbeat interval': 0.2,
            'close timeout': 0.25, transports: ['websocket'] }), ':1.5:0.25:websocket');
    });
});

describe('handshake authorization', () => {
    let broker;
    before(async () => {
        if (!NEEDS_CONTRACT.skip)
            broker = await startBroker({ contract: true });
    });
    after(() => broker && broker.stop());

    const CASES = [
        ['deny=1', 403, 'text/plain', 'handshake unauthorized'],
        ['deny=1&jsonp=2', 200, 'application/javascript',
            'io.j[2](new Error("handshake unauthorized"));'],
        ['fail=1', 500, 'text/plain', 'handshake error'],
        ['fail=1&jsonp=0', 200, 'application/javascript',
            'io.j[0](new Error("handshake error"));'],
    ];
    for (const [query, status, type, body] of CASES) {
        test(`?${query} is answered ${status} ${body}`, NEEDS_CONTRACT, async () => {
            const response = await http.get(broker.port, `/socket.io/1/?${query}`);
            assert.strictEqual(response.status, status);
            assert.strictEqual(response.get('Content-Type'), type);
            assert.strictEqual(response.text, body);
        });
    }
});

describe('handshakes that nobody uses', () => {
    test('are forgotten', BETTER, async () => {
        const broker = await startBroker({ config: { 'handshake timeout': 0.2 } });
        const ids = [];
        for (let i = 0; i < 100; i++)
            ids.push((await sio.handshake(broker.port)).id);
        /* Asking for one uses it up, so each is asked for once. */
        await eventually(async () => {
            assert.ok(ids.length > 0, 'the last handshake was still good');
            const socket = await sio.upgrade(broker.port, ids.pop());
            const first = await socket.message();
            socket.destroy();
            return first === '7:::1+0';
        }, 'a forgotten handshake');
        await broker.stop();
    });

    test('are bounded in number: the oldest go', BETTER, async () => {
        const broker = await startBroker({ config: { 'max unused handshakes': 5 } });
        const ids = [];
        for (let i = 0; i < 7; i++)
            ids.push((await sio.handshake(broker.port)).id);
        for (const [i, id] of ids.entries()) {
            const socket = await sio.upgrade(broker.port, id);
            assert.strictEqual(await socket.message(), i < 2 ? '7:::1+0' : '1::');
            socket.destroy();
        }
        await broker.stop();
    });
});
