'use strict';
/* Engine.IO: what begins a session, and what is refused (spec 1.1 to 1.3, 1.9). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');

const ORIGIN = 'http://page.example';
const get = (broker, query, headers) => http.get(broker.port, engine.url(query), headers);

test('a handshake with long headers counts as several that nobody uses', async () => {
    const broker = await startBroker({ config: { 'max unused handshakes': 3 } });
    const query = { EIO: 4, transport: 'polling' };
    const first = await get(broker, query, { Cookie: 'c'.repeat(9000) });
    assert.strictEqual(first.status, 200);
    /* The first one makes room for this one. */
    assert.strictEqual((await get(broker, query)).status, 200);
    const { sid } = JSON.parse(first.text.slice(1));
    engine.assertRefused(await http.post(broker.port, engine.url({ ...query, sid }), '40'), 1);
    assert.strictEqual((await broker.counters()).evicted, 1);
    await broker.stop();
});

describe('handshakes of Engine.IO', () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    test('revision 4 on polling: the open packet, its keys in order', async () => {
        const response = await get(broker, { EIO: 4, transport: 'polling' });
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.get('Content-Type'), 'text/plain; charset=UTF-8');
        assert.strictEqual(response.get('Cache-Control'), 'no-store');
        assert.match(response.text, new RegExp('^0\\{"sid":"[A-Za-z0-9_-]{20}",' +
            '"upgrades":\\["websocket"\\],"pingInterval":25000,"pingTimeout":20000,' +
            '"maxPayload":1000000\\}$'));
    });

    test('revision 3 on polling: the same as a payload of that revision', async () => {
        const response = await get(broker, { EIO: 3, transport: 'polling', b64: 1 });
        const [packet] = engine.decode(3, response);
        assert.match(JSON.parse(packet.slice(1)).sid, engine.ID);
    });

    for (const eio of [3, 4]) {
        test(`revision ${eio} on a websocket: nothing to upgrade to`, async () => {
            const socket = await engine.connect(broker.port, eio);
            assert.match(socket.opened.sid, engine.ID);
            assert.deepStrictEqual(socket.opened.upgrades, []);
            assert.deepStrictEqual(Object.keys(socket.opened),
                ['sid', 'upgrades', 'pingInterval', 'pingTimeout', 'maxPayload']);
            socket.destroy();
        });
    }

    for (const fragment of ['#x', '#&EIO=9', '#/?a#b']) {
        test(`the fragment ${fragment} is no part of the query`, async () => {
            const target = engine.url({ transport: 'polling', EIO: 4 });
            const response = await http.get(broker.port, target + fragment);
            assert.match(response.text, /^0\{/);
        });
    }

    test('the path without a slash at its end is as good', async () => {
        const response = await http.get(broker.port,
            engine.url({ EIO: 4, transport: 'polling' }, '/socket.io'));
        assert.match(response.text, /^0\{/);
    });

    test('without a parameter of Engine.IO it is not asked for', async () => {
        assert.strictEqual((await http.get(broker.port, '/socket.io/?a=b')).text,
            'Welcome to socket.io.');
    });

    test('revision 2 and none at all mean 3', async () => {
        for (const eio of [{ EIO: 2 }, {}]) {
            const response = await get(broker, { ...eio, transport: 'polling', b64: 1 });
            assert.strictEqual(engine.decode(3, response)[0][0], '0');
        }
    });

    for (const [name, query, code] of [
        ['no transport', { EIO: 4 }, 0],
        ['an unknown transport', { EIO: 4, transport: 'abc' }, 0],
        ['a transport of 0.9', { EIO: 4, transport: 'xhr-polling' }, 0],
        ['webtransport', { EIO: 4, transport: 'webtransport' }, 0],
        ['an unknown session', { EIO: 4, transport: 'polling', sid: 'x' }, 1],
        ['an unknown transport before an unknown session', { EIO: 4, transport: 'x', sid: 'x' }, 0],
        ['websocket without an upgrade', { EIO: 4, transport: 'websocket' }, 3],
    ]) {
        test(`refused: ${name}`, async () => {
            engine.assertRefused(await get(broker, query), code);
        });
    }

    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        test(`refused: a handshake by ${method}`, async () => {
            engine.assertRefused(await http.request(broker.port, { method,
                target: engine.url({ EIO: 4, transport: 'polling' }), body: '' }), 2);
        });
    }

    test('refused: a handshake by HEAD, without a body', async () => {
        const response = await http.request(broker.port,
            { method: 'HEAD', target: engine.url({ EIO: 4, transport: 'polling' }) });
        assert.strictEqual(response.status, 400);
    });

    for (const [name, eio, query, headers, code] of [
        ['an unknown transport', 4, { transport: 'abc' }, {}, 0],
        ['an unknown session', 4, { sid: 'x' }, {}, 1],
        ['an upgrade to polling', 4, { transport: 'polling' }, {}, 3],
        ['no key', 4, {}, { 'Sec-WebSocket-Key': null }, 3],
        ['a draft without versions', 4, {},
            { 'Sec-WebSocket-Key': null, 'Sec-WebSocket-Version': null }, 3],
    ]) {
        test(`refused before 101: ${name}`, async () => {
            const socket = await engine.upgrade(broker.port, eio, query, headers);
            engine.assertRefused(socket.answer, code);
            socket.destroy();
        });
    }

    test('refused before 101: a version of the websocket that is not there', async () => {
        const socket = await engine.upgrade(broker.port, 4, {}, { 'Sec-WebSocket-Version': '12' });
        assert.strictEqual(socket.answer.status, 400);
        assert.strictEqual(socket.answer.get('Sec-WebSocket-Version'), '13');
        socket.destroy();
    });

    test('the application refuses, or fails', async () => {
        for (const eio of [3, 4])
            for (const query of [{ deny: 1 }, { fail: 1 }]) {
                engine.assertRefused(await get(broker, { EIO: eio, transport: 'polling',
                    ...query }), 4);
                const socket = await engine.upgrade(broker.port, eio, query);
                engine.assertRefused(socket.answer, 4);
                socket.destroy();
            }
    });

    test('the connection stays usable after a refusal', async () => {
        const connection = await http.connect(broker.port);
        for (let i = 0; i < 3; i++)
            engine.assertRefused(await connection.request({ target: engine.url({ EIO: 4 }) }), 0);
        connection.destroy();
    });

    test('a session of Engine.IO is none of 0.9, and the other way round', async () => {
        const client = await engine.poll(broker.port, 4);
        const poll = await http.get(broker.port, `/socket.io/1/xhr-polling/${client.opened.sid}`);
        assert.strictEqual(poll.text, '7:::1+0');
        await engine.assertServed(client);
        const [id] = (await http.get(broker.port, '/socket.io/1/')).text.split(':');
        await http.get(broker.port, `/socket.io/1/xhr-polling/${id}`);
        engine.assertRefused(await get(broker, { EIO: 4, transport: 'polling', sid: id }), 1);
    });
});

describe('CORS of Engine.IO', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { cors: { origin: [ORIGIN], credentials: true } } });
    });
    after(() => broker.stop());

    const assertReadable = (response) => {
        assert.strictEqual(response.get('Access-Control-Allow-Origin'), ORIGIN);
        assert.strictEqual(response.get('Access-Control-Allow-Credentials'), 'true');
        assert.match(response.get('Vary'), /Origin/);
    };

    test('every answer may be read by the page that asked, refusals too', async () => {
        const client = await new engine.Polling(broker.port, 4).open({ Origin: ORIGIN });
        assertReadable(await client.raw({ query: { sid: 'x' }, headers: { Origin: ORIGIN } }));
        assertReadable(await client.post('2', { Origin: ORIGIN }));
        assertReadable(await get(broker, { EIO: 4, transport: 'polling' }, { Origin: ORIGIN }));
    });

    test('without an origin there is no header about it', async () => {
        const response = await get(broker, { EIO: 4, transport: 'polling' });
        assert.strictEqual(response.get('Access-Control-Allow-Origin'), undefined);
    });

    test('no page of another origin reads anything unless "cors" names it', async () => {
        const strict = await startBroker();
        const elsewhere = { Origin: 'http://other.example' };
        for (const [{ port }, headers] of [[strict, { Origin: ORIGIN }], [broker, elsewhere]]) {
            const client = await new engine.Polling(port, 4).open(headers);
            for (const answer of [await client.raw({ query: { sid: 'x' }, headers }),
                await client.post('2', headers),
                await get({ port }, { EIO: 4, transport: 'polling' }, headers),
                await get({ port }, { EIO: 3, transport: 'polling' }, headers),
                await get({ port }, { EIO: 4, transport: 'x' }, headers),
                await http.request(port, { method: 'OPTIONS', headers,
                    target: engine.url({ EIO: 4, transport: 'polling' }) })])
                assert.strictEqual(answer.get('Access-Control-Allow-Origin'), undefined);
            const socket = await engine.upgrade(port, 4, {}, headers);
            assert.strictEqual(socket.answer.status, 101);  /* as with socket.io */
            socket.destroy();
        }
        await strict.stop();
    });

    test('a preflight: 204, the headers that were asked for', async () => {
        const response = await http.request(broker.port, { method: 'OPTIONS',
            target: engine.url({ EIO: 4, transport: 'polling', sid: 'x' }),
            headers: { Origin: ORIGIN, 'Access-Control-Request-Method': 'POST',
                'Access-Control-Request-Headers': 'x-a, x-b' } });
        assert.strictEqual(response.status, 204);
        assertReadable(response);
        assert.match(response.get('Access-Control-Allow-Methods'), /GET.*POST/);
        assert.strictEqual(response.get('Access-Control-Allow-Headers'), 'x-a, x-b');
    });

    test('pages that "origins" names may read; others get 403 and no headers', async () => {
        const strict = await startBroker({ config: { origins: ['page.example:80'] } });
        const other = { Origin: 'http://other.example' };
        const query = { EIO: 4, transport: 'polling' };
        assertReadable(await get(strict, query, { Origin: ORIGIN }));
        const response = await get(strict, query, other);
        engine.assertRefused(response, 4);
        assert.strictEqual(response.get('Access-Control-Allow-Origin'), undefined);
        const socket = await engine.upgrade(strict.port, 4, {}, other);
        engine.assertRefused(socket.answer, 4);
        const client = await new engine.Polling(strict.port, 4).open({ Origin: ORIGIN });
        const upgrade = await engine.upgrade(strict.port, 4, { sid: client.opened.sid }, other);
        engine.assertRefused(upgrade.answer, 4);
        await strict.stop();
    });
});

describe('settings of Engine.IO', () => {
    /* What of these broker answers to revision 4, 3 and none, on polling. */
    async function revisions(config) {
        const broker = await startBroker({ config });
        const answers = [];
        for (const eio of [{ EIO: 4 }, { EIO: 3 }, {}])
            answers.push((await get(broker, { ...eio, transport: 'polling' })).status);
        await broker.stop();
        return answers;
    }

    test('allowEIO3 off', async () => {
        assert.deepStrictEqual(await revisions({ allowEIO3: false }), [200, 400, 400]);
    });

    test('a missing EIO refused', async () => {
        assert.deepStrictEqual(await revisions({ 'refuse missing EIO': true }), [200, 200, 400]);
    });

    test('off: there is no Engine.IO', async () => {
        const broker = await startBroker({ config: { engine: false } });
        const response = await get(broker, { EIO: 4, transport: 'polling' });
        assert.strictEqual(response.text, 'Welcome to socket.io.');
        await broker.stop();
    });

    test('timers and limit are told to the client', async () => {
        const broker = await startBroker(
            { config: { pingInterval: 1234, pingTimeout: 567, maxPayload: 8910 } });
        const { opened } = await new engine.Polling(broker.port, 4).open();
        assert.deepStrictEqual([opened.pingInterval, opened.pingTimeout, opened.maxPayload],
            [1234, 567, 8910]);
        await broker.stop();
    });

    test('a transport that is switched off is unknown, and no upgrade to it', async () => {
        const broker = await startBroker({ config: { 'engine transports': ['polling'] } });
        const client = await new engine.Polling(broker.port, 4).open();
        assert.deepStrictEqual(client.opened.upgrades, []);
        const socket = await engine.upgrade(broker.port, 4);
        engine.assertRefused(socket.answer, 0);
        await broker.stop();
    });

    test('upgrades switched off', async () => {
        const broker = await startBroker({ config: { allowUpgrades: false } });
        const client = await new engine.Polling(broker.port, 4).open();
        assert.deepStrictEqual(client.opened.upgrades, []);
        const socket = await engine.upgrade(broker.port, 4, { sid: client.opened.sid });
        engine.assertRefused(socket.answer, 3);
        await broker.stop();
    });

    test('handshakes that nobody uses are bounded', async () => {
        const broker = await startBroker({ config: { 'max unused handshakes': 2 } });
        const clients = [];
        for (let i = 0; i < 2; i++)
            clients.push(await new engine.Polling(broker.port, 4).open());
        await clients[0].post('3');     /* this one is used */
        for (let i = 0; i < 2; i++)
            clients.push(await new engine.Polling(broker.port, 4).open());
        engine.assertRefused(await clients[1].post('3'), 1);
        for (const i of [0, 2, 3])
            assert.strictEqual((await clients[i].post('3')).text, 'ok');
        await broker.stop();
    });
});
