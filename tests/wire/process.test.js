'use strict';
/* The program from outside: command line, configuration errors, signals, addresses. */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const { test, describe } = require('node:test');
const { REFERENCE, BROKER, startBroker, runBroker, writeConfig } = require('../lib/server.js');
const { Program, run } = require('../lib/program.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');


const suite = { skip: REFERENCE && 'about our own program' };

describe('command line', suite, () => {
    test('--help explains itself on stdout', async () => {
        const { code, stdout, stderr } = await runBroker(['--help']);
        assert.strictEqual(code, 0);
        assert.strictEqual(stderr, '');
        for (const option of ['--port', '--name', '--host', '--redis', '--config',
            '--check-config', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'])
            assert.ok(stdout.includes(option), option);
    });

    test('--version is one line', async () => {
        const { code, stdout } = await runBroker(['--version']);
        assert.strictEqual(code, 0);
        assert.match(stdout, /^siobroker \d+\.\d+.*\n$/);
    });

    const WRONG = [['--nonsense'], ['--port', 'x'], ['--port', '65536'], ['--port', '-1'],
        ['--config', '/nonexistent/file.json'], ['--redis', 'nonsense'], ['--port']];
    for (const args of WRONG) {
        test(`${args.join(' ')}: exit 2 with a short explanation`, async () => {
            const { code, stdout, stderr } = await runBroker(args);
            assert.strictEqual(code, 2, stderr);
            assert.strictEqual(stdout, '');
            const lines = stderr.trimEnd().split('\n');
            assert.ok(lines.length >= 1 && lines.length <= 2, stderr);
        });
    }
});

describe('configuration', suite, () => {
    test('--check-config says ok and ends', async () => {
        const file = writeConfig({ 'heartbeat interval': 20 });
        const { code, stdout, stderr } = await runBroker(['--config', file, '--check-config']);
        assert.strictEqual(code, 0, stderr);
        assert.strictEqual((stdout + stderr).trim(), `${file}: ok`);
    });

    const BAD = [
        [{ 'heartbeat intervall': 1 }, /"heartbeat intervall".*"heartbeat interval"/],
        [{ 'heartbeat interval': 'abc' }, /"heartbeat interval".*number.*"?abc/],
        [{ 'heartbeat interval': -1 }, /"heartbeat interval"/],
        [{ 'close timeout': true }, /"close timeout"/],
        [{ transports: ['websocket', 'carrier-pigeon'] }, /"transports".*carrier-pigeon/],
        [{ transports: ['websocket', 'websocket'] }, /"transports"/],
        [{ transports: [] }, /"transports"/],
        [{ port: 65536 }, /"port"/],
        [{ resource: 'socket.io' }, /"resource"/],
        [{ authorization: true }, /"authorization"/],
        [{ heartbeats: false }, /"heartbeats"/],
        ['{"port": 3100, "port": 3101}', /"port"/],
        ['{\n  "port": 3100,\n}', /3/],
        ['', /./],
        ['[]', /./],
    ];
    for (const [config, pattern] of BAD) {
        const text = typeof config === 'string' ? config : JSON.stringify(config);
        test(`${JSON.stringify(text)}: one line, exit 2`, async () => {
            const file = writeConfig(config);
            for (const more of [['--check-config'], ['--port', '0']]) {
                const { code, stderr } = await runBroker(['--config', file, ...more]);
                assert.strictEqual(code, 2, stderr);
                assert.strictEqual(stderr.trimEnd().split('\n').length, 1, stderr);
                assert.ok(stderr.includes(file), stderr);
                assert.match(stderr, pattern);
            }
        });
    }

    test('flags win over the file', async () => {
        const broker = await startBroker({ config: { port: 1, name: 'file' },
            args: ['--name', 'flag'] });
        const socket = await sio.connect(broker.port);
        assert.match(socket.greeting, /"server":"flag"/);
        socket.destroy();
        await broker.stop();
    });

    test('greeting off: no server event', async () => {
        const broker = await startBroker({ config: { greeting: false } });
        const { id } = await sio.handshake(broker.port);
        const socket = await sio.upgrade(broker.port, id);
        assert.strictEqual(await socket.message(), '1::');
        await sio.assertAlive(socket);
        socket.destroy();
        await broker.stop();
    });

    test('a name with quotes and other letters greets as valid JSON', async () => {
        const name = 'a "b" \\ é€😀';
        const broker = await startBroker({ config: { name } });
        const { id } = await sio.handshake(broker.port);
        const socket = await sio.upgrade(broker.port, id);
        await socket.message();
        const event = JSON.parse((await socket.message()).slice('5:::'.length));
        assert.deepStrictEqual(event,
            { name: 'server', args: [{ server: name, port: broker.port }] });
        socket.destroy();
        await broker.stop();
    });
});

describe('signals', suite, () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGALRM']) {
        test(`${signal}: clients are told, exit 0`, async () => {
            const broker = await startBroker();
            const clients = [];
            for (let i = 0; i < 20; i++)
                clients.push(await sio.connect(broker.port));
            const idle = await http.connect(broker.port);
            const status = await broker.program.stop(signal);
            assert.deepStrictEqual(status, { code: 0, signal: null }, broker.program.tail());
            broker.program.assertNoSanitizerReport();
            for (const client of clients) {
                const code = await client.closeCode();
                assert.ok([1000, 1001].includes(code), `close code ${code}`);
            }
            await idle.end();
        });
    }

    test('SIGTERM again and again, to the very end: exit 0', async () => {
        const broker = await startBroker();
        const timer = setInterval(() => broker.program.kill('SIGTERM'), 1);
        const status = await broker.program.ended().finally(() => clearInterval(timer));
        assert.deepStrictEqual(status, { code: 0, signal: null });
    });

    test('SIGTERM with clients that read nothing: exit 0 nevertheless', async () => {
        const broker = await startBroker();
        const client = await sio.connect(broker.port);
        client.socket.pause();
        const status = await broker.program.stop('SIGTERM');
        assert.deepStrictEqual(status, { code: 0, signal: null });
        client.destroy();
    });

    /* What the log says to each, once; nothing happens to those who are connected. */
    const GOES_ON = { SIGHUP: /reloaded: nothing has changed/, SIGUSR1: /info  counters \{/,
        SIGPIPE: null };
    for (const [signal, line] of Object.entries(GOES_ON)) {
        test(`${signal}: sessions go on`, async () => {
            const broker = await startBroker();
            const client = await sio.connect(broker.port);
            broker.program.kill(signal);
            if (line !== null)
                await broker.program.said(line);
            await sio.assertAlive(client);
            client.destroy();
            await broker.stop();
            if (line === null)
                assert.ok(!broker.log.includes('SIGPIPE'), broker.log);
        });
    }

    test('SIGHUP stays ignored where nohup has started it', async () => {
        const program = new Program('nohup', [BROKER, '--port', '0']);
        const [, port] = await program.said(/listening on .*port (\d+)/);
        program.kill('SIGHUP');
        program.kill('SIGUSR1');
        await program.said(/counters \{/);
        assert.ok(!program.output.includes('SIGHUP'), program.output);
        await sio.assertAlive(await sio.connect(Number(port)));
        assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
    });

    test('SIGHUP on the way out, as a terminal sends it: still exit 0', async () => {
        const broker = await startBroker({ config: { 'shutdown timeout': 60 } });
        const client = await sio.connect(broker.port);
        client.socket.pause(); /* it does not close, so the program waits */
        broker.program.kill('SIGTERM');
        await broker.program.said(/stopping: SIGTERM/);
        broker.program.kill('SIGHUP');
        await broker.program.said(/not reloaded/);
        client.destroy();
        assert.deepStrictEqual(await broker.program.ended(), { code: 0, signal: null });
    });
});

describe('listening', suite, () => {
    for (const host of ['127.0.0.1', '::1']) {
        test(`answers on ${host}`, async (t) => {
            if (host === '::1' && !await canBind('::1'))
                return t.skip('no IPv6 here');
            const broker = await startBroker();
            const connection = await http.connect(broker.port, host);
            const response = await connection.request({ target: '/socket.io/1/' });
            assert.match(response.text, /:60:60:/);
            connection.destroy();
            return broker.stop();
        });
    }

    test('--host binds one address only', async () => {
        const broker = await startBroker({ args: ['--host', '127.0.0.1'] });
        assert.strictEqual((await http.get(broker.port, '/')).status, 200);
        await assert.rejects(http.connect(broker.port, '127.0.0.2'));
        await broker.stop();
    });

    test('a taken port: one line that names it, exit 1', async () => {
        const broker = await startBroker();
        const { code, stderr } = await runBroker(['--port', String(broker.port)]);
        assert.strictEqual(code, 1, stderr);
        const lines = stderr.trimEnd().split('\n').filter((line) => /error/.test(line));
        assert.strictEqual(lines.length, 1, stderr);
        assert.ok(lines[0].includes(String(broker.port)), stderr);
        await broker.stop();
    });

    test('no descriptors left: said once, and served as soon as there are some', async () => {
        const broker = await startBroker();
        const limit = (n) => run('prlimit', [`--nofile=${n}:`, `--pid=${broker.program.pid}`]);
        const used = fs.readdirSync(`/proc/${broker.program.pid}/fd`).length;
        assert.strictEqual((await limit(used)).code, 0);
        const waiting = await http.connect(broker.port);
        const answer = waiting.request({ target: '/socket.io/1/' });
        await broker.program.said(/can not accept connections: .* \(raise the limit: ulimit -n\)/);
        assert.ok((await broker.counters()).accept_errors > 0);
        assert.strictEqual((await limit(1024)).code, 0);
        assert.match((await answer).text, /:60:60:/);
        waiting.destroy();
        await broker.stop();
        assert.ok(broker.log.match(/can not accept/g).length <= 20, broker.log);
    });

    test('a restart on the same port works at once', async () => {
        const first = await startBroker();
        const socket = await sio.connect(first.port);
        await first.stop();
        const second = await startBroker({ port: first.port });
        assert.strictEqual(second.port, first.port);
        socket.destroy();
        await second.stop();
    });
});

function canBind(host) {
    return new Promise((resolve) => {
        const server = net.createServer();
        server.once('error', () => resolve(false));
        server.listen(0, host, () => server.close(() => resolve(true)));
    });
}
