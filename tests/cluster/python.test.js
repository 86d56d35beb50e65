'use strict';
/*
 * An instance among servers of python-socketio, and programs that write to them: the package that
 * Debian ships, made to write JSON as the manual says, and what later versions were heard to say.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { event, eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll, settle } = require('../lib/modern.js');
const { assertHeard, record } = require('../lib/node4.js');
const { BesidePython, PythonMember } = require('../lib/python.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const VERSIONS = ['0.9.16', '1.7.4', '2.5.0', '3.1.3', '4.8.4'];

after(leaveAll);

/* 0.9 has no bytes. */
function as(version, args) {
    return args.map((arg) => (Buffer.isBuffer(arg) && version === '0.9.16'
        ? arg.toString('base64') : arg));
}

/* As 5.15.1 and later write it. */
function emit(name, data, more) {
    return { method: 'emit', event: name, data, binary: false, namespace: '/', room: null,
        skip_sid: null, callback: null, host_id: 'fd429900678546ba9f583b4ed7ba70f2', ...more };
}

describe('an instance beside python-socketio', suite, () => {
    let beside, ours, theirs, all;
    before(async () => {
        beside = await BesidePython.start({ ours: 2 });
        ours = await Promise.all(VERSIONS.map((version, i) =>
            connect(beside.ours[i % 2].port, { version })));
        theirs = await connect(beside.server.port, { way: 'polling' });
        all = [...ours, theirs];
    });
    after(async () => {
        leave(...all);
        await beside.stop();
    });

    /* Each of the clients has heard those, and all before the mark that comes behind them. */
    async function heardBy(clients, name, want, say) {
        const lists = record(clients, name);
        const marks = record(clients, 'mark');
        await say();
        beside.writer.call('emit', { event: 'mark', data: 'the end' });
        await assertHeard(marks, [['the end']], 'the mark');
        clients.forEach((client, i) => assert.deepStrictEqual(lists[i],
            want.map((args) => as(client.version, args)), client.version));
    }

    /* The same, of what is published as it is. */
    async function heardOf(clients, name, want, messages) {
        const lists = record(clients, name);
        const marks = record(clients, 'mark');
        for (const message of messages)
            await beside.publish(message);
        await beside.publish(emit('mark', ['the end']));
        await assertHeard(marks, [['the end']], 'the mark');
        clients.forEach((client, i) => assert.deepStrictEqual(lists[i],
            want.map((args) => as(client.version, args)), client.version));
    }

    test('a program that writes reaches the clients of all', () =>
        heardBy(all, 'hi', [['€'], [{ a: [1, null] }], []], () => {
            beside.writer.call('emit', { event: 'hi', data: '€' });
            beside.writer.call('emit', { event: 'hi', data: { a: [1, null] } });
            beside.writer.call('emit', { event: 'hi', data: null });
        }));

    test('so does a server', async () => {
        const heard = record(all, 'from server');
        beside.server.call('emit', { event: 'from server', data: 1.5 });
        await assertHeard(heard, [[1.5]], 'all hear it');
    });

    test('rooms, and who is not to hear it', async () => {
        await Promise.all(ours.map((client, i) => client.ask('join', `r${i}`)));
        await Promise.all(all.map((client) => client.ask('join', 'all')));
        const lists = record(all, 'to');
        const marks = record(all, 'mark');
        const say = (data, more) => beside.writer.call('emit', { event: 'to', data, ...more });
        say('r0', { room: 'r0' });
        say('several', { room: ['r1', 'r2'] });
        say('all but one', { room: 'all', skip_sid: ours[3].id });
        say('all but two', { skip_sid: [ours[0].id, theirs.id] });
        say('by id', { room: ours[4].id });
        say('nobody', { room: 'nowhere' });
        beside.writer.call('emit', { event: 'mark', data: 1 });
        await assertHeard(marks, [[1]], 'the mark');
        assert.deepStrictEqual(lists.map((heard) => heard.flat()), [
            ['r0', 'all but one'], ['several', 'all but one', 'all but two'],
            ['several', 'all but one', 'all but two'], ['all but two'],
            ['all but one', 'all but two', 'by id'], ['all but one']]);
    });

    test('what versions of today say reaches ours', async () => {
        const bytes = Buffer.from([9]);
        await heardOf(ours, 'ev', [['x', 2], [[1, 2]], [], ['alone'], [{ a: 1 }], []], [
            emit('ev', ['x', 2]), emit('ev', [[1, 2]]), emit('ev', [null]), emit('ev', 'alone'),
            { method: 'emit', event: 'ev', data: { a: 1 }, namespace: '/' }, emit('ev', [])]);
        await heardOf(ours, 'bin', [['a', bytes], [bytes]], [
            emit('bin', [['a', { _placeholder: true, num: 0 }], 'CQ=='], { binary: true }),
            emit('bin', [{ _placeholder: true, num: 0 }, 'CQ=='], { binary: true })]);
    });

    test('other namespaces are others', async () => {
        const chat = await connect(beside.our.port, { namespace: '/chat' });
        const heard = record([chat], 'hi');
        const [here] = record([ours[0]], 'hi');
        beside.writer.call('emit', { event: 'hi', data: 1, namespace: '/chat' });
        await assertHeard(heard, [[1]], 'its own');
        await settle(ours[0]);
        assert.deepStrictEqual(here, []);
        leave(chat);
    });

    test('what we say reaches the clients of all once', async () => {
        const broadcasts = record(all, 'broadcast');
        const rooms = record(all, 'room');
        const others = record(all, 'others');
        for (const value of ['é', { a: [1] }, 7])
            ours[4].emit('broadcast', value);
        ours[4].emit('others', 'not I');
        ours[4].emit('room', 'all', 'x');
        ours[4].emit('room', theirs.id, 'y');
        await assertHeard([others[5]], [['not I']], 'the others');
        await eventually(() => rooms[5].length === 2, 'the rooms');
        await Promise.all(all.map(settle));
        for (const heard of broadcasts)
            assert.deepStrictEqual(heard, [['é'], [{ a: [1] }], [7]]);
        assert.deepStrictEqual(others.map((heard) => heard.length), [1, 1, 1, 1, 0, 1]);
        /* Before 5.14.2 several arguments are a list. */
        assert.deepStrictEqual(rooms.map((heard) => heard.flat(2)), [
            ...ours.map(() => ['all', 'x']), ['all', 'x', theirs.id, 'y']]);
    });

    test('a server is told how our clients acknowledge', async () => {
        for (const client of ours)
            client.on('who', (value, done) => done(`${value}: ${client.version}`));
        for (const client of ours) {
            const before = beside.server.said.length;
            beside.server.call('emit', { event: 'who', data: 'I', room: client.id, ask: true });
            await eventually(() => beside.server.said.length > before, 'the answer');
            assert.deepStrictEqual(beside.server.said.at(-1),
                { answer: [`I: ${client.version}`] });
        }
        for (const broker of beside.ours)
            await eventually(async () => (await broker.counters()).surveys === 0, 'none is left');
    });

    test('sockets enter and leave rooms, and rooms are closed', async () => {
        const move = (method, room) => ({ method, sid: ours[4].id, room, namespace: '/' });
        const to = (room) => emit('in', [room], { room });
        await heardOf(ours.slice(4), 'in', [['e1'], ['e2']], [move('enter_room', 'e1'), to('e1'),
            move('leave_room', 'e1'), to('e1'), move('enter_room', 'e2'), to('e2'),
            { method: 'close_room', room: 'e2', namespace: '/' }, to('e2')]);
    });

    test('a program closes a room of all, and so do we', async () => {
        await Promise.all(all.map((client) => client.ask('join', 'closed')));
        await heardBy(all, 'closed', [['open']], () => {
            beside.writer.call('emit', { event: 'closed', data: 'open', room: 'closed' });
            beside.writer.call('close_room', { room: 'closed' });
            beside.writer.call('emit', { event: 'closed', data: 'closed', room: 'closed' });
        });
        await Promise.all(all.map((client) => client.ask('join', 'closed')));
        const rooms = record(all, 'room');
        const marks = record(all, 'broadcast');
        await ours[4].ask('move', { room: 'closed' }, 'leave', 'closed');
        ours[4].emit('room', 'closed', 1);
        ours[4].emit('broadcast', 'the end');
        await assertHeard(marks, [['the end']], 'the end');
        assert.deepStrictEqual(rooms, all.map(() => []));
    });

    test('we let their sockets enter rooms', async (t) => {
        if (!beside.server.canEnter) {
            t.diagnostic('this python-socketio has no such message');
            return;
        }
        const [room] = record([theirs], 'room');
        await ours[4].ask('move', { room: theirs.id }, 'join', 'entered');
        ours[4].emit('room', 'entered', 1);
        await eventually(() => room.length > 0, 'it has entered');
        assert.deepStrictEqual(room.flat(2), ['entered', 1]);
    });

    test('each disconnects the sockets of the other', async () => {
        const [mine, their] = [await connect(beside.our.port),
            await connect(beside.server.port, { way: 'polling' })];
        const gone = [mine, their].map((client) => event(client.socket, 'disconnect'));
        beside.server.call('disconnect', { sid: mine.id });
        await ours[4].ask('move', { room: their.id }, 'disconnect');
        assert.deepStrictEqual((await Promise.all(gone)).map(([reason]) => reason),
            ['io server disconnect', 'io server disconnect']);
        leave(mine, their);
    });

    test('what is pickled is refused, counted, and said once', async (t) => {
        const writer = await PythonMember.start(beside.redis, 'writer', 'pickle');
        const heard = record(ours, 'pickled');
        for (const data of [1, 2])
            writer.call('emit', { event: 'pickled', data });
        if (process.env.PYTHON_SOCKETIO) {
            t.diagnostic('this python-socketio writes JSON');
        } else {
            for (const broker of beside.ours) {
                await eventually(async () => (await broker.counters()).pickles === 2, 'both');
                assert.strictEqual(broker.log.match(/could run any code/g).length, 1);
            }
            assert.deepStrictEqual(heard, ours.map(() => []));
        }
        await writer.stop();
    });

    test('whatever comes, it lives, and says so once', async () => {
        const bad = ['', 'x', '{', '[]', '5', 'null', '{}', '{"method":5}', '{"method":"other"}',
            emit(5, []), emit('connect', []), emit('disconnect', ['x']), emit('ev'),
            emit('ev', [], { room: 5.5, namespace: 7 }), emit('ev', [], { room: { a: 1 } }),
            emit('ev', [], { skip_sid: true }), emit('ev', [], { callback: ['a'] }),
            emit('ev', [], { callback: ['a', '/', 1, 2] }),
            emit('ev', [], { callback: ['a', '/', 'x'.repeat(2000)] }),
            emit('ev', 'x', { binary: true }), emit('ev', [], { binary: true }),
            emit('ev', [['x'], 5], { binary: true }),
            emit('ev', [[{ _placeholder: true, num: 1 }], 'AA=='], { binary: true }),
            emit('ev', [[], ...Array(11).fill('AA==')], { binary: true }),
            `{"method":"emit","event":"ev","data":${'['.repeat(3000)}${']'.repeat(3000)}}`,
            '{"method":"emit","event":"ev","data":[NaN]}',
            { method: 'disconnect' }, { method: 'enter_room', sid: 'x' },
            { method: 'enter_room', sid: 5, room: 'a' }, { method: 'close_room' },
            { method: 'close_room', room: [] }, { method: 'close_room', room: 'a\0b' }];
        const heard = record(ours, 'ev');
        const counted = (await beside.our.counters()).bad_messages;
        for (const message of bad)
            await beside.publish(message);
        await heardOf(ours, 'after', [[1]], [emit('after', [1])]);
        assert.strictEqual((await beside.our.counters()).bad_messages - counted, bad.length);
        assert.strictEqual(beside.our.log.match(/is no message of python-socketio/g).length, 1);
        assert.deepStrictEqual(heard, ours.map(() => []));
    });
});
