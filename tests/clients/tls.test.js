'use strict';
/* Real clients by https and wss: 0.9.16, 2.5 and 4.8, by websocket, by polling, and in between. */

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; /* old clients have no option for an authority */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { tlsConfig } = require('../lib/certificates.js');
const { connect, leave, leaveAll, transportOf } = require('../lib/client.js');
const { event, eventually, within } = require('../lib/deadline.js');
const { NEEDS_CONTRACT, REFERENCE, startBroker } = require('../lib/server.js');

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };
const TEXT = 'é€😀 '.repeat(5000);

describe('real clients through TLS', suite, () => {
    let broker, url;

    before(async () => {
        broker = await startBroker({ contract: true, config: await tlsConfig() });
        url = `https://localhost:${broker.port}`;
    });

    after(async () => {
        leaveAll();
        await broker.stop();
    });

    async function echoes(client) {
        for (const value of ['hello', TEXT]) {
            const answer = event(client, 'echo');
            client.emit('echo', value);
            assert.deepStrictEqual(await answer, [value]);
        }
    }

    for (const transport of ['websocket', 'xhr-polling'])
        test(`0.9.16, ${transport}`, async () => {
            const client = await connect(broker.port, { scheme: 'https', transports: [transport],
                'connect timeout': 30000 });
            assert.strictEqual(transportOf(client), transport);
            await echoes(client);
            leave(client);
        });

    for (const [version, name] of [['2.5', 'socket.io-client-2'], ['4.8', 'socket.io-client-4']])
        for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']])
            test(`${version}, ${transports.join(' to ')}`, async () => {
                const io = require(name);
                const client = io(url, { transports, forceNew: true, reconnection: false,
                    timeout: 30000, rejectUnauthorized: false });
                await event(client, 'server');
                await eventually(() => client.io.engine.transport.name === transports.at(-1),
                    'has come to its last transport');
                await echoes(client);
                const gone = new Promise((resolve) => client.once('disconnect', resolve));
                client.disconnect();
                await within(gone, 'leaves');
            });

    test('no handshake has failed', async () => {
        const { tls_failures: failures, tls_handshakes: done } = await broker.counters();
        assert.strictEqual(failures, 0, broker.log);
        assert.ok(done >= 8, `${done}`);
    });
});
