'use strict';
/*
 * Nobody can decide about a client for the moment (SIO_AWAY): then real clients of all generations
 * come back by themselves, as they do when a server has died, until somebody can.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { connect, leave, leaveAll } = require('../lib/modern.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const VERSIONS = ['0.9.16', '1.7.4', '2.5.0', '3.1.3', '4.8.4'];
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

describe('turned away', suite, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true, args: ['--reach'] });
    });
    after(async () => {
        leaveAll();
        await broker.stop();
    });

    for (const version of VERSIONS)
        for (const way of ['websocket', 'polling'])
            test(`${version} by ${way} comes back until it is let in`, async () => {
                const { turned_away: earlier } = await broker.counters();
                const query = version === '0.9.16' ? 'away=1' : { away: '1' };
                const client = await connect(broker.port, { version, query,
                    ...(version === '0.9.16'
                        ? { transports: [way === 'polling' ? 'xhr-polling' : way] } : { way }) });
                assert.deepStrictEqual(await client.ask('echo', 'in'), ['in']);
                assert.strictEqual((await broker.counters()).turned_away, earlier + 2);
                leave(client);
            });
});
