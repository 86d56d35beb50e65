'use strict';
/* What strangers can write into the log is bounded by kind, and the log says what was left out. */

const assert = require('node:assert');
const { test, describe } = require('node:test');
const { REFERENCE, startBroker } = require('../lib/server.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');
const sio = require('../lib/sio09.js');

const OURS = { skip: REFERENCE && 'about our own program' };

/* How many lines of that kind the log says were left out. */
const leftOut = (text, what) =>
    [...text.matchAll(new RegExp(`left out (\\d+) lines? about ${what}\n`, 'g'))]
        .reduce((n, [, more]) => n + Number(more), 0);

/* The times of the lines like this one, in milliseconds. */
const timesOf = (log, pattern) => log.split('\n').filter((line) => pattern.test(line))
    .map((line) => Date.parse(line.split(' ')[0]));

/*
 * N lines like this one were said or left out. Any second of the log touches two of ours, which
 * have `limit` lines each; the clock of the lines is not the one that seconds are counted by.
 */
function assertBounded(log, pattern, what, limit, N) {
    const times = timesOf(log, pattern);
    assert.strictEqual(times.length + leftOut(log, what), N);
    for (let i = 2 * limit; i < times.length; i++)
        assert.ok(times[i] - times[i - 2 * limit] > 900, `${times.length} lines: ${times}`);
}

describe('a stranger', OURS, () => {
    test('polls ids that nobody knows', async () => {
        const broker = await startBroker();
        const connection = await http.connect(broker.port);
        const N = 3000;
        for (let i = 0; i < N; i++) {
            const id = String(i).padStart(20, '0');
            const target = sio.transportUrl('xhr-polling', id);
            const { text } = await connection.request({ target });
            assert.strictEqual(text, '7:::1+0');
        }
        await broker.program.said(/left out \d+ lines about unknown sessions\n/);
        connection.destroy();
        const { unknown_sessions: unknown } = await broker.counters();
        assert.strictEqual(unknown, N);
        await broker.stop();
        assertBounded(broker.log, / info  session \S{20}: unknown: told to reconnect$/,
            'unknown sessions', 10, N);
    });

    test('opens and ends sessions', async () => {
        const broker = await startBroker({ config: { 'log rate': 20 } });
        const N = 1000;
        await polling.openAndEnd(broker.port, N);
        await broker.program.said(/left out \d+ lines about ended sessions\n/);
        const { handshakes, log_lines_left_out: n } = await broker.counters();
        assert.strictEqual(handshakes, N);
        assert.ok(n > 0);
        await broker.stop();
        assertBounded(broker.log, /session \S{20}: ended: booted$/, 'ended sessions', 20, N);
    });

    test('asks for what does not exist, and is refused', async () => {
        const broker = await startBroker();
        const connection = await http.connect(broker.port);
        const N = 100;
        for (let i = 0; i < N; i++)
            assert.strictEqual(
                (await connection.request({ target: '/socket.io/1/nothing/x' })).status, 400);
        connection.destroy();
        const { bad_requests: refused } = await broker.counters();
        await broker.stop();
        assert.strictEqual(refused, N);
        assertBounded(broker.log, /refused a request of .*$/, 'refused requests', 10, N);
    });

    test('and what is left out is said at the end, too', async () => {
        const broker = await startBroker({ config: { 'log rate': 5 } });
        for (let i = 0; i < 8; i++)
            await sio.connect(broker.port);
        await broker.stop();
        assert.strictEqual(
            timesOf(broker.log, /session \S{20}: ended: server shutting down$/).length, 5);
        assert.strictEqual(leftOut(broker.log, 'ended sessions'), 3);
    });
});
