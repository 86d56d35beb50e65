'use strict';
/*
 * Events of clients in streams of Redis: in order for each client, at least once, and nothing is
 * forgotten that a group has not acknowledged.
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe, before, after, afterEach } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { begin, leave, leaveAll } = require('../lib/modern.js');
const { Program } = require('../lib/program.js');
const { REFERENCE, ROOT, runBroker, startBroker, writeConfig } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');

const suite = { skip: REFERENCE };
const numbers = (n) => Array.from({ length: n }, (_, i) => i);
const WORKER = path.join(ROOT, 'client-demo/backends/worker.py');

const start = (redis, backend = {}, more = {}) => startBroker({ config: { redis: redis.url,
    'instance timeout': 2, api: { stream: true },
    backends: [{ name: 'app', stream: true, ...backend }], ...more } });

/* All entries of a partition, each an object of its fields; `event` is its JSON. */
async function entries(redis, partition = 0) {
    const lines = (await redis.command('EVAL', `
        local all = {}
        for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
            local fields = { entry = entry[1] }
            for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
            all[#all + 1] = cjson.encode(fields)
        end
        return all`, '1', `sio:events:app:${partition}`)).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line)).map(
        (fields) => ({ ...fields, event: JSON.parse(fields.json) }));
}

/* At least once: an event may stand there twice, with the same id. */
function once(list) {
    const ids = new Set();
    return list.filter(({ event: { id } }) => !ids.has(id) && ids.add(id));
}

const length = async (redis, partition = 0) =>
    Number(await redis.command('XLEN', `sio:events:app:${partition}`));

/* A group that reads nothing, so that nothing is trimmed. */
const keep = (redis, partition = 0) =>
    redis.command('XGROUP', 'CREATE', `sio:events:app:${partition}`, 'keep', '0', 'MKSTREAM');

async function connect(broker, options) {
    const client = begin(broker.port, options);
    await client.next('connect');
    return client;
}

async function startWorker(redis, more = {}) {
    const worker = new Program('python3', [WORKER],
        { env: { ...process.env, REDIS_PORT: String(redis.port), ...more } });
    await worker.until(() => /working/.test(worker.stdout), 'works');
    return worker;
}

describe('events in a stream', suite, () => {
    let redis, broker;
    before(async () => {
        redis = await startRedis();
        await keep(redis);
        broker = await start(redis);
    });
    after(async () => {
        await broker.stop();
        await redis.stop();
    });
    afterEach(leaveAll);

    test('say who has connected, said something, and left', async () => {
        const client = await connect(broker, { auth: { token: 'x' }, query: { q: '1' } });
        const { id } = client;
        client.emit('say "it"', 'hi', { n: 1 });
        client.emit('photo', Buffer.from([1, 2, 3]));
        await eventually(async () => await length(redis) >= 3, 'three entries');
        leave(client);
        await eventually(async () => await length(redis) >= 4, 'four entries');
        const [connected, said, photo, left] = await entries(redis);
        for (const { v, ns, sid } of [connected, said, photo, left])
            assert.deepStrictEqual([v, ns, sid], ['1', '/', id]);
        assert.deepStrictEqual([connected, said, photo, left].map(({ type, name }) => [type, name]),
            [['connect', undefined], ['event', 'say "it"'], ['event', 'photo'],
                ['disconnect', undefined]]);
        assert.deepStrictEqual(connected.event.auth, { token: 'x' });
        assert.strictEqual(connected.event.query.q, '1');
        assert.deepStrictEqual(said.event.args, ['hi', { n: 1 }]);
        assert.deepStrictEqual(photo.event.attachments, ['AQID']);
        assert.deepStrictEqual(left.event.socket.rooms, []);
        const ids = [connected, said, photo, left].map(({ event }) => event.id);
        assert.strictEqual(new Set(ids).size, 4);
    });

    test('are in order, also when Redis stands still for a while', async () => {
        const client = await connect(broker, { way: 'websocket' });
        const n = 300;
        for (let i = 0; i < n / 2; i++)
            client.emit('n', i);
        await eventually(async () => (await entries(redis)).some(({ name }) => name === 'n'),
            'they come');
        redis.program.kill('SIGSTOP');
        for (let i = n / 2; i < n; i++)
            client.emit('n', i);
        await eventually(async () => (await broker.counters()).backend_queue > 0, 'some wait');
        redis.program.kill('SIGCONT');
        const mine = async () => once(await entries(redis)).filter(({ name, sid }) =>
            name === 'n' && sid === client.id).map(({ event }) => event.args[0]);
        await eventually(async () => (await mine()).length >= n, 'all are there');
        assert.deepStrictEqual(await mine(), numbers(n));
        assert.strictEqual(client.connected, true);
        leave(client);
    });

    test('wait while Redis is away', async () => {
        const client = await connect(broker, { way: 'websocket' });
        await eventually(async () => (await entries(redis)).some(({ sid }) => sid === client.id),
            'it is told of');
        await redis.stop('SIGKILL');
        for (let i = 0; i < 50; i++)
            client.emit('n', i);
        await eventually(async () => (await broker.counters()).backend_queue >= 50, 'they wait');
        await redis.start();    /* without its memory */
        const mine = async () => once(await entries(redis)).filter(({ name }) => name === 'n');
        await eventually(async () => (await mine()).length >= 50, 'all are there', 60000);
        assert.deepStrictEqual((await mine()).map(({ event }) => event.args[0]), numbers(50));
        assert.strictEqual(client.connected, true);
        leave(client);
    });
});

describe('workers', suite, () => {
    let redis, broker;
    before(async () => {
        redis = await startRedis();
        broker = await start(redis);
    });
    after(async () => {
        await broker.stop();
        await redis.stop();
    });
    afterEach(leaveAll);

    test('client-demo/backends/worker.py, killed in the middle', async () => {
        let worker = await startWorker(redis);
        const ann = begin(broker.port), old = begin(broker.port, { version: '0.9.16' });
        const [[greeting]] = await Promise.all([ann.next('hello'), old.next('hello')]);
        assert.deepStrictEqual(greeting, { you: ann.id });
        assert.deepStrictEqual(await ann.ask('say', 'first'), ['heard']);
        const heard = [];
        old.on('said', (n) => heard.push(n));
        const n = 200;
        for (let i = 0; i < n; i++)
            ann.emit('say', i);
        await eventually(() => heard.length > 0, 'some are heard');
        await worker.stop('SIGKILL');
        worker = await startWorker(redis);
        await eventually(() => heard.includes(n - 1), 'the last one is heard');
        assert.deepStrictEqual(heard.filter((i) => i !== 'first'),
            numbers(n));
        await eventually(async () => await length(redis) <= 100, 'what is done is trimmed');
        leave(ann, old);
        await worker.stop('SIGKILL');
    });
});

describe('a stream that is full', suite, () => {
    let redis, broker;
    before(async () => {
        redis = await startRedis();
        await keep(redis);
        broker = await start(redis, { 'max stream entries': 100, 'max events per socket': 10 });
    });
    after(async () => {
        await broker.stop();
        await redis.stop();
    });
    afterEach(leaveAll);

    test('makes events wait, and loses none', async () => {
        const client = await connect(broker, { way: 'websocket' });
        const n = 300;
        for (let i = 0; i < n; i++)
            client.emit('n', i);
        await broker.program.said(/its stream is full: 1\d\d entries/);
        await eventually(async () => (await broker.counters()).stream_full > 0, 'it is counted');
        assert.ok(await length(redis) < n);
        assert.strictEqual(client.connected, true);
        const seen = [];
        const take = async () => {
            const list = await entries(redis);
            for (const { event } of list)
                if (event.type === 'event' && !seen.includes(event.args[0]))
                    seen.push(event.args[0]);
            if (list.length > 0)    /* the group has read up to there, and nothing is pending */
                await redis.command('XGROUP', 'SETID', 'sio:events:app:0', 'keep',
                    list.at(-1).entry);
            return seen.length === n;
        };
        await eventually(take, () => `all come: ${seen.length}`, 120000);
        assert.deepStrictEqual(seen, numbers(n));
        leave(client);
    });
});

describe('several partitions and instances', suite, () => {
    let redis, brokers;
    before(async () => {
        redis = await startRedis();
        for (let p = 0; p < 4; p++)
            await keep(redis, p);
        const make = (name) => start(redis, { partitions: 4 }, { name });
        brokers = await Promise.all([make('A'), make('B')]);
        for (const broker of brokers)
            await eventually(async () => (await broker.counters()).peers === 1, 'they have met');
    });
    after(async () => {
        leaveAll();
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    const all = async () => (await Promise.all([0, 1, 2, 3].map((p) => entries(redis, p)))).map(
        (list, p) => list.map((entry) => ({ ...entry, p }))).flat();

    test('each client has one; and the end of each is told once when its instance is killed',
        async () => {
            const n = 100;
            await Promise.all(numbers(n).map(() =>
                connect(brokers[0], { way: 'websocket', reconnection: false })));
            await eventually(async () => (await all()).length >= n, 'all have connected');
            await eventually(async () => (await brokers[0].counters()).backend_queue === 0,
                'Redis has confirmed it');
            brokers.shift().program.kill('SIGKILL');
            const left = async () => once(await all()).filter(({ type }) => type === 'disconnect');
            await eventually(async () => (await left()).length >= n, 'all have left', 60000);
            const connected = (await all()).filter(({ type }) => type === 'connect');
            assert.deepStrictEqual((await left()).map(({ sid, p }) => `${sid} ${p}`).sort(),
                connected.map(({ sid, p }) => `${sid} ${p}`).sort());
            assert.ok(new Set(connected.map(({ p }) => p)).size > 1);
            for (const { event } of await left())
                assert.strictEqual(event.reason, 'instance lost');
        });
});

describe('settings', suite, () => {
    const redis = 'redis://127.0.0.1:1';
    const good = { name: 'app', stream: true };
    for (const [config, why] of [
        [{ backends: [good] }, /"backends"\[0\]\."stream": needs "redis"/],
        [{ backends: [good], redis, dialect: 'node-0.9' }, /"stream": is not for "dialect"/],
        [{ backends: [{ name: 'app' }], redis }, /"backends"\[0\]\."urls": is missing/],
        [{ backends: [{ ...good, urls: ['http://127.0.0.1/'] }], redis }, /"urls": is not for/],
        [{ backends: [{ ...good, headers: ['x: 1'] }], redis }, /"headers": is not for/],
        [{ backends: [{ ...good, 'at most once': true }], redis }, /"at most once": is not for/],
        [{ backends: [{ ...good, partitions: 65 }], redis }, /"partitions": must be/]])
        test(`refused: ${why}`, async () => {
            const { code, stderr } = await runBroker(['--check-config',
                '--config', writeConfig(config)]);
            assert.match(stderr, why);
            assert.strictEqual(code, 2);
        });
});
