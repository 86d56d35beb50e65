'use strict';
/*
 * Polls of revision 3 in the binary framing, whatever is in them: with encodePayloadAsBinary,
 * and for clients whose queries tell that they read nothing else (protocol/eio3_client.h). The
 * bytes are those of a real socket.io 1.7.4, but for the contents of the open packet.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { OPCODE, frame } = require('../lib/ws.js');

const OCTETS = 'application/octet-stream', TEXT = 'text/plain; charset=UTF-8';
const HEADER = '451-["echo",{"_placeholder":true,"num":0}]';

/* <0: text, 1: binary><length, its digits as bytes>FF<packet>, for each. */
function payload(...packets) {
    return Buffer.concat(packets.flatMap((packet) => {
        const data = Buffer.from(packet);
        return [Buffer.from([typeof packet === 'string' ? 0 : 1, ...`${data.length}`, 255]), data];
    }));
}

function assertBytes(response, ...packets) {
    assert.strictEqual(response.get('Content-Type'), OCTETS);
    assert.strictEqual(response.body.toString('hex'), payload(...packets).toString('hex'));
}

function assertText(response, text) {
    assert.strictEqual(response.get('Content-Type'), TEXT);
    assert.strictEqual(response.text, text);
}

/* What a poll is answered when a websocket is probed. */
async function noop(client) {
    const waiting = await client.wait();
    const socket = await engine.upgrade(client.port, client.eio,
        { EIO: client.query.EIO, sid: client.query.sid });
    socket.write(frame(OPCODE.TEXT, '2probe'));
    const response = await waiting.response();
    socket.destroy();
    waiting.destroy();
    return response;
}

const MILLISECONDS = { t: '1795999475548-0' };

/* Who gets them: what its queries have, and the setting. */
const WHO = {
    'with encodePayloadAsBinary': [{}, { encodePayloadAsBinary: true }],
    'for pages of 1.0': [{ EIO: 2, ...MILLISECONDS }, {}],
    'for pages of 1.1 to 1.3': [MILLISECONDS, {}],
};

for (const [who, [tell, config]] of Object.entries(WHO)) describe(`binary framing ${who}`, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true, config }); });
    after(() => broker.stop());

    const poll = (eio, query) => engine.poll(broker.port, eio,
        eio === 3 ? { ...tell, ...query } : { t: MILLISECONDS.t, ...query });

    test('the handshake', async () => {
        const client = new engine.Polling(broker.port, 3, tell);
        const response = await client.raw();
        assert.strictEqual(response.get('Content-Type'), OCTETS);
        const packets = engine.decode(3, response);
        assert.match(packets[0], /^0\{"sid":"/);
        assertBytes(response, ...packets);
    });

    test('an event', async () => {
        const client = await poll(3);
        await client.post(payload('42["echo","€é"]'), { 'Content-Type': OCTETS });
        assertBytes(await client.raw(), '42["echo","\\u20ac\\u00e9"]');
    });

    test('several, after a POST of text', async () => {
        const client = await poll(3);
        await client.post('12:42["echo",1]12:42["echo",2]');
        assertBytes(await client.raw(), '42["echo",1]', '42["echo",2]');
    });

    test('bytes among them', async () => {
        const client = await poll(3);
        const bytes = Buffer.from([4, 1, 2, 3, 4]);
        await client.post(payload(HEADER, bytes), { 'Content-Type': OCTETS });
        assertBytes(await client.raw(), HEADER, bytes);
    });

    test('the answer when a websocket takes over', async () => {
        assertBytes(await noop(await poll(3)), '6');
    });

    test('the answer when the client closes', async () => {
        const client = await poll(3);
        const waiting = await client.wait();
        await client.post(payload('1'), { 'Content-Type': OCTETS });
        assertBytes(await waiting.response(), '6');
    });

    test('the end by the server', async () => {
        const client = await poll(3);
        const waiting = await client.wait();
        await client.post(payload('42["kick"]'), { 'Content-Type': OCTETS });
        assertBytes(await waiting.response(), '41');
        assertBytes(await client.raw(), '6', '1');
    });

    test('text for who asks for it with b64', async () => {
        const client = await poll(3, { b64: 1 });
        if (config.encodePayloadAsBinary)
            delete client.query.b64;    /* in the handshake alone will do */
        await client.post(`42:${HEADER}10:b4AQIDBA==`);
        assertText(await client.raw(), `42:${HEADER}10:b4AQIDBA==`);
        assertText(await noop(client), '1:6');
    });

    test('text in JSONP', async () => {
        const response = await http.get(broker.port,
            engine.url({ EIO: 3, transport: 'polling', j: 0, ...tell }));
        assert.match(response.text, /^___eio\[0\]\("\d+:0\{/);
    });

    test('text in revision 4', async () => {
        const client = await poll(4);
        await client.post('42["echo",1]');
        assertText(await client.raw(), '42["echo",1]');
        assertText(await noop(client), '6');
    });
});
