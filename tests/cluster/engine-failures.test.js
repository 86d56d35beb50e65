'use strict';
/*
 * Instances end, in peace or not, Redis restarts, and somebody writes nonsense to it, while clients
 * of Engine.IO roam.
 */

const assert = require('node:assert');
const net = require('node:net');
const { test, describe, before, after, afterEach } = require('node:test');
const { startCluster, Witnesses, counters } = require('../lib/cluster.js');
const { eventually, within } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const { KINDS, crowd, roam } = require('../lib/engine-roamer.js');
const http = require('../lib/http.js');
const { Load } = require('../lib/load.js');
const { connect, leaveAll, settle } = require('../lib/modern.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const { startNginx } = require('../lib/services.js');

const TIMEOUT_MS = 2000;            /* "instance timeout" */
const FOUND_MS = TIMEOUT_MS + 15000; /* it was found lost, and all have been told */
const EVERY_MS = 50;
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

/* A client of instance i. */
const client = (cluster, i) => engine.poll(cluster.ports[i], 4);

/* Its poll waits at instance i, and its own instance knows of it. */
async function waiting(cluster, polling, i) {
    const connection = await http.connect(cluster.ports[i]);
    connection.write(http.format({ target: engine.url(polling.query) }));
    await http.get(cluster.ports[i], '/');
    polling.port = cluster.ports[i];
    await polling.post('3');
    return connection;
}

/* A websocket of the session at instance i; moved: it carries the session. */
async function websocket(cluster, polling, i, moved) {
    const socket = await engine.upgrade(cluster.ports[i], 4, { sid: polling.query.sid });
    await socket.send('2probe');
    assert.strictEqual(await socket.next(), '3probe');
    if (moved) {
        await socket.send('5');
        await engine.assertServed(socket);
    }
    return socket;
}

const idOf = async (polling) => {
    await polling.send('421["who"]');
    for (;;) {
        const packet = await polling.next();
        if (packet.startsWith('431'))
            return JSON.parse(packet.slice(3))[0].id;
    }
};

describe('an instance goes', suite, () => {
    let cluster, witnesses;
    before(async () => {
        cluster = await startCluster(3, { config: { 'instance timeout': TIMEOUT_MS / 1000 } });
        witnesses = await Witnesses.of(cluster, [0, 1]);
    });
    after(() => cluster.stop());
    afterEach(async () => {
        leaveAll();
        if (cluster.instances[2].program.status !== null) {
            await cluster.start(2);
            await cluster.met();
        }
    });

    const kill = () => cluster.instances[2].program.stop('SIGKILL');

    test('killed: its clients learn at the others that their sessions are not known', async () => {
        const polls = await Promise.all([0, 1, 2].map(() => client(cluster, 2)));
        const [poll, moved, probed] = await Promise.all([waiting(cluster, polls[0], 0),
            websocket(cluster, polls[1], 0, true), websocket(cluster, polls[2], 1, false)]);
        await kill();
        const posted = polls[0].post('42["echo",1]');
        engine.assertRefused(await poll.response({ ms: FOUND_MS }), 1);
        engine.assertRefused(await posted, 1);
        assert.strictEqual(await moved.closeCode(FOUND_MS), 1005);
        assert.strictEqual(await probed.closeCode(FOUND_MS), 1005);
        for (const request of [{}, { method: 'POST', body: '3' }])
            engine.assertRefused(await polls[0].raw(request), 1);
        poll.destroy();
    });

    test('killed: the others go on, but for what it held', async () => {
        const [polled, moved, probed] = await Promise.all([0, 1, 2].map(() => client(cluster, 0)));
        const ids = await Promise.all([polled, moved].map(idOf));
        await waiting(cluster, polled, 2);
        await websocket(cluster, moved, 2, true);
        await websocket(cluster, probed, 2, false);
        await kill();
        for (const id of ids)
            await witnesses.see(id, 'transport error', FOUND_MS);
        const socket = await eventually(async () => {
            const another = await engine.upgrade(cluster.ports[1], 4, { sid: probed.query.sid });
            await another.send('2probe', '5');
            return another.next().then(() => another, () => null);
        }, 'another websocket is admitted');
        await engine.assertServed(socket);
        socket.destroy();
    });

    test('stopped: its clients are told, wherever they are', async () => {
        const polls = await Promise.all([0, 1, 2].map(() => client(cluster, 2)));
        const [poll, moved, probed] = await Promise.all([waiting(cluster, polls[0], 0),
            websocket(cluster, polls[1], 0, true), websocket(cluster, polls[2], 1, false)]);
        await cluster.instances[2].stop();
        assert.match((await poll.response()).text, /^1$|"left"/);  /* of those that ended before */
        for (const socket of [moved, probed])
            await socket.end();
        await eventually(async () => (await polls[0].raw()).text.includes('"code":1'),
            'all have heard that it has gone');
        poll.destroy();
    });

    test('stopped: clients of others whose requests it held go on elsewhere', async () => {
        const [polled, moved, probed] = await Promise.all([0, 1, 2].map(() => client(cluster, 0)));
        const id = await idOf(moved);
        const [poll, socket, candidate] = await Promise.all([waiting(cluster, polled, 2),
            websocket(cluster, moved, 2, true), websocket(cluster, probed, 2, false)]);
        const stopped = cluster.instances[2].stop();
        assert.strictEqual((await poll.response()).text, '6');
        polled.port = cluster.ports[0];     /* its own instance knows that this poll is over */
        await engine.assertServed(polled);
        assert.strictEqual(await socket.closeCode(), 1005);
        assert.strictEqual(await candidate.closeCode(), 1005);
        await stopped;
        await witnesses.see(id, 'server shutting down');
        for (const polling of [polled, probed]) {
            polling.port = cluster.ports[1];
            await engine.assertServed(polling);
        }
        const next = await websocket(cluster, probed, 1, true);
        next.destroy();
        poll.destroy();
    });

    for (const way of ['polling', 'upgrade']) {
        test(`killed: real clients by ${way} come back through nginx`, async () => {
            const nginx = await startNginx(cluster.ports);
            const clients = await Promise.all(['2.5.0', '4.8.4'].flatMap((version) =>
                Array.from({ length: 3 }, () => connect(nginx.port, { version, way }))));
            await kill();
            await eventually(async () => {
                const answers = clients.map((one) => within(settle(one), 'an echo', 3000)
                    .then(() => true, () => false));
                return (await Promise.all(answers)).every((answered) => answered);
            }, 'all are served', 60000);
            await nginx.stop();
        });
    }
});

describe('Redis', suite, () => {
    let cluster;
    before(async () => {
        cluster = await startCluster(3);
    });
    after(() => cluster.stop());

    test('restarts, and drops what it was told: nothing is lost, and nothing twice', async () => {
        const roamers = (await Promise.all(KINDS.map((kind) => crowd(cluster, kind, 3)))).flat();
        const loads = roamers.map((roamer) => new Load(roamer, EVERY_MS));
        const { redis } = cluster;
        for (let i = 0; i < 2; i++) {
            await eventually(() => loads.every((load) => load.asked >= 10 * (i + 1)), 'all ask');
            await redis.stop();
            await redis.start();
        }
        for (let i = 0; i < 3; i++) {
            const asked = loads[0].asked;
            await eventually(() => loads[0].asked > asked + 3, 'all ask');
            await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
        }
        for (const load of loads)
            await load.stop();
        await Promise.all(roamers.map((roamer) => roamer.leave()));
    });

    /* --- Messages as in protocol/cluster_message.h. --- */

    function number(n) {
        const bytes = [];
        for (; n >= 128; n = Math.floor(n / 128))
            bytes.push(128 | n % 128);
        return Buffer.from([...bytes, n]);
    }

    function message(kind, fields) {
        const parts = Object.entries(fields).map(([key, value]) => {
            const bytes = typeof value === 'number' ? number(value) : Buffer.from(value);
            return Buffer.concat([Buffer.from(key), number(bytes.length), bytes]);
        });
        return Buffer.concat([Buffer.from(`1${kind}`), ...parts, Buffer.from('.')]);
    }

    const word = (bytes) => Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes,
        Buffer.from('\r\n')]);

    async function publish(channel, messages) {
        const socket = net.connect(cluster.redis.port, '127.0.0.1');
        let answers = '';
        socket.on('data', (text) => { answers += text; });
        for (const bytes of messages) {
            socket.write(Buffer.concat([Buffer.from('*3\r\n'),
                ...['PUBLISH', channel, bytes].map((text) => word(Buffer.from(text)))]));
        }
        await eventually(() => answers.split('\n').length > messages.length, 'Redis has them all');
        socket.destroy();
    }

    test('is written to by a stranger: nonsense hurts no instance, no other session', async () => {
        const [target, bystander] = await Promise.all([client(cluster, 0), client(cluster, 0)]);
        const roamer = await roam(cluster, 'upgrade 4', { ports: cluster.ports.slice(0, 2) });
        const held = await waiting(cluster, target, 1);
        const { sid } = target.query;
        const values = { R: [0, 3, 4, 5, 2 ** 40], V: [0, 2, 12, 13, 2 ** 40], g: [0, 4, 12, 255],
            t: ['', 'polling', 'websocket', 'xhr-polling'], i: [sid, 'x', 'x'.repeat(40), ''],
            c: [0, 1, 2, 3, 4, 5, 2 ** 40], l: [0, 1, 2 ** 40],
            y: ['', 'x'.repeat(70), 'socket end'],
            b: ['', '42["echo",1]', Buffer.from([0xff, 0]), '1', '\x1e'],
            p: ['', Buffer.from([2, 0x36, 3, 0xff]), Buffer.from([0, 1])] };
        const kinds = 'gpvhmkxy1wsfud';
        let seq = 0, seed = 1;
        const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
        const forged = Array.from({ length: 3000 }, () => {
            const fields = { f: 'zzzzzz', s: ++seq };
            for (const [key, choices] of Object.entries(values)) {
                if (random(4) > 0)
                    fields[key] = choices[random(choices.length)];
            }
            return message(kinds[random(kinds.length)], fields);
        });
        const channels = (await cluster.redis.command('PUBSUB', 'CHANNELS', '*to:*')).split('\n');
        assert.strictEqual(channels.length, 3);
        for (const channel of channels)
            await publish(channel, forged);
        await engine.assertServed(bystander);
        const { unknown_sessions } = await counters(cluster.instances[0]);
        assert.ok(unknown_sessions > 100, 'they were acted on');
        assert.deepStrictEqual(cluster.instances.map(({ program }) => program.status),
            [null, null, null]);
        held.destroy();
        roamer.destroy();
    });
});
