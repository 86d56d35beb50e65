'use strict';
/* Heads of requests: large ones are served, larger ones are refused. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { REFERENCE, startBroker } = require('../lib/server.js');
const http = require('../lib/http.js');

const OURS = { skip: REFERENCE && 'about our own program' };

describe('heads as they come through single sign-on', OURS, () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    const lines = (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`X-${i}`, 'y']));
    for (const target of ['/socket.io/1/', '/socket.io/?EIO=4&transport=polling']) {
        test(`${target}: 90 headers, 15,000 bytes of cookies, an address of 8,000`, async () => {
            for (const [headers, more] of [[lines(90), ''], [{ Cookie: 'c'.repeat(15000) }, ''],
                [{}, `${target.includes('?') ? '&' : '?'}x=${'y'.repeat(7900)}`]])
                assert.strictEqual(
                    (await http.get(broker.port, target + more, headers)).status, 200);
        });
    }

    test('17,000 bytes: 431', async () => {
        const response = await http.get(broker.port, '/', { Cookie: 'c'.repeat(17000) });
        assert.strictEqual(response.status, 431);
    });

    test('101 headers: 431', async () => {
        assert.strictEqual((await http.get(broker.port, '/', lines(100))).status, 431);
    });
});
