'use strict';
/*
 * Clients that leave while nobody reads what they say: they are gone at once, unless some of it is
 * still to be heard. That comes first, in order, and does not take for ever.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { MORE_THAN_FITS } = require('../lib/stalled.js');
const sio = require('../lib/sio09.js');

/* Nothing but the end of the connection tells of an end. */
const PATIENT = { pingInterval: 300000, pingTimeout: 300000, 'heartbeat interval': 200,
    'heartbeat timeout': 300, 'close timeout': 300 };
const LONG_MS = 600000;     /* of a pause: for ever */
const FILE = '/socket.io/socket.io.js';
const REQUEST = http.format({ target: FILE }).toString('latin1');

/* A client that the application does not want to hear, and how it says something to the others. */
const CLIENTS = {
    '0.9': async (port, ms) => {
        const client = await sio.connect(port);
        client.text(`5:2+::${JSON.stringify({ name: 'pause', args: [0, ms] })}`);
        while (!(await client.message()).startsWith('6:::2'))
            ;
        client.tell = (text) =>
            client.text(`5:::${JSON.stringify({ name: 'others', args: [text] })}`);
        client.reason = 'socket end';
        return client;
    },
    '4.x': async (port, ms) => {
        const client = await engine.dial(port, 4);
        await client.send(`421["pause",0,${ms}]`);
        while (!(await client.next()).startsWith('431'))
            ;
        client.tell = (text) => client.send(`42${JSON.stringify(['others', text])}`);
        client.reason = 'transport close';
        return client;
    },
};

for (const carrier of ['tcp', 'lws']) {
    describe(`a client that is paused, ${carrier}`, NEEDS_CONTRACT, () => {
        let broker, witness;
        const start = async (config = {}) => {
            broker = await startBroker({ contract: true, args: ['--reach'],
                config: { carrier, ...PATIENT, ...config } });
            witness = await engine.dial(broker.port, 4);
        };
        const stop = async () => {
            witness.destroy();
            await broker.stop();
        };
        const nextEvent = async () => {
            for (;;) {
                const packet = await witness.next();
                if (/^42\["(?:left|others)"/.test(packet))
                    return JSON.parse(packet.slice(2));
            }
        };
        const assertLeft = async (client) => {
            const [name, , reason] = await nextEvent();
            assert.deepStrictEqual([name, reason], ['left', client.reason]);
        };

        describe('for ever', () => {
            before(() => start());
            after(stop);

            for (const [version, connect] of Object.entries(CLIENTS)) {
                test(`${version} leaves: that is noticed`, async () => {
                    const client = await connect(broker.port, LONG_MS);
                    client.destroy();
                    await assertLeft(client);
                    assert.strictEqual((await broker.counters()).paused, 0);
                });
            }
        });

        describe('for a while', () => {
            before(() => start());
            after(stop);

            for (const [version, connect] of Object.entries(CLIENTS)) {
                test(`${version} leaves: what it said before is heard, in order`, async () => {
                    const client = await connect(broker.port, 1500);
                    const texts = Array.from({ length: 50 }, (_, i) => `${i} ${'x'.repeat(2000)}`);
                    for (const text of texts)
                        client.tell(text);
                    client.socket.end();
                    for (const text of texts)
                        assert.deepStrictEqual(await nextEvent(), ['others', text]);
                    await assertLeft(client);
                    client.destroy();
                });
            }
        });

        describe('for longer than a client that has left may be heard', () => {
            before(() => start({ 'slow consumer timeout': 1 }));
            after(stop);

            for (const [version, connect] of Object.entries(CLIENTS)) {
                test(`${version} leaves: the rest is not heard, which is counted`, async () => {
                    const { overloaded } = await broker.counters();
                    const client = await connect(broker.port, LONG_MS);
                    client.tell('not heard');
                    client.socket.end();
                    await assertLeft(client);
                    assert.strictEqual((await broker.counters()).overloaded, overloaded + 1);
                    await client.end();
                    client.destroy();
                });
            }
        });
    });

    describe(`requests that are not read, ${carrier}`, NEEDS_CONTRACT, () => {
        let broker;
        before(async () => {
            broker = await startBroker({ contract: true, config: { carrier, ...PATIENT } });
        });
        after(() => broker.stop());

        test('behind a poll: its client ends its side, and its session with it', async () => {
            const witness = await engine.dial(broker.port, 4);
            const session = await engine.poll(broker.port, 4);
            const client = await http.connect(broker.port);
            client.write(http.format({ target: engine.url(session.query) }));
            client.write(REQUEST.repeat(2000));
            client.socket.end();
            let packet;
            do {
                packet = await witness.next();
            } while (!packet.startsWith('42["left"'));
            assert.strictEqual(JSON.parse(packet.slice(2))[2], 'transport error');
            client.destroy();
            witness.destroy();
        });

        test('behind answers that are not read: all are answered when they are', async () => {
            const { body } = await http.get(broker.port, FILE);
            const n = Math.ceil(MORE_THAN_FITS / body.length);
            const client = await http.connect(broker.port);
            client.socket.pause();
            client.write(REQUEST.repeat(n));
            client.socket.end();
            await engine.assertServed(await engine.dial(broker.port, 4));
            client.socket.resume();
            for (let i = 0; i < n; i++)
                assert.strictEqual((await client.response()).status, 200);
            await client.end();
            client.destroy();
        });
    });
}
