'use strict';
/* The admin listener tells the server what to do: /drain, /undrain, /reload. */

const assert = require('node:assert');
const fs = require('node:fs');
const { test, describe } = require('node:test');
const { REFERENCE } = require('../lib/server.js');
const { LOCAL, getJson, metrics, startAdmin, valueOf } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };

async function order(broker, target) {
    const { status, text } = await http.request(broker.admin, { method: 'POST', target, body: '' });
    assert.match(text, /^\{[^\n]*\}\n$/, 'one line');
    return { status, ...JSON.parse(text) };
}

describe('/drain and /undrain', suite, () => {
    test('there is a way back during the delay', async () => {
        const broker = await startAdmin({ config: { 'drain delay': 60 } });
        assert.deepStrictEqual(await order(broker, '/drain'), { status: 200, phase: 'leaving' });
        assert.deepStrictEqual((await getJson(broker.admin, '/readyz')).why, ['draining']);
        await sio.handshake(broker.port);
        assert.deepStrictEqual(await order(broker, '/drain'), { status: 200, phase: 'leaving' });
        assert.deepStrictEqual(await order(broker, '/undrain'), { status: 200, phase: 'serving' });
        assert.strictEqual((await getJson(broker.admin, '/readyz')).status, 200);
        broker.program.kill('SIGTERM'); /* it leaves; told again, it stops */
        await broker.program.said(/draining: SIGTERM\n/);
        await broker.stop();
    });

    test('without a delay there is none, and the listener is still there', async () => {
        const broker = await startAdmin();
        assert.deepStrictEqual(await order(broker, '/drain'), { status: 200, phase: 'spreading' });
        await broker.program.said(/drained: no session is left\n/);
        const { status, error } = await order(broker, '/undrain');
        assert.strictEqual(status, 409);
        assert.match(error, /delay/);
        await assert.rejects(http.get(broker.port, '/'));
        assert.strictEqual((await getJson(broker.admin, '/livez')).status, 200);
        await broker.stop();
    });

    test('nobody is drained who is not', async () => {
        const broker = await startAdmin();
        assert.strictEqual((await order(broker, '/undrain')).status, 409);
        assert.strictEqual((await getJson(broker.admin, '/readyz')).status, 200);
        await broker.stop();
    });
});

describe('/reload', suite, () => {
    test('all of the new settings, or none and why', async () => {
        const broker = await startAdmin({ config: { 'max sessions': 1000 } });
        const file = broker.program.child.spawnargs.at(-1);
        const setting = async () =>
            (await getJson(broker.admin, '/status')).settings['max sessions'];
        const read = async () =>
            valueOf(await metrics(broker.admin), 'reload_success_timestamp_seconds');
        const begun = await read();

        fs.writeFileSync(file, JSON.stringify({ 'admin listen': [LOCAL], 'max sessions': 2000 }));
        assert.deepStrictEqual(await order(broker, '/reload'), { status: 200, reloaded: true });
        assert.strictEqual(await setting(), 2000);
        const reloaded = await read();
        assert.ok(reloaded > begun, `${reloaded} > ${begun}`);
        fs.writeFileSync(file, '{"max sessions": "many"}');
        const { status, error } = await order(broker, '/reload');
        assert.strictEqual(status, 422);
        assert.ok(error.includes(file) && error.includes('"max sessions"'), error);
        assert.strictEqual(await setting(), 2000);
        assert.strictEqual(await read(), reloaded);
        await broker.program.said(/not reloaded, all stays as it is: /);
        await broker.stop();
    });

    test('who leaves at once does no harm', async () => {
        const broker = await startAdmin();
        for (let i = 0; i < 10; i++) {
            const connection = await http.connect(broker.admin);
            connection.write('POST /reload HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 0\r\n\r\n');
            connection.destroy();
        }
        await eventually(async () => (await order(broker, '/reload')).status === 200, 'reloads');
        await broker.stop();
    });
});
