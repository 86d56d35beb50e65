'use strict';
/*
 * Who reads the log may stop, or go: clients are served, the program can be stopped, and what was
 * lost is counted.
 */

const assert = require('node:assert');
const { test, describe } = require('node:test');
const { REFERENCE, BROKER, startBroker, runBroker, writeConfig } = require('../lib/server.js');
const { event, eventually } = require('../lib/deadline.js');
const { Program, freePort } = require('../lib/program.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');
const sio = require('../lib/sio09.js');

const OURS = { skip: REFERENCE && 'about our own program' };

/*
 * At this level a session has a line for its handshake, for its poll or websocket, and for its end.
 */
const EVERYTHING = { 'log level': 3, 'log rate': 0 };
const LINES_OF_A_SESSION = 3;
const ENOUGH = 2500;    /* sessions, for more lines than a pipe of 64 KiB and our 256 KiB hold */

const count = (text, pattern) => (text.match(pattern) || []).length;

/* How many lines the log says were lost. */
const lost = (text) => [...text.matchAll(/warn  (\d+) lines? of the log lost\n/g)]
    .reduce((n, [, more]) => n + Number(more), 0);

async function assertServes(port) {
    const socket = await sio.connect(port);
    await sio.assertAlive(socket);
    socket.destroy();
}

/* SIGTERM to a program whose standard error stays unread. */
async function assertStops(program) {
    const exited = event(program.child, 'exit');
    program.kill('SIGTERM');
    assert.deepStrictEqual(await exited, [0, null]);
}

describe('who reads the log', OURS, () => {
    test('stops, and goes on: clients do not notice, and what was lost is counted', async () => {
        const broker = await startBroker({ config: EVERYTHING });
        broker.program.child.stderr.pause();
        await polling.openAndEnd(broker.port, ENOUGH);
        await assertServes(broker.port);
        broker.program.child.stderr.resume();
        await broker.program.said(/lines of the log lost\n/);
        const { log_lines_lost: n } = await broker.counters();
        assert.ok(n > 0);
        await polling.openAndEnd(broker.port, 1);
        await broker.stop();
        assert.strictEqual(lost(broker.log), n);
        const delivered = count(broker.log, /session \S{20}: .*\n/g);
        assert.strictEqual(delivered + n, LINES_OF_A_SESSION * (ENOUGH + 1 + 1));
        assert.match(broker.log.slice(broker.log.lastIndexOf('counters ')), /ended: booted\n/);
    });

    test('has stopped: SIGTERM is heard', async () => {
        const broker = await startBroker({ config: EVERYTHING });
        broker.program.child.stderr.pause();
        await polling.openAndEnd(broker.port, ENOUGH);
        const client = await sio.connect(broker.port);
        await assertStops(broker.program);
        assert.ok([1000, 1001].includes(await client.closeCode()));
        broker.program.child.stderr.resume();
        await broker.program.ended();
        broker.program.assertNoSanitizerReport();
        assert.match(broker.log, /\n$/, 'no line is torn');
    });

    test('has gone', async () => {
        const broker = await startBroker({ config: EVERYTHING });
        broker.program.child.stderr.destroy();
        await polling.openAndEnd(broker.port, 100);
        await assertServes(broker.port);
        await assertStops(broker.program);
    });

    for (const redirection of ['2>/dev/full', '2>&-']) {
        test(`is none: ${redirection}`, async () => {
            const port = await freePort();
            const program = new Program('sh', ['-c', `exec "$0" "$@" ${redirection}`, BROKER,
                '--port', String(port), '--config', writeConfig(EVERYTHING)]);
            await eventually(() => http.get(port, '/').catch(() => false), 'it listens');
            await polling.openAndEnd(port, 100);
            await assertServes(port);
            assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
        });
    }

    test('gets all that is said before the end, in its order', async () => {
        const broker = await startBroker();
        const port = String(broker.port);
        const config = writeConfig({ 'close timeout': 20, 'browser client directory': '/none' });
        const { code, stderr } = await runBroker(['--port', port, '--config', config]);
        assert.strictEqual(code, 1);
        const levels = stderr.trimEnd().split('\n').map((line) => / (\w+) /.exec(line)[1]);
        assert.ok(levels.length > 1, stderr);
        assert.deepStrictEqual(levels.slice(-1), ['error'], stderr);
        assert.ok(levels.slice(0, -1).every((level) => level !== 'error'), stderr);
        assert.match(stderr, new RegExp(`port ${port}: .*\n$`));
        await broker.stop();
    });
});
