'use strict';
/*
 * A client that the application does not want to hear for a while (sio_pause) is held back
 * whichever instance its requests reach, and then all comes in order. What can not be held back is
 * bounded.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { roam } = require('../lib/engine-roamer.js');
const { connect, leave } = require('../lib/modern.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const PAUSE_MS = 700;
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

async function sum(cluster, name) {
    const all = await Promise.all(cluster.instances.map(counters));
    return all.reduce((total, { [name]: n }) => total + n, 0);
}

describe('a client that is paused', suite, () => {
    let cluster;
    before(async () => {
        cluster = await startCluster(2, { args: ['--reach'], config: { maxPayload: 100000 } });
    });
    after(() => cluster.stop());

    for (const kind of ['polling 4', 'polling 3', 'upgrade 4', 'upgrade 3'])
        test(`${kind}, its requests in turn to two instances: all waits, and comes in order`,
            async () => {
                const roamer = await roam(cluster, kind);
                const start = Date.now();
                const order = [];
                await roamer.ask('pause', [null, PAUSE_MS]);
                const asked = Array.from({ length: 50 }, async (_, i) => {
                    await roamer.ask('echo', [i]);
                    order.push(i);
                    return Date.now() - start;
                });
                const first = Math.min(...await Promise.all(asked));
                assert.ok(first >= PAUSE_MS - 20, `the first was heard after ${first} ms`);
                assert.deepStrictEqual(order, order.map((_, i) => i));
                assert.strictEqual(await sum(cluster, 'paused'), 0);
                await roamer.leave();
            });

    for (const version of ['0.9.16', '1.7.4', '2.5.0', '3.1.3', '4.8.4'])
        for (const way of ['websocket', 'polling'])
            test(`a real client of ${version}, by ${way}`, async () => {
                const client = await connect(cluster.ports[0], { version, way });
                const start = Date.now();
                await client.ask('pause', null, PAUSE_MS);
                const echoes = await Promise.all(['a', 'b', 'c'].map((x) => client.ask('echo', x)));
                assert.deepStrictEqual(echoes, [['a'], ['b'], ['c']]);
                const ms = Date.now() - start;
                assert.ok(ms >= PAUSE_MS - 20, `heard after ${ms} ms`);
                leave(client);
            });

    /* Its websocket is at the other instance, which reads it as ever. */
    test('who sends more than is kept is disconnected', async () => {
        const roamer = await roam(cluster, 'upgrade 4');
        await roamer.ask('pause', [null, 60000]);
        const before = await sum(cluster, 'overloaded');
        for (let i = 0; i < 60 && roamer.over === null; i++)
            roamer.emitEvent('message', ['x'.repeat(90000)]);
        await roamer.ended();
        await eventually(async () => (await sum(cluster, 'overloaded')) === before + 1,
            'it was counted');
        assert.strictEqual(await sum(cluster, 'paused'), 0);
    });
});
