'use strict';
/*
 * The recipes of server/manual/proxies.md: each proxy with its file in front of two instances, and
 * the real clients of three generations.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const hixie = require('../lib/hixie.js');
const http = require('../lib/http.js');
const modern = require('../lib/modern.js');
const { PROXIES, startProxy } = require('../lib/proxies.js');
const { startBroker, NEEDS_CONTRACT } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const CONFIG = { 'trust proxy': ['127.0.0.1'],
    transports: ['websocket', 'htmlfile', 'xhr-polling', 'jsonp-polling'] };

/* Each generation by each way, and the transport that it must end at. */
const CLIENTS = [
    [{ version: '0.9.16', transports: ['websocket'] }, 'websocket'],
    [{ version: '0.9.16', transports: ['xhr-polling'] }, 'xhr-polling'],
    ...['2.5.0', '4.8.4'].flatMap((version) => [
        [{ version, way: 'upgrade' }, 'websocket'],
        [{ version, way: 'websocket' }, 'websocket'],
        [{ version, way: 'polling' }, 'polling'],
    ]),
];

/* Headers that a client makes up. Its proxy must be believed, not these. */
const FORGED = { 'X-Forwarded-For': '192.0.2.66', 'X-Forwarded-Proto': 'https',
    'X-Real-IP': '192.0.2.66', Forwarded: 'for=192.0.2.66;proto=https' };
/* Another address of this machine than that of the proxy. */
const CLIENT_ADDRESS = '127.0.0.2';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const connectAll = (port) => Promise.all(CLIENTS.map(([options]) => modern.connect(port, options)));

/* Each is served by that instance now, whether it had to come back or not. */
const allServed = (clients, server) => Promise.all(clients.map((client) => eventually(async () => {
    client.revive();
    /* A question that is lost with its session gets no answer. */
    const answer = client.connected &&
        await Promise.race([client.ask('who').catch(() => false), pause(2000)]);
    return answer && answer[0].server === server;
}, `${client.version} by ${client.transport} is served by ${server}`, 60000)));

for (const name of Object.keys(PROXIES)) {
    describe(`${name} in front of two instances`, NEEDS_CONTRACT, () => {
        let redis, brokers, proxy;
        const start = (server, port) => startBroker({ contract: true, port, config: CONFIG,
            args: ['--name', server, '--redis', redis.url] });
        before(async () => {
            redis = await startRedis();
            brokers = await Promise.all(['Server1', 'Server2'].map((server) => start(server)));
            proxy = await startProxy(name, brokers.map((broker) => broker.port));
        });
        after(async () => {
            modern.leaveAll();
            await proxy?.stop();
            await Promise.all(brokers.map((broker) => broker.stop()));
            await redis.stop();
        });

        test('requests go to the instances in turn', async () => {
            const greeted = [];
            for (let i = 0; i < 6; i++) {
                /* One request, and no second try. */
                const client = await modern.connect(proxy.port,
                    { version: '4.8.4', way: 'websocket', reconnection: false });
                greeted.push(client.greeting.server);
                modern.leave(client);
            }
            for (let i = 1; i < greeted.length; i++)
                assert.notStrictEqual(greeted[i], greeted[i - 1], greeted.join());
        });

        for (const [options, transport] of CLIENTS) {
            test(`${options.version}, ${options.way || options.transports}`, async () => {
                const client = await modern.connect(proxy.port, options);
                await modern.settle(client);
                const [{ transport: served }] = await client.ask('who');
                assert.strictEqual(client.transport, transport);
                assert.strictEqual(served, transport);
                modern.leave(client);
            });
        }

        test('htmlfile pieces come through one by one', async () => {
            const { id } = await sio.handshake(proxy.port);
            const connection = await http.connect(proxy.port);
            connection.write(http.format({ target: sio.transportUrl('htmlfile', id) }));
            assert.strictEqual((await connection.head()).status, 200);
            await connection.until(
                () => connection.received.includes('\\"server\\"') || undefined,
                'the greeting, in an answer that goes on');
            connection.destroy();
        });

        const draft = async () => {
            const { id } = await sio.handshake(proxy.port);
            const socket = await hixie.upgrade76(proxy.port, sio.transportUrl('websocket', id));
            assert.strictEqual(await socket.message(), '1::');
            socket.destroy();
        };
        if (PROXIES[name].passesDrafts)
            test('a websocket of the time before RFC 6455', draft);

        test('the proxy is believed, whatever the client says', async () => {
            const connection = await http.connect(proxy.port, '127.0.0.1', CLIENT_ADDRESS);
            const answer = await connection.request({ target: '/socket.io/1/', headers: FORGED });
            connection.destroy();
            const { id } = sio.parseHandshake(answer.text);
            const record = JSON.parse(await redis.command('GET', `sio:hs:${id}`));
            assert.strictEqual(record.address.address, CLIENT_ADDRESS);
            assert.strictEqual(record.secure, false);
        });

        test('clients of an instance that stops come back to the other', async () => {
            const clients = await connectAll(proxy.port);
            const [stopped] = brokers;
            assert.ok(clients.some(({ greeting }) => greeting.server === 'Server1'));
            await stopped.stop();
            await allServed(clients, 'Server2');
            modern.leave(...clients);

            brokers[0] = await start('Server1', stopped.port);
            await eventually(async () => {
                /* By one request: with two, it would be the turn of the same instance each time. */
                const client = await modern.connect(proxy.port,
                    { version: '4.8.4', way: 'websocket' });
                modern.leave(client);
                return client.greeting.server === 'Server1';
            }, 'the instance that was started again is used', 60000);
        });
    });
}
