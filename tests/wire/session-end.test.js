'use strict';
/* The ways a session ends by the client's wish (spec 1.6, 5.4). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER } = require('../lib/server.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');

describe('end of a session', () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    async function assertBooted(socket) {
        assert.strictEqual(await socket.message(), '0::');
        assert.ok([null, 1000].includes(await socket.closeCode()));
        const again = await sio.upgrade(broker.port, socket.id);
        assert.ok(/^(7:::1\+0|0::)$/.test(await again.message()));
        again.destroy();
        socket.destroy();
    }

    test('0:: is answered with 0::, then the connection ends', async () => {
        const socket = await sio.connect(broker.port);
        socket.text('0::');
        await assertBooted(socket);
    });

    test('0:: with an empty data part too', async () => {
        const socket = await sio.connect(broker.port);
        socket.text('0:::');
        await assertBooted(socket);
    });

    const FORMS = [
        (id) => `/socket.io/1//${id}/?disconnect=1`,
        (id) => `/socket.io/1/websocket/${id}?disconnect`,
        (id) => `/socket.io/1/websocket/${id}/?t=1&disconnect=`,
        (id) => `/socket.io/1/xhr-polling/${id}?disconnect=1`,
        (id) => `/socket.io/1/bogus/${id}?disconnect=0`,
    ];
    for (const form of FORMS) {
        test(`GET ${form('<id>')} ends it`, async () => {
            const socket = await sio.connect(broker.port);
            const response = await http.get(broker.port, form(socket.id),
                { Origin: 'http://a.example' });
            assert.strictEqual(response.status, 200);
            assert.strictEqual(response.body.length, 0);
            assert.strictEqual(response.get('Access-Control-Allow-Origin'), undefined);
            await assertBooted(socket);
        });
    }

    test('POST with ?disconnect ends it', async () => {
        const socket = await sio.connect(broker.port);
        const response = await http.post(broker.port,
            `/socket.io/1/xhr-polling/${socket.id}?disconnect=1`, '');
        assert.strictEqual(response.status, 200);
        await assertBooted(socket);
    });

    test('?disconnect of an unknown session is answered alike', async () => {
        const response = await http.get(broker.port,
            '/socket.io/1//AAAAAAAAAAAAAAAAAAAA/?disconnect=1');
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.body.length, 0);
    });

    test('?disconnect of a handshake that was not used yet', async () => {
        const { id } = await sio.handshake(broker.port);
        const response = await http.get(broker.port, `/socket.io/1//${id}/?disconnect=1`);
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.body.length, 0);
    });

    test('0::/nsp leaves the session alone', async () => {
        const socket = await sio.connect(broker.port);
        socket.text('0::/nsp');
        await sio.assertAlive(socket);
        socket.destroy();
    });

    test('the session next door goes on', BETTER, async () => {
        const [one, other] = [await sio.connect(broker.port), await sio.connect(broker.port)];
        one.text('0::');
        await assertBooted(one);
        await sio.assertAlive(other);
        other.destroy();
    });
});
