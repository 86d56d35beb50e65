'use strict';
/* Engine.IO on websockets from the start (1.4, 1.8). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const sio09 = require('../lib/sio09.js');
const { OPCODE, frame, closePayload } = require('../lib/ws.js');

const HEADER = '451-["echo",{"_placeholder":true,"num":0}]';

describe('websockets of Engine.IO', () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true, config: {
        maxPayload: 20000 } }); });
    after(() => broker.stop());

    for (const eio of [3, 4]) {
        test(`revision ${eio}: a message each way`, async () => {
            const socket = await engine.dial(broker.port, eio);
            await socket.send('42["echo","a"]');
            assert.strictEqual(await socket.next(), '42["echo","a"]');
            socket.destroy();
        });

        test(`revision ${eio}: bytes each way`, async () => {
            const socket = await engine.dial(broker.port, eio);
            const bytes = Buffer.from(eio === 3 ? [4, 1, 2, 255] : [1, 2, 255]);
            await socket.send(HEADER, bytes);
            assert.strictEqual(await socket.next(), HEADER);
            assert.deepStrictEqual(await socket.next(), bytes);
            socket.destroy();
        });

        test(`revision ${eio}: bytes as base64 are understood`, async () => {
            const socket = await engine.dial(broker.port, eio);
            await socket.send(HEADER, eio === 3 ? 'b4AQL/' : 'bAQL/');
            assert.strictEqual(await socket.next(), HEADER);
            assert.deepStrictEqual(await socket.next(),
                Buffer.from(eio === 3 ? [4, 1, 2, 255] : [1, 2, 255]));
            socket.destroy();
        });

        test(`revision ${eio}: base64 to a client that asks for it`, async () => {
            const socket = await engine.dial(broker.port, eio, { b64: 1 });
            await socket.send(HEADER, Buffer.from(eio === 3 ? [4, 1, 2, 3] : [1, 2, 3]));
            assert.strictEqual(await socket.next(), HEADER);
            assert.strictEqual(await socket.next(), eio === 3 ? 'b4AQID' : 'bAQID');
            socket.destroy();
        });

        test(`revision ${eio}: a close packet ends it at once`, async () => {
            const socket = await engine.dial(broker.port, eio);
            await socket.send('1');
            assert.strictEqual(await socket.closeCode(), 1005);
            engine.assertRefused((await engine.upgrade(broker.port, eio,
                { sid: socket.opened.sid })).answer, 1);
        });

        test(`revision ${eio}: the application ends it: a close frame without a status`,
            async () => {
                const socket = await engine.dial(broker.port, eio);
                await socket.send('42["kick"]');
                assert.strictEqual(await socket.next(), '41');
                assert.strictEqual(await socket.closeCode(), 1005);
            });

        for (const packet of eio === 4 ? ['abc', '', '9', 'b!'] : ['abc', '', '9', 'b4!']) {
            test(`revision ${eio}: ${JSON.stringify(packet)} is no packet`, async () => {
                const socket = await engine.dial(broker.port, eio);
                await socket.send(packet);
                assert.strictEqual(await socket.closeCode(), 1005);
            });
        }
    }

    test('revision 3: bytes without a type say nothing', async () => {
        const socket = await engine.dial(broker.port, 3);
        for (const bytes of ['', '\x07', '4', '42["echo",1]', '\xff', '2probe'])
            await socket.send(Buffer.from(bytes, 'latin1'));
        await socket.send('b', 'b9AQID', 'b!', 'b7');
        await socket.send('42["echo","next"]');
        assert.strictEqual(await socket.next(), '42["echo","next"]');
        socket.destroy();
    });

    test('revision 3: bytes of other types than messages are those packets', async () => {
        const socket = await engine.dial(broker.port, 3);
        await socket.send(Buffer.from([2]), 'b2');
        assert.strictEqual(await socket.next(), '3');
        assert.strictEqual(await socket.next(), '3');
        await socket.send(Buffer.from([1]));
        assert.strictEqual(await socket.closeCode(), 1005);
    });

    test('a frame without a mask: 1002', async () => {
        for (const eio of [3, 4])
            for (const opcode of [OPCODE.TEXT, OPCODE.BINARY, OPCODE.PING, OPCODE.CLOSE]) {
                const socket = await engine.dial(broker.port, eio);
                socket.write(frame(opcode, '', { mask: false }));
                assert.strictEqual(await socket.closeCode(), 1002);
                engine.assertRefused((await engine.upgrade(broker.port, eio,
                    { sid: socket.opened.sid })).answer, 1);
            }
    });

    test('revision 3: text that was encoded twice', async () => {
        const socket = await engine.dial(broker.port, 3);
        await socket.send(Buffer.from('42["echo","€"]').toString('latin1'));
        assert.deepStrictEqual(JSON.parse((await socket.next()).slice(2)), ['echo', '€']);
        socket.destroy();
    });

    test('revision 4: text is taken as it is', async () => {
        const socket = await engine.dial(broker.port, 4);
        await socket.send('42["echo","Ã©"]');
        assert.deepStrictEqual(JSON.parse((await socket.next()).slice(2)), ['echo', 'Ã©']);
        socket.destroy();
    });

    test('packets that clients do not send are overlooked', async () => {
        const socket = await engine.dial(broker.port, 4);
        await socket.send('0{}', '5', '6', '3');
        await engine.assertServed(socket);
        socket.destroy();
    });

    test('a message over maxPayload: 1009', async () => {
        const socket = await engine.dial(broker.port, 4);
        await socket.send(`4${'x'.repeat(20000)}`);
        assert.strictEqual(await socket.closeCode(), 1009);
    });

    test('text that is not UTF-8: 1007', async () => {
        const socket = await engine.dial(broker.port, 4);
        socket.write(frame(OPCODE.TEXT, Buffer.from([0x34, 0xff])));
        assert.strictEqual(await socket.closeCode(), 1007);
    });

    test('text that can not become UTF-8 is not waited for: 1007', async () => {
        for (const beginning of [[0x34, 0xff], [0x34, 0xed, 0xa0], [0x34, 0xe2, 0x82, 0x41]]) {
            const socket = await engine.dial(broker.port, 4);
            socket.write(frame(OPCODE.TEXT, Buffer.from(beginning), { fin: false }));
            assert.strictEqual(await socket.closeCode(), 1007);
        }
    });

    test('a character may come in two parts, and bytes may be anything', async () => {
        const socket = await engine.dial(broker.port, 4);
        const text = Buffer.from('42["echo","€"]');
        socket.write(frame(OPCODE.TEXT, text.subarray(0, 11), { fin: false }));
        socket.write(frame(OPCODE.CONTINUATION, text.subarray(11)));
        assert.strictEqual(await socket.next(), '42["echo","€"]');
        socket.write(frame(OPCODE.TEXT, HEADER));
        socket.write(frame(OPCODE.BINARY, Buffer.from([0xff]), { fin: false }));
        socket.write(frame(OPCODE.CONTINUATION, Buffer.from([0xed, 0xa0])));
        assert.strictEqual(await socket.next(), HEADER);
        assert.deepStrictEqual(await socket.next(), Buffer.from([0xff, 0xed, 0xa0]));
        socket.destroy();
    });

    test('a close frame is answered, the session is over', async () => {
        const socket = await engine.dial(broker.port, 4);
        socket.write(frame(OPCODE.CLOSE, closePayload(1000)));
        assert.strictEqual(await socket.closeCode(), 1000);
        engine.assertRefused((await engine.upgrade(broker.port, 4,
            { sid: socket.opened.sid })).answer, 1);
    });

    for (const [reason, code] of [['', 1000], ['bye €', 1000], ['a\xff', 1007],
        ['\xe2\x82', 1007], ['\xed\xa0\x80', 1007], ['x'.repeat(123), 1000]]) {
        test(`a close frame: ${JSON.stringify(reason.slice(0, 9))}: ${code}`, async () => {
            const socket = await engine.dial(broker.port, 4);
            const bytes = Buffer.from(reason, code === 1007 ? 'latin1' : 'utf8');
            socket.write(frame(OPCODE.CLOSE, Buffer.concat([closePayload(1000), bytes])));
            assert.strictEqual(await socket.closeCode(), code);
        });
    }

    for (const [offer, selected] of [['x', 'x'], ['x, y', 'x'], ['y,x', 'y'], [' x ,y', 'x'],
        ['v1.chat+json', 'v1.chat+json'], ['socket.io', 'socket.io'], ['', undefined],
        ['a b', undefined], ['x;y, z', undefined], ['"x"', undefined], [',x', undefined]]) {
        test(`of the subprotocols ${JSON.stringify(offer)}: ${selected}`, async () => {
            const headers = { 'Sec-WebSocket-Protocol': offer };
            const client = await engine.poll(broker.port, 3);
            for (const [eio, sid] of [[3], [4], [3, client.opened.sid]]) {
                const socket = await engine.upgrade(broker.port, eio,
                    sid === undefined ? {} : { sid }, headers);
                assert.strictEqual(socket.answer.status, 101);
                assert.strictEqual(socket.answer.get('Sec-WebSocket-Protocol'), selected);
                socket.destroy();
            }
        });
    }

    test('no subprotocol is selected where none is offered, nor by 0.9', async () => {
        const socket = await engine.upgrade(broker.port, 4);
        assert.strictEqual(socket.answer.get('Sec-WebSocket-Protocol'), undefined);
        socket.destroy();
        const { id } = await sio09.handshake(broker.port);
        const old = await sio09.upgrade(broker.port, id, 'websocket',
            { 'Sec-WebSocket-Protocol': 'x' });
        assert.strictEqual(old.answer.status, 101);
        assert.strictEqual(old.answer.get('Sec-WebSocket-Protocol'), undefined);
        old.destroy();
    });

    test('a ping of the websocket is answered', async () => {
        const socket = await engine.dial(broker.port, 4);
        socket.write(frame(OPCODE.PING, 'x'));
        assert.deepStrictEqual(await socket.next(), Buffer.from('x'));
        socket.destroy();
    });

    test('what follows the upgrade at once is read', async () => {
        const { upgradeRequest } = require('../lib/ws.js');
        const { open } = require('../lib/tcp.js');
        const { WsConnection } = require('../lib/ws.js');
        const socket = await open(broker.port, { Kind: WsConnection });
        socket.write(Buffer.concat([upgradeRequest(engine.url({ EIO: 4, transport: 'websocket' })),
            frame(OPCODE.TEXT, '40'), frame(OPCODE.TEXT, '42["echo",1]')]));
        assert.strictEqual((await socket.response()).status, 101);
        assert.match(await socket.message(), /^0\{/);
        while (await socket.message() !== '42["echo",1]')
            ;
        socket.destroy();
    });

    test('a poll of a session on a websocket is refused', async () => {
        const socket = await engine.dial(broker.port, 4);
        const polling = new engine.Polling(broker.port, 4, { sid: socket.opened.sid });
        engine.assertRefused(await polling.raw(), 3);
        engine.assertRefused(await polling.post('3'), 3);
        await engine.assertServed(socket);
        socket.destroy();
    });

    test('a second websocket for it is closed at once', async () => {
        const socket = await engine.dial(broker.port, 4);
        const second = await engine.upgrade(broker.port, 4, { sid: socket.opened.sid });
        assert.strictEqual(second.answer.status, 101);
        assert.strictEqual(await second.closeCode(), 1005);
        await engine.assertServed(socket);
        socket.destroy();
    });
});
