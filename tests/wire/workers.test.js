'use strict';
/*
 * Several processes that are one service: they begin and end together, one that ends is replaced,
 * and what is said to the master is done by all. That they serve clients as the instances of a
 * cluster do is in tests/cluster/workers.test.js.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { childrenOf, freePort, lives, scratch } = require('../lib/program.js');
const { makeRoamer } = require('../lib/roamer.js');
const { NEEDS_CONTRACT, REFERENCE, launchBroker, runBroker, startBroker, writeConfig } =
    require('../lib/server.js');
const { WorkerPorts } = require('../lib/worker-ports.js');

const suite = REFERENCE ? { skip: 'about our own program' } : NEEDS_CONTRACT;
const CONFIG = { 'flash policy server': false };

const start = (workers, config = {}, options = {}) => startBroker({ contract: true,
    config: { ...CONFIG, workers, ...config }, ...options });

const workersOf = (broker) => childrenOf(broker.program.pid);

const all = (broker, n) => eventually(() => workersOf(broker).length === n, `${n} workers`);

const websocket = (port) => makeRoamer([port], 'websocket').connect();

const said = (broker, pattern) => [...broker.log.matchAll(pattern)].length;

describe('they begin and end', suite, () => {
    for (const n of [2, 4]) {
        test(`${n} workers, and a master without clients`, async () => {
            const broker = await start(n);
            assert.match(broker.log, new RegExp(` listening on port \\d+ \\(${n} workers\\)`));
            await broker.program.said(/room for \d+ connections/);
            const workers = workersOf(broker);
            assert.strictEqual(workers.length, n);
            const clients = await Promise.all(Array.from({ length: 4 * n },
                () => websocket(broker.port)));
            for (const [i, client] of clients.entries())
                assert.deepStrictEqual(await client.ask('echo', [i]), [i]);
            assert.strictEqual((await broker.counters()).sessions, 4 * n);
            await broker.stop();
            assert.deepStrictEqual(workers.filter(lives), []);
            for (const client of clients)
                await client.ended();
            assert.strictEqual(said(broker, /listening/g), 1);
        });
    }

    test('as many as there are processors', async () => {
        const broker = await start('auto');
        const n = workersOf(broker).length;
        assert.ok(n === 0 || n > 1, `${n} workers`); /* a single processor has no master */
        await broker.stop();
    });

    test('one is none', async () => {
        const broker = await start(1);
        assert.deepStrictEqual(workersOf(broker), []);
        await broker.stop();
    });

    test('by an option', async () => {
        const broker = await startBroker({ args: ['--workers', '3'], config: CONFIG });
        await all(broker, 3);
        await broker.stop();
    });

    for (const [value, text] of [[0, '0'], [65, '65'], ['"many"', '"many"'], [1.5, '1.5']]) {
        test(`"workers": ${value} is refused`, async () => {
            const { code, stderr } = await runBroker(['--config',
                writeConfig(`{"workers": ${value}}`)]);
            assert.strictEqual(code, 2);
            assert.ok(stderr.includes('"workers": must be an integer from 1 to 64, or auto, got ' +
                text), stderr);
        });
    }

    test('a certificate that is not there: the master says so, and ends', async () => {
        const broken = launchBroker({ config: { ...CONFIG, workers: 2, listen: ['127.0.0.1:0 tls'],
            tls: [{ certificate: '/nowhere/a.pem', key: '/nowhere/a.key' }] } });
        assert.deepStrictEqual(await broken.program.ended(), { code: 1, signal: null });
        assert.strictEqual([...broken.log.matchAll(/nowhere/g)].length, 1, broken.log);
        assert.doesNotMatch(broken.log, /worker/);
    });

    test('a port that is taken: the master says so, and ends', async () => {
        const broker = await start(2);
        const second = launchBroker({ port: broker.port, config: { ...CONFIG, workers: 2 } });
        assert.deepStrictEqual(await second.program.ended(), { code: 1, signal: null });
        assert.match(second.log, /can not listen on port \d+: Address already in use/);
        assert.doesNotMatch(second.log, /worker/);
        await broker.stop();
    });

    test('a unix socket is for all, and its file goes with the master', async () => {
        const file = path.join(scratch(), 'front.sock');
        const broker = await start(2, { listen: [`unix:${file}`] });
        await all(broker, 2);
        for (let i = 0; i < 4; i++) {
            await new Promise((resolve, reject) => {
                const socket = net.connect(file, () => socket.end('GET /socket.io/1/ HTTP/1.1\r\n' +
                    'Host: a\r\nConnection: close\r\n\r\n'));
                let text = '';
                socket.on('data', (data) => {
                    text += data;
                });
                socket.on('error', reject);
                socket.on('close', () => resolve(assert.match(text, /^HTTP\/1.1 200 /)));
            });
        }
        process.kill(workersOf(broker)[0], 'SIGKILL');
        await broker.program.said(/worker \d serves/);
        assert.ok(fs.existsSync(file));
        await broker.stop();
        assert.ok(!fs.existsSync(file));
    });

    test('a second SIGTERM does not wait for those who drain', async () => {
        const broker = await start(2, { 'drain time': 3600 });
        const clients = await Promise.all([1, 2, 3, 4].map(() => websocket(broker.port)));
        const workers = workersOf(broker);
        broker.program.kill('SIGTERM');
        await broker.program.said(/stopping all workers: SIGTERM/);
        await broker.program.said(/draining: \d+ sessions[^]*draining: \d+ sessions/);
        assert.deepStrictEqual(workers.filter(lives), workers);
        broker.program.kill('SIGTERM');
        assert.deepStrictEqual(await broker.program.ended(), { code: 0, signal: null });
        for (const client of clients)
            await client.ended();
    });

    test('they drain', async () => {
        const broker = await start(2, { 'drain time': 0.5 });
        const clients = await Promise.all([1, 2, 3, 4].map(() => websocket(broker.port)));
        await broker.stop();
        assert.strictEqual(said(broker, /drained: no session is left/g), 2);
        for (const client of clients)
            await client.ended();
    });

    test('SIGTERM to all at once, as a service manager sends it, is one', async () => {
        const broker = await start(2, { 'drain time': 0.5 });
        for (const pid of [...workersOf(broker), broker.program.pid])
            process.kill(pid, 'SIGTERM');
        assert.deepStrictEqual(await broker.program.ended(), { code: 0, signal: null });
        assert.strictEqual(said(broker, /drained: no session is left/g), 2);
    });

    test('the master is killed: its workers end', async () => {
        const broker = await start(2);
        const workers = workersOf(broker);
        const client = await websocket(broker.port);
        broker.program.kill('SIGKILL');
        await client.ended();
        await eventually(() => workers.filter(lives).length === 0, 'no worker is left');
    });
});

describe('one that ends', suite, () => {
    let broker, ports;
    before(async () => {
        broker = await start(3);
        ports = await WorkerPorts.start(broker.port, 3);
    });
    after(async () => {
        ports.stop();
        await broker.stop();
    });

    /* Which process has a client: each tells by the sockets that it has. */
    test('is killed: others hear of its sessions, each once, and another takes its place',
        async () => {
            const clients = [], witnesses = [];
            for (const port of ports.ports) {
                witnesses.push(await websocket(port));
                clients.push(...await Promise.all([1, 2, 3].map(() => websocket(port))));
            }
            const before = await broker.counters();
            assert.strictEqual(before.sessions, 12);
            const [killed] = workersOf(broker);
            process.kill(killed, 'SIGKILL');
            await broker.program.said(
                new RegExp(`worker \\d \\(process ${killed}\\) has ended by signal 9`));
            await broker.program.said(/worker \d serves/);
            await all(broker, 3);

            const gone = () => clients.filter((client) => client.over !== null);
            await eventually(() => gone().length === 3, 'its three clients have lost it');
            const alive = witnesses.filter((witness) => witness.over === null);
            const lost = [...gone(), ...witnesses.filter((witness) => witness.over !== null)]
                .map((client) => client.id).sort();
            assert.strictEqual(lost.length, 4);
            assert.strictEqual(alive.length, 2);
            for (const witness of alive) {
                const left = () => witness.heard('left')
                    .filter(([, reason]) => reason === 'instance lost').map(([id]) => id);
                await eventually(() => left().length >= 4, 'it hears of all four');
                assert.deepStrictEqual(left().sort(), lost);
            }
            for (const client of clients.filter((one) => one.over === null))
                assert.deepStrictEqual(await client.ask('echo', [1]), [1]);

            const later = await broker.counters();
            assert.strictEqual(later.sessions, 8);
            assert.ok(later.handshakes >= before.handshakes, 'what it had counted stays');
            assert.strictEqual(later.lost_sessions, 4);
            for (const client of [...clients, ...witnesses])
                client.destroy();
        });

    test('the new one is known to the others, and they to it', async () => {
        const fresh = await WorkerPorts.start(broker.port, 3);
        const roamer = makeRoamer(fresh.ports, 'xhr-polling');
        await roamer.connect();
        for (let i = 0; i < 9; i++)
            assert.deepStrictEqual(await roamer.ask('echo', [i]), [i]);
        const clients = await Promise.all(fresh.ports.map(websocket));
        clients[0].emitEvent('broadcast', ['to all']);
        for (const client of clients)
            await client.until(() => client.heard('broadcast').length === 1, 'hears it');
        await roamer.leave();
        for (const client of clients)
            await client.leave();
        fresh.stop();
    });

    test('ends again and again: it is waited for', async () => {
        const seen = new Set(workersOf(broker));
        let [next] = seen;
        for (let i = 0; i < 3; i++) {
            process.kill(next, 'SIGKILL');
            next = await eventually(() => workersOf(broker).find((pid) => !seen.has(pid)),
                'another one begins');
            seen.add(next);
        }
        assert.ok(said(broker, /worker \d begins again in \d+ s/g) >= 2, broker.log);
        await all(broker, 3);
        await broker.program.said(new RegExp(`serves \\(process ${next}\\)`));
    });

    test('stops by itself: another takes its place', async () => {
        const workers = workersOf(broker);
        process.kill(workers[0], 'SIGTERM');
        await broker.program.said(
            new RegExp(`worker \\d \\(process ${workers[0]}\\) has ended with status 0`));
        await all(broker, 3);
    });
});

test('one that hangs is killed, and replaced', suite, async () => {
    const broker = await start(2, { 'instance timeout': 5 });
    const [hung] = workersOf(broker);
    process.kill(hung, 'SIGSTOP');
    await broker.program.said(new RegExp(`process ${hung}\\) has not answered`));
    await broker.program.said(/worker \d serves/);
    await all(broker, 2);
    await broker.stop();
});

describe('the settings are read again', suite, () => {
    const file = writeConfig({ ...CONFIG, workers: 2, greeting: true });
    const write = (config) => fs.writeFileSync(file, typeof config === 'string' ? config
        : JSON.stringify({ ...CONFIG, workers: 2, ...config }));
    let broker, ports;

    before(async () => {
        broker = await startBroker({ args: ['--config', file] });
        ports = await WorkerPorts.start(broker.port, 2);
    });
    after(async () => {
        ports.stop();
        await broker.stop();
    });

    async function reload(config, pattern) {
        const from = broker.log.length;
        write(config);
        broker.program.kill('SIGHUP');
        await broker.program.until(() => pattern.test(broker.log.slice(from)), `says ${pattern}`);
        return broker.log.slice(from);
    }

    /* With which heartbeat timeout a handshake of each worker is answered. */
    const timeouts = () => Promise.all(ports.ports.map(async (port) => {
        const response = await fetch(`http://127.0.0.1:${port}/socket.io/1/`);
        return (await response.text()).split(':')[1];
    }));

    test('by all', async () => {
        const log = await reload({ 'heartbeat timeout': 99 }, /reloaded: "heartbeat timeout"/);
        assert.strictEqual([...log.matchAll(/reloaded/g)].length, 1, log);
        await eventually(async () => (await timeouts()).every((s) => s === '99'), 'all have it');
    });

    test('by none, if they are wrong', async () => {
        const log = await reload('{', /not reloaded, all stays as it is: .*/);
        assert.strictEqual([...log.matchAll(/not reloaded/g)].length, 1, log);
        assert.deepStrictEqual(await timeouts(), ['99', '99']);
    });

    test('a worker that begins later has the same', async () => {
        write('{'); /* nobody has asked to read it */
        process.kill(workersOf(broker)[0], 'SIGKILL');
        await broker.program.said(/worker \d serves/);
        const fresh = await WorkerPorts.start(broker.port, 2);
        for (const port of fresh.ports) {
            const response = await fetch(`http://127.0.0.1:${port}/socket.io/1/`);
            assert.strictEqual((await response.text()).split(':')[1], '99');
        }
        fresh.stop();
    });

    test('how many they are stays', async () => {
        const log = await reload({ workers: 3 }, /"workers": changes only by a restart/);
        assert.match(log, /changes only by a restart/);
        assert.strictEqual(workersOf(broker).length, 2);
    });
});

test('limits are for all together', suite, async () => {
    const broker = await start(2, { 'max connections': 10 });
    await broker.program.said(/room for 10 connections/);
    await broker.stop();
});

test('a port that is named is found again after a restart', suite, async () => {
    const port = await freePort();
    for (let i = 0; i < 3; i++) {
        const broker = await start(2, {}, { port });
        const client = await websocket(port);
        assert.deepStrictEqual(await client.ask('echo', [i]), [i]);
        await broker.stop();
    }
});
