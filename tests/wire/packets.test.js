'use strict';
/* Packets over a websocket: what is acknowledged, what is ignored (spec 3, 6.4). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

const IGNORED = ['', '0', '2', '8::', '9:::x', '10::x', 'x:::y', '-1::', '03:::x', 'garbage', ':::',
    '::', '5:::null', '5:::[]', '5:::1', '5:::bad', '5:::{"name":"disconnect","args":["x"]}',
    '5:::{"name":"__proto__"}', '5:::{"name":"constructor","args":[]}', '6:::', '6:::x', '6:::999',
    '6:::1+[1', '7:::', '7:::1+0', '7::/woot', '3:a::x', '3:1x::y', '\n3:::x', '\ufffd3:::x',
    '1::/nonexistent', '5::/nonexistent:{"name":"x"}', '0::/nonexistent',
    `5:::${'['.repeat(100000)}`, `4:::${'{"a":'.repeat(20000)}`];

describe('packets', () => {
    let broker, socket;
    before(async () => {
        broker = await startBroker();
        socket = await sio.connect(broker.port);
    });
    after(() => broker.stop());

    for (const packet of IGNORED) {
        const name = packet.length > 40 ? `${packet.slice(0, 40)}...` : packet;
        /* An event named __proto__ kills the original (Q31). */
        test(`${JSON.stringify(name)} is dropped without harm`,
            /proto|constructor|\[\[|"a"/.test(packet) ? BETTER : {}, async () => {
                socket.text(packet);
                await sio.assertAlive(socket);
            });
    }

    const ACKNOWLEDGED = [
        ['5:1::{"name":"nobody"}', '6:::1'],
        ['5:01::{"name":"nobody"}', '6:::01'],
        ['5:0::{"name":"nobody","args":["é€😀"]}', '6:::0'],
        ['5:18446744073709551617::{"name":"nobody"}', '6:::18446744073709551617'],
    ];
    for (const [packet, answer] of ACKNOWLEDGED) {
        test(`${packet} is answered ${answer}`, async () => {
            socket.text(packet);
            assert.strictEqual(await socket.message(), answer);
            await sio.assertAlive(socket);
        });
    }

    for (const type of ['3', '4']) {
        test(`${type}:7::"text" is acknowledged`, BETTER, async () => {
            socket.text(`${type}:7::"text"`);
            assert.strictEqual(await socket.message(), '6:::7');
        });
    }

    test('a repeated 1:: is not answered with a second connection', BETTER, async () => {
        socket.text('1::');
        await sio.assertAlive(socket);
    });
});
