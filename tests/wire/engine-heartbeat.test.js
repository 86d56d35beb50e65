'use strict';
/* Heartbeats of Engine.IO: in revision 4 the server pings, in 3 the client (1.6). */

const assert = require('node:assert');
const { eventually } = require('../lib/deadline.js');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');

const INTERVAL_MS = 300;
const TIMEOUT_MS = 3000;      /* a busy machine may be late with an answer */

describe('heartbeats of Engine.IO', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true,
            config: { pingInterval: INTERVAL_MS, pingTimeout: TIMEOUT_MS } });
    });
    after(() => broker.stop());

    const dial = (eio) => engine.connect(broker.port, eio);
    const poll = (eio) => new engine.Polling(broker.port, eio).open();
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

    test('revision 4: a ping after the interval, the next one an interval after the pong',
        async () => {
            for (const begin of [dial, poll]) {
                let start = Date.now();
                const client = await begin(4);
                for (let i = 0; i < 3; i++) {
                    assert.strictEqual(await client.next(), '2');
                    const ms = Date.now() - start;
                    assert.ok(ms >= INTERVAL_MS - 20, `${ms} ms`);
                    await sleep(50);
                    start = Date.now();
                    await client.send('3');
                }
            }
        });

    test('revision 4: no pong, closed', async () => {
        const start = Date.now();
        const socket = await engine.connect(broker.port, 4);
        assert.strictEqual(await socket.next(), '2');
        assert.strictEqual(await socket.closeCode(), 1005);
        const ms = Date.now() - start;
        assert.ok(ms >= INTERVAL_MS + TIMEOUT_MS - 20, `${ms} ms`);
    });

    for (const eio of [3, 4]) {
        /*
         * On a busy machine the heartbeat before may be late, and the end with it: then once more.
         */
        test(`revision ${eio}: gone exactly when its time is over`, () => eventually(async () => {
            const clients = [];
            for (let i = 0; i < 10; i++) {
                clients.push(new engine.Polling(broker.port, eio).open().then(async (client) => {
                    await sleep(INTERVAL_MS + TIMEOUT_MS);
                    return (await client.raw()).status;
                }));
                await sleep(7);
            }
            return (await Promise.all(clients)).every((status) => status === 400);
        }, 'all are gone in time', 60000));

        test(`revision ${eio}: a poll that waits is told of it`, async () => {
            const client = await new engine.Polling(broker.port, eio).open();
            assert.strictEqual(await client.next(), eio === 4 ? '2' : '40');
            const waiting = await client.wait();
            assert.strictEqual((await waiting.response()).text, eio === 3 ? '1:1' : '1');
            engine.assertRefused(await client.raw(), 1);
            waiting.destroy();
        });

        test(`revision ${eio}: any packet shows life`, async () => {
            const socket = await engine.dial(broker.port, eio);
            for (let spentMs = 0; spentMs < INTERVAL_MS + TIMEOUT_MS + 500; spentMs += 150) {
                await sleep(150);
                await engine.assertServed(socket);
            }
            socket.destroy();
        });
    }

    test('revision 3: pings are answered, without what they say', async () => {
        for (const begin of [dial, poll]) {
            const client = await begin(3);
            for (let i = 0; i < 4; i++) {
                await client.send(i % 2 === 0 ? '2' : '2abc');
                let packet = await client.next();
                while (packet[0] === '4')       /* the namespace */
                    packet = await client.next();
                assert.strictEqual(packet, '3');
                await sleep(INTERVAL_MS / 2);
            }
        }
    });

    test('revision 3: a pong means nothing', async () => {
        const socket = await engine.dial(broker.port, 3);
        await socket.send('3');
        await engine.assertServed(socket);
        socket.destroy();
    });

    test('revision 4: a client must not ping', async () => {
        const socket = await engine.dial(broker.port, 4);
        await socket.send('2');
        assert.strictEqual(await socket.closeCode(), 1005);
        const client = await engine.poll(broker.port, 4);
        await client.post('2');
        engine.assertRefused(await client.raw(), 1);
    });

    test('revision 4: a pong that nobody asked for changes nothing', async () => {
        const socket = await engine.connect(broker.port, 4);
        await sleep(200);
        await socket.send('3');
        assert.strictEqual(await socket.next(), '2');
        socket.destroy();
    });

    /* On a busy machine the next one may be late all the same: then once more. */
    test('they go on across an upgrade, whose clock is not set anew', () => eventually(async () => {
        const client = await new engine.Polling(broker.port, 4).open();
        await sleep(150);
        const socket = await engine.upgrade(broker.port, 4, { sid: client.opened.sid });
        await socket.send('2probe', '5');
        assert.strictEqual(await socket.next(), '3probe');
        const start = Date.now();
        assert.strictEqual(await socket.next(), '2');
        const took = Date.now() - start;
        await socket.send('3');
        assert.strictEqual(await socket.next(), '2');
        socket.destroy();
        return took < INTERVAL_MS - 80;
    }, 'a beat in time'));
});
