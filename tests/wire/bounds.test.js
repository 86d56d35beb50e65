'use strict';
/*
 * The table of server/manual/limits.md, on the wire: those rows that http.test.js,
 * handshake.test.js and websocket-frames.test.js do not try already.
 */

const assert = require('node:assert');
const net = require('node:net');
const zlib = require('node:zlib');
const { test, describe, before, after } = require('node:test');
const { REFERENCE, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');
const sio = require('../lib/sio09.js');
const { OPCODE, frame } = require('../lib/ws.js');

const OURS = { skip: REFERENCE && 'about our own program' };
const CONTRACT = { skip: OURS.skip || NEEDS_CONTRACT.skip };

const event = (name, ...args) => JSON.stringify({ name, args });

/* A broker for the tests of one limit; use() inside them gives it. */
function withBroker(config, contract = true) {
    let broker;
    before(async () => { broker = await startBroker({ contract, config }); });
    after(() => broker.stop());
    return () => broker;
}

/* Read until this packet; what else comes before it is returned. */
async function until(socket, packet) {
    const others = [];
    for (;;) {
        const next = await socket.message();
        if (next === packet)
            return others;
        others.push(next);
    }
}

/* The reason why a session has ended, as everyone else is told. */
async function reasonOf(witness, id) {
    for (;;) {
        const left = /^5:::\{"name":"left","args":\["(.*)","(.*)"\]\}$/
            .exec(await witness.message());
        if (left !== null && left[1] === id)
            return left[2];
    }
}

describe('what waits for one client', CONTRACT, () => {
    const use = withBroker({ 'max queued packets': 50, 'max queued bytes': 5000 });
    let witness;
    before(async () => { witness = await sio.connect(use().port); });

    test('more packets than the limit: the session ends, reason "slow consumer"', async () => {
        const poller = await polling.connect(use().port, 'xhr-polling');
        await poller.post(`5:::${event('many', 51)}`);
        assert.strictEqual(await reasonOf(witness, poller.id), 'slow consumer');
        assert.strictEqual(await poller.poll(), '7:::1+0');
    });

    test('as many as the limit wait', async () => {
        const poller = await polling.connect(use().port, 'xhr-polling');
        await poller.post(`5:::${event('many', 50)}`);
        assert.match(await poller.poll(), /"seq","args":\[0\].*"seq","args":\[49\]/s);
    });

    test('more bytes than the limit: the same', async () => {
        const poller = await polling.connect(use().port, 'xhr-polling');
        for (let i = 0; i < 5; i++)
            await poller.post(`5:::${event('echo', 'x'.repeat(1500))}`);
        assert.strictEqual(await reasonOf(witness, poller.id), 'slow consumer');
    });

    test('the limit is asked before a packet: one accepted as a message fits', async () => {
        const poller = await polling.connect(use().port, 'xhr-polling');
        const echoes = [4900, 8000].map((n) => `5:::${event('echo', 'x'.repeat(n))}`);
        for (const echo of echoes)
            await poller.post(echo);
        assert.deepStrictEqual(sio.unpack(await poller.poll()), echoes);
    });

    test('a client that reads may get more at once than may wait', async () => {
        const socket = await sio.connect(use().port);
        socket.text(`5:::${event('many', 1000)}`);
        await until(socket, `5:::${event('seq', 999)}`);
        await sio.assertAlive(socket);
        socket.destroy();
    });

    test('a client that reads nothing is let go, and the others are served', async () => {
        const socket = await sio.connect(use().port);
        const ended = reasonOf(witness, socket.id);
        socket.socket.pause();
        /* The reason also comes when the kernel has taken some megabytes first. */
        for (let i = 0; i < 30; i++)
            socket.text(`5:::${event('many', 10000)}`);
        assert.strictEqual(await ended, 'slow consumer');
        socket.destroy();
        await sio.assertAlive(witness);
    });

    test('volatile packets do not wait', async () => {
        const poller = await polling.connect(use().port, 'xhr-polling');
        await poller.post(`5:::${event('volatile', 1)}`);
        await poller.post(`5:::${event('echo', 2)}`);
        assert.strictEqual(await poller.poll(), `5:::${event('echo', 2)}`);
    });
});

describe('rooms of a client', CONTRACT, () => {
    const use = withBroker({ 'max rooms': 2 });

    test('joining one more fails, until one is left', async () => {
        const socket = await sio.connect(use().port);
        for (const room of ['a', 'b', 'a']) {
            socket.text(`5:1+::${event('join', room)}`);
            assert.strictEqual(await socket.message(), `6:::1+["${room}"]`);
        }
        socket.text(`5:2+::${event('join', 'c')}`);
        await sio.assertAlive(socket);
        socket.text(`5:3+::${event('leave', 'a')}`);
        assert.strictEqual(await socket.message(), '6:::3+["a"]');
        socket.text(`5:4+::${event('join', 'c')}`);
        assert.strictEqual(await socket.message(), '6:::4+["c"]');
        socket.destroy();
    });
});

describe('nesting of JSON', CONTRACT, () => {
    const use = withBroker({ 'max json depth': 5 });
    const nested = (depth) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;

    test('an event over the limit is dropped, one within it passes', async () => {
        const socket = await sio.connect(use().port);
        /* Two levels are those of the event itself: the object, and the list of its arguments. */
        socket.text(`5:1+::{"name":"echo","args":[${nested(4)}]}`);
        socket.text(`5:2+::{"name":"echo","args":[${nested(3)}]}`);
        assert.strictEqual(await socket.message(), `6:::2+[${nested(3)}]`);
        socket.destroy();
    });
});

describe('acknowledgements the application waits for', CONTRACT, () => {
    const use = withBroker({});

    test('of 1,001 the oldest is given up', async () => {
        const socket = await sio.connect(use().port);
        for (let i = 0; i <= 1000; i++)
            socket.text(`5:::${event('ask', i)}`);
        const ids = [];
        while (ids.length <= 1000)
            ids.push(/^5:(\d+)\+::/.exec(await socket.message())[1]);
        for (const i of [0, 1, 1000])
            socket.text(`6:::${ids[i]}+["${i}"]`);
        assert.strictEqual(await socket.message(), `5:::${event('answer', '1')}`);
        assert.strictEqual(await socket.message(), `5:::${event('answer', '1000')}`);
        socket.destroy();
    });
});

/* A connection from this address of the machine. */
function connectFrom(port, localAddress) {
    return new http.HttpConnection(
        net.connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true }));
}

async function assertServed(connection) {
    const response = await connection.request();
    assert.strictEqual(response.status, 200, response.head);
    return connection;
}

/* A whole answer that says so, then the end; asked for nothing, so that nothing disturbs it. */
async function assertTurnedAway(connection) {
    const response = await connection.response();
    assert.strictEqual(response.status, 503, response.head);
    assert.strictEqual(response.text, 'Too many connections.');
    assert.match(response.get('Connection'), /close/i);
    assert.strictEqual((await connection.end()).length, 0);
    connection.destroy();
}

function assertServedSoon(connect) {
    return eventually(async () => {
        const connection = await connect();
        try {
            return (await connection.request()).status === 200;
        } catch {
            return false;       /* refused, and our request was too late to be read */
        } finally {
            connection.destroy();
        }
    }, 'a connection that is served again');
}

describe('max connections', OURS, () => {
    const use = withBroker({ 'max connections': 3 }, false);

    test('one more gets a whole 503, until one has gone', async () => {
        const open = [];
        for (let i = 0; i < 3; i++)
            open.push(await assertServed(await http.connect(use().port)));
        await assertTurnedAway(await http.connect(use().port));
        await assertServed(open[0]);
        open.pop().destroy();
        await assertServedSoon(() => http.connect(use().port));
        open.forEach((connection) => connection.destroy());
    });

    test('the answer is whole when the request was quicker', async () => {
        const open = [];
        for (let i = 0; i < 3; i++)
            open.push(await eventually(async () => {
                const connection = await http.connect(use().port);
                return await assertServed(connection).catch(() => undefined);
            }, 'a connection that is served'));
        use().program.kill('SIGSTOP');
        const late = await http.connect(use().port);
        late.write(http.format());
        await new Promise((resolve) => { late.socket.write('', resolve); });
        use().program.kill('SIGCONT');
        await assertTurnedAway(late);
        open.forEach((connection) => connection.destroy());
    });
});

describe('max connections per address', OURS, () => {
    const use = withBroker({ 'max connections per address': 2, host: '127.0.0.1' }, false);

    test('one more is refused, one of another address is served', async () => {
        const open = [];
        for (let i = 0; i < 2; i++)
            open.push(await assertServed(connectFrom(use().port, '127.0.0.1')));
        await assertTurnedAway(connectFrom(use().port, '127.0.0.1'));
        open.push(await assertServed(connectFrom(use().port, '127.0.0.2')));
        open.shift().destroy();
        await assertServedSoon(() => connectFrom(use().port, '127.0.0.1'));
        open.forEach((connection) => connection.destroy());
    });
});

/* The counters, as they are written to the log. */
async function counters(broker) {
    const before = (broker.program.stderr.match(/counters \{/g) || []).length;
    process.kill(broker.program.pid, 'SIGUSR1');
    await eventually(() => (broker.program.stderr.match(/counters \{/g) || []).length > before,
        'counters in the log');
    return JSON.parse(/.*counters (\{.*\})/s.exec(broker.program.stderr)[1]);
}

describe('packets in a POST', CONTRACT, () => {
    const use = withBroker({ 'max payload packets': 3 });

    test('what comes after the limit is dropped, and counted', async () => {
        const poller = await polling.connect(use().port, 'xhr-polling');
        const texts = ['a', 'b', 'c', 'd', 'e'];
        await poller.post(texts.map((text) => `\ufffd5\ufffd3:::${text}`).join(''));
        const answer = await poller.poll();
        assert.ok(/echo:c/.test(answer) && !/echo:d/.test(answer), answer);
        const { bad_packets: dropped, packets_in: received } = await counters(use());
        assert.deepStrictEqual({ dropped, received }, { dropped: 1, received: 3 });
    });
});

/* A text message that is compressed, as clients send it (RFC 7692, 7.2.1). */
function compressed(text) {
    const bytes = zlib.deflateRawSync(text, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    return frame(OPCODE.TEXT, bytes.subarray(0, -4), { rsv: 4 });
}

describe('what compressed messages inflate to', CONTRACT, () => {
    const OFFER = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
    const config = { perMessageDeflate: true, 'perMessageDeflate threshold': 1e9 };
    const big = (i) => `5:::${event('echo', `${i}${'x'.repeat(100000)}`)}`;

    async function connect(port) {
        const socket = await sio.upgrade(port, (await sio.handshake(port)).id, 'websocket', OFFER);
        await until(socket, `5:::${event('server', { server: 'siobroker', port })}`);
        return socket;
    }

    describe('much of it', () => {
        const use = withBroker({ ...config, 'max inflated bytes': 400000 });

        test('is read with pauses, whole and in order', async () => {
            const socket = await connect(use().port);
            socket.write(Buffer.concat(Array.from({ length: 8 }, (_, i) => compressed(big(i)))));
            for (let i = 0; i < 8; i++)
                assert.strictEqual(await socket.message(), big(i));
            await sio.assertAlive(socket);
            assert.ok((await counters(use())).inflation_waits > 0);
            socket.destroy();
        });
    });

    describe('more than a second has', () => {
        const use = withBroker({ ...config, 'max inflated bytes': 1024 });

        test('waits, while others are served, and goes with its connection', async () => {
            const socket = await connect(use().port), other = await connect(use().port);
            socket.write(Buffer.concat([compressed(big(1)), compressed(big(2))]));
            assert.strictEqual(await socket.message(), big(1));
            await sio.assertAlive(other);
            assert.strictEqual((await counters(use())).inflation_waits, 1);
            assert.strictEqual(socket.received.length, 0);
            socket.destroy();
            other.destroy();
        });

        test('what shrinks as text does never waits', async () => {
            const { inflation_waits: before } = await counters(use());
            const socket = await connect(use().port);
            const words = Array.from({ length: 20000 }, (_, i) => `${i * i} `).join('');
            const packet = `5:::${event('echo', words)}`;
            for (let i = 0; i < 5; i++)
                socket.write(compressed(packet));
            for (let i = 0; i < 5; i++)
                assert.strictEqual(await socket.message(), packet);
            assert.strictEqual((await counters(use())).inflation_waits, before);
            socket.destroy();
        });
    });
});

describe('memory after a storm', OURS, () => {
    const use = withBroker({ 'log level': 3, 'max connections per second': 0 }, false);

    test('is given back when the connections have gone', async () => {
        const all = await Promise.all(Array.from({ length: 1100 }, () => http.connect(use().port)));
        all.forEach((connection) => connection.destroy());
        await eventually(() => use().log.includes('memory given back'), 'word of it in the log');
    });
});
