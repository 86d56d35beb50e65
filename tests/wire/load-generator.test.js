'use strict';
/*
 * The load generator of the benches (tests/bench/load): what it counts is what happened. A server
 * with faults is in tests/lib/faulty-server.js; the yardstick and the contract server have none.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { Program, freePort } = require('../lib/program.js');
const { startFaultyServer } = require('../lib/faulty-server.js');
const { NEEDS_CONTRACT, ROOT, startBroker } = require('../lib/server.js');

function built(name) {
    return ['build/asan/bench', 'build/bench'].map((folder) => path.join(ROOT, folder, name))
        .find((file) => fs.existsSync(file));
}

const LOAD = built('load');
const YARDSTICK = built('yardstick');
const BUILT = { skip: !(LOAD && YARDSTICK) && 'the bench is not built' };

async function load(...args) {
    const program = new Program(LOAD, [...args.map(String), '--quiet']);
    const { code } = await program.ended();
    program.assertNoSanitizerReport();
    return { code, stderr: program.stderr, ...JSON.parse(program.stdout || '{}') };
}

/* For twice as long each time, until that has brought enough: a busy machine does little. */
async function loadUntil(isEnough, seconds, ...args) {
    const result = await load(...args, '--seconds', seconds);
    if (isEnough(result) || seconds > 30)
        return { ...result, seconds };
    return loadUntil(isEnough, 2 * seconds, ...args);
}

/* Against a server with these options, until the test ends. */
async function faulty(t, options) {
    const server = await startFaultyServer(options);
    t.after(() => server.stop());
    return server;
}

/*
 * A run against a server with faults, for twice as long each time until it has shown all of them:
 * those that it tells of must be those that the server has counted.
 */
async function assertSameCounts(t, ...args) {
    for (let seconds = 0.5; ; seconds *= 2) {
        const { port, counts } = await faulty(t, { faults: true });
        const result = await load(...args, '--server', port, '--outstanding', 4, '--warmup', 0.1,
            '--seconds', seconds, '--timeout', 3);
        assert.deepStrictEqual(Object.keys(counts).map((fault) => [fault, result[fault]]),
            Object.entries(counts));
        if (Object.values(counts).every((n) => n > 0)) {
            assert.strictEqual(result.code, 1);
            return result;
        }
        assert.ok(seconds < 60, `the server has not shown all faults: ${JSON.stringify(counts)}`);
    }
}

const CLEAN = { code: 0, lost: 0, doubled: 0, reordered: 0, damaged: 0, failed: 0 };

async function assertClean(...args) {
    const result = await loadUntil(({ operations }) => operations > 0, 0.1, ...args,
        '--warmup', 0);
    for (const [key, value] of Object.entries(CLEAN))
        assert.strictEqual(result[key], value, `${args.join(' ')}: ${key} ${result.stderr}`);
    assert.ok(result.operations > 0);
    assert.ok(result.cpu_per_operation >= 0);
}

async function assertServes({ port, program }, client) {
    const common = ['--server', port, '--client', client, '--pid', program.pid];
    await assertClean('connect', ...common, '--connections', 50);
    await assertClean('echo', ...common, '--connections', 10, '--outstanding', 3);
    await assertClean('echo', ...common, '--connections', 10, '--event', '--bytes', 2000);
    await assertClean('fan-out', ...common, '--connections', 20, '--outstanding', 2,
        '--slow-reader');
}

describe('the load generator', { concurrency: 4 }, () => {
    for (const [how, args] of [['acknowledgement', []], ['event', ['--event']]]) {
        test(`echoes by ${how} that are faulty are counted, by kind of fault`, BUILT, async (t) => {
            const result = await assertSameCounts(t, 'echo', '--connections', 3, ...args);
            assert.strictEqual(result.received, result.sent - result.lost);
        });
    }

    test('deliveries that are faulty are counted, by kind of fault', BUILT, async (t) => {
        const result = await assertSameCounts(t, 'fan-out', '--connections', 4);
        assert.strictEqual(result.received, 4 * result.sent - result.lost);
    });

    test('latency is what the server lets messages wait', BUILT, async (t) => {
        const server = await faulty(t, { delayMs: 20 });
        const { code, latency } = await loadUntil((result) => result.latency !== undefined, 0.2,
            'echo', '--server', server.port, '--connections', 2, '--warmup', 0);
        assert.strictEqual(code, 0);
        assert.ok(latency.p50 >= 18000, `p50 is ${latency.p50} us`);
        assert.ok(latency.p50 <= latency.p99 && latency.p99 <= latency.max,
            JSON.stringify(latency));
    });

    test('a rate is kept, and what comes late for it is late', BUILT, async (t) => {
        const { port } = await faulty(t, { delayMs: 50 });
        const { code, sent, latency, seconds } = await loadUntil(
            (result) => result.latency?.max >= 100000, 0.4, 'fan-out', '--server', port,
            '--connections', 1, '--rate', 100, '--warmup', 0);
        assert.strictEqual(code, 0);
        assert.ok(sent <= 1 + seconds / 0.05, `one at a time, ${sent} were sent`);
        assert.ok(latency.max >= 100000, `the last one waited ${latency.max} us`);
    });

    test('connections that are refused are counted', BUILT, async (t) => {
        const server = await faulty(t, { refuse: 4 });
        const result = await load('connect', '--server', server.port, '--connections', 40,
            '--concurrency', 3);
        assert.deepStrictEqual([result.code, result.failed, result.disconnected], [1, 10, 0]);
        assert.match(result.stderr, /503 Service Unavailable/);
    });

    test('a crowd comes back to a server that is started again',
        { skip: BUILT.skip || NEEDS_CONTRACT.skip }, async (t) => {
            const port = await freePort();
            let broker = await startBroker({ contract: true, port });
            t.after(() => broker.stop());
            const crowd = new Program(LOAD, ['crowd', '--server', String(port), '--connections',
                '40', '--from', '127.1.2.3/4', '--quiet'], { stdio: ['pipe', 'pipe', 'pipe'] });
            t.after(() => crowd.kill('SIGKILL'));
            await crowd.said(/"open":40,"opening":0,"opened":40,"ended":0,/);
            await broker.stop();
            await crowd.said(/"open":0,.*"ended":40,"closed":0/);
            broker = await startBroker({ contract: true, port });
            await crowd.said(/"open":40,"opening":0,"opened":80,"ended":40,"closed":0/);
            crowd.child.stdin.end();
            assert.strictEqual((await crowd.ended()).code, 0);
            crowd.assertNoSanitizerReport();
        });

    test('without a greeting there is nothing to measure, which is said', BUILT, async (t) => {
        const server = await faulty(t, { silent: true });
        const result = await load('echo', '--server', server.port, '--timeout', 0.05);
        assert.strictEqual(result.code, 3);
        assert.match(result.stderr, /connection \d+: timeout/);
    });

    test('the deadline holds', BUILT, async (t) => {
        const server = await faulty(t, { silent: true });
        const result = await load('idle', '--server', server.port, '--deadline', 0.1);
        assert.strictEqual(result.code, 3);
        assert.match(result.stderr, /deadline while opening connections: 0 of 100/);
    });

    test('a connection that the server ends makes the figures worthless', BUILT, async (t) => {
        const server = await faulty(t, { endAfter: 5 });
        const result = await load('echo', '--server', server.port, '--warmup', 0.1,
            '--timeout', 10, '--seconds', 30);
        assert.strictEqual(result.code, 3);
        assert.match(result.stderr, /connection \d+ was ended: /);
    });

    test('a wrong command line is refused', BUILT, async () => {
        for (const args of [[], ['echo'], ['dance', '--server', '1'], ['echo', '--server', 'x'],
            ['relay', '--server', '1'], ['echo', '--server', '1', '--outstanding', '129']])
            assert.strictEqual((await load(...args)).code, 2, args.join(' '));
    });

    test('the yardstick serves both of its clients without a fault', BUILT, async (t) => {
        const program = new Program(YARDSTICK, []);
        t.after(() => program.kill('SIGKILL'));
        const [, port] = await program.said(/listening on port (\d+)/);
        for (const client of ['websocket', 'eio4'])
            await assertServes({ port, program }, client);
        program.assertNoSanitizerReport();
    });

    test('the contract server serves every client without a fault',
        { skip: BUILT.skip || NEEDS_CONTRACT.skip }, async (t) => {
            const broker = await startBroker({ contract: true });
            t.after(() => broker.stop());
            for (const client of ['websocket', 'xhr-polling', 'eio3', 'eio4'])
                await assertServes(broker, client);
        });
});
