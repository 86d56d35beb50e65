'use strict';
/* The contract application (CONTRACT.md) through the real clients since 1.0, by every way. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { MODERN, VERSIONS, WAYS, ORIGINAL, allNext, assertNo, begin, connect, leave, leaveAll,
    settle } = require('../lib/modern.js');
const { eventually } = require('../lib/deadline.js');
const { BEHIND, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const NAMESPACES = ['', '/chat'];
const KEEPS = [0, -1.5, 1e21, 'a', '', null, true, '"quoted" \\ \n', [1, [2]], { a: { b: [] } },
    []];

const HANDSHAKES = { skip: BEHIND && 'a backend is asked about namespaces' };

const numbers = (n) => Array.from({ length: n }, (_, i) => i);

/* Text of a refusal: of an Error since 3.0. The original makes some objects for others too. */
function textOf([refusal]) {
    const text = refusal instanceof Error || (ORIGINAL && refusal.message) ? refusal.message
        : refusal;
    assert.strictEqual(typeof text, 'string');
    assert.notStrictEqual(text, '');
    return text;
}

function everyWay(define) {
    for (const version of MODERN) {
        for (const way of Object.keys(WAYS))
            describe(`${version} by ${way}`, NEEDS_CONTRACT, () => define(version, way));
    }
}

let broker;
before(async () => {
    if (!NEEDS_CONTRACT.skip)
        broker = await startBroker({ contract: true, config: { name: 'C' } });
});
after(async () => {
    leaveAll();
    if (broker)
        await broker.stop();
});

everyWay((version, way) => {
    const here = (options) => connect(broker.port, { version, way, ...options });
    /* By its acknowledgements the original sends clients of protocol 3 into an endless loop. */
    const acks = { skip: ORIGINAL && VERSIONS[version].packets === 3 &&
        'the original knows no protocol 3' };

    test('a greeting, and who it is', acks, async () => {
        const client = await here();
        assert.deepStrictEqual(client.greeting, { server: 'C', port: broker.port });
        const transport = way === 'polling' ? 'polling' : 'websocket';
        assert.strictEqual(client.transport, transport);
        assert.deepStrictEqual(await client.ask('who'),
            [{ id: client.id, transport, server: 'C' }]);
        assert.match(client.id, /^[\w-]{20}$/);
        leave(client);
    });

    /* Those before 3.0 keep the option to themselves. */
    test('subprotocols of the websocket: the first one is selected',
        { skip: acks.skip || (way === 'polling' && 'no websocket') }, async () => {
            const client = await here({ protocols: ['x', 'y'] });
            assert.strictEqual(client.transport, 'websocket');
            if (VERSIONS[version].packets === 5)
                assert.strictEqual(client.engine.transport.ws.protocol, 'x');
            leave(client);
        });

    for (const namespace of NAMESPACES) {
        const where = namespace || 'the default namespace';
        const join = () => here({ namespace });
        const joinThree = () => Promise.all([join(), join(), join()]);

        test(`echo in ${where}`, async () => {
            const client = await join();
            const echoed = client.next('echo');
            client.emit('echo', ...KEEPS);
            assert.deepStrictEqual(await echoed, KEEPS);
            leave(client);
        });

        test(`acknowledgements in ${where}`, acks, async () => {
            const client = await join();
            assert.deepStrictEqual(await client.ask('echo', ...KEEPS), KEEPS);
            assert.deepStrictEqual(await client.ask('echo'), []);
            const answers = await Promise.all(numbers(50).map((n) => client.ask('echo', n)));
            assert.deepStrictEqual(answers, numbers(50).map((n) => [n]));
            leave(client);
        });

        test(`questions to the client in ${where}`, acks, async () => {
            const client = await join();
            for (const data of [{ q: 1 }, 'two', null]) {
                const asked = client.answer('question', 'got', data);
                const answered = client.next('answer');
                client.emit('ask', data);
                assert.deepStrictEqual(await asked, [data]);
                assert.deepStrictEqual(await answered, ['got', data]);
            }
            leave(client);
        });

        test(`messages in ${where}`, acks, async () => {
            const client = await join();
            const text = client.next('message');
            client.send('hello');
            assert.deepStrictEqual(await text, ['echo:hello']);
            assert.deepStrictEqual(await client.ask('message', 'hello'), ['got', 'hello']);
            leave(client);
        });

        test(`broadcast and others in ${where}`, async () => {
            const clients = await joinThree();
            const everyone = allNext(clients, 'broadcast');
            clients[0].emit('broadcast', { n: 1 });
            assert.deepStrictEqual(await everyone, [[{ n: 1 }], [{ n: 1 }], [{ n: 1 }]]);
            const others = allNext(clients.slice(1), 'others');
            clients[0].emit('others', 'x');
            assert.deepStrictEqual(await others, [['x'], ['x']]);
            await assertNo(clients[0], 'others');
            leave(...clients);
        });

        test(`rooms in ${where}`, async () => {
            const clients = await joinThree();
            clients[0].emit('join', 'r');
            clients[1].emit('join', 'r');
            await Promise.all(clients.map(settle));
            const members = allNext(clients.slice(0, 2), 'room');
            clients[2].emit('room', 'r', 7);
            assert.deepStrictEqual(await members, [['r', 7], ['r', 7]]);
            await assertNo(clients[2], 'room');
            const other = clients[1].next('room');
            clients[0].emit('room others', 'r', 8);
            assert.deepStrictEqual(await other, ['r', 8]);
            await assertNo(clients[0], 'room');
            clients[1].emit('leave', 'r');
            await settle(clients[1]);
            const rest = clients[0].next('room');
            clients[2].emit('room', 'r', 9);
            assert.deepStrictEqual(await rest, ['r', 9]);
            await assertNo(clients[1], 'room');
            leave(...clients);
        });

        test(`joining is acknowledged in ${where}`, acks, async () => {
            const client = await join();
            assert.deepStrictEqual(await client.ask('join', 'r'), ['r']);
            assert.deepStrictEqual(await client.ask('leave', 'r'), ['r']);
            leave(client);
        });

        test(`stored data in ${where}`, acks, async () => {
            const client = await join();
            assert.deepStrictEqual(await client.ask('get', 'nothing'), [null]);
            assert.deepStrictEqual(await client.ask('set', 'nick', { a: ['bob'] }), []);
            assert.deepStrictEqual(await client.ask('get', 'nick'), [{ a: ['bob'] }]);
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
            assert.deepStrictEqual(seen, numbers(500));
            leave(client);
        });

        test(`volatile in ${where}`, { skip: way === 'polling' && 'may be dropped' }, async () => {
            const client = await join();
            let back;
            client.on('volatile', (...args) => { back = args; });
            await eventually(() => { /* one that meets a heartbeat on its way out is dropped */
                client.emit('volatile', 1);
                return back;
            }, 'a volatile event');
            assert.deepStrictEqual(back, [1]);
            leave(client);
        });

        test(`a kick in ${where}`, async () => {
            const client = await join();
            const ended = client.next('disconnect');
            client.emit('kick');
            assert.strictEqual((await ended)[0], 'io server disconnect');
            leave(client);
        });
    }

    test('two namespaces of one connection, of which one ends', async () => {
        const base = await here();
        const chat = base.of('/chat');
        assert.deepStrictEqual(await chat.next('welcome'), [{ namespace: '/chat' }]);
        const seen = [];
        base.on('echo', (n) => seen.push(['', n]));
        chat.on('echo', (n) => seen.push(['/chat', n]));
        for (const n of numbers(20))
            (n % 2 ? chat : base).emit('echo', n);
        await Promise.all([settle(base), settle(chat)]);
        /* A backend hears each of them in order, but not both. */
        const order = (list) => (BEHIND ? list.sort(([a], [b]) => a.localeCompare(b)) : list);
        assert.deepStrictEqual(order(seen.filter(([, n]) => Number.isInteger(n))),
            order(numbers(20).map((n) => [n % 2 ? '/chat' : '', n])));
        const ended = chat.next('disconnect');
        chat.disconnect();
        assert.strictEqual((await ended)[0], 'io client disconnect');
        await settle(base);
        assert.ok(base.connected);
        leave(base);
    });

    test('wrong arguments are ignored', async () => {
        const client = await here();
        for (const name of ['join', 'leave', 'room', 'room others', 'many', 'set', 'get', 'who']) {
            client.emit(name);
            client.emit(name, {}, [], null);
            client.emit(name, -1);
        }
        client.emit('no such event', 1);
        await settle(client);
        leave(client);
    });

    test('/auth takes who has the token in its query', async () => {
        const good = await here({ namespace: '/auth', query: { token: 'secret' } });
        assert.deepStrictEqual(good.greeting, { namespace: '/auth' });
        const bad = begin(broker.port, { version, way, namespace: '/auth',
            query: { token: 'wrong' } });
        textOf(await bad.refused());
        leave(good, bad);
    });

    test('/auth takes who has the token in the query of the namespace',
        { skip: !VERSIONS[version].namespaceQuery && 'it sends none' }, async () => {
            const client = await here();
            const auth = client.of('/auth', { query: 'token=secret' });
            assert.deepStrictEqual(await auth.next('welcome'), [{ namespace: '/auth' }]);
            await settle(client);
            leave(client);
        });

    test('/err refuses, and the connection goes on', async () => {
        const client = await here();
        textOf(await client.of('/err').refused());
        await settle(client);
        leave(client);
    });

    test('an unknown namespace is refused, and the connection goes on', async () => {
        const client = await here();
        assert.strictEqual(textOf(await client.of('/nope').refused()), 'Invalid namespace');
        await settle(client);
        leave(client);
    });

    for (const query of ['deny', 'fail']) {
        test(`a handshake with ${query}=1 is refused`, HANDSHAKES, async () => {
            const client = begin(broker.port, { version, way, query: { [query]: 1 },
                reconnection: false });
            await client.failed();
            leave(client);
        });
    }
});

describe('while polling becomes a websocket', NEEDS_CONTRACT, () => {
    for (const version of MODERN) {
        test(`${version} loses nothing, gets nothing twice, and all in order`, async () => {
            const clients = numbers(5).map(() => begin(broker.port, { version, way: 'upgrade' }));
            await Promise.all(clients.map(async (client) => {
                const seen = { seq: [], echo: [] };
                for (const name of Object.keys(seen))
                    client.on(name, (n) => seen[name].push(n));
                await client.next('connect');
                client.emit('many', 200);
                let sent = 0;
                while (sent < 100 || client.transport !== 'websocket') {
                    client.emit('echo', sent++);
                    await new Promise((resolve) => setTimeout(resolve, sent % 3));
                }
                await client.upgraded();
                await settle(client);
                seen.echo.pop();        /* the mark of settle() */
                assert.deepStrictEqual(seen.echo, numbers(sent));
                assert.deepStrictEqual(seen.seq, numbers(200));
            }));
            leave(...clients);
        });
    }
});

const ANY_AUTH = { skip: BEHIND && 'there is no "--suite" behind the broker' };

describe('the auth object', NEEDS_CONTRACT, () => {
    let suite;
    before(async () => {
        if (!NEEDS_CONTRACT.skip && !BEHIND)
            suite = await startBroker({ contract: true, args: ['--suite'] });
    });
    after(() => suite?.stop());

    for (const version of MODERN.filter((name) => VERSIONS[name].packets === 5)) {
        for (const namespace of ['', '/custom']) {
            test(`of ${version} reaches the application in "${namespace}"`, ANY_AUTH, async () => {
                for (const auth of [undefined, { token: 'é€😀', deep: { a: [1] } }]) {
                    const client = begin(suite.port, { version, namespace, auth });
                    assert.deepStrictEqual(await client.next('auth'), [auth || {}]);
                    leave(client);
                }
            });
        }
    }
});
