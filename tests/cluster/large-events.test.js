'use strict';
/* Large events, and bursts, for clients of other instances: what is accepted here arrives there. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster } = require('../lib/cluster.js');
const engine = require('../lib/engine.js');
const { connect: connect09 } = require('../lib/polling.js');
const recovery = require('../lib/recovery.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const sio = require('../lib/sio09.js');
const ws = require('../lib/ws.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const ALMOST_ALL = 999000;      /* of "maxPayload" and "destroy buffer size", the defaults */

const texts = (n, bytes) => Array.from({ length: n }, (_, i) => `${i} `.padEnd(bytes, 'x'));

describe('large events', suite, () => {
    let cluster;
    before(async () => { cluster = await startCluster(2); });
    after(() => cluster.stop());

    test('broadcasts of nearly maxPayload', async () => {
        const sender = await engine.dial(cluster.ports[0], 4);
        const modern = await engine.dial(cluster.ports[1], 3);
        const old = await sio.connect(cluster.ports[1]);
        const list = texts(5, ALMOST_ALL);
        for (const text of list)
            await sender.send(`42["others","${text}"]`);
        for (const text of list) {
            assert.ok(await modern.next() === `42["others","${text}"]`);
            assert.ok(await old.message() === `5:::{"name":"others","args":["${text}"]}`);
        }
        [sender, modern, old].forEach((client) => client.destroy());
    });

    test('events of ten attachments, each of nearly maxPayload, one behind the other', async () => {
        const sender = await engine.dial(cluster.ports[0], 4);
        const client = await engine.dial(cluster.ports[1], 3);
        const places = Array.from({ length: 10 }, (_, num) => ({ _placeholder: true, num }));
        for (let event = 0; event < 3; event++) {
            sender.write(ws.frame(ws.OPCODE.TEXT, `4510-${JSON.stringify(['others', places])}`));
            for (let i = 0; i < 10; i++)
                sender.write(ws.frame(ws.OPCODE.BINARY, Buffer.alloc(ALMOST_ALL, 10 * event + i)));
        }
        for (let event = 0; event < 3; event++) {
            assert.strictEqual(await client.next(30000),
                `4510-${JSON.stringify(['others', places])}`);
            for (let i = 0; i < 10; i++) {
                const bytes = await client.next(30000);
                assert.ok(bytes.length === ALMOST_ALL + 1 && bytes[0] === 4 &&
                    bytes[1] === 10 * event + i, `attachment ${i} of event ${event}`);
            }
        }
        sender.destroy();
        client.destroy();
    });

    for (const eio of [4, 3]) {
        test(`a burst between two polls at another instance, revision ${eio}`, async () => {
            const client = await engine.poll(cluster.ports[0], eio);
            const list = texts(5, 900000);
            for (const text of list)
                await client.send(`42["echo","${text}"]`);
            client.port = cluster.ports[1];
            for (const text of list) {
                let packet;
                do
                    packet = await client.next();
                while (packet === '6' || /^42\["left"/.test(packet)); /* a noop; clients before */
                assert.ok(packet === `42["echo","${text}"]`, packet.slice(0, 40));
            }
            await engine.assertServed(client);
        });
    }

    test('the same, 0.9', async () => {
        const client = await connect09(cluster.ports[0], 'xhr-polling');
        const packets = texts(5, 900000).map((text) => `5:::{"name":"echo","args":["${text}"]}`);
        for (const packet of packets)
            await client.post(packet);
        client.at(cluster.ports[1]);
        const got = [];
        while (got.length < packets.length)
            got.push(...sio.unpack(await client.poll()).filter((packet) => !/"left"/.test(packet)));
        assert.ok(got.every((packet, i) => packet === packets[i]));
    });

});

describe('large events, with state recovery', suite, () => {
    let cluster;
    before(async () => { cluster = await startCluster(2, { config: recovery.ON }); });
    after(() => cluster.stop());

    for (const [where, i] of [['where it was', 0], ['elsewhere', 1]]) {
        test(`missed by a client that comes back ${where}`, async () => {
            const client = await recovery.join(cluster.ports[0]);
            const sender = await engine.dial(cluster.ports[0], 3);
            const witness = await recovery.join(cluster.ports[0]);
            const list = texts(4, 600000);
            await recovery.cut(client, witness);
            for (const text of list)
                await sender.send(`42["others","${text}"]`);
            await engine.assertServed(sender);
            const seen = await recovery.comeBack(client, cluster.ports[i]);
            assert.strictEqual(client.socket.recovered, true);
            assert.deepStrictEqual(recovery.these(seen, 'others').map(([text]) => text.length),
                list.map((text) => text.length));
            client.leave();
            witness.leave();
            sender.destroy();
        });
    }
});
