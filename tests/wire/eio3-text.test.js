'use strict';
/*
 * Text of revision 3 that looks as if it had been encoded to UTF-8 twice, and text that was, in the
 * bytes that clients of each generation sent (protocol/eio3_text.h). tests/clients/encoding.test.js
 * has the clients themselves.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const { OPCODE, frame } = require('../lib/ws.js');

const twice = (text) => Buffer.from(text).toString('latin1');
const packetOf = (text) => `42["echo",${JSON.stringify(text)}]`;

/* What the next echo brings; the server writes what is above ASCII as escapes. */
const argument = async (client) => JSON.parse((await client.next()).slice(2))[1];

/* How a client sends a text message: as it is, with all that is known of the form. */
const sendText = (client, packet) => client.send(packet);
const sendBytes = (client, packet) => {
    const data = Buffer.from(packet);
    return client.post(Buffer.concat([Buffer.from([0, ...`${data.length}`, 255]), data]),
        { 'Content-Type': 'application/octet-stream' });
};
const sendScript = (client, packet) => client.post(
    `${new URLSearchParams({ d: `${packet.length}:${packet}` })}`,
    { 'Content-Type': 'application/x-www-form-urlencoded' }, { j: 0 });

const WAYS = {
    polling: [engine.poll, { b64: 1 }, sendText],
    'polling by scripts': [engine.poll, { b64: 1 }, sendScript],
    'polling in bytes': [engine.poll, {}, sendBytes],
    'a websocket': [engine.dial, {}, sendText],
};

/* What the queries have of which generation. */
const TELLS = {
    '1.0 in a page': { EIO: 2, t: '1795999570711-0' },
    '1.0 to 1.3': { t: '1795999475548-0' },
    '1.4 to 2.5': { t: 'Q8fwIcf' },
    'others': {},
};

describe('text of revision 3', () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    /* Send texts by one client; each arrives as the second of its pair. */
    async function assertArrive(way, tell, pairs) {
        const [open, query, send] = WAYS[way];
        const client = await open(broker.port, 3, { ...query, ...TELLS[tell] });
        for (const [text, meant] of pairs) {
            await send(client, packetOf(text));
            assert.strictEqual(await argument(client), meant, text);
        }
        return client;
    }

    const same = (...texts) => texts.map((text) => [text, text]);
    const DAMAGED = ['20 Â°C', 'Ã©', 'cafÃ©', '«Â»'];

    for (const way of Object.keys(WAYS)) {
        for (const tell of ['1.4 to 2.5', 'others']) {
            test(`${tell}, ${way}: what may be ordinary text comes as it is`, async () => {
                for (const text of DAMAGED)
                    await assertArrive(way, tell, same(text, text, ...DAMAGED));
            });

            test(`${tell}, ${way}: after ordinary text, anything does`, async () => {
                for (const text of ['€', 'é', 'Ā'])
                    await assertArrive(way, tell, same(...DAMAGED, text, twice('€'), ...DAMAGED));
            });
        }

        /* In bytes all text is encoded once. */
        const isPlain = way === 'polling in bytes';

        test(`${way}: once a control shows it, all of the session was encoded twice`, async () => {
            for (const text of ['À', '€', '😀', 'many characters of ASCII and ’']) {
                await assertArrive(way, 'others', ['Ã©', twice(text), twice('é'), twice('20 Â°C')]
                    .map((sent, i) => [sent, isPlain || i === 0 ? sent
                        : Buffer.from(sent, 'latin1').toString()]));
            }
        });
    }

    test('one packet of a payload shows it for all', async () => {
        const client = await engine.poll(broker.port, 3, { b64: 1 });
        const texts = ['é', '20 °C', 'À', 'é'];
        await client.send(...texts.map((text) => packetOf(twice(text))));
        for (const text of texts)
            assert.strictEqual(await argument(client), text);
    });

    for (const way of ['polling', 'polling by scripts']) {
        for (const tell of ['1.0 in a page', '1.0 to 1.3']) {
            test(`${tell}, ${way}: the queries tell`, () => assertArrive(way, tell,
                ['é', '20 °C', '20 Â°C', '€'].map((text) => [twice(text), text])));
        }
    }

    test('1.0 in a page, a websocket: the queries tell', () => assertArrive('a websocket',
        '1.0 in a page', ['é', '20 °C', '20 Â°C', '€'].map((text) => [twice(text), text])));

    for (const tell of ['1.0 in a page', '1.0 to 1.3']) {
        test(`${tell}: in bytes it was encoded once, which shows nothing of text`, async () => {
            const client = await assertArrive('polling in bytes', tell,
                same('é', '€', ...DAMAGED, twice('€')));
            await client.send(packetOf(twice('é')));
            assert.strictEqual(await argument(client), 'é');
        });
    }

    /* Each ends on a websocket, where it is known or not what was known before. */
    const AFTERWARDS = {
        '1.0 in a page': [[twice('é'), 'é']],
        '1.0 to 1.3': [...same('20 Â°C'), [twice('€'), '€'], [twice('é'), 'é']],
        '1.4 to 2.5': same('20 Â°C', twice('€'), 'Ã©'),
        'others': same('20 Â°C', twice('€'), 'Ã©'),
    };
    for (const [tell, afterwards] of Object.entries(AFTERWARDS)) {
        test(`${tell}: encoded twice by polling, and then on a websocket`, async () => {
            const client = await assertArrive('polling', tell, [[twice('€'), '€'],
                [twice('é'), 'é']]);
            const socket = await engine.upgrade(broker.port, 3, { ...TELLS[tell],
                sid: client.query.sid });
            socket.write(frame(OPCODE.TEXT, '2probe'));
            assert.strictEqual(await socket.next(), '3probe');
            socket.write(frame(OPCODE.TEXT, '5'));
            for (const [text, meant] of afterwards) {
                await socket.send(packetOf(text));
                assert.strictEqual(await argument(socket), meant, text);
            }
            socket.destroy();
        });
    }
});
