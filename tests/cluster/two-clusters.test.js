'use strict';
/* Two clusters on one Redis do not hear each other; and the ways to reach and enter a Redis. */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { startCluster, Witnesses } = require('../lib/cluster.js');
const { Poller } = require('../lib/polling.js');
const { scratch } = require('../lib/program.js');
const { BETTER, NEEDS_CONTRACT, runBroker } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

describe('two clusters on one Redis', suite, () => {
    let redis, a, b;
    before(async () => {
        redis = await startRedis();
        a = await startCluster(2, { redis, name: 'a' });
        b = await startCluster(2, { redis, name: 'b' });
    });
    after(async () => {
        await a.stop();
        await b.stop();
    });

    test('each hears itself, none the other', async () => {
        const [inA, inB] = [await Witnesses.of(a), await Witnesses.of(b)];
        for (const client of [...inA.clients, ...inB.clients])
            await client.ask('join', ['r']);
        for (const [cluster, word] of [[a, 'of a'], [b, 'of b']]) {
            const speaker = await cluster.roamer('xhr-polling');
            speaker.emitEvent('broadcast', [word]);
            speaker.emitEvent('room', ['r', word]);
            await speaker.leave();
        }
        await inA.settle();
        await inB.settle();
        for (const [witnesses, word] of [[inA, 'of a'], [inB, 'of b']]) {
            for (const client of witnesses.clients) {
                assert.deepStrictEqual(client.numbers('broadcast')
                    .filter((heard) => heard.startsWith('of')), [word]);
                assert.deepStrictEqual(client.numbers('room'), [word]);
                assert.strictEqual(client.heard('left').length, 1);
            }
        }
    });

    test('a handshake is good in its own cluster only', async () => {
        const { id } = await sio.handshake(a.ports[0]);
        const socket = await sio.upgrade(b.ports[0], id);
        assert.strictEqual(await socket.message(), '7:::1+0');
        socket.destroy();
        const own = await sio.upgrade(a.ports[1], id);
        assert.strictEqual(await own.message(), '1::');
        own.destroy();
    });

    test('so is a session', async () => {
        const roamer = await a.roamer('xhr-polling');
        assert.strictEqual(await new Poller(b.ports[0], 'xhr-polling', roamer.id).poll(),
            '7:::1+0');
        assert.deepStrictEqual(await roamer.ask('echo', [1]), [1]);
        await roamer.leave();
    });

    test('each has keys and channels of its own', async () => {
        const roamer = await a.roamer('xhr-polling');
        await roamer.ask('set', ['nick', 1]);
        const names = [...(await redis.command('KEYS', '*')).split('\n'),
            ...(await redis.command('PUBSUB', 'CHANNELS')).split('\n')];
        assert.deepStrictEqual(names.filter((name) => !/^[ab]:/.test(name)), []);
        assert.ok(names.includes(`a:client:${roamer.id}`), names.join(' '));
        await roamer.leave();
    });
});

/* Two instances that are given this Redis meet, and serve a client together. */
async function assertWorks(redis, options) {
    const cluster = await startCluster(2, { redis, ...options });
    try {
        const roamer = await cluster.roamer('xhr-polling');
        await roamer.ask('set', ['nick', 1]);
        for (let i = 0; i < 10; i++)
            assert.deepStrictEqual(await roamer.ask('echo', [i]), [i]);
        await (await Witnesses.of(cluster)).settle();
        return cluster;
    } catch (error) {
        await cluster.stop();
        throw error;
    }
}

describe('ways to a Redis', suite, () => {
    test('a user who may do no more than is needed', async () => {
        const redis = await startRedis();
        await redis.command('ACL', 'SETUSER', 'alice', 'on', '>s3:c/r@t', 'resetchannels',
            '~mine:*', '&mine:*', '+@all', '-@dangerous');
        redis.url = `redis://alice:s3%3Ac%2Fr%40t@127.0.0.1:${redis.port}`;
        const cluster = await assertWorks(redis, { name: 'mine' });
        const others = (await redis.command('CLIENT', 'LIST')).split('\n')
            .filter((line) => !/ user=alice /.test(line) && !/ cmd=client/.test(line));
        assert.deepStrictEqual(others, []);
        await cluster.stop();
    });

    test('a password', async () => {
        const redis = await startRedis(['--requirepass', 'secret']);
        redis.url = `redis://:secret@127.0.0.1:${redis.port}`;
        await (await assertWorks(redis)).stop();
    });

    test('a database', async () => {
        const redis = await startRedis();
        redis.url += '/3';
        const cluster = await assertWorks(redis);
        assert.strictEqual(await redis.command('-n', '0', 'DBSIZE'), '0');
        assert.notStrictEqual(await redis.command('-n', '3', 'DBSIZE'), '0');
        await cluster.stop();
    });

    test('a unix socket', async () => {
        const socket = path.join(scratch(), 'redis.sock');
        const redis = await startRedis(['--unixsocket', socket]);
        redis.url = `redis+unix://${socket}?db=2`;
        const cluster = await assertWorks(redis);
        const clients = (await redis.command('CLIENT', 'LIST')).split('\n');
        assert.ok(clients.filter((line) => line.includes(socket)).length >= 4, clients.join('\n'));
        await cluster.stop();
    });

    const REFUSED = [
        ['a cluster without a name', ['--cluster', ''], /cluster/],
        ['a cluster whose name is a pattern', ['--cluster', 'a*b'], /cluster/],
        ['a cluster with a blank', ['--cluster', 'a b'], /cluster/],
    ];
    for (const [what, args, pattern] of REFUSED) {
        test(`${what} is refused in one line`, async () => {
            const { code, stdout, stderr } = await runBroker(args);
            assert.strictEqual(code, 2, stderr);
            assert.strictEqual(stdout, '');
            assert.match(stderr, pattern);
            assert.strictEqual(stderr.trimEnd().split('\n').length, 1, stderr);
        });
    }
});
