'use strict';
/*
 * proxied-pair.js - two instances with one Redis behind a proxy, and what any proxy has to do for
 * clients of three generations.
 */

const assert = require('node:assert');
const { test } = require('node:test');
const { eventually } = require('./deadline.js');
const http = require('./http.js');
const modern = require('./modern.js');
const { startRedis } = require('./services.js');
const sio = require('./sio09.js');

const DEADLINE_MS = 30000;
const CLIENT_ADDRESS = '127.0.0.2';

const CLIENTS = [
    { version: '0.9.16', transports: ['websocket'] },
    { version: '0.9.16', transports: ['xhr-polling'] },
    { version: '2.5.0', way: 'upgrade' },
    { version: '4.8.4', way: 'websocket' },
    { version: '4.8.4', way: 'polling' },
];

/*
 * startBroker(i, redis, port) starts "Server1" (0) or "Server2" (1), at the port of the one before
 * if there was one; startProxy(brokers) starts what is in front of them: { port, stop }.
 */
class ProxiedPair {
    constructor(startBroker, startProxy) {
        Object.assign(this, { startBroker, startProxy, brokers: [] });
    }

    async start() {
        this.redis = await startRedis();
        this.brokers = await Promise.all([0, 1].map((i) => this.startBroker(i, this.redis, 0)));
        this.proxy = await this.startProxy(this.brokers);
    }

    async stop() {
        modern.leaveAll();
        await this.proxy?.stop();
        await Promise.all(this.brokers.map((broker) => broker.stop()));
        await this.redis?.stop();
    }

    connect(options) {
        return modern.connect(this.proxy.port, options);
    }

    /* Clients of the first go to the second when the first stops. */
    async stopFirst() {
        const clients = await Promise.all(CLIENTS.map((options) => this.connect(options)));
        await this.brokers[0].stop();
        for (const client of clients) {
            const [{ server }] = await eventually(
                () => client.connected && client.ask('who').catch(() => false),
                `${client.version} is served`, DEADLINE_MS);
            assert.strictEqual(server, 'Server2');
        }
        modern.leave(...clients);
    }

    async startFirst() {
        const [{ port }] = this.brokers;
        this.brokers[0] = await this.startBroker(0, this.redis, port);
    }
}

/* The tests that are the same whatever is in front. tellsPort: it says more than the address. */
function testPair(pair, { tellsPort = false } = {}) {
    for (const options of CLIENTS) {
        test(`${options.version}, ${options.way || options.transports}`, async () => {
            const client = await pair.connect(options);
            await modern.settle(client);
            modern.leave(client);
        });
    }

    test('the client has its own address, whatever it says', async () => {
        for (let i = 0; i < 4; i++) {
            const connection = await http.connect(pair.proxy.port, '127.0.0.1', CLIENT_ADDRESS);
            const answer = await connection.request({ target: '/socket.io/1/' });
            connection.destroy();
            const { id } = sio.parseHandshake(answer.text);
            const record = JSON.parse(await pair.redis.command('GET', `sio:hs:${id}`));
            assert.strictEqual(record.address.address, CLIENT_ADDRESS);
            if (tellsPort)
                assert.ok(record.address.port > 0);
        }
    });
}

module.exports = { DEADLINE_MS, ProxiedPair, testPair };
