'use strict';
/* "user", "group", "sandbox": what the process may still do once it listens. */

const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const { test, describe } = require('node:test');
const { REFERENCE, startBroker, runBroker, writeConfig } = require('../lib/server.js');
const { run } = require('../lib/program.js');
const sio = require('../lib/sio09.js');

const OURS = { skip: REFERENCE && 'about our own program' };
const ROOT = { skip: OURS.skip || (process.getuid() !== 0 && 'only root can become another user') };

/* LeakSanitizer looks at the memory of the process, which is not allowed after such a change. */
const NO_LEAKS = { ASAN_OPTIONS: 'detect_leaks=0' };

const idOf = async (...args) => (await run('id', args)).stdout.trim();

/* Of each thread: { Uid: [...], Gid: [...], Groups: [...], NoNewPrivs: [...], CapEff: [...] }. */
function threads(pid) {
    return fs.readdirSync(`/proc/${pid}/task`).map((task) => Object.fromEntries(
        fs.readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8').trim().split('\n')
            .map((line) => line.split(':\t'))
            .map(([name, value]) => [name, (value || '').trim().split(/\s+/)])));
}

const four = (id) => [id, id, id, id];

function canBind(port) {
    return new Promise((resolve) => {
        const server = net.createServer();
        server.once('error', () => resolve(false));
        server.listen(port, () => server.close(() => resolve(true)));
    });
}

async function assertServes(broker) {
    const socket = await sio.connect(broker.port);
    await sio.assertAlive(socket);
    socket.destroy();
}

describe('"user"', ROOT, () => {
    test('every thread is that user for good, and clients are served', async () => {
        const broker = await startBroker({ config: { user: 'nobody' }, env: NO_LEAKS });
        const [uid, gid] = [await idOf('-u', 'nobody'), await idOf('-g', 'nobody')];
        const all = threads(broker.program.pid);
        assert.ok(all.length >= 2); /* the loop, and the log */
        for (const thread of all) {
            assert.deepStrictEqual(thread.Uid, four(uid));
            assert.deepStrictEqual(thread.Gid, four(gid));
            assert.deepStrictEqual(thread.Groups, (await idOf('-G', 'nobody')).split(' '));
            assert.deepStrictEqual(thread.NoNewPrivs, ['1']);
            for (const kind of ['CapEff', 'CapPrm', 'CapAmb'])
                assert.match(thread[kind][0], /^0+$/, kind);
        }
        assert.ok(broker.log.includes(`info  runs as user nobody (${uid}), group ${gid}\n`));
        await assertServes(broker);
        await broker.stop();
    });

    test('numbers that no database knows, with a group', async () => {
        const broker = await startBroker({ config: { user: '54321', group: '54322' },
            env: NO_LEAKS });
        for (const thread of threads(broker.program.pid)) {
            assert.deepStrictEqual(thread.Uid, four('54321'));
            assert.deepStrictEqual(thread.Gid, four('54322'));
            assert.deepStrictEqual(thread.Groups, ['54322']);
        }
        await assertServes(broker);
        await broker.stop();
    });

    test('a port and a file that only root can have', async (t) => {
        const low = await freeLowPort();
        if (low === undefined)
            return t.skip('every port below 1024 is taken');
        const config = writeConfig({ user: 'nobody', redis: 'redis://127.0.0.1:1' });
        fs.chmodSync(config, 0o600);
        const broker = await startBroker({ port: low, args: ['--config', config], env: NO_LEAKS });
        assert.strictEqual(broker.port, low);
        await assertServes(broker);
        return broker.stop();
    });

    for (const [config, pattern] of [
        [{ user: 'no-such-user' }, /error "user": there is no user "no-such-user"/],
        [{ user: 'root' }, /error "user": must be another one than root, got "root"/],
        [{ user: 'nobody', group: 'no-such-group' }, /error "group": there is no group/],
    ]) {
        test(`${JSON.stringify(config)}: one line, exit 1`, async () => {
            const { code, stderr } = await runBroker(
                ['--port', '0', '--config', writeConfig(config)]);
            assert.strictEqual(code, 1, stderr);
            assert.match(stderr, pattern);
        });
    }

    test('without it root is warned, once', async () => {
        const broker = await startBroker();
        assert.strictEqual(broker.log.match(/warn  runs as root: set "user"/g).length, 1);
        await broker.stop();
    });
});

/* Below 1024, where only root may listen. */
async function freeLowPort() {
    for (let tries = 0; tries < 20; tries++) {
        const port = crypto.randomInt(600, 1000);
        if (await canBind(port))
            return port;
    }
    return undefined;
}

describe('"sandbox"', OURS, () => {
    test('"auto": the log says what is in force, and clients are served', async () => {
        const broker = await startBroker({ config: { sandbox: 'auto' } });
        assert.match(broker.log, /info  sandbox: no file can be written|warn  no sandbox: /);
        await assertServes(broker);
        await broker.stop();
    });

    test('a name of Redis is looked up inside it', async () => {
        const broker = await startBroker({ config: { sandbox: 'auto',
            redis: 'redis://localhost:1' } });
        await broker.program.said(/Redis at localhost:1 is away \(Connection refused\)/);
        await broker.stop();
    });
});
