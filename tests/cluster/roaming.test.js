'use strict';
/*
 * Every request of a client reaches another instance than the one before, on each transport: all
 * that the application says arrives complete, in order, once, and so does all that the client says.
 *
 * CLUSTER_SESSIONS (30) is the number of clients of each transport in the test with many.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, Witnesses } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { TRANSPORTS } = require('../lib/roamer.js');
const { assertComplete } = require('../lib/sequence.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const SESSIONS = Number(process.env.CLUSTER_SESSIONS || 30);
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

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

        for (const transport of TRANSPORTS)
            describe(transport, () => roam(transport, () => ({ cluster, witnesses })));
    });
}

function roam(transport, context) {
    let first = 0;
    const connect = () => context().cluster.roamer(transport, { first: first++ });

    test('connected and greeted, once, wherever it begins', async () => {
        const { cluster } = context();
        for (const roamer of await cluster.crowd(transport, 2 * cluster.ports.length)) {
            await roamer.ask('echo');
            assert.deepStrictEqual(roamer.packets.filter((packet) => packet === '1::'), ['1::']);
            assert.strictEqual(roamer.heard('server').length, 1);
            roamer.destroy();
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

    test('200 echoes are acknowledged in order', async () => {
        const roamer = await connect();
        const answered = [];
        await Promise.all(Array.from({ length: 200 },
            async (_, i) => answered.push(...await roamer.ask('echo', [i]))));
        assertComplete(answered, 200, 'acknowledgements');
        await roamer.leave();
    });

    test('200 echoes one by one are acknowledged', async () => {
        const roamer = await connect();
        for (let i = 0; i < 200; i++)
            assert.deepStrictEqual(await roamer.ask('echo', [i]), [i]);
        await roamer.leave();
    });

    test('POSTs of several events each keep their order', async () => {
        const roamer = await connect();
        for (let i = 0; i < 200; i++) {
            roamer.emitEvent('echo', [i]);
            if (i % 7 === 0)
                await roamer.sent();
        }
        await roamer.until(() => roamer.heard('echo').length >= 200, 'has 200 echoes');
        await roamer.ask('echo');
        assertComplete(roamer.numbers('echo'), 200, 'echoes');
        await roamer.leave();
    });

    test('text of all kinds and lengths comes through as it is', async () => {
        const roamer = await connect();
        const texts = ['', 'é€😀', '"\\ \n\u2028</script>\ufffd7\ufffd', 'x'.repeat(70000),
            '€'.repeat(30000), [1, [null, { a: 0.5 }]]];
        for (const text of texts)
            assert.deepStrictEqual(await roamer.ask('echo', [text]), [text]);
        await roamer.leave();
    });

    test('volatile events reach an open channel', async () => {
        const roamer = await connect();
        /* Between two polls they are dropped, so some are sent. */
        await eventually(async () => {
            roamer.emitEvent('volatile', ['v']);
            await roamer.sent();
            return roamer.heard('volatile').length > 0;
        }, 'a volatile event');
        await roamer.leave();
    });

    test('the application asks, the client answers', async () => {
        const roamer = await connect();
        roamer.on('event', (name, args, endpoint, id) => {
            if (name === 'question')
                roamer.say(`6:::${id}+${JSON.stringify(['yes', ...args])}`);
        });
        for (let i = 0; i < 20; i++)
            roamer.emitEvent('ask', [i]);
        await roamer.until(() => roamer.heard('answer').length >= 20, 'sees 20 answers');
        await roamer.ask('echo');
        assert.deepStrictEqual(roamer.heard('answer'),
            Array.from({ length: 20 }, (_, i) => ['yes', i]));
        await roamer.leave();
    });

    test('what is stored about it is there for all its requests', async () => {
        const roamer = await connect();
        assert.deepStrictEqual(await roamer.ask('get', ['nick']), [null]);
        await roamer.ask('set', ['nick', { name: 'é' }]);
        for (let i = 0; i < 4; i++)
            assert.deepStrictEqual(await roamer.ask('get', ['nick']), [{ name: 'é' }]);
        await roamer.leave();
    });

    test('a namespace', async () => {
        const roamer = await connect();
        await roamer.join('/chat');
        const chat = { endpoint: '/chat' };
        for (let i = 0; i < 20; i++)
            assert.deepStrictEqual(await roamer.ask('echo', [i], chat), [i]);
        roamer.emitEvent('many', [50], '/chat');
        await roamer.until(() => roamer.heard('seq', '/chat').length >= 50, 'has 50 events there');
        await roamer.ask('echo', [], chat);
        assertComplete(roamer.numbers('seq', '/chat'), 50, 'events in /chat');
        assert.deepStrictEqual(roamer.heard('welcome', '/chat'), [[{ namespace: '/chat' }]]);
        assert.strictEqual(roamer.heard('seq').length, 0);
        await roamer.leave();
    });

    test('one instance answers for it, wherever it is asked', async () => {
        const roamer = await connect();
        const [{ id, server }] = await roamer.ask('who');
        assert.strictEqual(id, roamer.id);
        assert.deepStrictEqual(roamer.heard('server').map(([greeting]) => greeting.server),
            [server]);
        for (let i = 0; i < 8; i++)
            assert.deepStrictEqual(await roamer.ask('who'), [{ id, transport, server }]);
        await roamer.leave();
    });

    test('kicked: it is told, and so is everybody, once', async () => {
        const { witnesses } = context();
        const roamer = await connect();
        roamer.emitEvent('kick');
        assert.strictEqual(await roamer.ended(), '0::');
        await witnesses.see(roamer.id, 'booted');
    });

    test('it says goodbye', async () => {
        const { witnesses } = context();
        const roamer = await connect();
        await roamer.leave();
        assert.strictEqual(roamer.over, '0::');
        await witnesses.see(roamer.id, 'booted');
    });

    test('?disconnect at any instance ends it', async () => {
        const { cluster, witnesses } = context();
        const crowd = await cluster.crowd(transport, cluster.ports.length);
        for (const [i, roamer] of crowd.entries()) {
            roamer.turn = i;
            await roamer.disconnect();
            assert.strictEqual(await roamer.ended(), '0::');
            await witnesses.see(roamer.id, 'booted');
        }
    });

    test(`${SESSIONS} clients, 200 numbered events for each`, async () => {
        const ms = 20000 + 200 * SESSIONS;
        const { cluster } = context();
        const crowd = await cluster.crowd(transport, SESSIONS);
        const speaker = await cluster.local(cluster.ports.length - 1);
        for (const roamer of crowd)
            roamer.emitEvent('many', [100]);
        for (let i = 0; i < 50; i++) {
            speaker.emitEvent('broadcast', [i]);
            for (const roamer of crowd)
                roamer.emitEvent('echo', [i]);
            await speaker.ask('echo', [], { ms });
        }
        const expected = { seq: 100, echo: 50, broadcast: 50 };
        for (const roamer of crowd) {
            for (const [name, count] of Object.entries(expected)) {
                await roamer.until(() => roamer.heard(name).length >= count,
                    `has ${count} of ${name}`, ms);
            }
        }
        for (const roamer of crowd) {
            await roamer.ask('echo', [], { ms });
            for (const [name, count] of Object.entries(expected))
                assertComplete(roamer.numbers(name), count, `${roamer}: ${name}`);
        }
        await Promise.all([speaker, ...crowd].map((roamer) => roamer.leave()));
    });
}
