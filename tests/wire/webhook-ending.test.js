'use strict';
/* What a broker that stops has still to tell its backends: it does, or says how much was lost. */

const assert = require('node:assert');
const { test, describe } = require('node:test');
const { Backend, settings, ENV } = require('../lib/backend.js');
const { Crowd } = require('../lib/crowd.js');
const { eventually } = require('../lib/deadline.js');
const { connect, leaveAll } = require('../lib/modern.js');
const { REFERENCE, startBroker } = require('../lib/server.js');

const N = 300;

const greeting = { connect: () => ({ emit: [['server', {}]] }) };
/* Patient, as a busy machine may let each of them wait. */
const start = (backend, seconds) => startBroker({ env: ENV, config: { 'shutdown timeout': seconds,
    backends: [settings(backend, { timeout: 30, 'connect within': 45 })] } });

describe('a broker that stops', { skip: REFERENCE }, () => {
    test('tells the end of each client before', async () => {
        const backend = await new Backend(greeting).start();
        const broker = await start(backend, 30);
        const crowd = new Crowd(broker.port);
        await crowd.grow(N);
        crowd.isOver = true;    /* nobody comes back */
        await broker.stop();
        const [here, gone] = ['connect', 'disconnect'].map((type) =>
            backend.of(type).map(({ socket }) => socket.id).sort());
        assert.strictEqual(gone.length, N);
        assert.deepStrictEqual(gone, here);
        assert.doesNotMatch(broker.log, /not delivered/);
        crowd.leave();
        await backend.end();
    });

    test('does not wait for ever, and says what was not delivered', async () => {
        let open;
        const opened = new Promise((resolve) => { open = resolve; });
        const backend = await new Backend({ ...greeting,
            event: () => opened.then(() => null) }).start();
        const broker = await start(backend, 0.5);
        const client = await connect(broker.port);
        for (let i = 0; i < 50; i++)
            client.emit('say', i);
        await eventually(async () => (await broker.counters()).backend_queue === 50, 'all wait');
        await broker.stop();
        assert.match(broker.log, /backend app: 51 events were not delivered\n/);
        open();
        leaveAll();
        await backend.end();
    });
});
