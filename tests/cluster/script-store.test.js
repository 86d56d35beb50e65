'use strict';
/*
 * Two instances of a script share sessions through Redis: by RedisStore of socket.io 0.9, and by
 * createAdapter() of 4, whose words for several instances are tried as well.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { begin, leaveAll } = require('../lib/modern.js');
const { eventually } = require('../lib/deadline.js');
const { scratch } = require('../lib/program.js');
const { REFERENCE, startBroker } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');

const suite = { skip: REFERENCE && 'about our own program' };

/* eslint-disable */
function app09(port, name) {
    var io = require('socket.io').listen(80);
    var RedisStore = require('socket.io/lib/stores/redis');
    var redis = require('socket.io/node_modules/redis');
    io.set('log level', 2);
    io.set('store', new RedisStore({redisPub: redis.createClient(port),
        redisSub: redis.createClient(port), redisClient: redis.createClient(port)}));
    io.set('authorization', function (data, accept) {
        data.madeBy = name;
        accept(null, true);
    });
    io.sockets.on('connection', function (socket) {
        socket.join('everywhere');
        socket.on('tell', function (text) { io.sockets.in('everywhere').emit('told', text); });
        socket.on('others', function (text) { socket.broadcast.emit('told', text); });
        socket.on('to', function (id, text) { io.sockets.socket(id).emit('told', text); });
        socket.on('set', function (value, ack) {
            socket.set('k', value, function () { ack(name); });
        });
        socket.on('get', function (ack) {
            socket.get('k', function (error, value) { ack(error, value); });
        });
        socket.on('who', function (ack) { ack(name, socket.handshake.madeBy); });
    });
}

function app4(port, name) {
    const {Server} = require('socket.io');
    const {createClient} = require('redis');
    const {createAdapter} = require('@socket.io/redis-adapter');
    const pub = createClient({url: 'redis://127.0.0.1:' + port});
    const sub = pub.duplicate();
    Promise.all([pub.connect(), sub.connect()]).then(() => {
        const io = new Server(80, {adapter: createAdapter(pub, sub)});
        io.on('server ask', (n, answer) => answer(n + name));
        io.on('server say', (...args) => io.local.emit('said', name, ...args));
        io.on('connection', (socket) => {
            socket.data.name = socket.handshake.auth.name;
            socket.join('everywhere');
            socket.on('tell', (text) => io.to('everywhere').emit('told', text));
            socket.on('others', (text) => socket.broadcast.emit('told', text));
            socket.on('names', async (ack) => ack((await io.fetchSockets())
                .map((one) => one.data.name).sort()));
            socket.on('to', async (other) => {
                for (const one of await io.fetchSockets())
                    if (one.data.name === other)
                        one.emit('told', 'remote');
            });
            socket.on('ask all', async (ack) =>
                ack((await io.timeout(60000).emitWithAck('question')).sort()));
            socket.on('ask servers',
                async (ack) => ack(await io.serverSideEmitWithAck('server ask', 1)));
            socket.on('say', () => io.serverSideEmit('server say', 'hello', {a: 1}));
            socket.on('local', () => io.local.emit('told', 'here'));
            socket.on('room', (ack) => { io.socketsJoin('second'); ack(); });
            socket.on('in room', () => io.to('second').emit('told', 'second room'));
        });
    });
}
/* eslint-enable */

describe('two instances of a script', suite, () => {
    let redis;
    before(async () => { redis = await startRedis(); });
    after(async () => {
        leaveAll();
        await redis.stop();
    });

    const start = (app, name) => {
        const file = path.join(scratch(), `${name}.js`);
        fs.writeFileSync(file, `(${app})(${redis.port}, '${name}');`);
        return startBroker({ config: { name }, args: ['--log-level', '2', file] });
    };

    /* Run use(a, b) with a client of each instance, once each hears the other. */
    async function on(app, options, use) {
        const brokers = [await start(app, 'A'), await start(app, 'B')];
        const clients = brokers.map(({ port }, i) => begin(port,
            { ...options, auth: { name: 'ab'[i] } }));
        await Promise.all(clients.map((client) => client.next('connect')));
        const heard = clients.map((client) => {
            const all = new Set();
            client.on('told', (text) => all.add(text));
            return all;
        });
        let n = 0;
        await eventually(() => {
            clients.forEach((client, i) => client.emit('tell', `try ${i} ${++n}`));
            return heard.every((all) => [...all].some((text) => /^try 0/.test(text)) &&
                [...all].some((text) => /^try 1/.test(text)));
        }, 'each hears the other');
        await use(...clients);
        leaveAll();
        for (const broker of brokers)
            await broker.stop();
    }

    /* The next thing that is told but for those tries. */
    const told = (client) => new Promise((resolve) => {
        client.on('told', (text) => !/^try/.test(text) && resolve(text));
    });

    test('by RedisStore of 0.9', () => on(app09,
        { version: '0.9.16', transports: ['websocket'], 'connect timeout': 60000 },
        async (a, b) => {
            let heard = Promise.all([told(a), told(b)]);
            a.emit('tell', 'all');
            assert.deepStrictEqual(await heard, ['all', 'all']);
            heard = told(b);
            a.emit('others', 'others');
            assert.strictEqual(await heard, 'others');
            heard = told(b);
            a.emit('to', b.id, 'by its id');
            assert.strictEqual(await heard, 'by its id');
            assert.deepStrictEqual(await a.ask('set', 'value'), ['A']);
            assert.deepStrictEqual(await a.ask('get'), [null, 'value']);
            assert.deepStrictEqual(await b.ask('get'), [null, null]);
            assert.deepStrictEqual(await b.ask('who'), ['B', 'B']);
        }));

    test('by createAdapter() of 4', () => on(app4, {}, async (a, b) => {
        for (const client of [a, b])
            client.on('question', (ack) => ack(client === a ? 'a' : 'b'));
        let heard = Promise.all([told(a), told(b)]);
        b.emit('tell', 'all');
        assert.deepStrictEqual(await heard, ['all', 'all']);
        assert.deepStrictEqual(await a.ask('names'), [['a', 'b']]);
        heard = told(b);
        a.emit('to', 'b');
        assert.strictEqual(await heard, 'remote');
        assert.deepStrictEqual(await a.ask('ask all'), [['a', 'b']]);
        assert.deepStrictEqual(await a.ask('ask servers'), [['1B']]);
        heard = b.next('said');
        a.emit('say');
        assert.deepStrictEqual(await heard, ['B', 'hello', { a: 1 }]);
        await a.ask('room');
        await eventually(async () => {
            a.emit('in room');
            return Promise.race([told(b).then(() => true), a.ask('names').then(() => false)]);
        }, 'the other is in the room');
        b.on('told', (text) => assert.notStrictEqual(text, 'here'));
        heard = told(a);
        a.emit('local');
        assert.match(await heard, /here|second room/);
    }));
});
