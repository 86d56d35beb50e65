'use strict';
/* Pages of the application on the port of the clients: sio_route(). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually, within } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { connect, leave } = require('../lib/modern.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const start = (config) => startBroker({ contract: true, args: ['--reach'], config });

describe('pages', suite, () => {
    let broker, url;
    before(async () => {
        broker = await start({ maxPayload: 5000 });
        url = `http://127.0.0.1:${broker.port}`;
    });
    after(() => broker.stop());

    test('know what was asked', async () => {
        const response = await fetch(`${url}/app/echo?q=a%20%C3%A9`);
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.headers.get('content-type'), 'application/json');
        assert.strictEqual(response.headers.get('cache-control'), 'no-store');
        assert.deepStrictEqual(await response.json(), [{ route: 'echo', method: 'GET',
            path: '/app/echo', query: 'a é', field: null, type: null, body: '',
            address: '127.0.0.1' }]);
    });

    test('take forms, also in chunks', async () => {
        const form = await fetch(`${url}/app/echo`, { method: 'POST',
            body: new URLSearchParams({ f: 'x & y' }) });
        const [{ method, field, type }] = await form.json();
        assert.deepStrictEqual([method, field, type],
            ['POST', 'x & y', 'application/x-www-form-urlencoded;charset=UTF-8']);
        const body = new ReadableStream({ start(stream) {
            ['f=', 'a', 'b'].forEach((text) => stream.enqueue(Buffer.from(text)));
            stream.close();
        } });
        const chunked = await fetch(`${url}/app/echo`, { method: 'POST', duplex: 'half', body });
        assert.strictEqual((await chunked.json())[0].field, 'ab');
    });

    test('are found by their beginning', async () => {
        const [{ route, path }] = await (await fetch(`${url}/app/files/a/b%20c?q`)).json();
        assert.deepStrictEqual([route, path], ['files', '/app/files/a/b%20c']);
        for (const other of ['/app/files', '/app/echo/', '/app', '/']) {
            assert.strictEqual(await (await fetch(`${url}${other}`)).text(),
                'Welcome to socket.io.');
        }
    });

    test('may be long, and are not sent for HEAD', async () => {
        const n = 3000000;
        const text = await (await fetch(`${url}/app/large?n=${n}`)).text();
        assert.strictEqual(text.length, n);
        const head = await fetch(`${url}/app/large?n=${n}`, { method: 'HEAD' });
        assert.strictEqual(head.headers.get('content-length'), String(n));
        assert.strictEqual(await head.text(), '');
    });

    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
        test(`are not for ${method}`, async () => {
            const response = await http.request(broker.port, { method, target: '/app/echo' });
            assert.strictEqual(response.status, 405);
            assert.strictEqual(response.get('Allow'), 'GET, HEAD, POST');
        });
    }

    test('take no longer bodies than messages may be', async () => {
        const longest = await fetch(`${url}/app/echo`, { method: 'POST', body: 'x'.repeat(5000) });
        assert.strictEqual((await longest.json())[0].body.length, 5000);
        const longer = await http.request(broker.port,
            { method: 'POST', target: '/app/echo', body: 'x'.repeat(5001) });
        assert.strictEqual(longer.status, 413);
    });

    test('may come later, and hold nobody else up', async () => {
        const later = fetch(`${url}/app/later`);
        const asked = async () => (await fetch(`${url}/app/now`)).text();
        let text;
        later.then(async (response) => { text = await response.text(); });
        await eventually(async () => {
            assert.strictEqual(await asked(), 'now');
            return text !== undefined;
        }, 'it was asked for, and then answered');
        assert.strictEqual(text, 'later');
    });

    test('are answered in order on one connection', async () => {
        const connection = await http.connect(broker.port);
        for (const target of ['/app/later', '/app/now', '/socket.io/'])
            connection.write(http.format({ target }));
        await eventually(async () => (await (await fetch(`${url}/app/now`)).text()) === 'now' &&
            connection.received.length > 0, 'somebody asks');
        const texts = [];
        while (texts.length < 3)
            texts.push((await within(connection.response(), 'an answer')).text);
        assert.deepStrictEqual(texts, ['later', 'now', 'Welcome to socket.io.']);
        connection.destroy();
    });

    test('stand beside clients', async () => {
        const client = await connect(broker.port);
        assert.strictEqual(await (await fetch(`${url}/app/now`)).text(), 'now');
        leave(client);
    });
});

describe('a server that stops', suite, () => {
    test('does not wait for an application that never answers', async () => {
        const broker = await start({ 'shutdown timeout': 1 });
        const connection = await http.connect(broker.port);
        connection.write(http.format({ target: '/app/later' }));
        await eventually(async () => (await broker.counters()).requests > 0, 'it has come');
        await broker.stop();
        connection.destroy();
    });
});
