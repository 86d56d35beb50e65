'use strict';
/* compress(false) when the connection of a client is at another instance than its session. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { counters, startCluster } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
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

/* What it has heard, up to the first event, which has the offset; and how to come back behind it. */
async function joinNew(socket) {
    socket.write(frame(OPCODE.TEXT, '40'));
    const { pid } = JSON.parse((await nextMessage(socket, '40')).text.slice(2));
    socket.write(frame(OPCODE.TEXT, '42["echo","here"]'));
    const { text } = await nextMessage(socket, '42["echo"');
    return { pid, offset: JSON.parse(text.slice(2)).at(-1) };
}

describe('compress(false) for a client that comes back to another instance', suite, () => {
    let cluster;
    const open = async (port) => {
        const socket = await engine.upgrade(port, 4, {},
            { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
        assert.strictEqual(socket.answer.status, 101);
        return socket;
    };
    before(async () => {
        cluster = await startCluster(2, { args: ['--reach'], config: { perMessageDeflate: true,
            'perMessageDeflate threshold': 200, maxDisconnectionDuration: 60000 } });
        await cluster.met();
    });
    after(() => cluster.stop());

    test('what it has missed comes as it would have come', async () => {
        const lost = await open(cluster.ports[0]);
        const secrets = await joinNew(lost);
        const other = await open(cluster.ports[0]);
        await joinNew(other);
        lost.destroy();
        await eventually(async () => (await counters(cluster.instances[0])).recoverable === 1,
            'it has left');
        const names = ['plains', 'broadcast', 'broadcast', 'plains'];
        for (const name of names) {
            other.write(frame(OPCODE.TEXT, packetOf(name)));
            await nextMessage(other, '42["');
        }
        const back = await open(cluster.ports[1]);
        back.write(frame(OPCODE.TEXT, `40${JSON.stringify(secrets)}`));
        for (const name of names) {
            const event = name === 'plains' ? 'plain' : 'broadcast';
            const { text, isCompressed } = await nextMessage(back, `42["${event}"`);
            assert.strictEqual(text.split(',"')[1], `${TEXT}"`);
            assert.strictEqual(isCompressed, name === 'broadcast');
        }
        assert.strictEqual((await counters(cluster.instances[1])).recovered, 1);
        back.destroy();
        other.destroy();
    });
});
