'use strict';
/* What the program and the service manager say to each other, with a manager that only listens. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { test, describe } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { BROKER, REFERENCE, ROOT, startBroker, writeConfig } = require('../lib/server.js');
const { Program, run, scratch } = require('../lib/program.js');
const { Successors } = require('../lib/successors.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };

/* Node has no datagrams on unix sockets: what a Python of three lines hears, a line for each. */
const HEAR = `import socket,sys
s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);a=sys.argv[1]
s.bind('\\0'+a[1:] if a[0]=='@' else a);print('bound',flush=True)
while True: print(s.recv(4096).decode().replace('\\n','|'),flush=True)`;

const SAY = `import socket,sys
socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM).sendto(sys.argv[2].encode(),sys.argv[1])`;

class Manager {
    static async start(address = path.join(scratch(), 'notify')) {
        const manager = new Manager();
        manager.address = address;
        manager.program = new Program('python3', ['-c', HEAR, address]);
        await manager.program.said(/bound/);
        return manager;
    }

    get heard() {
        return this.program.stdout.split('\n').slice(1, -1);
    }

    hears(pattern) {
        return this.program.until(() => this.heard.find((text) => pattern.test(text)),
            `hears ${pattern}`);
    }

    /* Until it has heard all that was said before. */
    async catchUp(word) {
        const { code, stderr } = await run('python3', ['-c', SAY, this.address, word]);
        assert.strictEqual(code, 0, stderr);
        await this.hears(new RegExp(`^${word}$`));
    }

    stop() {
        return this.program.stop('SIGKILL');
    }
}

const start = (manager, config, env) => startBroker({ config,
    env: { NOTIFY_SOCKET: manager.address, ...env } });

describe('the manager hears', suite, () => {
    test('start, reload, failed reload, stop', async () => {
        const manager = await Manager.start();
        const broker = await start(manager, {});
        await manager.hears(/^READY=1$/);
        await manager.hears(/^STATUS=serving, 0 sessions$/);
        broker.program.kill('SIGHUP');
        const text = await manager.hears(/^RELOADING=1\|MONOTONIC_USEC=\d+$/);
        const told = Number(/USEC=(\d+)/.exec(text)[1]);
        assert.ok(Math.abs(told / 1e3 - Number(process.hrtime.bigint() / 1000000n)) < 60000, text);
        const readies = () => manager.heard.filter((said) => said === 'READY=1').length;
        await eventually(() => readies() === 2, 'it is ready again');
        await broker.stop();
        await manager.hears(/^STOPPING=1$/);
        const words = manager.heard.map((said) => said.split('=')[0]);
        assert.ok(words.indexOf('STOPPING') > words.lastIndexOf('READY'), words.join());
        await manager.stop();
    });

    test('a failed reload ends with READY=1, too', async () => {
        const manager = await Manager.start();
        const file = writeConfig({});
        const broker = await startBroker({ args: ['--config', file],
            env: { NOTIFY_SOCKET: manager.address } });
        fs.rmSync(file);
        broker.program.kill('SIGHUP');
        await broker.program.said(/not reloaded/);
        await eventually(() => manager.heard.filter((said) => said === 'READY=1').length === 2,
            'it is ready again');
        await broker.stop();
        await manager.stop();
    });

    test('that a drain takes more time', async () => {
        const manager = await Manager.start(`@siobroker-test-${process.pid}`);
        const broker = await start(manager, { 'drain time': 3600 });
        const clients = [await sio.connect(broker.port), await sio.connect(broker.port),
            await sio.connect(broker.port)];
        broker.program.kill('SIGTERM');
        await eventually(() => manager.heard.filter((said) => said.startsWith('EXTEND_TIMEOUT'))
            .length >= 3, 'once a second');
        await manager.hears(/^STATUS=spreading, \d sessions?/);
        await broker.program.ended();
        clients.forEach((client) => client.destroy());
        await manager.stop();
    });

    test('who is the service after SIGUSR2, and from then on of that one alone', async () => {
        const manager = await Manager.start();
        const broker = await start(manager, { 'drain time': 1 }, { WATCHDOG_USEC: '400000' });
        const client = await sio.connect(broker.port);
        await manager.hears(/^READY=1$/);
        const line = new Successors(broker);
        const old = await line.next();
        await manager.hears(new RegExp(`^MAINPID=${line.pid}$`));
        const ready = () => manager.heard.indexOf('READY=1', manager.heard.indexOf(
            `MAINPID=${line.pid}`));
        await eventually(() => ready() > 0, 'the new one is ready');
        await client.closeCode();
        await line.gone(old);
        const n = manager.heard.length;
        await eventually(() => manager.heard.slice(n).includes('WATCHDOG=1'), 'it lives');
        await line.stop();
        await manager.hears(/^STOPPING=1$/);
        assert.strictEqual(manager.heard.filter((said) => said === 'STOPPING=1').length, 1);
        await manager.stop();
    });

    test('signs of life, twice as often as it wants, from the loop', async () => {
        const manager = await Manager.start();
        const broker = await start(manager, {}, { WATCHDOG_USEC: '400000' });
        const beats = () => manager.heard.filter((said) => said === 'WATCHDOG=1').length;
        await eventually(() => beats() >= 4, 'beats');
        broker.program.kill('SIGSTOP');
        await eventually(() => /^State:\tT/m.test(
            fs.readFileSync(`/proc/${broker.program.pid}/status`, 'utf8')), 'it stands still');
        await manager.catchUp('first');
        const n = beats();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        await manager.catchUp('second');
        assert.strictEqual(beats(), n);
        broker.program.kill('SIGCONT');
        await eventually(() => beats() > n, 'it goes on');
        await broker.stop();
        await manager.stop();
    });

    test('no sign of life that is meant of another process', async () => {
        const manager = await Manager.start();
        const broker = await start(manager, {}, { WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' });
        await manager.hears(/^STATUS/);
        await new Promise((resolve) => setTimeout(resolve, 300));
        assert.ok(!manager.heard.includes('WATCHDOG=1'));
        await broker.stop();
        await manager.stop();
    });
});

describe('what makes no sense is a warning', suite, () => {
    const NONSENSE = { NOTIFY_SOCKET: ['relative/path', '@', `/${'x'.repeat(200)}`],
        LISTEN_FDS: ['many', '-1', '1000'] };
    for (const [name, values] of Object.entries(NONSENSE)) {
        for (const value of values) {
            test(`${name}=${value.slice(0, 20)}`, async () => {
                const broker = await startBroker({ env: { [name]: value } });
                assert.match(broker.log, new RegExp(`warn +${name}=.* makes no sense`));
                await broker.stop();
            });
        }
    }
});

describe('sockets of the manager', suite, () => {
    /* Opens a socket, and becomes the program, which has it as number 3. */
    const HAND_OVER = `import os,socket,sys
s=socket.socket();s.bind(('127.0.0.1',0));s.listen(9)
os.dup2(s.fileno(),3);os.set_inheritable(3,True)
print('port',s.getsockname()[1],flush=True);os.environ['LISTEN_FDS']='1'
os.environ['LISTEN_PID']=sys.argv[1] or str(os.getpid());os.execv(sys.argv[2],sys.argv[2:])`;

    async function inherit(pid, ...args) {
        const program = new Program('python3', ['-c', HAND_OVER, pid, BROKER, ...args]);
        const [, port] = await program.said(/^port (\d+)/);
        return { program, port: Number(port) };
    }

    test('serve in place of "port"', async () => {
        const { program, port } = await inherit('');
        await program.said(new RegExp(`listening on .*port ${port}`));
        await sio.assertAlive(await sio.connect(port));
        assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
    });

    test('a successor has them, too', async () => {
        const { program, port } = await inherit('');
        await program.said(/listening on/);
        const line = new Successors({ program, get log() { return program.stderr; } });
        await line.next();
        await sio.assertAlive(await sio.connect(port));
        await line.next();
        await sio.assertAlive(await sio.connect(port));
        await line.stop();
    });

    test('for another process: they are not ours', async () => {
        const { program, port } = await inherit('1', '--port', '0');
        const [, own] = await program.said(/listening on .*port (\d+)/);
        assert.notStrictEqual(Number(own), port);
        assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
    });

    test('a descriptor that is no listening socket: exit 1, which one', async () => {
        const child = spawn(BROKER, [], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
            env: { ...process.env, LISTEN_FDS: '1' } });
        let stderr = '';
        child.stderr.on('data', (text) => { stderr += text; });
        const code = await new Promise((resolve) => child.on('close', resolve));
        assert.strictEqual(code, 1, stderr);
        assert.match(stderr, /descriptor 3 of LISTEN_FDS is no listening stream socket/);
    });
});

describe('the journal', suite, () => {
    test('knows the time, and gets the level as a number', async () => {
        const file = path.join(scratch(), 'journal');
        fs.writeFileSync(file, '');
        const { dev, ino } = fs.statSync(file);
        const program = new Program('sh',
            ['-c', `exec "$0" --port 0 --log-level 3 2>'${file}'`, BROKER],
            { env: { ...process.env, JOURNAL_STREAM: `${dev}:${ino}`, LISTEN_FDS: 'many' } });
        const log = () => fs.readFileSync(file, 'utf8');
        await eventually(() => /^<6>siobroker listening on port \d+$/m.test(log()), 'its line');
        assert.match(log(), /^<4>LISTEN_FDS=many makes no sense/m);
        await program.stop();
        assert.ok(log().split('\n').slice(0, -1).every((line) => /^<[3-7]>/.test(line)), log());
    });

    test('is not what another stream is', async () => {
        const broker = await startBroker({ env: { JOURNAL_STREAM: '1:1' } });
        assert.match(broker.log, /^\d{4}-.* info /m);
        await broker.stop();
    });
});

const UNITS = path.join(ROOT, 'client-demo/systemd');
const analyze = (...args) => run('systemd-analyze', args);
const HAS_ANALYZE = process.env.PATH.split(':').some((folder) =>
    fs.existsSync(path.join(folder, 'systemd-analyze')));

describe('the units', { skip: HAS_ANALYZE ? false : 'systemd-analyze is not installed' }, () => {
    for (const unit of fs.readdirSync(UNITS)) {
        test(`${unit}: nothing to complain about, exposed by 2.0 at most`, async () => {
            const file = path.join(scratch(), unit.replace('@', '@one'));
            const program = path.join(ROOT, 'build/siobroker');
            fs.writeFileSync(file, fs.readFileSync(path.join(UNITS, unit), 'utf8')
                .replaceAll('/usr/local/bin/siobroker', program));
            const verified = await analyze('verify', '--man=no', file);
            assert.strictEqual(verified.code, 0, verified.stderr);
            assert.ok(!verified.stderr.includes(unit.split('.')[0]), verified.stderr);
            const { code, stdout, stderr } = await analyze('security', '--offline=true',
                '--threshold=20', file);
            assert.strictEqual(code, 0, stdout + stderr);
            const [, exposure] = /exposure level for .*: ([\d.]+)/.exec(stdout);
            assert.ok(Number(exposure) <= 2.0, stdout);
        });
    }
});
