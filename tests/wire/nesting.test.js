'use strict';
/*
 * JSON that is nested deep, in every revision: up to "max json depth" it arrives, deeper than that
 * the packet is dropped with what belongs to it, and nothing else.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { counters } = require('../lib/cluster.js');
const engine = require('../lib/engine.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

/* As whose `depth` levels are arrays, or objects with a list of the next. */
const SHAPES = {
    arrays: (depth) => `${'['.repeat(depth)}1${']'.repeat(depth)}`,
    objects: (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    'lists of children': (depth) =>
        `${'{"children":['.repeat(depth / 2)}${']}'.repeat(depth / 2)}`,
};
const { arrays } = SHAPES;

/* What surrounds it: the array of the arguments, and for 0.9 an object too. */
const AROUND = { '0.9': 2, 1: 1 };

describe('nesting of JSON', NEEDS_CONTRACT, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    const dropped = async () => (await counters(broker)).bad_packets;

    for (const [shape, nested] of Object.entries(SHAPES)) {
        for (const depth of [66, 996]) {
            test(`0.9: ${depth} levels of ${shape} arrive`, async () => {
                const socket = await sio.connect(broker.port);
                const packet = `5:::{"name":"echo","args":[${nested(depth)}]}`;
                socket.text(packet);
                assert.strictEqual(await socket.message(), packet);
                socket.text(`4:::${nested(depth)}`);
                assert.strictEqual(await socket.message(), `4:::${nested(depth)}`);
                socket.destroy();
            });

            for (const eio of [3, 4]) {
                test(`EIO${eio}: ${depth} levels of ${shape} arrive`, async () => {
                    const client = await engine.dial(broker.port, eio);
                    const packet = `42["echo",${nested(depth)}]`;
                    await client.send(packet);
                    assert.strictEqual(await client.next(), packet);
                    await client.send(`427["echo",${nested(depth)}]`);
                    assert.strictEqual(await client.next(), `437[${nested(depth)}]`);
                    client.destroy();
                });
            }
        }
    }

    test('0.9: 1,000 are whole, the next is dropped', async () => {
        const socket = await sio.connect(broker.port);
        const most = 1000 - AROUND['0.9'];
        const before = await dropped();
        socket.text(`5:1+::{"name":"echo","args":[${arrays(most + 1)}]}`);
        socket.text(`4:::${arrays(1001)}`);
        socket.text(`6:::1+${arrays(1001)}`);
        socket.text(`5:2+::{"name":"echo","args":[${arrays(most)}]}`);
        assert.strictEqual(await socket.message(), `6:::2+[${arrays(most)}]`);
        assert.strictEqual(await dropped(), before + 3);
        socket.destroy();
    });

    for (const eio of [3, 4]) {
        const most = 1000 - AROUND[1];
        const bytes = eio === 3 ? Buffer.from([4, 1]) : Buffer.from([1]);
        const placeholder = '{"_placeholder":true,"num":0}';

        for (const way of ['dial', 'poll']) {
            test(`EIO${eio}, ${way}: 1,000 are whole, the next is dropped`, async () => {
                const client = await engine[way](broker.port, eio);
                const before = await dropped();
                await client.send(`421["echo",${arrays(most + 1)}]`);
                await client.send(`42["echo",${arrays(50000)}]`);
                await client.send(`431[${arrays(most + 1)}]`);
                await client.send(`422["echo",${arrays(most)}]`);
                assert.strictEqual(await client.next(), `432[${arrays(most)}]`);
                assert.strictEqual(await dropped(), before + 3);
                await engine.assertServed(client);
                if (client.destroy)
                    client.destroy();
            });

            test(`EIO${eio}, ${way}: and its attachments`, async () => {
                const client = await engine[way](broker.port, eio);
                const before = await dropped();
                await client.send(`451-["echo",${arrays(most + 1)}]`, bytes);
                await client.send(`452-["echo",${arrays(most + 1)},${placeholder}]`, bytes, bytes);
                await client.send(`451-["echo",${arrays(most)},${placeholder}]`, bytes);
                assert.strictEqual(await client.next(),
                    `451-["echo",${arrays(most)},${placeholder}]`);
                assert.deepStrictEqual(await client.next(), bytes);
                assert.strictEqual(await dropped(), before + 2);
                await engine.assertServed(client);
                if (client.destroy)
                    client.destroy();
            });
        }
    }

    test('a client that joins with such an auth object is told', async () => {
        const client = await engine.dial(broker.port, 4);
        await client.send(`40/chat,{"a":${arrays(1000)}}`, '42/chat,["echo",1]');
        assert.strictEqual(await client.next(), '44/chat,{"message":"auth is nested too deep"}');
        await engine.assertServed(client);
        await client.send(`40/chat,{"a":${arrays(999)}}`);
        assert.match(await client.next(), /^40\/chat,\{"sid":/);
        client.destroy();
    });
});
