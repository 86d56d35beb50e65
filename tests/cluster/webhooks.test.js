'use strict';
/*
 * Webhooks of several instances: the end of each client is told once, also when the instance that
 * it was at stops, or is killed; and an acknowledgement that an answer left open is given through
 * another one.
 */

const assert = require('node:assert');
const { test, before, after } = require('node:test');
const { Backend, settings, ENV } = require('../lib/backend.js');
const { Crowd } = require('../lib/crowd.js');
const { eventually } = require('../lib/deadline.js');
const { begin, leave, leaveAll } = require('../lib/modern.js');
const { REFERENCE, startBroker } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');

const N = 1000;
const suite = { skip: REFERENCE };
const KEY = 'k'.repeat(32);

let backend, redis, brokers = [], crowd;

const greet = (event) => ({ user: event.socket.id.slice(0, 4), data: { n: 1 },
    emit: [['server', { server: 'any' }]] });

const start = (name) => startBroker({ env: ENV, config: {
    name, redis: redis.url, 'instance timeout': 2, 'shutdown timeout': 30,
    api: { listen: ['127.0.0.1:0'], keys: [{ name: 'test', key: KEY }] },
    backends: [settings(backend, { 'max batch': 50 })] } });

before(async () => {
    backend = await new Backend({ connect: greet }).start();
    redis = await startRedis();
    brokers = await Promise.all([start('A'), start('B')]);
    for (const broker of brokers)
        await eventually(async () => (await broker.counters()).peers === 1, 'they know each other');
});
after(async () => {
    leaveAll();
    for (const broker of brokers)
        await broker.stop();
    await redis.stop();
    await backend.end();
});

test('an open acknowledgement is given through another instance', suite, async () => {
    const client = begin(brokers[0].port);
    await client.next('server');
    const answer = client.ask('later');
    const [event] = await backend.told('event', 1);
    const api = /api at (http:\S+)/.exec(brokers[1].log)[1];
    const give = () => fetch(new URL('/v1/ack', api), { method: 'POST',
        headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ ack: event.ack, args: ['late'] }) });
    assert.strictEqual((await give()).status, 200);
    assert.deepStrictEqual(await answer, ['late']);
    assert.strictEqual((await give()).status, 404);
    leave(client);
    await backend.told('disconnect', 1);
});

test('the ends of 1,000 clients of an instance that stops, told by itself', suite, async () => {
    const leaver = await start('C');
    crowd = new Crowd(leaver.port);
    await crowd.grow(N);
    const earlier = backend.of('disconnect').length;
    crowd.isOver = true;    /* nobody comes back */
    await leaver.stop();
    const gone = backend.of('disconnect').slice(earlier);
    assert.strictEqual(new Set(gone.map(({ socket }) => socket.id)).size, N);
    assert.strictEqual(gone.length, N);
    for (const { reason, socket } of gone)
        assert.deepStrictEqual([reason, socket.rooms],
            ['server shutting down', [`user:${socket.user}`]]);
    for (const broker of brokers) {
        await eventually(async () => (await broker.counters()).peers === 1, 'it has left');
        assert.strictEqual((await broker.counters()).inherited_wills, 0);
    }
});

test('the ends of 1,000 clients of an instance that is killed', suite, async () => {
    crowd = new Crowd(brokers[0].port);
    await crowd.grow(N);
    const earlier = backend.of('disconnect').length;
    const connected = backend.of('connect').slice(-N).map(({ socket }) => socket.id);
    /* Their wills go to Redis in the turn in which they are accepted. */
    await eventually(async () => (await brokers[0].counters()).backend_queue === 0, 'all is told');
    crowd.isOver = true;    /* nobody comes back */
    brokers[0].program.kill('SIGKILL');
    brokers.shift();
    await backend.told('disconnect', earlier + N);
    const lost = backend.of('disconnect').slice(earlier);
    assert.deepStrictEqual(new Set(lost.map(({ socket }) => socket.id)), new Set(connected));
    assert.strictEqual(lost.length, N);
    for (const { socket, reason } of lost)
        assert.deepStrictEqual([reason, socket.user, socket.data],
            ['instance lost', socket.id.slice(0, 4), { n: 1 }]);
});
