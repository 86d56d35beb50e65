'use strict';
/* The real socket.io-client 0.9.16 against the broker. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { begin, connect, leave, leaveAll, transportOf } = require('../lib/client.js');
const { event, eventually } = require('../lib/deadline.js');
const { startBroker, BETTER } = require('../lib/server.js');

after(leaveAll);

describe('socket.io-client 0.9.16', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { name: 'Server1', 'heartbeat interval': 0.1,
            'heartbeat timeout': 3 } });
    });
    after(() => broker.stop());

    test('connects by websocket and is greeted', async () => {
        const client = await connect(broker.port);
        assert.strictEqual(transportOf(client), 'websocket');
        assert.deepStrictEqual(client.greeting, { server: 'Server1', port: broker.port });
        leave(client);
    });

    test('"connect" comes before the greeting', async () => {
        const client = begin(broker.port);
        const order = [];
        client.on('connect', () => order.push('connect'));
        client.on('server', () => order.push('server'));
        await eventually(() => order.length === 2, 'both');
        assert.deepStrictEqual(order, ['connect', 'server']);
        leave(client);
    });

    test('answers heartbeats and stays', async () => {
        const client = await connect(broker.port);
        let beats = 0;
        let ended = false;
        client.on('disconnect', () => { ended = true; });
        const { transport } = client.socket;
        const onHeartbeat = transport.onHeartbeat;
        transport.onHeartbeat = function () {
            beats++;
            return onHeartbeat.call(this);
        };
        await eventually(() => beats >= 40 || ended, 'heartbeats for longer than the timeout');
        assert.ok(!ended, 'still connected');
        leave(client);
    });

    test('disconnects when it wants to', async () => {
        const client = await connect(broker.port);
        const { sessionid } = client.socket;
        const ended = event(client, 'disconnect');
        client.disconnect();
        assert.deepStrictEqual(await ended, ['booted']);
        assert.match(sessionid, /^[A-Za-z0-9_-]{20}$/);
    });

    test('comes back with a new session after it has lost its connection', async () => {
        const client = await connect(broker.port);
        const first = client.socket.sessionid;
        const greeted = event(client, 'server');
        const reconnected = event(client, 'reconnect');
        client.socket.transport.websocket.terminate();
        await reconnected;
        await greeted;
        assert.notStrictEqual(client.socket.sessionid, first);
        leave(client);
    });

    test('with a query and odd characters', async () => {
        const client = await connect(broker.port, { query: 'token=a%20b&x=%C3%A9' });
        leave(client);
    });
});

test('a hundred clients at once', async () => {
    const broker = await startBroker();
    const clients = await Promise.all(Array.from({ length: 100 }, () => connect(broker.port)));
    assert.strictEqual(new Set(clients.map((c) => c.socket.sessionid)).size, 100);
    assert.ok(clients.every((c) => transportOf(c) === 'websocket'));
    leave(...clients);
    await broker.stop();
});

describe('socket.io-client 0.9.16 and a restart', () => {
    test('finds the broker again on the same port', async () => {
        const first = await startBroker({ args: ['--name', 'before'] });
        const client = await connect(first.port);
        assert.strictEqual(client.greeting.server, 'before');
        const lost = event(client, 'disconnect');
        const reconnected = event(client, 'reconnect', 20000);
        const greeted = event(client, 'server', 20000);
        await first.stop();
        await lost;
        const second = await startBroker({ port: first.port, args: ['--name', 'after'] });
        await reconnected;
        assert.strictEqual((await greeted)[0].server, 'after');
        leave(client);
        await second.stop();
    });

    test('finds it again after kill -9', async () => {
        const first = await startBroker();
        const client = await connect(first.port);
        const lost = event(client, 'disconnect');
        const greeted = event(client, 'server', 20000);
        await first.program.stop('SIGKILL');
        await lost;
        const second = await startBroker({ port: first.port });
        await greeted;
        leave(client);
        await second.stop();
    });
});

describe('socket.io-client 0.9.16 by its other transport in Node', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { transports: ['xhr-polling'],
            'polling duration': 0.2 } });
    });
    after(() => broker.stop());

    test('xhr-polling is greeted, and stays over many polls', async () => {
        const client = await connect(broker.port);
        assert.strictEqual(transportOf(client), 'xhr-polling');
        let polls = 0;
        let ended = false;
        client.on('disconnect', () => { ended = true; });
        const { transport } = client.socket;
        const get = transport.get;
        transport.get = function () {
            polls++;
            return get.call(this);
        };
        await eventually(() => polls >= 5 || ended, 'five polls');
        assert.ok(!ended, 'still connected');
        leave(client);
    });

    test('twenty at once', async () => {
        const clients = await Promise.all(Array.from({ length: 20 }, () => connect(broker.port)));
        assert.ok(clients.every((c) => transportOf(c) === 'xhr-polling'));
        leave(...clients);
    });
});

describe('socket.io-client 0.9.16 that is refused', () => {
    test('hears of a bad origin', BETTER, async () => {
        const broker = await startBroker({ config: { origins: ['a.example:80'] } });
        const client = begin(broker.port, { reconnect: false });
        const [reason] = await event(client, 'error');
        assert.match(String(reason), /handshake bad origin/);
        await broker.stop();
    });
});
