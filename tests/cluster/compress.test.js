'use strict';
/* compress(false) when the connection of a client is at another instance than its session. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster } = require('../lib/cluster.js');
const { nextMessage, nextPoll } = require('../lib/compressed.js');
const engine = require('../lib/engine.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const { OPCODE, frame } = require('../lib/ws.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const TEXT = 'a'.repeat(5000);
const packetOf = (name) => `42["${name}","${TEXT}"]`;

describe('compress(false) at another instance', suite, () => {
    let cluster;
    before(async () => {
        cluster = await startCluster(2, { args: ['--reach'],
            config: { perMessageDeflate: true, 'perMessageDeflate threshold': 200,
                httpCompression: true, transports: ['websocket', 'polling'] } });
    });
    after(() => cluster.stop());

    for (const eio of [3, 4]) {
        test(`Engine.IO ${eio}: polls`, async () => {
            const polling = await engine.poll(cluster.ports[0], eio);
            polling.port = cluster.ports[1];
            for (const [names, isCompressed] of [[['echo'], true], [['plain'], false],
                [['plain', 'echo'], true]]) {
                await polling.send(...names.map(packetOf));
                const poll = await nextPoll(polling, TEXT);
                assert.strictEqual(poll.isCompressed, isCompressed, names.join(' and '));
            }
        });

        test(`Engine.IO ${eio}: a websocket`, async () => {
            const { query: { sid } } = await engine.poll(cluster.ports[0], eio);
            const socket = await engine.upgrade(cluster.ports[1], eio, { sid },
                { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
            assert.strictEqual(socket.answer.status, 101);
            socket.write(frame(OPCODE.TEXT, '2probe'));
            await nextMessage(socket, '3probe');
            socket.write(frame(OPCODE.TEXT, '5'));
            const names = ['plain', 'plain', 'echo', 'plain', 'echo', 'echo'];
            for (const name of names)
                socket.write(frame(OPCODE.TEXT, packetOf(name)));
            for (const name of names) {
                assert.deepStrictEqual(await nextMessage(socket, '42["'),
                    { text: packetOf(name), isCompressed: name === 'echo' });
            }
            socket.destroy();
        });
    }
});
