'use strict';
/*
 * What clients make a server keep is counted for each address, and limited: whoever drives it to
 * the limit loses what he took, and nobody else anything. Memory is that of the plain build.
 */

const assert = require('node:assert');
const { test, describe } = require('node:test');
const { HONEST, MB, MEMORY, STRANGER, assertEchoed, from, join, withHonest } =
    require('../lib/budget.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { NEEDS_CONTRACT, REFERENCE, startBroker } = require('../lib/server.js');
const sio = require('../lib/sio09.js');
const ws = require('../lib/ws.js');

const CONTRACT = { skip: REFERENCE ? 'about our own program' : NEEDS_CONTRACT.skip };

describe('memory that strangers take', MEMORY, () => {
    const config = { 'max client bytes': 16 * MB };

    test('sessions, each with a long auth', async () => {
        await withHonest({ ...config, 'max auth bytes': MB }, async (broker, grown) => {
            const auth = JSON.stringify({ a: 'x'.repeat(900000) });
            for (let i = 0; i < 100; i++)
                await (await new engine.Polling(broker.port, 4).open(STRANGER)).post(`40${auth}`);
            assert.ok(grown() < 48 * MB, `${grown()} bytes more`);
            assert.ok((await broker.counters()).evicted >= 80);
        });
    });

    test('handshakes with long headers', async () => {
        await withHonest(config, async (broker, grown) => {
            const headers = { ...STRANGER, 'X-Long': 'é'.repeat(4000) };
            for (let i = 0; i < 2000; i++)
                await new engine.Polling(broker.port, 4).open(headers);
            assert.ok(grown() < 48 * MB, `${grown()} bytes more`);
            assert.ok((await broker.counters()).evicted > 0);
        });
    });

    test('names of rooms', async () => {
        await withHonest({ ...config, 'max room name bytes': MB }, async (broker, grown) => {
            for (let client = 0; client < 4; client++) {
                const stranger = await join(broker.port, STRANGER);
                for (let i = 0; i < 20; i++)    /* the session may end in the middle */
                    await stranger.post(`42["join","${i}${'r'.repeat(900000)}"]`);
            }
            assert.ok(grown() < 64 * MB, `${grown()} bytes more`);
            assert.ok((await broker.counters()).evicted > 0);
        });
    });

    test('attachments that are announced, and come but for the last', async () => {
        await withHonest(config, async (broker, grown) => {
            const bytes = Buffer.concat([Buffer.from([0]), Buffer.alloc(700000)]);
            for (let client = 0; client < 10; client++) {
                const stranger = await join(broker.port, STRANGER);
                const places = Array.from({ length: 10 }, (_, num) =>
                    `{"_placeholder":true,"num":${num}}`);
                await stranger.post(`4510-["echo",${places}]`);
                for (let i = 0; i < 9; i++)
                    await stranger.post(`b${bytes.toString('base64')}`);
            }
            assert.ok(grown() < 64 * MB, `${grown()} bytes more`);
            assert.ok((await broker.counters()).evicted > 0);
        });
    });

    test('bodies that are nearly there', async () => {
        await withHonest(config, async (broker, grown) => {
            const connections = [];
            for (let i = 0; i < 60; i++) {
                const connection = await http.connect(broker.port);
                connection.socket.on('error', () => {});
                connection.write(http.format({ method: 'POST', target: '/socket.io/1/',
                    headers: { ...STRANGER, 'Content-Length': 950000 } }));
                connection.write(Buffer.alloc(900000, 'x'));
                connections.push(connection);
            }
            await eventually(async () => (await broker.counters()).evicted >= 40,
                'gives up bodies');
            assert.ok(grown() < 64 * MB, `${grown()} bytes more`);
            connections.forEach((connection) => connection.destroy());
        });
    });

    test('heads of requests that do not end', async () => {
        await withHonest({ 'max client bytes': 4 * MB }, async (broker, grown) => {
            const connections = [];
            for (let i = 0; i < 1000; i++) {
                const connection = await http.connect(broker.port);
                connection.socket.on('error', () => {});
                connection.write(`GET / HTTP/1.1\r\nX: ${'x'.repeat(15000)}`);
                connections.push(connection);
            }
            await eventually(async () => (await broker.counters()).evicted >= 500,
                'gives up heads');
            assert.ok(grown() < 24 * MB, `${grown()} bytes more`);
            connections.forEach((connection) => connection.destroy());
        });
    });

    test('messages on websockets that do not end', async () => {
        await withHonest(config, async (broker, grown) => {
            const clients = [];
            for (let i = 0; i < 60; i++) {
                const client = await engine.dial(broker.port, 4);
                client.socket.on('error', () => {});
                const frame = ws.frame(ws.OPCODE.TEXT, `42["echo","${'x'.repeat(900000)}"]`);
                client.write(frame.subarray(0, frame.length - 1));
                clients.push(client);
            }
            await eventually(async () => (await broker.counters()).evicted >= 40,
                'gives up messages');
            assert.ok(grown() < 64 * MB, `${grown()} bytes more`);
            clients.forEach((client) => client.destroy());
        });
    });

    test('states of clients that may come back', async () => {
        await withHonest({ ...config, maxDisconnectionDuration: 60000, 'max room name bytes': MB },
            async (broker, grown) => {
                for (let i = 0; i < 60; i++) {
                    const stranger = await engine.connect(broker.port, 4);
                    await stranger.send('40', `42["join","${i}${'r'.repeat(900000)}"]`);
                    await assertEchoed(stranger);
                    stranger.destroy();
                }
                assert.ok(grown() < 64 * MB, `${grown()} bytes more`);
                assert.ok((await broker.counters()).evicted > 0);
            });
    });
});

describe('floods of handshakes', CONTRACT, () => {
    test('an address has no more sessions than its share: 503, and others connect', async () => {
        const broker = await startBroker({ contract: true,
            config: { 'max sessions per address': 5 } });
        const open = (headers) => http.get(broker.port,
            engine.url({ EIO: 4, transport: 'polling' }), headers);
        for (let i = 0; i < 5; i++)
            assert.strictEqual((await open(STRANGER)).status, 200);
        assert.strictEqual((await open(STRANGER)).status, 503);
        assert.strictEqual((await http.get(broker.port, '/socket.io/1/', STRANGER)).status, 503);
        assert.strictEqual((await open(from('2001:db8::1'))).status, 200);
        assert.strictEqual((await open(HONEST)).status, 200);
        assert.strictEqual((await http.get(broker.port, '/socket.io/1/', HONEST)).status, 200);
        assert.strictEqual((await open({})).status, 200);    /* a proxy, with many behind it */
        assert.strictEqual((await broker.counters()).refused_handshakes, 2);
        await broker.stop();
    });

    test('an IPv6 subscriber has a network of 64 bits', async () => {
        const broker = await startBroker({ contract: true,
            config: { 'max sessions per address': 3 } });
        const open = async (address) => (await http.get(broker.port,
            engine.url({ EIO: 4, transport: 'polling' }), from(address))).status;
        for (let i = 0; i < 3; i++)
            assert.strictEqual(await open(`2001:db8:0:1::${i}`), 200);
        assert.strictEqual(await open('2001:db8:0:1:ffff::9'), 503);
        assert.strictEqual(await open('2001:db8:0:2::1'), 200);
        await broker.stop();
    });

    test('unused handshakes: the oldest of the heaviest go, and nobody is refused', async () => {
        const broker = await startBroker({ contract: true,
            config: { 'max unused handshakes': 20 } });
        const honest = await new engine.Polling(broker.port, 4).open(HONEST);
        const strangers = [];
        for (let i = 0; i < 60; i++)
            strangers.push(await new engine.Polling(broker.port, 4).open(STRANGER));
        const late = await new engine.Polling(broker.port, 4).open(from('198.51.100.8'));
        for (const client of [honest, late, strangers.at(-1)])
            await client.send('40');
        engine.assertRefused(await strangers[0].raw(), 1);
        const { evicted, refused_handshakes: refused } = await broker.counters();
        assert.ok(evicted >= 41 && refused === 0, `${evicted} evicted, ${refused} refused`);
        await broker.stop();
    });

    test('the same, 0.9', async () => {
        const broker = await startBroker({ contract: true,
            config: { 'max unused handshakes': 20 } });
        const honest = await sio.handshake(broker.port, '', HONEST);
        const strangers = [];
        for (let i = 0; i < 60; i++)
            strangers.push(await sio.handshake(broker.port, '', STRANGER));
        const late = await sio.handshake(broker.port, '', from('198.51.100.8'));
        for (const { id } of [honest, late, strangers.at(-1)]) {
            const socket = await sio.upgrade(broker.port, id, 'websocket');
            assert.strictEqual(await socket.message(), '1::');
            socket.destroy();
        }
        const gone = await sio.upgrade(broker.port, strangers[0].id, 'websocket');
        assert.strictEqual(await gone.message(), '7:::1+0');
        gone.destroy();
        assert.strictEqual((await broker.counters()).refused_handshakes, 0);
        await broker.stop();
    });

    test('"max sessions": the heaviest address gives up one for each that comes', async () => {
        const broker = await startBroker({ contract: true, config: { 'max sessions': 10 } });
        const honest = await join(broker.port, HONEST);
        for (let i = 0; i < 20; i++)
            await join(broker.port, STRANGER);
        await engine.assertServed(honest);
        assert.strictEqual((await broker.counters()).sessions, 10);
        await broker.stop();
    });
});

describe('lengths', CONTRACT, () => {
    test('an auth that is too long is refused, and the session stays', async () => {
        const broker = await startBroker({ contract: true, config: { 'max auth bytes': 100 } });
        const client = await new engine.Polling(broker.port, 4).open();
        await client.send(`40${JSON.stringify({ a: 'x'.repeat(100) })}`);
        assert.strictEqual(await client.next(), '44{"message":"auth is too long"}');
        await client.send('40{"a":1}');
        assert.match(await client.next(), /^40\{"sid"/);
        await broker.stop();
    });

    test('the name of a room is too long: the join fails, and is counted', async () => {
        const broker = await startBroker({ contract: true });
        const client = await engine.dial(broker.port, 4);
        await client.send(`42["join","${'r'.repeat(1025)}"]`);
        await client.send(`42["room","${'r'.repeat(1025)}","x"]`);
        await client.send(`42["join","${'r'.repeat(1024)}"]`);
        await client.send(`42["room","${'r'.repeat(1024)}","y"]`);
        assert.strictEqual(await client.next(), `42["room","${'r'.repeat(1024)}","y"]`);
        assert.strictEqual((await broker.counters()).refused_joins, 1);
        client.destroy();
        await broker.stop();
    });
});
