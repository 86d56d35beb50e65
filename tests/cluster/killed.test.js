'use strict';
/*
 * An instance is killed whose sessions have connections to other instances: their clients are told
 * to reconnect within a second, whatever "instance timeout" is. An instance that lives is never
 * taken for one that was killed.
 */

const assert = require('node:assert');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { test, describe, before, after, afterEach } = require('node:test');
const { startCluster, Witnesses, counters } = require('../lib/cluster.js');
const { DEADLINE_MS, eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const { KINDS, roam } = require('../lib/engine-roamer.js');
const http = require('../lib/http.js');
const { Load } = require('../lib/load.js');
const modern = require('../lib/modern.js');
const { TRANSPORTS } = require('../lib/roamer.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const { startNginx } = require('../lib/services.js');

const TOLD_MS = 1000;
const PAUSE_MS = 200;           /* between a client's questions */
const RECONNECT_MS = 30000;     /* much more than the longest pause of its own that one makes */
const ALL = ['0.9.16', '0.9.16', '1.7.4', '2.5.0', '3.1.3', '4.8.4'];
const CLIENTS = 60;
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

/*
 * Begin to measure how busy the machine is; what is returned tells how soon clients have to be told
 * then: those in this program hear late, and so do the instances.
 */
function promptness() {
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    return () => TOLD_MS + 4 * lag.max / 1e6;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

after(modern.leaveAll);

/* The connections to Redis that listen, by the numbers that it gives them, oldest first. */
async function listeners(redis) {
    const list = await redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub');
    return [...list.matchAll(/^id=(\d+)/gm)].map(([, id]) => Number(id)).sort((a, b) => a - b);
}

/* Instances that know each other; the last one has begun last, so that its listener is the last. */
async function startInOrder(n, options) {
    const cluster = await startCluster(n - 1, options);
    await cluster.start(n - 1);
    await cluster.met();
    return cluster;
}

/* A real client that asks without end, and notes when it was told that its session is over. */
class Asker {
    static async open(port, i) {
        const version = ALL[i % ALL.length];
        const way = ['polling', 'websocket', 'upgrade'][Math.floor(i / ALL.length) % 3];
        const options = version !== '0.9.16' ? { version, way }
            : { version, transports: [way === 'polling' ? 'xhr-polling' : 'websocket'] };
        const asker = new Asker();
        asker.client = await modern.connect(port, options);
        asker.what = `${version} by ${way}`;
        [asker.who] = await asker.client.ask('who');
        asker.asked = [];
        asker.client.on('disconnect', () => {
            asker.told = asker.told || Date.now();
            asker.toldLast = Date.now();    /* 0.9.16 may be thrown out again: client.js */
        });
        asker.client.on('server', () => { asker.back = asker.back || Date.now(); });
        asker.timer = setInterval(() => asker.ask(), PAUSE_MS).unref();
        return asker;
    }

    ask() {
        this.client.revive();
        if (!this.client.connected)
            return;
        const question = { at: Date.now(), answered: false };
        this.asked.push(question);
        this.client.emit('echo', question.at, () => { question.answered = true; });
    }

    stop() {
        clearInterval(this.timer);
    }

    /* When the questions were asked that have no answer. */
    lost() {
        return this.asked.filter(({ answered }) => !answered).map(({ at }) => at);
    }
}

describe('one of three instances behind nginx is killed', suite, () => {
    let cluster, nginx;
    before(async () => {
        cluster = await startCluster(3);        /* "instance timeout" is 10 s */
        nginx = await startNginx(cluster.ports);
    });
    after(async () => {
        modern.leaveAll();
        await nginx.stop();
        await cluster.stop();
    });

    test(`${CLIENTS} real clients of all generations are told, and come back`, async (t) => {
        const askers = await Promise.all(Array.from({ length: CLIENTS },
            (_, i) => Asker.open(nginx.port, i)));
        const doomed = askers.filter(({ who }) => who.server === 'Server3');
        assert.ok(doomed.length >= CLIENTS / 6, `${doomed.length} sessions are with the third`);
        await pause(500);
        const limit = promptness();
        const killed = Date.now();
        await cluster.instances[2].program.stop('SIGKILL');
        await eventually(() => doomed.every(({ told }) => told), 'all are told', 15000);
        const limitMs = limit();
        const late = doomed.filter(({ told }) => told - killed > limitMs)
            .map(({ what, told }) => `${what} after ${told - killed} ms`);
        assert.deepStrictEqual(late, []);
        await eventually(() => doomed.every(({ back }) => back), 'all are back', RECONNECT_MS);
        await pause(500);
        askers.forEach((asker) => asker.stop());
        /* What was under way is lost with the instance; and what was said to it in vain. */
        const unexplained = () => askers.flatMap((asker) => asker.lost()
            .filter((at) => !asker.told || at < killed - limitMs || at > asker.toldLast)
            .map((at) => `${asker.what}, asked ${at - killed} ms after the kill`));
        await eventually(() => unexplained().length === 0, () => unexplained().join('; '));
        const total = askers.reduce((sum, { asked }) => sum + asked.length, 0);
        const lost = askers.reduce((sum, asker) => sum + asker.lost().length, 0);
        t.diagnostic(`${doomed.length} sessions, told after ${doomed.map(({ told }) =>
            told - killed).sort((a, b) => a - b).join(' ')} ms; ${lost} of ${total} ` +
            'acknowledgements lost');
    });
});

describe('one of two instances is killed, and nobody says anything', suite, () => {
    let cluster;
    before(async () => {
        cluster = await startCluster(2, { config: { 'heartbeat interval': 5 } });
    });
    after(() => cluster.stop());
    afterEach(async () => {
        modern.leaveAll();
        if (cluster.instances[1].program.status !== null) {
            const peers = async () => (await counters(cluster.instances[0])).peers;
            const before = await peers();
            await cluster.start(1);
            await eventually(async () => await peers() > before, 'it is known');
        }
    });

    /* Its poll waits at the first instance, whose owner, the second one, knows of it. */
    async function waiting(polling) {
        const connection = await http.connect(cluster.ports[0]);
        connection.write(http.format({ target: engine.url(polling.query) }));
        await http.get(cluster.ports[0], '/');
        polling.port = cluster.ports[0];
        await polling.post('3');
        return connection;
    }

    async function moved(polling) {
        const socket = await engine.upgrade(cluster.ports[0], 4, { sid: polling.query.sid });
        await socket.send('2probe');
        assert.strictEqual(await socket.next(), '3probe');
        await socket.send('5');
        await engine.assertServed(socket);
        return socket;
    }

    /* Milliseconds until it comes true, from now. */
    const time = async (promise) => {
        const begun = Date.now();
        await promise;
        return Date.now() - begun;
    };

    test('polls, websockets, and polls of 0.9 that wait at the other', async () => {
        const [a, b] = await Promise.all([0, 1].map(() => engine.poll(cluster.ports[1], 4)));
        const [poll, socket] = await Promise.all([waiting(a), moved(b)]);
        const old = await cluster.local(1, 'xhr-polling');
        old.ports = cluster.ports.slice(0, 1);
        await old.ask('echo');
        await old.sent();
        await pause(1500);
        const limit = promptness();
        await cluster.instances[1].program.stop('SIGKILL');
        const times = await Promise.all([
            time(poll.response({ ms: 15000 }).then((response) =>
                engine.assertRefused(response, 1))),
            time(socket.closeCode(15000).then((code) => assert.strictEqual(code, 1005))),
            time(old.ended(15000).then((last) => assert.strictEqual(last, '7:::1+0')))]);
        const limitMs = limit();
        assert.ok(times.every((ms) => ms <= limitMs), `told after ${times.join(', ')} ms`);
        /* Whoever asks next need not wait at all. */
        engine.assertRefused(await a.raw({ ms: limitMs }), 1);
        assert.strictEqual((await counters(cluster.instances[0])).away_instances, 1);
        poll.destroy();
    });

    test('a POST that it does not answer is refused', async () => {
        const polling = await engine.poll(cluster.ports[1], 4);
        const poll = await waiting(polling);
        const limit = promptness();
        await cluster.instances[1].program.stop('SIGKILL');
        const ms = await time(polling.post('42["echo",1]').then((response) =>
            engine.assertRefused(response, 1)));
        assert.ok(ms <= limit(), `refused after ${ms} ms`);
        poll.destroy();
    });
});

describe('one of three instances is gone that has made handshakes of others', suite, () => {
    let cluster, witnesses;
    before(async () => {
        cluster = await startCluster(3);        /* "instance timeout" is 10 s */
    });
    after(() => cluster.stop());

    /* Its handshake is of the last instance, its session lives at the first. */
    async function opened(transport) {
        const client = await cluster.roamer(transport, { ports: [cluster.ports[2],
            cluster.ports[0]] });
        assert.strictEqual((await client.ask('who'))[0].server, 'Server1');
        return client;
    }

    /* Somebody waits for the instance, or only its silence would tell. */
    async function isAwaited() {
        const asker = await cluster.roamer('xhr-polling', { ports: [cluster.ports[2]] });
        asker.ports = [cluster.ports[0]];
        await asker.ask('echo');
    }

    for (const [signal, delayMs] of [['SIGTERM', 1000], ['SIGKILL', 0]]) {
        test(`${signal}: a page is told, a websocket goes on`, async () => {
            witnesses = await Witnesses.of(cluster, [0, 1]);
            const [page, socket] = await Promise.all(['htmlfile', 'websocket'].map(opened));
            await isAwaited();
            const limit = promptness();
            const gone = Date.now();
            await cluster.instances[2].program.stop(signal);
            assert.strictEqual(await page.ended(30000), '7:::1+0');
            const ms = Date.now() - gone;
            assert.ok(ms <= delayMs + limit(), `told after ${ms} ms`);
            await witnesses.see(page.id, 'connection lost', 30000);
            assert.deepStrictEqual(await socket.ask('echo', [1]), [1]);
            assert.deepStrictEqual(witnesses.reasons(socket.id), [[], []]);
            cluster.clear();
            await cluster.start(2);
            await cluster.met();
        });
    }
});

describe('an instance that lives is not taken for one that was killed', suite, () => {
    let cluster, witnesses;
    before(async () => {
        cluster = await startInOrder(3);
        witnesses = await Witnesses.of(cluster, [0, 1]);
    });
    after(() => cluster.stop());

    const listening = async () => (await listeners(cluster.redis)).length === 3;

    /* End the subscription of the last instance, which is the newest. */
    async function interrupt() {
        const ids = await listeners(cluster.redis);
        await cluster.redis.command('CLIENT', 'KILL', 'ID', String(ids.at(-1)));
    }

    /*
     * Clients of all sorts whose sessions are with the last instance, and whose requests go to all,
     * ask without end, during something: nothing is lost, and nobody has left.
     */
    async function unnoticed(something) {
        const roamers = await Promise.all([
            ...TRANSPORTS.map((transport) => cluster.roamer(transport, { first: 2 })),
            ...KINDS.map((kind) => roam(cluster, kind, { first: 2 }))]);
        const ids = await Promise.all(roamers.map(async (roamer) =>
            (await roamer.ask('who'))[0].id));
        const loads = roamers.map((roamer) => new Load(roamer, 20));
        await pause(300);
        await something();
        await eventually(listening, 'it listens again');
        for (const load of loads)
            await load.stop();
        await witnesses.settle();
        for (const id of ids)
            assert.deepStrictEqual(witnesses.reasons(id), [[], []]);
        for (const instance of cluster.instances) {
            const { away_instances, lost_instances } = await counters(instance);
            assert.deepStrictEqual({ away_instances, lost_instances },
                { away_instances: 0, lost_instances: 0 });
        }
        for (const roamer of roamers)
            roamer.destroy();
    }

    test('its subscription is ended again and again', () => unnoticed(async () => {
        const began = Date.now();
        let nEnded = 0, longestMs = 0;
        /* For longer, each time; in the end for longer than a killed one is looked for. */
        const isEnough = () => nEnded >= 3 && longestMs > 300;
        while (Date.now() < began + (isEnough() ? 4000 : DEADLINE_MS)) {
            await interrupt();
            nEnded++;
            const from = Date.now();
            await eventually(listening, 'it listens again');
            longestMs = Math.max(longestMs, Date.now() - from);
        }
        assert.ok(isEnough(), `${nEnded} times, for up to ${longestMs} ms`);
    }));

    test('it is frozen, and Redis ends its subscription meanwhile', () => unnoticed(async () => {
        const { program } = cluster.instances[2];
        program.kill('SIGSTOP');
        await interrupt();
        await pause(2000);
        program.kill('SIGCONT');
    }));
});
