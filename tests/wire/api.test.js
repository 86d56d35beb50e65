'use strict';
/* The HTTP API: each command, with clients of all generations. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startApi, post, done, assertRefused } = require('../lib/api.js');
const { eventually } = require('../lib/deadline.js');
const { begin, connect, allNext, leave, leaveAll } = require('../lib/modern.js');
const { NEEDS_CONTRACT, REFERENCE } = require('../lib/server.js');

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };
const VERSIONS = ['0.9.16', '2.5.0', '4.8.4'];
const ALONE = { instances: 1, reached: 1 };

describe('commands', suite, () => {
    let broker, clients;
    before(async () => {
        broker = await startApi({ contract: true, args: ['--reach'], api: { keys: [
            { name: 'all', key: '0123456789abcdef0123456789abcdef',
                namespaces: ['*', '/made'] }] } });
        clients = await Promise.all(VERSIONS.map((version) => connect(broker.port, { version })));
    });
    after(async () => {
        leaveAll();
        await broker.stop();
    });

    const run = (name, command) => done(broker.api, name, command);
    const byId = ({ id }) => id;

    test('emit to everyone, as it is written', async () => {
        const heard = allNext(clients, 'news');
        const { status, body } = await post(broker.api, 'emit', null,
            { body: '{"name":"news","args":["ü", {"n":[1.50, null]}, true]}' });
        assert.deepStrictEqual({ status, body }, { status: 200, body: { instances: 1 } });
        for (const args of await heard)
            assert.deepStrictEqual(args, ['ü', { n: [1.5, null] }, true]);
    });

    test('a number passes through with all its digits', async () => {
        const socket = begin(broker.port, { version: '4.8.4', way: 'websocket',
            forceNew: true });
        await socket.next('connect');
        const frames = [];
        socket.engine.transport.ws.on('message', (data) => frames.push(String(data)));
        await post(broker.api, 'emit', null,
            { body: '{"name":"exact","args":[12345678901234567890, 1.0e2]}' });
        await eventually(() => frames.some((frame) => frame.includes('exact')), 'it is there');
        assert.ok(frames.find((frame) => frame.includes('exact'))
            .includes('[12345678901234567890, 1.0e2]') ||
            frames.find((frame) => frame.includes('exact'))
                .includes('12345678901234567890, 1.0e2'), frames.join());
        leave(socket);
    });

    test('emit to a socket, a room, a user, and not to some', async () => {
        const [old, middle, young] = clients;
        await run('join', { to: [old, middle].map(byId), room: ['red', 'blue'] });
        await run('set', { socket: young.id, user: '42' });
        const heard = [];
        clients.forEach((client, i) => client.on('to', (what) => heard.push([what, i])));
        await run('emit', { to: old.id, name: 'to', args: ['id'] });
        await run('emit', { to: ['red', 'blue'], name: 'to', args: ['rooms'] });
        await run('emit', { users: '42', name: 'to', args: ['user'] });
        await run('emit', { users: ['42'], to: 'red', name: 'to', args: ['both'] });
        await run('emit', { except: ['red', young.id], name: 'to', args: ['nobody'] });
        await run('emit', { except: old.id, to: 'red', name: 'to', args: ['middle'] });
        await run('leave', { to: middle.id, room: 'red' });
        await run('emit', { to: 'red', name: 'to', args: ['left'] });
        const last = allNext(clients, 'end');
        await run('emit', { name: 'end' });
        await last;
        assert.deepStrictEqual(heard.sort(), [['both', 0], ['both', 1], ['both', 2], ['id', 0],
            ['left', 0], ['middle', 1], ['rooms', 0], ['rooms', 1], ['user', 2]].sort());
        await run('leave', { room: ['red', 'blue'] });
    });

    test('emit with attachments', async () => {
        const heard = allNext(clients, 'photo');
        await run('emit', { name: 'photo', args: [{ _placeholder: true, num: 0 }, 'x'],
            attachments: ['AQL/'] });
        const [[old], [middle], [young]] = await heard;
        assert.strictEqual(old, 'AQL/');
        for (const bytes of [middle, young])
            assert.deepStrictEqual(Buffer.from(bytes), Buffer.from([1, 2, 255]));
    });

    test('ask: the answers of all, and the counts', async () => {
        const asked = Promise.all(clients.map((client, i) => client.answer('q', i)));
        const { answers, ...counts } = await run('ask', { name: 'q', args: [7], timeout: 30000 });
        assert.deepStrictEqual(answers.sort(), [0, 1, 2]);
        assert.deepStrictEqual(counts, { answered: 3, asked: 3, ...ALONE });
        for (const args of await asked)
            assert.deepStrictEqual(args, [7]);
    });

    test('ask: 200 with what has come, when the time is up', async () => {
        const { answers, ...counts } = await run('ask', { name: 'nobody', timeout: 50 });
        assert.deepStrictEqual({ answers, ...counts },
            { answers: [], answered: 0, asked: 3, ...ALONE });
    });

    test('ack by token, once', async () => {
        for (const client of clients) {
            const token = client.next('token');
            const answer = client.ask('token');
            const [ack] = await token;
            assert.deepStrictEqual(await run('ack', { ack, args: ['late', 1] }), {});
            assert.deepStrictEqual(await answer, ['late', 1]);
            assertRefused(await post(broker.api, 'ack', { ack }), 'ack_unknown', 404, 'ack');
        }
    });

    test('set: user and data, seen by sockets; null clears', async () => {
        const [, , young] = clients;
        const see = async () => (await run('sockets', { to: young.id })).sockets[0];
        const users = async () => (await see()).rooms.filter((room) => room.startsWith('user:'));
        await run('set', { socket: young.id, user: 'a', data: { name: 'Ann', n: [1] } });
        assert.deepStrictEqual((await see()).data, { name: 'Ann', n: [1] });
        assert.deepStrictEqual(await users(), ['user:a']);
        await run('set', { socket: young.id, user: 'b' });
        assert.deepStrictEqual(await users(), ['user:b']);
        assert.deepStrictEqual((await see()).data, { name: 'Ann', n: [1] });
        await run('set', { socket: young.id, user: null, data: null });
        assert.deepStrictEqual(await users(), []);
        assert.deepStrictEqual((await see()).data, {});
        assertRefused(await post(broker.api, 'set', { socket: 'nobody', user: 'x' }),
            'socket_unknown', 404, 'socket');
        assertRefused(await post(broker.api, 'set',
            { socket: young.id, data: { a: 'x'.repeat(65536) } }), 'too_large', 413, 'data');
    });

    test('sockets, count, rooms', async () => {
        await run('join', { to: clients[0].id, room: 'one' });
        await run('join', { to: clients.map(byId), room: 'other' });
        const { sockets, more, ...counts } = await run('sockets', {});
        assert.deepStrictEqual(sockets.map(byId).sort(), clients.map(byId).sort());
        assert.deepStrictEqual({ more, ...counts },
            { more: false, answered: 3, asked: 3, ...ALONE });
        const some = await run('sockets', { limit: 2 });
        assert.deepStrictEqual([some.sockets.length, some.more], [2, true]);
        assert.deepStrictEqual(await run('count', { to: 'other' }), { sockets: 3, ...ALONE });
        assert.deepStrictEqual(await run('count', { to: 'other', except: 'one' }),
            { sockets: 2, ...ALONE });
        assert.deepStrictEqual(await run('rooms', { prefix: 'o' }),
            { rooms: { one: 1, other: 3 }, more: false, ...ALONE });
        assert.deepStrictEqual(await run('rooms', { prefix: 'o', limit: 1 }),
            { rooms: { one: 1 }, more: true, ...ALONE });
    });

    test('disconnect: from a namespace, or from all', async () => {
        const leaver = await connect(broker.port, { version: '4.8.4', way: 'websocket',
            reconnection: false, forceNew: true });
        const gone = leaver.next('disconnect');
        await run('disconnect', { to: leaver.id, close: true });
        assert.deepStrictEqual((await gone)[0], 'io server disconnect');
        leave(leaver);
    });

    test('a namespace that a key names is there; another is not', async () => {
        const member = begin(broker.port, { version: '4.8.4', namespace: '/made' });
        await member.next('connect');
        const heard = member.next('hello');
        await run('emit', { namespace: '/made', name: 'hello', args: [1] });
        assert.deepStrictEqual(await heard, [1]);
        assert.deepStrictEqual(await run('count', { namespace: '/made' }),
            { sockets: 1, ...ALONE });
        assertRefused(await post(broker.api, 'count', { namespace: '/nowhere' }),
            'unknown_namespace', 404, 'namespace');
        leave(member);
    });

    test('a batch is done in its order, and each has its result', async () => {
        const [, , young] = clients;
        const heard = [];
        young.on('b', (n) => heard.push(n));
        const end = young.next('end of batch');
        const { results } = await run('batch', { commands: [
            ...Array.from({ length: 20 }, (_, n) => ({ do: 'emit', name: 'b', args: [n] })),
            { do: 'explode' }, { do: 'count' }, { do: 'emit', name: 'end of batch' }] });
        await end;
        assert.deepStrictEqual(heard, Array.from({ length: 20 }, (_, n) => n));
        assert.strictEqual(results.length, 23);
        assert.deepStrictEqual(results[0], { instances: 1 });
        assert.deepStrictEqual([results[20].error.code, results[20].error.at],
            ['bad_command', 'commands[20].do']);
        assert.deepStrictEqual(results[21], { sockets: 3, ...ALONE });
    });

    test('a batch that stops on errors does not do the rest', async () => {
        const { results } = await run('batch', { 'stop on error': true, commands: [
            { do: 'count' }, { do: 'ask', name: 'nobody', timeout: 20 },
            { do: 'join', to: 'x' }, { do: 'disconnect' }] });
        assert.deepStrictEqual(results.map((result) => Object.keys(result)[0]),
            ['sockets', 'answers', 'error']);
        assert.strictEqual((await run('count', {})).sockets, 3);
    });

    test('an empty batch has no results', async () => {
        assert.deepStrictEqual(await run('batch', { commands: [] }), { results: [] });
    });

    test('a thousand commands, and no more', async () => {
        const many = (n) => ({ commands: Array.from({ length: n },
            () => ({ do: 'emit', to: 'nobody', name: 'x' })) });
        assert.strictEqual((await run('batch', many(1000))).results.length, 1000);
        for (const n of [1001, 10001])
            assertRefused(await post(broker.api, 'batch', many(n)), 'too_large', 413, 'commands');
    });
});
