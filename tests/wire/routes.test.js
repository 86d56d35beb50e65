'use strict';
/* Which answer belongs to which request target (spec 1.1). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER } = require('../lib/server.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');

const WELCOME = ['/', '/other', '/SOCKET.IO/1/', '/socket.i', '/socket.io', '/socket.io/',
    '/socket.io?x=1', '/socket.io/0/', '/socket.io/abc/', '/socket.io/foo.js', '/socket.io//1/',
    '/socket.io/1/a/b/c/d', '/socket.io/%31/'];
const HANDSHAKE = ['/socket.io/1', '/socket.io/1/', '/socket.io/01/', '/socket.io/1.0/',
    '/socket.io/1/?t=1', '/socket.io/1/websocket', '/socket.io/1/websocket/', '/socket.io/1/bogus',
    '/socket.io/1?t=1', '/socket.io/1#x', '/socket.io/1/#?x', '/socket.io/1/?t=1#x/y'];
const WRONG_PROTOCOL = ['/socket.io/2/', '/socket.io/2', '/socket.io/1.5/', '/socket.io/-1/',
    '/socket.io/static/flashsocket/other.swf', '/socket.io/0/websocket/X'];
const NO_SUCH_TRANSPORT = ['/socket.io/1/bogus/X', '/socket.io/1//X', '/socket.io/1/websocket/X',
    '/socket.io/1/flashsocket/X', '/socket.io/1/WebSocket/X'];

describe('routes', () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    for (const target of WELCOME) {
        test(`GET ${target} is welcomed`, async () => {
            const response = await http.get(broker.port, target);
            assert.strictEqual(response.status, 200);
            assert.strictEqual(response.text, 'Welcome to socket.io.');
            assert.strictEqual(response.get('Content-Type'), undefined);
        });
    }

    for (const target of HANDSHAKE) {
        test(`GET ${target} is a handshake`, async () => {
            const response = await http.get(broker.port, target);
            assert.strictEqual(response.status, 200);
            assert.match(sio.parseHandshake(response.text).id, sio.ID);
        });
    }

    for (const target of WRONG_PROTOCOL) {
        test(`GET ${target} is refused for its protocol version`, async () => {
            const response = await http.get(broker.port, target);
            assert.strictEqual(response.status, 500);
            assert.strictEqual(response.text, 'Protocol version not supported.');
            assert.strictEqual(response.get('Content-Type'), undefined);
        });
    }

    for (const target of NO_SUCH_TRANSPORT) {
        test(`GET ${target} gets a complete refusal`, BETTER, async () => {
            const response = await http.get(broker.port, target);
            assert.strictEqual(response.status, 400);
            assert.ok(response.body.length > 0);
        });
    }

    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const body = method === 'POST' ? 'x=1' : undefined;
        test(`${method} of the handshake URL is a handshake`, async () => {
            const response = await http.request(broker.port,
                { method, target: '/socket.io/1/', body });
            assert.strictEqual(response.status, 200);
            assert.match(sio.parseHandshake(response.text).id, sio.ID);
        });
    }

    test('HEAD of the handshake URL has no body, and the connection goes on', async () => {
        const connection = await http.connect(broker.port);
        const head = await connection.request({ method: 'HEAD', target: '/socket.io/1/' });
        assert.strictEqual(head.status, 200);
        const next = await connection.request({ target: '/socket.io/' });
        assert.strictEqual(next.text, 'Welcome to socket.io.');
        connection.destroy();
    });

    for (const method of ['PUT', 'DELETE', 'TRACE']) {
        test(`${method} of a transport URL is not allowed`, BETTER, async () => {
            const { id } = await sio.handshake(broker.port);
            const response = await http.request(broker.port,
                { method, target: sio.transportUrl('xhr-polling', id) });
            assert.strictEqual(response.status, 405);
        });
    }

    test('OPTIONS of a transport URL gets a CORS answer', BETTER, async () => {
        const { id } = await sio.handshake(broker.port);
        const response = await http.request(broker.port, {
            method: 'OPTIONS', target: sio.transportUrl('xhr-polling', id),
            headers: { Origin: 'http://a.example', 'Access-Control-Request-Method': 'POST' },
        });
        assert.ok([200, 204, 405].includes(response.status), `status ${response.status}`);
        assert.strictEqual(response.get('Access-Control-Allow-Origin'), 'http://a.example');
        assert.strictEqual(response.get('Access-Control-Allow-Credentials'), 'true');
    });
});

describe('routes under another resource', () => {
    let broker;
    before(async () => { broker = await startBroker({ config: { resource: '/a/b' } }); });
    after(() => broker.stop());

    test('the handshake is under the resource', async () => {
        const response = await http.get(broker.port, '/a/b/1/');
        assert.match(sio.parseHandshake(response.text).id, sio.ID);
    });

    test('the default place is nothing special any more', async () => {
        const response = await http.get(broker.port, '/socket.io/1/');
        assert.strictEqual(response.text, 'Welcome to socket.io.');
    });
});
