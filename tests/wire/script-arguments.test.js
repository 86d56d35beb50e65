'use strict';
/* Arguments that a script sends are the JSON that JSON.stringify() makes of them. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { connect, leaveAll } = require('../lib/modern.js');
const { listenScript } = require('../lib/script.js');
const { REFERENCE } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };

/* In the script: lists of arguments. */
const LISTS = `[
    [], [''], ['text', 'say "it"', 'back\\\\slash', '\\n\\r\\t\\b\\f\\v\\u0001\\u001f\\u007f'],
    ['\\u0000', 'a\\u0000b', '\\u2028\\u2029', '</script>', 'caf\\u00e9 \\u4e2d \\ud83d\\ude00'],
    ['\\ud83d', 'x\\ude00y', '\\ude00\\ud83d', '\\ud7ff\\ue000', '\\ud83d\\ude00\\ud83d'],
    ['x'.repeat(70000), 'a' + 'b'.repeat(300) + '"'],
    [0, -0, 1, -5, 1.5, -1e-7, 1e21, 2 ** 53, 2 ** 31, -(2 ** 31), NaN, Infinity, -Infinity],
    [true, false, null, undefined, 'end'], [Symbol('s'), () => 1, 'end'], [undefined],
    [{ a: 1 }, 'text'], ['text', [1, 'two', { three: NaN }]], [new Date(0), new String('boxed'), 1],
]`;

const APP = `
    const io = require('socket.io')(80);
    const lists = ${LISTS};
    io.on('connection', (socket) => {
        socket.emit('server');
        socket.on('emit', (i, ack) => {
            socket.emit('list', ...lists[i]);
            ack(JSON.stringify(lists[i]));
        });
        socket.on('broadcast', (i, ack) => {
            io.emit('list', ...lists[i]);
            ack(JSON.stringify(lists[i]));
        });
        socket.on('text', (i, ack) => ack(JSON.stringify(lists[i])));
        socket.on('answer', (i, ack) => ack(...lists[i]));
        socket.on('big', (ack) => {
            try { socket.emit('list', 1n); } catch (error) { ack(String(error)); }
        });
    });`;

describe('arguments of a script', suite, () => {
    let broker, client;

    before(async () => {
        broker = await listenScript(APP);
        client = await connect(broker.port, { transports: ['websocket'] });
    });
    after(async () => {
        leaveAll();
        await broker.stop();
    });

    for (let i = 0; i < 13; i++)
        test(`list ${i}: an event, a broadcast and an answer`, async () => {
            for (const way of ['emit', 'broadcast']) {
                const heard = client.next('list');
                const [text] = await client.ask(way, i);
                assert.strictEqual(JSON.stringify(await heard), text, way);
            }
            const [text] = await client.ask('text', i);
            assert.strictEqual(JSON.stringify(await client.ask('answer', i)), text);
        });

    test('what JSON has not is refused', async () => {
        assert.match((await client.ask('big'))[0], /^TypeError/);
    });
});
