'use strict';
/*
 * U+0000, which ends the strings of C: what a client says with one in it is whole, or refused, but
 * it never passes for the part in front of it.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { counters } = require('../lib/cluster.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { redisCommand } = require('../lib/mixed.js');
const { startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const event = (name, ...args) => `5:::${JSON.stringify({ name, args })}`;
const modern = (name, ...args) => `42${JSON.stringify([name, ...args])}`;

/* Keys, values, deep and shallow; in a text its JSON has backslashes in front of it. */
const DATA = ['\0', 'a\0b', '\\\0', 'a\\u0000b', { 'a\0': ['b\0', { '\0': 1 }] }];

describe('U+0000', NEEDS_CONTRACT, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    const badPackets = async () => (await counters(broker)).bad_packets;

    describe('in 0.9', () => {
        let socket;
        before(async () => { socket = await sio.connect(broker.port); });
        after(() => socket.destroy());

        const ask = async (packet) => {
            socket.text(packet);
            return socket.message();
        };

        test('messages are whole', async () => {
            assert.strictEqual(await ask('3:::a\0b'), '3:::echo:a\0b');
            assert.strictEqual(await ask('3:1+::\0'), '3:::echo:\0');
            assert.strictEqual(await socket.message(), '6:::1+["got","\\u0000"]');
            const json = '4:::{"a\\u0000":"b\\u0000"}';
            assert.strictEqual(await ask(json), json);
        });

        for (const kind of Object.keys(polling.KINDS)) {
            test(`messages are whole by ${kind}`, async () => {
                const poller = await polling.connect(broker.port, kind);
                await poller.post('3:::a\0b');
                assert.strictEqual(await poller.poll(), '3:::echo:a\0b');
            });
        }

        test('arguments are whole', async () => {
            for (const data of DATA)
                assert.strictEqual(await ask(event('echo', data)), event('echo', data));
        });

        test('a name with one is another name', async () => {
            socket.text(event('echo\0', 1));
            socket.text('1::/chat\0');
            socket.text('5::/chat\0:{"name":"echo"}');
            socket.text('5:1+::{"name":"join","args":["vip\\u0000x"]}');
            socket.text('5:2+::{"name":"set","args":["key\\u0000x",1]}');
            socket.text(event('room', 'vip', 1));
            await sio.assertAlive(socket);
            assert.strictEqual(await ask('5:3+::{"name":"get","args":["key"]}'), '6:::3+[null]');
            assert.strictEqual(await ask('5:4+::{"name":"set","args":["key","a\\u0000b"]}'),
                '6:::4');
            assert.strictEqual(await ask('5:5+::{"name":"get","args":["key"]}'),
                '6:::5+["a\\u0000b"]');
        });

        for (const query of ['token=secret%00x', 'token%00=1', '%00']) {
            test(`a handshake with ${query} is refused`, async () => {
                const { status, text } = await http.get(broker.port, `/socket.io/1/?${query}`);
                assert.deepStrictEqual({ status, text },
                    { status: 400, text: 'U+0000 in the query' });
            });
        }
    });

    for (const eio of [3, 4]) {
        describe(`in revision ${eio} of the engine`, () => {
            test('arguments, acknowledgements and messages are whole', async () => {
                const client = await engine.dial(broker.port, eio);
                for (const data of DATA) {
                    await client.send(modern('echo', data));
                    assert.strictEqual(await client.next(), modern('echo', data));
                    await client.send(`427${modern('echo', data).slice(2)}`);
                    assert.strictEqual(await client.next(), `437${JSON.stringify([data])}`);
                }
                await client.send('42["message","a\\u0000b"]');
                assert.strictEqual(await client.next(), '42["message","echo:a\\u0000b"]');
                client.destroy();
            });

            test('who joins "vip\\u0000x" hears nothing that is for "vip"', async () => {
                const client = await engine.dial(broker.port, eio);
                await client.send(modern('join', 'vip\0x'), modern('room', 'vip', 1),
                    modern('echo\0', 1), modern('echo', 2));
                assert.strictEqual(await client.next(), modern('echo', 2));
                await client.send(modern('join', 'vip'), modern('room', 'vip', 'a\0b'),
                    modern('room', 'vip\0x', 1));
                assert.strictEqual(await client.next(), modern('room', 'vip', 'a\0b'));
                await engine.assertServed(client);
                client.destroy();
            });

            for (const query of ['token=secret%00x', 'to%00ken=secret', '%00']) {
                const wrong = Object.fromEntries(new URLSearchParams(query));

                test(`a handshake with ${query} is refused`, async () => {
                    const client = new engine.Polling(broker.port, eio, wrong);
                    engine.assertRefused(await client.raw(), 3);
                    const socket = await engine.upgrade(broker.port, eio, wrong);
                    assert.strictEqual(socket.answer.status, 400);
                    socket.destroy();
                });
            }

            test('a NUL in the target is no request', async () => {
                const client = await http.connect(broker.port);
                client.write(`GET /socket.io/?EIO=${eio}&transport=polling&token=secret\0x ` +
                    'HTTP/1.1\r\nHost: x\r\n\r\n');
                assert.strictEqual((await client.response()).status, 400);
                client.destroy();
            });
        });
    }

    test('in the auth object it is refused', async () => {
        const client = await engine.dial(broker.port, 4);
        const before = await badPackets();
        const refused = '44/auth,{"message":"U+0000 in auth or query"}';
        for (const auth of [{ token: 'secret\0x' }, { 'token\0': 'secret' },
            { token: 'secret', more: [['\0']] }]) {
            await client.send(`40/auth,${JSON.stringify(auth)}`);
            assert.strictEqual(await client.next(), refused);
        }
        assert.strictEqual(await badPackets(), before + 3);
        await client.send('40/auth,{"token":"secret\\\\u0000"}');   /* a backslash, u, 0, 0 ... */
        assert.match(await client.next(), /^44\/auth,/);
        await client.send('40/auth,{"token":"secret"}');
        assert.match(await client.next(), /^40\/auth,/);
        client.destroy();
    });

    test('in the query of a namespace of Engine.IO 3 it is refused', async () => {
        const client = await engine.dial(broker.port, 3);
        await client.send('40/auth?token=secret%00x,');
        assert.strictEqual(await client.next(), '44/auth,"U+0000 in auth or query"');
        await client.send('40/auth?token=secret,');
        assert.strictEqual(await client.next(), '40/auth,');
        client.destroy();
    });
});

describe('U+0000 in the store', NEEDS_CONTRACT, () => {
    let redis, broker;
    before(async () => {
        redis = await startRedis();
        broker = await startBroker({ contract: true, config: { redis: redis.url } });
    });
    after(async () => {
        await broker.stop();
        await redis.stop();
    });

    test('a value that another program put there is not cut short', async () => {
        const socket = await sio.connect(broker.port);
        socket.text('5:1+::{"name":"who"}');
        const { id } = JSON.parse((await socket.message()).slice('6:::1+'.length))[0];
        await redisCommand(redis, 'HSET', `sio:client:${id}`, 'key', '"a"\0"b"', 'other', '"a"');
        socket.text('5:2+::{"name":"get","args":["key"]}');
        socket.text('5:3+::{"name":"get","args":["other"]}');
        assert.strictEqual(await socket.message(), '6:::3+["a"]');
        socket.destroy();
    });
});
