'use strict';
/*
 * An instance that is a member of a cluster of socket.io 4 for Node: two servers of the real thing
 * and ours. Whatever they ask, it answers; what it says, they hear.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { event, eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll, settle } = require('../lib/modern.js');
const { Beside, assertHeard, record, redisClient } = require('../lib/node4.js');
const { HARMFUL } = require('../lib/node4-said.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const VERSIONS = ['0.9.16', '2.5.0', '4.8.4'];

after(leaveAll);

const sorted = (values) => [...values].sort();

describe('an instance that is a member', suite, () => {
    let beside, ours, theirs, all;
    before(async () => {
        beside = await Beside.start({ dialect: 'node-4', nodes: 2, ours: 1 });
        ours = await Promise.all(VERSIONS.map((version) =>
            connect(beside.our.port, { version, query: version === '0.9.16' ? 'a=1' : { a: 1 } })));
        theirs = await Promise.all(beside.nodes.map(({ port }) => connect(port)));
        all = [...ours, ...theirs];
    });
    after(async () => {
        leave(...all);
        await beside.stop();
    });

    test('it is counted', async () => {
        assert.strictEqual(await beside.members(), 3);
        assert.strictEqual(await beside.node.io.of('/').adapter.serverCount(), 3);
    });

    test('Node lists the sockets of all', async () => {
        await ours[2].ask('data', { user: 'u1' });
        await Promise.all(all.map((client, i) => client.ask('join', `r${i}`)));
        for (const { io } of beside.nodes) {
            const sockets = await io.fetchSockets();
            assert.deepStrictEqual(sorted(sockets.map(({ id }) => id)),
                sorted(all.map(({ id }) => id)));
            for (const [i, { id }] of ours.entries()) {
                const socket = sockets.find((other) => other.id === id);
                assert.deepStrictEqual(sorted(socket.rooms), sorted([id, `r${i}`]));
                assert.deepStrictEqual(socket.data, i === 2 ? [{ user: 'u1' }] : {});
                assert.strictEqual(socket.handshake.address, '127.0.0.1');
                assert.strictEqual(socket.handshake.query.a, '1');
                assert.strictEqual(typeof socket.handshake.issued, 'number');
                assert.strictEqual(typeof socket.handshake.headers, 'object');
                assert.deepStrictEqual(socket.handshake.auth, {});
            }
            assert.deepStrictEqual((await io.in('r1').fetchSockets()).map(({ id }) => id),
                [ours[1].id]);
            assert.deepStrictEqual(await io.in('nowhere').fetchSockets(), []);
        }
    });

    test('Node lists the rooms of all', async () => {
        const rooms = await beside.node.io.of('/').adapter.allRooms();
        for (const [i, { id }] of all.entries()) {
            assert.ok(rooms.has(id));
            assert.ok(rooms.has(`r${i}`));
        }
    });

    test('Node broadcasts and is acknowledged by all', async () => {
        for (const [i, client] of all.entries())
            client.on('who', (value, answer) => answer(`${value} ${i}`));
        for (const { io } of beside.nodes) {
            const answers = await io.timeout(25000).emitWithAck('who', 'client');
            assert.deepStrictEqual(sorted(answers), all.map((_, i) => `client ${i}`));
            assert.deepStrictEqual(await io.to('nowhere').timeout(25000).emitWithAck('who', 1),
                []);
        }
    });

    test('what clients acknowledge with arrives as it is', async () => {
        const [answer] = [record([ours[2]], 'with')];
        const give = [[], [null], [Buffer.from([1, 2])], [{ a: [1, { b: 'é' }] }],
            [1.5, 'second']];
        ours[2].on('with', (i, done) => done(...give[i]));
        for (const i of give.keys()) {
            const answers = await beside.node.io.to(ours[2].id).timeout(25000)
                .emitWithAck('with', i);
            assert.deepStrictEqual(answers, [give[i][0]]);
        }
        assert.strictEqual(answer[0].length, give.length);
    });

    test('a remote socket of Node is one of ours', async () => {
        const sockets = await beside.node.io.in(ours[2].id).fetchSockets();
        assert.strictEqual(sockets.length, 1);
        const [socket] = sockets;
        const heard = event(ours[2].socket, 'directly');
        socket.emit('directly', 1);
        assert.deepStrictEqual(await heard, [1]);
        socket.join('remote');
        assert.deepStrictEqual((await beside.node.io.in('remote').fetchSockets())
            .map(({ id }) => id), [ours[2].id]);
        ours[2].on('asked it', (done) => done('yes'));
        assert.strictEqual(await socket.timeout(25000).emitWithAck('asked it'), 'yes');
    });

    test('Node speaks to our application, and is answered', async () => {
        const [other] = beside.nodes.slice(1);
        const told = record(ours, 'told');
        beside.node.io.serverSideEmit('told', 'x', { a: 1 });
        await assertHeard(told, [['x', { a: 1 }]], 'told');
        await eventually(() => other.said.length === 1, 'the other hears it, too');
        const answers = await beside.node.io.serverSideEmitWithAck('asked', 'name');
        assert.deepStrictEqual(sorted(answers), ['Node2: name', 'Ours1']);
        /* Nobody else has this: only we answer, so the other one does not either. */
        other.io.on('unheard of', (value, answer) => answer('heard'));
        assert.deepStrictEqual(
            sorted((await beside.node.io.serverSideEmitWithAck('unheard of', 1)).map(String)),
            ['heard', 'null']);
    });

    test('Node moves our sockets, in the order of what it says', async () => {
        for (const [i, { io }] of beside.nodes.entries()) {
            const room = `moved by ${i}`;
            const heard = record(ours, room);
            for (let k = 0; k < 30; k++) {
                io.socketsJoin(`${room} ${k}`);
                io.to(`${room} ${k}`).emit(room, k);
                io.in(`${room} ${k}`).socketsLeave(`${room} ${k}`);
                io.to(`${room} ${k}`).emit(room, 'left');
            }
            io.emit(room, 'end');
            await assertHeard(heard, [...Array.from({ length: 30 }, (_, k) => [k]), ['end']],
                'each once, while it is in the room');
        }
    });

    test('we broadcast to all', async () => {
        const broadcasts = record(all, 'broadcast');
        const rooms = record(all, 'room');
        ours[0].emit('room', 'r4', 'a');
        ours[0].emit('room', 'r1', 'b');
        ours[0].emit('room', all[3].id, 'c');
        ours[0].emit('broadcast', [1, 'é', null, { a: 0.1 }]);
        await assertHeard(broadcasts, [[[1, 'é', null, { a: 0.1 }]]], 'the broadcast');
        await Promise.all(all.map(settle));
        assert.deepStrictEqual(rooms, [[], [['r1', 'b']], [], [[all[3].id, 'c']], [['r4', 'a']]]);
    });

    test('we move the sockets of all', async () => {
        const rooms = record(all, 'room');
        await ours[0].ask('move', {}, 'join', 'ours');
        await ours[0].ask('move', { room: 'r3' }, 'leave', 'ours');
        ours[0].emit('room', 'ours', 1);
        await assertHeard(rooms.filter((_, i) => i !== 3), [['ours', 1]], 'the room');
        await Promise.all(all.map(settle));
        assert.deepStrictEqual(rooms[3], []);
    });

    test('we speak to the applications of all', async () => {
        const before = beside.nodes.map(({ said }) => said.length);
        await ours[0].ask('tell', { from: 'us' });
        await eventually(() => beside.nodes.every(({ said }, i) => said.length > before[i]),
            'both hear it');
        for (const { said } of beside.nodes)
            assert.deepStrictEqual(said.at(-1), [{ from: 'us' }]);
    });

    /* What came of a question of our application: see tests/contract/reach.c. */
    const LONG_MS = 25000;
    const ask = async (...args) => {
        const [answers, ...counts] = await ours[0].ask(...args);
        return { answers, counts };
    };

    test('we ask the clients of all', async () => {
        for (const [i, client] of all.entries())
            client.on('question', (value, answer) => answer({ i, value, bytes: null }));
        const { answers, counts } = await ask('survey', {}, LONG_MS, 'who');
        assert.deepStrictEqual(counts, [5, 5, 3, 3]);
        assert.deepStrictEqual(answers.sort((a, b) => a.i - b.i),
            all.map((_, i) => ({ i, value: 'who', bytes: null })));
        assert.deepStrictEqual(await ask('survey', { room: 'r4' }, LONG_MS, 1),
            { answers: [{ i: 4, value: 1, bytes: null }], counts: [1, 1, 3, 3] });
        assert.deepStrictEqual(await ask('survey', { room: 'nowhere' }, LONG_MS, 1),
            { answers: [], counts: [0, 0, 3, 3] });
    });

    test('many questions at a time', async () => {
        const told = await Promise.all(Array.from({ length: 50 },
            (_, k) => ask('survey', {}, LONG_MS, k)));
        for (const [k, { answers, counts }] of told.entries()) {
            assert.deepStrictEqual(counts, [5, 5, 3, 3]);
            assert.ok(answers.every(({ value }) => value === k));
        }
    });

    test('we list the sockets of all', async () => {
        const { answers, counts } = await ask('fetch', {}, LONG_MS);
        assert.deepStrictEqual(counts, [5, 5, 3, 3]);
        const byId = new Map(answers.map((socket) => [socket.id, socket]));
        for (const [i, { id }] of all.entries()) {
            const socket = byId.get(id);
            assert.ok(socket.rooms.includes(`r${i}`) && !socket.rooms.includes(id));
            assert.strictEqual(socket.handshake.address.address, '127.0.0.1');
            assert.strictEqual(socket.server, i < ours.length ? 'Ours1' : '');
            assert.ok(socket.connected > 0);
            assert.deepStrictEqual(socket.auth, {});
        }
        assert.deepStrictEqual(byId.get(theirs[0].id).data, { of: 'Node1' });
    });

    test('we ask the applications of all', async () => {
        const { answers, counts } = await ask('ask', 'x', LONG_MS);
        assert.deepStrictEqual([answers.sort(), counts],
            [['Node1: x', 'Node2: x'], [2, 2, 3, 3]]);
    });

    test('nothing is left of all these questions', async () => {
        await eventually(async () => (await beside.our.counters()).surveys === 0, 'none is left');
    });

    test('Node disconnects our sockets, and we theirs', async () => {
        const extra = await Promise.all([connect(beside.our.port), connect(beside.our.port),
            connect(beside.node.port)]);
        const gone = extra.map((client) => event(client.socket, 'disconnect'));
        beside.node.io.in(extra[0].id).disconnectSockets();
        beside.nodes[1].io.in(extra[1].id).disconnectSockets(true);
        await ours[0].ask('move', { room: extra[2].id }, 'disconnect');
        assert.deepStrictEqual((await Promise.all(gone)).map(([reason]) => reason),
            Array(3).fill('io server disconnect'));
        leave(...extra);
    });

    test('a namespace is known from when it is there', async () => {
        const client = await connect(beside.our.port, { namespace: '/dynamic-a' });
        await eventually(async () => await beside.members('/dynamic-a') === 1, 'it is counted');
        leave(client);
        await eventually(async () => await beside.members('/dynamic-a') === 0, 'it is gone');
    });
});

const HARMFUL_REQUESTS = [
    'c0', '', 'c1', '81', '{', '{}', '{"type":"x"}', '{"type":99,"requestId":"a"}',
    '{"type":0,"requestId":"a","rooms":5}',
    '{"type":2,"opts":{"rooms":5},"rooms":["a"]}',
    '{"type":2,"opts":{"rooms":[]}}',
    '{"type":3,"opts":{}}',
    '{"type":5,"requestId":"a","uid":"x"}',
    '{"type":6,"requestId":"a"}',
    '{"type":6,"requestId":"a","data":"abc"}',
    '{"type":6,"data":["error"]}',
    '{"type":6,"data":["connection",1]}',
    '{"type":6,"data":["siobroker:expires",1]}',
    '{"type":7}',
    '{"type":7,"requestId":"a","opts":{}}',
    '{"requestid":5,"type":2}',
];

/* Servers of Node 4 could not bear what is said here: there are none. */
describe('a member among servers of other times, and worse', suite, () => {
    let beside, ours, sub, answers;
    before(async () => {
        beside = await Beside.start({ dialect: 'node-4', nodes: 0, ours: 1 });
        ours = await Promise.all(VERSIONS.map((version) => connect(beside.our.port, { version })));
        await Promise.all(ours.map((client, i) => client.ask('join', `r${i}`)));
        sub = await redisClient(beside.redis);
        answers = [];
        await sub.subscribe('socket.io-response#/#', (text) => answers.push(text));
    });
    after(async () => {
        leave(...ours);
        await sub.disconnect();
        await beside.stop();
    });

    async function ask(request) {
        answers.length = 0;
        await beside.publish('socket.io-request#/#', JSON.stringify(request));
        await eventually(() => answers.length > 0, `answer to ${JSON.stringify(request)}`);
        return JSON.parse(answers[0]);
    }

    const roomsOf = (i) => ask({ requestid: 'rooms', type: 1, sid: ours[i].id })
        .then(({ rooms }) => rooms);

    test('what 2.0 to 5.4 ask is answered in their way', async () => {
        const { id } = ours[1];
        assert.deepStrictEqual(await ask({ requestid: 'a', type: 0, rooms: ['r1'] }),
            { requestid: 'a', clients: [id] });
        assert.deepStrictEqual(await ask({ requestid: 'b', type: 1, sid: id }),
            { requestid: 'b', rooms: [id, 'r1'] });
        assert.deepStrictEqual(sorted((await ask({ requestid: 'c', type: 2 })).rooms),
            sorted([...ours.map((client) => client.id), 'r0', 'r1', 'r2']));
        assert.deepStrictEqual(await ask({ requestid: 'd', type: 3, sid: id, room: 'old' }),
            { requestid: 'd' });
        assert.deepStrictEqual(await roomsOf(1), [id, 'r1', 'old']);
        assert.deepStrictEqual(await ask({ requestid: 'e', type: 4, sid: id, room: 'old' }),
            { requestid: 'e' });
        assert.deepStrictEqual(await roomsOf(1), [id, 'r1']);
        assert.deepStrictEqual(await ask({ requestid: 'f', type: 5, data: 'ping' }),
            { requestid: 'f', data: null });
    });

    test('what 6.0 to 7.2 ask is answered in theirs', async () => {
        const { id } = ours[1];
        assert.deepStrictEqual(await ask({ requestId: 'a', uid: 'x', type: 0, rooms: [] })
            .then(({ sockets }) => sorted(sockets)), sorted(ours.map((client) => client.id)));
        assert.deepStrictEqual(await ask({ requestId: 'b', type: 2, sid: id, room: 'six' }),
            { requestId: 'b' });
        assert.deepStrictEqual(await roomsOf(1), [id, 'r1', 'six']);
        assert.deepStrictEqual(await ask({ requestId: 'c', type: 3, sid: id, room: 'six' }),
            { requestId: 'c' });
        assert.deepStrictEqual(await roomsOf(1), [id, 'r1']);
        const gone = event(ours[2].socket, 'disconnect');
        const { id: last } = ours[2];
        assert.deepStrictEqual(await ask({ requestId: 'd', type: 4, sid: last, close: false }),
            { requestId: 'd' });
        assert.deepStrictEqual((await gone)[0], 'io server disconnect');
    });

    test('whatever comes, it lives, and says so once', async () => {
        const counted = (await beside.our.counters()).bad_messages;
        for (const [, payload] of HARMFUL)
            await beside.publish('socket.io#/#', payload);
        for (const request of HARMFUL_REQUESTS)
            await beside.publish('socket.io-request#/#', request);
        for (const payload of ['c0', '', '81', '{', '{}', '{"requestId":"x"}', '{"type":8}'])
            await beside.publish('socket.io-response#/#', payload);
        const heard = record(ours.slice(0, 2), 'after');
        beside.emitter().emit('after', 1);
        await assertHeard(heard, [[1]], 'it goes on');
        assert.strictEqual((await beside.our.counters()).bad_messages - counted,
            HARMFUL.length + HARMFUL_REQUESTS.length);
        assert.strictEqual(beside.our.log.match(/says through Redis what is no/g).length, 1);
    });
});
