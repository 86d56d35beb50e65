'use strict';
/* The contract application (CONTRACT.md) through the real socket.io-client 0.9.16. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { ask, begin, connect, leave, leaveAll, transportOf } = require('../lib/client.js');
const { event } = require('../lib/deadline.js');
const { BEHIND, CONTRACT, REFERENCE, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const KEEPS = [0, 'a', '', null, true, 'é€😀', '"quoted" \\ \n', [1, [2]], { a: { b: 1 } }];

const HANDSHAKES = { skip: BEHIND && 'a backend is asked about namespaces' };

/* Resolves with the arguments of the next `name` of each client. */
const all = (clients, name) => Promise.all(clients.map((client) => event(client, name)));

/* No `name` comes before the answer to a question asked now: answers keep their order. */
async function assertNo(client, name) {
    const unwanted = (...args) => assert.fail(`unwanted "${name}": ${JSON.stringify(args)}`);
    client.on(name, unwanted);
    await ask(client, 'echo', 'last');
    client.removeListener(name, unwanted);
}

after(leaveAll);

for (const transport of ['websocket', 'xhr-polling']) {
    describe(`contract over ${transport}`, NEEDS_CONTRACT, () => {
        let broker;
        before(async () => {
            broker = await startBroker({ contract: true,
                config: { name: 'C', transports: [transport] } });
        });
        after(() => broker.stop());

        const here = (options) => connect(broker.port, options);

        /* Each feature, in the default namespace and in /chat alike. */
        for (const namespace of ['', '/chat']) {
            const where = namespace || 'the default namespace';

            async function join() {
                const base = await here();
                if (namespace === '')
                    return base;
                /* of() sends the connect packet. */
                const chat = base.socket.of(namespace);
                const welcome = event(chat, 'welcome');
                assert.deepStrictEqual(await welcome, [{ namespace }]);
                return chat;
            }

            test(`echo in ${where}`, async () => {
                const client = await join();
                const echoed = event(client, 'echo');
                client.emit('echo', ...KEEPS);
                assert.deepStrictEqual(await echoed, KEEPS);
                assert.deepStrictEqual(await ask(client, 'echo', ...KEEPS), KEEPS);
                assert.deepStrictEqual(await ask(client, 'echo'), []);
                leave(client);
            });

            test(`messages in ${where}`, async () => {
                const client = await join();
                const text = event(client, 'message');
                client.send('hello: é€😀');
                assert.strictEqual((await text)[0], 'echo:hello: é€😀');
                const json = event(client, 'message');
                client.json.send({ a: [1, null] });
                assert.deepStrictEqual((await json)[0], { a: [1, null] });
                leave(client);
            });

            test(`broadcast and others in ${where}`, async () => {
                const clients = await Promise.all([join(), join(), join()]);
                const everyone = all(clients, 'broadcast');
                clients[0].emit('broadcast', { n: 1 });
                assert.deepStrictEqual(await everyone, [[{ n: 1 }], [{ n: 1 }], [{ n: 1 }]]);
                const others = all(clients.slice(1), 'others');
                clients[0].emit('others', 'x');
                assert.deepStrictEqual(await others, [['x'], ['x']]);
                await assertNo(clients[0], 'others');
                leave(...clients);
            });

            test(`rooms in ${where}`, async () => {
                const clients = await Promise.all([join(), join(), join()]);
                assert.deepStrictEqual(await ask(clients[0], 'join', 'r'), ['r']);
                assert.deepStrictEqual(await ask(clients[1], 'join', 'r'), ['r']);
                const members = all(clients.slice(0, 2), 'room');
                clients[2].emit('room', 'r', 7);
                assert.deepStrictEqual(await members, [['r', 7], ['r', 7]]);
                await assertNo(clients[2], 'room');
                const other = event(clients[1], 'room');
                clients[0].emit('room others', 'r', 8);
                assert.deepStrictEqual(await other, ['r', 8]);
                await assertNo(clients[0], 'room');
                assert.deepStrictEqual(await ask(clients[1], 'leave', 'r'), ['r']);
                clients[2].emit('room', 'r', 9);
                assert.deepStrictEqual(await event(clients[0], 'room'), ['r', 9]);
                await assertNo(clients[1], 'room');
                leave(...clients);
            });

            test(`a question to the client in ${where}`, async () => {
                const client = await join();
                client.on('question', (data, answer) => answer('got', data));
                const answered = event(client, 'answer');
                client.emit('ask', { q: 1 });
                assert.deepStrictEqual(await answered, ['got', { q: 1 }]);
                leave(client);
            });

            test(`the session store in ${where}`, async () => {
                const client = await join();
                assert.deepStrictEqual(await ask(client, 'get', 'nothing'), [null]);
                assert.deepStrictEqual(await ask(client, 'set', 'nick', 'bob'), []);
                assert.deepStrictEqual(await ask(client, 'get', 'nick'), ['bob']);
                leave(client);
            });

            test(`many events in order in ${where}`, async () => {
                const client = await join();
                const seen = [];
                const done = new Promise((resolve) => {
                    client.on('seq', (n) => { seen.push(n); if (n === 499) resolve(); });
                });
                client.emit('many', 500);
                await done;
                assert.deepStrictEqual(seen, Array.from({ length: 500 }, (_, i) => i));
                leave(client);
            });

            test(`volatile and who in ${where}`, async () => {
                const client = await join();
                if (transport === 'websocket') {
                    const back = event(client, 'volatile');
                    client.emit('volatile', 1);
                    assert.deepStrictEqual(await back, [1]);
                }
                assert.deepStrictEqual(await ask(client, 'who'), [{ id: client.socket.sessionid,
                    transport: transportOf(client), server: 'C' }]);
                leave(client);
            });

            test(`a kick in ${where}`, async () => {
                const client = await join();
                const ended = event(client, 'disconnect');
                client.emit('kick');
                assert.deepStrictEqual(await ended, ['booted']);
            });
        }

        test('wrong arguments are ignored', async () => {
            const client = await here();
            /* This application throws on the original, and so in a script: ours must not. */
            if (!REFERENCE && !/script09$/.test(CONTRACT)) {
                for (const name of ['join', 'leave', 'room', 'room others', 'many', 'set', 'get',
                    'ask', 'broadcast', 'volatile', 'who']) {
                    client.emit(name);
                    client.emit(name, {}, [], null);
                    client.emit(name, -1);
                }
            }
            client.emit('no such event', 1);
            assert.deepStrictEqual(await ask(client, 'echo', 1), [1]);
            leave(client);
        });

        test('leaving is told to everyone', async () => {
            const [one, other] = await Promise.all([here(), here()]);
            const id = other.socket.sessionid;
            const left = event(one, 'left');
            leave(other);
            assert.deepStrictEqual(await left, [id, 'booted']);
            leave(one);
        });

        test('/auth takes who has the token', async () => {
            const good = await here({ query: 'token=secret' });
            const auth = good.socket.of('/auth');
            const welcome = event(auth, 'welcome');
            assert.deepStrictEqual(await welcome, [{ namespace: '/auth' }]);
            const bad = await here({ query: 'token=wrong' });
            const refused = bad.socket.of('/auth');
            const failed = event(refused, 'connect_failed');
            assert.deepStrictEqual(await failed, ['unauthorized']);
            leave(good, bad);
        });

        const errors = { skip: BEHIND && 'a backend can only refuse' };

        test('/err fails with an error', errors, async () => {
            const client = await here();
            const err = client.socket.of('/err');
            const failed = event(err, 'error');
            await failed;
            leave(client);
        });

        for (const [query, reason] of [['deny=1', 'handshake unauthorized'],
            ['fail=1', 'handshake error']]) {
            test(`a handshake with ${query} is refused`, HANDSHAKES, async () => {
                const client = begin(broker.port, { query, reconnect: false });
                assert.deepStrictEqual(await event(client, 'error'), [reason]);
            });
        }
    });
}
