'use strict';
/*
 * What a script does leaves no trace: events, sockets, acknowledgements, timers. Circles of objects
 * are collected first, so what is compared is what is held.
 */

const assert = require('node:assert');
const { after, test } = require('node:test');
const { within } = require('../lib/deadline.js');
const { begin, leave, leaveAll } = require('../lib/modern.js');
const { residentBytes } = require('../lib/program.js');
const { listenScript } = require('../lib/script.js');
const { startRedis } = require('../lib/services.js');

/* EVENTS=1000000 asks for the million; that takes minutes under the sanitizers. */
const EVENTS = Number(process.env.EVENTS || 10000);
const BATCH = 500;

after(leaveAll);

async function enter(port) {
    const client = begin(port, { way: 'websocket' });
    await client.next('connect');
    return client;
}

/* Bytes that the script holds, and how many sockets it has let go. */
async function measure(client) {
    const [heap, freed] = await client.ask('measure');
    return { heap, freed };
}

const MEASURE = `
    let freed = 0;
    const registry = new FinalizationRegistry(() => { freed++; });
    function measure(done) {
        setTimeout(() => { // when what is put off has been done
            gc();
            setTimeout(() => { gc(); done(process.memoryUsage().heapUsed, freed); }, 1);
        }, 1);
    }
`;

test('events leave nothing behind', async () => {
    const broker = await listenScript(`${MEASURE}
        require('socket.io').listen(0).on('connection', (socket) => {
            socket.on('measure', measure);
            socket.on('echo', (value, fn) => {
                process.nextTick(() => {});
                clearTimeout(setTimeout(() => {}, 1000));
                Promise.resolve(value).then((same) => fn(same));
            });
            socket.on('bytes', (bytes) => socket.emit('bytes', bytes));
            socket.on('circle', (value) => { const one = { value }; one.self = one; });
        });`);
    const client = await enter(broker.port);
    async function events(n) {
        for (let sent = 0; sent < n; sent += BATCH) {
            const answers = [];
            for (let i = 0; i < BATCH - 2; i++)
                answers.push(client.ask('echo', { i, text: 'x'.repeat(50) }));
            const bytes = client.next('bytes');
            client.emit('circle', [sent]);
            client.emit('bytes', Buffer.alloc(100));
            await Promise.all([...answers, bytes]);
        }
    }
    await events(2 * BATCH);
    const before = await measure(client);
    const resident = residentBytes(broker.program.pid);
    await events(EVENTS);
    const then = await measure(client);
    assert.ok(then.heap - before.heap < 20000, `${before.heap} -> ${then.heap} bytes`);
    if (EVENTS >= 1000000 && !/asan/.test(process.env.SIOBROKER || ''))
        assert.ok(residentBytes(broker.program.pid) - resident < 2000000, 'resident bytes');
    leave(client);
    await broker.stop();
});

test('a socket goes with its client, with its data, timers and unanswered questions', async () => {
    const broker = await listenScript(`${MEASURE}
        const io = require('socket.io').listen(0);
        io.on('connection', (socket) => {
            registry.register(socket);
            socket.data.self = { socket };
            socket.mine = { socket };
            socket.join(['a', 'b']);
            socket.on('measure', measure);
            socket.on('hold', (fn) => { socket.held = fn; socket.emit('held'); });
            socket.emit('never', () => socket.mine);
            socket.timeout(3600000).emit('never', () => socket.mine);
            socket.on('disconnect', () => { socket.left = true; });
            socket.onAny(() => socket.mine);
        });`);
    const watcher = await enter(broker.port);
    async function visit(n) {
        const clients = await Promise.all(Array.from({ length: n }, () => enter(broker.port)));
        for (const client of clients) {
            const held = client.next('held');
            client.emit('hold', () => {});
            await held;
        }
        leave(...clients);
        /* Those who have left are gone when the script has been told. */
        return n;
    }
    async function settled(n) {
        for (;;) {
            const is = await measure(watcher);
            if (is.freed === n)
                return is;
        }
    }
    await visit(20);
    const before = await within(settled(20), '20 sockets are freed');
    await visit(40);
    const then = await within(settled(60), '60 sockets are freed');
    assert.ok(then.heap - before.heap < 20000, `${before.heap} -> ${then.heap} bytes`);
    leave(watcher);
    await broker.stop();
});

test('what asks the store, and has left before the answer', async () => {
    const redis = await startRedis();
    const broker = await listenScript(`${MEASURE}
        const io = require('socket.io').listen(0);
        io.on('connection', (socket) => {
            registry.register(socket);
            socket.on('measure', measure);
            socket.on('ask', () => {
                for (const word of ['get', 'has', 'del'])
                    socket[word]('key', () => socket.nothing);
                socket.set('key', 'value', () => socket.nothing);
                socket.disconnect(true);
            });
        });`, { options: ['--redis', redis.url] });
    const watcher = await enter(broker.port);
    const client = await enter(broker.port);
    await redis.command('CLIENT', 'PAUSE', '600');
    const gone = client.next('disconnect');
    client.emit('ask');
    await gone;
    for (let freed = 0; freed < 1;)
        ({ freed } = await measure(watcher));
    leave(watcher, client);
    await broker.stop();
    await redis.stop();
});
