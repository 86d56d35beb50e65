'use strict';
/*
 * Websocket frames, good and bad (RFC 6455; spec 2.2). Whether a message arrived whole is told by
 * the acknowledgement of a probe (see sio09.js), so no application is needed.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const sio = require('../lib/sio09.js');
const ws = require('../lib/ws.js');

const RESETS = process.env.TLS ? { skip: 'Node resets no connection with TLS' } : BETTER;

const { OPCODE, frame, closePayload } = ws;
const { probe } = sio;

describe('frames to the server', () => {
    let broker, socket;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    /* Send bytes on a new session, expect the acknowledgement 6:::1 for what they carry. */
    async function assertTaken(...pieces) {
        await assertTakenBy(await sio.connect(broker.port), ...pieces);
    }

    async function assertTakenBy(connected, ...pieces) {
        socket = connected;
        for (const piece of pieces)
            socket.write(piece);
        assert.strictEqual(await socket.message(), '6:::1');
        await sio.assertAlive(socket);
        socket.destroy();
    }

    /* Send bytes on a new session, expect a close frame with this code. */
    async function assertClosed(bytes, code) {
        socket = await sio.connect(broker.port);
        socket.write(bytes);
        assert.strictEqual(await socket.closeCode(), code);
        socket.destroy();
    }

    /* As libraries of Arduino and Python send them in version 13: the original never minded. */
    test('unmasked frames are taken', () =>
        assertTaken(frame(OPCODE.TEXT, probe(1), { mask: false })));

    test('a mask of zeros is a mask', () =>
        assertTaken(frame(OPCODE.TEXT, probe(1), { mask: Buffer.alloc(4) })));

    test('a message in fragments', () => assertTaken(
        frame(OPCODE.TEXT, probe(1).slice(0, 3), { fin: false }),
        frame(OPCODE.CONTINUATION, probe(1).slice(3, 5), { fin: false }),
        frame(OPCODE.CONTINUATION, probe(1).slice(5))));

    test('empty fragments at both ends', BETTER, () => assertTaken(
        frame(OPCODE.TEXT, '', { fin: false }),
        frame(OPCODE.CONTINUATION, probe(1), { fin: false }),
        frame(OPCODE.CONTINUATION, '', { fin: false }),
        frame(OPCODE.CONTINUATION, '')));

    test('a ping between fragments is answered at once', BETTER, async () => {
        socket = await sio.connect(broker.port);
        socket.write(frame(OPCODE.TEXT, probe(1).slice(0, 3), { fin: false }));
        socket.write(frame(OPCODE.PING, 'between'));
        const pong = await socket.next();
        assert.strictEqual(pong.opcode, OPCODE.PONG);
        assert.strictEqual(pong.payload.toString(), 'between');
        socket.write(frame(OPCODE.CONTINUATION, probe(1).slice(3)));
        assert.strictEqual(await socket.message(), '6:::1');
        socket.destroy();
    });

    test('a message byte by byte', async () => {
        socket = await sio.connect(broker.port);
        const bytes = Buffer.concat([frame(OPCODE.TEXT, probe(1)),
            frame(OPCODE.TEXT, probe(2, 200))]);
        for (const byte of bytes) {
            await new Promise((sent) => socket.socket.write(Buffer.from([byte]), sent));
            await new Promise(setImmediate);
        }
        assert.strictEqual(await socket.message(), '6:::1');
        assert.strictEqual(await socket.message(), '6:::2');
        socket.destroy();
    });

    for (const length of [125, 126, 127, 65535, 65536, 65537, 200000]) {
        test(`a message of ${length} bytes`, () =>
            assertTaken(frame(OPCODE.TEXT, probe(1, length))));
    }

    for (const form of [16, 64]) {
        const bytes = frame(OPCODE.TEXT, probe(1), { form });
        test(`a length field of ${form} bits that is longer than needed: closed with 1002`, BETTER,
            () => assertClosed(bytes, 1002));

        for (const version of ['7', '8']) {
            test(`the same in draft ${version}, whose rules were others: taken`, async () => {
                const { id } = await sio.handshake(broker.port);
                const old = await sio.upgrade(broker.port, id, 'websocket',
                    { 'Sec-WebSocket-Version': version });
                assert.strictEqual(await old.message(), '1::');
                await old.message();
                await assertTakenBy(old, bytes);
            });
        }
    }

    test('2,000 messages in one segment', BETTER, async () => {
        socket = await sio.connect(broker.port);
        const frames = [];
        for (let i = 1; i <= 2000; i++)
            frames.push(frame(OPCODE.TEXT, probe(i)));
        socket.write(Buffer.concat(frames));
        for (let i = 1; i <= 2000; i++)
            assert.strictEqual(await socket.message(), `6:::${i}`);
        socket.destroy();
    });

    test('binary messages are ignored', async () => {
        socket = await sio.connect(broker.port);
        socket.send(OPCODE.BINARY, probe(1));
        socket.send(OPCODE.BINARY, '');
        await sio.assertAlive(socket);
        socket.destroy();
    });

    for (const payload of ['', 'hello', Buffer.alloc(125, 0xff)]) {
        test(`a ping of ${payload.length} bytes is answered with a pong of the same`, BETTER,
            async () => {
                socket = await sio.connect(broker.port);
                socket.send(OPCODE.PING, payload);
                const pong = await socket.next();
                assert.deepStrictEqual(
                    [pong.fin, pong.rsv, pong.opcode, pong.masked, pong.payload],
                    [true, 0, OPCODE.PONG, false, Buffer.from(payload)]);
                await sio.assertAlive(socket);
                socket.destroy();
            });
    }

    test('pongs that nobody asked for are ignored', BETTER, async () => {
        socket = await sio.connect(broker.port);
        socket.send(OPCODE.PONG, '');
        socket.send(OPCODE.PONG, 'unsolicited');
        await sio.assertAlive(socket);
        socket.destroy();
    });

    const CLOSES = [['without a code', '', 1005], ['with 1000', closePayload(1000), 1000],
        ['with 1001 and a reason', closePayload(1001, 'going away'), 1001],
        ['with a code of the application', closePayload(4321), 4321]];
    for (const [what, payload, code] of CLOSES) {
        test(`a close ${what} is answered likewise, then the connection ends`, BETTER, async () => {
            await assertClosed(frame(OPCODE.CLOSE, payload), code);
        });
    }

    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000]) {
        test(`a close with the forbidden code ${code} is answered with 1002`, BETTER, () =>
            assertClosed(frame(OPCODE.CLOSE, closePayload(code)), 1002));
    }

    test('a close of one byte is answered with 1002', BETTER, () =>
        assertClosed(frame(OPCODE.CLOSE, 'x'), 1002));

    test('bad closes are counted, and good ones are not', BETTER, async () => {
        const bad = async () => (await broker.counters()).bad_packets;
        const before = await bad();
        for (const [, payload, code] of CLOSES)
            await assertClosed(frame(OPCODE.CLOSE, payload), code);
        assert.strictEqual(await bad(), before);
        await assertClosed(frame(OPCODE.CLOSE, 'x'), 1002);
        await assertClosed(frame(OPCODE.CLOSE, closePayload(1005)), 1002);
        await assertClosed(frame(OPCODE.CLOSE, Buffer.from([3, 232, 0xff])), 1007);
        assert.strictEqual(await bad(), before + 3);
    });

    test('what came before a close is answered', BETTER, async () => {
        socket = await sio.connect(broker.port);
        socket.write(Buffer.concat([frame(OPCODE.TEXT, probe(1)),
            frame(OPCODE.CLOSE, closePayload(1000))]));
        assert.strictEqual(await socket.message(), '6:::1');
        assert.strictEqual(await socket.closeCode(), 1000);
        socket.destroy();
    });

    test('nothing after a close is looked at', BETTER, () => assertClosed(Buffer.concat([
        frame(OPCODE.CLOSE, closePayload(1000)), frame(OPCODE.TEXT, probe(1))]), 1000));

    const VIOLATIONS = [
        ['RSV1', frame(OPCODE.TEXT, probe(1), { rsv: 4 })],
        ['RSV3', frame(OPCODE.TEXT, probe(1), { rsv: 1 })],
        ['a reserved opcode', frame(3, 'x')],
        ['a reserved control opcode', frame(11, 'x')],
        ['a fragmented ping', frame(OPCODE.PING, 'x', { fin: false })],
        ['a ping of 126 bytes', frame(OPCODE.PING, 'x'.repeat(126))],
        ['a continuation of nothing', frame(OPCODE.CONTINUATION, 'x')],
        ['a ping in a longer length than needed', frame(OPCODE.PING, 'x', { form: 16 })],
        ['a new message inside another', Buffer.concat([
            frame(OPCODE.TEXT, '3:1::', { fin: false }), frame(OPCODE.TEXT, 'x')])],
        ['a length with the top bit set', Buffer.from('81ff800000000000000000000000', 'hex')],
    ];
    for (const [what, bytes] of VIOLATIONS) {
        test(`${what}: closed with 1002`, BETTER, () => assertClosed(bytes, 1002));

        test(`${what}: what came before it is answered`, BETTER, async () => {
            socket = await sio.connect(broker.port);
            socket.write(Buffer.concat([frame(OPCODE.TEXT, probe(1)), frame(OPCODE.PING, 'x'),
                frame(OPCODE.TEXT, probe(2)), bytes, frame(OPCODE.TEXT, probe(3))]));
            assert.strictEqual(await socket.message(), '6:::1');
            assert.strictEqual((await socket.next()).opcode, OPCODE.PONG);
            assert.strictEqual(await socket.message(), '6:::2');
            assert.strictEqual(await socket.closeCode(), 1002);
            socket.destroy();
        });
    }

    for (const what of ['FIN', 'RST']) {
        test(`a session ends with ${what} of its connection`, what === 'RST' ? RESETS : {},
            async () => {
                socket = await sio.connect(broker.port);
                if (what === 'FIN')
                    socket.socket.end();
                else
                    socket.reset();
                await socket.end();
                await sio.assertEnds(broker.port, socket.id);
            });
    }
});

describe('the limit of a message', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { 'destroy buffer size': 1000 } });
    });
    after(() => broker.stop());

    test('a message of exactly the limit passes', BETTER, async () => {
        const socket = await sio.connect(broker.port);
        socket.text(probe(1, 1000));
        assert.strictEqual(await socket.message(), '6:::1');
        socket.destroy();
    });

    test('the limit is per message', BETTER, async () => {
        const socket = await sio.connect(broker.port);
        for (let i = 1; i <= 10; i++) {
            socket.text(probe(i, 900));
            assert.strictEqual(await socket.message(), `6:::${i}`);
        }
        socket.destroy();
    });

    const TOO_LARGE = [
        ['one byte more', frame(OPCODE.TEXT, probe(1, 1001))],
        ['an announcement alone', frame(OPCODE.TEXT, 'x'.repeat(2000)).subarray(0, 8)],
        ['an announcement of 2^40 bytes', Buffer.from('81ff000001000000000000000000', 'hex')],
        ['fragments that add up', Buffer.concat([
            frame(OPCODE.TEXT, probe(1, 900), { fin: false }),
            frame(OPCODE.CONTINUATION, 'x'.repeat(900))])],
    ];
    for (const [what, bytes] of TOO_LARGE) {
        test(`${what}: closed with 1009`, BETTER, async () => {
            const socket = await sio.connect(broker.port);
            socket.write(bytes);
            assert.strictEqual(await socket.closeCode(), 1009);
            socket.destroy();
        });
    }
});

describe('frames from the server', () => {
    let broker;
    before(async () => {
        if (!NEEDS_CONTRACT.skip)
            broker = await startBroker({ contract: true });
    });
    after(() => broker && broker.stop());

    /* Header bytes of an echo whose packet is this long. */
    async function echoHeader(length) {
        const socket = await sio.connect(broker.port);
        const text = 'x'.repeat(length - '3:::echo:'.length);
        socket.text(`3:::${text}`);
        const echo = await socket.next();
        assert.strictEqual(echo.payload.toString(), `3:::echo:${text}`);
        assert.strictEqual(echo.payload.length, length);
        socket.destroy();
        return echo.header.toString('hex');
    }

    const HEADERS = [[125, '817d'], [126, '817e007e'], [65535, '817effff'],
        [65536, '817f0000000000010000'], [65537, '817f0000000000010001']];
    for (const [length, header] of HEADERS) {
        const option = length === 65536 && BETTER.skip ? BETTER : NEEDS_CONTRACT;
        test(`${length} bytes`, option, async () => {
            assert.strictEqual(await echoHeader(length), header);
        });
    }

    test('characters that are cut by fragment borders arrive whole',
        BETTER.skip ? BETTER : NEEDS_CONTRACT, async () => {
            const socket = await sio.connect(broker.port);
            const bytes = Buffer.from('3:::é€😀');
            for (let i = 0; i < bytes.length; i++) {
                socket.send(i === 0 ? OPCODE.TEXT : OPCODE.CONTINUATION, bytes.subarray(i, i + 1),
                    { fin: i === bytes.length - 1 });
            }
            assert.strictEqual(await socket.message(), '3:::echo:é€😀');
            socket.destroy();
        });
});
