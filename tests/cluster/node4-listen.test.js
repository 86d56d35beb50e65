'use strict';
/*
 * An instance that listens to a cluster of socket.io 4 for Node, and to emitters: whatever they
 * say reaches its clients of every revision, what it says reaches theirs, and they never wait for
 * it.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const Emitter3 = require('socket.io-emitter');
const { eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll, settle } = require('../lib/modern.js');
const { Beside, assertHeard, record } = require('../lib/node4.js');
const { HARMFUL, SAID } = require('../lib/node4-said.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const VERSIONS = ['0.9.16', '1.7.4', '2.5.0', '3.1.3', '4.8.4'];

after(leaveAll);

/* 0.9 has no bytes. */
function as(version, args) {
    return args.map((arg) => (Buffer.isBuffer(arg) && version === '0.9.16'
        ? arg.toString('base64') : arg));
}

/* Each of the clients has heard those, and all before the mark that comes behind them. */
async function heardByAll(beside, clients, name, want, say) {
    const lists = record(clients, name);
    const marks = record(clients, 'mark');
    await say();
    beside.emitter().emit('mark');
    await assertHeard(marks, [[]], 'the mark');
    clients.forEach((client, i) => assert.deepStrictEqual(lists[i],
        want.map((args) => as(client.version, args)), client.version));
}

describe('an instance that listens', suite, () => {
    let beside, clients, theirs;
    before(async () => {
        beside = await Beside.start({ dialect: 'node-4-listen', ours: 2 });
        clients = await Promise.all(VERSIONS.map((version, i) =>
            connect(beside.ours[i % 2].port, { version })));
        theirs = await connect(beside.node.port);
    });
    after(async () => {
        leave(...clients, theirs);
        await beside.stop();
    });

    test('the emitter of today', async () => {
        const emitter = beside.emitter();
        const bytes = Buffer.from([1, 2, 3]);
        await heardByAll(beside, clients, 'hi', [[1, '€'], [], [null, 1.5, -1, 70000],
            ['2023-11-14T22:13:20.123Z'], [{ b: 1 }]], () => {
            emitter.emit('hi', 1, '€');
            emitter.emit('hi');
            emitter.compress(false).emit('hi', null, 1.5, -1, 70000);
            emitter.emit('hi', new Date(1700000000123));
            emitter.emit('hi', { a: undefined, b: 1 });
        });
        await heardByAll(beside, clients, 'bytes', [['x', bytes]],
            () => emitter.emit('bytes', 'x', bytes));
    });

    test('the emitter of socket.io 3', async () => {
        const emitter = new Emitter3({ hset() {}, publish: (...said) =>
            beside.client.publish(...said) });
        await heardByAll(beside, clients, 'hi', [[1, '€'], [null, '2023-11-14T22:13:20.123Z'],
            [Buffer.from('ab')]], () => {
            emitter.emit('hi', 1, '€');
            emitter.emit('hi', undefined, new Date(1700000000123));
            emitter.emit('hi', Buffer.from('ab'));
        });
    });

    test('rooms, and who is not to hear it', async () => {
        await Promise.all(clients.map((client, i) => client.ask('join', `r${i}`)));
        await Promise.all(clients.map((client) => client.ask('join', 'all')));
        const lists = record(clients, 'to');
        const marks = record(clients, 'mark');
        const emitter = beside.emitter();
        emitter.to('r0').emit('to', 'r0');
        emitter.to(['r1', 'r2', 'all']).except('r3').emit('to', 'all but r3');
        emitter.to(clients[4].id).emit('to', 'by id');
        emitter.to('nowhere').emit('to', 'nobody');
        emitter.except('all').emit('to', 'nobody');
        emitter.emit('mark');
        await assertHeard(marks, [[]], 'the mark');
        assert.deepStrictEqual(lists.map((heard) => heard.flat()), [['r0', 'all but r3'],
            ['all but r3'], ['all but r3'], [], ['all but r3', 'by id']]);
    });

    /* The emitter of socket.io 2 publishes it once for each room, with all of them in it. */
    test('one event for several rooms, said once for each, is heard once', async () => {
        const payload = '93a7656d697474657283a47479706502a46461746192a2686902a36e7370a12f82' +
            'a5726f6f6d7392a27230a3616c6ca5666c61677380';
        const lists = record(clients, 'hi');
        const marks = record(clients, 'mark');
        await beside.publish('socket.io#/#r0#', payload);
        await beside.publish('socket.io#/#all#', payload);
        beside.emitter().emit('mark');
        await assertHeard(marks, [[]], 'the mark');
        assert.deepStrictEqual(lists, clients.map(() => [[2]]));
    });

    test('an emitter moves sockets', async () => {
        const emitter = beside.emitter();
        await heardByAll(beside, clients, 'moved', [[1]], () => {
            emitter.socketsJoin(['m1', 'm2']);
            emitter.in('m1').socketsLeave('m1');
            emitter.to('m1').emit('moved', 0);
            emitter.to('m2').emit('moved', 1);
        });
    });

    test('an emitter speaks to applications', async () => {
        const lists = record(clients, 'told');
        beside.emitter().serverSideEmit('told', { a: 1 });
        await assertHeard(lists, [[{ a: 1 }]], 'the applications tell their clients');
        await eventually(() => beside.node.said.length > 0, 'Node hears it');
        assert.deepStrictEqual(beside.node.said, [[{ a: 1 }]]);
    });

    test('what we say reaches the clients of Node, and all of ours, once', async () => {
        await theirs.ask('join', 'both');
        await clients[0].ask('join', 'both');
        await clients[1].ask('join', 'both');
        const everyone = [...clients, theirs];
        const broadcasts = record(everyone, 'broadcast');
        const rooms = record(everyone, 'room');
        const others = record(everyone, 'others');
        const bytes = Buffer.from([7, 8]);
        clients[4].emit('room', 'both', { a: [1, 'é'] });
        clients[4].emit('others', 1);
        clients[4].emit('broadcast', bytes);
        await Promise.all(everyone.map((client, i) => eventually(() => broadcasts[i].length > 0,
            `${client.version} hears the last of it`)));
        await Promise.all(everyone.map(settle));
        everyone.forEach((client, i) => {
            const isIn = [0, 1, everyone.length - 1].includes(i);
            assert.deepStrictEqual(broadcasts[i], [as(client.version, [bytes])]);
            assert.deepStrictEqual(rooms[i], isIn ? [['both', { a: [1, 'é'] }]] : []);
            assert.deepStrictEqual(others[i], i === 4 ? [] : [[1]]);
        });
    });

    test('what Node says reaches our clients', async () => {
        const { io } = beside.node;
        await heardByAll(beside, clients, 'from node', [[1], [2]], () => {
            io.emit('from node', 1);
            io.to('all').emit('from node', 2);
            io.local.emit('from node', 3);
        });
    });

    test('we move the sockets of Node, and they ours', async () => {
        const broadcasts = record([theirs], 'room');
        await clients[4].ask('move', { room: theirs.id }, 'join', 'ours');
        clients[4].emit('room', 'ours', 1);
        await assertHeard(broadcasts, [['ours', 1]], 'its socket has joined');
        await heardByAll(beside, clients, 'theirs', [[1]], () => {
            beside.node.io.socketsJoin('theirs');
            beside.node.io.to('theirs').emit('theirs', 1);
        });
    });

    test('nobody waits for us', async () => {
        const { io } = beside.node;
        assert.strictEqual(await io.of('/').adapter.serverCount(), 1);
        assert.deepStrictEqual((await io.fetchSockets()).map(({ id }) => id), [theirs.id]);
        theirs.socket.once('who', (answer) => answer('I'));
        assert.deepStrictEqual(await io.timeout(20000).emitWithAck('who'), ['I']);
    });

    test('our instances ask each other as ever', async () => {
        const [answers, ...counts] = await clients[4].ask('fetch', {}, 20000);
        assert.deepStrictEqual(counts, [5, 5, 2, 2]);
        assert.deepStrictEqual(answers.map(({ id }) => id).sort(),
            clients.map(({ id }) => id).sort());
    });
});

/* Some of it would end servers of Node. */
describe('an instance that listens to other times and languages', suite, () => {
    let beside, clients;
    before(async () => {
        beside = await Beside.start({ dialect: 'node-4-listen', nodes: 0 });
        clients = await Promise.all(VERSIONS.map((version) =>
            connect(beside.our.port, { version })));
    });
    after(async () => {
        leave(...clients);
        await beside.stop();
    });

    for (const [who, channel, payload, [name, ...args]] of SAID)
        test(who, () => heardByAll(beside, clients, name, [args],
            () => beside.publish(channel, payload)));

    test('what is no event is dropped, counted, and said once', async () => {
        for (const [, payload] of HARMFUL)
            await beside.publish('socket.io#/#', payload);
        await heardByAll(beside, clients, 'after', [[1]],
            () => beside.emitter().emit('after', 1));
        assert.strictEqual((await beside.our.counters()).bad_messages, HARMFUL.length);
        assert.strictEqual(beside.our.log.match(/says through Redis what is no/g).length, 1);
    });
});
