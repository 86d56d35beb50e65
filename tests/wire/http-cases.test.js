'use strict';
/* Requests that could be read in two ways (lib/http-cases.js): each has one answer. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { BAD, GOOD } = require('../lib/http-cases.js');
const http = require('../lib/http.js');
const { BETTER, startBroker } = require('../lib/server.js');

const WELCOME = 'Welcome to socket.io.';

describe('doubtful requests', BETTER, () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    for (const [what, bytes, status] of BAD) {
        test(`${what}: ${status}, and the end`, async () => {
            const connection = await http.connect(broker.port);
            connection.write(Buffer.from(bytes, 'latin1'));
            const response = await connection.response();
            assert.strictEqual(response.status, status, response.head);
            assert.match(response.get('Connection'), /close/i);
            assert.strictEqual((await connection.end()).length, 0, 'and no second answer');
            connection.destroy();
        });
    }

    for (const [what, bytes, status] of GOOD) {
        test(`${what}: ${status}, and the next`, async () => {
            const connection = await http.connect(broker.port);
            connection.write(Buffer.from(bytes, 'latin1'));
            const response = await connection.response();
            assert.strictEqual(response.status, status, response.head);
            assert.doesNotMatch(response.text, /secret/);
            if (status === 405 || status === 501)
                assert.strictEqual(response.get('Allow'), 'GET, HEAD, POST, OPTIONS');
            assert.strictEqual((await connection.request({ target: '/' })).text, WELCOME);
            connection.destroy();
        });
    }

    test('byte by byte: the same', async () => {
        for (const [what, bytes, status] of [...BAD, ...GOOD].filter(([, b]) => b.length < 300)) {
            const connection = await http.connect(broker.port);
            connection.socket.on('error', () => {});    /* it may end in the middle */
            for (const byte of Buffer.from(bytes, 'latin1')) {
                if (connection.closed || connection.socket.destroyed)
                    break;
                connection.socket.write(Buffer.from([byte]));
                await new Promise(setImmediate);
            }
            assert.strictEqual((await connection.response()).status, status, what);
            connection.destroy();
        }
    });
});
