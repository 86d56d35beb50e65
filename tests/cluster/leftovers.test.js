'use strict';
/*
 * Thousands of sessions come and go, in every way that there is, and leave nothing behind: no
 * channel and no key in Redis, nothing in the instances.
 *
 * CLUSTER_VISITORS (2000) is their number. From 20,000 on memory is measured too, of the programs
 * without sanitizers, which keep what was freed.
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { residentBytes } = require('../lib/program.js');
const { TRANSPORTS } = require('../lib/roamer.js');
const { BETTER, NEEDS_CONTRACT, ROOT } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

const VISITORS = Number(process.env.CLUSTER_VISITORS || 2000);
const MEASURED = VISITORS >= 20000;
const AT_ONCE = 40;
const GROWTH_BYTES = 2 * 1024 * 1024;
const PLAIN = path.join(ROOT, 'build/contract-server');
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

const CONFIG = { 'close timeout': 8, 'handshake timeout': 8, 'client store expiration': 1 };
/* What an instance holds at the moment; other counters only grow. */
const GAUGES = ['connections', 'sessions', 'peers', 'sinks', 'forwards'];
const STORE_GAUGES = ['pending', 'connected', 'data_clients'];

const pick = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));

/* How a visit ends. Who vanishes while polling is missed after the close timeout. */
const FAREWELLS = [
    (visitor) => visitor.leave(),
    async (visitor) => { await visitor.disconnect(); await visitor.ended(); },
    async (visitor) => { visitor.emitEvent('kick'); await visitor.ended(); },
    async (visitor) => visitor.destroy(),
    async (visitor) => (await change(visitor)).leave(),
    async (visitor) => (await change(visitor)).destroy(),
];

/* To another transport; resolves when that has taken over. */
async function change(visitor) {
    const next = (TRANSPORTS.indexOf(visitor.transport) + 1) % TRANSPORTS.length;
    const successor = await visitor.change(TRANSPORTS[next]);
    await successor.until(() => {
        successor.emitEvent('echo');
        return successor.heard('echo').length > 0;
    }, 'is heard');
    return successor;
}

describe(`${VISITORS} visitors of two instances`, suite, () => {
    let cluster, fresh;
    before(async () => {
        cluster = await startCluster(2, { config: CONFIG, file: MEASURED ? PLAIN : undefined });
        fresh = await holdings();
    });
    after(() => cluster.stop());

    async function holdings() {
        const { redis, instances } = cluster;
        return {
            channels: (await redis.command('PUBSUB', 'CHANNELS')).split('\n').sort(),
            patterns: await redis.command('PUBSUB', 'NUMPAT'),
            keys: (await redis.command('KEYS', '*')).split('\n').sort(),
            instances: await Promise.all(instances.map(async (instance) => {
                const all = await counters(instance);
                return { ...pick(all, GAUGES), ...pick(all.store, STORE_GAUGES) };
            })),
        };
    }

    async function visit(i) {
        if (i % 20 === 0)       /* one who never comes back after the handshake */
            return sio.handshake(cluster.ports[i / 20 % 2]);
        const visitor = await cluster.roamer(TRANSPORTS[i % 5], { first: i });
        await visitor.ask('join', [`room ${i}`]);
        if (i % 3 === 0)
            await visitor.ask('set', ['nick', i]);
        visitor.emitEvent('room', [`room ${i}`, i]);
        await visitor.until(() => visitor.heard('room').length > 0, 'hears itself');
        const farewell = FAREWELLS[Math.floor(i / 5) % FAREWELLS.length];
        cluster.roamers.delete(visitor);
        return farewell(visitor);
    }

    /* So many visits, some at a time. */
    async function visits(n) {
        let begun = 0;
        const worker = async () => {
            while (begun < n)
                await visit(begun++);
        };
        await Promise.all(Array.from({ length: AT_ONCE }, worker));
    }

    /* Wait until all that was held before is held again, and nothing else. */
    async function emptied() {
        cluster.clear();
        const same = async () => {
            try {
                assert.deepStrictEqual(await holdings(), fresh);
                return true;
            } catch {
                return false;
            }
        };
        await eventually(same, 'everything is as it was', 30000)
            .catch(async () => assert.deepStrictEqual(await holdings(), fresh));
    }

    const resident = () => cluster.instances.map(({ program }) => residentBytes(program.pid));

    async function redisBytes() {
        const info = await cluster.redis.command('INFO', 'memory');
        return Number(/used_memory:(\d+)/.exec(info)[1]);
    }

    test('no channel for each session', async () => {
        const crowds = await Promise.all(TRANSPORTS.map(
            (transport) => cluster.crowd(transport, 20)));
        for (const visitor of crowds.flat())
            await visitor.ask('join', ['r']);
        const { channels, patterns } = await holdings();
        assert.deepStrictEqual({ channels, patterns }, pick(fresh, ['channels', 'patterns']));
        await Promise.all(crowds.flat().map((visitor) => visitor.leave()));
        await emptied();
    });

    test('everything is as it was', async () => {
        await visits(VISITORS);
        await emptied();
    });

    test('so is memory', { skip: !MEASURED && 'CLUSTER_VISITORS is small' }, async (t) => {
        const start = [...resident(), await redisBytes()];
        await visits(VISITORS);
        await emptied();
        const growth = [...resident(), await redisBytes()].map((now, i) => now - start[i]);
        t.diagnostic(`growth of both instances and Redis: ${growth.join(', ')} bytes`);
        assert.ok(growth.every((bytes) => bytes < GROWTH_BYTES), `growth: ${growth}`);
    });
});
