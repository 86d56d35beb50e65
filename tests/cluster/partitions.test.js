'use strict';
/*
 * With "broadcast partitions" an instance hears the broadcasts to its rooms, and not those to other
 * rooms. What is said, and in which order it arrives, is as without; but for one moment, which is
 * held here.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { startHeldRedis } = require('../lib/held-redis.js');
const { begin, leave, leaveAll } = require('../lib/modern.js');
const { comeBack, cut, these } = require('../lib/recovery.js');
const { listenScript } = require('../lib/script.js');
const { assertComplete } = require('../lib/sequence.js');
const { REFERENCE, runBroker, writeConfig } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');

const suite = { skip: REFERENCE && 'about our own program' };
const N = 256;          /* partitions */
const WAY = { way: 'websocket', reconnection: false };

const SCRIPT = `
const io = new (require('socket.io').Server)(80,
    {connectionStateRecovery: {maxDisconnectionDuration: 60000}});
const whom = (rooms, except) => except.reduce((to, room) => to.except(room),
    rooms.reduce((to, room) => to.to(room), io));
io.on('connection', (socket) => {
    socket.on('join', (room, ack) => { socket.join(room); ack(); });
    socket.on('leave', (room, ack) => { socket.leave(room); ack(); });
    socket.on('say', (rooms, except, value) => whom(rooms, except).emit('said', value));
    socket.on('ask', (rooms, ack) => whom(rooms, []).timeout(60000).emit('question',
        (error, answers) => ack(error, answers)));
    socket.on('move and say', (id, room, value) => {
        io.in(id).socketsJoin(room);
        io.to(room).emit('said', value);
    });
    socket.on('churn', (n, ack) => {
        for (let i = 0; i < n; i++) {
            socket.join('churn ' + i);
            socket.leave('churn ' + i);
        }
        ack();
    });
    socket.on('echo', (...args) => socket.emit('echo', ...args));
    socket.on('disconnect', () => io.emit('left', socket.id));
});
`;

const start = (redis, config) => listenScript(SCRIPT, { options: [
    '--config', writeConfig({ redis: redis.url, ...config })] });

const partitions = (n) => ({ 'broadcast partitions': n });
const numbers = (n) => Array.from({ length: n }, (_, i) => i);

/* As server/adapter/partition_rooms.c: FNV-1a of the namespace, NUL, and the room. */
function partitionOf(room, n = N) {
    let hash = 14695981039346656037n;
    for (const byte of Buffer.from(`\0${room}`))
        hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 1099511628211n);
    return Number((hash ^ hash >> 32n) % BigInt(n));
}

const channel = (room) => `sio:part:${partitionOf(room)}`;

/* How many instances hear it. */
const listeners = async (redis, room) =>
    Number((await redis.command('PUBSUB', 'NUMSUB', channel(room))).split('\n')[1]);

let lastRoom = 0;

/* Names of n rooms, each in a partition of its own that nobody hears yet. */
async function newRooms(redis, n) {
    const rooms = new Map();
    while (rooms.size < n) {
        const room = `room ${++lastRoom}`;
        if (!rooms.has(channel(room)) && await listeners(redis, room) === 0)
            rooms.set(channel(room), room);
    }
    return [...rooms.values()];
}

/* A client, and all values that it has heard. */
async function join(instance, ...rooms) {
    const client = begin(instance.port, WAY);
    client.said = [];
    client.on('said', (value) => client.said.push(value));
    await client.next('connect');
    for (const room of rooms)
        await client.ask('join', room);
    return client;
}

let lastMark = 0;

/* What a client has heard of before now of what the speaker said: a word to all is behind it. */
async function heardBy(client, speaker) {
    const mark = `mark ${++lastMark}`;
    speaker.emit('say', [], [], mark);
    await eventually(() => client.said.includes(mark), `${mark} is heard`);
    return client.said.splice(0).filter((value) => !String(value).startsWith('mark'));
}

/* Until what this client says to a room goes to its partition alone. */
function agreed(instance, speaker) {
    return eventually(async () => {
        const { partition_casts: before } = await instance.counters();
        speaker.emit('say', ['nobody'], [], 0);
        await speaker.ask('join', 'nobody else');
        return (await instance.counters()).partition_casts > before;
    }, 'rooms are spread');
}

describe('partitions', suite, () => {
    let redis, held, a, b, c, ofA, ofB, ofC;
    before(async () => {
        redis = await startRedis();
        held = await startHeldRedis(redis);
        [a, b, c] = await Promise.all([start(redis, partitions(N)), start(held, partitions(N)),
            start(redis, partitions(N))]);
        [ofA, ofB, ofC] = await Promise.all([join(a), join(b), join(c)]);
        await agreed(a, ofA);
        await agreed(b, ofB);
        await agreed(c, ofC);
    });
    after(async () => {
        leaveAll();
        await Promise.all([a, b, c].map((instance) => instance.stop()));
        held.stop();
        await redis.stop();
    });

    test('only those hear who have a member', async () => {
        const [room] = await newRooms(redis, 1);
        const member = await join(b, room);
        await eventually(() => listeners(redis, room), 'it is heard');
        const [was, wasAtC] = [await b.counters(), await c.counters()];
        for (const n of numbers(200))
            ofA.emit('say', [room], [], n);
        assertComplete(await heardBy(member, ofA), 200, 'the member');
        assert.deepStrictEqual(await heardBy(ofC, ofA), []);
        const [is, isAtC] = [await b.counters(), await c.counters()];
        assert.ok(isAtC.store.heard < wasAtC.store.heard + 100, 'they do not reach it');
        assert.ok(isAtC.store.heard < wasAtC.store.heard + 100, 'they do not reach the third');
        assert.strictEqual(isAtC.unconcerned_casts, wasAtC.unconcerned_casts);
        leave(member);
    });

    test('the moment of a first join', async () => {
        const [room] = await newRooms(redis, 1);
        held.hold();
        const member = await join(b, room);
        const neighbour = await join(b, room);
        member.emit('say', [room], [], 'of myself');
        ofB.emit('say', [room], [], 'of my instance');
        assert.deepStrictEqual(await heardBy(neighbour, ofB), ['of myself', 'of my instance']);
        ofA.emit('say', [room], [], 'of another one: missed');
        ofA.emit('say', [], [], 'to everyone');
        assert.deepStrictEqual(await heardBy(member, ofA),
            ['of myself', 'of my instance', 'to everyone']);
        held.letGo();
        await eventually(() => listeners(redis, room), 'it is heard');
        ofA.emit('say', [room], [], 'of another one');
        assert.deepStrictEqual(await heardBy(member, ofA), ['of another one']);
        leave(member, neighbour);
    });

    test('who lets others join may speak to them at once, and so may who hears of it', async () => {
        const [room] = await newRooms(redis, 1);
        const member = await join(b);
        held.hold();
        ofA.emit('move and say', member.id, room, 'welcome');
        await heardBy(ofC, ofA);
        ofC.emit('say', [room], [], 'from a third one');
        assert.deepStrictEqual(await heardBy(member, ofC), ['welcome', 'from a third one']);
        held.letGo();
        leave(member);
    });

    test('a client is reached by its id at once', async () => {
        held.hold();
        const member = await join(b);
        ofA.emit('say', [member.id], [], 'for you');
        assert.deepStrictEqual(await heardBy(member, ofA), ['for you']);
        held.letGo();
        leave(member);
    });

    test('several rooms, and all but some; each once', async () => {
        const [red, green, blue] = await newRooms(redis, 3);
        const members = [await join(a, red), await join(b, red, green), await join(c, green, blue)];
        for (const room of [red, green, blue])
            await eventually(() => listeners(redis, room), `${room} is heard`);
        ofB.emit('say', [red, green], [], 'two');
        ofB.emit('say', [red, green, blue], [blue], 'but');
        ofB.emit('say', [green], [red], 'one but');
        assert.deepStrictEqual(await heardBy(members[0], ofB), ['two', 'but']);
        assert.deepStrictEqual(await heardBy(members[1], ofB), ['two', 'but']);
        assert.deepStrictEqual(await heardBy(members[2], ofB), ['two', 'one but']);
        leave(...members);
    });

    test('what one says keeps its order, whoever it is for', async () => {
        const rooms = await newRooms(redis, 5);
        const member = await join(b, ...rooms);
        for (const room of rooms)
            await eventually(() => listeners(redis, room), `${room} is heard`);
        const whom = [...rooms.map((room) => [room]), [], [member.id], rooms.slice(0, 2)];
        for (const n of numbers(800))
            ofA.emit('say', whom[n % whom.length], [], n);
        assertComplete(await heardBy(member, ofA), 800, 'the member');
        leave(member);
    });

    test('all members of a room are asked, wherever they are', async () => {
        const members = await Promise.all([a, b, c, c].map((instance) => join(instance, 'asked')));
        const asked = members.map((member, i) => member.answer('question', i));
        const [error, answers] = await ofA.ask('ask', ['asked']);
        assert.strictEqual(error, null);
        assert.deepStrictEqual(answers.sort(), [0, 1, 2, 3]);
        await Promise.all(asked);
        leave(...members);
    });

    test('rooms that come and go cost a few subscriptions, and end with them', async () => {
        const calls = async () => Number(/cmdstat_subscribe:calls=(\d+)/
            .exec(await redis.command('INFO', 'commandstats'))[1]);
        const was = await calls();
        for (const client of [ofA, ofB, ofC])
            await client.ask('churn', 2000);
        const n = await calls() - was;
        assert.ok(n > N && n <= 3 * N, `${n} for each partition of each instance, not each room`);
        await eventually(async () => (await a.counters()).partitions_heard <= 3,
            'those that nobody is in are heard no more');
    });

    test('a room is heard while somebody who is away may come back to it', async () => {
        const [room, other] = await newRooms(redis, 2);
        const member = await join(b, room, other);
        await member.ask('leave', other);
        await heardBy(member, ofB);     /* from where it goes on */
        await cut(member, ofB);
        await eventually(async () => await listeners(redis, other) === 0, 'what was left is not');
        assert.strictEqual(await listeners(redis, room), 1);
        for (const n of numbers(20))
            ofA.emit('say', [room], [], n);
        await heardBy(ofB, ofA);        /* all that was said is there */
        const seen = await comeBack(member);
        assert.strictEqual(member.socket.recovered, true);
        assertComplete(these(seen, 'said').map(([value]) => value).filter(Number.isInteger), 20,
            'what was missed');
        leave(member);
    });

    test('a restart of Redis', async () => {
        const [room] = await newRooms(redis, 1);
        const member = await join(b, room);
        await redis.stop();
        await redis.start();
        await eventually(() => listeners(redis, room), 'it is heard again');
        await agreed(a, ofA);
        ofA.emit('say', [room], [], 'again');
        assert.deepStrictEqual(await heardBy(member, ofA), ['again']);
        leave(member);
    });

    test('instances with another number of them, or none', async () => {
        const [room] = await newRooms(redis, 1);
        const others = [await start(redis, partitions(8)), await start(redis, {})];
        const members = [await join(b, room), await join(others[0], room),
            await join(others[1], room)];
        for (const instance of [a, b, c, ...others])
            await eventually(async () => (await instance.counters()).peers === 4, 'it knows all');
        for (const speaker of [ofA, ...members]) {
            for (const n of numbers(20))
                speaker.emit('say', [room], [], n);
            for (const member of members)
                assertComplete(await heardBy(member, speaker), 20, 'each member');
        }
        leave(...members.slice(1));
        await Promise.all(others.map((other) => other.stop()));
        await agreed(a, ofA);
        leave(members[0]);
    });
});

describe('without partitions', suite, () => {
    let redis, held, a, b, ofA, ofB;
    before(async () => {
        redis = await startRedis();
        held = await startHeldRedis(redis);
        [a, b] = await Promise.all([start(redis, {}), start(held, {})]);
        [ofA, ofB] = await Promise.all([join(a), join(b)]);
        await heardBy(ofB, ofA);
    });
    after(async () => {
        leaveAll();
        await Promise.all([a, b].map((instance) => instance.stop()));
        held.stop();
        await redis.stop();
    });

    test('nothing is missed in the moment of a first join', async () => {
        held.hold();
        const member = await join(b, 'first');
        ofA.emit('say', ['first'], [], 'of another one');
        assert.deepStrictEqual(await heardBy(member, ofA), ['of another one']);
        held.letGo();
        leave(member);
    });

    test('what concerns nobody is heard, and counted', async () => {
        const { unconcerned_casts: was } = await b.counters();
        for (const n of numbers(50))
            ofA.emit('say', ['nowhere'], [], n);
        await heardBy(ofB, ofA);
        const { unconcerned_casts: is, partitions_heard: heard } = await b.counters();
        assert.strictEqual(is, was + 50);
        assert.strictEqual(heard, 0);
    });
});

test('beside processes of Node there are none', suite, async () => {
    const { code, stderr } = await runBroker(['--check-config', '--config', writeConfig({
        redis: 'redis://127.0.0.1:1', dialect: 'node-4', ...partitions(N) })]);
    assert.notStrictEqual(code, 0);
    assert.match(stderr, /"broadcast partitions".*can not be used with "dialect"/);
});
