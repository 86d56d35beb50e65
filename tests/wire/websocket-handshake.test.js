'use strict';
/*
 * Which requests open a websocket, header by header (RFC 6455, 4.2.1), with clients of each
 * generation: 0.9, and revisions 3 and 4 of Engine.IO, both from the start and from polling.
 *
 * Where these differ, there are clients that need it: elephant.io sends keys of 20 bytes to servers
 * of 0.9 and 1.x, libraries of Arduino send the session id, and browsers of 2011 speak draft 7.
 */

const assert = require('node:assert');
const crypto = require('node:crypto');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');
const { open } = require('../lib/tcp.js');
const ws = require('../lib/ws.js');

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const keyOf = (n) => Buffer.alloc(n, 'nonce').toString('base64');
const key = (value) => ({ headers: { 'Sec-WebSocket-Key': value } });
const version = (value) => ({ headers: { 'Sec-WebSocket-Version': value } });
const headers = (more) => ({ headers: more });
const CHUNKED = headers({ 'Transfer-Encoding': 'chunked' });

/* What each of the generations answers. */
const ALL = { '0.9': 101, 3: 101, 4: 101 };
const NONE = { '0.9': 400, 3: 400, 4: 400 };
const NOT_4 = { ...ALL, 4: 400 };
const ONLY_09 = { ...NONE, '0.9': 101 };

const ROWS = [
    ['as browsers ask', {}, ALL],

    ['key: 16 bytes', key(keyOf(16)), ALL],
    ['key: 16 bytes, and bits of one more', key('IAMVERYEXCITEDESP32FTW=='), ALL],
    ['key: blanks around it', key(`  ${keyOf(16)}\t `), ALL],
    ['key: 20 bytes', key(keyOf(20)), NOT_4],
    ['key: a session id', key('lWnCw5J-6vQxN_pwAAAA'), NOT_4],
    ['key: 15 bytes', key(keyOf(15)), NOT_4],
    ['key: 17 bytes', key(keyOf(17)), NOT_4],
    ['key: 18 bytes', key(keyOf(18)), NOT_4],
    ['key: 16 bytes without padding', key(keyOf(16).slice(0, 22)), NOT_4],
    ['key: 16 bytes with half of the padding', key(keyOf(16).slice(0, 23)), NOT_4],
    ['key: padding in the middle', key('dGhlIHNhbXBs==Ugbm9uY2U='), NOT_4],
    ['key: the alphabet of URLs', key('_-hlIHNhbXBsZSBub25jZQ=='), NOT_4],
    ['key: a blank inside', key('dGhlIHNhbXBs SBub25jZQ=='), NOT_4],
    ['key: beyond ASCII', key('dGhlIHNhbXBs\xe9SBub25jZQ=='), NOT_4],
    ['key: 128 characters', key('k'.repeat(128)), NOT_4],
    ['key: 129 characters', key('k'.repeat(129)), NONE],
    ['key: empty', key(''), NONE],
    ['key: none', key(null), NONE],
    ['key: the same twice', headers({ 'sec-websocket-key': ws.SAMPLE_KEY }), NONE],
    ['key: another one', headers({ 'sec-websocket-key': keyOf(16) }), NONE],
    ['key: an empty one behind it', headers({ 'sec-websocket-key': '' }), NONE],

    ['version: 13', version('13'), ALL],
    ['version: 8', version('8'), ALL],
    ['version: 7', version('7'), ONLY_09],
    ['version: blanks around it', version(' 13\t'), ALL],
    ['version: none', version(null), NONE],
    ...['', '0', '6', '9', '12', '14', '25', '013', '+13', '13.0', '13a', '1 3', '13, 8', '8, 13',
        '13,13', '"13"', '255', '4294967309'].map((v) => [`version: "${v}"`, version(v), NONE]),
    ['version: twice', headers({ 'sec-websocket-version': '13' }), NONE],
    ['version: 8 behind 13', headers({ 'sec-websocket-version': '8' }), NONE],

    ['upgrade: other letters', headers({ Upgrade: 'WebSocket' }), ALL],
    ...['', 'h2c', 'websocke', 'websockets', 'web socket', 'websocket/13', '"websocket"',
        'websocket, h2c', 'h2c, websocket'].map(
        (v) => [`upgrade: "${v}"`, headers({ Upgrade: v }), NONE]),
    ['upgrade: none', headers({ Upgrade: null }), NONE],

    ...['upgrade', 'UPGRADE', 'keep-alive, Upgrade', 'Upgrade, HTTP2-Settings', ' ,Upgrade,',
        'keep-alive,upgrade'].map((v) => [`connection: "${v}"`, headers({ Connection: v }), ALL]),
    ['connection: the second of two', headers({ Connection: 'keep-alive', connection: 'Upgrade' }),
        ALL],
    ...['', 'keep-alive', 'close', 'upgraded', 'up, grade', '"Upgrade"', 'keep-alive Upgrade'].map(
        (v) => [`connection: "${v}"`, headers({ Connection: v }), NONE]),
    ['connection: none', headers({ Connection: null }), NONE],

    ...['POST', 'PUT', 'DELETE', 'PATCH', 'get'].map(
        (method) => [`method: ${method}`, { method }, NONE]),
    ['HTTP/1.0', { version: '1.0' }, ALL],
    ['no host', { host: null }, NONE],
    ['two hosts', headers({ host: 'b.example' }), NONE],

    ['body: of no bytes', headers({ 'Content-Length': '0' }), ALL],
    ['body: of two bytes', { body: '40' }, NONE],
    ['body: a frame', { body: ws.frame(ws.OPCODE.TEXT, '40') }, NONE],
    ['body: no chunks', { ...CHUNKED, body: '0\r\n\r\n' }, NONE],
    ['body: a chunk', { ...CHUNKED, body: '2\r\n40\r\n0\r\n\r\n' }, NONE],
];

/* Ask, and the answer, as ws.upgrade() does. */
async function ask(port, target, { headers: asked, ...options }) {
    const socket = await open(port, { Kind: ws.WsConnection });
    socket.write(ws.upgradeRequest(target, asked, options));
    socket.answer = await socket.response();
    return socket;
}

function assertOpened(socket, { headers: asked = {} }) {
    const sent = (asked['Sec-WebSocket-Key'] || ws.SAMPLE_KEY).trim();
    const accept = crypto.createHash('sha1').update(sent + GUID, 'latin1').digest('base64');
    assert.strictEqual(socket.answer.status, 101, socket.answer.head);
    assert.strictEqual(socket.answer.get('Sec-WebSocket-Accept'), accept);
}

/*
 * Refused in full, and told the version that it should have asked for. No session takes a PUT, and
 * 0.9 nothing that is no method.
 */
function assertRefused(socket, what) {
    const { status, body } = socket.answer;
    assert.ok(status === 400 ? body.length > 0
        : [405, what === 'method: get' ? 501 : 405].includes(status), socket.answer.head);
    if (what.startsWith('version: '))
        assert.strictEqual(socket.answer.get('Sec-WebSocket-Version'), '13');
}

describe('upgrade requests', { skip: BETTER.skip || NEEDS_CONTRACT.skip }, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    async function assertRow(what, options, expected, target, serve) {
        const socket = await ask(broker.port, target, options);
        if (expected === 101) {
            assertOpened(socket, options);
            await serve(socket);
        } else {
            assertRefused(socket, what);
        }
        socket.destroy();
    }

    describe('0.9', () => {
        for (const [what, options, expected] of ROWS) {
            test(what, async () => {
                const { id } = await sio.handshake(broker.port);
                await assertRow(what, options, expected['0.9'], sio.transportUrl('websocket', id),
                    async (socket) => {
                        assert.strictEqual(await socket.message(), '1::');
                        await socket.message();
                        await sio.assertAlive(socket);
                    });
            });
        }
    });

    for (const eio of [3, 4]) {
        const query = { EIO: eio, transport: 'websocket' };

        describe(`revision ${eio}`, () => {
            for (const [what, options, expected] of ROWS) {
                test(what, () => assertRow(what, options, expected[eio], engine.url(query),
                    async (socket) => assert.match(await socket.message(), /^0\{"sid":/)));

                test(`${what}, from polling`, async () => {
                    const { opened } = await engine.poll(broker.port, eio);
                    const target = engine.url({ ...query, sid: opened.sid });
                    await assertRow(what, options, expected[eio], target,
                        async (socket) => {
                            socket.text('2probe');
                            assert.strictEqual(await socket.message(), '3probe');
                        });
                });
            }
        });
    }

    test('a refused body is no request', async () => {
        const socket = await ask(broker.port, engine.url({ EIO: 4, transport: 'websocket' }),
            { body: http.format({ target: '/' }) });
        assert.strictEqual(socket.answer.status, 400);
        assert.strictEqual((await socket.request({ target: '/' })).status, 200);
        socket.destroy();
    });
});
