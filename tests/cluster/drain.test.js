'use strict';
/* An instance is drained behind nginx: its clients move to the other one, a few at a time. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { Crowd } = require('../lib/crowd.js');
const { eventually } = require('../lib/deadline.js');
const modern = require('../lib/modern.js');
const { BETTER, startBroker } = require('../lib/server.js');
const { freePort } = require('../lib/program.js');
const { startRedis, startNginx } = require('../lib/services.js');

const MANY = 2000;
const DRAIN_S = 10;
const REAL = [];
for (const version of ['0.9.16', '1.0.6', '1.7.4', '2.5.0', '3.1.3', '4.8.4']) {
    for (const way of ['websocket', 'polling', 'upgrade'])
        REAL.push({ version, way });
}
const OLD_WAYS = { websocket: ['websocket'], polling: ['xhr-polling'], upgrade: undefined };

/* Times, in ms since 1970, of all lines of the log that match. */
const timesOf = (log, pattern) => log.split('\n').filter((line) => pattern.test(line))
    .map((line) => Date.parse(line.split(' ', 1)[0]));

/* The most that fall within one second. */
function mostInASecond(times) {
    let most = 0;
    for (let first = 0, i = 0; i < times.length; i++) {
        while (times[i] - times[first] >= 1000)
            first++;
        most = Math.max(most, i - first + 1);
    }
    return most;
}

describe('draining', BETTER, () => {
    let redis, ports, nginx, crowd;
    const brokers = [];
    before(async () => {
        redis = await startRedis();
        ports = [await freePort(), await freePort()];
        nginx = await startNginx(ports,
            { edit: (text) => text.replace('worker_connections 4096', 'worker_connections 9000') });
        crowd = new Crowd(nginx.port);
    });
    after(async () => {
        crowd.leave();
        modern.leaveAll();
        await Promise.all(brokers.map((broker) => broker.stop()));
        await nginx.stop();
        await redis.stop();
    });

    async function start(name, port) {
        const broker = await startBroker({ port,
            config: { name, redis: redis.url, 'drain time': DRAIN_S, 'log rate': 0 } });
        brokers.push(broker);
        return broker;
    }

    /* A real client that keeps an eye on where it is. */
    async function follow(version, way) {
        const client = await modern.connect(nginx.port, version === '0.9.16'
            ? { version, transports: OLD_WAYS[way] } : { version, way });
        client.name = `${version} ${way}`;
        client.server = client.greeting.server;
        client.on('server', ({ server }) => { client.server = server; });
        client.on('disconnect', () => { client.server = null; });
        return client;
    }

    test(`${MANY} clients move to the other instance`, async () => {
        const a = await start('A', ports[0]);
        const real = await Promise.all(REAL.map(({ version, way }) => follow(version, way)));
        await crowd.grow(MANY - real.length);
        const b = await start('B', ports[1]);
        await eventually(async () => (await b.counters()).peers === 1, 'B knows A');
        const moved = real.filter(({ version, way }) => version !== '0.9.16' && way === 'polling')
            .map((client) => client.next('disconnect', 60000));

        a.program.kill('SIGTERM');
        const [, begun] = await a.program.said(/^(\S+) .*draining: \d+ sessions/m);
        const status = await a.program.ended(60000);
        a.program.assertNoSanitizerReport();
        assert.deepStrictEqual(status, { code: 0, signal: null }, a.program.tail());

        const ends = timesOf(a.log, /ended: server shutting down/);
        const [drained] = timesOf(a.log, /drained: /);
        const took = drained - Date.parse(begun);
        const most = mostInASecond(ends);
        assert.strictEqual(ends.length, MANY);
        assert.ok(most <= 1.3 * MANY / DRAIN_S, `${most} ends in a second`);
        assert.ok(took >= 9900, `drained after ${took} ms`);

        await eventually(() => crowd.at('B') === crowd.members.length, 'all are at B', 60000);
        for (const client of real) {
            await eventually(() => client.connected && client.server === 'B',
                `${client.name} is greeted by B`, 30000);
        }
        for (const [reason] of await Promise.all(moved))
            assert.match(reason, /^transport (close|error)$/);
        assert.strictEqual(crowd.ends, crowd.members.length);
        assert.strictEqual(crowd.disconnects, 0);
    });
});
