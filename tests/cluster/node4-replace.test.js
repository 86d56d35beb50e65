'use strict';
/*
 * Two servers of socket.io 4 for Node behind nginx are replaced by ours, one at a time, as
 * server/manual/clusters.md says, while clients of 4.8 stay, hear what emitters say, and send
 * events that have to be acknowledged.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll } = require('../lib/modern.js');
const { NodeServer, redisClient } = require('../lib/node4.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { startNginx, startRedis } = require('../lib/services.js');

const { Emitter } = require('@socket.io/redis-emitter');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const CLIENTS = 20;
const PATIENT_MS = 60000;

after(leaveAll);

const byClient = (text) => text.replace('upstream websocket {', '$&\n        hash $arg_client;');

/* One that asks all the time, and sends again what nobody has acknowledged. */
class Asker {
    static async start(port, i) {
        const asker = new Asker();
        asker.client = await connect(port, { way: i % 2 ? 'polling' : undefined,
            query: { client: `c${i}` }, retries: 1000, ackTimeout: 5000 });
        asker.place = asker.client.greeting.server;
        asker.moves = 0;
        asker.heard = [];
        asker.client.on('server', ({ server }) => { asker.place = server; asker.moves++; });
        asker.client.on('tick', (n) => asker.heard.push(n));
        asker.asked = asker.acknowledged = 0;
        asker.done = asker.run();
        return asker;
    }

    async run() {
        while (!this.isOver) {
            const n = this.asked++;
            const answer = await new Promise((resolve) => {
                this.client.emit('echo', n, (error, value) => resolve(error ?? value));
            });
            assert.strictEqual(answer, n, 'the answer to what was asked');
            this.acknowledged++;
            await delay(20);
        }
    }
}

/* Numbers that an emitter says to everyone, until it is stopped. */
function startTicks(client) {
    const emitter = new Emitter(client);
    const ticks = { next: 0 };
    const timer = setInterval(() => emitter.emit('tick', ticks.next++), 10);
    ticks.stop = () => clearInterval(timer);
    return ticks;
}

describe('replacing a cluster of socket.io 4', suite, () => {
    let redis, client, nginx, askers, ticks, probes;
    const servers = [];         /* all that were ever started */
    before(async () => {
        redis = await startRedis();
        client = await redisClient(redis);
        for (const name of ['Node1', 'Node2'])
            servers.push(await NodeServer.start(redis, name));
        nginx = await startNginx(servers.map(({ port }) => port), { edit: byClient });
        askers = await Promise.all(Array.from({ length: CLIENTS }, (_, i) =>
            Asker.start(nginx.port, i)));
        ticks = startTicks(client);
        probes = 0;
    });
    after(async () => {
        ticks.stop();
        leave(...askers.map((asker) => asker.client));
        await nginx.stop();
        for (const { broker } of servers.filter(({ broker: is }) => is !== undefined))
            await broker.stop();
        await client.disconnect();
        await redis.stop();
    });

    const members = async () => Number((await redis.command('PUBSUB', 'NUMSUB',
        'socket.io-request#/#')).split('\n')[1]);

    /* nginx leaves a server that was away out for two seconds. */
    const isInTurn = (name) => eventually(async () => {
        const probe = await connect(nginx.port, { way: 'websocket',
            query: { client: `probe${probes++}` } });
        const { server } = probe.greeting;
        leave(probe);
        return server === name;
    }, `nginx asks ${name}`, PATIENT_MS);

    /* Everyone hears what is said from now on, and gets acknowledgements. */
    async function allGoOn(what) {
        const from = ticks.next;
        const before = askers.map(({ acknowledged }) => acknowledged);
        await eventually(() => askers.every(({ heard, acknowledged }, i) =>
            heard.at(-1) > from && acknowledged > before[i] + 1), () => `${what}: ` +
            JSON.stringify(askers.map(({ heard, place }) => [place, heard.at(-1), from])),
        PATIENT_MS);
    }

    /* Stop one, start ours in its place. */
    async function replace(old, name) {
        const stayed = askers.filter(({ place }) => place !== old.name);
        assert.ok(stayed.length > 0 && stayed.length < CLIENTS, 'both have clients');
        const moves = stayed.map((asker) => asker.moves);
        const from = ticks.next;
        await old.shutDown();
        await eventually(() => askers.every(({ place }) => place !== old.name),
            'its clients are elsewhere', PATIENT_MS);
        await allGoOn(`without ${old.name}`);
        stayed.forEach((asker, i) => assert.strictEqual(asker.moves, moves[i], 'it stayed'));
        assertAllHeard(stayed, from);
        const broker = await startBroker({ contract: true, port: old.port, config: { name },
            args: ['--redis', redis.url, '--dialect', 'node-4'] });
        servers.push({ broker, name, shutDown: () => broker.stop() });
        await eventually(async () => await members() === 2, 'it is counted');
        await isInTurn(name);
        await allGoOn(`with ${name}`);
    }

    /* Who has not moved has heard all numbers from that one on. */
    function assertAllHeard(some, from) {
        for (const { heard } of some) {
            const numbers = heard.filter((n) => n >= from);
            assert.deepStrictEqual(numbers,
                Array.from({ length: numbers.length }, (_, i) => from + i));
        }
    }

    test('one process at a time', { timeout: 280000 }, async () => {
        await allGoOn('at first');
        await replace(servers[0], 'Ours1');
        await replace(servers[1], 'Ours2');
        const places = new Set(askers.map(({ place }) => place));
        assert.ok([...places].every((place) => place.startsWith('Ours')), [...places].join());
        askers.forEach((asker) => { asker.isOver = true; });
        await Promise.all(askers.map(({ done }) => done));
        for (const { heard, asked, acknowledged } of askers) {
            assert.strictEqual(acknowledged, asked, 'nothing that was asked is lost');
            assert.deepStrictEqual(heard, [...new Set(heard)].sort((a, b) => a - b),
                'nothing is heard twice, or out of order');
        }
    });
});
