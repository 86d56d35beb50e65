'use strict';
/*
 * What is forged on the ways of the sharded adapter, and on those of streams, towards an instance
 * beside two servers of Node: it counts that and lives, and so do they. (node4-harm.test.js has the
 * classic adapter.)
 *
 * It is about a namespace that only ours has, as servers of Node could not bear it.
 *
 * FORGED_SECONDS: how long each takes (4).
 */

const assert = require('node:assert');
const notepack = require('notepack.io');
const { test, after } = require('node:test');
const { Dice } = require('../lib/dice.js');
const { eventually } = require('../lib/deadline.js');
const { begin, connect, leave, leaveAll } = require('../lib/modern.js');
const { NodeServer, record, redisClient } = require('../lib/node4.js');
const { damage, forgeMessage } = require('../lib/node4-judge.js');
const { residentBytes } = require('../lib/program.js');
const { startRedis } = require('../lib/services.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const FORGED_MS = 1000 * Number(process.env.FORGED_SECONDS || 4);
const NSP = '/dynamic-forged';
const UID = 'abcdef';

after(leaveAll);

const maybeDamaged = (dice, bytes) => (dice.chance(0.5) ? damage(dice, bytes) : bytes);
const json = (value) => Buffer.from(JSON.stringify(value) ?? '');

function forgedPayload(dice) {
    const message = forgeMessage(dice, NSP, UID);
    return maybeDamaged(dice, dice.chance(0.5) ? notepack.encode(message) : json(message));
}

/* Its namespace is right always: else servers of Node read it, too. */
function forgedEntry(dice) {
    const { type, data, uid } = forgeMessage(dice, NSP, UID);
    const text = dice.chance(0.5) ? maybeDamaged(dice, json(data))
        : Buffer.from(maybeDamaged(dice, notepack.encode(data)).toString('base64'));
    const fields = Object.entries({ nsp: NSP, type: String(type), data: text, uid: String(uid) });
    return (dice.chance(0.8) ? fields : fields.slice(0, 1 + dice.below(3))).flat();
}

const channel = (dice) => `socket.io#${NSP}#${dice.pick(['', '', 'r#', `${UID}#`])}`;

const KINDS = {
    'node-4-sharded': { options: { subscriptionMode: 'dynamic' },
        say: (redis, dice) => redis.sPublish(channel(dice), forgedPayload(dice)) },
    'node-4-streams': { options: { stream: {},
        connectionStateRecovery: { maxDisconnectionDuration: 60000 } },
    say: (redis, dice) => (dice.chance(0.3)
        ? redis.publish(channel(dice), forgedPayload(dice))
        : redis.sendCommand(['XADD', 'socket.io', 'MAXLEN', '~', '1000', '*',
            ...forgedEntry(dice)])) },
};

for (const [dialect, { options, say }] of Object.entries(KINDS))
    test(`whatever is forged for ${dialect}, it lives, and so do all others`, suite, async () => {
        const server = await startRedis();
        const redis = await redisClient(server);
        const nodes = [];
        for (const name of ['Node1', 'Node2'])
            nodes.push(await NodeServer.start(server, name, [], options));
        const our = await startBroker({ contract: true,
            config: { maxDisconnectionDuration: 60000 },
            args: ['--redis', server.url, '--dialect', dialect, '--reach'] });
        await eventually(async () => await nodes[0].io.of('/').adapter.serverCount() === 3,
            'three servers');
        const clients = await Promise.all([our, ...nodes].map(({ port }) => connect(port)));
        /* Not waited for: somebody may forge that it is disconnected before it is greeted. */
        const enter = () => {
            const client = begin(our.port, { namespace: NSP });
            client.on('disconnect', () => { client.isGone = true; });
            return client;
        };
        let there = [enter(), enter()];
        await eventually(() => there.every(({ connected }) => connected), 'two are there');
        const warm = record(clients, 'warm');
        await eventually(() => {
            nodes[0].io.emit('warm');
            return warm.every((list) => list.length > 0);
        }, 'all hear all');

        const dice = new Dice(18);
        const before = residentBytes(our.program.pid);
        const end = Date.now() + FORGED_MS;
        let n = 0;
        for (; Date.now() < end; n++) {
            await Promise.all(Array.from({ length: 100 }, () => say(redis, dice)));
            there = there.map((client) => {
                if (!client.isGone)
                    return client;
                leave(client);
                return enter();
            });
            if (n % 10 === 9)               /* everyone is asked, and answers */
                assert.strictEqual((await nodes[0].io.fetchSockets()).length, clients.length);
        }

        const marks = record(clients, 'mark'), broadcasts = record(clients, 'broadcast');
        nodes[1].io.emit('mark', 1);
        clients[0].emit('broadcast', 2);
        const heardOnce = (lists, value) => eventually(() => lists.every((list) =>
            list.length === 1 && list[0][0] === value), `all hear ${value}, once`);
        await heardOnce(marks, 1);
        await heardOnce(broadcasts, 2);
        const { bad_messages: bad } = await our.counters();
        assert.ok(bad > n, `${bad} bad messages of ${100 * n}`);
        assert.strictEqual(our.log.match(/says through Redis what is no/g).length, 1);
        const grown = residentBytes(our.program.pid) - before;
        assert.ok(grown < 128 << 20, `grown by ${grown} bytes`);
        leave(...clients, ...there);
        await our.stop();
        await Promise.all(nodes.map((node) => node.stop()));
        await redis.disconnect();
        await server.stop();
    });
