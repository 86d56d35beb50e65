'use strict';
/*
 * The Admin UI: a client of socket.io 4.8 is told by us what it is told by instrument() of
 * @socket.io/admin-ui on a real server, in the same order and form.
 */

const assert = require('node:assert');
const http = require('node:http');
const { test, describe, before, after, afterEach } = require('node:test');
const { Server } = require('socket.io-4');
const { SETTINGS, AdminClient, HASH, PASSWORD, USER, closeAll, instrument } =
    require('../lib/admin-ui.js');
const { eventually } = require('../lib/deadline.js');
const { connect, leaveAll } = require('../lib/modern.js');
const { Beside, NodeServer } = require('../lib/node4.js');
const { NEEDS_CONTRACT, REFERENCE, startBroker } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };
const NODE_SETTINGS = { auth: { type: 'basic', username: USER, password: HASH } };

/* A real server with the Admin UI, on which clients may do what these tests do. */
async function startNode(mode, readonly) {
    const server = http.createServer();
    const io = new Server(server);
    const quiet = instrument(io, { ...NODE_SETTINGS, mode, readonly });
    io.on('connection', (socket) => {
        socket.emit('server', { server: 'Node' });
        socket.on('echo', (...args) => {
            const done = typeof args.at(-1) === 'function' ? args.pop() : undefined;
            socket.emit('echo', ...args);
            done?.(...args);
        });
        socket.on('join', (room, done) => { socket.join(room); done(); });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: server.address().port, stop() {
        quiet();
        return new Promise((resolve) => io.close(resolve));
    } };
}

const startOurs = (mode, readonly) => startBroker({ contract: true,
    config: { 'admin ui': { ...SETTINGS, mode, readonly } } });

/* Of what types a value is made, without what it holds. */
function shape(value) {
    if (Array.isArray(value))
        return value.map(shape);
    if (Buffer.isBuffer(value) || value === null || typeof value !== 'object')
        return Buffer.isBuffer(value) ? 'bytes' : typeof value;
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, shape(value[key])]));
}

/* Headers and query are what the client has sent: they are alike, but for nothing of ours. */
function shapeOfSocket(socket) {
    return { ...shape(socket), data: 'any' };
}

async function record(port) {
    const admin = await AdminClient.open(port);
    await admin.told('all_sockets');
    await admin.told('server_stats');
    const client = await connect(port, { way: 'websocket' });
    const { id } = client;
    await admin.told('socket_connected', (socket) => socket.id === id);
    client.emit('echo', 'text', 5, null, { a: [true] }, Buffer.from('abc'));
    await admin.told('event_sent', (nsp, to, args) => to === id && args[1] === 'text');
    await client.ask('join', 'r');
    admin.emit('leave', '/', 'r', id);
    await admin.told('room_left', (nsp, room, who) => who === id && room === 'r');
    client.leave();
    await admin.told('room_left', (nsp, room, who) => who === id && room === id);
    const about = admin.heard.filter(({ args }) => JSON.stringify(args).includes(id) &&
        args[0] !== undefined).filter(({ name }) => name !== 'all_sockets');
    return { admin, id, about };
}

describe('the same as on Node', suite, () => {
    const sides = {};
    before(async () => {
        for (const [name, start] of [['ours', startOurs], ['node', startNode]]) {
            const server = await start('development', false);
            sides[name] = { server, ...await record(server.port) };
        }
    });
    after(async () => {
        closeAll();
        leaveAll();
        for (const { server } of Object.values(sides))
            await server.stop();
    });

    const both = (fn) => assert.deepStrictEqual(fn(sides.ours), fn(sides.node));

    test('a client is told of in the same order', () =>
        both(({ about, id }) => about.map(({ name, args }) => [name,
            ...args.filter((arg) => typeof arg === 'string' && !/T\d\d:/.test(arg))
                .map((arg) => (arg === id ? 'its id' : arg))])));

    test('events are the same, with their bytes', () =>
        both(({ about }) => about.filter(({ name }) => /^event_/.test(name))
            .map(({ name, args }) => [name, args[2].filter((arg) => arg?.server === undefined)])));

    test('a socket looks the same', () =>
        both(({ about }) => shapeOfSocket(about.find(({ name }) => name === 'socket_connected')
            .args[0])));

    test('and in the list of all', () =>
        both(({ admin }) => admin.all('all_sockets')[0][0].map(shapeOfSocket)));

    test('an upgrade is told', async () => {
        for (const { server, admin } of Object.values(sides)) {
            const client = await connect(server.port, { way: 'upgrade' });
            await client.upgraded();
            await Promise.any([
                admin.told('socket_updated', (socket) => socket.id === client.id &&
                    socket.nsp === '/' && socket.transport === 'websocket'),
                admin.told('socket_connected', (socket) => socket.id === client.id &&
                    socket.transport === 'websocket')]);
        }
    });

    test('times are those of now', () => {
        for (const { about } of Object.values(sides))
            for (const { name, args } of about)
                assert.ok(Math.abs(new Date(args.at(-1)) - Date.now()) < 120000, name);
    });

    test('what it may do', () => both(({ admin }) => admin.all('config')));

    test('figures of a server', async () => {
        const types = ['rawConnection', 'rawDisconnection', 'packetsIn', 'packetsOut', 'bytesIn',
            'bytesOut'];
        const counted = (admin) => admin.all('server_stats')
            .flatMap(([said]) => said.aggregatedEvents);
        const stats = [];
        for (const { admin } of Object.values(sides))
            stats.push((await admin.told('server_stats', () => types.every((type) =>
                counted(admin).some((entry) => entry.type === type))))[0]);
        const forms = stats.map((said) => shape({ ...said, aggregatedEvents: 0, namespaces: 0 }));
        assert.deepStrictEqual(forms[0], forms[1]);
        for (const { namespaces } of stats)
            for (const name of ['/', '/admin'])
                assert.ok(namespaces.some((nsp) => nsp.name === name), JSON.stringify(namespaces));
        for (const { admin } of Object.values(sides))
            for (const entry of counted(admin)) {
                assert.strictEqual(entry.timestamp % 1000, 0);
                assert.ok(entry.count > 0);
            }
    });
});

describe('features', suite, () => {
    afterEach(closeAll);
    for (const [mode, readonly] of [['production', false], ['production', true],
        ['development', true]])
        test(`${mode}${readonly ? ', readonly' : ''}`, async () => {
            const said = [];
            for (const start of [startOurs, startNode]) {
                const server = await start(mode, readonly);
                const admin = await AdminClient.open(server.port);
                said.push(await admin.told('config'));
                admin.close();
                await server.stop();
            }
            assert.deepStrictEqual(said[0], said[1]);
        });
});

describe('a reload of the page', suite, () => {
    afterEach(closeAll);
    test('does not ask again, as the session comes when it is heard', async () => {
        const server = await startOurs('production', false);
        const admin = await AdminClient.open(server.port, { username: USER, password: PASSWORD });
        const [session] = await admin.told('session');
        admin.close();
        await (await AdminClient.open(server.port, { sessionId: session })).told('config');
        await server.stop();
    });
});

describe('beside Node', suite, () => {
    let beside, quiet;
    before(async () => {
        beside = await Beside.start({ dialect: 'node-4', ours: 2,
            config: { 'admin ui': SETTINGS } });
        quiet = instrument(beside.node.io, { ...NODE_SETTINGS, mode: 'development',
            serverId: 'Node1' });
        await eventually(async () => await beside.members('/admin') === 3, 'all are members');
    });
    after(async () => {
        closeAll();
        leaveAll();
        quiet?.();
        await beside.stop();
    });

    for (const [where, port] of [['ours', () => beside.our.port], ['Node', () => beside.node.port]])
        test(`one view of three servers, through ${where}`, async () => {
            const [ours, nodes] = await Promise.all([beside.ours[1], beside.node].map((server) =>
                connect(server.port, { way: 'websocket' })));
            const admin = await AdminClient.open(port());
            await eventually(() => admin.servers.size === 3, () => `${[...admin.servers.keys()]}`);
            assert.ok([...admin.servers.keys()].some((id) => id.startsWith('Ours2@')));
            const [sockets] = await admin.told('all_sockets');
            for (const client of [ours, nodes]) {
                const socket = sockets.find(({ id }) => id === client.id);
                assert.strictEqual(socket.transport, 'websocket', JSON.stringify(sockets));
                assert.strictEqual(socket.clientId.length, 12);
                assert.ok(!('_admin' in socket.data));
            }
            admin.emit('_disconnect', '/', true, ours.id);
            admin.emit('_disconnect', '/', true, nodes.id);
            await eventually(() => !ours.connected && !nodes.connected, 'both are disconnected');
        });
});

describe('announced to the page of a server of Node', suite, () => {
    const WAYS = { 'node-4': [], 'node-4-listen': [],
        'node-4-sharded': [[], { subscriptionMode: 'dynamic' }] };
    for (const [dialect, options] of Object.entries(WAYS))
        test(`with ${dialect}, where nobody may log in here`, async () => {
            const redis = await startRedis();
            const node = await NodeServer.start(redis, 'Node1', ...options);
            const quiet = instrument(node.io, { ...NODE_SETTINGS, mode: 'production' });
            const broker = await startBroker({ contract: true,
                config: { name: 'Ours1', 'admin ui': { mode: 'announce' } },
                args: ['--redis', redis.url, '--dialect', dialect] });
            const admin = await AdminClient.open(node.port);
            const [stats] = await admin.told('server_stats', ({ serverId }) =>
                serverId.startsWith('Ours1@'));
            assert.strictEqual(stats.clientsCount, 0);
            assert.strictEqual(await AdminClient.refused(broker.port),
                'the Admin UI is not served here');
            closeAll();
            quiet();
            await broker.stop();
            await node.stop();
            await redis.stop();
        });
});
