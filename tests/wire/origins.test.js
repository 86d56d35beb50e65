'use strict';
/* Which pages may connect (spec 1.3). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER } = require('../lib/server.js');
const http = require('../lib/http.js');
const ws = require('../lib/ws.js');
const sio = require('../lib/sio09.js');

const CASES = [
    [{ Origin: 'http://foo.com' }, true],
    [{ Origin: 'https://foo.com' }, true],
    [{ Origin: 'http://foo.com:81' }, false],
    [{ Origin: 'http://bar.com:9' }, true],
    [{ Origin: 'http://zed.com:8080' }, true],
    [{ Origin: 'http://zed.com' }, false],
    [{ Origin: 'http://xfoo.com' }, false],
    [{ Origin: 'http://foo.com.evil.example' }, false],
    [{ Origin: 'null' }, false],
    [{ Origin: 'garbage' }, false],
    [{ Referer: 'http://bar.com/x' }, true],
    [{ Referer: 'http://zed.com/bar.com' }, false],
    [{ Origin: 'http://zed.com', Referer: 'http://bar.com/x' }, false],
    [{}, false],
];

describe('origins', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { origins: ['foo.com:80', 'bar.com:*', '*:8080'] } });
    });
    after(() => broker.stop());

    for (const [headers, allowed] of CASES) {
        test(`${JSON.stringify(headers)} ${allowed ? 'passes' : 'is refused'}`, async () => {
            const response = await http.get(broker.port, '/socket.io/1/', headers);
            assert.strictEqual(response.status, allowed ? 200 : 403);
            if (allowed)
                return;
            assert.strictEqual(response.text, 'handshake bad origin');
            assert.strictEqual(response.get('Content-Type'), 'text/plain');
            assert.strictEqual(response.get('Access-Control-Allow-Origin'), undefined);
        });
    }

    test('a refusal as JSONP is a script', async () => {
        const response = await http.get(broker.port, '/socket.io/1/?jsonp=1',
            { Origin: 'http://evil.example' });
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.get('Content-Type'), 'application/javascript');
        assert.strictEqual(response.text, 'io.j[1](new Error("handshake bad origin"));');
    });

    test('what a page may not connect to it can not read', BETTER, async () => {
        const { id } = await sio.handshake(broker.port, 't=1', { Origin: 'http://foo.com' });
        const target = sio.transportUrl('xhr-polling', id);
        for (const [origin, readable] of
            [['http://foo.com', true], ['http://evil.example', false]]) {
            const headers = { Origin: origin };
            for (const request of [{ method: 'GET' }, { method: 'POST', body: '2::' },
                { method: 'OPTIONS' }]) {
                const response = await http.request(broker.port, { target, headers, ...request });
                assert.strictEqual(response.get('Access-Control-Allow-Origin'),
                    readable ? origin : undefined, `${request.method} of ${origin}`);
                if (readable)
                    assert.match(response.get('Vary'), /Origin/);
            }
        }
    });

    test('a websocket is checked again', BETTER, async () => {
        const { id } = await sio.handshake(broker.port, 't=1', { Origin: 'http://foo.com' });
        const refused = await sio.upgrade(broker.port, id, 'websocket',
            { Origin: 'http://evil.example' });
        assert.strictEqual(refused.answer.status, 403);
        const good = await sio.upgrade(broker.port, id, 'websocket', { Origin: 'http://foo.com' });
        assert.strictEqual(good.answer.status, 101);
        assert.strictEqual(await good.message(), '1::');
        good.destroy();
    });

    test('a websocket of draft 8 names its origin in its own header', BETTER, async () => {
        const { id } = await sio.handshake(broker.port, 't=1', { Origin: 'http://foo.com' });
        const url = sio.transportUrl('websocket', id);
        const refused = await ws.upgrade(broker.port, url,
            { 'Sec-WebSocket-Version': '8', 'Sec-WebSocket-Origin': 'http://evil.example' });
        assert.strictEqual(refused.answer.status, 403);
        const good = await ws.upgrade(broker.port, url,
            { 'Sec-WebSocket-Version': '8', 'Sec-WebSocket-Origin': 'http://foo.com' });
        assert.strictEqual(good.answer.status, 101);
        good.destroy();
    });
});

test('https without a port is also port 443', BETTER, async () => {
    const broker = await startBroker({ config: { origins: ['foo.com:443'] } });
    const response = await http.get(broker.port, '/socket.io/1/', { Origin: 'https://foo.com' });
    assert.strictEqual(response.status, 200);
    const plain = await http.get(broker.port, '/socket.io/1/', { Origin: 'http://foo.com' });
    assert.strictEqual(plain.status, 403);
    await broker.stop();
});
