'use strict';
/*
 * Bytes that clients without binary messages send as base64: what arrives is what Node makes of the
 * same text (protocol/base64.h has the rule).
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { Dice } = require('../lib/dice.js');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');

const PER_PACKET = 10, PACKETS = 20, ROUNDS = 10;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/* Characters to make texts of, mostly of the first kind. */
const LATIN1 = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i))
    .filter((c) => c !== '\x1e').join('');      /* which ends a packet of revision 4 */
/* Above U+00FF, none with a letter of base64 in the low eight bits of a unit. */
const ABOVE = '€你好🌀';
const KINDS = [`${LETTERS}+/`, '-_', '=', ' \t\n\v\f\r', LATIN1, ABOVE];

/* A text of some of the kinds; sometimes padded, sometimes cut into lines. */
function textOf(dice) {
    const kinds = KINDS.filter((_, i) => i === 0 || dice.chance(0.25));
    const ordinary = dice.float();
    let text = '';
    for (let n = dice.below(dice.pick([5, 20, 200])); n > 0; n--)
        text += dice.pick([...(dice.chance(ordinary) ? kinds[0] : dice.pick(kinds))]);
    if (dice.chance(0.3))
        text = text.replace(/.{76}/g, `$&${dice.pick(['\n', '\r\n'])}`);
    return text + dice.pick(['', '=', '==', '\n', '==\n', '===']);
}

const header = (n) => `45${n}-["echo",${Array.from({ length: n },
    (_, num) => JSON.stringify({ _placeholder: true, num })).join()}]`;

/* Each text as an attachment, several to a packet, there and back. */
async function assertAsNode(client, texts) {
    const mark = client.eio === 3 ? 'b4' : 'b';
    const packets = [];
    for (let i = 0; i < texts.length; i += PER_PACKET) {
        const some = texts.slice(i, i + PER_PACKET);
        packets.push(header(some.length), ...some.map((text) => mark + text));
    }
    await client.send(...packets);
    for (const packet of packets) {
        const got = await client.next();
        if (!packet.startsWith('b')) {
            assert.strictEqual(got, packet);
            continue;
        }
        const text = packet.slice(mark.length);
        assert.strictEqual(got.subarray(client.eio === 3 ? 1 : 0).toString('hex'),
            Buffer.from(text, 'base64').toString('hex'), JSON.stringify(text));
    }
}

describe('base64 of clients', () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    for (const eio of [3, 4]) {
        for (const [how, open] of [['polling', engine.poll], ['a websocket', engine.dial]]) {
            test(`revision ${eio}, ${how}: as Java writes it`, async () => {
                const client = await open(broker.port, eio);
                const bytes = Buffer.alloc(300, 0xa5);
                await assertAsNode(client, ['AQIDBA==\n', '\n',
                    bytes.toString('base64').replace(/.{1,76}/g, '$&\n'),
                    bytes.toString('base64').replace(/.{1,76}/g, '$&\r\n'),
                    bytes.toString('base64url')]);
            });

            test(`revision ${eio}, ${how}: thousands of texts are read as Node does`, async () => {
                const client = await open(broker.port, eio);
                const dice = new Dice(eio * 1000 + how.length);
                for (let round = 0; round < ROUNDS; round++) {
                    await assertAsNode(client, Array.from({ length: PER_PACKET * PACKETS },
                        () => textOf(dice)));
                }
            });
        }
    }

    test('JSONP: a form changes line ends, which does no harm', async () => {
        const client = await engine.poll(broker.port, 3, { b64: 1 });
        const body = `${header(1).length}:${header(1)}12:b4AQIDBA==\r\n`;
        const posted = await client.post(`${new URLSearchParams({ d: body })}`,
            { 'Content-Type': 'application/x-www-form-urlencoded' }, { j: 0 });
        assert.strictEqual(posted.text, 'ok');
        assert.strictEqual(await client.next(), header(1));
        assert.deepStrictEqual(await client.next(), Buffer.from([4, 1, 2, 3, 4]));
    });

    test('of no byte, and nobody announced it: over, as for any bytes; the next poll is told',
        async () => {
            const client = await engine.poll(broker.port, 4);
            assert.strictEqual((await client.post('b!')).text, 'ok');
            assert.strictEqual((await client.raw()).text, '6\x1e1');
            engine.assertRefused(await client.raw(), 1);
        });
});
