'use strict';
/* Engine.IO: from polling to a websocket (1.7). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const { OPCODE, frame } = require('../lib/ws.js');

const NOOP = { 3: '1:6', 4: '6' };

describe('upgrades of Engine.IO', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true });
    });
    after(() => broker.stop());

    async function begin(eio, { port } = broker) {
        const client = await engine.poll(port, eio, { b64: 1 });
        const socket = await engine.upgrade(port, eio, { sid: client.opened.sid });
        assert.strictEqual(socket.answer.status, 101);
        return { client, socket };
    }

    for (const eio of [3, 4]) {
        /* The original looks for a poll ten times a second; on a busy machine once more. */
        test(`revision ${eio}: probe, at once a noop for the poll that waits, then the websocket`,
            () => eventually(async () => {
                const { client, socket } = await begin(eio);
                const waiting = await client.wait();
                const start = Date.now();
                await socket.send('2probe');
                assert.strictEqual(await socket.next(), '3probe');
                assert.strictEqual((await waiting.response()).text, NOOP[eio]);
                const took = Date.now() - start;
                await socket.send('5');
                await engine.assertServed(socket);
                engine.assertRefused(await client.raw(), 3);
                engine.assertRefused(await client.post('3'), 3);
                await engine.assertServed(socket);
                waiting.destroy();
                socket.destroy();
                return took < 80;
            }, 'a noop at once'));
    }

    for (const eio of [3, 4]) {
        test(`revision ${eio}: by requests of HTTP/1.0`, async () => {
            const client = await engine.poll(broker.port, eio);
            const socket = await engine.upgrade(broker.port, eio, { sid: client.opened.sid },
                { Connection: 'upgrade' }, { version: '1.0' });
            assert.strictEqual(socket.answer.status, 101);
            await socket.send('2probe');
            assert.strictEqual(await socket.next(), '3probe');
            await socket.send('5');
            await engine.assertServed(socket);
            socket.destroy();
        });
    }

    test('between probe and upgrade a GET is answered at once, with what there is', async () => {
        const { client, socket } = await begin(4);
        await socket.send('2probe');
        assert.strictEqual(await socket.next(), '3probe');
        assert.strictEqual((await client.raw()).text, '6');
        assert.strictEqual((await client.raw()).text, '6');
        await client.send('42["echo",1]');
        assert.strictEqual((await client.raw()).text, '42["echo",1]');
        assert.strictEqual((await client.raw()).text, '6');
        socket.destroy();
    });

    test('a POST that comes in between is answered on the websocket', async () => {
        const { client, socket } = await begin(4);
        await socket.send('2probe');
        assert.strictEqual(await socket.next(), '3probe');
        await client.send('42["echo",1]', '42["echo",2]');
        await socket.send('5');
        assert.strictEqual(await socket.next(), '42["echo",1]');
        assert.strictEqual(await socket.next(), '42["echo",2]');
        socket.destroy();
    });

    test('probe and upgrade back to back, and what follows them, in one write', async () => {
        const { client, socket } = await begin(4);
        const waiting = await client.wait();
        socket.write(Buffer.concat(['2probe', '5', '42["echo",1]'].map(
            (packet) => frame(OPCODE.TEXT, packet))));
        assert.strictEqual(await socket.next(), '3probe');
        assert.strictEqual(await socket.next(), '42["echo",1]');
        assert.strictEqual((await waiting.response()).text, '6');
        socket.destroy();
    });

    test('an upgrade without a probe', async () => {
        const { client, socket } = await begin(4);
        const waiting = await client.wait();
        await socket.send('5');
        assert.strictEqual((await waiting.response()).text, '6');
        await engine.assertServed(socket);
        socket.destroy();
    });

    for (const [eio, packet] of [[3, '52'], [4, '52'], [3, '5abc'], [4, '5abc'], [3, 'b5'],
        [3, Buffer.from([5])], [3, Buffer.from([5, 1, 2])]]) {
        test(`revision ${eio}: completed by ${JSON.stringify(packet)}`, async () => {
            const { socket } = await begin(eio);
            await socket.send('2probe');
            assert.strictEqual(await socket.next(), '3probe');
            await socket.send(packet);
            await engine.assertServed(socket);
            socket.destroy();
        });
    }

    for (const [eio, packet] of [[3, '2probex'], [4, '2probex'], [3, 'b2cHJvYmU='],
        [3, Buffer.from('\x02probe')], [3, Buffer.from('2probe')], [4, Buffer.from('2probe')],
        [4, Buffer.from('5')], [4, 'bNQ==']]) {
        test(`revision ${eio}: ${JSON.stringify(packet)} is no probe and no upgrade`, async () => {
            const { client, socket } = await begin(eio);
            await socket.send(packet);
            assert.strictEqual(await socket.closeCode(), 1005);
            await engine.assertServed(client);
        });
    }

    for (const [name, packet] of [['a message', '4x'], ['bytes', Buffer.from('x')],
        ['another ping', '2'], ['a close packet', '1']]) {
        test(`${name} first: the websocket is closed, polling goes on`, async () => {
            const { client, socket } = await begin(4);
            await socket.send(packet);
            assert.strictEqual(await socket.closeCode(), 1005);
            await engine.assertServed(client);
        });
    }

    test('text that is not UTF-8: 1007, polling goes on', async () => {
        for (const bytes of [[0x35, 0xff], [0x32, 0xff], [0x35, 0xe2, 0x82]]) {
            const { client, socket } = await begin(4);
            socket.write(frame(OPCODE.TEXT, Buffer.from(bytes)));
            assert.strictEqual(await socket.closeCode(), 1007);
            await engine.assertServed(client);
        }
    });

    test('no upgrade in time: the websocket is closed, polling goes on and waits', async () => {
        const hasty = await startBroker({ contract: true, config: { upgradeTimeout: 300 } });
        const { client, socket } = await begin(4, hasty);
        await socket.send('2probe');
        assert.strictEqual(await socket.next(), '3probe');
        assert.strictEqual(await socket.closeCode(), 1005);
        const waiting = await client.wait();
        assert.strictEqual(waiting.received.length, 0);
        await client.post('42["echo",1]');
        assert.strictEqual((await waiting.response()).text, '42["echo",1]');
        waiting.destroy();
        await hasty.stop();
    });

    for (const how of ['destroy', 'reset']) {
        test(`the websocket is lost after its probe (${how}): polling goes on and waits`,
            async () => {
                const { client, socket } = await begin(4);
                await socket.send('2probe');
                assert.strictEqual(await socket.next(), '3probe');
                socket[how]();
                await new Promise((resolve) => setTimeout(resolve, 50));
                const waiting = await client.wait();
                assert.strictEqual(waiting.received.length, 0);
                await client.post('42["echo",1]');
                assert.strictEqual((await waiting.response()).text, '42["echo",1]');
                waiting.destroy();
            });
    }

    test('after one that failed the next one may succeed', async () => {
        const { client, socket } = await begin(4);
        await socket.send('x');
        await socket.closeCode();
        const next = await engine.upgrade(broker.port, 4, { sid: client.opened.sid });
        await next.send('2probe', '5');
        assert.strictEqual(await next.next(), '3probe');
        await engine.assertServed(next);
        next.destroy();
    });

    test('a second websocket is closed at once, the first one goes on', async () => {
        const { client, socket } = await begin(4);
        const second = await engine.upgrade(broker.port, 4, { sid: client.opened.sid });
        assert.strictEqual(second.answer.status, 101);
        assert.strictEqual(await second.closeCode(), 1005);
        await socket.send('2probe', '5');
        assert.strictEqual(await socket.next(), '3probe');
        const third = await engine.upgrade(broker.port, 4, { sid: client.opened.sid });
        assert.strictEqual(await third.closeCode(), 1005);
        await engine.assertServed(socket);
        socket.destroy();
    });

    test('another revision than at the handshake is refused', async () => {
        const client = await engine.poll(broker.port, 4);
        const socket = await engine.upgrade(broker.port, 3, { sid: client.opened.sid });
        engine.assertRefused(socket.answer, 3);
        await engine.assertServed(client);
    });

    test('nothing is lost or doubled while a stream of events moves over', async () => {
        const { client, socket } = await begin(4);
        const seen = [];
        const numbers = (packets) => packets.filter((p) => p.startsWith('42["echo"'))
            .map((p) => JSON.parse(p.slice(2))[1]);
        for (let i = 0; i < 50; i++)
            await client.post(`42["echo",${i}]`);
        seen.push(...numbers(await client.get()));
        await socket.send('2probe');
        await socket.next();
        for (let i = 50; i < 100; i++)
            await client.post(`42["echo",${i}]`);
        await socket.send('5');
        for (let i = 100; i < 150; i++)
            await socket.send(`42["echo",${i}]`);
        while (seen.length < 150)
            seen.push(...numbers([await socket.next()]));
        assert.deepStrictEqual(seen, Array.from({ length: 150 }, (_, i) => i));
        socket.destroy();
    });

    test('the session ends while a websocket is probed', async () => {
        const { client, socket } = await begin(4);
        await socket.send('2probe');
        assert.strictEqual(await socket.next(), '3probe');
        await client.post('1');
        assert.strictEqual((await client.raw()).text, '6');
        engine.assertRefused(await client.raw(), 1);
        await socket.send('5');
        assert.strictEqual(await socket.closeCode(), 1005);
    });
});
