'use strict';
/* compress(false): what an application does not want compressed is sent as it is. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { apiOf, done, findApi } = require('../lib/api.js');
const { nextMessage, nextPoll } = require('../lib/compressed.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const { OPCODE, frame } = require('../lib/ws.js');

const TEXT = 'a'.repeat(5000);
const options = { skip: BETTER.skip || NEEDS_CONTRACT.skip };

describe('compress(false)', options, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true, args: ['--reach'],
            config: { perMessageDeflate: true, 'perMessageDeflate threshold': 200,
                httpCompression: true } });
    });
    after(() => broker.stop());

    for (const eio of [3, 4]) {
        test(`Engine.IO ${eio}: the same text with and without`, async () => {
            const socket = await engine.upgrade(broker.port, eio, {},
                { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
            assert.strictEqual(socket.answer.status, 101);
            if (eio === 4)
                socket.write(frame(OPCODE.TEXT, '40'));
            for (const [name, isCompressed] of [['echo', true], ['plain', false], ['echo', true]]) {
                const packet = `42["${name}","${TEXT}"]`;
                socket.write(frame(OPCODE.TEXT, packet));
                assert.deepStrictEqual(await nextMessage(socket, `42["${name}"`),
                    { text: packet, isCompressed });
            }
            socket.destroy();
        });

        /* One that may be compressed is enough for all of a poll, as in engine.io. */
        const polls = [[['echo'], true], [['plain'], false], [['plain', 'plain'], false],
            [['plain', 'echo'], true], [['echo', 'plain'], true], [['plain'], false]];
        test(`Engine.IO ${eio}: polls`, async () => {
            const polling = await engine.poll(broker.port, eio);
            for (const [names, isCompressed] of polls) {
                const packets = names.map((name) => `42["${name}","${TEXT}"]`);
                await polling.send(...packets);
                const poll = await nextPoll(polling, TEXT);
                assert.strictEqual(poll.isCompressed, isCompressed, names.join(' and '));
                for (const packet of packets)
                    assert.ok(poll.text.includes(packet), 'both are in it');
            }
        });

        test(`Engine.IO ${eio}: polls that are scripts`, async () => {
            const polling = await engine.poll(broker.port, eio);
            const script = { raw: (o) => polling.raw({ ...o, query: { j: 0 } }) };
            for (const [name, isCompressed] of [['echo', true], ['plain', false]]) {
                await polling.send(`42["${name}","${TEXT}"]`);
                const { text, isCompressed: is } = await nextPoll(script, TEXT);
                assert.ok(text.startsWith('___eio[0]('));
                assert.strictEqual(is, isCompressed, name);
            }
        });
    }
});

describe('"compress": false of the API', { skip: BETTER.skip }, () => {
    test('to many, and as a question', async () => {
        const broker = await startBroker({ config: { greeting: false, api: apiOf(),
            perMessageDeflate: true, 'perMessageDeflate threshold': 200 } });
        const api = await findApi(broker);
        const socket = await engine.upgrade(broker.port, 4, {},
            { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
        socket.write(frame(OPCODE.TEXT, '40'));
        await nextMessage(socket, '40{');
        for (const compress of [undefined, false, true]) {
            const news = { name: 'news', args: [TEXT], compress };
            await done(api, 'emit', news);
            assert.deepStrictEqual(await nextMessage(socket, '42['),
                { text: `42["news","${TEXT}"]`, isCompressed: compress !== false });
            const asked = done(api, 'ask', { ...news, timeout: 30000 });
            const { text, isCompressed } = await nextMessage(socket, '42');
            assert.strictEqual(isCompressed, compress !== false);
            const [, id] = /^42(\d+)\[/.exec(text);
            socket.write(frame(OPCODE.TEXT, `43${id}["yes","no"]`));
            assert.deepStrictEqual((await asked).answers, ['yes']);
        }
        socket.destroy();
        await broker.stop();
    });
});
