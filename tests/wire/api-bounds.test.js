'use strict';
/* What callers of the HTTP API may make a broker keep, driven to its limits. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { auth, done, startApi } = require('../lib/api.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { REFERENCE } = require('../lib/server.js');

const BODY_BYTES = 900000;
const MOST = Math.floor(64 * 1024 * 1024 / BODY_BYTES);   /* of such requests */

describe('the bounds of the API', { skip: REFERENCE }, () => {
    let broker;
    before(async () => { broker = await startApi(); });
    after(() => broker.stop());

    /* It waits for the answer of a client, which gives none. Blanks are a part of the body. */
    const question = JSON.stringify({ name: 'question', timeout: 60000 }).padEnd(BODY_BYTES);

    async function ask() {
        const connection = await http.connect(broker.api);
        connection.write(http.format({ method: 'POST', target: '/v1/ask', headers: auth(),
            body: question }));
        return connection;
    }

    test('requests that wait for answers, in bytes, whoever still waits for them', async () => {
        const client = await engine.connect(broker.port, 4);
        await client.send('40');
        assert.match(await client.next(), /^40/);
        const callers = await Promise.all(Array.from({ length: MOST + 10 }, ask));
        const refused = await eventually(() => {
            const answered = callers.filter(({ received }) => received.length > 0);
            return answered.length >= 10 && answered;
        }, 'some are refused');
        for (const { status, text } of await Promise.all(refused.map((r) => r.response())))
            assert.deepStrictEqual([status, JSON.parse(text).error.code], [503, 'busy']);
        const kept = callers.filter((caller) => !refused.includes(caller));
        kept.pop().destroy();       /* which makes no room */
        assert.strictEqual((await (await ask()).response()).status, 503);
        client.destroy();           /* now nobody is left to answer */
        for (const caller of kept)
            assert.strictEqual((await caller.response()).status, 200);
        assert.ok(kept.length >= MOST / 2, `${kept.length} were taken`);
        assert.strictEqual((await done(broker.api, 'count', {})).sockets, 0);
        callers.forEach((caller) => caller.destroy());
    });

    test('the results of a batch, in bytes', async () => {
        const DATA = { text: 'x'.repeat(60000) };
        const client = await engine.connect(broker.port, 4);
        await client.send('40');
        const { sid } = JSON.parse((await client.next()).slice(2));
        await done(broker.api, 'set', { socket: sid, data: DATA });
        const { results } = await done(broker.api, 'batch',
            { commands: Array(1000).fill({ do: 'sockets', local: true }) });
        const first = results.findIndex(({ error }) => error !== undefined);
        assert.ok(first * 60000 > 15e6 && first * 60000 < 18e6, `${first} were done`);
        assert.ok(results.slice(first).every(({ error }) => error?.code === 'too_large'));
        assert.strictEqual(results.length, 1000);
        client.destroy();
    });
});
