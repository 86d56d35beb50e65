'use strict';
/* What both polling transports promise (spec 2.1, 2.3, 2.4, 11), each test on each. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');
const sio = require('../lib/sio09.js');

const POLLING_MS = 300;

/* A better promise that needs the contract application as well. */
const BETTER_CONTRACT = BETTER.skip ? BETTER : NEEDS_CONTRACT;

for (const transport of ['xhr-polling', 'jsonp-polling']) {
    describe(transport, () => {
        let broker;
        before(async () => {
            broker = await startBroker({ config: { 'polling duration': POLLING_MS / 1000,
                'close timeout': 5 } });
        });
        after(() => broker.stop());

        test('connect packet, greeting, then silence until the polling duration', async () => {
            const poller = await polling.connect(broker.port, transport);
            const start = Date.now();
            assert.strictEqual(await poller.poll(), '8::');
            const took = Date.now() - start;
            assert.ok(took >= POLLING_MS - 50, `${took} ms`);
        });

        test('a post is answered 1, and acknowledged on the poll', async () => {
            const poller = await polling.connect(broker.port, transport);
            const poll = await poller.begin();
            await poller.post(sio.probe(1));
            assert.strictEqual(await poller.finish(poll), '6:::1');
        });

        test('several packets wait for the next poll as one payload', async () => {
            const poller = await polling.connect(broker.port, transport);
            await poller.post(sio.probe(1));
            await poller.post(sio.probe(12));
            assert.strictEqual(await poller.poll(), sio.payload(['6:::1', '6:::12']));
        });

        test('a payload of several packets is taken', async () => {
            const poller = await polling.connect(broker.port, transport);
            await poller.post(sio.payload([sio.probe(1), '5:2::{"name":"é€😀"}', sio.probe(3)]));
            assert.strictEqual(await poller.poll(), sio.payload(['6:::1', '6:::2', '6:::3']));
        });

        test('polls may share one connection', async () => {
            const { id } = await sio.handshake(broker.port);
            const connection = await http.connect(broker.port);
            const { url, kind } = new polling.Poller(broker.port, transport, id);
            const next = async () => kind.decode((await connection.request({ target: url })).text);
            assert.strictEqual(await next(), '1::');
            assert.match(await next(), /^5:::/);
            assert.strictEqual(await next(), '8::');
            connection.destroy();
        });

        test('an unknown session is told to reconnect', async () => {
            const poller = new polling.Poller(broker.port, transport, 'AAAAAAAAAAAAAAAAAAAA');
            assert.strictEqual(await poller.poll(), '7:::1+0');
        });

        test('a post to an unknown session is answered alike', async () => {
            const poller = new polling.Poller(broker.port, transport, 'AAAAAAAAAAAAAAAAAAAA');
            await poller.post(sio.probe(1));
        });

        test('0:: is written to the poll, and the session ends', async () => {
            const poller = await polling.connect(broker.port, transport);
            const poll = await poller.begin();
            await poller.post('0::');
            assert.strictEqual(await poller.finish(poll), '0::');
            assert.match(await poller.poll(), /^(7:::1\+0|0::)$/);
        });

        test('?disconnect is written to the poll', async () => {
            const poller = await polling.connect(broker.port, transport);
            const poll = await poller.begin();
            await http.get(broker.port, `/socket.io/1//${poller.id}/?disconnect=1`);
            assert.strictEqual(await poller.finish(poll), '0::');
        });

        test('a session without polls ends after the close timeout', async () => {
            const ids = [];
            for (let i = 0; i < 60; i++)
                ids.push((await polling.connect(broker.port, transport)).id);
            /* A poll keeps its session alive, so each is asked once. */
            await eventually(async () => {
                assert.ok(ids.length > 0, 'the last session still lives');
                const poller = new polling.Poller(broker.port, transport, ids.shift());
                return await poller.poll() === '7:::1+0';
            }, 'an ended session');
        });

        test('a second poll supersedes the first, which gets a noop', BETTER, async () => {
            const poller = await polling.connect(broker.port, transport);
            const first = await poller.begin();
            const second = await poller.begin();
            assert.strictEqual(await poller.finish(first), '8::');
            await poller.post(sio.probe(1));
            assert.strictEqual(await poller.finish(second), '6:::1');
        });

        test('what comes after a cut poll waits for the next one', BETTER, async () => {
            const poller = await polling.connect(broker.port, transport);
            for (let i = 1; i <= 20; i++) {
                const cut = await poller.begin();
                if (i % 2 === 0)
                    cut.reset();
                else
                    cut.destroy();
                await poller.post(sio.probe(i));
                assert.match(await poller.poll(), new RegExp(`6:::${i}$`));
            }
        });

        test('a post before the first poll loses nothing', BETTER, async () => {
            const { id } = await sio.handshake(broker.port);
            const poller = new polling.Poller(broker.port, transport, id);
            await poller.post(sio.probe(1));
            let seen = '';
            while (!/6:::1/.test(seen))
                seen += await poller.poll();
            assert.match(seen, /1::/);
            assert.match(seen, /"name":"server"/);
        });

        test('junk in a post is dropped, the session goes on', async () => {
            const poller = await polling.connect(broker.port, transport);
            for (const junk of ['', 'garbage', '5:::null', '\ufffd5\ufffd', '\ufffdx\ufffd8::',
                '\ufffd\ufffd', '\ufffd99999999999\ufffd8::', '\ufffd-5\ufffd8::'])
                await poller.post(junk);
            await poller.post(sio.probe(1));
            assert.strictEqual(await poller.poll(), '6:::1');
        });

        test('a websocket takes over from a poll', BETTER, async () => {
            const poller = await polling.connect(broker.port, transport);
            const poll = await poller.begin();
            const socket = await sio.upgrade(broker.port, poller.id);
            assert.strictEqual(await poller.finish(poll), '8::');
            await sio.assertAlive(socket);
            socket.destroy();
        });

        test('Expect: 100-continue is answered before the body', async () => {
            const poller = await polling.connect(broker.port, transport);
            const body = poller.kind.encode(sio.probe(1));
            const connection = await http.connect(broker.port);
            connection.write(`POST ${poller.url} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n` +
                `Content-Type: ${poller.kind.type}\r\n` +
                `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`);
            assert.strictEqual((await connection.response()).status, 100);
            connection.write(body);
            assert.strictEqual((await connection.response()).text, '1');
            assert.strictEqual(await poller.poll(), '6:::1');
            connection.destroy();
        });

        test('a body in drops is joined before it is decoded', BETTER, async () => {
            const poller = await polling.connect(broker.port, transport);
            const bytes = http.format({ method: 'POST', target: poller.url,
                headers: { 'Content-Type': poller.kind.type },
                body: poller.kind.encode(sio.payload(['5:1::{"name":"é€😀"}', sio.probe(2)])) });
            const connection = await http.connect(broker.port);
            for (const byte of bytes) {
                await new Promise((sent) => connection.socket.write(Buffer.from([byte]), sent));
                await new Promise(setImmediate);
            }
            assert.strictEqual((await connection.response()).text, '1');
            assert.strictEqual(await poller.poll(), sio.payload(['6:::1', '6:::2']));
            connection.destroy();
        });
    });

    describe(`${transport} with an application`, () => {
        let broker;
        before(async () => {
            if (!NEEDS_CONTRACT.skip)
                broker = await startBroker({ contract: true });
        });
        after(() => broker && broker.stop());

        test('what is emitted during a poll answers it alone', NEEDS_CONTRACT, async () => {
            const poller = await polling.connect(broker.port, transport);
            const poll = await poller.begin();
            await poller.post('3:::hello');
            assert.strictEqual(await poller.finish(poll), '3:::echo:hello');
        });

        test('lengths of a payload count UTF-16 units', NEEDS_CONTRACT, async () => {
            const poller = await polling.connect(broker.port, transport);
            await poller.post('3:::one');
            await poller.post('5:::{"name":"echo","args":["é€😀"]}');
            assert.strictEqual(await poller.poll(),
                '\ufffd12\ufffd3:::echo:one\ufffd35\ufffd5:::{"name":"echo","args":["é€😀"]}');
        });

        test('a thousand events arrive in order, none twice', BETTER_CONTRACT, async () => {
            const poller = await polling.connect(broker.port, transport);
            await poller.post('5:::{"name":"many","args":[1000]}');
            let all = '';
            while (!all.includes('"args":[999]'))
                all += await poller.poll();
            const numbers = [...all.matchAll(/"seq","args":\[(\d+)\]/g)].map((m) => Number(m[1]));
            assert.deepStrictEqual(numbers, Array.from({ length: 1000 }, (_, i) => i));
        });

        test('a kick is written to the poll', NEEDS_CONTRACT, async () => {
            const poller = await polling.connect(broker.port, transport);
            const poll = await poller.begin();
            await poller.post('5:::{"name":"kick"}');
            assert.strictEqual(await poller.finish(poll), '0::');
        });

        test('a kick between polls is told to the next one', BETTER_CONTRACT, async () => {
            const poller = await polling.connect(broker.port, transport);
            await poller.post('5:::{"name":"kick"}');
            assert.strictEqual(await poller.poll(), '0::');
        });
    });
}
