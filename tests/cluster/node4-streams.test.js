'use strict';
/*
 * An instance that is a member of a cluster of socket.io 4 with the streams adapter: servers of the
 * real thing beside two of ours; and what becomes of a stream while nobody reads it.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { event, eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll, settle } = require('../lib/modern.js');
const { NodeServer, assertHeard, record, redisClient } = require('../lib/node4.js');
const { scratch } = require('../lib/program.js');
const { startRedis } = require('../lib/services.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const VERSIONS = ['0.9.16', '2.5.0', '4.8.4', '4.8.4'];
const LONG_MS = 25000;
const STREAM = 'events';
const sorted = (values) => [...values].sort();

after(leaveAll);

const startOurs = (redis, name, config) => startBroker({ contract: true,
    config: { name, 'node stream': STREAM, ...config },
    args: ['--redis', redis.url, '--dialect', 'node-4-streams', '--reach'] });

const packet = (...data) => JSON.stringify({ packet: { type: 2, data },
    opts: { rooms: [], except: [], flags: {} } });
const add = (redis, fields, stream = STREAM) => redis.command('XADD', stream, '*',
    ...Object.entries(fields).flat());
const deep = (n) => Array(n).fill().reduce((value) => [value], 0);
const emit = (redis, ...data) => add(redis, { uid: 'x', nsp: '/', type: 3, data: packet(...data) });

/* A reader begins where the stream ends, and nothing tells when: until all have heard something. */
async function warmUp(redis, clients) {
    const heard = record(clients, 'warm');
    let n = 0;
    await eventually(async () => {
        await emit(redis, 'warm', n++);
        return heard.every((one) => one.length > 0);
    }, 'all read the stream');
    await emit(redis, 'warm', 'last');
    await eventually(() => heard.every((one) => one.at(-1)[0] === 'last'), 'to its end');
}

describe('among servers with the streams adapter', suite, () => {
    let redis, nodes, brokers, ours, theirs, all;
    before(async () => {
        redis = await startRedis();
        nodes = [];
        for (const name of ['Node1', 'Node2'])
            nodes.push(await NodeServer.start(redis, name, [], { stream: { streamName: STREAM } }));
        brokers = await Promise.all(['Ours1', 'Ours2'].map((name) => startOurs(redis, name)));
        await eventually(async () => await nodes[0].io.of('/').adapter.serverCount() === 4,
            'four servers');
        ours = await Promise.all(VERSIONS.map((version, i) =>
            connect(brokers[i % 2].port, { version })));
        theirs = await Promise.all(nodes.map(({ port }) => connect(port)));
        all = [...ours, ...theirs];
        await Promise.all(all.map((one, i) => one.ask('join', `r${i}`)));
        await warmUp(redis, all);
    });
    after(async () => {
        leave(...all);
        await Promise.all(brokers.map((broker) => broker.stop()));
        await Promise.all(nodes.map((node) => node.stop()));
        await redis.stop();
    });

    test('what Node says reaches whom it is for, once and in order', async () => {
        const bytes = Buffer.from([1, 2]);
        const lists = record(all, 'said');
        for (const { io } of nodes) {
            io.emit('said', 'to all', { a: [1, 'é', null] });
            io.to('r2').emit('said', 'r2');
            io.to(['r0', 'r1', 'r4']).except('r4').emit('said', 'two');
            io.to(ours[3].id).emit('said', 'by id');
            io.local.emit('said', 'local');
            io.emit('said', bytes);
            await eventually(() => lists.slice(1).every((heard) => heard
                .some(([first]) => Buffer.isBuffer(first) && bytes.equals(first))),
            'the bytes');
            await Promise.all(all.map(settle));
            for (const [i, heard] of lists.slice(0, 4).entries()) {
                const mine = { 0: 'two', 1: 'two', 2: 'r2', 3: 'by id' }[i];
                await assertHeard([heard], [['to all', { a: [1, 'é', null] }], [mine],
                    [i === 0 ? 'AQI=' : bytes]], `client ${i}`);
            }
            for (const heard of lists)
                heard.length = 0;
        }
    });

    test('what we say reaches all, once and in order', async () => {
        const broadcasts = record(all, 'broadcast');
        const rooms = record(all, 'room');
        ours[2].emit('broadcast', Buffer.from([7]));
        ours[2].emit('room', 'r5', 'a');
        ours[2].emit('room', 'r1', 'b');
        ours[2].emit('room', theirs[0].id, 'c');
        ours[2].emit('broadcast', [1, 'é', null, { a: 0.1 }]);
        for (const [i, heard] of broadcasts.entries())
            await assertHeard([heard], [[i === 0 ? 'Bw==' : Buffer.from([7])],
                [[1, 'é', null, { a: 0.1 }]]], `client ${i}`);
        assert.deepStrictEqual(rooms, [[], [['r1', 'b']], [], [], [[theirs[0].id, 'c']],
            [['r5', 'a']]]);
    });

    test('Node lists the sockets of all, and asks their clients', async () => {
        for (const [i, one] of all.entries())
            one.on('who', (value, answer) => answer(`${value} ${i}`));
        for (const { io } of nodes) {
            const sockets = await io.fetchSockets();
            assert.deepStrictEqual(sorted(sockets.map(({ id }) => id)),
                sorted(all.map(({ id }) => id)));
            const mine = sockets.find(({ id }) => id === ours[2].id);
            assert.deepStrictEqual(sorted(mine.rooms), sorted([ours[2].id, 'r2']));
            assert.strictEqual(typeof mine.handshake.headers, 'object');
            assert.deepStrictEqual(sorted(await io.timeout(LONG_MS).emitWithAck('who', 'I')),
                all.map((_, i) => `I ${i}`));
            assert.deepStrictEqual(await io.to('nowhere').timeout(LONG_MS).emitWithAck('who', 'I'),
                []);
        }
    });

    test('what clients acknowledge with arrives as it is', async () => {
        const give = [[], [null], [Buffer.from([1, 2])], [{ a: [1, { b: 'é' }] }]];
        ours[2].on('with', (i, done) => done(...give[i]));
        for (const i of give.keys()) {
            const [answer] = await nodes[0].io.to(ours[2].id).timeout(LONG_MS)
                .emitWithAck('with', i);
            assert.deepStrictEqual(answer ?? null, give[i][0] ?? null);
        }
    });

    test('applications are asked both ways', async () => {
        assert.deepStrictEqual(sorted(await nodes[0].io.serverSideEmitWithAck('asked', 'x')),
            ['Node2: x', 'Ours1', 'Ours2']);
        const [answers, ...counts] = await ours[0].ask('ask', 'x', LONG_MS);
        assert.deepStrictEqual(sorted(answers), ['Node1: x', 'Node2: x', 'Ours2']);
        assert.deepStrictEqual(counts, [3, 3, 4, 4]);
        const before = nodes.map(({ said }) => said.length);
        await ours[0].ask('tell', { from: 'us' });
        await eventually(() => nodes.every(({ said }, i) => said.length > before[i]), 'told');
        const told = record(ours, 'told');
        nodes[0].io.serverSideEmit('told', { from: 'Node' });
        await assertHeard(told, [[{ from: 'Node' }]], 'our clients are told');
    });

    test('we ask the clients of all, and list their sockets', async () => {
        for (const [i, one] of all.entries())
            one.on('question', (value, answer) => answer({ i, value }));
        const [answers, ...counts] = await ours[0].ask('survey', {}, LONG_MS, 'who');
        assert.deepStrictEqual(answers.map(({ i }) => i).sort(), all.map((_, i) => i));
        assert.deepStrictEqual(counts, [6, 6, 4, 4]);
        const [sockets] = await ours[1].ask('fetch', {}, LONG_MS);
        assert.deepStrictEqual(sorted(sockets.map(({ id }) => id)),
            sorted(all.map(({ id }) => id)));
    });

    test('each moves the sockets of the other', async () => {
        const rooms = record(all, 'room');
        await ours[0].ask('move', {}, 'join', 'ours');
        await ours[0].ask('move', { room: 'r4' }, 'leave', 'ours');
        ours[0].emit('room', 'ours', 1);
        await assertHeard(rooms.filter((_, i) => i !== 4), [['ours', 1]], 'the room');
        await settle(theirs[0]);
        assert.deepStrictEqual(rooms[4], []);
        /* In the same breath: the stream keeps the order. */
        const moved = record(all, 'moved');
        nodes[0].io.in('r1').socketsJoin('moved');
        nodes[0].io.to('moved').emit('moved', 1);
        nodes[0].io.in('r1').socketsLeave('moved');
        nodes[0].io.to('moved').emit('moved', 2);
        nodes[0].io.emit('moved', 3);
        await assertHeard([moved[1]], [[1], [3]], 'it has joined, and left');
        const extra = [await connect(brokers[0].port), await connect(nodes[0].port)];
        const gone = extra.map((one) => event(one.socket, 'disconnect'));
        nodes[1].io.in(extra[0].id).disconnectSockets(true);
        await ours[1].ask('move', { room: extra[1].id }, 'disconnect');
        await Promise.all(gone);
        leave(...extra);
    });

    /* Servers of Node would read some of these for ever, so they are in a stream of its own. */
    test('a bad entry is counted, said once, and left behind', async () => {
        const broker = await startOurs(redis, 'Ours3', { 'node stream': 'poison' });
        const client = await connect(broker.port);
        const [heard] = record([client], 'after');
        const good = { uid: 'x', nsp: '/', type: 3, data: packet('after', 1) };
        await eventually(async () => {
            await add(redis, good, 'poison');
            return heard.length > 0;
        }, 'it reads the stream');
        const bad = [{ type: 3 }, { type: 3, data: '{}' }, { type: 3, data: '{' },
            { type: 3, data: 'gqZw' }, { type: 5, data: '{"opts":{}}' },
            { type: 9, data: '{"packet":["error"]}' }, { type: 7, data: '{"requestId":"a"}' },
            { type: 3, data: packet('connect') }, { type: 11, data: '{}' },
            { type: 3, data: packet('after', deep(100)) }];
        for (const fields of bad)
            await add(redis, { uid: 'x', nsp: '/', ...fields }, 'poison');
        for (const fields of [{ type: 99 }, { type: 'x' }, { more: 1 }])
            await add(redis, { uid: 'x', nsp: '/', ...fields }, 'poison');
        await add(redis, { ...good, data: packet('after', 'the end') }, 'poison');
        await eventually(() => heard.at(-1)[0] === 'the end', 'what is behind them');
        assert.strictEqual((await broker.counters()).bad_messages, bad.length);
        assert.strictEqual(broker.log.match(/says through Redis what is no/g).length, 1);
        leave(client);
        await broker.stop();
    });

    test('the stream is trimmed as it is set', async () => {
        const broker = await startOurs(redis, 'Ours4', { 'node stream': 'short',
            'node stream length': 100 });
        const client = await connect(broker.port);
        const [heard] = record([client], 'broadcast');
        for (let i = 0; i < 500; i++)
            client.emit('broadcast', i);
        await eventually(() => heard.length === 500, 'all are heard');
        await eventually(async () => {
            const n = Number(await redis.command('XLEN', 'short'));
            return n >= 100 && n <= 200;        /* Redis drops a hundred at once */
        }, 'about a hundred stay');
        leave(client);
        await broker.stop();
    });
});

const gaps = async (broker) => (await broker.counters()).store.tail_gaps;

/* It reads nothing meanwhile, and its connections are gone when it goes on. */
async function frozen(broker, during) {
    broker.program.kill('SIGSTOP');
    await during();
    broker.program.kill('SIGCONT');
}

/* Larger than a reply of Redis may be: it finds out by losing the connection, then leaves it out. */
test('an entry that is too large is counted, and what is around it is read', suite, async () => {
    const redis = await startRedis();
    const broker = await startOurs(redis, 'Ours');
    const client = await connect(broker.port);
    await warmUp(redis, [client]);
    const [heard] = record([client], 'hi');
    const writer = await redisClient(redis);
    await frozen(broker, async () => {
        for (const value of ['before', 'x'.repeat(65 << 20), 'behind'])
            await writer.xAdd(STREAM, '*', { uid: 'x', nsp: '/', type: '3',
                data: packet('hi', value) });
    });
    await eventually(() => heard.length === 2, 'what is around it');
    assert.deepStrictEqual(heard.flat(), ['before', 'behind']);
    const { bad_messages: bad, store } = await broker.counters();
    assert.deepStrictEqual([bad, store.tail_gaps], [1, 0]);
    await emit(redis, 'hi', 'later');
    await eventually(() => heard.length === 3, 'what comes later');
    leave(client);
    await writer.disconnect();
    await broker.stop();
    await redis.stop();
});

test('one that may not read the stream for a while reads on then', suite, async () => {
    const redis = await startRedis();
    const broker = await startOurs(redis, 'Ours');
    const client = await connect(broker.port);
    await warmUp(redis, [client]);
    const [heard] = record([client], 'hi');
    await redis.command('ACL', 'SETUSER', 'default', '-xread');
    await eventually(() => /does not let us read a stream; trying again/.test(broker.log),
        'it is refused');
    for (let i = 0; i < 3; i++)
        await emit(redis, 'hi', i);
    await redis.command('ACL', 'SETUSER', 'default', '+xread');
    await eventually(() => heard.length === 3, 'all that was added');
    assert.deepStrictEqual(heard.flat(), [0, 1, 2]);
    assert.strictEqual(broker.log.match(/does not let us read a stream/g).length, 1);
    assert.strictEqual(await gaps(broker), 0);
    leave(client);
    await broker.stop();
    await redis.stop();
});

test('what was added while it was away from Redis is read then', suite, async () => {
    const redis = await startRedis(['--appendonly', 'yes', '--dir', scratch()]);
    const broker = await startOurs(redis, 'Ours');
    const client = await connect(broker.port);
    await warmUp(redis, [client]);
    const [heard] = record([client], 'hi');
    for (let i = 0; i < 2; i++) {
        await frozen(broker, async () => {
            await redis.stop();
            await redis.start();
            for (let k = 0; k < 3; k++)
                await emit(redis, 'hi', `${i} ${k}`);
        });
        await eventually(() => heard.length === 3 * i + 3, 'all that was added');
    }
    assert.deepStrictEqual(heard.flat(), ['0 0', '0 1', '0 2', '1 0', '1 1', '1 2']);
    assert.strictEqual(await gaps(broker), 0);
    leave(client);
    await broker.stop();
    await redis.stop();
});

test('what was trimmed before it was read is counted', suite, async () => {
    const redis = await startRedis();
    const broker = await startOurs(redis, 'Ours');
    const client = await connect(broker.port);
    await warmUp(redis, [client]);
    const [heard] = record([client], 'hi');
    await frozen(broker, async () => {
        for (let i = 0; i < 150; i++)
            await emit(redis, 'hi', i);
        await redis.command('XTRIM', STREAM, 'MAXLEN', '110');
    });
    await eventually(() => heard.at(-1)?.[0] === 149, 'what is left is read');
    await eventually(async () => await gaps(broker) > 0, 'it is counted');
    assert.match(broker.log, /may have forgotten entries of the stream/);
    /* Redis comes back without its memory. */
    const before = await gaps(broker);
    await redis.stop();
    await redis.start();
    await eventually(async () => await gaps(broker) > before, 'once more');
    await warmUp(redis, [client]);
    leave(client);
    await broker.stop();
    await redis.stop();
});
