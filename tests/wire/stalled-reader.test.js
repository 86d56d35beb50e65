'use strict';
/*
 * Clients that stop reading: they cost no processor time, and what they say meanwhile counts. The
 * end of their patience is in slow-consumer.test.js.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { DEADLINE_MS, eventually } = require('../lib/deadline.js');
const { processorMs } = require('../lib/program.js');
const { MORE_THAN_FITS, stall } = require('../lib/stalled.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { Poller } = require('../lib/polling.js');
const sio = require('../lib/sio09.js');
const ws = require('../lib/ws.js');

const TEXT = 'x'.repeat(100000);
const ECHO09 = `5:::${JSON.stringify({ name: 'echo', args: [TEXT] })}`;
const FILE = '/socket.io/socket.io.js';
const ECHO5 = `42${JSON.stringify(['echo', TEXT])}`;

/* Of what may wait: that is not what these tests are about. */
const NO_BOUNDS = { 'max queued bytes': 2 * MORE_THAN_FITS, 'slow consumer timeout': 600,
    'send timeout': 600 };

const WATCHED_MS = 2000;
/* Of them: one that spins uses all it gets, one that waits nearly nothing. */
const MOST_MS = 200;

/* A broker for the tests of one describe(); use() inside them gives it. */
function withBroker(config = {}) {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true, args: ['--reach'],
            config: { ...NO_BOUNDS, ...config } });
    });
    after(() => broker.stop());
    return () => broker;
}

async function assertIdle(broker, say = async () => {}) {
    let start;
    await eventually(async () => {
        start = processorMs(broker.program.pid);
        await new Promise((resolve) => setTimeout(resolve, 200));
        return processorMs(broker.program.pid) - start < 20;
    }, 'the server has done what it was asked to', 3 * DEADLINE_MS);
    start = processorMs(broker.program.pid);
    for (let i = 0; i < 10; i++) {
        await say();
        await new Promise((resolve) => setTimeout(resolve, WATCHED_MS / 10));
    }
    const used = processorMs(broker.program.pid) - start;
    assert.ok(used < MOST_MS, `${used} ms of processor time in ${WATCHED_MS} ms`);
}

/* Read packets until one is wanted. */
async function until(client, pattern) {
    for (;;) {
        const packet = await client.message();
        const match = pattern.exec(packet);
        if (match !== null)
            return match;
    }
}

const left = (witness, id, reason) =>
    until(witness, new RegExp(`^42\\["left","${id}","${reason}"\\]$`));

/* --- Each client, when nothing more leaves for it. --- */

async function websocket5({ port }) {
    const client = await engine.dial(port, 4);
    await stall(client, TEXT.length, () => client.send(ECHO5));
    return client;
}

async function websocket3({ port }) {
    const client = await engine.dial(port, 3);
    await stall(client, TEXT.length, () => client.send(ECHO5));
    return client;
}

async function websocket09({ port }) {
    const client = await sio.connect(port);
    await stall(client, TEXT.length, () => client.text(ECHO09));
    return client;
}

async function htmlfile09({ port }) {
    const { id } = await sio.handshake(port);
    const client = await http.connect(port);
    const poster = new Poller(port, 'xhr-polling', id);
    poster.url = sio.transportUrl('htmlfile', id);
    client.write(http.format({ target: poster.url }));
    await client.head();
    await stall(client, TEXT.length, () => poster.post(ECHO09));
    return client;
}

/* Polls one behind the other on one connection, which answers them and is not read. */
async function polling4({ port }) {
    const session = await engine.poll(port, 4);
    const client = await http.connect(port);
    await stall(client, 4 * TEXT.length, async () => {
        await session.send(ECHO5, ECHO5, ECHO5, ECHO5);
        client.write(http.format({ target: engine.url(session.query) }));
    });
    return client;
}

/* How long the file is with which requests are answered. */
async function fileSize({ port }) {
    return (await http.get(port, FILE)).body.length;
}

async function files({ port }) {
    const client = await http.connect(port);
    await stall(client, await fileSize({ port }),
        () => client.write(http.format({ target: FILE })));
    return client;
}

const PONG = ws.frame(ws.OPCODE.PONG);
const PART = 'G';   /* of a request */
const KINDS = [
    ['a websocket of 4.x', websocket5, PONG],
    ['a websocket of 2.x', websocket3, PONG],
    ['a websocket of 0.9', websocket09, PONG],
    ['htmlfile', htmlfile09, PART],
    ['answers to polls', polling4, PART],
    ['answers with files', files, PART],
];

/* Side by side: nearly all that these do is to wait. */
const BESIDE = { ...NEEDS_CONTRACT, concurrency: true };

describe('not read', BESIDE, () => {
    for (const [name, open, word] of KINDS) {
        describe(name, () => {
            const use = withBroker();

            test('costs nothing, whatever the client says', async () => {
                const client = await open(use());
                await assertIdle(use(), () => client.write(word));
                assert.ok(!client.closed);
                client.destroy();
            });

            test('costs nothing when the client ends its side, and is closed once it reads',
                async () => {
                    const client = await open(use());
                    client.socket.end();
                    await assertIdle(use());
                    client.socket.resume();
                    await client.end();
                });
        });
    }

    describe('a client that ends its side and reads later', () => {
        const use = withBroker();

        test('gets the answer that was begun, whole', async () => {
            const size = await fileSize(use());
            const client = await http.connect(use().port);
            await stall(client, size, () => client.write(http.format({ target: FILE })));
            client.socket.end();
            await assertIdle(use());
            client.socket.resume();
            const answers = await client.end();
            assert.ok(answers.length > 0);
            assert.strictEqual(answers.length % (answers.indexOf('\r\n\r\n') + 4 + size), 0);
        });
    });
});

describe('what a client says while it does not read', NEEDS_CONTRACT, () => {
    const use = withBroker();
    let witness;
    before(async () => { witness = await engine.dial(use().port, 4); });

    test('an event reaches the others, and its echoes arrive in the end', async () => {
        const client = await engine.dial(use().port, 4);
        const n = await stall(client, TEXT.length, () => client.send(ECHO5));
        await client.send('42["others","hear me"]', '42["echo","the last"]');
        await until(witness, /^42\["others","hear me"\]$/);
        client.socket.resume();
        for (let i = 0; i < n; i++)
            assert.strictEqual((await client.next()).length, ECHO5.length);
        assert.strictEqual(await client.next(), '42["echo","the last"]');
        client.destroy();
    });

    test('an acknowledgement', async () => {
        const client = await engine.dial(use().port, 4);
        await client.send('42["join","slow"]', '42["echo",0]');
        await until(client, /^42\["echo",0\]$/);
        await witness.send('427["survey",{"room":"slow"},8000,"?"]');
        const [, id] = await until(client, /^42(\d+)\["question","\?"\]$/);
        await stall(client, TEXT.length, () => client.send(ECHO5));
        await client.send(`43${id}["yes"]`);
        const [, answers] = await until(witness, /^437(\[.*\])$/);
        assert.deepStrictEqual(JSON.parse(answers)[0], ['yes']);
        client.destroy();
    });

    test('that it closes', async () => {
        const client = await websocket5(use());
        await client.send('42["others","before the close"]');
        await until(witness, /"before the close"/);
        client.write(ws.frame(ws.OPCODE.CLOSE, ws.closePayload(1000)));
        await until(witness, /^42\["left",".*","transport close"\]$/);
        client.destroy();
    });

    test('that it disconnects, 0.9', async () => {
        const client = await websocket09(use());
        client.text('0::');
        await until(witness, new RegExp(`^42\\["left","${client.id}","booted"\\]$`));
        client.destroy();
    });

    const RESERVED = ws.frame(11);  /* an opcode that means nothing */

    test('before it breaks a rule: all answers arrive, and then the close', async () => {
        const client = await engine.dial(use().port, 4);
        const n = await stall(client, TEXT.length, () => client.send(ECHO5));
        await client.send('42["echo","the last"]');
        client.write(RESERVED);
        await until(witness, /^42\["left",".*","transport error"\]$/);
        client.socket.resume();
        for (let i = 0; i < n; i++)
            assert.strictEqual((await client.next()).length, ECHO5.length);
        assert.strictEqual(await client.next(), '42["echo","the last"]');
        assert.strictEqual(await client.closeCode(), 1002);
        client.destroy();
    });

    test('before it breaks a rule, 0.9', async () => {
        const client = await sio.connect(use().port);
        const n = await stall(client, TEXT.length, () => client.text(ECHO09));
        client.text('5:::{"name":"echo","args":["the last"]}');
        client.write(RESERVED);
        await left(witness, client.id, 'protocol error');
        client.socket.resume();
        for (let i = 0; i < n; i++)
            assert.strictEqual((await client.message()).length, ECHO09.length);
        assert.match(await client.message(), /"the last"/);
        assert.strictEqual(await client.closeCode(), 1002);
        client.destroy();
    });

    test('before it breaks a rule: what follows that is not heard', async () => {
        const client = await engine.dial(use().port, 4);
        await stall(client, TEXT.length, () => client.send(ECHO5));
        client.write(RESERVED);
        await client.send('42["others","not heard"]');
        await until(witness, /^42\["left",".*","transport error"\]$/);
        await witness.send('42["echo","not heard before this"]');
        await until({ message: async () => {
            const packet = await witness.next();
            assert.doesNotMatch(packet, /"others"/);
            return packet;
        } }, /"not heard before this"/);
        client.destroy();
    });

    test('the end of its side', async () => {
        const client = await websocket09(use());
        client.socket.end();
        await left(witness, client.id, 'socket end');
        client.destroy();
    });
});

describe('heartbeats of a client that does not read', BESIDE, () => {
    const BEATS = { 4: '3', 3: '2' };
    const use = withBroker({ pingInterval: 200, pingTimeout: 2000, 'heartbeat interval': 0.2,
        'heartbeat timeout': 2 });

    /* It lives on as long as it beats. */
    async function assertLives(client, beat, alive) {
        for (let i = 0; i < 35; i++) {
            beat();
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        client.socket.resume();
        await alive();
        client.destroy();
    }

    for (const eio of [4, 3]) {
        test(`revision ${eio}`, async () => {
            const client = await engine.dial(use().port, eio);
            await stall(client, TEXT.length, () => client.send(BEATS[eio], ECHO5));
            await assertLives(client, () => client.send(BEATS[eio]),
                () => engine.assertServed(client));
        });
    }

    test('0.9', async () => {
        const client = await sio.connect(use().port);
        await stall(client, TEXT.length, () => client.text('2::').text(ECHO09));
        await assertLives(client, () => client.text('2::'), async () => {
            client.text('5:7::{"name":"probe"}');
            await until(client, /^6:::7$/);
        });
    });
});

describe('the socket takes nothing for "send timeout"', BESIDE, () => {
    const use = withBroker({ 'send timeout': 1.5, pingInterval: 60000 });

    const begin = async () => {
        const client = await engine.dial(use().port, 4);
        await stall(client, TEXT.length, () => client.send(ECHO5));
        return client;
    };

    test('the connection ends, and with it the session', async () => {
        const witness = await engine.dial(use().port, 4);
        const client = await begin();
        await until(witness, /^42\["left",".*","transport error"\]$/);
        client.destroy();
    });

    test('not while it takes a little now and then', async () => {
        const client = await begin();
        client.socket.on('data', () => client.socket.pause());
        for (let i = 0; i < 60; i++) {
            client.socket.resume();
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        assert.ok(!client.closed);
        client.destroy();
    });
});
