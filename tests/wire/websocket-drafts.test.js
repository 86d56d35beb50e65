'use strict';
/*
 * Websockets older than RFC 6455 (spec 2.2): hixie-75 and hixie-76 with a framing of their own,
 * drafts 7 and 8 that only name another version and origin, and versions that nobody speaks.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER, NEEDS_CONTRACT, REFERENCE } = require('../lib/server.js');
const hixie = require('../lib/hixie.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');
const ws = require('../lib/ws.js');

const { SAMPLE, CLOSE, frame } = hixie;

/* Its heads can be seen to be ours; more can not. */
const HIXIE = { skip: REFERENCE &&
    'on a Node of today the original ends hixie connections after the head' };

const head76 = (url, scheme = 'ws', origin = hixie.ORIGIN) => [
    'HTTP/1.1 101 WebSocket Protocol Handshake', 'Upgrade: WebSocket', 'Connection: Upgrade',
    `Sec-WebSocket-Origin: ${origin}`,
    `Sec-WebSocket-Location: ${scheme}://b.example:8080${url}`].join('\r\n');

const head75 = (url) => [
    'HTTP/1.1 101 Web Socket Protocol Handshake', 'Upgrade: WebSocket', 'Connection: Upgrade',
    `WebSocket-Origin: ${hixie.ORIGIN}`,
    `WebSocket-Location: ws://b.example:8080${url}`].join('\r\n');

const DRAFTS = [['hixie-76', hixie.upgrade76], ['hixie-75', hixie.upgrade75]];

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function freshUrl(port, transport = 'websocket') {
    return sio.transportUrl(transport, (await sio.handshake(port)).id);
}

describe('the handshake', HIXIE, () => {
    let broker, url;
    before(async () => {
        broker = await startBroker({ config: { 'flash policy server': false } });
    });
    after(() => broker.stop());

    /* The session is open and the first packets come in frames of the draft. */
    async function assertOpened(socket) {
        assert.strictEqual(await socket.message(), '1::');
        assert.match(await socket.message(), /^5:::\{"name":"server","args":\[\{"server":"/);
        await sio.assertAlive(socket);
        socket.destroy();
    }

    test('hixie-76: the five lines and the digest of the draft', async () => {
        url = `${await freshUrl(broker.port)}?a=b%20c`;
        const socket = await hixie.upgrade76(broker.port, url);
        assert.strictEqual(socket.answer.head, head76(url));
        assert.strictEqual(socket.digest, SAMPLE.digest);
        await assertOpened(socket);
    });

    test('hixie-75: the five lines, no digest', async () => {
        url = await freshUrl(broker.port);
        const socket = await hixie.upgrade75(broker.port, url);
        assert.strictEqual(socket.answer.head, head75(url));
        await assertOpened(socket);
    });

    test('the first two frames, byte for byte', async () => {
        const socket = await hixie.upgrade76(broker.port, await freshUrl(broker.port));
        assert.deepStrictEqual(await socket.read(5), Buffer.from('00313a3aff', 'hex'));
        const event = await socket.until(() => {
            const end = socket.received.indexOf(0xff);
            return end < 0 ? undefined : socket.take(end + 1);
        }, 'the greeting');
        assert.match(event.toString('latin1'), /^\x005:::\{"name":"server".*\}\xff$/);
        socket.destroy();
    });

    test('hixie-76: a subprotocol is given back as requested', async () => {
        url = await freshUrl(broker.port);
        const socket = await hixie.upgrade76(broker.port, url, { 'Sec-WebSocket-Protocol': 'foo' });
        assert.strictEqual(socket.answer.head, `${head76(url)}\r\nSec-WebSocket-Protocol: foo`);
        socket.destroy();
    });

    test('hixie-76: without an origin none is named', BETTER, async () => {
        url = await freshUrl(broker.port);
        const socket = await hixie.upgrade76(broker.port, url, { Origin: null });
        assert.strictEqual(socket.answer.head,
            head76(url).replace(`Sec-WebSocket-Origin: ${hixie.ORIGIN}\r\n`, ''));
        socket.destroy();
    });

    test('hixie-76: the head comes without the nonce, then nothing until it is there', async () => {
        url = await freshUrl(broker.port);
        const socket = await hixie.send(broker.port, hixie.request76(url));
        assert.strictEqual(socket.answer.head, head76(url));
        await later(200);
        assert.strictEqual(socket.received.length, 0);
        socket.write(SAMPLE.nonce);
        assert.strictEqual((await socket.read(16)).toString('latin1'), SAMPLE.digest);
        await assertOpened(socket);
    });

    test('hixie-76: the nonce byte by byte', async () => {
        const socket = await hixie.send(broker.port,
            hixie.request76(await freshUrl(broker.port)));
        for (const byte of SAMPLE.nonce) {
            assert.strictEqual(socket.received.length, 0);
            await new Promise((sent) => socket.socket.write(byte, sent));
            await later(5);
        }
        assert.strictEqual((await socket.read(16)).toString('latin1'), SAMPLE.digest);
        await assertOpened(socket);
    });

    test('hixie-76: frames may follow the nonce in the same segment', BETTER, async () => {
        const socket = await hixie.send(broker.port, Buffer.concat([
            hixie.request76(await freshUrl(broker.port)), Buffer.from(SAMPLE.nonce),
            frame(sio.probe(7))]));
        assert.strictEqual((await socket.read(16)).toString('latin1'), SAMPLE.digest);
        const messages = [await socket.message(), await socket.message(), await socket.message()];
        assert.deepStrictEqual([messages[0], messages[2]], ['1::', '6:::7']);
        socket.destroy();
    });

    test('hixie-76: a client that goes before its nonce may go on polling', BETTER, async () => {
        const { id } = await sio.handshake(broker.port);
        const socket = await hixie.send(broker.port,
            hixie.request76(sio.transportUrl('websocket', id)));
        socket.write('half');
        socket.destroy();
        const poll = await http.get(broker.port, sio.transportUrl('xhr-polling', id));
        assert.match(poll.text, /1::/);
    });

    for (const [name, upgrade] of DRAFTS) {
        test(`${name}: an unknown session is told to reconnect, and closed`, async () => {
            const socket = await upgrade(broker.port,
                sio.transportUrl('websocket', 'AAAAAAAAAAAAAAAAAAAA'));
            assert.strictEqual(await socket.message(), '7:::1+0');
            assert.deepStrictEqual(await socket.end(), CLOSE);
            socket.destroy();
        });

        test(`${name}: takes over from a websocket of RFC 6455, and the other way`, BETTER,
            async () => {
                const first = await sio.connect(broker.port);
                const second = await upgrade(broker.port,
                    sio.transportUrl('websocket', first.id));
                assert.strictEqual(await first.closeCode(), 1000);
                await sio.assertAlive(second);
                const third = await sio.upgrade(broker.port, first.id);
                assert.deepStrictEqual(await second.end(), CLOSE);
                await sio.assertAlive(third);
                for (const socket of [first, second, third])
                    socket.destroy();
            });
    }

    test('hixie-76: packets wait for the nonce, but not those of others', BETTER, async () => {
        const first = await sio.connect(broker.port);
        const second = await hixie.send(broker.port,
            hixie.request76(sio.transportUrl('websocket', first.id)));
        await sio.assertAlive(first);
        second.write(SAMPLE.nonce);
        assert.strictEqual((await second.read(16)).toString('latin1'), SAMPLE.digest);
        assert.strictEqual(await first.closeCode(), 1000);
        await sio.assertAlive(second);
        first.destroy();
        second.destroy();
    });

    const REFUSED = [
        ['another spelling of WebSocket', { Upgrade: 'websocket' }],
        ['a first key without spaces', { 'Sec-WebSocket-Key1': '12345' }],
        ['a first key without digits', { 'Sec-WebSocket-Key1': 'a b c' }],
        ['a second key that its spaces do not divide', { 'Sec-WebSocket-Key2': '1 0 1' }],
        ['a second key of more than 32 bits', { 'Sec-WebSocket-Key2': '4294967 296' }],
        ['the first key alone', { 'Sec-WebSocket-Key2': null }],
        ['the second key alone', { 'Sec-WebSocket-Key1': null }],
    ];
    for (const [what, headers] of REFUSED) {
        test(`${what}: 400, and the nonce is not taken for a request`, BETTER, async () => {
            url = await freshUrl(broker.port);
            const refused = await hixie.send(broker.port,
                Buffer.concat([hixie.request76(url, headers), Buffer.from(SAMPLE.nonce)]));
            assert.strictEqual(refused.answer.status, 400, refused.answer.head);
            assert.ok(refused.answer.body.length > 0);
            assert.strictEqual((await refused.end()).length, 0);
            refused.destroy();
            /* Its handshake is still good. */
    const socket = await hixie.upgrade76(broker.port, url);
            assert.strictEqual(await socket.message(), '1::');
            socket.destroy();
        });
    }

    test('on a polling URL: 400', BETTER, async () => {
        const refused = await hixie.upgrade75(broker.port,
            await freshUrl(broker.port, 'xhr-polling'));
        assert.strictEqual(refused.answer.status, 400);
        refused.destroy();
    });
});

describe('settings that matter to a hixie handshake', HIXIE, () => {
    test('origins', BETTER, async () => {
        const broker = await startBroker({ config: { origins: ['a.example:*'] } });
        const { id } = await sio.handshake(broker.port, 't=1', { Origin: hixie.ORIGIN });
        const url = sio.transportUrl('websocket', id);
        for (const [, upgrade] of DRAFTS) {
            for (const Origin of ['http://evil.example', 'null', null]) {
                const refused = await upgrade(broker.port, url, { Origin });
                assert.strictEqual(refused.answer.status, 403);
                refused.destroy();
            }
        }
        const socket = await hixie.upgrade76(broker.port, url);
        assert.strictEqual(await socket.message(), '1::');
        socket.destroy();
        await broker.stop();
    });

    test('match origin protocol', async () => {
        const broker = await startBroker({ config: { 'match origin protocol': true } });
        for (const [Origin, scheme] of [['https://a.example', 'wss'], ['http://a.example', 'ws']]) {
            const url = await freshUrl(broker.port);
            const socket = await hixie.upgrade76(broker.port, url, { Origin });
            assert.strictEqual(socket.answer.head, head76(url, scheme, Origin));
            socket.destroy();
        }
        await broker.stop();
    });

    test('request timeout: a nonce that never comes ends the connection', BETTER, async () => {
        const broker = await startBroker({ config: { 'request timeout': 0.2 } });
        const socket = await hixie.send(broker.port,
            hixie.request76(await freshUrl(broker.port)));
        assert.strictEqual((await socket.write('7 bytes').end()).length, 0);
        socket.destroy();
        await broker.stop();
    });

    test('a server that stops does not wait for a nonce for long', BETTER, async () => {
        const broker = await startBroker();
        await hixie.send(broker.port, hixie.request76(await freshUrl(broker.port)));
        const known = await hixie.upgrade76(broker.port, await freshUrl(broker.port));
        await broker.stop();
        assert.deepStrictEqual((await known.end()).subarray(-2), CLOSE);
        known.destroy();
    });
});

for (const [name, upgrade] of DRAFTS) {
    describe(`${name} frames`, HIXIE, () => {
        let broker, socket;
        before(async () => {
        broker = await startBroker({ config: { 'destroy buffer size': 1000 } });
    });
        after(() => broker.stop());

        async function connect() {
            const { id } = await sio.handshake(broker.port);
            socket = await upgrade(broker.port, sio.transportUrl('websocket', id));
            assert.strictEqual(await socket.message(), '1::');
            socket.greeting = await socket.message();
            socket.id = id;
        }

        test('several in one segment', async () => {
            await connect();
            socket.write(Buffer.concat([1, 2, 3].map((i) => frame(sio.probe(i)))));
            for (const i of [1, 2, 3])
                assert.strictEqual(await socket.message(), `6:::${i}`);
            socket.destroy();
        });

        test('one byte by byte', async () => {
            await connect();
            for (const byte of frame(sio.probe(1))) {
                await new Promise((sent) => socket.socket.write(Buffer.from([byte]), sent));
                await new Promise(setImmediate);
            }
            assert.strictEqual(await socket.message(), '6:::1');
            socket.destroy();
        });

        test('empty ones are ignored', BETTER, async () => {
            await connect();
            socket.write(Buffer.from('00ff00ff', 'hex'));
            await sio.assertAlive(socket);
            socket.destroy();
        });

        test('a close is answered with a close, and ends the session', BETTER, async () => {
            await connect();
            socket.write(CLOSE);
            assert.deepStrictEqual(await socket.end(), CLOSE);
            await sio.assertEnds(broker.port, socket.id);
            socket.destroy();
        });

        test('a disconnect packet is answered with a close', BETTER, async () => {
            await connect();
            socket.text('0::');
            const last = await socket.end();
            assert.deepStrictEqual(last.subarray(-2), CLOSE);
            await sio.assertEnds(broker.port, socket.id);
            socket.destroy();
        });

        test('the end of the connection ends the session', async () => {
            await connect();
            socket.socket.end();
            await socket.end();
            await sio.assertEnds(broker.port, socket.id);
        });

        test('a text of exactly the limit passes', BETTER, async () => {
            await connect();
            socket.text(sio.probe(1, 1000));
            assert.strictEqual(await socket.message(), '6:::1');
            socket.destroy();
        });

        const BAD = [
            ['a text over the limit', frame(sio.probe(1, 1001))],
            ['a text over the limit that does not end', frame(sio.probe(1, 1001)).subarray(0, -1)],
            ['a text that does not begin', Buffer.from('1::')],
            ['a frame of another type', Buffer.from('0161ff', 'hex')],
            ['a frame with a length', Buffer.from('8003616263', 'hex')],
            ['half a close', Buffer.from('ffff', 'hex')],
            ['a frame of RFC 6455', ws.frame(ws.OPCODE.TEXT, '2::')],
        ];
        for (const [what, bytes] of BAD) {
            test(`${what}: closed, the session ends`, BETTER, async () => {
                await connect();
                socket.write(bytes);
                assert.deepStrictEqual(await socket.end(), CLOSE);
                await sio.assertEnds(broker.port, socket.id);
                socket.destroy();
            });
        }
    });

    describe(`${name} with an application`, HIXIE, () => {
        let broker;
        before(async () => {
            if (!NEEDS_CONTRACT.skip)
                broker = await startBroker({ contract: true });
        });
        after(() => broker && broker.stop());

        for (const text of ['hello', 'é€😀', 'x'.repeat(70000)]) {
            test(`an echo of ${Buffer.byteLength(text)} bytes`, NEEDS_CONTRACT, async () => {
                const socket = await upgrade(broker.port, await freshUrl(broker.port));
                assert.strictEqual(await socket.message(), '1::');
                socket.text(`3:::${text}`);
                for (;;) {
                    const message = await socket.message();
                    if (!message.startsWith('3:::'))
                        continue; /* its greeting */
                    assert.strictEqual(message, `3:::echo:${text}`);
                    break;
                }
                socket.destroy();
            });
        }

        const repairs = BETTER.skip ? BETTER : NEEDS_CONTRACT;
        test('bytes that are no UTF-8 are repaired', repairs, async () => {
            const socket = await upgrade(broker.port, await freshUrl(broker.port));
            socket.write(Buffer.from('00333a3a3ac328fe78ff', 'hex'));
            await socket.until(() => socket.received.includes('3:::') || undefined, 'the echo');
            assert.ok(socket.received.includes('3:::echo:\ufffd(\ufffdx'));
            socket.destroy();
        });
    });
}

describe('versions', () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    for (const version of ['7', '8']) {
        test(`draft ${version}: handshake, origin and frames`, async () => {
            const socket = await ws.upgrade(broker.port, await freshUrl(broker.port),
                { 'Sec-WebSocket-Version': version, 'Sec-WebSocket-Origin': hixie.ORIGIN });
            assert.strictEqual(socket.answer.status, 101);
            assert.strictEqual(socket.answer.get('Sec-WebSocket-Accept'), ws.SAMPLE_ACCEPT);
            assert.strictEqual(await socket.message(), '1::');
            assert.match(await socket.message(), /^5:::\{"name":"server"/);
            await sio.assertAlive(socket);
            socket.send(ws.OPCODE.CLOSE, ws.closePayload(1000));
            assert.ok([null, 1000].includes(await socket.closeCode()));
            socket.destroy();
        });
    }

    for (const version of ['', '0', '4', '6', '9', '12', '14', '013', '13, 8', 'x']) {
        test(`"${version}": 400 that names 13`, BETTER, async () => {
            const refused = await ws.upgrade(broker.port, await freshUrl(broker.port),
                { 'Sec-WebSocket-Version': version });
            assert.strictEqual(refused.answer.status, 400);
            assert.strictEqual(refused.answer.get('Sec-WebSocket-Version'), '13');
            assert.ok(refused.answer.body.length > 0);
            refused.destroy();
        });
    }

    test('a key without a version: 400 that names 13', BETTER, async () => {
        const refused = await ws.upgrade(broker.port, await freshUrl(broker.port),
            { Upgrade: 'WebSocket', 'Sec-WebSocket-Version': null });
        assert.strictEqual(refused.answer.status, 400);
        assert.strictEqual(refused.answer.get('Sec-WebSocket-Version'), '13');
        refused.destroy();
    });
});
