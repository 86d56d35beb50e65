'use strict';
/*
 * Clients leave in the moment in which their instance is killed. Everybody hears of each once:
 * either its application has told, and taken back what it left to the others for the case that it
 * can not, or one of the others tells.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const N = 200;
const ROUNDS = 2;

describe('the last words of an instance', suite, () => {
    let cluster;
    before(async () => {
        cluster = await startCluster(2, { args: ['--reach'], config: { 'instance timeout': 2 } });
    });
    after(() => cluster.stop());

    /* A client with a will, which is revoked when it leaves. It has the id of its session. */
    async function mortal() {
        const client = await engine.dial(cluster.ports[0], 3);
        await client.send('421["mourn"]');
        while (!(await client.next()).startsWith('431'))
            ;
        return client;
    }

    const note = (told, [name, id, why]) => told[name]?.push([id.replace('mourn:', ''), why]);

    /* All that is told of those that leave, as long as the witness lives. */
    async function listen() {
        const witness = await engine.dial(cluster.ports[1], 4);
        const told = { left: [], will: [], echo: [] };
        (async () => {
            for (;;) {
                const packet = await witness.next(600000);
                if (packet === '2')
                    await witness.send('3');
                else if (packet.startsWith('42'))
                    note(told, JSON.parse(packet.slice(2)));
            }
        })().catch(() => {}); /* its end */
        return { witness, told };
    }

    /* Nothing is left in Redis of the instance that has made these, so all of it is told. */
    async function settled({ witness, told }, [{ opened }]) {
        await eventually(async () => await cluster.redis.command('KEYS',
            `*:[sw]*:${opened.sid.slice(0, 6)}`) === '', 'nothing is left of it');
        for (let i = 1; i <= 2; i++) { /* the second comes behind whatever came with the first */
            await witness.send(`42["echo","${i}"]`);
            await eventually(() => told.echo.length === i, 'an echo');
        }
    }

    for (let round = 0; round < ROUNDS; round++) {
        test(`each is told once, and by one (${round})`, async () => {
            const listener = await listen();
            const { witness, told } = listener;
            const clients = await Promise.all(Array.from({ length: N }, mortal));
            clients.forEach((client) => client.socket.end());
            await eventually(() => told.left.length >= 1 + 50 * round, 'some were told');
            cluster.instances[0].program.kill('SIGKILL');
            await eventually(() => told.left.length >= N, 'all were told');
            await settled(listener, clients);
            const lost = told.left.filter(([, reason]) => reason === 'instance lost');
            assert.strictEqual(new Set(told.left.map(([id]) => id)).size, N);
            assert.strictEqual(told.left.length, N, 'none twice');
            assert.deepStrictEqual(told.will.map(([id]) => id).sort(),
                lost.map(([id]) => id).sort(), 'the wills of those that were lost, and no others');
            clients.forEach((client) => client.destroy());
            witness.destroy();
            await cluster.start(0);
            await cluster.met();
        });
    }
});
