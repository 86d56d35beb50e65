'use strict';
/* The demo's nginx in front of two instances: real clients, real round robin. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { connect, leave, transportOf } = require('../lib/client.js');
const { event } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { startBroker, BETTER } = require('../lib/server.js');
const { startRedis, startNginx } = require('../lib/services.js');
const modern = require('../lib/modern.js');
const sio = require('../lib/sio09.js');

const CLIENTS = 60;

after(modern.leaveAll);

describe('nginx in front of two instances', () => {
    let redis, brokers, nginx;
    before(async () => {
        redis = await startRedis();
        brokers = await Promise.all(['Server1', 'Server2'].map((name) =>
            startBroker({ args: ['--name', name, '--redis', redis.url] })));
        nginx = await startNginx(brokers.map((broker) => broker.port));
    });
    after(async () => {
        await nginx.stop();
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    test(`${CLIENTS} clients one after the other connect without a second try`, BETTER,
        async () => {
            for (let i = 0; i < CLIENTS; i++) {
                /* A refused one would fail instead of trying again. */
                const client = await connect(nginx.port, { reconnect: false });
                assert.strictEqual(transportOf(client), 'websocket');
                leave(client);
            }
        });

    test(`${CLIENTS} clients at once reach both instances`, BETTER, async () => {
        const clients = await Promise.all(Array.from({ length: CLIENTS },
            () => connect(nginx.port, { reconnect: false })));
        const servers = new Set(clients.map((client) => client.greeting.server));
        assert.deepStrictEqual([...servers].sort(), ['Server1', 'Server2']);
        leave(...clients);
    });

    test('a websocket through nginx carries frames both ways', async () => {
        const { id } = await sio.handshake(nginx.port);
        const socket = await sio.upgrade(nginx.port, id);
        assert.strictEqual(socket.answer.status, 101);
        assert.strictEqual(await socket.message(), '1::');
        await socket.message();
        await sio.assertAlive(socket);
        socket.text(sio.probe(5, 100000));
        assert.strictEqual(await socket.message(), '6:::5');
        socket.text('0::');
        assert.strictEqual(await socket.message(), '0::');
        await socket.end();
        socket.destroy();
    });

    test('a refused upgrade is an answer of the broker, not a 502', BETTER, async () => {
        const refused = await sio.upgrade(nginx.port, 'AAAAAAAAAAAAAAAAAAAA', 'bogus');
        assert.strictEqual(refused.answer.status, 400);
        refused.destroy();
    });

    test('a handshake is not cached or buffered', async () => {
        const ids = new Set();
        for (let i = 0; i < 20; i++)
            ids.add((await sio.handshake(nginx.port)).id);
        assert.strictEqual(ids.size, 20);
    });

    test('htmlfile pieces come through one by one', async () => {
        const { id } = await sio.handshake(nginx.port);
        const connection = await http.connect(nginx.port);
        connection.write(http.format({ target: sio.transportUrl('htmlfile', id) }));
        assert.strictEqual((await connection.head()).status, 200);
        let seen = '';
        while (!seen.includes('\\"server\\"'))
            seen += (await connection.chunk()).toString();
        assert.match(seen, /1::/);
        connection.destroy();
    });

    test('upstreams that speak HTTP/1.0: clients of all generations get their websocket', BETTER,
        async () => {
            const old = await startNginx(brokers.map((broker) => broker.port),
                { edit: (text) => text.replace(/^ *proxy_http_version .*$/m, '') });
            for (const version of ['0.9.16', '2.5.0', '4.8.4']) {
                const client = await modern.connect(old.port, { version, way: 'upgrade' });
                assert.strictEqual(client.transport, 'websocket', version);
                modern.leave(client);
            }
            await old.stop();
        });

    test('a client survives the end of its instance', BETTER, async () => {
        const client = await connect(nginx.port);
        const mine = brokers.find((broker) => broker.port === client.greeting.port);
        const other = brokers.find((broker) => broker !== mine);
        const greeted = event(client, 'server', 20000);
        await mine.stop();
        assert.strictEqual((await greeted)[0].port, other.port);
        leave(client);
        brokers[brokers.indexOf(mine)] = await startBroker({ port: mine.port,
            args: ['--redis', redis.url] });
    });

    test('nginx has nothing to complain about the broker', () => {
        const errors = nginx.errors().split('\n')
            .filter((line) => /prematurely|invalid header|upstream sent/.test(line));
        assert.deepStrictEqual(errors, []);
    });
});
