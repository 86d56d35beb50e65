'use strict';
/* compress(false): what an application does not want compressed is sent as it is. */

const assert = require('node:assert');
const zlib = require('node:zlib');
const { test, describe, before, after } = require('node:test');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const { OPCODE, WsConnection, frame } = require('../lib/ws.js');

const RSV1 = 4;
const TEXT = 'a'.repeat(5000);
const options = { skip: BETTER.skip || NEEDS_CONTRACT.skip };

/* The payload of the next message with that beginning, and whether it came compressed. */
async function nextOf(socket, begins) {
    for (;;) {
        const { payload, rsv } = await WsConnection.prototype.next.call(socket);
        const bytes = rsv !== RSV1 ? payload : zlib.inflateRawSync(
            Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]),
            { finishFlush: zlib.constants.Z_SYNC_FLUSH });
        const text = bytes.toString();
        if (text.startsWith(begins))
            return { text, isCompressed: rsv === RSV1 };
    }
}

describe('compress(false)', options, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true, args: ['--reach'],
            config: { perMessageDeflate: true, 'perMessageDeflate threshold': 200 } });
    });
    after(() => broker.stop());

    for (const eio of [3, 4]) {
        test(`Engine.IO ${eio}: the same text with and without`, async () => {
            const socket = await engine.upgrade(broker.port, eio, {},
                { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
            assert.strictEqual(socket.answer.status, 101);
            if (eio === 4)
                socket.write(frame(OPCODE.TEXT, '40'));
            for (const [name, isCompressed] of [['echo', true], ['plain', false], ['echo', true]]) {
                const packet = `42["${name}","${TEXT}"]`;
                socket.write(frame(OPCODE.TEXT, packet));
                assert.deepStrictEqual(await nextOf(socket, `42["${name}"`),
                    { text: packet, isCompressed });
            }
            socket.destroy();
        });
    }
});
