'use strict';
/* How one instance drains and stops: its phases, what cuts them short, what clients are told. */

const assert = require('node:assert');
const { test, describe } = require('node:test');
const { eventually, within } = require('../lib/deadline.js');
const { REFERENCE, startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };
const CLEAN = { code: 0, signal: null };

const start = (config) => startBroker({ config: { 'log rate': 0, ...config } });
const refused = (port) => http.connect(port).then((connection) => {
    connection.destroy();
    return false;
}, () => true);

async function assertCleanEnd(broker) {
    assert.deepStrictEqual(await broker.program.ended(20000), CLEAN, broker.program.tail());
    broker.program.assertNoSanitizerReport();
}

describe('while it leaves', suite, () => {
    test('all goes on as before', async () => {
        const broker = await start({ 'drain delay': 60 });
        const old = await sio.connect(broker.port);
        broker.program.kill('SIGTERM');
        await broker.program.said(/draining: SIGTERM/);
        await sio.assertAlive(old);
        await sio.assertAlive(await sio.connect(broker.port));
        broker.program.kill('SIGTERM');
        await broker.program.said(/stopping: SIGTERM/);
        assert.strictEqual(await old.closeCode(), 1001);
        await assertCleanEnd(broker);
    });

    test('then sessions end', async () => {
        const broker = await start({ 'drain delay': 0.3, 'drain time': 0.3 });
        const client = await sio.connect(broker.port);
        const begun = Date.now();
        broker.program.kill('SIGTERM');
        assert.strictEqual(await client.closeCode(), 1001);
        assert.ok(Date.now() - begun >= 550, `${Date.now() - begun} ms`);
        await assertCleanEnd(broker);
    });
});

describe('while its sessions end', suite, () => {
    /* One that drains for a long time, as one of its clients has been closed and another not. */
    async function draining(config) {
        const broker = await start({ 'drain time': 3600, ...config });
        const fresh = await http.connect(broker.port);   /* its request comes later */
        const clients = [await sio.connect(broker.port), await sio.connect(broker.port),
            await sio.connect(broker.port)];
        broker.program.kill('SIGTERM');
        await broker.program.said(/draining: 3 sessions end within/);
        return { broker, fresh, clients };
    }

    test('nobody new comes in', async () => {
        const { broker } = await draining();
        await eventually(() => refused(broker.port), 'connections are refused');
        broker.program.kill('SIGTERM');
        await assertCleanEnd(broker);
    });

    const HANDSHAKES = ['/socket.io/1/', '/socket.io/?EIO=3&transport=polling',
        '/socket.io/?EIO=4&transport=polling'];
    for (const target of HANDSHAKES) {
        test(`GET ${target} on a connection that is there: 503, not here`, async () => {
            const { broker, fresh } = await draining();
            const response = await fresh.request({ target });
            assert.strictEqual(response.status, 503);
            assert.strictEqual(response.get('Retry-After'), '1');
            assert.strictEqual(response.get('Connection'), 'close');
            await fresh.end();
            broker.program.kill('SIGTERM');
            await assertCleanEnd(broker);
        });
    }

    test('a websocket without a session: 503', async () => {
        const { broker, fresh } = await draining();
        const response = await fresh.request({ target: '/socket.io/?EIO=4&transport=websocket',
            headers: { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13',
                'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' } });
        assert.strictEqual(response.status, 503);
        broker.program.kill('SIGTERM');
        await assertCleanEnd(broker);
    });

    test('kept connections close: idle ones at once, others after their answer', async () => {
        const broker = await start({ 'drain time': 3600 });
        const idle = await http.connect(broker.port);
        await idle.request({ target: '/' });
        const poll = await new engine.Polling(broker.port, 4).open();
        await poll.send('40');
        await poll.next();
        const [waiting, busy] = [await poll.wait(), await http.connect(broker.port)];
        busy.write('POST /socket.io/?EIO=4&transport=polling&sid=' +
            `${poll.query.sid} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n4`);
        await broker.counters();
        broker.program.kill('SIGTERM');
        await idle.end();
        assert.ok(!busy.closed);
        busy.write('x');
        const answer = await busy.response();
        assert.strictEqual(answer.get('Connection'), 'close');
        assert.strictEqual((await waiting.response()).get('Connection'), 'close');
        await assertCleanEnd(broker);
    });

    test('one second at most between two', async () => {
        const { broker, clients } = await draining();
        await Promise.all(clients.map((client) => client.closeCode()));
        await assertCleanEnd(broker);
        const times = broker.log.split('\n').filter((line) => /ended: server shutting/.test(line))
            .map((line) => Date.parse(line.split(' ', 1)[0]));
        assert.strictEqual(times.length, 3);
        assert.ok(times[2] - times[0] >= 1900, `${times[2] - times[0]} ms`);
    });

    test('a second SIGTERM stops, a third exits', async () => {
        const { broker, clients } = await draining({ 'shutdown timeout': 60 });
        for (const client of clients)
            client.socket.pause();      /* nothing is closed by them, so the program waits */
        broker.program.kill('SIGTERM');
        await broker.program.said(/stopping: SIGTERM/);
        broker.program.kill('SIGTERM');
        await broker.program.said(/exiting at once: SIGTERM/);
        await assertCleanEnd(broker);
        clients.forEach((client) => client.destroy());
    });

    test('a client that does not close keeps nobody', async () => {
        const broker = await start({ 'drain time': 0.5 });
        const client = await sio.connect(broker.port);
        client.socket.pause();
        const begun = Date.now();
        broker.program.kill('SIGTERM');
        await assertCleanEnd(broker);
        assert.ok(Date.now() - begun < 20000, `${Date.now() - begun} ms`);
        client.destroy();
    });

    test('who waits for packets goes last, and gets them', async () => {
        const broker = await start({ 'drain time': 2 });
        const poll = await new engine.Polling(broker.port, 4).open();
        await poll.send('40');
        const clients = await Promise.all(Array.from({ length: 5 },
            () => sio.connect(broker.port)));
        broker.program.kill('SIGTERM');
        await Promise.all(clients.map((client) => client.closeCode()));
        await broker.program.said(new RegExp(`session ${poll.query.sid}: ended`));
        const order = [...broker.log.matchAll(/session (\S+): ended/g)].map(([, id]) => id);
        assert.strictEqual(order.at(-1), poll.query.sid);
        await assertCleanEnd(broker);
    });
});

describe('polls that wait when their session ends', suite, () => {
    test('0.9: the client is to reconnect', async () => {
        const broker = await start({ 'drain time': 0.2 });
        const { id } = await sio.handshake(broker.port);
        const connection = await http.connect(broker.port);
        await connection.request({ target: sio.transportUrl('xhr-polling', id) });
        await connection.request({ target: sio.transportUrl('xhr-polling', id) });  /* greeting */
        const answer = connection.request({ target: sio.transportUrl('xhr-polling', id) });
        await broker.counters();
        broker.program.kill('SIGTERM');
        assert.strictEqual((await within(answer, 'the answer')).text, '7:::1+0');
        await assertCleanEnd(broker);
    });

    test('0.9: an htmlfile page says so too', async () => {
        const broker = await start({ 'drain time': 0.2 });
        const { id } = await sio.handshake(broker.port);
        const connection = await http.connect(broker.port);
        connection.write(http.format({ target: sio.transportUrl('htmlfile', id) }));
        await connection.head();
        broker.program.kill('SIGTERM');
        const page = (await connection.end()).toString();
        assert.match(page, /<script>_\("7:::1\+0"\);<\/script>/);
        assert.match(page, /\r\n0\r\n\r\n$/);
        await assertCleanEnd(broker);
    });

    for (const [eio, packet] of [[3, '1:1'], [4, '1']]) {
        test(`EIO${eio}: the transport is closed, not the namespace`, async () => {
            const broker = await start({ 'drain time': 0.2 });
            const poll = await new engine.Polling(broker.port, eio).open();
            if (eio === 4)
                await poll.send('40');
            while (!(await poll.next()).startsWith('42["server"'))
                ;
            const waiting = await poll.wait();
            broker.program.kill('SIGTERM');
            assert.strictEqual((await waiting.response()).text, packet);
            await assertCleanEnd(broker);
        });
    }
});
