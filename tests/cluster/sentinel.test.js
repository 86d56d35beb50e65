'use strict';
/*
 * Redis behind sentinels: the primary is killed while clients are at work, twice, and the second
 * time it is the one that came back as a replica; sentinels that lie, are silent, are away, or say
 * what no sentinel says.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { Load } = require('../lib/load.js');
const modern = require('../lib/modern.js');
const { freePort } = require('../lib/program.js');
const { connectReal } = require('../lib/real-roamer.js');
const { Replicated, FakeSentinel, Sentinel, NAME, array, urlOf } = require('../lib/sentinel.js');
const { assertNoneTwice } = require('../lib/sequence.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { startNginx, startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const EVERY_MS = 100;       /* a question of each client, and a broadcast */
const REAL = [
    { version: '0.9.16', transports: ['websocket'] },
    { version: '0.9.16', transports: ['xhr-polling'] },
    { version: '4.8.4', way: 'websocket' },
    { version: '4.8.4', way: 'polling' },
];
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

after(modern.leaveAll);

/* A whole session on one instance. */
async function assertServes(broker) {
    const socket = await sio.connect(broker.port);
    await sio.assertAlive(socket);
    socket.destroy();
}

const connected = (broker) => eventually(
    async () => (await counters(broker)).store.connected === 1, 'Redis is connected');

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

describe('the primary is killed under load', suite, () => {
    let redis, cluster, nginx, clients, mouth, ears, said = 0, timer;
    before(async () => {
        redis = await new Replicated().start();
        cluster = await startCluster(2, { redis });
        nginx = await startNginx(cluster.ports);
        clients = await Promise.all([...REAL, ...REAL].map((options) =>
            connectReal(nginx.port, options)));
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

    async function lossless() {
        const loads = clients.map((client) => new Load(client, EVERY_MS));
        const before = await counters(cluster.instances[0]);
        const [, far] = ears;
        const { now, ms } = await redis.failOver();
        const promoted = Date.now(), first = said;
        await eventually(() => far.heard.at(-1) >= first, 'the other instance hears again', 60000);
        const back = Date.now() - promoted;
        for (const load of loads)
            await load.stop(60000);
        const after = await counters(cluster.instances[0]);
        for (const client of [...clients, mouth, ...ears.map((ear) => ear.client)])
            assert.strictEqual(client.over, null, `${client}`);
        return { now, ms, back, before: before.store, after: after.store };
    }

    /* All that was said so far is behind what is said now. */
    async function assertHeard() {
        const last = said;
        await eventually(() => ears.every(({ heard }) => heard.at(-1) >= last), 'all hear', 60000);
        const [near, far] = ears.map(({ heard }) =>
            assertNoneTwice(heard, said, 'broadcasts'));
        assert.ok(near <= said - last, 'nothing is lost on the instance of the speaker');
        return far;
    }

    async function survives(t) {
        const { now, ms, back, before, after } = await lossless();
        const lost = await assertHeard();
        const counted = after.publishes_lost - before.publishes_lost;
        t.diagnostic(`promoted after ${ms} ms, heard again ${back} ms later; ` +
            `messages counted as lost: ${counted}, broadcasts not heard so far: ${lost}`);
        assert.ok(counted > 0, 'what was said in the gap is counted');
        assert.ok(after.moves > before.moves, 'the move is counted');
        await eventually(() => cluster.instances.every(({ log }) =>
            log.includes(`is connected again (127.0.0.1:${now.port})`)), 'they say where they are');
        return now;
    }

    test('clients stay, nothing of theirs is lost or doubled', survives);

    test('it comes back as a replica, and becomes the primary again', async (t) => {
        const old = redis.servers.find(({ program }) => program.status !== null);
        await redis.startReplica(old, redis.servers.find((server) => server !== old));
        await redis.settled();
        assert.strictEqual(await survives(t), old);
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

describe('sentinels of which not all are good', suite, () => {
    let redis, replica, good;
    before(async () => {
        redis = await startRedis();
        replica = await startRedis(['--replicaof', '127.0.0.1', String(redis.port)]);
        good = await new FakeSentinel(redis.port).start();
    });
    after(async () => {
        good.stop();
        await replica.stop();
        await redis.stop();
    });

    /* An instance that has to find the primary among what these say. */
    async function finds(others, url = urlOf(...others, good)) {
        const broker = await startBroker({ args: ['--redis', url] });
        await connected(broker);
        assert.ok(broker.log.includes(`sentinel:${NAME} is connected (127.0.0.1:${redis.port})`) ||
            broker.log.includes(`sentinel:${NAME} is connected again (127.0.0.1:${redis.port})`),
        broker.log);
        await assertServes(broker);
        return broker;
    }

    async function among(says, check = () => {}) {
        const other = await new FakeSentinel(says).start();
        const broker = await finds([other]);
        await check(broker, other);
        await broker.stop();
        other.stop();
    }

    test('one names a replica', () => among(replica.port));

    test('one names a port on which nobody listens', async () => among(await freePort()));

    test('one is silent', () => among(null));

    test('one is away', async () => {
        const broker = await finds([{ port: await freePort() }]);
        await broker.program.said(/warn {2}Sentinel at 127.0.0.1:\d+ can not be used \(/);
        await broker.stop();
    });

    for (const [what, says] of Object.entries({
        'knows nothing': '*-1\r\n',
        'says a single word': array('127.0.0.1'),
        'says three words': array('127.0.0.1', '1', '2'),
        'says no port': array('127.0.0.1', 'port'),
        'says a port that is too large': array('127.0.0.1', '65536'),
        'says port 0': array('127.0.0.1', '0'),
        'says no host': array('', '6379'),
        'says a host with a line end in it': array('a\r\nb', '6379'),
        'says a host of 300 bytes': array('x'.repeat(300), '6379'),
        'says numbers': '*2\r\n:1\r\n:2\r\n',
        'says an array in an array': '*2\r\n*1\r\n:1\r\n:2\r\n',
        'says a number': ':1\r\n',
        'refuses': '-NOPERM no\r\n',
        'says a million elements': '*1000000\r\n',
        'says less than nothing': '*-7\r\n',
        'speaks HTTP': 'HTTP/1.1 400 Bad Request\r\n\r\n',
        'speaks RESP3': '%1\r\n+a\r\n+b\r\n',
    })) {
        test(`one ${what}`, () => among(says, (broker) =>
            broker.program.said(/Sentinel at 127.0.0.1:\d+ can not be used \(.*\); retrying/)));
    }

    test('one announces what is no announcement, and a place where nobody is', async () => {
        const nowhere = await freePort();
        await among(redis.port, async (broker, other) => {
            await eventually(() => other.listeners.size > 0, 'it is listened to');
            for (const message of ['', ' ', NAME, `${NAME} a 1 b`, `${NAME} a 1 b c d`,
                `${NAME} a 1 b 0`, `another a 1 127.0.0.1 ${nowhere}`, 'x'.repeat(100000)])
                other.announce(message);
            other.announce(`${NAME} 127.0.0.1 ${redis.port} 127.0.0.1 ${nowhere}`);
            await broker.program.said(
                new RegExp(`is away \\(127.0.0.1:${nowhere} is the primary now\\)`));
            await broker.program.said(
                new RegExp(`is connected again \\(127.0.0.1:${redis.port}\\)`));
            await assertServes(broker);
        });
    });

    test('one says in between what was not asked for', () =>
        among(redis.port, async (broker, other) => {
            for (const bytes of [array('a', 'b', 'c'), '*2\r\n+a\r\n+b\r\n',
                '*3\r\n:1\r\n:2\r\n:3\r\n']) {
                await eventually(() => other.listeners.size > 0, 'it is listened to');
                const { asked } = other;
                other.tell(`+OK\r\n:1\r\n$-1\r\n${bytes}`);
                await eventually(() => other.asked > asked, 'it is asked again', 60000);
            }
            await assertServes(broker);
        }));

    test('all are away at the start: it says so, serves, and finds Redis later', async () => {
        const port = await freePort();
        const broker = await startBroker({ args: ['--redis', urlOf({ port })] });
        await broker.program.said(/warn {2}Redis at sentinel:main is away \(no sentinel says/);
        await assertServes(broker);
        const late = await new FakeSentinel(redis.port).start(port);
        await connected(broker);
        await broker.program.said(/info {2}Sentinel at \S+ answers again/);
        late.stop();
        await broker.program.said(/Sentinel at \S+ can not be used \(.*(closed|reset)/);
        assert.strictEqual((await counters(broker)).store.connected, 1);
        await broker.stop();
    });

    test('the name of the primary is not theirs: a line that says so', async () => {
        const real = await new Sentinel(await freePort(), []).start();
        const broker = await startBroker({ args: ['--redis', urlOf(real)] });
        await broker.program.said(/can not be used \(it knows no place of "main"\)/);
        await assertServes(broker);
        await broker.stop();
        await real.stop();
    });
});

describe('sentinels and Redis with passwords of their own', suite, () => {
    let redis, sentinel;
    before(async () => {
        redis = await startRedis(['--requirepass', 'p@ss/redis']);
        sentinel = await new Sentinel(await freePort(), ['requirepass sentinel&secret',
            `sentinel monitor ${NAME} 127.0.0.1 ${redis.port} 1`,
            `sentinel auth-pass ${NAME} p@ss/redis`]).start();
    });
    after(async () => {
        await sentinel.stop();
        await redis.stop();
    });

    const at = (login, query) => ['--redis', `redis-sentinel://${login}127.0.0.1:${sentinel.port}` +
        `/${NAME}${query}`];

    test('both are given', async () => {
        const broker = await startBroker({ args:
            at(':p%40ss%2Fredis@', '?sentinel_password=sentinel%26secret') });
        await connected(broker);
        await broker.stop();
        assert.ok(!/secret|p@ss/.test(broker.log), broker.log);
    });

    test('that of the sentinels is not', async () => {
        const broker = await startBroker({ args: at(':p%40ss%2Fredis@', '') });
        await broker.program.said(/Sentinel at \S+ can not be used \(NOAUTH/);
        await broker.stop();
    });

    test('that of the sentinels is wrong', async () => {
        const broker = await startBroker({ args:
            at(':p%40ss%2Fredis@', '?sentinel_password=nothing-like-it') });
        await broker.program.said(/Sentinel at \S+ can not be used \(WRONGPASS/);
        await broker.stop();
        assert.ok(!broker.log.includes('nothing-like-it'), broker.log);
    });

    test('that of Redis is not', async () => {
        const broker = await startBroker({ args:
            at('', '?sentinel_password=sentinel%26secret') });
        await broker.program.said(/error {1}Redis at sentinel:main refused INFO \(NOAUTH/);
        await broker.stop();
    });
});

describe('a primary that is moved, with sentinels that are told to say so', suite, () => {
    let first, second, sentinel, cluster;
    before(async () => {
        first = await startRedis();
        second = await startRedis(['--replicaof', '127.0.0.1', String(first.port)]);
        sentinel = await new FakeSentinel(first.port).start();
        cluster = await startCluster(2, { redis:
            { url: urlOf(sentinel), stop: () => Promise.all([first.stop(), second.stop()]) } });
    });
    after(async () => {
        await cluster.stop();
        sentinel.stop();
    });

    const moves = () => Promise.all(cluster.instances.map(async (instance) =>
        (await counters(instance)).store.moves));

    test('all connections go with it, though the old one is still there', async () => {
        await second.command('REPLICAOF', 'NO', 'ONE');
        await first.command('REPLICAOF', '127.0.0.1', String(second.port));
        sentinel.switchTo(second.port);
        await eventually(async () => (await moves()).every((n) => n === 1), 'they have moved');
        await cluster.met();
        const [near, far] = await Promise.all([cluster.local(0), cluster.local(1)]);
        await eventually(async () => {
            near.emitEvent('broadcast', ['here']);
            await near.ask('echo');
            return far.numbers('broadcast').includes('here');
        }, 'they hear each other there');
        /* On the old one there is only its replication, and redis-cli. */
        await eventually(async () => !/ (cmd=subscribe|sub=[1-9])/.test(
            await first.command('CLIENT', 'LIST')), 'nobody listens at the old one');
        await Promise.all([near.leave(), far.leave()]);
    });

    test('a connection to what has become a replica is given up by the first write', async () => {
        sentinel.says = first.port;     /* whoever asks; nobody is told */
        await first.command('REPLICAOF', 'NO', 'ONE');
        await second.command('REPLICAOF', '127.0.0.1', String(first.port));
        for (const instance of cluster.instances)
            await instance.program.said(/is away \(it has become a replica\)/);
        sentinel.switchTo(first.port);
        await eventually(async () => (await moves()).every((n) => n >= 2), 'they have moved');
        await cluster.met();
    });
});
