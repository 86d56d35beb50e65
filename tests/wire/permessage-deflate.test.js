'use strict';
/* Compressed websocket messages (RFC 7692), for every protocol that has websockets. */

const assert = require('node:assert');
const crypto = require('node:crypto');
const zlib = require('node:zlib');
const { test, describe, before, after } = require('node:test');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const sio = require('../lib/sio09.js');
const { OPCODE, WsConnection, frame } = require('../lib/ws.js');

const RSV1 = 4;
const TAIL = Buffer.from([0, 0, 0xff, 0xff]);
const SYNC = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
const ACCEPTED =
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
const OFFER = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
const THRESHOLD = 200, LIMIT = 20000;
const CONFIG = { perMessageDeflate: true, 'perMessageDeflate threshold': THRESHOLD,
    maxPayload: LIMIT, 'destroy buffer size': LIMIT };

function deflate(data) {
    const bytes = zlib.deflateRawSync(data, SYNC);
    assert.deepStrictEqual(bytes.subarray(-4), TAIL);
    return bytes.subarray(0, -4);
}

const inflate = (payload) => zlib.inflateRawSync(Buffer.concat([payload, TAIL]), SYNC);
const compressed = (data, opcode = OPCODE.TEXT) => frame(opcode, deflate(data), { rsv: RSV1 });

/* The next data message, inflated if need be: { text or bytes, isCompressed, raw }. */
async function nextMessage(socket) {
    const next = await WsConnection.prototype.next.call(socket);
    assert.ok([OPCODE.TEXT, OPCODE.BINARY].includes(next.opcode), `opcode ${next.opcode}`);
    assert.ok(next.fin && [0, RSV1].includes(next.rsv));
    const isCompressed = next.rsv === RSV1;
    const bytes = isCompressed ? inflate(next.payload) : next.payload;
    return { isCompressed, raw: Buffer.from(next.raw),
        ...(next.opcode === OPCODE.TEXT ? { text: bytes.toString('utf8') } : { bytes }) };
}

/* What differs between the protocols. connect(): a session, its greetings read. */
const PROTOCOLS = {
    'Socket.IO 0.9': {
        upgrade: async (port, headers) =>
            sio.upgrade(port, (await sio.handshake(port)).id, 'websocket', headers),
        echo: (text) => `5:::{"name":"echo","args":["${text}"]}`,
        broadcast: (text) => `5:::{"name":"broadcast","args":["${text}"]}`,
        join: [],
    },
};
for (const eio of [3, 4]) {
    PROTOCOLS[`Engine.IO ${eio}`] = {
        eio,
        upgrade: (port, headers) => engine.upgrade(port, eio, {}, headers),
        echo: (text) => `42["echo","${text}"]`,
        broadcast: (text) => `42["broadcast","${text}"]`,
        join: eio === 4 ? ['40'] : [],
    };
}

let n = 0;
async function connect(protocol, port, headers = OFFER) {
    const socket = await protocol.upgrade(port, headers);
    assert.strictEqual(socket.answer.status, 101, socket.answer.text);
    for (const packet of protocol.join)
        socket.write(frame(OPCODE.TEXT, packet));
    await assertServed(protocol, socket);
    return socket;
}

async function assertServed(protocol, socket) {
    const packet = protocol.echo(`served ${++n}`);
    socket.write(frame(OPCODE.TEXT, packet));
    while ((await nextMessage(socket)).text !== packet)
        ;
}

const acceptedBy = (socket) => socket.answer.get('Sec-WebSocket-Extensions');

const options = { skip: BETTER.skip || NEEDS_CONTRACT.skip };

describe('permessage-deflate', options, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true, config: CONFIG }); });
    after(() => broker.stop());

    for (const [name, protocol] of Object.entries(PROTOCOLS)) {
        describe(name, () => {
            const dial = (headers) => connect(protocol, broker.port, headers);

            async function assertTaken(...pieces) {
                const socket = await dial();
                socket.write(Buffer.concat(pieces));
                await assertServed(protocol, socket);
                socket.destroy();
            }

            async function assertClosed(bytes, code, headers) {
                const socket = await dial(headers);
                socket.write(bytes);
                assert.strictEqual(await socket.closeCode(), code);
                socket.destroy();
            }

            /* --- What is agreed on. --- */

            const OFFERS = [
                ['permessage-deflate', ACCEPTED],
                ['permessage-deflate; client_max_window_bits', ACCEPTED],
                ['permessage-deflate; server_max_window_bits="10"',
                    `${ACCEPTED}; server_max_window_bits=10`],
                ['permessage-deflate; unheard_of, permessage-deflate', ACCEPTED],
                ['permessage-deflate; server_max_window_bits=7', undefined],
                ['x-webkit-deflate-frame', undefined],
            ];
            for (const [offer, answer] of OFFERS) {
                test(`${offer}: ${answer ? 'accepted' : 'declined'}`, async () => {
                    const socket = await dial({ 'Sec-WebSocket-Extensions': offer });
                    assert.strictEqual(acceptedBy(socket), answer);
                    socket.destroy();
                });
            }

            test('nothing offered: nothing accepted', async () => {
                const socket = await dial({});
                assert.strictEqual(acceptedBy(socket), undefined);
                socket.destroy();
            });

            test('an offer in the second of two headers', async () => {
                const socket = await dial({ 'Sec-WebSocket-Extensions': 'foo',
                    'sec-websocket-extensions': 'permessage-deflate' });
                assert.strictEqual(acceptedBy(socket), ACCEPTED);
                socket.destroy();
            });

            for (const version of protocol.eio ? ['8'] : ['7', '8']) {
                test(`draft ${version} knows no such extension`, async () => {
                    const socket = await dial({ ...OFFER, 'Sec-WebSocket-Version': version });
                    assert.strictEqual(acceptedBy(socket), undefined);
                    socket.destroy();
                });
            }

            test('what is no list of extensions: 400', async () => {
                const { answer } = await protocol.upgrade(broker.port,
                    { 'Sec-WebSocket-Extensions': 'permessage-deflate; a b' });
                assert.strictEqual(answer.status, 400);
                assert.match(answer.text, /Sec-WebSocket-Extensions/);
            });

            /* --- To the client. --- */

            test('long messages come compressed, short ones as they are', async () => {
                const socket = await dial();
                for (const length of [0, THRESHOLD - 1, THRESHOLD, 5000]) {
                    const text = protocol.echo('x'.repeat(
                        Math.max(0, length - protocol.echo('').length)));
                    socket.write(frame(OPCODE.TEXT, text));
                    const message = await nextMessage(socket);
                    assert.strictEqual(message.text, text);
                    assert.strictEqual(message.isCompressed, length >= THRESHOLD);
                }
                socket.destroy();
            });

            test('to others as ever', async () => {
                const socket = await dial({});
                const text = protocol.echo('x'.repeat(1000));
                socket.write(frame(OPCODE.TEXT, text));
                assert.strictEqual((await nextMessage(socket)).isCompressed, false);
                socket.destroy();
            });

            test('a broadcast is the same for all, and refers to nothing before', async () => {
                const clients = await Promise.all([...Array(4)].map(() => dial()));
                const text = protocol.broadcast('all the same '.repeat(50));
                const seen = [];
                for (let i = 0; i < 2; i++) {
                    clients[i].write(frame(OPCODE.TEXT, text));
                    for (const client of clients)
                        seen.push(await nextMessage(client));
                }
                assert.ok(seen.every((message) => message.isCompressed));
                assert.deepStrictEqual([...new Set(seen.map(({ raw }) => raw.toString('hex')))],
                    [seen[0].raw.toString('hex')]);
                clients.forEach((client) => client.destroy());
            });

            for (const bits of [8, 10, 15]) {
                test(`a window of ${bits} bits`, async () => {
                    const window = 1 << bits;
                    const socket = await dial({ 'Sec-WebSocket-Extensions':
                        `permessage-deflate; server_max_window_bits=${bits}` });
                    for (const length of [THRESHOLD, 256, 257, 1024, 1025, 15000]) {
                        const noise = crypto.randomBytes(length).toString('hex');
                        const text = protocol.echo(
                            noise.slice(0, length - protocol.echo('').length));
                        socket.write(frame(OPCODE.TEXT, text));
                        const message = await nextMessage(socket);
                        assert.strictEqual(message.text, text);
                        assert.strictEqual(message.isCompressed, bits === 15 || length <= window);
                    }
                    socket.destroy();
                });
            }

            /* --- From the client. --- */

            test('a compressed message', async () => {
                const socket = await dial();
                for (const text of [protocol.echo('a'), protocol.echo('abc'.repeat(1000))]) {
                    socket.write(compressed(text));
                    assert.strictEqual((await nextMessage(socket)).text, text);
                }
                socket.destroy();
            });

            test('in fragments, with a ping between', async () => {
                const socket = await dial();
                const text = protocol.echo('in fragments '.repeat(20));
                const payload = deflate(text);
                socket.write(frame(OPCODE.TEXT, '', { rsv: RSV1, fin: false }));
                socket.write(frame(OPCODE.CONTINUATION, payload.subarray(0, 10), { fin: false }));
                socket.write(frame(OPCODE.PING, 'between'));
                assert.strictEqual(
                    (await WsConnection.prototype.next.call(socket)).opcode, OPCODE.PONG);
                socket.write(frame(OPCODE.CONTINUATION, payload.subarray(10)));
                assert.strictEqual((await nextMessage(socket)).text, text);
                socket.destroy();
            });

            test('byte by byte', async () => {
                const socket = await dial();
                const text = protocol.echo('byte by byte');
                for (const byte of compressed(text)) {
                    await new Promise((sent) => socket.socket.write(Buffer.from([byte]), sent));
                    await new Promise(setImmediate);
                }
                assert.strictEqual((await nextMessage(socket)).text, text);
                socket.destroy();
            });

            test('not compressed, since it may', () =>
                assertTaken(frame(OPCODE.TEXT, protocol.echo('plain'))));

            test('a message of the largest size', async () => {
                const socket = await dial();
                const text = protocol.echo('x'.repeat(LIMIT - protocol.echo('').length));
                socket.write(compressed(text));
                assert.strictEqual((await nextMessage(socket)).text, text);
                socket.destroy();
            });

            test('one byte more: 1009', () => assertClosed(compressed(
                protocol.echo('x'.repeat(LIMIT + 1 - protocol.echo('').length))), 1009));

            test('a bomb of 10 MB in 10 KB: 1009', () =>
                assertClosed(compressed(Buffer.alloc(10e6)), 1009));

            test('a reference to the message before: 1007', () => assertClosed(Buffer.concat([
                frame(OPCODE.TEXT, Buffer.from('f248cdc9c90700', 'hex'), { rsv: RSV1 }),
                frame(OPCODE.TEXT, Buffer.from('f200110000', 'hex'), { rsv: RSV1 }),
            ]), protocol.eio ? 1005 : 1007));

            test('no stream: 1007', () =>
                assertClosed(frame(OPCODE.TEXT, 'no stream', { rsv: RSV1 }), 1007));

            test('a stream that is cut short: 1007', () => assertClosed(frame(OPCODE.TEXT,
                deflate(protocol.echo('cut short')).subarray(0, -3), { rsv: RSV1 }), 1007));

            test('RSV1 on a continuation: 1002', () => assertClosed(Buffer.concat([
                frame(OPCODE.TEXT, deflate('a'), { rsv: RSV1, fin: false }),
                frame(OPCODE.CONTINUATION, 'b', { rsv: RSV1 })]), 1002));

            for (const [what, opcode] of [['ping', OPCODE.PING], ['close', OPCODE.CLOSE]]) {
                test(`RSV1 on a ${what}: 1002`, () =>
                    assertClosed(frame(opcode, deflate('a'), { rsv: RSV1 }), 1002));
            }

            for (const rsv of [1, 2, 3, 5, 6, 7]) {
                test(`reserved bits ${rsv}: 1002`, () =>
                    assertClosed(frame(OPCODE.TEXT, deflate('a'), { rsv }), 1002));
            }

            test('RSV1 when nothing was agreed on: 1002', () =>
                assertClosed(compressed(protocol.echo('a')), 1002, {}));
        });
    }

    test('0.9: text that is not UTF-8 is repaired', async () => {
        const protocol = PROTOCOLS['Socket.IO 0.9'];
        const socket = await connect(protocol, broker.port);
        const bytes = Buffer.from(protocol.echo('?'));
        bytes[bytes.indexOf('?')] = 0xff;
        socket.write(compressed(bytes));
        assert.strictEqual((await nextMessage(socket)).text, protocol.echo('\ufffd'));
        socket.destroy();
    });

    test('0.9: text that is', async () => {
        const protocol = PROTOCOLS['Socket.IO 0.9'];
        const socket = await connect(protocol, broker.port);
        const text = protocol.echo('é€😀'.repeat(100));
        socket.write(compressed(text));
        const message = await nextMessage(socket);
        assert.strictEqual(message.text, text);
        assert.ok(message.isCompressed);
        socket.destroy();
    });

    test('0.9: an empty message is ignored', async () => {
        const protocol = PROTOCOLS['Socket.IO 0.9'];
        const socket = await connect(protocol, broker.port);
        socket.write(frame(OPCODE.TEXT, Buffer.from([0]), { rsv: RSV1 }));
        await assertServed(protocol, socket);
        socket.destroy();
    });

    for (const eio of [3, 4]) {
        const protocol = PROTOCOLS[`Engine.IO ${eio}`];
        const dial = () => connect(protocol, broker.port);

        test(`Engine.IO ${eio}: text that is not UTF-8: 1007`, async () => {
            const socket = await dial();
            socket.write(compressed(Buffer.from([0x34, 0xff])));
            assert.strictEqual(await socket.closeCode(), 1007);
        });

        test(`Engine.IO ${eio}: an empty message is no packet`, async () => {
            const socket = await dial();
            socket.write(frame(OPCODE.TEXT, Buffer.from([0]), { rsv: RSV1 }));
            assert.strictEqual(await socket.closeCode(), 1005);
        });

        test(`Engine.IO ${eio}: bytes each way`, async () => {
            const socket = await dial();
            const bytes = Buffer.concat([Buffer.from(eio === 3 ? [4] : []), Buffer.alloc(5000, 7)]);
            const header = '451-["echo",{"_placeholder":true,"num":0}]';
            socket.write(compressed(header));
            socket.write(compressed(bytes, OPCODE.BINARY));
            assert.strictEqual((await nextMessage(socket)).text, header);
            const message = await nextMessage(socket);
            assert.ok(message.isCompressed);
            assert.deepStrictEqual(message.bytes, bytes);
            socket.destroy();
        });

        test(`Engine.IO ${eio}: bytes that do not shrink come as they are`, async () => {
            const socket = await dial();
            const bytes = Buffer.concat([Buffer.from([4]), crypto.randomBytes(1000)]);
            socket.write(frame(OPCODE.TEXT, '451-["echo",{"_placeholder":true,"num":0}]'));
            socket.write(frame(OPCODE.BINARY, bytes));
            await nextMessage(socket);
            const message = await nextMessage(socket);
            assert.strictEqual(message.isCompressed, false);
            assert.deepStrictEqual(message.bytes, bytes);
            socket.destroy();
        });

        test(`Engine.IO ${eio}: an upgrade whose probe is compressed`, async () => {
            const polling = await engine.poll(broker.port, eio);
            const socket = await engine.upgrade(broker.port, eio, { sid: polling.opened.sid },
                OFFER);
            assert.strictEqual(acceptedBy(socket), ACCEPTED);
            socket.write(compressed('2probe'));
            assert.strictEqual((await nextMessage(socket)).text, '3probe');
            socket.write(Buffer.concat([compressed('5'), compressed(protocol.echo('upgraded'))]));
            assert.strictEqual((await nextMessage(socket)).text, protocol.echo('upgraded'));
            await assertServed(protocol, socket);
            socket.destroy();
        });

        test(`Engine.IO ${eio}: a broken stream in place of the probe: 1007`, async () => {
            const polling = await engine.poll(broker.port, eio);
            const socket = await engine.upgrade(broker.port, eio, { sid: polling.opened.sid },
                OFFER);
            socket.write(frame(OPCODE.TEXT, '2probe', { rsv: RSV1 }));
            assert.strictEqual(await socket.closeCode(), 1007);
            await engine.assertServed(polling);
        });

        test(`Engine.IO ${eio}: base64 for those who ask, from them compressed`, async () => {
            const socket = await engine.upgrade(broker.port, eio, { b64: 1 }, OFFER);
            assert.strictEqual(acceptedBy(socket), ACCEPTED);
            for (const packet of protocol.join)
                socket.write(compressed(packet));
            const text = protocol.echo('x'.repeat(1000));
            socket.write(compressed(text));
            while ((await nextMessage(socket)).text !== text)
                ;
            socket.destroy();
        });
    }
});

describe('permessage-deflate by default', options, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    for (const [name, protocol] of Object.entries(PROTOCOLS)) {
        test(`${name}: is not accepted, and no offer is looked at`, async () => {
            for (const offer of [OFFER['Sec-WebSocket-Extensions'], 'permessage-deflate; a b']) {
                const socket = await connect(protocol, broker.port,
                    { 'Sec-WebSocket-Extensions': offer });
                assert.strictEqual(acceptedBy(socket), undefined);
                socket.write(compressed(protocol.echo('a')));
                assert.strictEqual(await socket.closeCode(), 1002);
            }
        });
    }
});
