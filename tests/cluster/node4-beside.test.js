'use strict';
/*
 * Instances of the program among servers of socket.io 4 for Node, driven by their API: several of
 * ours and one of Node, one that is frozen, and one beside older servers.
 */

const assert = require('node:assert');
const { setTimeout: delay } = require('node:timers/promises');
const { test, describe, before, after } = require('node:test');
const { done, startApi } = require('../lib/api.js');
const { eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll } = require('../lib/modern.js');
const { NodeServer, assertHeard, record, redisClient } = require('../lib/node4.js');
const { startRedis } = require('../lib/services.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

after(leaveAll);

const sorted = (values) => [...values].sort();

/* One server of Node and `ours` instances, each with an API and the clients of these versions. */
class Among {
    static async start({ ours, versions, dialect = 'node-4', config, node }) {
        const among = new Among();
        among.redis = await startRedis();
        among.node = await NodeServer.start(among.redis, 'Node', [], node);
        among.ours = await Promise.all(Array.from({ length: ours }, (_, i) => startApi({
            config: { name: `Ours${i + 1}`, ...config },
            args: ['--redis', among.redis.url, '--dialect', dialect] })));
        [among.our] = among.ours;
        await eventually(async () => await among.node.io.of('/').adapter.serverCount() ===
            1 + ours, 'all are counted');
        among.theirs = await connect(among.node.port);
        among.clients = [among.theirs, ...await Promise.all(versions.map((version, i) =>
            connect(among.ours[i % ours].port, { version })))];
        return among;
    }

    async stop() {
        leave(...this.clients);
        await Promise.all(this.ours.map((broker) => broker.stop()));
        await this.node.stop();
        await this.redis.stop();
    }
}

describe('two instances and a server of Node', suite, () => {
    let among;
    before(async () => {
        among = await Among.start({ ours: 2,
            versions: ['0.9.16', '0.9.16', '2.5.0', '4.8.4', '4.8.4', '3.1.3'] });
    });
    after(() => among.stop());

    test('a broadcast of each is heard once by everyone, in its order', async () => {
        const { clients, ours, node } = among;
        const N = 100;
        const lists = record(clients, 'numbered');
        for (let n = 0; n < N; n++) {
            node.io.emit('numbered', 'Node', n);
            await Promise.all(ours.map(({ api }, i) => done(api, 'emit',
                { name: 'numbered', args: [`Ours${i + 1}`, n] })));
        }
        await eventually(() => lists.every((heard) => heard.length >= 3 * N), 'all of it');
        const marks = record(clients, 'mark');
        for (const [i, { api }] of ours.entries())
            await done(api, 'emit', { name: 'mark', args: [i] });
        node.io.emit('mark', 2);
        await eventually(() => marks.every((heard) => heard.length === 3), 'the marks');
        for (const heard of lists) {
            assert.strictEqual(heard.length, 3 * N);
            for (const who of ['Node', 'Ours1', 'Ours2'])
                assert.deepStrictEqual(heard.filter(([from]) => from === who).map(([, n]) => n),
                    Array.from({ length: N }, (_, n) => n));
        }
    });

    test('we count the sockets and list the rooms of all', async () => {
        const { clients, ours, node } = among;
        node.io.socketsJoin('everyone');
        await done(ours[0].api, 'join', { room: 'ours', to: clients[1].id });
        await Promise.all(clients.slice(0, 1).map((client) => client.ask('join', 'theirs')));
        for (const { api } of ours) {
            await eventually(async () => (await done(api, 'count', { to: 'everyone' })).sockets ===
                clients.length, 'all have joined');
            const counted = await done(api, 'count', {});
            assert.deepStrictEqual([counted.sockets, counted.instances, counted.reached],
                [clients.length, 3, 3]);
            assert.strictEqual((await done(api, 'count', { to: 'theirs' })).sockets, 1);
            const { rooms } = await done(api, 'rooms', {});
            assert.deepStrictEqual(rooms, { everyone: clients.length, ours: 1, theirs: 1 });
            assert.deepStrictEqual((await done(api, 'rooms', { prefix: 'th' })).rooms,
                { theirs: 1 });
            const { sockets } = await done(api, 'sockets', {});
            assert.deepStrictEqual(sorted(sockets.map(({ id }) => id)),
                sorted(clients.map(({ id }) => id)));
        }
    });

    test('all are asked, and each answers once', async () => {
        const { clients, ours, node } = among;
        for (const [i, client] of clients.entries())
            client.on('who', (answer) => answer(i));
        const everyone = clients.map((_, i) => i);
        for (const { api } of ours) {
            const { answers, asked } = await done(api, 'ask', { name: 'who', args: [],
                timeout: 25000 });
            assert.deepStrictEqual([sorted(answers), asked], [everyone, clients.length]);
        }
        assert.deepStrictEqual(sorted(await node.io.timeout(25000).emitWithAck('who')), everyone);
        assert.strictEqual((await node.io.fetchSockets()).length, clients.length);
    });
});

/* The kernel holds it: it neither answers nor is it gone. */
describe('an instance that is frozen for 8 s', suite, () => {
    let among;
    before(async () => {
        among = await Among.start({ ours: 1, versions: ['4.8.4'],
            node: { requestsTimeout: 3000 }, config: { 'instance timeout': 60 } });
    });
    after(() => among.stop());

    test('Node lives, serves its own clients, and afterwards all is as before', async () => {
        const { clients, our, node, theirs } = among;
        const lists = record(clients, 'numbered');
        our.program.kill('SIGSTOP');
        const over = delay(8000);
        node.io.emit('numbered', 1);
        await assertHeard(lists.slice(0, 1), [[1]], 'its own client, at once');
        await assert.rejects(node.io.fetchSockets(), /timeout reached/);
        assert.deepStrictEqual((await node.io.local.fetchSockets()).map(({ id }) => id),
            [theirs.id]);
        await assert.rejects(node.io.timeout(500).emitWithAck('unheard'), /timed out/);
        node.io.socketsJoin('joined');
        await over;
        our.program.kill('SIGCONT');
        node.io.to('joined').emit('numbered', 2);
        await assertHeard(lists, [[1], [2]], 'nothing is lost or doubled');
        assert.strictEqual((await node.io.fetchSockets()).length, 2);
        const { sockets } = await done(our.api, 'count', {});
        assert.strictEqual(sockets, 2);
    });
});

/* Servers before 4 would end over our questions. */
describe('an instance beside servers older than 4', suite, () => {
    let among, tap, requests;
    before(async () => {
        among = await Among.start({ ours: 2, versions: ['4.8.4', '2.5.0'],
            config: { 'node version': 3 } });
        tap = await redisClient(among.redis);
        requests = [];
        await tap.pSubscribe('socket.io-request#*', (text) => requests.push(text));
    });
    after(async () => {
        await tap.disconnect();
        await among.stop();
    });

    test('asks instances of siobroker alone', async () => {
        const { clients, ours } = among;
        const here = clients.slice(1);
        for (const client of clients)
            client.on('who', (answer) => answer('I'));
        for (const { api } of ours) {
            const asked = await done(api, 'ask', { name: 'who', args: [], timeout: 25000 });
            assert.deepStrictEqual([asked.answers, asked.instances], [['I', 'I'], 2]);
            assert.strictEqual((await done(api, 'count', {})).sockets, here.length);
            assert.deepStrictEqual(
                sorted((await done(api, 'sockets', {})).sockets.map(({ id }) => id)),
                sorted(here.map(({ id }) => id)));
            assert.deepStrictEqual((await done(api, 'rooms', {})).rooms, {});
        }
        const heard = record(clients, 'hi');
        await done(ours[0].api, 'join', { room: 'r' });
        await done(ours[0].api, 'emit', { name: 'hi', args: [1], to: 'r' });
        await assertHeard(heard, [[1]], 'broadcasts and moves reach all');
        assert.deepStrictEqual(requests.map((text) => JSON.parse(text).type), [2]);
    });
});
