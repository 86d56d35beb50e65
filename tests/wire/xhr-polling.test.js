'use strict';
/* The bytes of xhr-polling answers (spec 2.3). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER } = require('../lib/server.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');
const sio = require('../lib/sio09.js');

/* The original has neither of these two. */
const names = (response) => response.headers.map(([name]) => name)
    .filter((name) => name !== 'Vary' && name !== 'X-Content-Type-Options');

describe('answers of xhr-polling', () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    const freshUrl = async () =>
        sio.transportUrl('xhr-polling', (await sio.handshake(broker.port)).id, 't=1');

    test('headers of a poll, in order', async () => {
        const response = await http.get(broker.port, await freshUrl());
        assert.strictEqual(response.status, 200);
        assert.deepStrictEqual(names(response).slice(0, 4),
            ['Content-Type', 'Content-Length', 'Connection', 'Date']);
        assert.strictEqual(response.get('Content-Type'), 'text/plain; charset=UTF-8');
        assert.strictEqual(response.get('Content-Length'), '3');
        assert.strictEqual(response.get('Connection').toLowerCase(), 'keep-alive');
        assert.strictEqual(response.text, '1::');
    });

    test('headers of a poll with an origin, in order', async () => {
        const response = await http.get(broker.port, await freshUrl(),
            { Origin: 'http://a.example' });
        assert.deepStrictEqual(names(response).slice(0, 6), ['Content-Type', 'Content-Length',
            'Connection', 'Access-Control-Allow-Origin', 'Access-Control-Allow-Credentials',
            'Date']);
        assert.strictEqual(response.get('Access-Control-Allow-Origin'), 'http://a.example');
        assert.strictEqual(response.get('Access-Control-Allow-Credentials'), 'true');
    });

    test('headers of a post, in order', async () => {
        const poller = await polling.connect(broker.port, 'xhr-polling');
        const response = await poller.post('2::');
        assert.deepStrictEqual(names(response).slice(0, 4),
            ['Content-Length', 'Content-Type', 'Date', 'Connection']);
        assert.strictEqual(response.get('Content-Length'), '1');
        assert.strictEqual(response.get('Content-Type'), 'text/plain; charset=UTF-8');
    });

    test('headers of a post with an origin', async () => {
        const poller = await polling.connect(broker.port, 'xhr-polling');
        const response = await http.post(broker.port, poller.url, '2::',
            { Origin: 'http://a.example' });
        assert.strictEqual(response.get('Access-Control-Allow-Origin'), 'http://a.example');
        assert.strictEqual(response.get('Access-Control-Allow-Credentials'), 'true');
    });

    test('Content-Length counts bytes of UTF-8', async () => {
        const named = await startBroker({ config: { name: 'é€😀' } });
        const { url } = new polling.Poller(named.port, 'xhr-polling',
            (await sio.handshake(named.port)).id);
        await http.get(named.port, url);
        const response = await http.get(named.port, url);
        assert.strictEqual(Number(response.get('Content-Length')), response.body.length);
        assert.ok(response.text.includes('"server":"é€😀"'));
        await named.stop();
    });

    test('HEAD of a poll gets no body and takes nothing', BETTER, async () => {
        const url = await freshUrl();
        await http.request(broker.port, { method: 'HEAD', target: url });
        assert.strictEqual((await http.get(broker.port, url)).text, '1::');
    });

    test('an HTTP/1.0 poll is answered and closed', async () => {
        const connection = await http.connect(broker.port);
        const response = await connection.request(
            { target: await freshUrl(), version: '1.0', host: null });
        assert.strictEqual(response.text, '1::');
        await connection.end();
        connection.destroy();
    });

    test('SIGTERM answers the open polls', BETTER, async () => {
        const ending = await startBroker();
        const poller = await polling.connect(ending.port, 'xhr-polling');
        const poll = await poller.begin();
        /* The poll has surely arrived when a later request on the same connection queue has. */
        await poller.post('2::');
        const stopped = ending.stop();
        const response = await poll.response();
        assert.ok([200, 503].includes(response.status));
        await stopped;
        poll.destroy();
    });
});
