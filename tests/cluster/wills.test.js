'use strict';
/*
 * What an application has left for the case that its instance is lost (sio_set_will) is told to the
 * application of one of the others, once: after a kill, after a stop, and when the heir dies, too.
 */

const assert = require('node:assert');
const { test, describe, beforeEach, afterEach } = require('node:test');
const { startCluster, counters } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { connect, leaveAll } = require('../lib/modern.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const TIMEOUT_S = 2;
const SOON_MS = (TIMEOUT_S + 5) * 1000;
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const numbers = (n) => Array.from({ length: n }, (_, i) => i);

describe('wills of an instance that is gone', suite, () => {
    let cluster;
    beforeEach(async () => {
        cluster = await startCluster(3,
            { args: ['--reach'], config: { 'instance timeout': TIMEOUT_S } });
        await cluster.met();
    });
    afterEach(async () => {
        leaveAll();
        await cluster.stop();
    });

    /* A client of the last instance, and the wills that any application was told of: [id, will]. */
    async function witness() {
        const client = await connect(cluster.ports[2], { way: 'websocket' });
        const told = [];
        client.on('will', (...will) => told.push(will));
        return { client, told };
    }

    async function leavers(n, port = cluster.ports[0]) {
        const clients = await Promise.all(numbers(n).map(() =>
            connect(port, { way: 'websocket', reconnection: false })));
        await Promise.all(clients.map((client, i) => client.ask('will', `will ${i}`)));
        return clients;
    }

    /* A turn of the event loop after its will was taken, Redis has been sent it. */
    const stored = (client) => client.ask('echo', 'stored');

    const wills = (clients) => clients.map(({ id }, i) => [id, `will ${i}`]).sort();

    async function assertTold({ client, told }, want) {
        await eventually(() => told.length >= want.length, `${want.length} wills are told`,
            SOON_MS);
        await client.ask('echo', 'settled');
        assert.deepStrictEqual(told.sort(), want);
    }

    test('killed: 200 of 200, each once, and none that was revoked', async () => {
        const seen = await witness();
        const clients = await leavers(200);
        const want = wills(clients);
        const others = await leavers(10);
        await Promise.all(others.map((client) => client.ask('will', null)));
        await clients[0].ask('will', 'the last one');
        want.find(([id]) => id === clients[0].id)[1] = 'the last one';
        await stored(clients[0]);
        cluster.instances[0].program.kill('SIGKILL');
        await assertTold(seen, want.sort());
        const inherited = await Promise.all(cluster.instances.slice(1).map(counters));
        assert.strictEqual(inherited.reduce((n, c) => n + c.inherited_wills, 0), 200);
    });

    test('stopped with wills: they are told at once', async () => {
        const seen = await witness();
        const want = wills(await leavers(20));
        cluster.instances[0].program.kill('SIGTERM');
        await assertTold(seen, want);
        await eventually(() => cluster.instances[0].program.status !== null, 'it has stopped');
    });

    test('the heir is killed before it has revoked them: once more', async () => {
        const seen = await witness();
        const [client] = await leavers(1);
        await client.ask('will', 'keep');
        const want = [client.id, 'keep'];
        await stored(client);
        cluster.instances[0].program.kill('SIGKILL');
        await assertTold(seen, [want]);
        const inherited = await Promise.all(cluster.instances.slice(1).map(counters));
        if (inherited[1].inherited_wills > 0)
            return; /* the witness is there, and has to live */
        cluster.instances[1].program.kill('SIGKILL');
        await assertTold(seen, [want, want]);
    });

    test('nobody is left: the next instance that starts is told', async () => {
        const [client] = await leavers(1);
        await client.ask('will', 'for later');
        const { id } = client;
        cluster.instances[1].program.kill('SIGTERM');
        cluster.instances[2].program.kill('SIGTERM');
        await eventually(() => [1, 2].every((i) => cluster.instances[i].program.status !== null),
            'the others have stopped');
        cluster.instances[0].program.kill('SIGTERM');
        await eventually(() => cluster.instances[0].program.status !== null, 'all have stopped');
        await cluster.start(2);
        const seen = await witness();
        await assertTold(seen, [[id, 'for later']]);
    });
});
