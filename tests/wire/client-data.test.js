'use strict';
/* What the application stores about a client (spec 6.2, 8.4), through the contract application. */

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const polling = require('../lib/polling.js');
const { startBroker, BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const VALUES = ['"text"', '""', '0', '-1.5e3', 'null', 'true', '[1,[2]]', '{"a":{"b":1}}',
    '"é€😀"', '"\\u0000\\"\\n"'];

/* The next packet that is not the news that somebody else has left. */
async function nextPacket(socket) {
    for (;;) {
        const packet = await socket.message();
        if (!packet.startsWith('5:::{"name":"left"'))
            return packet;
    }
}

/* The answer to an event with these arguments, which are JSON texts; '' when it has none. */
let lastId = 0;
async function ask(socket, name, args, nsp = '') {
    const id = ++lastId;
    socket.text(`5:${id}+:${nsp}:{"name":"${name}","args":[${args.join(',')}]}`);
    const answer = await nextPacket(socket);
    const match = new RegExp(`^6::${nsp}:${id}(?:\\+\\[(.*)\\])?$`, 's').exec(answer);
    assert.ok(match, answer);
    return match[1] || '';
}

const set = (socket, key, value, nsp) => ask(socket, 'set', [JSON.stringify(key), value], nsp);
const get = (socket, key, nsp) => ask(socket, 'get', [JSON.stringify(key)], nsp);

/* No answer comes: the next one is that of a later event. */
async function assertUnanswered(socket, name, args) {
    socket.text(`5:${++lastId}+::{"name":"${name}","args":[${args.join(',')}]}`);
    assert.strictEqual(await ask(socket, 'echo', ['"next"']), '"next"');
}

async function join(socket, nsp) {
    socket.text(`1::${nsp}`);
    let answer;
    do
        answer = await socket.message();
    while (/"name":"left"/.test(answer));   /* of those who have just gone */
    assert.strictEqual(answer, `1::${nsp}`);
    assert.match(await socket.message(), /"name":"welcome"/);
}

/* The promises that do not depend on where the data are. */
function describeStore(connect) {
    for (const value of VALUES) {
        test(`${value} comes back as it was set`, BETTER, async () => {
            const socket = await connect();
            assert.strictEqual(await set(socket, 'key', value), '');
            assert.strictEqual(await get(socket, 'key'), value);
            socket.destroy();
        });
    }

    test('a key that was never set is null', async () => {
        const socket = await connect();
        assert.strictEqual(await get(socket, 'nothing'), 'null');
        await set(socket, 'something', '"text"');
        assert.strictEqual(await get(socket, 'nothing'), 'null');
        socket.destroy();
    });

    test('keys are texts of any kind', BETTER, async () => {
        const socket = await connect();
        for (const key of ['', ' ', 'é€😀', '\r\n', 'a:b', '%s', '__proto__'])
            assert.strictEqual(await set(socket, key, JSON.stringify(`value of ${key}`)), '');
        assert.strictEqual(await get(socket, '\r\n'), JSON.stringify('value of \r\n'));
        assert.strictEqual(await get(socket, '__proto__'), '"value of __proto__"');
        socket.destroy();
    });

    test('each client has its own', async () => {
        const [one, other] = [await connect(), await connect()];
        await set(one, 'name', '"one"');
        assert.strictEqual(await get(other, 'name'), 'null');
        await set(other, 'name', '"other"');
        assert.strictEqual(await get(one, 'name'), '"one"');
        one.destroy();
        other.destroy();
    });

    test('all namespaces of a client share them', async () => {
        const socket = await connect();
        await join(socket, '/chat');
        await set(socket, 'key', '"from the default namespace"');
        assert.strictEqual(await get(socket, 'key', '/chat'), '"from the default namespace"');
        await set(socket, 'key', '"from /chat"', '/chat');
        assert.strictEqual(await get(socket, 'key'), '"from /chat"');
        socket.destroy();
    });

    test('answers keep the order of the questions', async () => {
        const socket = await connect();
        for (let i = 0; i < 200; i++) {
            socket.text(`5:${2 * i + 1000}+::{"name":"set","args":["k","v${i}"]}`);
            socket.text(`5:${2 * i + 1001}+::{"name":"get","args":["k"]}`);
        }
        for (let i = 0; i < 200; i++) {
            assert.strictEqual(await nextPacket(socket), `6:::${2 * i + 1000}`);
            assert.strictEqual(await nextPacket(socket), `6:::${2 * i + 1001}+["v${i}"]`);
        }
        socket.destroy();
    });

    test('a set without acknowledgement is done', async () => {
        const socket = await connect();
        socket.text('5:::{"name":"set","args":["quiet","text"]}');
        assert.strictEqual(await get(socket, 'quiet'), '"text"');
        socket.destroy();
    });

    test('missing and wrong arguments are ignored', BETTER, async () => {
        const socket = await connect();
        for (const args of [[], ['"key"'], ['1', '2'], ['null', '2'], ['{}', '2']])
            await assertUnanswered(socket, 'set', args);
        for (const args of [[], ['1'], ['null'], ['["key"]']])
            await assertUnanswered(socket, 'get', args);
        socket.destroy();
    });

    test('who leaves with questions open harms nobody', async () => {
        const stays = await connect();
        for (let round = 0; round < 10; round++) {
            const leaves = await connect();
            await join(leaves, '/chat');
            for (let i = 0; i < 50; i++) {
                leaves.text(`5:${i + 1}+::{"name":"set","args":["k${i}",${i}]}`);
                leaves.text(`5:${i + 1}+:/chat:{"name":"get","args":["k${i}"]}`);
            }
            leaves.text(['0::/chat', '0::', '5:::{"name":"kick"}'][round % 3]);
            leaves.destroy();
            assert.strictEqual(await set(stays, 'k', `"${round}"`), '');
            assert.strictEqual(await get(stays, 'k'), `"${round}"`);
        }
        stays.destroy();
    });
}

/* Limits of the test's own: five keys, and bytes for two long values. */
function describeLimits(connect) {
    test('keys are bounded', BETTER, async () => {
        const socket = await connect();
        for (let i = 0; i < 5; i++)
            assert.strictEqual(await set(socket, `k${i}`, String(i)), '');
        await assertUnanswered(socket, 'set', ['"k5"', '5']);
        assert.strictEqual(await get(socket, 'k5'), 'null');
        assert.strictEqual(await set(socket, 'k4', '"another"'), '');
        assert.strictEqual(await get(socket, 'k4'), '"another"');
        socket.destroy();
    });

    test('bytes are bounded, and a refused value leaves the old one', BETTER, async () => {
        const socket = await connect();
        const long = `"${'x'.repeat(400)}"`, longer = `"${'x'.repeat(700)}"`;
        assert.strictEqual(await set(socket, 'a', long), '');
        assert.strictEqual(await set(socket, 'b', long), '');
        await assertUnanswered(socket, 'set', ['"a"', longer]);
        await assertUnanswered(socket, 'set', ['"c"', long]);
        assert.strictEqual(await get(socket, 'a'), long);
        assert.strictEqual(await set(socket, 'a', '1'), '');
        assert.strictEqual(await set(socket, 'c', long), '');
        socket.destroy();
    });
}

const LIMITS = { 'max stored keys': 5, 'max stored bytes': 1000 };

describe('data of clients in memory', NEEDS_CONTRACT, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());
    describeStore(() => sio.connect(broker.port));
});

describe('bounded data of clients in memory', NEEDS_CONTRACT, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true,
            config: { ...LIMITS, 'client store expiration': 0 } });
    });
    after(() => broker.stop());
    describeLimits(() => sio.connect(broker.port));
});

describe('data of clients in Redis', NEEDS_CONTRACT, () => {
    let redis, brokers;
    before(async () => {
        redis = await startRedis();
        brokers = await Promise.all(['Server1', 'Server2'].map((name) => startBroker({
            contract: true, args: ['--name', name, '--redis', redis.url],
            config: { 'client store expiration': 7 } })));
    });
    after(async () => {
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    /* As another program of the cluster sees it. */
    async function cli(...command) {
        const { stdout } =
            await promisify(execFile)('redis-cli', ['-p', String(redis.port), ...command]);
        return stdout.trimEnd();
    }
    const keyOf = (id) => `sio:client:${id}`;

    let n = 0;
    describeStore(() => sio.connect(brokers[n++ % 2].port));

    test('the values are plain strings in a hash', BETTER, async () => {
        const socket = await sio.connect(brokers[0].port);
        await set(socket, 'key', '{"a":1}');
        assert.strictEqual(await cli('HGET', keyOf(socket.id), 'key'), '{"a":1}');
        await cli('HSET', keyOf(socket.id), 'theirs', '"from elsewhere"');
        assert.strictEqual(await get(socket, 'theirs'), '"from elsewhere"');
        assert.strictEqual(await cli('TTL', keyOf(socket.id)), '-1');
        socket.destroy();
    });

    test('a session that moved before its first connection has its data too', BETTER, async () => {
        const { id } = await sio.handshake(brokers[0].port);
        const socket = await sio.upgrade(brokers[1].port, id);
        assert.strictEqual(await socket.message(), '1::');
        assert.match(await socket.message(), /"server":"Server2"/);
        await set(socket, 'key', '1');
        assert.strictEqual(await cli('HGET', keyOf(id), 'key'), '1');
        socket.destroy();
    });

    test('at the end of the session they begin to expire', BETTER, async () => {
        const socket = await sio.connect(brokers[0].port);
        await set(socket, 'key', '1');
        socket.text('0::');
        const ttl = await eventually(async () => {
            const ms = Number(await cli('PTTL', keyOf(socket.id)));
            return ms !== -1 && ms;
        }, 'an expiry');
        assert.ok(ttl > 0 && ttl <= 7000, `${ttl} ms`);
        socket.destroy();
    });

    test('a client that stored nothing leaves no trace', BETTER, async () => {
        const socket = await sio.connect(brokers[0].port);
        assert.strictEqual(await get(socket, 'nothing'), 'null');
        socket.text('0::');
        assert.strictEqual(await socket.message(), '0::');
        assert.strictEqual(await cli('EXISTS', keyOf(socket.id)), '0');
        socket.destroy();
    });

    test('an instance that stops lets go of what its clients stored', BETTER, async () => {
        const short = await startBroker({ contract: true,
            config: { redis: redis.url, 'client store expiration': 0 } });
        const sockets =
            await Promise.all(Array.from({ length: 20 }, () => sio.connect(short.port)));
        for (const socket of sockets)
            await set(socket, 'key', '1');
        await short.stop();
        for (const socket of sockets)
            assert.strictEqual(await cli('EXISTS', keyOf(socket.id)), '0');
    });

    test('also when no client has a connection at the moment', BETTER, async () => {
        const short = await startBroker({ contract: true,
            config: { redis: redis.url, 'client store expiration': 0 } });
        const pollers = await Promise.all(Array.from({ length: 20 },
            () => polling.connect(short.port, 'xhr-polling')));
        for (const poller of pollers.slice(0, 10)) {
            await poller.post('5:1+::{"name":"set","args":["key",1]}');
            assert.strictEqual(await poller.poll(), '6:::1');
        }
        await short.stop();
        for (const poller of pollers)
            assert.strictEqual(await cli('EXISTS', keyOf(poller.id)), '0');
    });
});

describe('bounded data of clients in Redis', NEEDS_CONTRACT, () => {
    let redis, broker;
    before(async () => {
        redis = await startRedis();
        broker = await startBroker({ contract: true, config: { ...LIMITS, redis: redis.url } });
    });
    after(async () => {
        await broker.stop();
        await redis.stop();
    });
    describeLimits(() => sio.connect(broker.port));

    test('without Redis a question is not answered, and the client stays', BETTER, async () => {
        const socket = await sio.connect(broker.port);
        await set(socket, 'key', '1');
        await redis.stop('SIGKILL');
        await assertUnanswered(socket, 'set', ['"key"', '2']);
        await assertUnanswered(socket, 'get', ['"key"']);
        await redis.start();
        await broker.program.said(/Redis .*connected again/);
        assert.strictEqual(await set(socket, 'key', '3'), '');
        assert.strictEqual(await get(socket, 'key'), '3');
        socket.destroy();
    });
});
