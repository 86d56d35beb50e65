'use strict';
/*
 * SIGUSR2: a new program takes over the port, without a gap.
 *
 * HANDOVERS=20 HANDOVER_RATE=1000 is how the promise was measured; here it is a little less.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test, describe } = require('node:test');
const { LOCAL, getJson } = require('../lib/admin.js');
const { KEY, findApi, post } = require('../lib/api.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { Program, childrenOf, freePort, lives, scratch } = require('../lib/program.js');
const { BROKER, Broker, REFERENCE, startBroker, writeConfig } = require('../lib/server.js');
const sio = require('../lib/sio09.js');
const { Successors } = require('../lib/successors.js');

const suite = { skip: REFERENCE && 'about our own program' };
const CONFIG = { 'flash policy server': false };
const HANDOVERS = Number(process.env.HANDOVERS || 4);
const RATE = Number(process.env.HANDOVER_RATE || 200);   /* connections a second */
/* A busy machine may take longer than a second to ask for something by a new connection. */
const LEAVES_LONG = { 'drain delay': 60 };

const start = (config = {}, options = {}) => startBroker({ config: { ...CONFIG, ...config },
    ...options });

async function startLine(config, options) {
    const broker = await start(config, options);
    return new Successors(broker);
}

/* Its file may be another one when it hands over. */
async function startFile(file) {
    return new Successors(await new Broker(BROKER, ['--config', file]).listening());
}

/* --- New connections, at a steady rate, each of which asks for one thing. --- */

const UPGRADE = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const REQUESTS = [
    ['/socket.io/1/?t=1', 'Connection: close\r\n', /^HTTP\/1\.1 200 [^]*\r\n\S+:\d+:\d+:\S+\r\n/],
    ['/socket.io/?EIO=4&transport=polling', 'Connection: close\r\n',
        /^HTTP\/1\.1 200 [^]*\r\n0\{/],
    ['/socket.io/?EIO=4&transport=websocket', UPGRADE, /^HTTP\/1\.1 101 [^]*"sid"/],
];

class Load {
    constructor(port) {
        this.port = port;
        this.begun = Date.now();
        this.n = this.done = 0;
        this.failures = [];
        this.timer = setInterval(() => this.more(), 5);
    }

    more() {
        while (this.n < (Date.now() - this.begun) * RATE / 1000)
            this.ask(...REQUESTS[this.n++ % REQUESTS.length]);
    }

    ask(target, headers, expected) {
        const socket = net.connect(this.port, '127.0.0.1');
        let text = '';
        socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
        socket.on('data', (data) => {
            text += data.toString('latin1');
            if (!expected.test(text))
                return;
            this.done++;
            socket.removeAllListeners();
            socket.on('error', () => {});
            socket.destroy();
        });
        socket.on('error', (error) => this.failures.push(`${target}: ${error.message}`));
        socket.on('end', () => this.failures.push(`${target}: ${JSON.stringify(text)}`));
    }

    async end() {
        clearInterval(this.timer);
        await eventually(() => this.done + this.failures.length >= this.n, 'all have an answer');
        assert.deepStrictEqual(this.failures.slice(0, 5), [],
            `${this.failures.length} of ${this.n}`);
    }
}

describe('nobody is refused, and nobody is reset', suite, () => {
    for (const workers of [1, 2]) {
        test(`${RATE} connections a second, ${HANDOVERS} times, workers: ${workers}`, async (t) => {
            const line = await startLine({ workers, 'log rate': 0, 'log level': 2,
                ...LEAVES_LONG });
            const load = new Load(line.broker.port);
            for (let i = 0; i < HANDOVERS; i++) {
                const from = load.done;
                await line.next();
                await eventually(() => load.done > from + RATE, 'a second goes by');
            }
            await load.end();
            t.diagnostic(`${load.n} connections in ${(Date.now() - load.begun) / 1000} s`);
            await line.stopAtOnce();
        });
    }
});

describe('clients of the old program', suite, () => {
    for (const workers of [1, 2]) {
        test(`leave in turn, and come back to the new one, workers: ${workers}`, async () => {
            const line = await startLine({ workers, 'drain time': 1 });
            const clients = await Promise.all(Array.from({ length: 8 },
                () => sio.connect(line.broker.port)));
            const old = await line.next();
            for (const client of clients)
                assert.strictEqual(await client.closeCode(), 1001);
            await line.gone(old);
            await sio.assertAlive(await sio.connect(line.broker.port));
            await line.stop();
        });
    }

    test('a connection that is there already is served for a moment', async () => {
        const line = await startLine(LEAVES_LONG);
        const [used, fresh] = [await http.connect(line.broker.port),
            await http.connect(line.broker.port)];
        const client = await sio.connect(line.broker.port);
        await used.request({ target: '/' });
        await line.next();
        for (const connection of [used, fresh]) {
            const { status } = await connection.request({ target: '/socket.io/1/' });
            assert.strictEqual(status, 200);
        }
        await sio.assertAlive(client);
        await line.stopAtOnce();
    });

    test('polls go on by the connection that they have, and then the client is to come again',
        async () => {
            const line = await startLine({ 'drain delay': 2 });
            const poll = await new engine.Polling(line.broker.port, 4).open();
            await poll.send('40');
            while (!(await poll.next()).startsWith('42["server"'))
                ;
            const waiting = await poll.wait();
            await line.next();
            assert.strictEqual((await waiting.response()).text, '1');
            /* another connection comes to the new one, which knows nothing of the old one's */
            const { status, text } = await http.get(line.broker.port, engine.url(poll.query));
            assert.strictEqual(status, 400);
            assert.match(text, /"code":1/);
            await line.stop();
        });
});

describe('what belongs to the port goes with it', suite, () => {
    test('the admin listener, and that of backends', async () => {
        const line = await startLine({ 'admin listen': [LOCAL], ...LEAVES_LONG,
            api: { listen: [LOCAL], keys: [{ name: 'a', key: KEY }] } });
        const { program } = line.broker;
        const [, admin] = await program.said(/admin at http:\/\/\S*:(\d+)\//);
        const api = await findApi(line.broker);
        const kept = await http.connect(Number(admin));
        assert.strictEqual((await kept.request({ target: '/livez' })).status, 200);
        assert.strictEqual((await getJson(Number(admin), '/status')).pid, line.pid);
        await line.next();
        assert.strictEqual((await getJson(Number(admin), '/status')).pid, line.pid);
        assert.strictEqual((await getJson(Number(admin), '/readyz')).status, 200);
        await kept.end(); /* who asks again asks the new one */
        assert.ok(lives(line.past[0]));
        assert.strictEqual((await post(api, 'emit', { name: 'news', args: [] })).status, 200);
        await line.stopAtOnce();
    });

    for (const workers of [1, 2]) {
        test(`files of unix sockets, workers: ${workers}`, async () => {
            const folder = scratch();
            const [front, gone, admin] = ['front', 'gone', 'admin'].map((name) =>
                path.join(folder, `${name}.sock`));
            const file = writeConfig({ ...CONFIG, workers,
                listen: [`unix:${front}`, `unix:${gone}`],
                'admin listen': [`unix:${admin}`] });
            const line = await startFile(file);
            const { ino } = fs.statSync(front);
            fs.writeFileSync(file, JSON.stringify({ ...CONFIG, workers, listen: [`unix:${front}`],
                'admin listen': [`unix:${admin}`] }));
            await line.gone(await line.next());
            assert.strictEqual(fs.statSync(front).ino, ino);
            assert.ok(!fs.existsSync(gone), 'no setting names it any more');
            assert.strictEqual((await http.get(front, '/')).status, 200);
            assert.strictEqual((await http.get(admin, '/livez')).status, 200);
            await line.stop();
            assert.deepStrictEqual(fs.readdirSync(folder), []);
        });
    }

    test('with other numbers of workers', async () => {
        const config = { ...CONFIG, ...LEAVES_LONG, listen: [LOCAL] };
        const file = writeConfig({ ...config, workers: 2 });
        const line = await startFile(file);
        const load = new Load(line.broker.port);
        for (const workers of [3, 1, 1, 4, 2]) {
            fs.writeFileSync(file, JSON.stringify({ ...config, workers }));
            await line.next();
            assert.strictEqual(childrenOf(line.pid).filter(lives).length,
                workers > 1 ? workers : 0);
            const from = load.done;
            await eventually(() => load.done > from + RATE / 2, 'it serves');
        }
        await load.end();
        await line.stopAtOnce();
    });

    test('nothing else: no descriptor is left to the new one', async () => {
        const line = await startLine();
        const count = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;
        const before = count(line.pid);
        const clients = await Promise.all([1, 2, 3].map(() => sio.connect(line.broker.port)));
        await line.next();
        await eventually(() => count(line.pid) <= before,
            () => `${count(line.pid)} instead of ${before}`);
        clients.forEach((client) => client.destroy());
        await line.stop();
    });
});

describe('when the new one does not come up, all goes on', suite, () => {
    async function assertGoesOn(line, pattern) {
        const client = await sio.connect(line.broker.port);
        const first = line.pid;
        assert.match(await line.refused(), pattern);
        await sio.assertAlive(client);
        await sio.assertAlive(await sio.connect(line.broker.port));
        assert.ok(lives(first));
    }

    for (const workers of [1, 2]) {
        test(`its configuration is wrong, workers: ${workers}`, async () => {
            const front = path.join(scratch(), 'front.sock');
            const listen = [LOCAL, `unix:${front}`];
            const file = writeConfig({ ...CONFIG, workers, listen });
            const line = await startFile(file);
            fs.writeFileSync(file, '{');
            await assertGoesOn(line, /all goes on as before: the new program .* has ended before/);
            /* it gets further, and has the sockets already */
            fs.writeFileSync(file, JSON.stringify({ ...CONFIG, workers, listen,
                'admin listen': [`unix:${path.join(scratch(), 'no/folder')}`] }));
            await assertGoesOn(line, /all goes on as before: the new program .* has ended before/);
            assert.strictEqual((await http.get(front, '/')).status, 200);
            fs.writeFileSync(file, JSON.stringify({ ...CONFIG, workers, listen }));
            await line.next();
            await line.stop();
            assert.ok(!fs.existsSync(front));
        });
    }

    test('its file is not there, or no program; and one by a link is found again', async () => {
        const folder = scratch();
        const [file, link] = [path.join(folder, 'siobroker'), path.join(folder, 'current')];
        fs.copyFileSync(BROKER, file);
        fs.symlinkSync(file, link);
        const line = await startLine({}, { file: link });
        fs.rmSync(link);
        await assertGoesOn(line, /current can not be executed: No such file or directory/);
        fs.writeFileSync(link, 'no program', { mode: 0o755 });
        await assertGoesOn(line, /current can not be executed: Exec format error/);
        fs.writeFileSync(`${link}.new`, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
        fs.renameSync(`${link}.new`, link);
        await assertGoesOn(line, /has ended before it served/);
        fs.rmSync(link);
        fs.symlinkSync(BROKER, link);
        await line.next();
        await line.stop();
    });

    test('it is busy with one already, or leaves', async () => {
        const folder = scratch();
        const file = path.join(folder, 'siobroker');
        fs.copyFileSync(BROKER, file);
        const line = await startLine({ 'drain delay': 60 }, { file });
        fs.rmSync(file);
        fs.writeFileSync(file, `#!/bin/sh\necho $$ >${folder}/pid\nexec sleep 1000\n`,
            { mode: 0o755 });
        process.kill(line.pid, 'SIGUSR2');
        const waiting = await eventually(() => fs.existsSync(`${folder}/pid`) &&
            Number(fs.readFileSync(`${folder}/pid`, 'latin1')), 'it has begun');
        assert.match(await line.refused(), /not handed over: a new program begins already/);
        const from = line.broker.log.length;
        process.kill(waiting, 'SIGKILL');
        await line.said(/(has ended before it served)/, from);
        process.kill(line.pid, 'SIGTERM');
        await line.said(/(draining: SIGTERM)/);
        assert.match(await line.refused(), /not handed over: this one .* has begun to leave/);
        await line.stop();
    });

    test('the old one stops meanwhile: then neither is left', async () => {
        const folder = scratch();
        const file = path.join(folder, 'siobroker');
        fs.copyFileSync(BROKER, file);
        const line = await startLine({}, { file });
        fs.rmSync(file);
        fs.writeFileSync(file, `#!/bin/sh\necho $$ >${folder}/pid\nexec sleep 1000\n`,
            { mode: 0o755 });
        process.kill(line.pid, 'SIGUSR2');
        const waiting = await eventually(() => fs.existsSync(`${folder}/pid`) &&
            Number(fs.readFileSync(`${folder}/pid`, 'latin1')), 'it has begun');
        await line.stop();
        assert.ok(!lives(waiting));
    });

    test('with a sandbox', async () => {
        const line = await startLine({ sandbox: 'auto' });
        await assertGoesOn(line, /not handed over: with "sandbox" no program can be executed/);
        await line.stop();
    });
});

describe('how it was started', suite, () => {
    test('the whole command line, with what is hidden in it', async () => {
        const redis = net.createServer(), said = [];
        redis.on('connection', (socket) => {
            socket.on('data', (data) => said.push(data.toString('latin1')));
            socket.on('error', () => {});
        });
        await new Promise((resolve) => redis.listen(0, '127.0.0.1', resolve));
        const url = `redis://:planted@127.0.0.1:${redis.address().port}`;
        const line = await startLine({}, { args: ['--redis', url, '--name', 'Two words'] });
        const logins = () => said.filter((text) => text.includes('planted')).length;
        const before = logins();
        assert.ok(before > 0);
        await line.next();
        await eventually(() => logins() > before, 'the new one knows the password');
        const words = fs.readFileSync(`/proc/${line.pid}/cmdline`, 'latin1').split('\0');
        assert.ok(words.includes('Two words'));
        assert.ok(!words.join().includes('planted'), words.join());
        line.endPast();
        await line.stop();
        redis.close();
    });

    for (const workers of [1, 2]) {
        test(`a script, workers: ${workers}`, async () => {
            const file = path.join(scratch(), 'app.js');
            fs.writeFileSync(file, `const {Server} = require('socket.io');
                const io = new Server(Number(process.argv[2]));
                io.on('connection', (socket) => socket.emit('pid', process.pid));`);
            const port = await freePort();
            const program = new Program(BROKER, ['--workers', String(workers), file,
                String(port)]);
            await program.said(/listening on/);
            const line = new Successors({ program, get log() { return program.stderr; } });
            const serving = () => [line.pid, ...childrenOf(line.pid)];
            const pidOf = async () => {
                const poll = await new engine.Polling(port, 4).open();
                await poll.send('40');
                for (;;) {
                    const match = /^42\["pid",(\d+)\]/.exec(await poll.next());
                    if (match)
                        return Number(match[1]);
                }
            };
            const seen = new Set();     /* what a worker opens meanwhile would not be handed over */
            await eventually(async () => seen.add(await pidOf()).size === workers, 'all serve');
            await line.next();
            /* One that the old program has let in at the last moment is lost, and comes again. */
            await eventually(async () => {
                const pid = await pidOf().catch(() => 0);
                return serving().includes(pid);
            }, 'the new one serves');
            await line.stop();
        });
    }

    test('a variable that makes no sense is ignored', async () => {
        for (const value of ['', '0', '2', '99', 'three']) {
            const broker = await start({}, { env: { SIOBROKER_HANDOVER: value } });
            assert.match(broker.log, /warn +SIOBROKER_HANDOVER=.* makes no sense/);
            await broker.stop();
        }
    });
});
