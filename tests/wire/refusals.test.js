'use strict';
/* Whatever a request is refused for, the page that sent it may read why, if "origins" admits it. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { REFERENCE, startBroker } = require('../lib/server.js');

const OURS = { skip: REFERENCE && 'about our own program' };
const CONFIG = { origins: ['a.example:*'], 'max header bytes': 2048, 'max url bytes': 512,
    'max headers': 20, 'destroy buffer size': 1000, maxPayload: 1000, 'request timeout': 0.2 };

const ADMITTED = 'http://a.example', OTHER = 'http://b.example';

/* Engine.IO: of a new session each time, since a body for another is not waited for. */
const PATHS = { '0.9': () => '/socket.io/1/xhr-polling/X',
    'Engine.IO': async (port) => engine.url(
        (await new engine.Polling(port, 4).open({ Origin: ADMITTED })).query) };

const post = (path, origin, lines, body = '') => 'POST ' +
    `${path} HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\n${lines}\r\n\r\n${body}`;

/* What is wrong, its status, and the bytes of such a request. */
const BAD = [
    ['a bad header', 400, (path, origin) => post(path, origin, 'no header')],
    ['two lengths', 400, (path, origin) =>
        post(path, origin, 'Content-Length: 1\r\nContent-Length: 2')],
    ['a bad chunk', 400, (path, origin) =>
        post(path, origin, 'Transfer-Encoding: chunked', 'zz\r\n')],
    ['a head that does not end', 408, (path, origin) => post(path, origin, 'X: y').slice(0, -2)],
    ['a body that does not come', 408, (path, origin) =>
        post(path, origin, 'Content-Length: 9', '3')],
    ['chunks that do not end', 408, (path, origin) =>
        post(path, origin, 'Transfer-Encoding: chunked', '1\r\n3\r\n')],
    ['a body that is too long', 413, (path, origin) => post(path, origin, 'Content-Length: 1001')],
    ['chunks that are too long', 413, (path, origin) =>
        post(path, origin, 'Transfer-Encoding: chunked', `3e9\r\n${'x'.repeat(1001)}\r\n`)],
    ['a URL that is too long', 414, (path, origin) =>
        post(`${path}&x=${'y'.repeat(500)}`, origin, 'X: y')],
    ['a head that is too long', 431, (path, origin) =>
        post(path, origin, `X: ${'y'.repeat(2048)}`)],
    ['too many headers', 431, (path, origin) =>
        post(path, origin, Array(20).fill('X: y').join('\r\n'))],
    ['an unknown transfer coding', 501, (path, origin) =>
        post(path, origin, 'Transfer-Encoding: rot13')],
];

/* Refusals of one protocol alone: the same, with the method and the path in one. */
const OWN = [
    ['0.9: a protocol of its own', 500, '/socket.io/2/'],
    ['0.9: an unknown transport', 400, '/socket.io/1/pigeon/X'],
    ['0.9: websocket without an upgrade', 400, '/socket.io/1/websocket/X'],
    ['0.9: an unknown method', 405, '/socket.io/1/xhr-polling/X', 'PUT'],
    ['0.9: another one', 405, '/socket.io/1/jsonp-polling/X', 'DELETE'],
    ['4.x: a client that is not served', 404, '/socket.io/4/socket.io.js'],
    ['Engine.IO: an unknown session', 400, '/socket.io/?EIO=4&transport=polling&sid=X'],
    ['Engine.IO: an unknown transport', 400, '/socket.io/?EIO=4&transport=pigeon'],
    ['Engine.IO: a handshake that posts', 400, '/socket.io/?EIO=4&transport=polling', 'POST'],
];

async function refused(port, bytes, status) {
    const response = await http.request(port, bytes);
    assert.strictEqual(response.status, status, response.head);
    return response;
}

function assertReadable(response, origin) {
    assert.strictEqual(response.get('Access-Control-Allow-Origin'), origin, response.head);
    assert.strictEqual(response.get('Access-Control-Allow-Credentials'), origin && 'true');
    if (origin !== undefined && [404, 405, 414].includes(response.status))
        assert.match(response.get('Vary'), /Origin/, 'caches keep these');
}

describe('a refused request', OURS, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { ...CONFIG, 'browser client': false } });
    });
    after(() => broker.stop());

    for (const [protocol, path] of Object.entries(PATHS)) {
        for (const [what, status, bytes] of BAD) {
            test(`${protocol}, ${what}: ${status} for the page to read`, async () => {
                for (const [origin, readable] of [[ADMITTED, ADMITTED], [OTHER, undefined]]) {
                    const request = bytes(await path(broker.port), origin);
                    assertReadable(await refused(broker.port, request, status), readable);
                }
            });
        }
    }

    for (const [what, status, target, method = 'GET'] of OWN) {
        test(`${what}: ${status} for the page to read`, async () => {
            const format = (headers) => http.format({ method, target, headers });
            assertReadable(await refused(broker.port, format({ Origin: ADMITTED }), status),
                ADMITTED);
            assertReadable(await refused(broker.port, format({ Origin: OTHER }), status),
                undefined);
        });
    }

    test('the origin is that of the request, not of the one before', async () => {
        const connection = await http.connect(broker.port);
        const target = '/socket.io/1/pigeon/X';
        for (const Origin of [ADMITTED, undefined, OTHER, ADMITTED]) {
            const response = await connection.request(
                { target, headers: Origin && { Origin } });
            assertReadable(response, Origin === ADMITTED ? ADMITTED : undefined);
        }
        connection.destroy();
    });

    test('a control character is no part of an answer', async () => {
        const { head } = await refused(broker.port, post('/', `${ADMITTED}\x01`, 'X: y'), 400);
        assert.doesNotMatch(head, /Access-Control/);
    });
});

describe('handshakes that are too many', OURS, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { ...CONFIG, 'max sessions per address': 1 } });
    });
    after(() => broker.stop());

    for (const [target, address] of [['/socket.io/1/', '203.0.113.1'],
        ['/socket.io/?EIO=4&transport=polling', '203.0.113.2']]) {
        test(`${target}: 503 for the page to read`, async () => {
            const headers = { Origin: ADMITTED, 'X-Forwarded-For': address };
            assert.strictEqual((await http.get(broker.port, target, headers)).status, 200);
            const response = await http.get(broker.port, target, headers);
            assert.strictEqual(response.status, 503);
            assert.strictEqual(response.get('Access-Control-Allow-Origin'), ADMITTED);
            assert.strictEqual(response.get('Access-Control-Allow-Credentials'), 'true');
        });
    }
});
