'use strict';
/* Engine.IO: the end of a session that is polling (1.8). That of websockets: engine-websocket. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');

const WORDS = {
    4: { noop: '6', close: '1', both: '6\x1e1' },
    3: { noop: '1:6', close: '1:1', both: '1:61:1' },
};

describe('the end of polling', () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    for (const eio of [3, 4]) {
        const words = WORDS[eio];
        const body = (packet) => engine.encode(eio, [packet]);

        test(`revision ${eio}: the client closes, its poll gets a noop`, async () => {
            const client = await engine.poll(broker.port, eio);
            const waiting = await client.wait();
            assert.strictEqual((await client.post(body('1'))).text, 'ok');
            assert.strictEqual((await waiting.response()).text, words.noop);
            engine.assertRefused(await client.raw(), 1);
            engine.assertRefused(await client.post(body('3')), 1);
            waiting.destroy();
        });

        test(`revision ${eio}: the client closes, a poll that comes late gets a noop`, async () => {
            const client = await engine.poll(broker.port, eio);
            await client.post(body('1'));
            assert.strictEqual((await client.raw()).text, words.noop);
            engine.assertRefused(await client.raw(), 1);
        });

        test(`revision ${eio}: the application closes, the poll that waits is told`, async () => {
            const client = await engine.poll(broker.port, eio);
            const waiting = await client.wait();
            await client.post(body('42["kick"]'));
            assert.deepStrictEqual(engine.decode(eio, await waiting.response()), ['41']);
            assert.strictEqual((await client.raw()).text, words.both);
            engine.assertRefused(await client.raw(), 1);
            waiting.destroy();
        });

        test(`revision ${eio}: the application closes, the next polls are told`, async () => {
            const client = await engine.poll(broker.port, eio);
            await client.post(body('42["kick"]'));
            assert.strictEqual((await client.post(body('3'))).text, 'ok');
            assert.deepStrictEqual(await client.get(), ['41']);
            assert.strictEqual((await client.raw()).text, words.both);
            engine.assertRefused(await client.raw(), 1);
        });

        test(`revision ${eio}: the server closes, the poll that waits is told`, async () => {
            const client = await engine.poll(broker.port, eio);
            const waiting = await client.wait();
            await client.post('x');
            assert.strictEqual((await waiting.response()).text, words.close);
            engine.assertRefused(await client.raw(), 1);
            waiting.destroy();
        });

        test(`revision ${eio}: what was sent before is not lost`, async () => {
            const client = await engine.poll(broker.port, eio);
            await client.send('42["echo",1]', '42["kick"]', '42["echo",2]');
            assert.deepStrictEqual(await client.get(), ['42["echo",1]', '41']);
            assert.strictEqual((await client.raw()).text, words.both);
            engine.assertRefused(await client.raw(), 1);
        });
    }

    test('the server stops: polls and websockets are told', async () => {
        const other = await startBroker();
        const client = await new engine.Polling(other.port, 4).open();
        const waiting = await client.wait();
        const socket = await engine.connect(other.port, 4);
        const stopped = other.stop();
        assert.strictEqual((await waiting.response()).text, '1');
        assert.strictEqual(await socket.closeCode(), 1005);
        await stopped;
    });

    test('a client that never reads is given up', async () => {
        const other = await startBroker({ contract: true,
            config: { 'max queued packets': 10 } });
        const client = await engine.poll(other.port, 4);
        for (let i = 0; i < 12; i++)
            await client.post('42["echo",1]');
        engine.assertRefused(await client.raw(), 1);
        await other.stop();
    });
});
