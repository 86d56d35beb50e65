'use strict';
/*
 * Redis Cluster: primaries are killed while clients are at work, slots are moved to another node,
 * and keys are where they belong.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { Load } = require('../lib/load.js');
const modern = require('../lib/modern.js');
const { connectReal } = require('../lib/real-roamer.js');
const { RedisCluster, slotOf } = require('../lib/redis-cluster.js');
const { assertNoneTwice } = require('../lib/sequence.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { startNginx, startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const EVERY_MS = 100;       /* a question of each client, and a broadcast */
const HOME = '{sio:}cast';  /* a key in the slot of what instances tell each other */
const REAL = [
    { version: '0.9.16', transports: ['websocket'] },
    { version: '0.9.16', transports: ['xhr-polling'] },
    { version: '4.8.4', way: 'websocket' },
    { version: '4.8.4', way: 'polling' },
];
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

after(modern.leaveAll);

const connected = (broker) => eventually(
    async () => (await counters(broker)).store.connected === 1, 'Redis is connected', 30000);

/* What a client hears of the numbered broadcasts of another. */
class Ear {
    constructor(client) {
        this.client = client;
        this.heard = [];
        client.on('event', (name, [said]) => {
            if (name === 'broadcast' && said?.word === 'number')
                this.heard.push(said.n);
        });
    }
}

describe('a primary is killed under load', suite, () => {
    let redis, cluster, nginx, clients, mouth, ears, said = 0, timer;
    before(async () => {
        redis = await new RedisCluster().start();
        cluster = await startCluster(2, { redis });
        nginx = await startNginx(cluster.ports);
        clients = await Promise.all(REAL.map((options) => connectReal(nginx.port, options)));
        mouth = await connectReal(cluster.ports[0], REAL[2]);
        ears = await Promise.all(cluster.ports.map(async (port) =>
            new Ear(await connectReal(port, REAL[2]))));
        timer = setInterval(() => say(), EVERY_MS).unref();
    });
    after(async () => {
        clearInterval(timer);
        modern.leaveAll();
        await nginx.stop();
        await cluster.stop();
    });

    function say() {
        mouth.emitEvent('broadcast', [{ word: 'number', n: said++ }]);
    }

    /* All that was said so far is behind what is said now. What of it the other did not hear. */
    async function assertHeard() {
        const last = said;
        await eventually(() => ears.every(({ heard }) => heard.at(-1) >= last), 'all hear', 60000);
        const [near, far] = ears.map(({ heard }) => assertNoneTwice(heard, said, 'broadcasts'));
        assert.ok(near <= said - last, 'nothing is lost on the instance of the speaker');
        return far;
    }

    async function survives(t, key) {
        const loads = clients.map((client) => new Load(client, EVERY_MS));
        const [before] = await Promise.all(cluster.instances.map(counters));
        const { ms, now } = await redis.failOver(key);
        const promoted = Date.now(), first = said;
        await eventually(() => ears[1].heard.at(-1) >= first, 'the other hears again', 60000);
        const back = Date.now() - promoted;
        for (const load of loads)
            await load.stop(60000);
        for (const client of [...clients, mouth, ...ears.map((ear) => ear.client)])
            assert.strictEqual(client.over, null, `${client}`);
        await Promise.all(cluster.instances.map(connected));
        const [after] = await Promise.all(cluster.instances.map(counters));
        const lost = after.store.publishes_lost - before.store.publishes_lost;
        t.diagnostic(`promoted after ${ms} ms, heard again ${back} ms later; messages counted as ` +
            `lost: ${lost}, broadcasts not heard so far: ${await assertHeard()}`);
        return { lost, now, moves: after.store.moves - before.store.moves };
    }

    /* Of which nothing of the home is. */
    const elsewhere = async () => {
        const home = await redis.ownerOf(HOME);
        for (let i = 0; ; i++)
            if (await redis.ownerOf(`key ${i}`) !== home)
                return `key ${i}`;
    };

    test('that of the instances: clients stay, nothing of theirs is lost or doubled', async (t) => {
        const { lost, moves, now } = await survives(t, HOME);
        assert.ok(lost > 0, 'what was said in the gap is counted');
        assert.ok(moves > 0, 'the move is counted');
        await eventually(() => cluster.instances.every(({ log }) =>
            log.includes(`is connected again (127.0.0.1:${now.port})`)), 'they say where they are');
    });

    test('one that has keys alone', async (t) => {
        await survives(t, await elsewhere());
    });

    test('and afterwards everything is as it was', async () => {
        await cluster.met();
        const client = await connectReal(nginx.port, REAL[1]);
        const load = new Load(client, EVERY_MS);
        await eventually(() => load.answered.length >= 5, 'answers');
        await load.stop();
        await client.leave();
    });
});

/* A handshake of 0.9: its id. */
async function handshake(port) {
    return (await sio.handshake(port)).id;
}

describe('slots are moved', suite, () => {
    let redis, cluster;
    before(async () => {
        redis = await new RedisCluster().start();
        cluster = await startCluster(2, { redis });
        await Promise.all(cluster.instances.map(connected));
    });
    after(() => cluster.stop());

    const sum = async (name) => (await Promise.all(cluster.instances.map(counters)))
        .reduce((all, { store }) => all + store[name], 0);

    /* Is the handshake, made at the first instance, good at the second? */
    async function assertTaken(id) {
        const socket = await sio.upgrade(cluster.ports[1], id);
        assert.strictEqual(socket.answer.status, 101, socket.answer.text);
        assert.strictEqual(await socket.message(), '1::');
        socket.destroy();
    }

    test('handshakes are where their keys are', async () => {
        const ids = await Promise.all(Array.from({ length: 30 },
            () => handshake(cluster.ports[0])));
        const owners = new Set();
        for (const id of ids) {
            const owner = await redis.ownerOf(`sio:hs:${id}`);
            assert.strictEqual(await owner.command('EXISTS', `sio:hs:${id}`), '1');
            owners.add(owner);
        }
        assert.strictEqual(owners.size, 3);
    });

    test('a key is asked for elsewhere, while its slot is on the way (ASK)', async () => {
        const id = await handshake(cluster.ports[0]), key = `sio:hs:${id}`;
        const to = await redis.anotherPrimary(key);
        const before = await sum('redirects');
        await redis.beginToMove(key, to);
        await assertTaken(id);
        assert.ok(await sum('redirects') > before);
        await redis.endMove(key, to);
    });

    /* Now and then an instance asks who has what before it hears of it in this way. */
    test('a slot has moved (MOVED)', async () => {
        const before = await sum('redirects');
        await eventually(async () => {
            const id = await handshake(cluster.ports[0]), key = `sio:hs:${id}`;
            await redis.move(key, await redis.anotherPrimary(key));
            await assertTaken(id);
            return await sum('redirects') > before;
        }, 'a command is sent elsewhere', 60000);
    });

    test('the slot of the instances has moved: they go with it', async () => {
        const before = await sum('moves');
        const [near, far] = await Promise.all([cluster.local(0), cluster.local(1)]);
        await redis.move(HOME, await redis.anotherPrimary(HOME));
        await eventually(async () => await sum('moves') >= before + 2, 'they have moved', 30000);
        await cluster.met();
        await eventually(async () => {
            near.emitEvent('broadcast', ['here']);
            await near.ask('echo');
            return far.numbers('broadcast').includes('here');
        }, 'they hear each other there', 30000);
        await Promise.all([near.leave(), far.leave()]);
    });
});

describe('what is no good Redis Cluster', suite, () => {
    test('one Redis: a line says so, and its own clients are served', async () => {
        const redis = await startRedis();
        const broker = await startBroker({ args:
            ['--redis', `redis-cluster://127.0.0.1:${redis.port}`] });
        await broker.program.said(/error {1}Redis at \S+ does not say who has which slot \(ERR/);
        const socket = await sio.connect(broker.port);
        await sio.assertAlive(socket);
        socket.destroy();
        await broker.stop();
        await redis.stop();
    });
});
