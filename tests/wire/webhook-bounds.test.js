'use strict';
/* What clients may make a broker keep for a backend that does not answer. */

const assert = require('node:assert');
const { test, describe } = require('node:test');
const { done, startApi } = require('../lib/api.js');
const { Backend, settings, ENV } = require('../lib/backend.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const { REFERENCE } = require('../lib/server.js');

/* A client that joins, or comes back; resolves when it is there. */
async function join(port, auth = {}) {
    const client = await engine.connect(port, 4);
    await client.send(`40${JSON.stringify(auth)}`);
    let packet;
    do {
        packet = await client.next();
    } while (!packet.startsWith('40'));
    return Object.assign(client, JSON.parse(packet.slice(2)));
}

describe('a backend that does not answer', { skip: REFERENCE }, () => {
    test('a client that comes back and finds no room: one end is told', async () => {
        let open;
        const opened = new Promise((resolve) => { open = resolve; });
        const backend = await new Backend({ event: () => opened.then(() => null) }).start();
        const broker = await startApi({ env: ENV, config: {
            connectionStateRecovery: { maxDisconnectionDuration: 600000 },
            backends: [settings(backend, { 'max queued events': 1, timeout: 60 })] } });
        const waiting = async () => (await broker.counters()).backend_queue;

        const client = await join(broker.port);
        await done(broker.api, 'emit', { name: 'hello' });
        const [, , offset] = (await client.next()).split('"').filter((text) => /\w/.test(text));
        await client.send('42["say"]');
        await eventually(async () => await waiting() === 1, 'it is under way');
        client.destroy();
        await eventually(async () => await waiting() === 2, 'and its end waits');
        const again = await join(broker.port, { pid: client.pid, offset });
        assert.strictEqual(again.sid, client.sid, 'it has come back');
        await again.end();  /* there is no room for that */
        again.destroy();
        assert.strictEqual(await waiting(), 2);
        open();
        await eventually(async () => await waiting() === 0, 'all is told');
        assert.deepStrictEqual(backend.of('disconnect').map(({ socket }) => socket.id),
            [client.sid]);
        await broker.stop();
        await backend.end();
    });
});
