'use strict';
/*
 * Clients of a script that come back, that middleware has moved, and that are there when the script
 * closes its server.
 */

const assert = require('node:assert');
const { test, after } = require('node:test');
const { begin, leaveAll } = require('../lib/modern.js');
const { event, eventually } = require('../lib/deadline.js');
const { listenScript, startScript } = require('../lib/script.js');
const { REFERENCE } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };

after(leaveAll);

test('a client that comes back has its id, rooms and data', suite, async () => {
    const broker = await listenScript(`
        const {Server} = require('socket.io');
        const io = new Server(80, {connectionStateRecovery: {maxDisconnectionDuration: 120000}});
        io.on('connection', (socket) => {
            socket.emit('hello', socket.recovered, socket.data.n, [...socket.rooms].length);
            socket.on('begin', (ack) => {
                socket.data.n = 7;
                socket.join('r');
                ack(socket.recovered);
            });
            socket.on('disconnect', () => io.to('r').emit('missed', 'while it was away'));
        });`);
    const client = begin(broker.port, { way: 'websocket' });
    /* Without the offset that each event ends with. */
    const next = async (name) => (await client.next(name)).slice(0, -1);
    assert.deepStrictEqual(await next('hello'), [false, null, 1]);
    assert.deepStrictEqual(await client.ask('begin'), [false]);
    const { id } = client;
    const hello = next('hello'), missed = next('missed');
    client.cut();
    assert.deepStrictEqual(await missed, ['while it was away']);
    assert.deepStrictEqual(await hello, [true, 7, 2]);
    assert.strictEqual(client.id, id);
    leaveAll();
    await broker.stop();
});

test('middleware may join rooms, and refuse afterwards', suite, async () => {
    const broker = await listenScript(`
        const {Server} = require('socket.io');
        const io = new Server(80);
        io.use((socket, next) => {
            socket.join(['a', 'b']);
            socket.leave('b');
            socket.data.seen = [...socket.rooms];
            setTimeout(() => next(socket.handshake.auth.no ? new Error('no') : undefined), 1);
        });
        io.on('connection', (socket) => {
            socket.emit('rooms', [...socket.rooms].filter((room) => room !== socket.id),
                socket.data.seen, io.of('/').adapter.rooms.get('a').size);
        });`);
    const [{ message }] = await begin(broker.port, { auth: { no: true } }).refused();
    assert.strictEqual(message, 'no');
    const client = begin(broker.port, { auth: {} });
    assert.deepStrictEqual(await client.next('rooms'), [['a'], ['a'], 1]);
    leaveAll();
    await broker.stop();
});

test('io.close() ends clients and the script', suite, async () => {
    const program = startScript(`
        const {Server} = require('socket.io');
        const say = (...words) => process.stdout.write(words.join(' ') + '\\n');
        const io = new Server(0);
        io.on('connection', (socket) => {
            socket.on('close', () => io.close(() => say('closed')).then(() => say('resolved')));
            socket.on('disconnect', (reason) => say(reason));
        });`, { options: ['--host', '127.0.0.1'] });
    const [, port] = await program.said(/listening on .*port (\d+)\n/);
    const client = begin(Number(port), { reconnection: false });
    await client.next('connect');
    const told = event(client.socket, 'disconnect');
    client.emit('close');
    await told;
    assert.deepStrictEqual(await program.ended(), { code: 0, signal: null });
    await eventually(() => /closed\n/.test(program.stdout) && /resolved\n/.test(program.stdout),
        'both are told');
    assert.match(program.stdout, /server shutting down\n/);
    program.assertNoSanitizerReport();
});

test('namespaces that clients have thought of go with them', suite, async () => {
    const broker = await listenScript(`
        const {Server} = require('socket.io');
        const io = new Server(80);
        let made = 0;
        io.on('new_namespace', () => made++);
        io.of(/^\\/of-/).use((socket, next) =>
            next(/no/.test(socket.nsp.name) ? new Error('no') : undefined))
            .on('connection', (socket) => socket.emit('in', socket.nsp.name));
        io.of((name, auth, next) => setTimeout(() => next(null, /^.later-/.test(name)), 1))
            .on('connection', (socket) => socket.emit('in', socket.nsp.name));
        io.on('connection', (socket) =>
            socket.on('count', (ack) => ack(io._nsps.size, made)));`);
    const watcher = begin(broker.port);
    await watcher.next('connect');
    const others = Array.from({ length: 10 }, (_, i) => [`/of-${i}`, `/later-${i}`]).flat()
        .map((namespace) => begin(broker.port, { namespace }));
    await Promise.all(others.map((client) => client.next('in')));
    for (const namespace of ['/of-no', '/of-no-2', '/none', '/none-2'])
        await begin(broker.port, { namespace }).refused();
    assert.deepStrictEqual(await watcher.ask('count'), [21, 22]);
    others.forEach((client) => client.disconnect());
    await eventually(async () => (await watcher.ask('count'))[0] === 1, 'they are gone');
    leaveAll();
    await broker.stop();
});
