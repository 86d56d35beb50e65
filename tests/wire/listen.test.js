'use strict';
/* "listen": several listeners of one instance, and unix sockets among them. */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test, describe } = require('node:test');
const { launchAdmin, getJson } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const { Program, run, scratch } = require('../lib/program.js');
const { BROKER, REFERENCE, launchBroker, startBroker, runBroker, writeConfig } =
    require('../lib/server.js');
const sio = require('../lib/sio09.js');
const { open } = require('../lib/tcp.js');

const suite = { skip: REFERENCE && 'about our own program' };
const ROOT = { skip: suite.skip || (process.getuid() !== 0 && 'only root can become another') };
/* LeakSanitizer looks at the memory of the process, which is not allowed after such a change. */
const NO_LEAKS = { ASAN_OPTIONS: 'detect_leaks=0' };

const socketFile = () => path.join(scratch(), 'front.sock');

async function assertServes(place) {
    const socket = await sio.connect(place);
    await sio.assertAlive(socket);
    socket.destroy();
}

/* Start one that has to refuse: its log, in which the reason stands once. */
async function assertRefusesToStart(listen, pattern) {
    const broker = launchBroker({ config: { listen } });
    assert.deepStrictEqual(await broker.program.ended(), { code: 1, signal: null });
    broker.program.assertNoSanitizerReport();
    assert.match(broker.log, pattern);
    assert.strictEqual(broker.log.match(/error/g).length, 1, 'said once');
}

describe('several listeners', suite, () => {
    for (const carrier of ['tcp', 'lws']) {
        test(`IPv4, IPv6 and a path serve the same sessions, ${carrier}`, async () => {
            const file = socketFile();
            const broker = await startBroker({
                config: { carrier, listen: ['127.0.0.1:0', 'localhost:0', `unix:${file}`] } });
            assert.match(broker.log,
                /listening on 127.0.0.1 port \d+, localhost port \d+, unix:\/.*front.sock\n/);
            const [four, , unix] = broker.places;
            assert.strictEqual(unix, file);
            for (const place of broker.places)
                await assertServes(place);
            const { id } = await sio.handshake(four);
            const socket = await sio.upgrade(unix, id);
            assert.strictEqual(await socket.message(), '1::');
            assert.ok((await socket.message()).includes(`"port":${four}`), 'the first port');
            socket.destroy();
            (await engine.connect(unix, 4)).destroy();
            await broker.stop();
            assert.ok(!fs.existsSync(file), 'removed');
        });
    }

    test('one is as good as "port"', async () => {
        const broker = await startBroker({ config: { listen: ['127.0.0.1:0'] } });
        await assertServes(broker.port);
        await broker.stop();
    });

    test('/status tells all of them', async () => {
        const file = socketFile();
        const broker = await launchAdmin({ config: { listen: ['*:0', `unix:${file}`] } });
        await broker.listening();
        const { listeners } = await getJson(broker.admin, '/status');
        assert.deepStrictEqual(listeners.slice(0, 2), [`port ${broker.port}`, `unix:${file}`]);
        await broker.stop();
    });

    test('one that can not be opened: exit 1, and the file of another is removed', async () => {
        const server = net.createServer();
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        const file = socketFile();
        await assertRefusesToStart([`unix:${file}`, `127.0.0.1:${server.address().port}`],
            /can not listen on 127.0.0.1 port \d+: Address already in use/);
        assert.ok(!fs.existsSync(file));
        server.close();
    });
});

describe('the flash policy', suite, () => {
    const FLASH = { transports: ['websocket', 'flashsocket'], 'flash policy port': 0 };

    test('is at the host of the first listener that has one', async () => {
        const broker = await startBroker({
            config: { ...FLASH, listen: [`unix:${socketFile()}`, '127.0.0.1:0', '*:0'] } });
        const [, port] = await broker.program.said(/flash policy on port (\d+)\n/);
        const connection = await open(Number(port));
        assert.match(String(await connection.end()), /<cross-domain-policy>/);
        await assert.rejects(open(Number(port), { host: '::1' }));
        await broker.stop();
    });

    test('is nowhere beside unix sockets alone', async () => {
        const broker = await startBroker({
            config: { ...FLASH, listen: [`unix:${socketFile()}`] } });
        assert.doesNotMatch(broker.log, /flash policy/);
        await broker.stop();
    });
});

describe('what the settings refuse', suite, () => {
    const LIST = /"listen": must be a list of at most 16 of host:port, \[IPv6\]:port/;
    const ROWS = [
        [{ listen: ['*:0'], port: 3100 }, /: "port": can not be set beside "listen"/],
        [{ listen: ['*:0'], host: '' }, /: "host": can not be set beside "listen"/],
        [{ listen: ['*:3443 tls'] }, /: "tls": must have a certificate when "listen" has the word tls/],
        [{ listen: ['*:1', 'unix:/run/x tls'] }, /: "tls": must have a certificate/],
        [{ listen: ['*:1 ssl'] }, LIST],
        [{ listen: ['*:1 tls tls'] }, LIST],
        [{ listen: ['*:1 '] }, LIST],
        [{ listen: ['*:1', '*:1'] }, LIST],
        [{ listen: [3100] }, LIST],
        [{ listen: ['3100'] }, LIST],
        [{ listen: ['unix:relative'] }, LIST],
        [{ listen: Array.from({ length: 17 }, (_, i) => `*:${i + 1}`) }, LIST],
        [{ listen: ['*:10843'], transports: ['flashsocket'] },
            /"flash policy port": must be another one than those of "listen"/],
    ];
    for (const [config, pattern] of ROWS) {
        test(`${JSON.stringify(config).slice(0, 70)}: exit 2, one line`, async () => {
            const { code, stderr } = await runBroker(
                ['--config', writeConfig(config), '--check-config']);
            assert.strictEqual(code, 2, stderr);
            assert.match(stderr, pattern);
            assert.strictEqual(stderr.trimEnd().split('\n').length, 1, stderr);
        });
    }

    test('--port beside "listen"', async () => {
        const { code, stderr } = await runBroker(
            ['--config', writeConfig({ listen: ['*:0'] }), '--port', '0']);
        assert.strictEqual(code, 2, stderr);
        assert.match(stderr, /"port": can not be set beside "listen"/);
    });

    test('an empty list is none', async () => {
        const config = writeConfig({ listen: [] });
        const broker = await startBroker({ args: ['--config', config] });
        await assertServes(broker.port);
        await broker.stop();
    });
});

describe('the file of a unix socket', suite, () => {
    test('is for owner and group', async () => {
        const file = socketFile();
        const broker = await startBroker({ config: { listen: [`unix:${file}`] } });
        assert.strictEqual(fs.statSync(file).mode & 0o777, 0o660);
        await broker.stop();
    });

    test('of a process that is dead is replaced', async () => {
        const file = socketFile();
        const first = await startBroker({ config: { listen: [`unix:${file}`] } });
        await first.program.stop('SIGKILL');
        assert.ok(fs.existsSync(file));
        const second = await startBroker({ config: { listen: [`unix:${file}`] } });
        await assertServes(file);
        await second.stop();
    });

    test('of a living process stays: exit 1', async () => {
        const file = socketFile();
        const first = await startBroker({ config: { listen: [`unix:${file}`] } });
        await assertRefusesToStart([`unix:${file}`], /can not listen on unix:.*a process listens/);
        await assertServes(file);
        await first.stop();
    });

    test('that is no socket stays: exit 1', async () => {
        const file = socketFile();
        fs.writeFileSync(file, 'precious');
        await assertRefusesToStart([`unix:${file}`], /can not listen on unix:.*it is no socket/);
        assert.strictEqual(fs.readFileSync(file, 'utf8'), 'precious');
    });

    test('that another process has made meanwhile stays', async () => {
        const file = socketFile();
        const broker = await startBroker({ config: { listen: [`unix:${file}`] } });
        fs.rmSync(file);
        const other = net.createServer();
        await new Promise((resolve) => other.listen(file, resolve));
        await broker.stop();
        assert.ok(fs.existsSync(file));
        other.close();
    });

    test('"user" owns it, and removes it', ROOT, async () => {
        const file = socketFile();
        const idOf = async (...args) => Number((await run('id', args)).stdout);
        const [uid, gid] = [await idOf('-u', 'nobody'), await idOf('-g', 'nobody')];
        fs.chownSync(path.dirname(file), uid, gid);
        const broker = await launchAdmin({ listen: [`unix:${file}.admin`], env: NO_LEAKS,
            config: { listen: [`unix:${file}`], api: { listen: [`unix:${file}.api`] },
                user: 'nobody', group: '54322' } });
        await broker.listening();
        for (const one of [file, `${file}.admin`, `${file}.api`]) {
            const st = fs.statSync(one);
            assert.deepStrictEqual([st.uid, st.gid, st.mode & 0o777], [uid, 54322, 0o660], one);
        }
        await assertServes(file);
        await broker.stop();
        assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), []);
    });

    test('goes when a drain accepts nothing more', async () => {
        const file = socketFile();
        const broker = await startBroker({
            config: { listen: [`unix:${file}`], 'drain time': 3600 } });
        const clients = [await sio.connect(file), await sio.connect(file)];
        broker.program.kill('SIGTERM');
        await eventually(() => !fs.existsSync(file), 'the file is gone');
        assert.strictEqual(broker.program.status, null, 'sessions are left');
        broker.program.kill('SIGTERM');
        assert.deepStrictEqual(await broker.program.ended(), { code: 0, signal: null });
        clients.forEach((client) => client.destroy());
    });
});

/* The address of the one session that is there. */
async function addressOf(broker) {
    const { sessions } = await getJson(broker.admins[0], '/sessions');
    assert.strictEqual(sessions.length, 1);
    return sessions[0].address;
}

describe('who comes in by a unix socket', suite, () => {
    const FORWARDED = { 'X-Forwarded-For': '203.0.113.9' };
    for (const [trusted, address] of [[undefined, '203.0.113.9'], [['127.0.0.0/8'], '203.0.113.9'],
        [['10.0.0.0/8'], 'unix:'], [[], 'unix:']]) {
        test(`"trust proxy" ${JSON.stringify(trusted)}: ${address}`, async () => {
            const file = socketFile();
            const broker = await launchAdmin({ listen: [`unix:${file}.admin`], config: {
                listen: [`unix:${file}`], ...(trusted && { 'trust proxy': trusted }) } });
            await broker.listening();
            const { id } = await sio.handshake(file, 't=1', FORWARDED);
            const socket = await sio.upgrade(file, id);
            assert.strictEqual(await socket.message(), '1::');
            assert.strictEqual(await addressOf(broker), address);
            socket.destroy();
            await broker.stop();
        });
    }
});

describe('SIGHUP', suite, () => {
    test('another "listen": a warning, and all of them stay', async () => {
        const [file, other] = [socketFile(), socketFile()];
        const config = writeConfig({ listen: [`unix:${file}`, '127.0.0.1:0'] });
        const program = new Program(BROKER, ['--config', config]);
        const [, port] = await program.said(/listening on .* port (\d+)\n/);
        fs.writeFileSync(config, JSON.stringify({ listen: [`unix:${other}`] }));
        program.kill('SIGHUP');
        await program.said(/warn +"listen": changes only by a restart/);
        for (const place of [file, Number(port)])
            await assertServes(place);
        assert.ok(!fs.existsSync(other));
        fs.writeFileSync(config, JSON.stringify({ listen: ['*:0'], port: 1 }));
        program.kill('SIGHUP');
        await program.said(/not reloaded, all stays as it is: .*"port": can not be set beside/);
        await assertServes(file);
        assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
        assert.ok(!fs.existsSync(file));
    });
});

describe('sockets of the service manager', suite, () => {
    /* Opens a unix socket and a port, and becomes the program, which has them as 3 and 4. */
    const HAND_OVER = `import os,socket,sys
u=socket.socket(socket.AF_UNIX);u.bind(sys.argv[1]);u.listen(9)
t=socket.socket();t.bind(('127.0.0.1',0));t.listen(9)
for i,s in ((3,os.dup(u.fileno())),(4,os.dup(t.fileno()))): os.dup2(s,i);os.set_inheritable(i,True)
os.environ['LISTEN_FDS']='2';os.environ['LISTEN_PID']=str(os.getpid())
os.execv(sys.argv[2],sys.argv[2:])`;

    test('take the place of "listen", and the manager keeps its file', async () => {
        const [file, unused] = [socketFile(), socketFile()];
        const program = new Program('python3', ['-c', HAND_OVER, file, BROKER, '--config',
            writeConfig({ listen: [`unix:${unused}`] })]);
        const [, port] = await program.said(/listening on unix:\/.*front.sock, port (\d+)\n/);
        for (const place of [file, Number(port)])
            await assertServes(place);
        assert.ok(!fs.existsSync(unused));
        assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
        assert.ok(fs.existsSync(file), 'it is for the next one');
    });
});
