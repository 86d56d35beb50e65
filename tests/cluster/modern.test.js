'use strict';
/*
 * The demo's nginx in front of two instances, round robin without affinity: handshake, polls, POSTs
 * and the upgrade of one session of a modern client reach one instance or the other.
 *
 * The original can not do that. It runs as a single process behind both of nginx's ports, which
 * checks the tests.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { MODERN, ORIGINAL, allNext, assertNo, connect, begin, leave, leaveAll, settle } =
    require('../lib/modern.js');
const { DEADLINE_MS, eventually, within } = require('../lib/deadline.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { startNginx, startRedis } = require('../lib/services.js');

const CLIENTS = 30;
const CONFIG = { pingInterval: 300, pingTimeout: 20000 };
const TWO = { skip: ORIGINAL && 'the original is alone here' };

const numbers = (n) => Array.from({ length: n }, (_, i) => i);

describe('nginx in front of two instances', NEEDS_CONTRACT, () => {
    let redis, brokers, nginx;

    const start = (name, port) => startBroker({ contract: true, port, config: CONFIG,
        args: ['--name', name, '--redis', redis.url] });

    before(async () => {
        redis = await startRedis();
        brokers = await Promise.all((ORIGINAL ? ['Server1'] : ['Server1', 'Server2'])
            .map((name) => start(name)));
        nginx = await startNginx([brokers[0].port, brokers[brokers.length - 1].port]);
    });
    after(async () => {
        leaveAll();
        await nginx.stop();
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    for (const version of ['2.5.0', '4.8.4']) {
        for (const way of ['polling', 'websocket', 'upgrade']) {
            describe(`${version} by ${way}`, () => {
                /* What is refused fails, instead of trying again. */
                const here = (options) => connect(nginx.port,
                    { version, way, reconnection: false, ...options });
                const atOnce = (n, options) => Promise.all(numbers(n).map(() => here(options)));

                test(`${CLIENTS} one after the other connect at the first try`, async () => {
                    for (let i = 0; i < CLIENTS; i++) {
                        const client = await here();
                        assert.deepStrictEqual(await client.ask('echo', i), [i]);
                        leave(client);
                    }
                });

                test(`${CLIENTS} at once reach both instances`, TWO, async () => {
                    const clients = await atOnce(CLIENTS);
                    const servers = new Set(clients.map(({ greeting }) => greeting.server));
                    assert.deepStrictEqual([...servers].sort(), ['Server1', 'Server2']);
                    leave(...clients);
                });

                test('events both ways, in order, none lost and none twice', async () => {
                    const client = await here();
                    const echoed = client.take('echo', 300);
                    const sent = client.take('seq', 300);
                    client.emit('many', 300);
                    for (const n of numbers(300)) {
                        client.emit('echo', n, n % 7 ? 'é€😀' : Buffer.from([n & 255]));
                        if (n % 10 === 0)
                            await new Promise((resolve) => setTimeout(resolve, 2));
                    }
                    assert.deepStrictEqual((await echoed).map(([n]) => n), numbers(300));
                    assert.deepStrictEqual(await sent, numbers(300).map((n) => [n]));
                    await settle(client);
                    leave(client);
                });

                test('acknowledgements both ways', async () => {
                    const clients = await atOnce(4);
                    await Promise.all(clients.map(async (client) => {
                        for (const n of numbers(20)) {
                            assert.deepStrictEqual(await client.ask('echo', n, [Buffer.from('b')]),
                                [n, [Buffer.from('b')]]);
                            const asked = client.answer('question', n, 'got');
                            const answered = client.next('answer');
                            client.emit('ask', n);
                            await asked;
                            assert.deepStrictEqual(await answered, [n, 'got']);
                        }
                    }));
                    leave(...clients);
                });

                test('a room over both: each event once, in the order of its sender', async () => {
                    const clients = await atOnce(6, { namespace: '/chat' });
                    for (const client of clients)
                        assert.deepStrictEqual(await client.ask('join', 'r'), ['r']);
                    const seen = clients.map((client) => client.take('room', 6 * 20));
                    for (const n of numbers(20)) {
                        clients.forEach((client, i) =>
                            client.emit('room', 'r', [i, n, Buffer.from([i, n])]));
                        await new Promise((resolve) => setTimeout(resolve, n % 4));
                    }
                    for (const events of await Promise.all(seen)) {
                        for (const i of clients.keys()) {
                            assert.deepStrictEqual(events.map(([, data]) => data)
                                .filter(([from]) => from === i),
                            numbers(20).map((n) => [i, n, Buffer.from([i, n])]));
                        }
                    }
                    for (const client of clients)
                        await assertNo(client, 'room');
                    leave(...clients);
                });

                test('a kick, and who hears of it', async () => {
                    const [one, other, third] = await atOnce(3);
                    const { id } = one;
                    /* Those of the test before may still be leaving. */
                    const left = [other, third].map((client) => within(new Promise((resolve) => {
                        client.on('left', (who, why) => who === id && resolve(why));
                    }), 'it has left'));
                    const ended = one.next('disconnect');
                    one.emit('kick');
                    assert.strictEqual((await ended)[0], 'io server disconnect');
                    for (const why of await Promise.all(left))
                        assert.strictEqual(why, 'server namespace disconnect');
                    leave(one, other, third);
                });

                test('heartbeats keep it', async () => {
                    const client = await here();
                    let ended = null;
                    client.on('disconnect', (reason) => { ended = reason; });
                    const beats = client.countBeats();
                    await eventually(() => beats() >= 5 || ended, 'five heartbeats');
                    assert.strictEqual(ended, null);
                    await settle(client);
                    leave(client);
                });
            });
        }
    }

    test('while polling becomes a websocket nothing is lost', async () => {
        for (const version of ['2.5.0', '4.8.4']) {
            for (const round of numbers(10)) {
                const client = begin(nginx.port, { version, way: 'upgrade', reconnection: false });
                await client.next('connect');
                const seen = client.take('seq', 200);
                const echoed = client.take('echo', 50);
                client.emit('many', 200);
                for (const n of numbers(50)) {
                    client.emit('echo', n);
                    if (n % 5 === round % 5)
                        await new Promise((resolve) => setTimeout(resolve, 1));
                }
                assert.deepStrictEqual(await seen, numbers(200).map((n) => [n]));
                assert.deepStrictEqual(await echoed, numbers(50).map((n) => [n]));
                await client.upgraded();
                await settle(client);
                leave(client);
            }
        }
    });

    test('all generations in one room', async () => {
        const versions = ORIGINAL ? ['2.5.0', '3.1.3', '4.8.4'] : ['0.9.16', ...MODERN];
        const clients = await Promise.all([...versions, ...versions].map((version) =>
            connect(nginx.port, { version })));
        for (const client of clients) {
            client.emit('join', 'all');
            await settle(client);
        }
        for (const sender of clients) {
            const seen = allNext(clients, 'room');
            sender.emit('room', 'all', `é€😀 of ${sender.version}`);
            for (const args of await seen)
                assert.deepStrictEqual(args, ['all', `é€😀 of ${sender.version}`]);
        }
        leave(...clients);
    });

    for (const way of ['polling', 'upgrade']) {
        test(`a client by ${way} survives the end of its instance`, TWO, async () => {
            const client = await connect(nginx.port, { version: '4.8.4', way });
            const mine = brokers.findIndex(({ port }) => port === client.greeting.port);
            const greeted = client.next('server', 2 * DEADLINE_MS);
            await brokers[mine].stop();
            const [{ port }] = await greeted;
            assert.strictEqual(port, brokers[1 - mine].port);
            await within(settle(client), 'an echo');
            leave(client);
            brokers[mine] = await start(`Server${mine + 1}`, brokers[mine].port);
        });
    }

    test('nginx has nothing to complain about the broker', () => {
        const errors = nginx.errors().split('\n')
            .filter((line) => /prematurely|invalid header|upstream sent/.test(line));
        assert.deepStrictEqual(errors, []);
    });
});
