'use strict';
/*
 * Clients of Engine.IO of which every request reaches another instance than the one before: polls
 * and POSTs of both revisions, in text, bytes, base64 and scripts, and upgrades. All that either
 * side says arrives complete, in order, once.
 *
 * CLUSTER_SESSIONS (5) is the number of clients of each kind in the test with many.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, Witnesses } = require('../lib/cluster.js');
const { KINDS, crowd, roam } = require('../lib/engine-roamer.js');
const { assertComplete } = require('../lib/sequence.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const SESSIONS = Number(process.env.CLUSTER_SESSIONS || 5);
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const numbers = (n) => Array.from({ length: n }, (_, i) => i);

for (const n of [2, 4]) {
    describe(`requests in turn to ${n} instances`, suite, () => {
        let cluster, witnesses;
        before(async () => {
            cluster = await startCluster(n);
            witnesses = await Witnesses.of(cluster);
        });
        after(async () => {
            witnesses.assertNoneTwice();
            await cluster.stop();
        });

        for (const kind of KINDS)
            describe(kind, () => roamers(kind, () => ({ cluster, witnesses })));
    });
}

function roamers(kind, context) {
    let first = 0;
    const connect = () => roam(context().cluster, kind, { first: first++ });

    test('connected and greeted, once, wherever it begins', async () => {
        const { cluster } = context();
        for (const roamer of await crowd(cluster, kind, 2 * cluster.ports.length)) {
            await roamer.ask('echo');
            assert.strictEqual(roamer.connects, 1);
            assert.strictEqual(roamer.heard('server').length, 1);
            await roamer.leave();
        }
    });

    test('200 events of one moment are complete, in order, once', async () => {
        const roamer = await connect();
        roamer.emitEvent('many', [200]);
        await roamer.until(() => roamer.heard('seq').length >= 200, 'has 200 events');
        await roamer.ask('echo');
        assertComplete(roamer.numbers('seq'), 200, 'events');
        await roamer.leave();
    });

    test('200 echoes with bytes are acknowledged in order, at once or one by one', async () => {
        const roamer = await connect();
        const answered = [];
        const echo = async (i) => {
            const [number, bytes] = await roamer.ask('echo', [i, Buffer.from([i, 0xff])]);
            assert.deepStrictEqual(bytes, Buffer.from([i, 0xff]));
            answered.push(number);
        };
        await Promise.all(numbers(150).map(echo));
        for (let i = 150; i < 200; i++)
            await echo(i);
        assertComplete(answered, 200, 'acknowledgements');
        await roamer.leave();
    });

    test('text and bytes of all kinds and lengths come through as they are', async () => {
        const roamer = await connect();
        const values = ['', 'é€😀', '"\\ \n\u2028', 'x'.repeat(70000), '€'.repeat(30000),
            Buffer.alloc(0), Buffer.from([0, 30, 255]), Buffer.alloc(300000, 7),
            [Buffer.from('a'), { b: Buffer.from('b') }, null]];
        for (const value of values)
            assert.deepStrictEqual(await roamer.ask('echo', [value]), [value]);
        await roamer.leave();
    });

    test('the application asks, the client answers', async () => {
        const roamer = await connect();
        roamer.on('event', (name, args, id) => {
            if (name === 'question')
                roamer.answer(id, ['yes', ...args]);
        });
        for (const i of numbers(20))
            roamer.emitEvent('ask', [i]);
        await roamer.until(() => roamer.heard('answer').length >= 20, 'sees 20 answers');
        assert.deepStrictEqual(roamer.heard('answer'), numbers(20).map((i) => ['yes', i]));
        await roamer.leave();
    });

    test('one instance answers for it, wherever it is asked', async () => {
        const roamer = await connect();
        const [{ server }] = roamer.heard('server')[0];
        for (const i of numbers(8))
            assert.strictEqual((await roamer.ask('who', [i]))[0].server, server);
        await roamer.leave();
    });

    test('kicked: it is told, and so is everybody, once', async () => {
        const { witnesses } = context();
        const roamer = await connect();
        let kicked = 0;
        roamer.on('kicked', () => kicked++);
        const [{ id }] = await roamer.ask('who');
        roamer.emitEvent('kick');
        assert.strictEqual(await roamer.ended(), roamer.upgrade ? 'closed' : 'close');
        assert.strictEqual(kicked, 1);
        await witnesses.see(id, 'server namespace disconnect');
    });

    test('it says goodbye', async () => {
        const { witnesses } = context();
        const roamer = await connect();
        const [{ id }] = await roamer.ask('who');
        await roamer.leave();
        await witnesses.see(id, 'transport close');
    });

    test(`${SESSIONS} clients, 200 numbered events for each`, async () => {
        const ms = 20000 + 200 * SESSIONS;
        const { cluster } = context();
        const clients = await crowd(cluster, kind, SESSIONS);
        const speaker = await cluster.local(cluster.ports.length - 1);
        for (const client of clients)
            client.emitEvent('many', [100]);
        for (const i of numbers(50)) {
            speaker.emitEvent('broadcast', [i]);
            for (const client of clients)
                client.emitEvent('echo', i % 5 === 0 ? [i, Buffer.from([i])] : [i]);
            await speaker.ask('echo', [], { ms });
        }
        const expected = { seq: 100, echo: 50, broadcast: 50 };
        for (const client of clients) {
            for (const [name, count] of Object.entries(expected)) {
                await client.until(() => client.heard(name).length >= count,
                    `has ${count} of ${name}`, ms);
            }
        }
        for (const client of clients) {
            await client.ask('echo', [], { ms });
            for (const [name, count] of Object.entries(expected))
                assertComplete(client.numbers(name).filter((i) => i !== undefined), count, name);
        }
        await Promise.all([speaker, ...clients].map((client) => client.leave()));
    });

    test('events keep coming while it moves to a websocket', async () => {
        const { cluster } = context();
        if (!kind.startsWith('upgrade'))
            return;
        const clients = await crowd(cluster, kind.replace('upgrade', 'polling'), 4);
        for (const client of clients) {
            client.emitEvent('many', [300]);
            const echoed = Promise.all(numbers(100).map((i) => client.ask('echo', [i])));
            await client.moveOver();
            client.emitEvent('many', [0]);
            assertComplete((await echoed).map(([i]) => i), 100, 'acknowledgements');
            await client.until(() => client.heard('seq').length >= 300, 'has 300 events');
            assertComplete(client.numbers('seq'), 300, 'events');
            await client.leave();
        }
    });
}
