'use strict';
/*
 * Engine.IO: the server ends a session whose client is about to move from polling to a websocket.
 *
 * Real clients do not go back to their polls when the websocket is closed while they leave them:
 * they would wait there until their ping timeout. So the probed websocket stays until the client
 * has moved to it, or has polled again; whichever it uses next tells it how the session ended.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const { OPCODE, closePayload, frame } = require('../lib/ws.js');

const BODY = { 4: { kick: '42["kick"]', 'hang up': '42["hang up"]', broken: 'x' },
    3: { kick: '10:42["kick"]', 'hang up': '13:42["hang up"]', broken: 'x' } };
/* What the client is told before its connection ends: one that is kicked does not come back. */
const LAST = { kick: ['41'], 'hang up': [], broken: [] };

describe('a session ends during an upgrade', () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    async function begin(eio, { port } = broker) {
        const client = await engine.poll(port, eio);
        const socket = await engine.upgrade(port, eio, { sid: client.opened.sid });
        assert.strictEqual(socket.answer.status, 101);
        return { client, socket };
    }

    async function probe(socket) {
        await socket.send('2probe');
        assert.strictEqual(await socket.next(), '3probe');
    }

    async function assertNoop(client) {
        assert.deepStrictEqual(await client.get(), ['6']);
    }

    /* The answer comes first, but nothing is heard in between: then the session is over. */
    async function end(client, how) {
        assert.strictEqual((await client.post(BODY[client.eio][how])).text, 'ok');
    }

    async function assertPollsAreTold(client, how) {
        if (LAST[how].length > 0)
            assert.deepStrictEqual(await client.get(), LAST[how]);
        assert.deepStrictEqual(await client.get(), ['6', '1']);
        engine.assertRefused(await client.raw(), 1);
    }

    /* Complete the upgrade: all that is left comes there, and then a clean end. */
    async function assertWebsocketIsTold(socket, packets) {
        await socket.send('5');
        for (const packet of packets)
            assert.strictEqual(await socket.next(), packet);
        assert.strictEqual(await socket.closeCode(), 1005);
    }

    const STAGES = {
        'before the probe': async () => {},
        'when the probe was answered': async ({ socket }) => probe(socket),
        'when the poll got its noop': async ({ client, socket }) => {
            await probe(socket);
            await assertNoop(client);
        },
    };

    for (const eio of [3, 4]) {
        for (const how of Object.keys(LAST)) {
            for (const [stage, reach] of Object.entries(STAGES)) {
                const name = `revision ${eio}, ${how}, ${stage}`;

                test(`${name}: polls are told, then the websocket is closed`, async () => {
                    const { client, socket } = await begin(eio);
                    await reach({ client, socket });
                    await end(client, how);
                    await assertPollsAreTold(client, how);
                    assert.strictEqual(await socket.closeCode(), 1005);
                });

                test(`${name}: the websocket is told when it takes over`, async () => {
                    const { client, socket } = await begin(eio);
                    await reach({ client, socket });
                    await end(client, how);
                    await assertWebsocketIsTold(socket, LAST[how]);
                    engine.assertRefused(await client.raw(), 1);
                });
            }

            test(`revision ${eio}, ${how}, before the probe: the upgrade goes on as ever`,
                async () => {
                    const { client, socket } = await begin(eio);
                    await end(client, how);
                    await probe(socket);
                    await assertWebsocketIsTold(socket, LAST[how]);
                });

            test(`revision ${eio}, ${how}: the websocket fails, polls are told`, async () => {
                const { client, socket } = await begin(eio);
                await probe(socket);
                await end(client, how);
                await socket.send('4x');
                assert.strictEqual(await socket.closeCode(), 1005);
                if (how === 'kick')
                    await assertPollsAreTold(client, how);
                else
                    engine.assertRefused(await client.raw(), 1);
            });
        }

        test(`revision ${eio}, kick: told by a poll, nothing is left for the websocket`,
            async () => {
                const { client, socket } = await begin(eio);
                await probe(socket);
                await end(client, 'kick');
                assert.deepStrictEqual(await client.get(), ['41']);
                await assertWebsocketIsTold(socket, []);
                engine.assertRefused(await client.raw(), 1);
            });

        for (const how of ['kick', 'hang up']) {
            test(`revision ${eio}, ${how}, with what waits, when the probe was answered`,
                async () => {
                    const { client, socket } = await begin(eio);
                    await probe(socket);
                    await client.send('42["echo",1]', '42["echo",2]', `42["${how}"]`,
                        '42["echo",3]');
                    await assertWebsocketIsTold(socket,
                        ['42["echo",1]', '42["echo",2]', ...LAST[how]]);
                });

            test(`revision ${eio}, ${how}, by the first word of the websocket`, async () => {
                const { client, socket } = await begin(eio);
                await probe(socket);
                await assertNoop(client);
                await socket.send('5', `42["${how}"]`);
                for (const packet of LAST[how])
                    assert.strictEqual(await socket.next(), packet);
                assert.strictEqual(await socket.closeCode(), 1005);
                engine.assertRefused(await client.raw(), 1);
            });

            test(`revision ${eio}, ${how}, after the upgrade`, async () => {
                const { socket } = await begin(eio);
                await probe(socket);
                await socket.send('5');
                await engine.assertServed(socket);
                await socket.send(`42["${how}"]`);
                for (const packet of LAST[how])
                    assert.strictEqual(await socket.next(), packet);
                assert.strictEqual(await socket.closeCode(), 1005);
            });
        }
    }

    test('a poll that waits is told by a close packet alone', async () => {
        const { client, socket } = await begin(4);
        const waiting = client.get();
        await end(client, 'hang up');
        /* Or after the noop of a late one, if the POST was faster. */
        assert.strictEqual((await waiting).at(-1), '1');
        assert.strictEqual(await socket.closeCode(), 1005);
        engine.assertRefused(await client.raw(), 1);
    });

    test('a client that closes by itself is not waited for', async () => {
        const { client, socket } = await begin(4);
        await probe(socket);
        await client.post('1');
        assert.strictEqual(await socket.closeCode(), 1005);
        assert.deepStrictEqual(await client.get(), ['6']);
        engine.assertRefused(await client.raw(), 1);
    });

    test('another websocket is refused', async () => {
        const { client, socket } = await begin(4);
        await probe(socket);
        await end(client, 'kick');
        const other = await engine.upgrade(broker.port, 4, { sid: client.opened.sid });
        engine.assertRefused(other.answer, 1);
        await assertWebsocketIsTold(socket, ['41']);
    });

    test('a close frame in place of the upgrade', async () => {
        const { client, socket } = await begin(4);
        await probe(socket);
        await end(client, 'kick');
        socket.write(frame(OPCODE.CLOSE, closePayload(1000)));
        assert.strictEqual(await socket.closeCode(), 1000);
        await assertPollsAreTold(client, 'kick');
    });

    test('a client that does neither is given up in time', async () => {
        const hasty = await startBroker({ contract: true, config: { upgradeTimeout: 300 } });
        const { client, socket } = await begin(4, hasty);
        await probe(socket);
        await end(client, 'hang up');
        assert.strictEqual(await socket.closeCode(), 1005);
        engine.assertRefused(await client.raw(), 1);
        await hasty.stop();
    });

    test('the server stops: nobody is waited for', async () => {
        const other = await startBroker({ contract: true });
        const { client, socket } = await begin(4, other);
        await probe(socket);
        await end(client, 'kick');
        await other.stop();
        assert.strictEqual(await socket.closeCode(), 1005);
    });
});
