'use strict';
/*
 * Connection state recovery across servers of socket.io 4 with the streams adapter and ours: a
 * client that was connected to one kind comes back to the other, and is who it was.
 *
 * A server of Node that a client comes back to, or that it leaves, may lose or double what is said
 * in that very moment, so the test is silent then. Ours may not, so there it is not.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const notepack = require('notepack.io');
const { event, eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll, settle } = require('../lib/modern.js');
const { NodeServer, record, redisClient } = require('../lib/node4.js');
const { comeBack, join, secrets, these } = require('../lib/recovery.js');
const { startRedis } = require('../lib/services.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const AWAY_MS = 60000;
const RECOVERY = { connectionStateRecovery: { maxDisconnectionDuration: AWAY_MS } };
const KEY = 'sio:session:';
const numbers = (n) => Array.from({ length: n }, (_, i) => i);

after(leaveAll);

const startNode = (redis, name) => NodeServer.start(redis, name, [], { stream: {}, ...RECOVERY });
const startOurs = (redis, name, config, args = ['--reach']) => startBroker({ contract: true,
    config: { name, maxDisconnectionDuration: AWAY_MS, ...config },
    args: ['--redis', redis.url, '--dialect', 'node-4-streams', ...args] });

/* Its connection is lost, and the server that had it has left its record. */
async function cut(client, redis, how = (one) => one.engine.close()) {
    const { pid } = secrets(client);
    const ended = client.next('disconnect');
    how(client);
    await ended;
    await eventually(() => redis.exists(KEY + pid), 'its record');
    return pid;
}

class World {
    static async start({ config, args } = {}) {
        const world = new World();
        world.server = await startRedis();
        world.redis = await redisClient(world.server);
        world.node = await startNode(world.server, 'Node');
        world.ours = await Promise.all(['Ours1', 'Ours2'].map((name) =>
            startOurs(world.server, name, config, args)));
        world.ports = [world.node.port, ...world.ours.map(({ port }) => port)];
        await eventually(async () => await world.node.io.of('/').adapter.serverCount() === 3,
            'three servers');
        world.others = await Promise.all(world.ports.map((port) => connect(port)));
        await world.warmUp();
        return world;
    }

    emit(...data) {
        return this.add({ packet: { type: 2, data }, opts: { rooms: [], except: [], flags: {} } });
    }

    add(data) {
        return this.redis.xAdd('socket.io', '*', { uid: 'x', nsp: '/', type: '3',
            data: JSON.stringify(data) });
    }

    /* A reader of Node begins where the stream ends, and nothing tells when. */
    async warmUp() {
        const heard = record(this.others, 'warm');
        await eventually(async () => {
            await this.emit('warm');
            return heard.every((list) => list.length > 0);
        }, 'all read the stream');
    }

    /* All that was said before has been heard by all. */
    async quiet() {
        const mark = `mark ${Math.random()}`;
        const heard = record(this.others, 'mark');
        await this.emit('mark', mark);
        await eventually(() => heard.every((list) => list.some(([value]) => value === mark)), mark);
    }

    async counter(name) {
        const all = await Promise.all(this.ours.map((broker) => broker.counters()));
        return all.reduce((sum, counters) => sum + counters[name], 0);
    }

    async stop() {
        leaveAll();
        await Promise.all(this.ours.map((broker) => broker.stop()));
        await this.node.stop();
        await this.redis.disconnect();
        await this.server.stop();
    }
}

describe('between Node and ours', suite, () => {
    let world;
    before(async () => { world = await World.start(); });
    after(() => world.stop());

    for (const [from, to] of [[0, 1], [1, 0], [1, 2]]) {
        const way = `from ${['Node', 'ours', 'another of ours'][from]} to ` +
            ['Node', 'ours', 'another of ours'][to];
        for (const transport of ['websocket', 'polling'])
            test(`${way} by ${transport}: id, rooms, data, and what was missed`, async () => {
                const client = await join(world.ports[from], { way: transport });
                const { id } = client;
                await client.ask('join', 'mine');
                if (from > 0)
                    await client.ask('data', { name: 'Ann é' });
                await world.emit('before');
                await settle(client);
                await world.quiet();
                await cut(client, world.redis);
                const say = (rooms, except, ...data) => world.add({ packet: { type: 2, data },
                    opts: { rooms, except, flags: {} } });
                for (const i of numbers(250))       /* more than one page */
                    await say(['mine'], [], 'missed', i);
                await say(['foreign'], [], 'missed', 'no');
                await say(['mine'], [id], 'missed', 'no');
                world.node.io.to(id).emit('missed', Buffer.from('é'));
                world.others[1].emit('room', 'mine', 'from ours');
                await world.quiet();
                const seen = await comeBack(client, world.ports[to]);
                assert.strictEqual(client.socket.recovered, true);
                assert.strictEqual(client.id, id);
                assert.deepStrictEqual(these(seen, 'missed').map(([value]) => value),
                    [...numbers(250), Buffer.from('é')]);
                assert.deepStrictEqual(these(seen, 'room'), [['mine', 'from ours']]);
                const [[listed]] = await world.others[1].ask('fetch', { room: id }, 5000);
                assert.deepStrictEqual([listed.id, listed.rooms.includes('mine')], [id, true]);
                const data = Array.isArray(listed.data) ? listed.data[0] : listed.data;
                if (from > 0)
                    assert.strictEqual(data.name, 'Ann é');
                else
                    assert.strictEqual(data.of, 'Node');
                const again = client.next('missed');
                await say(['mine'], [], 'missed', 'again');
                assert.strictEqual((await again)[0], 'again');
                leave(client);
            });
    }

    test('around and around, nothing is lost and nothing comes twice', async () => {
        const client = await join(world.ports[0]);
        const { id } = client;
        const heard = [];
        client.on('n', (n) => heard.push(n));
        let n = 0;
        const say = async () => {
            world.node.io.emit('n', n++);
            await world.quiet();
            world.others[1].emit('broadcast', n);       /* has its place in the same stream */
            await world.emit('n', n++);
            await world.quiet();
        };
        for (const i of numbers(9)) {
            await say();
            await settle(client);
            await cut(client, world.redis);
            if (i % 2)
                await say();
            await comeBack(client, world.ports[(i + 1) % 3]);
            assert.strictEqual(client.socket.recovered, true, `round ${i}`);
            assert.strictEqual(client.id, id);
            await say();
            await settle(client);
        }
        assert.deepStrictEqual(heard, numbers(n));
        leave(client);
    });

    test('while all speak, nothing is lost and nothing comes twice at ours', async () => {
        const client = await join(world.ports[1]);
        const { id } = client;
        const heard = { node: [], ours: [], stream: [] };
        client.on('n', (from, i) => heard[from].push(i));
        client.on('broadcast', ([from, i]) => heard[from].push(i));
        let said = 0;
        const timer = setInterval(() => {
            world.node.io.emit('n', 'node', said);
            world.others[2].emit('broadcast', ['ours', said]);
            void world.emit('n', 'stream', said++);
        }, 2);
        for (const i of numbers(12)) {
            await eventually(() => Object.values(heard).every((list) => list.at(-1) > said - 50),
                'it hears them');
            await cut(client, world.redis, (one) => (i % 2 ? one.cut() : one.engine.close()));
            const connected = client.next('connect');
            client.socket.io.uri = `http://127.0.0.1:${world.ports[1 + (i + 1) % 2]}`;
            client.socket.connect();
            await connected;
            assert.strictEqual(client.socket.recovered, true, `round ${i}`);
            assert.strictEqual(client.id, id);
        }
        clearInterval(timer);
        await eventually(() => Object.values(heard).every((list) => list.at(-1) === said - 1),
            'the end');
        for (const list of Object.values(heard))
            assert.deepStrictEqual(list, numbers(said));
        leave(client);
    });

    test('of all who come with one private id one is let in as who it was', async () => {
        for (const to of [[1, 1, 1, 1], [1, 2, 1, 2], [0, 1, 2, 0]]) {
            const client = await join(world.ports[1]);
            await world.emit('before');
            await settle(client);
            const { id } = client, auth = secrets(client);
            await cut(client, world.redis);
            const them = await Promise.all(to.map((i) => connect(world.ports[i], { auth })));
            assert.deepStrictEqual(them.filter((one) => one.id === id).length, 1);
            leave(client, ...them);
        }
    });

    test('a record stays for a while, and not for ever', async () => {
        for (const from of [0, 1]) {
            const client = await join(world.ports[from]);
            await world.emit('before');
            await settle(client);
            const { id } = client;
            const pid = await cut(client, world.redis);
            const ms = await world.redis.pTTL(KEY + pid);
            assert.ok(ms > AWAY_MS / 2 && ms <= AWAY_MS, `${ms} ms`);
            await world.redis.pExpire(KEY + pid, 1);
            await eventually(async () => !await world.redis.exists(KEY + pid), 'it expires');
            await comeBack(client, world.ports[1]);
            assert.strictEqual(client.socket.recovered, false);
            assert.notStrictEqual(client.id, id);
            leave(client);
        }
    });

    test('an offset that is none leaves the record, one that is gone does not', async () => {
        for (const [offset, stays] of [['x', true], ['1-', true], ['1-1-1', true], ['-1', true],
            [`${'9'.repeat(40)}-0`, true], ['1-0', false], ['18446744073709551615-0', false]]) {
            const client = await join(world.ports[1]);
            await world.emit('before');
            await settle(client);
            const { pid } = secrets(client);
            await cut(client, world.redis);
            const other = await connect(world.ports[1], { auth: { pid, offset } });
            assert.notStrictEqual(other.id, client.id);
            assert.strictEqual(await world.redis.exists(KEY + pid), stays ? 1 : 0, offset);
            leave(client, other);
        }
    });

    test('a forged record makes a new client, and is counted', async () => {
        const offset = await world.emit('before');
        const { id: taken } = world.others[1];
        const pid = 'forged';
        const good = { sid: 'a'.repeat(20), pid, rooms: ['r'], data: {} };
        const pack = (value) => notepack.encode(value).toString('base64');
        const bad = [{ ...good, pid: 'another' }, { ...good, sid: 5 }, { ...good, sid: '' },
            { ...good, sid: 'a'.repeat(32) }, { ...good, sid: 'a b' }, { ...good, rooms: 'r' },
            { ...good, rooms: undefined }, { ...good, rooms: [['r']] },
            { ...good, rooms: ['a\0b'] }, { ...good, rooms: ['r'.repeat(100000)] },
            { ...good, rooms: numbers(100000) }, { ...good, data: 'x'.repeat(500000) },
            null, 5, []].map(pack);
        bad.push('', '!', 'x'.repeat(100), pack(good).slice(0, -8),
            Buffer.from('91'.repeat(3000), 'hex').toString('base64'), 'A'.repeat(2 << 20));
        const ignored = [pack({ ...good, sid: taken }), pack({ ...good, data: Buffer.from('a') })];
        const before = await world.counter('bad_messages');
        for (const value of [...bad, ...ignored]) {
            await world.redis.set(KEY + pid, value);
            const client = await connect(world.ports[1], { auth: { pid, offset } });
            assert.ok(![good.sid, taken].includes(client.id), value.slice(0, 100));
            assert.ok(!client.socket.recovered);
            assert.strictEqual(await world.redis.exists(KEY + pid), 0);
            leave(client);
        }
        assert.strictEqual(await world.counter('bad_messages') - before, bad.length);
        assert.strictEqual(world.ours[0].log.match(/says through Redis what is no/g).length, 1);
        await world.redis.rPush(KEY + pid, 'a list');
        const client = await connect(world.ports[1], { auth: { pid, offset } });
        assert.ok(!client.socket.recovered);
        await world.redis.del(KEY + pid);
        await world.redis.set(KEY + pid, pack(good));
        const back = await connect(world.ports[1], { auth: { pid, offset } });
        assert.strictEqual(back.id, good.sid);
        leave(client, back);
        await world.quiet();
    });

    test('who has missed more than may wait for a client is a new one', async () => {
        const broker = await startOurs(world.server, 'Small', { 'max queued packets': 100 });
        for (const n of [90, 110]) {
            const client = await join(broker.port);
            await world.emit('before');
            await settle(client);
            await cut(client, world.redis);
            for (const i of numbers(n))
                await world.emit('missed', i);
            const seen = await comeBack(client, broker.port);
            assert.strictEqual(client.socket.recovered, n < 100);
            assert.strictEqual(these(seen, 'missed').length, n < 100 ? n : 0);
            leave(client);
        }
        await broker.stop();
    });
});

test('events of a client keep their order, and one with an acknowledgement comes once', suite,
    async () => {
        const world = await World.start({ args: [] });
        const client = await join(world.ports[1]);
        const heard = [];
        client.socket.onAny((name, ...args) => heard.push([name, args[0]]));
        client.on('question', (value, answer) => answer(value));
        for (const i of numbers(50)) {
            client.emit('echo', i);
            client.emit('ask', i);
            client.emit('broadcast', i);
        }
        await eventually(() => heard.filter(([name]) => name === 'answer').length === 50,
            'all answers');
        await settle(client);
        const order = heard.filter(([name]) => ['echo', 'question', 'broadcast'].includes(name));
        assert.deepStrictEqual(order.slice(0, 150), numbers(50).flatMap((i) =>
            [['echo', i], ['question', i], ['broadcast', i]]));
        /* It asked, and was answered, before the connection was lost. */
        for (const to of [0, 1, 2]) {
            await settle(client);
            client.emit('ask', 'once');
            await client.next('answer');
            await cut(client, world.redis);
            const seen = await comeBack(client, world.ports[to]);
            assert.strictEqual(client.socket.recovered, true);
            assert.deepStrictEqual(these(seen, 'question'), []);
            if (to === 0) {
                await cut(client, world.redis);
                await comeBack(client, world.ports[1]);
            }
        }
        leave(client);
        await world.stop();
    });

test('the clients of a server that stops come back to the other kind', suite, async () => {
    const world = await World.start();
    const clients = await Promise.all(numbers(20).map(() => join(world.ports[1])));
    await world.emit('before');
    await Promise.all(clients.map(settle));
    const ids = clients.map(({ id }) => id);
    let ended = Promise.all(clients.map((client) => client.next('disconnect')));
    await world.ours[0].stop();
    await ended;
    await world.emit('missed', 1);
    let seen = await Promise.all(clients.map((client) => comeBack(client, world.ports[0])));
    assert.deepStrictEqual(clients.map(({ id }) => id), ids);
    assert.deepStrictEqual(seen.map((list) => these(list, 'missed')), clients.map(() => [[1]]));
    ended = Promise.all(clients.map((client) => client.next('disconnect')));
    await Promise.all(clients.map(settle));
    await world.node.io.close();
    await ended;
    await world.emit('missed', 2);
    seen = await Promise.all(clients.map((client) => comeBack(client, world.ports[2])));
    assert.deepStrictEqual(clients.map(({ id }) => id), ids);
    assert.deepStrictEqual(seen.map((list) => these(list, 'missed')), clients.map(() => [[2]]));
    leave(...clients);
    world.ours.shift();
    await world.stop();
});

test('without Redis events reach the clients that are here', suite, async () => {
    const world = await World.start();
    const client = await join(world.ports[1]);
    await world.node.shutDown();
    await world.server.stop();
    await eventually(async () => (await world.ours[0].counters()).store.connected === 0,
        'it knows');
    client.emit('broadcast', 'alone');
    const [value, offset] = await event(client.socket, 'broadcast');
    assert.deepStrictEqual([value, offset], ['alone', undefined]);
    leaveAll();
    await Promise.all(world.ours.map((broker) => broker.stop()));
    await world.redis.disconnect();
});
