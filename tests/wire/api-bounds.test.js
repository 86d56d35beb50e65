'use strict';
/*
 * What callers of the HTTP API may make a broker keep, driven to its limits; see also
 * tests/unit/backends/api_bounds_test.c.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { done, startApi } = require('../lib/api.js');
const engine = require('../lib/engine.js');
const { REFERENCE } = require('../lib/server.js');

describe('the bounds of the API', { skip: REFERENCE }, () => {
    let broker;
    before(async () => { broker = await startApi(); });
    after(() => broker.stop());

    test('the results of a batch, in bytes', async () => {
        const DATA = { text: 'x'.repeat(60000) };
        const client = await engine.connect(broker.port, 4);
        await client.send('40');
        const { sid } = JSON.parse((await client.next()).slice(2));
        await done(broker.api, 'set', { socket: sid, data: DATA });
        const { results } = await done(broker.api, 'batch',
            { commands: Array(400).fill({ do: 'sockets', local: true }) });
        const first = results.findIndex(({ error }) => error !== undefined);
        assert.ok(first * 60000 > 15e6 && first * 60000 < 18e6, `${first} were done`);
        assert.ok(results.slice(first).every(({ error }) => error?.code === 'too_large'));
        assert.strictEqual(results.length, 400);
        client.destroy();
    });
});
