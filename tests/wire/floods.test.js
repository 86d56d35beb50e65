'use strict';
/*
 * What one address, or one client, may do in a second: "max handshakes per address", "max events
 * per second", "max bytes per second".
 */

const assert = require('node:assert');
const fs = require('node:fs');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');
const { NEEDS_CONTRACT, REFERENCE, startBroker, writeConfig } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };
const CONTRACT = { skip: suite.skip || NEEDS_CONTRACT.skip };
const DEADLINE_MS = 30000;
const N_QUIET = 100;

const TARGETS = ['/socket.io/1/', '/socket.io/?EIO=3&transport=polling',
    '/socket.io/?EIO=4&transport=polling'];

const from = (address) => ({ 'X-Forwarded-For': address });

describe('max handshakes per address', suite, () => {
    const MAX = 5;
    let broker;
    before(async () => {
        broker = await startBroker({ config: { 'max handshakes per address': MAX } });
    });
    after(() => broker.stop());

    /* All at once, twice as many and one: a second may begin among them. */
    const answersOf = async (target, headersOf) => {
        const connection = await http.connect(broker.port);
        const numbers = Array.from({ length: 2 * MAX + 1 }, (_, i) => i);
        connection.write(Buffer.concat(numbers.map((i) =>
            http.format({ target, headers: headersOf(i) }))));
        const answers = [];
        while (answers.length < numbers.length)
            answers.push(await connection.response());
        connection.destroy();
        return answers;
    };

    for (const [i, target] of TARGETS.entries()) {
        test(`${target}: 429 with Retry-After, and the connection stays`, async () => {
            const answers = await answersOf(target, () => from(`203.0.113.${i + 1}`));
            const refused = answers.filter(({ status }) => status !== 200);
            assert.ok(refused.length >= 1);
            assert.ok(answers.slice(0, MAX).every(({ status }) => status === 200), 'the first');
            for (const answer of refused) {
                assert.strictEqual(answer.status, 429);
                assert.strictEqual(answer.reason, 'Too Many Requests');
                assert.strictEqual(answer.get('Retry-After'), '1');
            }
        });
    }

    test('JSONP of 0.9 tells it in a script', async () => {
        const answers = await answersOf('/socket.io/1/?jsonp=7', () => from('203.0.113.20'));
        assert.ok(answers.every(({ status }) => status === 200));
        assert.ok(answers.some(({ text }) => text === 'io.j[7](new Error("handshake error"));'));
    });

    test('a second later there are more', async () => {
        await answersOf(TARGETS[2], () => from('203.0.113.30'));
        await eventually(async () => (await http.get(broker.port, TARGETS[2],
            from('203.0.113.30'))).status === 200, 'it may again', DEADLINE_MS);
    });

    test('an IPv6 network of 64 bits is one address, others are others', async () => {
        const same = await answersOf(TARGETS[2], (i) => from(`2001:db8:1:2::${i}`));
        assert.ok(same.some(({ status }) => status === 429));
        const others = await answersOf(TARGETS[2], (i) => from(`2001:db8:1:${i + 16}::1`));
        assert.ok(others.every(({ status }) => status === 200));
    });

    test('a proxy is none of them', async () => {
        const answers = await answersOf(TARGETS[2], () => ({}));
        assert.ok(answers.every(({ status }) => status === 200));
    });

    test('requests of a session are no handshakes, and refusals are counted', async () => {
        const client = await new engine.Polling(broker.port, 4).open(from('203.0.113.40'));
        await client.send('40');
        for (let i = 0; i <= 2 * MAX; i++)
            await client.send(`42${i}["probe"]`);
        const before = (await broker.counters()).refused_handshakes;
        const answers = await answersOf(TARGETS[0], () => from('203.0.113.41'));
        const n = answers.filter(({ status }) => status === 429).length;
        assert.strictEqual((await broker.counters()).refused_handshakes, before + n);
    });
});

const throttledOf = async (broker) => (await broker.counters()).throttled;

/* So many events at once, each with an id: all are acknowledged, in order. Returns the time. */
async function flood(socket, n, length = 0) {
    const began = performance.now();
    for (let id = 1; id <= n; id++)
        socket.text(sio.probe(id, length));
    for (let id = 1; id <= n; id++)
        assert.strictEqual(await sio.nextMessage(socket, DEADLINE_MS), `6:::${id}`);
    return performance.now() - began;
}

for (const carrier of ['tcp', 'lws']) {
    describe(`max events per second, ${carrier}`, CONTRACT, () => {
        let broker;
        before(async () => {
            broker = await startBroker({ contract: true,
                config: { carrier, 'max events per second': 200 } });
        });
        after(() => broker.stop());

        test('a websocket of 0.9 is not read for a while, and loses nothing', async () => {
            const socket = await sio.connect(broker.port);
            const before = await throttledOf(broker);
            const ms = await flood(socket, 1000);
            assert.ok(ms >= 2500, `${ms} ms for 600 events beyond two seconds' worth`);
            assert.ok(await throttledOf(broker) > before);
            socket.destroy();
        });

        test('one of Engine.IO likewise', async () => {
            const client = await engine.connect(broker.port, 4);
            await client.send('40');
            const began = performance.now();
            for (let i = 1; i <= 700; i++)
                await client.send(`42["echo",${i}]`);
            for (let i = 1; i <= 700;) {
                const packet = await client.next(DEADLINE_MS);
                if (packet.startsWith('42["echo"'))
                    assert.strictEqual(packet, `42["echo",${i++}]`);
            }
            assert.ok(performance.now() - began >= 1000);
            client.destroy();
        });

        test('the next POST is answered when what came before is done', async () => {
            const poller = await polling.connect(broker.port, 'xhr-polling');
            const many = Array.from({ length: 700 }, (_, i) => sio.probe(i + 1));
            const began = performance.now();
            await poller.post(sio.payload(many));
            await poller.post(sio.probe(701));
            assert.ok(performance.now() - began >= 1000, 'it was held back');
        });

        test('within the limit nobody waits', async () => {
            const before = await throttledOf(broker);
            const socket = await sio.connect(broker.port);
            await flood(socket, 300);
            assert.strictEqual(await throttledOf(broker), before);
            socket.destroy();
        });

        test('others are served meanwhile', async () => {
            const loud = await sio.connect(broker.port);
            const quiet = await Promise.all(
                Array.from({ length: N_QUIET }, () => sio.connect(broker.port)));
            const before = await throttledOf(broker);
            for (let id = 1; id <= 100000; id++)
                loud.text(sio.probe(id));
            await eventually(async () => await throttledOf(broker) > before, 'it waits',
                DEADLINE_MS);
            for (let i = 0; i < 3; i++)
                await Promise.all(quiet.map((socket) => sio.assertAlive(socket)));
            assert.ok(!loud.received.includes('6:::100000'), 'it has to wait 498 s');
            [loud, ...quiet].forEach((socket) => socket.destroy());
        });
    });
}

describe('max bytes per second', suite, () => {
    test('likewise', async () => {
        const broker = await startBroker({ config: { 'max bytes per second': 10000 } });
        const socket = await sio.connect(broker.port);
        const ms = await flood(socket, 40, 1000);
        assert.ok(ms >= 1500, `${ms} ms for 20,000 bytes beyond two seconds' worth`);
        assert.ok(await throttledOf(broker) >= 1);
        socket.destroy();
        await broker.stop();
    });
});

describe('a client that waits', suite, () => {
    test('does not keep the server from stopping', async () => {
        const broker = await startBroker({ config: { 'max events per second': 1 } });
        const socket = await sio.connect(broker.port);
        for (let id = 1; id <= 50; id++)
            socket.text(sio.probe(id));
        await eventually(async () => await throttledOf(broker) === 1, 'it waits', DEADLINE_MS);
        await broker.stop();
        socket.destroy();
    });

    test('goes on when the limit is gone', async () => {
        const file = writeConfig({ 'max events per second': 1 });
        const broker = await startBroker({ args: ['--config', file] });
        const socket = await sio.connect(broker.port);
        const flooded = flood(socket, 100);
        await eventually(async () => await throttledOf(broker) === 1, 'it waits', DEADLINE_MS);
        fs.writeFileSync(file, '{}');
        broker.program.kill('SIGHUP');
        await broker.program.said(/reloaded: "max events per second"/);
        assert.ok(await flooded < 60000, 'instead of 98 s');
        socket.destroy();
        await broker.stop();
    });
});
