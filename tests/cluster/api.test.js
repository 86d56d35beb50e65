'use strict';
/*
 * The HTTP API of one instance is about the clients of all: each command reaches those of the other
 * one, and what is asked for twice, here and there, is done once.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { apiOf, findApi, post, done, assertRefused } = require('../lib/api.js');
const { startCluster } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { connect, allNext, leaveAll } = require('../lib/modern.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const VERSIONS = ['0.9.16', '2.5.0', '4.8.4'];
const BOTH = { instances: 2, reached: 2 };
const byId = ({ id }) => id;

async function start() {
    const cluster = await startCluster(2, { args: ['--reach'],
        config: { api: apiOf(), 'instance timeout': 60 } });
    cluster.apis = await Promise.all(cluster.instances.map((instance) => findApi(instance)));
    return cluster;
}

describe('from one instance to the clients of the other', suite, () => {
    let cluster, api, there, clients;
    before(async () => {
        cluster = await start();
        [api] = cluster.apis;
        there = await Promise.all(VERSIONS.map((version) =>
            connect(cluster.ports[1], { version })));
        clients = [await connect(cluster.ports[0]), ...there];
    });
    after(async () => {
        leaveAll();
        await cluster.stop();
    });

    const run = (name, command) => done(api, name, command);

    test('emit', async () => {
        const heard = allNext(clients, 'news');
        assert.deepStrictEqual(await run('emit', { name: 'news', args: [{ n: 1 }] }),
            { instances: 2 });
        assert.deepStrictEqual(await heard, clients.map(() => [{ n: 1 }]));
    });

    test('emit, local: nobody else', async () => {
        const other = clients[1].next('end');
        clients[1].on('here', () => assert.fail('it was not meant'));
        const here = clients[0].next('here');
        assert.deepStrictEqual(await run('emit', { name: 'here', local: true }),
            { instances: 1 });
        await here;
        await run('emit', { name: 'end' });
        await other;
    });

    test('emit with attachments', async () => {
        const heard = allNext(clients, 'photo');
        await run('emit', { name: 'photo', args: [{ _placeholder: true, num: 0 }],
            attachments: ['_w=='] });
        for (const [bytes] of await heard)
            assert.ok(bytes === '/w==' || Buffer.from(bytes).equals(Buffer.from([255])), bytes);
    });

    test('ask, whole: all arguments of each', async () => {
        const asked = Promise.all(clients.map((client, i) => client.answer('w', i, [i], null)));
        const { answers, ...counts } = await run('ask', { name: 'w', timeout: 30000, whole: true });
        assert.deepStrictEqual(answers.sort(([a], [b]) => a - b), clients.map((_, i) =>
            [i, [i], null]));
        assert.deepStrictEqual(counts, { answered: 4, asked: 4, ...BOTH });
        await asked;
    });

    test('ask', async () => {
        const asked = Promise.all(clients.map((client, i) => client.answer('q', i)));
        const { answers, ...counts } = await run('ask', { name: 'q', timeout: 30000 });
        assert.deepStrictEqual(answers.sort(), [0, 1, 2, 3]);
        assert.deepStrictEqual(counts, { answered: 4, asked: 4, ...BOTH });
        await asked;
    });

    test('ack by a token of the other instance, once', async () => {
        for (const client of there) {
            const token = client.next('token');
            const answer = client.ask('token');
            const [ack] = await token;
            assert.deepStrictEqual(await run('ack', { ack, args: [1.5, 'late'] }), {});
            assert.deepStrictEqual(await answer, [1.5, 'late']);
            assertRefused(await post(api, 'ack', { ack }), 'ack_unknown', 404, 'ack');
        }
    });

    /* A move has no answer: it is there when the other instance has heard of it. */
    const becomes = (command, want) => eventually(async () =>
        (await run('count', command)).sockets === want, `${JSON.stringify(command)}: ${want}`);

    test('join, count, rooms, leave', async () => {
        assert.deepStrictEqual(await run('join', { to: there.map(byId), room: ['red', 'blue'] }),
            { instances: 2 });
        await becomes({ to: 'red' }, 3);
        assert.deepStrictEqual(await run('count', { to: ['red', clients[0].id] }),
            { sockets: 4, ...BOTH });
        assert.deepStrictEqual(await run('rooms', {}),
            { rooms: { blue: 3, red: 3 }, more: false, ...BOTH });
        await run('leave', { to: there[0].id, room: 'red' });
        await becomes({ to: 'red' }, 2);
        await run('leave', { room: ['red', 'blue'] });
        await becomes({ to: 'red' }, 0);
    });

    test('set', async () => {
        for (const [i, { id }] of there.entries()) {
            await run('set', { socket: id, user: `u${i}`, data: { i } });
            await becomes({ users: `u${i}` }, 1);
        }
        const { sockets } = await run('sockets', { users: ['u0', 'u1', 'u2'] });
        assert.deepStrictEqual(sockets.map(({ id, data }) => [id, data.i]).sort(),
            there.map(({ id }, i) => [id, i]).sort());
        await run('set', { socket: there[0].id, user: 'u9' });
        await becomes({ users: 'u9' }, 1);
        await becomes({ users: 'u0' }, 0);
        assertRefused(await post(api, 'set', { socket: 'nobody', user: 'x' }), 'socket_unknown',
            404, 'socket');
    });

    test('sockets', async () => {
        const { sockets, ...counts } = await run('sockets', {});
        assert.deepStrictEqual(sockets.map(byId).sort(), clients.map(byId).sort());
        assert.deepStrictEqual(counts, { more: false, answered: 4, asked: 4, ...BOTH });
        assert.deepStrictEqual(sockets.map(({ server }) => server).sort(),
            ['Server1', 'Server2', 'Server2', 'Server2']);
    });

    test('a batch', async () => {
        const heard = allNext(there, 'c');
        const { results } = await run('batch', { commands: [{ do: 'emit', name: 'a' },
            { do: 'count' }, { do: 'emit', name: 'c' }] });
        await heard;
        assert.deepStrictEqual(results, [{ instances: 2 }, { sockets: 4, ...BOTH },
            { instances: 2 }]);
    });

    test('disconnect', async () => {
        const leaver = await connect(cluster.ports[1],
            { version: '4.8.4', way: 'websocket', forceNew: true, reconnection: false });
        const gone = leaver.next('disconnect');
        await run('disconnect', { to: leaver.id, close: true });
        assert.strictEqual((await gone)[0], 'io server disconnect');
    });

    test('the same id at two instances at once: done once', async () => {
        const n = 50;
        const heard = [];
        clients[1].on('once', (i) => heard.push(i));
        const statuses = await Promise.all(Array.from({ length: 2 * n }, async (_, i) => {
            const { status, body } = await post(cluster.apis[i % 2], 'emit',
                { name: 'once', args: [i >> 1] }, { headers: { 'Idempotency-Key': `${i >> 1}` } });
            if (status === 200)
                assert.deepStrictEqual(body, { instances: 2 });
            return status;
        }));
        assert.ok(statuses.every((status) => [200, 409].includes(status)), statuses.join());
        const end = clients[1].next('end of once');
        await run('emit', { name: 'end of once' });
        await end;
        assert.deepStrictEqual(heard.sort((a, b) => a - b), Array.from({ length: n }, (_, i) => i));
        for (let i = 0; i < n; i++) {   /* and both know it */
            const { response } = await post(cluster.apis[i % 2], 'emit',
                { name: 'once', args: [i] }, { headers: { 'Idempotency-Key': `${i}` } });
            assert.strictEqual(response.get('Idempotent-Replayed'), 'true');
        }
        assertRefused(await post(cluster.apis[1], 'emit', { name: 'else' },
            { headers: { 'Idempotency-Key': '0' } }), 'key_reused', 422);
    });
});

describe('while an instance does not answer', suite, () => {
    test('the counts say so; what has to know about its sockets: 504', async () => {
        const cluster = await start();
        const [api] = cluster.apis;
        const [here, there] = await Promise.all(cluster.ports.map((port) => connect(port)));
        const { program } = cluster.instances[1];
        program.kill('SIGSTOP');
        try {
            const { answered, asked, ...counts } = await done(api, 'sockets', { timeout: 200 });
            assert.deepStrictEqual({ answered, asked, instances: counts.instances,
                reached: counts.reached }, { answered: 1, asked: 1, instances: 2, reached: 1 });
            assert.deepStrictEqual(await done(api, 'count', { timeout: 200 }),
                { sockets: 1, instances: 2, reached: 1 });
            assertRefused(await post(api, 'set', { socket: there.id, user: 'x' }), 'no_answer',
                504);
            assert.deepStrictEqual(await done(api, 'set', { socket: here.id, user: 'x' }), {});
        } finally {
            program.kill('SIGCONT');
        }
        leaveAll();
        await cluster.stop();
    });
});

describe('a stop while Redis is silent', suite, () => {
    test('ends cleanly, whoever waits to know whether it was done', async () => {
        const cluster = await start();
        cluster.redis.program.kill('SIGSTOP');
        const requests = cluster.apis.flatMap((api) => ['emit', 'batch'].map((name) =>
            post(api, name, { emit: { name: 'x' }, batch: { commands: [{ do: 'count' }] } }[name],
                { headers: { 'Idempotency-Key': name } }).catch(() => 'it has ended')));
        await Promise.all(cluster.instances.map((instance) => eventually(
            async () => (await instance.counters()).api_requests >= 2, 'they are there')));
        await Promise.all(cluster.instances.map((instance) => instance.stop()));
        await Promise.all(requests);
        cluster.redis.program.kill('SIGCONT');
        await cluster.stop();
    });
});

describe('while Redis is away', suite, () => {
    let cluster, api, client;
    before(async () => {
        cluster = await start();
        [api] = cluster.apis;
        client = await connect(cluster.ports[0]);
        await cluster.redis.stop('SIGKILL');
        await eventually(async () => (await post(api, 'count', {})).status === 503,
            'it is noticed');
    });
    after(async () => {
        leaveAll();
        await cluster.stop();
    });

    const unwanted = () => assert.fail('it was told');
    const COMMANDS = {
        emit: { name: 'x' }, ask: { name: 'x' }, join: { room: 'r' }, leave: { room: 'r' },
        disconnect: {}, sockets: {}, count: {}, rooms: {}, set: { socket: 'elsewhere', user: 'x' },
    };
    for (const [name, command] of Object.entries(COMMANDS)) {
        test(`${name}: 503, and nothing was done`, async () => {
            client.on('x', unwanted);
            const { response, ...refused } = await post(api, name, command);
            assertRefused(refused, 'cluster_unavailable', 503);
            assert.strictEqual(response.get('Retry-After'), '1');
            assert.strictEqual((await done(api, 'count', { local: true })).sockets, 1);
            client.off('x', unwanted);
        });
    }

    test('what is about this instance alone goes on', async () => {
        const local = { local: true, to: client.id };
        const heard = client.next('here');
        await done(api, 'emit', { ...local, name: 'here' });
        await heard;
        await done(api, 'join', { ...local, room: 'r' });
        assert.strictEqual((await done(api, 'count', { local: true, to: 'r' })).sockets, 1);
        await done(api, 'set', { socket: client.id, user: 'me', data: { a: 1 } });
        const { sockets } = await done(api, 'sockets', { local: true });
        assert.deepStrictEqual([sockets[0].data, sockets[0].rooms.sort()],
            [{ a: 1 }, ['r', 'user:me']]);
        await done(api, 'leave', { ...local, room: 'r' });
    });

    test('an acknowledgement of a client that is here', async () => {
        const token = client.next('token');
        const answer = client.ask('token');
        await done(api, 'ack', { ack: (await token)[0], args: ['here'] });
        assert.deepStrictEqual(await answer, ['here']);
    });

    test('a request with an id is not done, as nobody knows whether it was', async () => {
        assertRefused(await post(api, 'emit', { name: 'x', local: true },
            { headers: { 'Idempotency-Key': 'a' } }), 'cluster_unavailable', 503);
        const { results } = await done(api, 'batch', { commands: [
            { do: 'emit', name: 'x', local: true, id: 'b' }, { do: 'count', local: true }] });
        assert.deepStrictEqual([results[0].error.code, results[1].sockets],
            ['cluster_unavailable', 1]);
    });

    test('when it is back, all goes on', async () => {
        await cluster.redis.start();
        await eventually(async () => {
            const { status, body } = await post(api, 'count', {});
            return status === 200 && body.instances === 2 && body.reached === 2;
        }, 'both are there', 30000);
        assert.strictEqual((await post(api, 'emit', { name: 'y' },
            { headers: { 'Idempotency-Key': 'a' } })).status, 200);
    });
});
