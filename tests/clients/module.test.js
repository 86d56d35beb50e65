'use strict';
/*
 * client-demo/backends/node: applications as they are written for socket.io, behind the broker. The
 * first two do what the servers of its chat and whiteboard examples do.
 */

const assert = require('node:assert');
const { test, describe, after } = require('node:test');
const { allNext, begin, leave, leaveAll } = require('../lib/modern.js');
const { eventually } = require('../lib/deadline.js');
const { behind } = require('../lib/module.js');
const { REFERENCE } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };
const OLD = { version: '0.9.16', transports: ['websocket'], 'connect timeout': 30000 };

after(leaveAll);

/* Run use(app) on an application behind a broker, which then has nothing to complain about. */
async function on(application, use, options) {
    const app = await behind(application, options);
    await use(app);
    assert.deepStrictEqual(app.complaints, []);
    leaveAll();
    await app.stop();
}

async function connect(port, options) {
    const client = begin(port, options);
    await client.next('connect');
    return client;
}

/* Names are kept on the socket, the number of users in the process. */
function chat(io) {
    let n_users = 0;
    io.on('connection', (socket) => {
        let isAdded = false;
        socket.on('add user', (username) => {
            if (isAdded)
                return;
            isAdded = true;
            socket.username = username;
            n_users++;
            socket.emit('login', { numUsers: n_users });
            socket.broadcast.emit('user joined', { username, numUsers: n_users });
        });
        for (const name of ['typing', 'stop typing'])
            socket.on(name, () => socket.broadcast.emit(name, { username: socket.username }));
        socket.on('new message', (message) => {
            socket.broadcast.emit('new message', { username: socket.username, message });
        });
        socket.on('disconnect', () => {
            if (isAdded)
                socket.broadcast.emit('user left',
                    { username: socket.username, numUsers: --n_users });
        });
    });
}

const whiteboard = (io) => io.on('connection', (socket) => {
    socket.on('drawing', (line) => socket.broadcast.emit('drawing', line));
});

describe('examples', suite, () => {
    test('chat', () => on(chat, async ({ port }) => {
        const ann = await connect(port), bob = await connect(port, OLD);
        const login = ann.next('login');
        ann.emit('add user', 'Ann');
        assert.deepStrictEqual(await login, [{ numUsers: 1 }]);
        const joined = ann.next('user joined'), second = bob.next('login');
        bob.emit('add user', 'Bob');
        assert.deepStrictEqual(await joined, [{ username: 'Bob', numUsers: 2 }]);
        assert.deepStrictEqual(await second, [{ numUsers: 2 }]);

        const heard = ['typing', 'new message', 'stop typing'].map((name) => bob.next(name));
        ann.emit('typing');
        ann.emit('new message', 'héllo');
        ann.emit('stop typing');
        assert.deepStrictEqual(await Promise.all(heard), [[{ username: 'Ann' }],
            [{ username: 'Ann', message: 'héllo' }], [{ username: 'Ann' }]]);
        const left = ann.next('user left');
        leave(bob);
        assert.deepStrictEqual(await left, [{ username: 'Bob', numUsers: 1 }]);
    }));

    test('whiteboard', () => on(whiteboard, async ({ port }) => {
        const clients = await Promise.all([connect(port), connect(port, OLD), connect(port)]);
        const lines = Array.from({ length: 100 }, (_, i) => ({ x0: i / 7, y0: 0.5, x1: 1, y1: i,
            color: '#000' }));
        const seen = Promise.all(clients.slice(1).map((client) => client.take('drawing', 100)));
        for (const line of lines)
            clients[0].emit('drawing', line);
        for (const drawn of await seen)
            assert.deepStrictEqual(drawn, lines.map((line) => [line]));
    }));
});

/* Who connects gets the history, and then each line after it: none twice, and none is missing. */
function historian(io) {
    const lines = [];
    io.on('connection', (socket) => {
        socket.emit('history', lines);
        socket.on('say', (line) => {
            lines.push(line);
            io.emit('said', line);
        });
    });
}

describe('order', suite, () => {
    test('what comes after the history is all that is said after it', () =>
        on(historian, async ({ port }) => {
            const N = 150;
            const speaker = await connect(port, { way: 'websocket' });
            const listeners = [];
            for (let i = 0; i < N; i++) {
                speaker.emit('say', i);
                if (i % 15 === 0) {
                    const known = [];
                    const client = begin(port, { way: 'websocket' });
                    client.on('history', (lines) => known.push(...lines));
                    client.on('said', (line) => known.push(line));
                    listeners.push(known);
                }
                await new Promise(setImmediate);
            }
            await eventually(() => listeners.every((known) => known.at(-1) === N - 1),
                'all lines');
            for (const known of listeners)
                assert.deepStrictEqual(known, Array.from({ length: N }, (_, i) => i));
        }));
});

function words(io) {
    io.use((socket, next) => {
        const { name } = socket.handshake.auth;
        socket.data.name = name;
        next(name === 'Eve' ? Object.assign(new Error('not you'), { data: { code: 7 } })
            : undefined);
    });
    io.of('/late').use((socket, next) => setImmediate(next)).on('connection', (socket) =>
        socket.emit('hello', socket.nsp.name));
    io.on('connection', (socket) => {
        socket.join(['all', `of ${socket.data.name}`]);
        socket.use(([name, ...args], next) =>
            next(name === 'bad' ? new Error(`bad ${args}`) : undefined));
        socket.on('error', ({ message }) => socket.emit('complaint', message));
        socket.onAny((name) => name === 'any' && socket.emit('any', [...socket.rooms].length));
        socket.on('who', async (ack) => {
            const sockets = await io.in('all').fetchSockets();
            ack(sockets.map(({ data, rooms }) => [data.name, rooms.has('all')]).sort());
        });
        socket.on('ask all', async (ack) => ack(await io.to('all').timeout(20000)
            .emitWithAck('question', 1)));
        socket.on('ask me', (ack) => socket.timeout(20000).emit('question', 2,
            (error, answer) => ack(error, answer)));
        socket.on('ask nobody', (ack) => socket.timeout(1).emit('no such question',
            (error) => ack(error.message)));
        socket.on('but', (room) => io.except(room).emit('but', room));
        socket.on('move', (ack) => {
            io.in('of Bob').socketsLeave('all');
            io.in('of Bob').socketsJoin('moved');
            io.to('moved').emit('moved');
            ack();
        });
        socket.on('kick', (name) => io.in(`of ${name}`).disconnectSockets());
        socket.on('disconnecting', (reason) => io.emit('leaving', socket.data.name, reason,
            [...socket.rooms].length));
    });
}

describe('words of socket.io', suite, () => {
    test('do what they say', () => on(words, async ({ port, server }) => {
        const page = await fetch(`http://127.0.0.1:${server.address().port}/`);
        assert.strictEqual(await page.text(), 'a page');

        const eve = begin(port, { auth: { name: 'Eve' } });
        const [{ message, data }] = await eve.refused();
        assert.deepStrictEqual([message, data], ['not you', { code: 7 }]);
        const [ann, bob] = await Promise.all(['Ann', 'Bob'].map((name) =>
            connect(port, { auth: { name } })));
        assert.deepStrictEqual(await ann.of('/late').next('hello'), ['/late']);
        for (const [client, answer] of [[ann, 'yes'], [bob, 'no']])
            client.on('question', (n, ack) => ack(`${answer} ${n}`));

        assert.deepStrictEqual(await ann.ask('who'), [[['Ann', true], ['Bob', true]]]);
        const [answers] = await ann.ask('ask all');
        assert.deepStrictEqual(answers.sort(), ['no 1', 'yes 1']);
        assert.deepStrictEqual(await bob.ask('ask me'), [null, 'no 2']);
        assert.deepStrictEqual(await ann.ask('ask nobody'), ['operation has timed out']);
        const but = allNext([ann, bob], 'but');
        ann.emit('but', 'of Bob');      /* Bob would hear it before the next */
        ann.emit('but', 'of nobody');
        assert.deepStrictEqual(await but, [['of Bob'], ['of nobody']]);

        const complaint = ann.next('complaint'), any = ann.next('any');
        ann.emit('bad', 'word');
        ann.emit('any');
        assert.deepStrictEqual(await complaint, ['bad word']);
        assert.deepStrictEqual(await any, [3]);
        const moved = bob.next('moved');
        await ann.ask('move');
        assert.deepStrictEqual(await moved, []);
        const leaving = ann.next('leaving'), ended = bob.next('disconnect');
        ann.emit('kick', 'Bob');
        assert.deepStrictEqual(await leaving, ['Bob', 'server namespace disconnect', 3]);
        assert.strictEqual((await ended)[0], 'io server disconnect');
    }, { namespaces: ['/', '/late'] }));
});

/* What a socket has said so often is in its data; whether it was recovered it tells. */
function counter(io) {
    io.on('connection', (socket) => {
        socket.join('all');
        socket.emit('hello', socket.recovered);
        socket.on('count', (ack) => {
            socket.data.n = (socket.data.n || 0) + 1;
            ack(socket.data.n, socket.recovered, [...socket.rooms].length,
                socket.handshake.auth.name);
        });
        socket.on('disconnect', () => io.emit('left', socket.data.n));
    });
}

describe('an application that is started again', suite, () => {
    test('meets its clients anew, as without a broker', () => on(counter, async (app) => {
        const client = await connect(app.port, { auth: { name: 'Ann' } });
        assert.deepStrictEqual(await client.ask('count'), [1, false, 2, 'Ann']);
        const first = client.id;
        await app.end();
        await app.begin();
        const hello = client.next('hello');
        client.emit('count', () => {});
        assert.deepStrictEqual(await hello, [false]);
        assert.notStrictEqual(client.id, first);
        assert.deepStrictEqual(await client.ask('count'), [1, false, 2, 'Ann']);
    }));

    test('knows them, with connectionStateRecovery', () => on(counter, async (app) => {
        const options = { auth: { name: 'Ann' } };
        const clients = [await connect(app.port, options), await connect(app.port, options)];
        for (const client of clients)
            assert.deepStrictEqual(await client.ask('count'), [1, false, 2, 'Ann']);
        await app.end();
        await app.begin();
        const hello = clients[0].next('hello');
        assert.deepStrictEqual(await clients[0].ask('count'), [2, true, 2, 'Ann']);
        assert.deepStrictEqual(await hello, [true]);
        const left = clients[0].next('left');
        leave(clients[1]);
        assert.deepStrictEqual(await left, [1]);
    }, { options: { connectionStateRecovery: {} } }));
});
