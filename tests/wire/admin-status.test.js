'use strict';
/* /status, /sessions and /log: what an instance tells of itself, and to whom. */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { BROKER, REFERENCE, NEEDS_CONTRACT } = require('../lib/server.js');
const { LOCAL, getJson, metrics, startAdmin, valueOf } = require('../lib/admin.js');
const { Backend, ENV, settings } = require('../lib/backend.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { run, scratch } = require('../lib/program.js');
const { startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };
const KEY = 'a-key-of-thirty-two-characters-or-more';
const bearer = (key) => ({ Authorization: `Bearer ${key}` });
const basic = (user, key) => ({
    Authorization: `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}` });

describe('who may ask', suite, () => {
    let broker, local, everywhere, file;

    before(async () => {
        file = path.join(scratch(), 'admin.sock');
        broker = await startAdmin({ listen: [LOCAL, '*:0', `unix:${file}`],
            config: { 'admin key': KEY } });
        [local, everywhere] = broker.admins;
    });

    after(() => broker.stop());

    async function status(port, target, headers, method = 'GET') {
        const body = method === 'POST' ? '' : undefined;
        return (await http.request(port, { method, target, headers, body })).status;
    }

    test('anyone: health and metrics', async () => {
        for (const port of [local, everywhere, file])
            for (const target of ['/livez', '/healthz', '/readyz', '/metrics'])
                assert.strictEqual(await status(port, target), 200, `${port} ${target}`);
    });

    test('who is on this machine, or has the key: status, page and log', async () => {
        for (const [target, method] of [['/status'], ['/'], ['/log?level=2', 'POST']]) {
            assert.strictEqual(await status(local, target, {}, method), 200, target);
            assert.strictEqual(await status(file, target, {}, method), 200, target);
            assert.strictEqual(await status(everywhere, target, {}, method), 401, target);
            assert.strictEqual(await status(everywhere, target, bearer(KEY), method), 200, target);
        }
    });

    test('who may open the unix socket, or has the key: sessions', async () => {
        assert.strictEqual(await status(file, '/sessions'), 200);
        for (const port of [local, everywhere]) {
            assert.strictEqual(await status(port, '/sessions'), 401);
            assert.strictEqual(await status(port, '/sessions/x', {}, 'DELETE'), 401);
            assert.strictEqual(await status(port, '/sessions', bearer(KEY)), 200);
            assert.strictEqual(await status(port, '/sessions/x', bearer(KEY), 'DELETE'), 404);
        }
    });

    test('a browser shows the key as a password', async () => {
        const { head, status: code } = await http.get(everywhere, '/');
        assert.strictEqual(code, 401);
        assert.match(head, /\r\nWWW-Authenticate: Basic realm="siobroker", Bearer\r\n/);
        assert.strictEqual(await status(everywhere, '/', basic('anybody', KEY)), 200);
    });

    const WRONG = { none: {}, 'a wrong one': bearer(`${KEY}x`), 'a part': bearer(KEY.slice(0, -1)),
        empty: bearer(''), 'without a scheme': { Authorization: KEY },
        'another scheme': { Authorization: `Digest ${KEY}` },
        'a wrong password': basic('', `x${KEY}`),
        'as the user': basic(KEY, ''), 'no base64': { Authorization: 'Basic ????' } };
    for (const [name, headers] of Object.entries(WRONG)) {
        test(`the key: ${name}`, async () => {
            assert.strictEqual(await status(everywhere, '/status', headers), 401);
        });
    }

    test('without a key nobody has it', async () => {
        const open = await startAdmin({ listen: ['*:0'] });
        const response = await http.get(open.admin, '/status', bearer(''));
        assert.strictEqual(response.status, 403);
        assert.match(response.text, /admin key/);
        await open.stop();
    });

    test('the key does not make up for a page', async () => {
        assert.strictEqual(await status(everywhere, '/status',
            { ...bearer(KEY), Origin: 'http://127.0.0.1' }), 403);
    });

    test('changes are not made by GET', async () => {
        for (const [target, allow] of [['/log?level=3', 'POST'], ['/sessions/x', 'DELETE']]) {
            const response = await http.get(file, target);
            assert.strictEqual(response.status, 405);
            assert.strictEqual(response.get('Allow'), allow);
        }
    });

    test('nobody is shown the key', async () => {
        const { settings } = await getJson(local, '/status');
        assert.strictEqual(settings['admin key'], '***');
        assert.ok(!broker.log.includes(KEY));
    });
});

describe('status', suite, () => {
    test('tells what is there', async () => {
        const redis = await startRedis();
        const config = { name: 'Ünit "1"', 'heartbeat interval': 20 };
        const broker = await startAdmin({ contract: true, config, args: ['--redis', redis.url] });
        const clients = [await sio.connect(broker.port), await engine.connect(broker.port, 4)];
        await engine.join(clients[1]);
        const now = await getJson(broker.admin, '/status');
        assert.strictEqual(now.name, 'Ünit "1"');
        assert.strictEqual(now.phase, 'serving');
        assert.strictEqual(now.pid, broker.program.pid);
        assert.ok(now.uptime > 0 && now.began <= now.now);
        assert.strictEqual(now.sessions.reduce((sum, { n }) => sum + n, 0), 2);
        assert.deepStrictEqual(now.sessions.find(({ revision }) => revision === '0.9'),
            { transport: 'websocket', revision: '0.9', n: 1 });
        assert.strictEqual(now.namespaces.find(({ name }) => name === '/').sockets, 2);
        assert.ok(now.namespaces.some(({ name }) => name === '/chat'));
        assert.deepStrictEqual(now.peers, []);
        assert.deepStrictEqual(now.backends, []);
        assert.strictEqual(now.redis.up, true);
        assert.deepStrictEqual(now.certificates, []);
        assert.deepStrictEqual(now.listeners,
            [`port ${broker.port}`, `http://127.0.0.1:${broker.admin}/`]);
        assert.deepStrictEqual(now.settings, { port: 0, name: 'Ünit "1"', 'heartbeat interval': 20,
            redis: redis.url, 'admin listen': [LOCAL] });
        assert.strictEqual(now.counters.sessions, 2);
        assert.ok(now.counters.store.puts >= 1);
        assert.ok(now.process.resident > 1e6);
        assert.ok(now.histograms.redis_command.counts.reduce((sum, n) => sum + n, 0) > 0);
        await broker.stop();
        await redis.stop();
    });

    test('other instances, and how long they are silent', async () => {
        const redis = await startRedis();
        const brokers = await Promise.all([1, 2].map(() =>
            startAdmin({ args: ['--redis', redis.url] })));
        const [peer] = await eventually(async () => {
            const { peers } = await getJson(brokers[0].admin, '/status');
            return peers.length === 1 && peers;
        }, 'they know each other');
        assert.ok(peer.silence >= 0);
        assert.strictEqual(peer.backlog, 0);
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    test('backends, and how long they take; so do the metrics and "top"', async () => {
        const backend = await new Backend().start();
        const broker = await startAdmin({ env: ENV,
            config: { backends: [settings(backend, { name: 'shop' })] } });
        const client = await engine.connect(broker.port, 4);
        await client.send('40');
        assert.match(await client.next(), /^40\{"sid":/);
        const { counters, backends } = await getJson(broker.admin, '/status');
        assert.strictEqual(counters.backend_requests, 1);
        assert.strictEqual(backends.length, 1);
        assert.strictEqual(backends[0].name, 'shop');
        assert.strictEqual(backends[0].request.counts.reduce((sum, n) => sum + n, 0), 1);
        assert.ok(backends[0].request.sum > 0);
        assert.strictEqual(valueOf(await metrics(broker.admin), 'backend_request_seconds',
            { backend: 'shop' }), 1);
        const { code, stdout } = await run(BROKER,
            ['top', '--once', '--admin', `127.0.0.1:${broker.admin}`]);
        assert.strictEqual(code, 0);
        assert.match(stdout, new RegExp('^backends {4}\\d+/s requests, 0/s failed, ' +
            '0 events waiting, 0 paused\n {12}shop: 99 % within [\\d.]+ ms$', 'm'));
        client.destroy();
        await broker.stop();
        await backend.end();
    });

    test('no password of Redis', async () => {
        const broker = await startAdmin({
            config: { redis: 'redis://somebody:hunter2@127.0.0.1:1' } });
        const { text } = await http.get(broker.admin, '/status');
        assert.ok(!text.includes('hunter2'));
        assert.strictEqual(JSON.parse(text).settings.redis, '***');
        await broker.stop();
    });

    test('the page is one file that may load nothing else', async () => {
        const broker = await startAdmin();
        const response = await http.get(broker.admin, '/');
        assert.strictEqual(response.get('Content-Type'), 'text/html; charset=utf-8');
        assert.match(response.get('Content-Security-Policy'),
            /^default-src 'none'; connect-src 'self'; .*script-src 'sha256-.{43}='; style-src/);
        assert.doesNotMatch(response.text.replaceAll('http://www.w3.org/2000/svg', ''),
            /https?:\/\/|<script src|@import|url\(/);
        await broker.stop();
    });
});

describe('sessions', suite, () => {
    let broker, file;
    const sessions = async (query = '') => (await getJson(file, `/sessions${query}`)).sessions;

    before(async () => {
        file = path.join(scratch(), 'admin.sock');
        broker = await startAdmin({ contract: true, listen: [`unix:${file}`] });
    });

    after(() => broker.stop());

    test('the oldest first, or those for whom most waits', async () => {
        const first = await sio.connect(broker.port), second = await engine.connect(broker.port, 4);
        await engine.join(second);
        const list = await eventually(async () => {
            const all = await sessions();
            return all.length === 2 && all;
        }, 'two sessions');
        assert.strictEqual(list[0].id, first.id);
        assert.deepStrictEqual([list[0].transport, list[0].revision, list[0].address],
            ['websocket', '0.9', '127.0.0.1']);
        assert.strictEqual(list[1].revision, 'EIO4');
        assert.ok(list[0].age >= list[1].age);
        assert.strictEqual((await sessions('?limit=1')).length, 1);
        assert.strictEqual((await sessions('?address=127.0.0.1&sort=queued')).length, 2);
        assert.strictEqual((await sessions('?address=10.0.0.1')).length, 0);
        first.destroy();
        second.destroy();
    });

    test('bytes that wait are shown until they have left', async () => {
        const waiting = async () => (await getJson(file, '/status')).counters.queued_bytes;
        const open = (await http.get(broker.port, '/socket.io/?EIO=4&transport=polling')).text;
        const target = `/socket.io/?EIO=4&transport=polling&sid=${JSON.parse(open.slice(1)).sid}`;
        await eventually(async () => await waiting() === 0, 'nothing waits');
        await http.request(broker.port, { method: 'POST', target, body: '40' });
        assert.ok(await waiting() > 0);
        await http.get(broker.port, target);
        assert.strictEqual(await waiting(), 0);
    });

    for (const query of ['?limit=0', '?limit=1001', '?limit=x', '?limit=-1', '?sort=random',
        '?address=', `?address=${'x'.repeat(100)}`, '?address=%00']) {
        test(`${query}: 400`, async () => {
            const response = await http.get(file, `/sessions${query}`);
            assert.strictEqual(response.status, 400);
            assert.match(response.text, /^\{"error":"limit must be[^\n]*\}\n$/);
        });
    }

    test('one is ended, and told', async () => {
        const client = await sio.connect(broker.port);
        const response = await http.request(file,
            { method: 'DELETE', target: `/sessions/${client.id}` });
        assert.deepStrictEqual(JSON.parse(response.text), { ended: client.id });
        assert.strictEqual(await client.message(), '0::');
        await sio.assertEnds(broker.port, client.id);
        for (const id of [client.id, 'x', 'x'.repeat(200), '%00'])
            assert.strictEqual((await http.request(file,
                { method: 'DELETE', target: `/sessions/${id}` })).status, 404);
        client.destroy();
    });

    test('very many are walked over while others are served', async () => {
        const many = [];
        for (let i = 0; i < 300; i++)
            many.push(http.get(broker.port, '/socket.io/?EIO=4&transport=polling'));
        await Promise.all(many);
        const list = await sessions('?limit=1000');
        assert.ok(list.length >= 300);
        assert.strictEqual(new Set(list.map(({ id }) => id)).size, list.length);
    });

    test('who asks and leaves does no harm', async () => {
        for (let i = 0; i < 20; i++) {
            const connection = await http.connect(file);
            connection.write('GET /sessions HTTP/1.1\r\nHost: x\r\n\r\n');
            connection.destroy();
        }
        assert.ok((await sessions()).length > 0);
    });
});

describe('the log', suite, () => {
    test('says more for some time', async () => {
        const broker = await startAdmin();
        const change = (query) => http.request(broker.admin,
            { method: 'POST', target: `/log${query}`, body: '' });
        assert.deepStrictEqual(JSON.parse((await change('?level=3&for=1')).text),
            { level: 3, for: 1 });
        await broker.program.said(/info {2}log level 3 for 1 s\n/);
        await sio.handshake(broker.port);
        await broker.program.said(/ debug session /);
        await broker.program.said(/info {2}log level 2 again\n/);
        for (const query of ['', '?level=4', '?level=-1', '?level=x', '?level=1&for=0',
            '?level=1&for=86401', '?for=1'])
            assert.strictEqual((await change(query)).status, 400, query);
        assert.ok(valueOf(await metrics(broker.admin), 'log_lines', { level: 'debug' }) > 0);
        await broker.stop();
    });
});
