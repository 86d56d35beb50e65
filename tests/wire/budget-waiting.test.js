'use strict';
/*
 * What waits to be sent counts with all else that is kept for clients: those for whom too much
 * waits lose it, whatever address each comes from, and nobody else anything. Memory is that of the
 * plain build.
 */

const assert = require('node:assert');
const { test, describe } = require('node:test');
const { HONEST, MB, MEMORY, STRANGER, from, join, withHonest } = require('../lib/budget.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { MORE_THAN_FITS, stall } = require('../lib/stalled.js');

const config = { 'max client bytes': 16 * MB };
const TEXT = 'x'.repeat(400000);
const ECHO = `42["echo","${TEXT}"]`;

const MOST = 48 * MB;

const address = (i) => from(`203.0.${i >> 8}.${i & 255}`);

/* Has the broker given up what was too much, and no more than that? */
async function assertGivenUp(broker, grown, least) {
    await eventually(async () => (await broker.counters()).evicted >= least, 'gives up sessions');
    assert.ok(grown() < MOST, `${grown()} bytes more`);
}

/* A session for which n echoes wait, as nobody polls. */
async function hoard(port, headers, n = 1) {
    const client = await join(port, headers);
    for (let i = 0; i < n; i++)
        await client.post(ECHO);    /* the session may end in the middle */
    return client;
}

describe('memory of what waits to be sent', MEMORY, () => {
    test('to clients that do not poll, of one address', async () => {
        await withHonest(config, async (broker, grown) => {
            for (let i = 0; i < 100; i++)
                await hoard(broker.port, STRANGER, 2);
            await assertGivenUp(broker, grown, 50);
        });
    });

    test('to clients that do not poll, of an address each', async () => {
        await withHonest(config, async (broker, grown) => {
            for (let i = 0; i < 200; i++)
                await hoard(broker.port, address(i));
            await assertGivenUp(broker, grown, 100);
        });
    });

    test('to websockets that are not read', async () => {
        await withHonest(config, async (broker, grown) => {
            const clients = [];
            for (let i = 0; i < 20; i++) {
                const client = await engine.dial(broker.port, 4);
                client.socket.on('error', () => {});
                await stall(client, TEXT.length, () => client.send(ECHO));
                clients.push(client);
            }
            await assertGivenUp(broker, grown, 5);
            clients.forEach((client) => client.destroy());
        });
    });

    test('to connections without a session, that ask for files', async () => {
        await withHonest({ 'max client bytes': 3 * MB }, async (broker, grown) => {
            const file = '/socket.io/socket.io.js', connections = [];
            const size = (await http.get(broker.port, file)).body.length;
            for (let i = 0; i < 60; i++) {
                const connection = await http.connect(broker.port);
                connection.socket.on('error', () => {});
                connection.socket.pause();
                connection.write(Buffer.concat(Array(Math.ceil(MORE_THAN_FITS / size)).fill(
                    http.format({ target: file }))));
                connections.push(connection);
            }
            await assertGivenUp(broker, grown, 20);
            connections.forEach((connection) => connection.destroy());
        });
    });

    test('not what many wait for together: it is there once', async () => {
        await withHonest(config, async (broker, grown) => {
            const listeners = [];
            for (let i = 0; i < 40; i++)
                listeners.push(await join(broker.port, HONEST));
            const speaker = await join(broker.port, HONEST);
            for (const word of ['one', 'two'])
                await speaker.send(`42["broadcast","${word} ${TEXT}"]`);
            for (let i = 0; i < 60; i++)
                await hoard(broker.port, address(i));
            await assertGivenUp(broker, grown, 20);
            for (const listener of listeners) {
                const packets = [];
                while (!packets.at(-1)?.startsWith('42["broadcast","two'))
                    packets.push(await listener.next());
                assert.ok(packets.at(-2).startsWith('42["broadcast","one'));
            }
        });
    });
});
