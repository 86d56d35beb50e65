'use strict';
/*
 * The server ends the session of a real client that is about to leave its polls for a websocket, or
 * has left them and has not said yet that it is there: it learns how the session ended, as at any
 * other time.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { event } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const { MODERN, VERSIONS, BETTER, begin, leave, leaveAll } = require('../lib/modern.js');
const { startBroker } = require('../lib/server.js');

after(leaveAll);

describe('a session ends while its client changes the transport', BETTER, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    /* By a POST that the client knows nothing of. */
    async function say(client, word) {
        const eio = VERSIONS[client.version].engine;
        const other = new engine.Polling(broker.port, eio, { sid: client.engine.id });
        await other.send(`42["${word}"]`);
    }

    const STAGES = {
        'before it pauses its polls': async (say, transport, pause, onPause) => {
            await say();
            pause(onPause);
        },
        'when it waits for its last poll': async (say, transport, pause, onPause) => {
            const { onData } = transport;
            let said = Promise.resolve();
            transport.onData = (data) => said.then(() => onData.call(transport, data));
            await event(transport, 'poll');
            said = say();
            pause(onPause);
            await said;
        },
        'when it has paused them': async (say, transport, pause, onPause) => {
            pause(async () => {
                await say();
                onPause();
            });
        },
    };

    /* It is connected when its websocket was probed, and is ended then. */
    function beginAndEnd(version, stage, word) {
        const client = begin(broker.port, { version, way: 'upgrade' });
        const connected = client.next('server');
        client.engine.once('upgrading', () => {
            const { transport } = client.engine;
            const pause = transport.pause.bind(transport);
            transport.pause = async (onPause) => {
                await connected;
                await STAGES[stage](() => say(client, word), transport, pause, onPause);
            };
        });
        return client;
    }

    for (const version of MODERN) {
        for (const stage of Object.keys(STAGES)) {
            test(`${version} is disconnected ${stage}`, async () => {
                const client = beginAndEnd(version, stage, 'kick');
                assert.strictEqual((await client.next('disconnect'))[0], 'io server disconnect');
                leave(client);
            });

            test(`${version} is hung up on ${stage}, and comes back`, async () => {
                const client = beginAndEnd(version, stage, 'hang up');
                assert.strictEqual((await client.next('disconnect'))[0], 'transport close');
                await client.next('server');
                leave(client);
            });
        }
    }
});
