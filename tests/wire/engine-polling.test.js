'use strict';
/* Engine.IO by polling: payloads of both revisions, and the rules of its requests (1.2 and 1.5). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');

const OCTETS = { 'Content-Type': 'application/octet-stream' };

/* The argument of an echo, with the escapes undone. */
const argument = (packet) => JSON.parse(packet.slice(2))[1];

/* The raw body of the answer that brings the echo. */
async function rawEcho(client, body, headers) {
    const waiting = await client.wait();
    const posted = await client.post(body, headers);
    assert.strictEqual(posted.text, 'ok');
    const response = await waiting.response();
    waiting.destroy();
    return response;
}

describe('polling of Engine.IO', () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true, config: {
        maxPayload: 20000, 'request timeout': 2 } }); });
    after(() => broker.stop());

    test('a POST is answered with ok, as text/html', async () => {
        const client = await engine.poll(broker.port, 4);
        const response = await client.post('3');
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.text, 'ok');
        assert.strictEqual(response.get('Content-Type'), 'text/html');
        assert.strictEqual(response.get('Content-Length'), '2');
    });

    test('revision 4: packets are separated by 1E, those of a POST come in one GET', async () => {
        const client = await engine.poll(broker.port, 4);
        const body = ['42["echo",1]', '42["echo",2]', '42["echo",3]'].join('\x1e');
        await client.post(body);
        assert.strictEqual((await client.raw()).text, body);
        assert.strictEqual((await rawEcho(client, body)).text, body);
    });

    test('revision 4: bytes are base64', async () => {
        const client = await engine.poll(broker.port, 4);
        const body = '451-["echo",{"_placeholder":true,"num":0}]\x1ebAQIDBA==';
        const response = await rawEcho(client, body);
        assert.strictEqual(response.text, body);
        assert.strictEqual(response.get('Content-Type'), 'text/plain; charset=UTF-8');
    });

    test('revision 3: lengths count UTF-16 units', async () => {
        const client = await engine.poll(broker.port, 3, { b64: 1 });
        const packet = '42["echo","€😀"]';
        assert.strictEqual(packet.length, 16);
        await client.post(`16:${packet}`);
        assert.strictEqual(argument(await client.next()), '€😀');
    });

    test('revision 3: several packets, and an empty payload', async () => {
        const client = await engine.poll(broker.port, 3, { b64: 1 });
        await client.post('0:');
        const body = '12:42["echo",1]12:42["echo",2]';
        assert.strictEqual((await rawEcho(client, body)).text, body);
    });

    test('revision 3 with b64: bytes are base64', async () => {
        const client = await engine.poll(broker.port, 3, { b64: 1 });
        const body = '42:451-["echo",{"_placeholder":true,"num":0}]10:b4AQIDBA==';
        const response = await rawEcho(client, body);
        assert.strictEqual(response.text, body);
        assert.strictEqual(response.get('Content-Type'), 'text/plain; charset=UTF-8');
    });

    test('revision 3: what the handshake said of b64 holds for every poll', async () => {
        const client = await engine.poll(broker.port, 3, { b64: 1 });
        delete client.query.b64;
        const body = '42:451-["echo",{"_placeholder":true,"num":0}]10:b4AQIDBA==';
        assert.strictEqual((await rawEcho(client, body)).text, body);
    });

    test('revision 3 without b64: bytes when there are some, text otherwise', async () => {
        const client = await engine.poll(broker.port, 3);
        const text = '451-["echo",{"_placeholder":true,"num":0}]';
        const bytes = await rawEcho(client, `42:${text}10:b4AQIDBA==`);
        assert.strictEqual(bytes.get('Content-Type'), 'application/octet-stream');
        assert.deepStrictEqual(bytes.body, Buffer.concat([Buffer.from([0, 4, 2, 255]),
            Buffer.from(text), Buffer.from([1, 5, 255, 4, 1, 2, 3, 4])]));
        assert.strictEqual((await rawEcho(client, '12:42["echo",1]')).text, '12:42["echo",1]');
    });

    test('revision 3: a POST of bytes', async () => {
        const client = await engine.poll(broker.port, 3, { b64: 1 });
        const text = Buffer.from('42["echo","€"]');
        await client.post(Buffer.concat([Buffer.from([0, 1, 6, 255]), text]), OCTETS);
        assert.strictEqual(argument(await client.next()), '€');
    });

    test('revision 3: text that was encoded twice, as socket.io 1.x does', async () => {
        const client = await engine.poll(broker.port, 3, { b64: 1 });
        const twice = Buffer.from('42["echo","€😀é"]').toString('latin1');
        await client.post(`${twice.length}:${twice}`);
        assert.strictEqual(argument(await client.next()), '€😀é');
    });

    test('revision 3: who once sent plain text is taken at its word', async () => {
        const client = await engine.poll(broker.port, 3, { b64: 1 });
        await client.send('42["echo","€"]', '42["echo","Ã©"]');
        assert.strictEqual(argument(await client.next()), '€');
        assert.strictEqual(argument(await client.next()), 'Ã©');
    });

    test('a body that is not UTF-8 is repaired', async () => {
        const client = await engine.poll(broker.port, 4);
        await client.post(Buffer.from('42["echo","a\xffb"]', 'latin1'));
        assert.strictEqual(argument(await client.next()), 'a\ufffdb');
    });

    test('without a Content-Type a body is text', async () => {
        const client = await engine.poll(broker.port, 4);
        await client.post('42["echo",1]', {});
        assert.strictEqual(await client.next(), '42["echo",1]');
    });

    test('JSONP: the answer is a script for the callback of the request', async () => {
        const query = { EIO: 3, transport: 'polling', b64: 1, j: 7 };
        const first = await http.get(broker.port, engine.url(query));
        const match = /^___eio\[7\]\((".*")\);$/.exec(first.text);
        assert.ok(match, first.text);
        assert.strictEqual(first.get('Content-Type'), 'text/javascript; charset=UTF-8');
        const [, sid] = /"sid":"(.{20})"/.exec(JSON.parse(match[1]));
        const packet = '42["echo","\u2028\\n"]';
        const form = new URLSearchParams({ d: `${packet.length}:${packet}`
            .replace(/\\n/g, '\\\\n') });
        const posted = await http.post(broker.port, engine.url({ ...query, sid }), `${form}`,
            { 'Content-Type': 'application/x-www-form-urlencoded' });
        assert.strictEqual(posted.text, 'ok');
        let text = '';
        for (let j = 8; !text.includes('echo'); j++) {
            const next = await http.get(broker.port, engine.url({ ...query, sid, j }));
            text = next.text;
            assert.ok(text.startsWith(`___eio[${j}]("`), text);
        }
        assert.ok(!text.includes('\u2028'));
        const payload = JSON.parse(text.slice(text.indexOf('(') + 1, -2));
        const echo = payload.slice(payload.indexOf('42["echo"'));
        assert.strictEqual(argument(echo), '\u2028\n');
    });

    test('old Internet Explorers are told to keep their hands off', async () => {
        const query = { EIO: 3, transport: 'polling' };
        for (const agent of ['Mozilla/4.0 (compatible;MSIE 8.0)', 'Mozilla/5.0 Trident/7.0'])
            assert.strictEqual((await http.get(broker.port, engine.url(query),
                { 'User-Agent': agent })).get('X-XSS-Protection'), '0');
        assert.strictEqual((await http.get(broker.port, engine.url(query)))
            .get('X-XSS-Protection'), undefined);
    });

    test('a second GET: the first one gets a close packet, the session is over', async () => {
        for (const [eio, close] of [[4, '1'], [3, '1:1']]) {
            const client = await engine.poll(broker.port, eio);
            const waiting = await client.wait();
            const second = await client.raw();
            assert.strictEqual(second.status, 400);
            assert.strictEqual(second.text, '');
            assert.strictEqual((await waiting.response()).text, close);
            engine.assertRefused(await client.raw(), 1);
            waiting.destroy();
        }
    });

    test('a second POST while the first is on its way: the session is over', async () => {
        const client = await engine.poll(broker.port, 4);
        const first = await http.connect(broker.port);
        first.write(http.format({ method: 'POST', target: engine.url(client.query),
            headers: { 'Content-Length': 100 } }));
        await new Promise((resolve) => setTimeout(resolve, 50));
        const second = await client.post('3');
        assert.strictEqual(second.status, 400);
        assert.strictEqual(second.text, '');
        engine.assertRefused(await client.raw(), 1);
        first.destroy();
    });

    test('a POST in pieces is as good as any', async () => {
        const client = await engine.poll(broker.port, 4);
        for (let i = 0; i < 2; i++) {
            const connection = await http.connect(broker.port);
            connection.write(http.format({ method: 'POST', target: engine.url(client.query),
                headers: { 'Content-Length': 12 } }));
            await new Promise((resolve) => setTimeout(resolve, 20));
            connection.write('42["echo",7]');
            assert.strictEqual((await connection.response()).text, 'ok');
            connection.destroy();
            assert.strictEqual(await client.next(), '42["echo",7]');
        }
    });

    test('a GET that is cut ends the session', async () => {
        const client = await engine.poll(broker.port, 4);
        (await client.wait()).destroy();
        await new Promise((resolve) => setTimeout(resolve, 50));
        engine.assertRefused(await client.raw(), 1);
    });

    /* How a POST may be lost, whose head was seen. Each leaves no connection behind. */
    const LOSSES = {
        'that is cut': (connection) => connection.destroy(),
        'that is reset': (connection) => connection.reset(),
        'whose chunks are none': async (connection) => {
            connection.write('x\r\n');
            assert.strictEqual((await connection.response()).status, 400);
        },
        'that does not come': async (connection) => {
            assert.strictEqual((await connection.response()).status, 408);
        },
    };

    for (const [name, lose] of Object.entries(LOSSES)) {
        for (const eio of [4, 3]) {
            test(`revision ${eio}: a POST ${name} ends the session at once`, async () => {
                const client = await engine.poll(broker.port, eio);
                const waiting = await client.wait();
                const connection = await http.connect(broker.port);
                connection.write(http.format({ method: 'POST', target: engine.url(client.query),
                    headers: { 'Transfer-Encoding': 'chunked', Expect: '100-continue' } }));
                await connection.head();
                await lose(connection);
                assert.strictEqual((await waiting.response()).text, eio === 3 ? '1:1' : '1');
                /* A new one may get the place in memory that the lost one had. */
                engine.assertRefused(await client.post(eio === 3 ? '1:3' : '3'), 1);
            });
        }
    }

    test('a POST that is refused is none: the next one counts, on any connection', async () => {
        const client = await engine.poll(broker.port, 4);
        const connection = await http.connect(broker.port);
        connection.write(http.format({ method: 'POST',
            target: engine.url({ ...client.query, EIO: 3 }),
            headers: { 'Content-Length': 3, Expect: '100-continue' } }));
        await connection.head();
        engine.assertRefused(await connection.write('1:3').response(), 3);
        await engine.assertServed(client);
        connection.destroy();
    });

    test('a session that ends while a POST is on its way', async () => {
        const client = await engine.poll(broker.port, 4);
        const connection = await http.connect(broker.port);
        connection.write(http.format({ method: 'POST', target: engine.url(client.query),
            headers: { 'Content-Length': 1, Expect: '100-continue' } }));
        await connection.head();
        assert.strictEqual((await client.post('3')).status, 400);
        engine.assertRefused(await connection.write('3').response(), 1);
        connection.destroy();
    });

    test('a POST that is no payload gets its ok, what was good of it counts', async () => {
        for (const [eio, body] of [[4, '42["echo",1]\x1eabc'], [3, '12:42["echo",1]5:x']]) {
            const client = await engine.poll(broker.port, eio, { b64: 1 });
            assert.strictEqual((await client.post(body)).text, 'ok');
            engine.assertRefused(await client.raw(), 1);
        }
    });

    for (const [eio, body] of [[4, ''], [4, '3\x1e'], [4, '9'], [3, ''], [3, 'x:4a'],
        [3, '3:4a'], [3, '1:9'], [3, '4a']]) {
        test(`no payload of revision ${eio}: ${JSON.stringify(body)}`, async () => {
            const client = await engine.poll(broker.port, eio, { b64: 1 });
            assert.strictEqual((await client.post(body)).text, 'ok');
            engine.assertRefused(await client.raw(), 1);
        });
    }

    test('revision 4: a POST of bytes is refused, the session is over', async () => {
        const client = await engine.poll(broker.port, 4);
        const response = await client.post('42["echo",1]', OCTETS);
        assert.strictEqual(response.status, 400);
        assert.strictEqual(response.text, '');
        engine.assertRefused(await client.raw(), 1);
    });

    test('a body over maxPayload: 413, announced or in chunks; the session stays', async () => {
        const client = await engine.poll(broker.port, 4);
        const announced = await client.raw({ method: 'POST',
            headers: { 'Content-Length': 20001 } });
        assert.strictEqual(announced.status, 413);
        assert.strictEqual(announced.text, '');
        const chunked = await client.raw({ method: 'POST', body:
            `5000\r\n${'4'.repeat(0x5000)}\r\n`, headers: { 'Transfer-Encoding': 'chunked' } });
        assert.strictEqual(chunked.status, 413);
        await engine.assertServed(client);
    });

    test('a body of exactly maxPayload', async () => {
        const client = await engine.poll(broker.port, 4);
        const text = 'x'.repeat(20000 - '42["echo",""]'.length);
        await client.send(`42["echo","${text}"]`);
        assert.strictEqual(argument(await client.next()), text);
    });

    test('more packets than are allowed in one POST end the session', async () => {
        const few = await startBroker({ config: { 'max payload packets': 3 } });
        const client = await new engine.Polling(few.port, 4).open();
        await client.post('3\x1e3\x1e3');
        assert.strictEqual((await client.post('3\x1e3\x1e3\x1e3')).text, 'ok');
        engine.assertRefused(await client.raw(), 1);
        await few.stop();
    });

    test('another revision than at the handshake', async () => {
        const client = await engine.poll(broker.port, 4);
        engine.assertRefused(await client.raw({ query: { EIO: 3 } }), 3);
        engine.assertRefused(await client.raw({ query: { EIO: 'x' } }), 3);
        await engine.assertServed(client);
    });

    test('the other transport, without an upgrade', async () => {
        const client = await engine.poll(broker.port, 4);
        engine.assertRefused(await client.raw({ query: { transport: 'websocket' } }), 3);
        await engine.assertServed(client);
    });

    test('other methods: 405, or 400 when there is no session; nothing happens', async () => {
        const client = await engine.poll(broker.port, 4);
        for (const method of ['PUT', 'DELETE', 'HEAD'])
            assert.strictEqual((await client.raw({ method })).status, 405);
        engine.assertRefused(await client.raw({ method: 'PUT', query: { sid: 'x' } }), 1);
        await engine.assertServed(client);
    });

    test('HTTP/1.0, and many requests on one connection', async () => {
        const client = await engine.poll(broker.port, 4);
        await client.send('42["echo",1]');
        const old = await client.raw({ version: '1.0' });
        assert.strictEqual(old.text, '42["echo",1]');
        assert.strictEqual(old.get('Connection'), 'close');
        const connection = await http.connect(broker.port);
        for (let i = 0; i < 5; i++) {
            await connection.request({ method: 'POST', target: engine.url(client.query),
                body: `42["echo",${i}]` });
            assert.strictEqual((await connection.request({ target: engine.url(client.query) }))
                .text, `42["echo",${i}]`);
        }
        connection.destroy();
    });
});
