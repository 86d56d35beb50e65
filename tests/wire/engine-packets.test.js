'use strict';
/*
 * Packets of socket.io 1.x to 4.x that are written in other ways than its own clients do, and that
 * 1.7.4, 2.5.1 and 4.8 all understand in the same way: JSON.parse() and Number() decide there.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const engine = require('../lib/engine.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const place = (num) => `{"_placeholder":true,"num":${num}}`;

/* What is said, and what comes back. White space in the place of an id is an id of 0. */
const UNDERSTOOD = [
    ['42 ["echo",1]', '430[1]'],
    ['42\t\n["echo",1]', '430[1]'],
    ['42\u00a0\ufeff["echo",1]', '430[1]'],
    ['42 7["echo",1]', '437[1]'],
    ['427 ["echo",1]', '437[1]'],
    ['42["echo",1] \r\n', '42["echo",1]'],
    ['42[\t"echo" , 1]', '42["echo",1]'],
];

/* The same with one attachment. */
const WITH_BYTES = [
    [`451-["echo",${place('0.0')}]`, `451-["echo",${place('0.0')}]`],
    [`451-["echo",${place('-0')}]`, `451-["echo",${place('-0')}]`],
    [`451-["echo",${place('0e1')}]`, `451-["echo",${place('0e1')}]`],
    [`451- ["echo",${place(0)}]`, `461-0[${place(0)}]`],
    [`45 1 -["echo",${place(0)}]`, `451-["echo",${place(0)}]`],
    [`451.0-["echo",${place(0)}]`, `451-["echo",${place(0)}]`],
    [`451e0-7["echo",${place(0)}]`, `461-7[${place(0)}]`],
];

/* What ends the connection; some of it the real servers take for NaN or undefined. */
const REFUSED = ['421 2["echo",1]', '42["echo",1]x', '42\ufffd["echo",1]', '450.5-["echo"]',
    `451-["echo",${place(0.5)}]`, `451-["echo",${place('"0"')}]`];

for (const eio of [3, 4]) {
    describe(`packets in revision ${eio} of the engine`, NEEDS_CONTRACT, () => {
        let broker;
        before(async () => { broker = await startBroker({ contract: true }); });
        after(() => broker.stop());

        const bytes = Buffer.from(eio === 3 ? [4, 1, 2] : [1, 2]);

        for (const way of ['dial', 'poll']) {
            test(`white space, ${way}`, async () => {
                const client = await engine[way](broker.port, eio);
                for (const [said, answer] of UNDERSTOOD) {
                    await client.send(said);
                    assert.strictEqual(await client.next(), answer, JSON.stringify(said));
                }
                if (client.destroy)
                    client.destroy();
            });

            test(`numbers of attachments, ${way}`, async () => {
                const client = await engine[way](broker.port, eio);
                for (const [said, answer] of WITH_BYTES) {
                    await client.send(said, bytes);
                    assert.strictEqual(await client.next(), answer, said);
                    assert.deepStrictEqual(await client.next(), bytes, said);
                }
                if (client.destroy)
                    client.destroy();
            });
        }

        test('to join, to leave', async () => {
            const client = await engine.dial(broker.port, eio);
            await client.send('40/chat, ');
            assert.match(await client.next(), /^40\/chat,(\{"sid":"[^"]*"\})?$/);
            assert.strictEqual(await client.next(), '42/chat,["welcome",{"namespace":"/chat"}]');
            await client.send('42/chat, ["echo",1]');
            assert.strictEqual(await client.next(), '43/chat,0[1]');
            await client.send('41/chat, ', '42/chat,["echo",1]');
            await engine.assertServed(client);
            client.destroy();
        });

        for (const packet of REFUSED) {
            test(`${JSON.stringify(packet)} ends the session`, async () => {
                const client = await engine.dial(broker.port, eio);
                await client.send(packet);
                if (packet.startsWith('451-'))
                    await client.send(bytes);
                await assert.rejects(async () => {
                    for (;;)
                        await client.next();
                }, /closed/);
            });
        }
    });
}

describe('joining the default namespace', NEEDS_CONTRACT, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    for (const packet of ['40 ', '40\n', '40 {}', '40/, ', '40\u00a0{"a": 1}']) {
        test(`by ${JSON.stringify(packet)}`, async () => {
            const client = await engine.connect(broker.port, 4);
            await client.send(packet);
            assert.match(await client.next(), /^40\{"sid":/);
            await engine.assertServed(client);
            client.destroy();
        });
    }
});
