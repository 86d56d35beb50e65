'use strict';
/*
 * The admin listener of several workers: it is the master's, and speaks of all of them. What one
 * process says there is in the tests called admin-*.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { LOCAL, getJson, metrics, startAdmin, valueOf } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { childrenOf, scratch } = require('../lib/program.js');
const { makeRoamer } = require('../lib/roamer.js');
const { NEEDS_CONTRACT, REFERENCE, runBroker, startBroker, writeConfig } =
    require('../lib/server.js');

const suite = REFERENCE ? { skip: 'about our own program' } : NEEDS_CONTRACT;
const CONFIG = { 'flash policy server': false, workers: 2 };
const N_CLIENTS = 8;

const start = (config = {}, options = {}) => startAdmin({ contract: true,
    config: { ...CONFIG, ...config }, ...options });

const connect = (broker) => Promise.all(Array.from({ length: N_CLIENTS },
    () => makeRoamer([broker.port], 'websocket').connect()));

/* Workers tell their master twice a second. */
const shows = (broker, name, labels, n) => eventually(async () =>
    valueOf(await metrics(broker.admin), name, labels) === n, `${name} is ${n}`);

const readiness = async (broker) => {
    const { status, why } = await getJson(broker.admin, '/readyz');
    return [status, ...why];
};

describe('what it shows is of all workers', suite, () => {
    let broker, clients;

    before(async () => {
        broker = await start();
        clients = await connect(broker);
    });
    after(() => broker.stop());

    test('gauges, counters and histograms', async () => {
        await shows(broker, 'sessions', { transport: 'websocket' }, N_CLIENTS);
        await shows(broker, 'sockets', { namespace: '/' }, N_CLIENTS);
        await shows(broker, 'handshakes', {}, N_CLIENTS);
        await shows(broker, 'connect_seconds', { transport: 'websocket' }, N_CLIENTS);
        await shows(broker, 'requests', { code: '2xx' }, N_CLIENTS);
        const families = await metrics(broker.admin);
        assert.strictEqual(valueOf(families, 'peers'), 1);
        const resident = families.get('process_resident_memory_bytes').samples[0].value;
        assert.ok(resident > 3 * 1024 * 1024, `${resident} of three processes`);
    });

    test('what the listener counts itself stays, when workers have told more', async () => {
        const before = valueOf(await metrics(broker.admin), 'admin_requests');
        const one = await makeRoamer([broker.port], 'websocket').connect();
        await shows(broker, 'sessions', {}, N_CLIENTS + 1);
        await one.leave();
        await shows(broker, 'sessions', {}, N_CLIENTS);
        assert.ok(valueOf(await metrics(broker.admin), 'admin_requests') >= before + 3);
    });

    test('/status, the page, health', async () => {
        const status = await getJson(broker.admin, '/status');
        assert.strictEqual(status.status, 200);
        assert.strictEqual(status.pid, broker.program.pid);
        assert.strictEqual(status.phase, 'serving');
        assert.strictEqual(status.counters.sessions, N_CLIENTS);
        assert.deepStrictEqual(status.sessions,
            [{ transport: 'websocket', revision: '0.9', n: N_CLIENTS }]);
        assert.deepStrictEqual(status.listeners,
            [`port ${broker.port}`, `http://127.0.0.1:${broker.admin}/`]);
        assert.strictEqual((await http.get(broker.admin, '/')).status, 200);
        assert.deepStrictEqual(await readiness(broker), [200]);
        assert.strictEqual((await getJson(broker.admin, '/livez')).live, true);
    });

    test('another log level is that of all workers, for a while', async () => {
        /* an id begins with the tag of its worker */
        const lines = () => [...broker.log.matchAll(/ debug .*session (\S{6})/g)];
        const crowd = async () => Promise.all((await connect(broker)).map((one) => one.leave()));
        const change = async (level) => assert.strictEqual(
            (await http.post(broker.admin, `/log?level=${level}&for=3600`, '')).status, 200);
        await crowd();
        assert.deepStrictEqual(lines(), []);
        await change(3);
        await eventually(async () => {
            await crowd();
            return new Set(lines().map(([, tag]) => tag)).size === 2;
        }, 'both workers have it');
        await change(2);
        await eventually(async () => {
            const before = lines().length;
            await crowd();
            await broker.counters();
            return lines().length === before;
        }, 'both have the other one');
        assert.strictEqual([...broker.log.matchAll(/ log level \d for/g)].length, 2, 'told once');
    });

    test('a worker that ends: what it had counted stays, and nobody here notices', async () => {
        const kept = await http.connect(broker.admin);
        assert.strictEqual((await kept.request({ target: '/livez' })).status, 200);
        const handshakes = valueOf(await metrics(broker.admin), 'handshakes');
        process.kill(childrenOf(broker.program.pid)[0], 'SIGKILL');
        await broker.program.said(/worker \d serves/);
        assert.strictEqual((await kept.request({ target: '/livez' })).status, 200);
        kept.destroy();
        await eventually(async () => {
            const families = await metrics(broker.admin);
            const left = clients.filter((client) => client.over === null).length;
            return valueOf(families, 'sessions') === left;
        }, 'those of the others are left');
        assert.ok(valueOf(await metrics(broker.admin), 'handshakes') >= handshakes);
        assert.deepStrictEqual(await readiness(broker), [200]);
    });
});

describe('what it orders is done by all', suite, () => {
    test('drain, and undrain before it begins', async () => {
        const broker = await start({ 'drain delay': 60, 'drain time': 0.1 });
        const clients = await connect(broker);
        const post = (target) => http.post(broker.admin, target, '');
        assert.match((await post('/drain')).text, /"leaving"/);
        assert.deepStrictEqual(await readiness(broker), [503, 'draining']);
        assert.match((await post('/undrain')).text, /"serving"/);
        assert.deepStrictEqual(await readiness(broker), [200]);
        await broker.program.until(() =>
            [...broker.log.matchAll(/not draining any more/g)].length === 2, 'both workers hear');
        assert.strictEqual((await post('/undrain')).status, 409);
        for (const client of clients)
            assert.deepStrictEqual(await client.ask('echo', [1]), [1]);
        await Promise.all(clients.map((client) => client.leave()));
        broker.program.kill('SIGTERM');
        await broker.program.said(/stopping all workers/);
        await broker.stop(); /* once more: it does not wait */
    });

    test('drain to the end, and then it waits', async () => {
        const broker = await start({ 'drain time': 0.2 });
        const clients = await connect(broker);
        assert.match((await http.post(broker.admin, '/drain', '')).text, /"spreading"/);
        for (const client of clients)
            await client.ended();
        await broker.program.until(() =>
            [...broker.log.matchAll(/drained: no session is left/g)].length === 2, 'both drain');
        assert.deepStrictEqual(await readiness(broker), [503, 'draining']);
        await broker.stop();
    });

    test('reload', async () => {
        const file = writeConfig({ ...CONFIG, 'admin listen': [LOCAL], 'heartbeat timeout': 60 });
        const broker = await startBroker({ args: ['--config', file] });
        const admin = Number(/admin at http:\/\/\S*:(\d+)\//.exec(broker.log)[1]);
        const timeouts = async () => new Set(await Promise.all(Array.from({ length: 20 },
            async () => (await http.get(broker.port, '/socket.io/1/')).text.split(':')[1])));
        fs.writeFileSync(file, JSON.stringify({ ...CONFIG, 'admin listen': [LOCAL],
            'heartbeat timeout': 99 }));
        assert.match((await http.post(admin, '/reload', '')).text, /"reloaded":true/);
        await eventually(async () => {
            const all = await timeouts();
            return all.size === 1 && all.has('99');
        }, 'all have it');
        await shows({ admin }, 'reloads', {}, 1);
        fs.writeFileSync(file, '{');
        const refused = await http.post(admin, '/reload', '');
        assert.strictEqual(refused.status, 422);
        await shows({ admin }, 'failed_reloads', {}, 1);
        assert.deepStrictEqual([...await timeouts()], ['99']);
        await broker.stop();
    });
});

test('a unix socket: its file outlives workers, and goes with the master', suite, async () => {
    const file = path.join(scratch(), 'admin.sock');
    const broker = await start({}, { listen: [`unix:${file}`] });
    process.kill(childrenOf(broker.program.pid)[0], 'SIGKILL');
    await broker.program.said(/worker \d serves/);
    assert.strictEqual((await http.get(file, '/livez')).status, 200);
    const refused = await http.get(file, '/sessions');
    assert.strictEqual(refused.status, 501);
    assert.match(refused.text, /not possible with several/);
    await broker.stop();
    assert.ok(!fs.existsSync(file));
});

test('not for a master that keeps the rights of root', suite, async () => {
    const { code, stderr } = await runBroker(['--check-config', '--config',
        writeConfig({ ...CONFIG, user: 'nobody', 'admin listen': [LOCAL] })]);
    assert.strictEqual(code, 2);
    assert.match(stderr, /"admin listen": is not possible with several "workers" and "user"/);
});
