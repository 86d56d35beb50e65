'use strict';
/* Redis is away: at start, later, or silent. Each instance goes on serving its own clients. */

const assert = require('node:assert');
const net = require('node:net');
const { test, describe, before, after } = require('node:test');
const { event, eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll } = require('../lib/client.js');
const { REFERENCE, startBroker } = require('../lib/server.js');
const { makeRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };

const redisLines = (broker, level) => broker.log.split('\n')
    .filter((line) => / redis/i.test(line) && new RegExp(`\\b${level}\\b`).test(line));

/* Handshake on one, websocket on the other. */
async function crosses(from, to) {
    const { id } = await sio.handshake(from.port);
    const socket = await sio.upgrade(to.port, id);
    const first = await socket.message();
    socket.destroy();
    return first === '1::';
}

/* A whole session on one instance. */
async function assertServes(broker) {
    const socket = await sio.connect(broker.port);
    await sio.assertAlive(socket);
    socket.destroy();
}

after(leaveAll);

describe('Redis that comes, goes and comes again', suite, () => {
    let redis, brokers;
    before(async () => {
        redis = await makeRedis();
        brokers = await Promise.all([1, 2].map(() =>
            startBroker({ args: ['--redis', redis.url] })));
    });
    after(async () => {
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    test('down at start: instances start, serve, and say it once', async () => {
        for (const broker of brokers) {
            for (let i = 0; i < 10; i++)
                await assertServes(broker);
            await eventually(() => redisLines(broker, 'warn').length > 0, 'a warning');
            assert.strictEqual(redisLines(broker, 'warn').length, 1, broker.log);
            assert.ok(redisLines(broker, 'warn')[0].includes(String(redis.port)), broker.log);
        }
    });

    test('started later: instances say so and share handshakes', async () => {
        await redis.start();
        for (const broker of brokers)
            await eventually(() => redisLines(broker, 'info').length > 0, 'the news');
        assert.ok(await crosses(brokers[0], brokers[1]));
        assert.ok(await crosses(brokers[1], brokers[0]));
        for (const broker of brokers)
            assert.strictEqual(redisLines(broker, 'warn').length, 1, broker.log);
    });

    test('killed: connected clients do not notice, new ones are served', async () => {
        const sockets = await Promise.all(brokers.map((broker) => sio.connect(broker.port)));
        const client = await connect(brokers[0].port);
        let lost = false;
        client.on('disconnect', () => { lost = true; });
        await redis.stop('SIGKILL');
        for (const broker of brokers) {
            await eventually(() => redisLines(broker, 'warn').length === 2, 'a second warning');
            for (let i = 0; i < 10; i++)
                await assertServes(broker);
        }
        for (const socket of sockets) {
            await sio.assertAlive(socket);
            socket.destroy();
        }
        assert.ok(!lost);
        leave(client);
        for (const broker of brokers)
            assert.strictEqual(redisLines(broker, 'warn').length, 2, broker.log);
    });

    test('back again: handshakes are shared again', async () => {
        await redis.start();
        for (const broker of brokers)
            await eventually(() => redisLines(broker, 'info').length === 2, 'the news', 20000);
        assert.ok(await crosses(brokers[0], brokers[1]));
        assert.ok(await crosses(brokers[1], brokers[0]));
    });

    test('silent: handshakes are answered all the same', async () => {
        redis.program.kill('SIGSTOP');
        try {
            for (const broker of brokers)
                await assertServes(broker);
        } finally {
            redis.program.kill('SIGCONT');
        }
        await eventually(() => crosses(brokers[0], brokers[1]), 'shared again', 20000);
    });

    test('a client that connects during an outage is greeted in time', async () => {
        await redis.stop('SIGKILL');
        const client = await connect(brokers[1].port, { reconnect: false });
        const ended = event(client, 'disconnect');
        client.disconnect();
        await ended;
    });
});

/* Is there and not there: it says so once, and the instance serves alone. */
describe('Redis that can not be used', suite, () => {
    async function assertSaysOnce(url, pattern) {
        const broker = await startBroker({ args: ['--redis', url] });
        await broker.program.said(pattern);
        await assertServes(broker);
        assert.strictEqual(redisLines(broker, 'warn').length, 1, broker.log);
        await broker.stop();
    }

    test('it still loads its data', async () => {
        const loading = net.createServer((socket) => socket.on('error', () => {})
            .on('data', () =>
                socket.write('-LOADING Redis is loading the dataset in memory\r\n')));
        loading.listen(0, '127.0.0.1');
        await event(loading, 'listening');
        await assertSaysOnce(`redis://127.0.0.1:${loading.address().port}`,
            /warn  Redis at \S+ is away \(LOADING Redis is loading/);
        loading.close();
    });

    test('nobody knows its name', () =>
        assertSaysOnce('redis://no-such-host.invalid', /warn  Redis at no-such-\S+ is away \(/));
});
