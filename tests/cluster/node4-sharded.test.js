'use strict';
/*
 * An instance that is a member of a cluster of socket.io 4 with the sharded adapter: servers of the
 * real thing in each of its modes, beside two of ours. Redis 7.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { event, eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll, settle } = require('../lib/modern.js');
const { NodeServer, assertHeard, record, redisClient } = require('../lib/node4.js');
const { startRedis } = require('../lib/services.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const VERSIONS = ['0.9.16', '2.5.0', '4.8.4', '4.8.4'];
const LONG_MS = 25000;
const sorted = (values) => [...values].sort();

after(leaveAll);

for (const subscriptionMode of ['dynamic', 'static', 'dynamic-private']) {
    describe(`among servers in the mode ${subscriptionMode}`, suite, () => {
        let redis, client, nodes, brokers, ours, theirs, all;
        before(async () => {
            redis = await startRedis();
            client = await redisClient(redis);
            nodes = [];
            for (const name of ['Node1', 'Node2'])
                nodes.push(await NodeServer.start(redis, name, [], { subscriptionMode }));
            brokers = await Promise.all(['Ours1', 'Ours2'].map((name) => startBroker({
                contract: true, config: { name },
                args: ['--redis', redis.url, '--dialect', 'node-4-sharded', '--reach'] })));
            await eventually(async () => await nodes[0].io.of('/').adapter.serverCount() === 4,
                'four servers');
            ours = await Promise.all(VERSIONS.map((version, i) =>
                connect(brokers[i % 2].port, { version })));
            theirs = await Promise.all(nodes.map(({ port }) => connect(port)));
            all = [...ours, ...theirs];
            await Promise.all(all.map((one, i) => one.ask('join', `r${i}`)));
            await Promise.all(all.map((one) => one.ask('join', 'all')));
            await subscribed(all.map((_, i) => `socket.io#/#r${i}#`));
        });
        after(async () => {
            leave(...all);
            await Promise.all(brokers.map((broker) => broker.stop()));
            await Promise.all(nodes.map((node) => node.stop()));
            await client.disconnect();
            await redis.stop();
        });

        /* What is said to a room before Redis has read that somebody is in it is not heard. */
        const subscribed = (names) => eventually(async () => {
            const there = (await redis.command('PUBSUB', 'SHARDCHANNELS')).split('\n');
            return subscriptionMode === 'static'
                ? ours.every((_, i) => there.includes(names[i]))
                : names.every((name) => there.includes(name));
        }, 'the rooms are heard');

        test('what Node says reaches whom it is for, once', async () => {
            const bytes = Buffer.from([1, 2]);
            const lists = record(all, 'said');
            const marks = record(all, 'mark');
            for (const [k, { io }] of nodes.entries()) {
                io.emit('said', `to all ${k}`, { a: [1, 'é', null] });
                io.to('r2').emit('said', `r2 ${k}`);
                io.to(['r0', 'r1', 'r4']).except('r4').emit('said', `two ${k}`);
                io.to(ours[3].id).emit('said', `by id ${k}`);
                io.emit('said', bytes);
                io.local.emit('said', 'local');
                /* Each channel is one of its own, and keeps the order of what is said on it. */
                await eventually(() => lists[2].flat().includes(`r2 ${k}`) &&
                    lists[3].flat().includes(`by id ${k}`), 'the rooms');
                io.emit('mark', k);
            }
            await eventually(() => marks.every((heard) => heard.length === 2), 'the marks');
            const words = (i) => sorted(lists[i].map(([first]) => first)
                .filter((first) => typeof first === 'string' && first !== 'local' &&
                    !/^(to all|AQI)/.test(first)));
            assert.deepStrictEqual(words(0), ['two 0', 'two 1']);
            assert.deepStrictEqual(words(1), ['two 0', 'two 1']);
            assert.deepStrictEqual(words(2), ['r2 0', 'r2 1']);
            assert.deepStrictEqual(words(3), ['by id 0', 'by id 1']);
            assert.deepStrictEqual(words(4), []);
            for (const [i, heard] of lists.slice(0, 4).entries()) {
                const count = (is) => heard.filter(([first]) => is(first)).length;
                assert.strictEqual(count((x) => /^to all/.test(x)), 2);
                assert.strictEqual(count((x) => (i === 0 ? x === 'AQI=' :
                    Buffer.isBuffer(x) && bytes.equals(x))), 2);
                assert.deepStrictEqual(heard.find(([x]) => x === 'to all 0')[1],
                    { a: [1, 'é', null] });
            }
        });

        test('what we say reaches all, once', async () => {
            const broadcasts = record(all, 'broadcast');
            const rooms = record(all, 'room');
            ours[0].emit('room', 'r5', 'a');
            ours[0].emit('room', 'r1', 'b');
            ours[0].emit('room', theirs[0].id, 'c');
            ours[2].emit('broadcast', Buffer.from([7]));
            ours[0].emit('broadcast', [1, 'é', null, { a: 0.1 }]);
            await eventually(() => broadcasts.every((heard) => heard.length === 2), 'broadcasts');
            await Promise.all(all.map(settle));
            assert.deepStrictEqual(rooms, [[], [['r1', 'b']], [], [],
                [[theirs[0].id, 'c']], [['r5', 'a']]]);
            for (const heard of broadcasts)
                assert.ok(heard.some(([x]) => JSON.stringify(x) === '[1,"é",null,{"a":0.1}]'));
        });

        test('Node lists the sockets of all, and asks their clients', async () => {
            for (const [i, one] of all.entries())
                one.on('who', (value, answer) => answer(`${value} ${i}`));
            for (const { io } of nodes) {
                const sockets = await io.fetchSockets();
                assert.deepStrictEqual(sorted(sockets.map(({ id }) => id)),
                    sorted(all.map(({ id }) => id)));
                const mine = sockets.find(({ id }) => id === ours[2].id);
                assert.deepStrictEqual(sorted(mine.rooms), sorted([ours[2].id, 'all', 'r2']));
                assert.strictEqual(typeof mine.handshake.headers, 'object');
                assert.deepStrictEqual(sorted(await io.timeout(LONG_MS).emitWithAck('who', 'I')),
                    all.map((_, i) => `I ${i}`));
                assert.deepStrictEqual(await io.to('nowhere').timeout(LONG_MS)
                    .emitWithAck('who', 'I'), []);
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
            nodes[0].io.in('r1').socketsJoin('moved');
            await subscribed(ours.map(() => 'socket.io#/#moved#'));
            const moved = record(all, 'moved');
            nodes[0].io.to('moved').emit('moved', 1);
            await assertHeard([moved[1]], [[1]], 'it has joined');
            nodes[0].io.in('r1').socketsLeave('moved');
            await eventually(async () => !(await redis.command('PUBSUB', 'SHARDCHANNELS'))
                .includes('#moved#'), 'it has left, and nobody hears the room');
            const extra = [await connect(brokers[0].port), await connect(nodes[0].port)];
            const gone = extra.map((one) => event(one.socket, 'disconnect'));
            nodes[1].io.in(extra[0].id).disconnectSockets(true);
            await ours[1].ask('move', { room: extra[1].id }, 'disconnect');
            await Promise.all(gone);
            leave(...extra);
        });

        test('whatever comes on our own channel, it lives, and says so once', async () => {
            const names = (await redis.command('PUBSUB', 'SHARDCHANNELS')).split('\n');
            const own = names.find((name) => /^socket\.io#\/#[\w-]{6}#$/.test(name) &&
                !/#(moved)#/.test(name));
            const bad = ['', 'c0', '{', '{}', '81', 'c1', '{"type":3,"uid":"x","nsp":"/"}',
                '{"type":7,"uid":"x","nsp":"/","data":{"requestId":"a"}}',
                '{"type":5,"uid":"x","nsp":"/","data":{"opts":{}}}',
                '{"type":9,"uid":"x","nsp":"/","data":{"packet":"x"}}',
                '{"type":9,"uid":"x","nsp":"/","data":{"packet":["error"]}}',
                '{"type":8,"uid":"x","nsp":"/","data":{"requestId":"a"}}',
                '{"type":11,"uid":"x","nsp":"/","data":{}}', '{"type":3,"uid":5,"nsp":"/","data":{}}'];
            for (const text of bad)
                await client.sPublish(own, /^[0-9a-f]*$/.test(text) ? Buffer.from(text, 'hex') : text);
            await client.sPublish(own, '{"type":1,"uid":"x","nsp":"/"}');
            const counts = async () => (await Promise.all(brokers.map((one) => one.counters())))
                .map((one) => one.bad_messages);
            await eventually(async () => Math.max(...await counts()) >= bad.length - 1, 'counted');
            assert.ok(brokers.every(({ log }) =>
                (log.match(/says through Redis what is no/g) ?? []).length <= 1));
            assert.strictEqual((await nodes[0].io.fetchSockets()).length, all.length);
        });
    });
}

test('it comes back after Redis was away', suite, async () => {
    const redis = await startRedis();
    const broker = await startBroker({ contract: true,
        args: ['--redis', redis.url, '--dialect', 'node-4-sharded'] });
    const there = () => eventually(async () => (await redis.command('PUBSUB', 'SHARDNUMSUB',
        'socket.io#/#')).split('\n')[1] === '1', 'it has subscribed');
    await there();
    const client = await connect(broker.port);
    for (let i = 0; i < 2; i++) {
        await redis.stop();
        await redis.start();
        await there();
    }
    const [heard] = record([client], 'hi');
    await redis.command('SPUBLISH', 'socket.io#/#', JSON.stringify({ type: 3, uid: 'x', nsp: '/',
        data: { packet: { type: 2, data: ['hi', 1] }, opts: { rooms: [], except: [] } } }));
    await assertHeard([heard], [[1]], 'it hears again');
    leave(client);
    await broker.stop();
    await redis.stop();
});

/* As one before 7 is: it does not know the command. */
test('a Redis without sharded channels is named in the log, once', suite, async () => {
    const redis = await startRedis(['--rename-command', 'SSUBSCRIBE', '']);
    const broker = await startBroker({ contract: true,
        args: ['--redis', redis.url, '--dialect', 'node-4-sharded'] });
    await broker.program.said(/has no sharded channels, which are of Redis 7 and later/);
    const client = await connect(broker.port);
    await client.ask('join', 'r');
    const [heard] = record([client], 'broadcast');
    client.emit('broadcast', 1);
    await assertHeard([heard], [[1]], 'its own clients are served');
    assert.strictEqual(broker.log.match(/has no sharded channels/g).length, 1);
    leave(client);
    await broker.stop();
    await redis.stop();
});
