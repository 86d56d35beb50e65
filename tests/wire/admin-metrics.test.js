'use strict';
/* /metrics: the grammar of both formats, nothing is left out, and what is there is true. */

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { REFERENCE, NEEDS_CONTRACT, ROOT } = require('../lib/server.js');
const { parseMetrics, metrics, startAdmin, valueOf } = require('../lib/admin.js');
const { tlsConfig } = require('../lib/certificates.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');
const { startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };

/* How metrics call those counters that have another name there, or are told by kind. */
const OTHER_NAMES = { pending: 'redis_pending_commands', connected: 'redis_up',
    data_clients: 'redis_data_clients', tail_gaps: 'redis_stream_gaps' };
const HANDSHAKE_OPS = ['puts', 'takes', 'hits', 'misses', 'expired', 'full'];

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0,text/plain;version=0.0.4;q=0.5';

describe('metrics', suite, () => {
    let broker, redis;

    before(async () => {
        redis = await startRedis();
        broker = await startAdmin({ contract: true, args: ['--redis', redis.url] });
    });

    after(async () => {
        await broker.stop();
        await redis.stop();
    });

    test('the format 0.0.4 of Prometheus', async () => {
        const response = await http.get(broker.admin, '/metrics', { Accept: 'text/plain' });
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.get('Content-Type'),
            'text/plain; version=0.0.4; charset=utf-8');
        const families = parseMetrics(response.text);
        assert.ok(families.size > 80, `${families.size} families`);
        for (const [name] of families)
            assert.match(name, /^(siobroker|process)_/);
    });

    test('OpenMetrics, for who takes it: the same, and an end', async () => {
        const response = await http.get(broker.admin, '/metrics', { Accept: OPEN_METRICS });
        assert.strictEqual(response.get('Content-Type'),
            'application/openmetrics-text; version=1.0.0; charset=utf-8');
        const families = parseMetrics(response.text, { openMetrics: true });
        assert.deepStrictEqual([...families.keys()], [...(await metrics(broker.admin)).keys()]);
    });

    test('all reasons of the manual have a place of their own', async () => {
        const manual = fs.readFileSync(path.join(ROOT, 'server/manual/c-api.md'), 'utf8')
            .split('## Why a client has left')[1].split('\n## ')[0];
        const told = manual.split('\n').filter((line) => line.startsWith('| `'))
            .flatMap((line) => line.split('|')[1].match(/`[^`]+`/g))
            .map((word) => word.slice(1, -1));
        const { text } = await http.get(broker.admin, '/metrics');
        const counted = new Set([...text.matchAll(/sessions_ended_total\{reason="([^"]+)"\}/g)]
            .map(([, reason]) => reason));
        assert.ok(told.length > 20, `${told.length} reasons`);
        for (const reason of told)
            assert.ok(counted.has(reason), reason);
    });

    const promtool = spawnSync('promtool', ['--version']).status === 0;
    const ifPromtool = { skip: !promtool && 'promtool is not installed' };
    test('promtool finds no fault', ifPromtool, async () => {
        const { text } = await http.get(broker.admin, '/metrics');
        const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'],
            { input: text, encoding: 'utf8' });
        assert.strictEqual(stdout + stderr, '');
        assert.strictEqual(status, 0);
    });

    test('every counter is there', async () => {
        const { store, ...counters } = await broker.counters();
        const families = await metrics(broker.admin);
        for (const name of Object.keys(counters))
            assert.ok(families.has(`siobroker_${name}`), name);
        for (const name of Object.keys(store)) {
            const metric = OTHER_NAMES[name] || `redis_${name}`;
            assert.ok(HANDSHAKE_OPS.includes(name) || families.has(`siobroker_${metric}`), name);
        }
        assert.deepStrictEqual(families.get('siobroker_handshake_store').samples
            .map(({ labels }) => labels.op), ['put', 'take', 'hit', 'miss', 'expired', 'full']);
    });

    test('clients are counted by what they speak and what carries them', async () => {
        const clients = [await sio.connect(broker.port), await sio.connect(broker.port),
            await engine.connect(broker.port, 4), await engine.connect(broker.port, 3)];
        await polling.connect(broker.port, 'xhr-polling');
        await engine.join(clients[2]);
        const families = await eventually(async () => {
            const now = await metrics(broker.admin);
            return valueOf(now, 'sockets', { namespace: '/' }) === 5 && now;
        }, 'five sockets');
        const sessions = (transport, revision) =>
            valueOf(families, 'sessions', { transport, revision });
        assert.strictEqual(sessions('websocket', '0.9'), 2);
        assert.strictEqual(sessions('xhr-polling', '0.9'), 1);
        assert.strictEqual(valueOf(families, 'sessions', { revision: 'EIO4' }), 1);
        assert.strictEqual(valueOf(families, 'sessions', { revision: 'EIO3' }), 1);
        assert.strictEqual(valueOf(families, 'sessions'), 5);
        assert.ok(valueOf(families, 'connections') >= 2);
        for (const client of clients)
            client.destroy();
        await eventually(async () => {
            const now = await metrics(broker.admin);
            return valueOf(now, 'sessions', { transport: 'websocket' }) === 0 &&
                valueOf(now, 'sessions_ended') - valueOf(now, 'sessions_ended',
                    { reason: 'other' }) >= 2;
        }, 'those of websockets have ended');
    });

    test('messages, broadcasts, bytes and requests', async () => {
        const broker = await startAdmin({ contract: true, args: ['--redis', redis.url] });
        const before = await metrics(broker.admin);
        const client = await sio.connect(broker.port);
        const text = 'x'.repeat(1000);
        client.text(`5:::{"name":"broadcast","args":["${text}"]}`);
        await client.message();
        const now = await metrics(broker.admin);
        const grown = (name, labels) => valueOf(now, name, labels) - valueOf(before, name, labels);
        assert.strictEqual(grown('broadcast_receivers'), 1);
        assert.strictEqual(grown('message_bytes', { direction: 'in' }), 1);
        assert.strictEqual(grown('message_bytes', { direction: 'out' }), 3,
            'connected, greeting, this');
        assert.ok(grown('bytes_in') > text.length);
        assert.ok(grown('bytes_out') > text.length);
        assert.strictEqual(grown('requests', { code: '2xx' }), 1);
        assert.strictEqual(grown('requests', { code: '1xx' }), 1);
        assert.strictEqual(grown('connect_seconds', { transport: 'websocket' }), 1);
        assert.ok(grown('redis_command_seconds') >= 2);
        assert.ok(grown('loop_turn_seconds') > 0);
        client.destroy();
        await broker.stop();
    });

    test('the loop is asked ten times a second how late it is', async () => {
        const first = valueOf(await metrics(broker.admin), 'loop_lag_seconds');
        await eventually(async () => valueOf(await metrics(broker.admin), 'loop_lag_seconds') >=
            first + 5, 'five more');
    });

    test('never on the public port', async () => {
        for (const path of ['/metrics', '/livez', '/readyz', '/status', '/sessions']) {
            const { status, text } = await http.get(broker.port, path);
            assert.deepStrictEqual({ status, text },
                { status: 200, text: 'Welcome to socket.io.' });
        }
    });

    test('a scrape is quick while many come', async () => {
        const broker = await startAdmin();
        const storm = Promise.all(Array.from({ length: 20 }, async () => {
            for (let i = 0; i < 25; i++)
                (await sio.connect(broker.port)).destroy();
        }));
        let n = 0, over = false;
        void storm.finally(() => { over = true; });
        const admin = await http.connect(broker.admin);
        while (!over) {
            const { status, text } = await admin.request({ target: '/metrics', ms: 5000 });
            assert.strictEqual(status, 200);
            parseMetrics(text);
            n++;
        }
        await storm;
        admin.destroy();
        assert.ok(n >= 3, `${n} scrapes`);
        await eventually(async () => valueOf(await metrics(broker.admin), 'sockets',
            { namespace: '/' }) === 0, 'all have gone');
        await broker.stop();
    });
});

describe('metrics of an instance alone', suite, () => {
    test('there is nothing about a Redis that it does not have', async () => {
        const broker = await startAdmin();
        const families = await metrics(broker.admin);
        assert.deepStrictEqual([...families.keys()].filter((name) => name.includes('redis')), []);
        await broker.stop();
    });

    test('refused connections tell the limit', async () => {
        const broker = await startAdmin({ config: { 'max connections per address': 1 } });
        const one = await http.connect(broker.port);
        await eventually(async () => valueOf(await metrics(broker.admin), 'connections') === 1,
            'one is there');
        assert.strictEqual((await http.get(broker.port, '/')).status, 503);
        const families = await metrics(broker.admin);
        assert.strictEqual(valueOf(families, 'refused_connections',
            { limit: 'max connections per address' }), 1);
        assert.strictEqual(valueOf(families, 'refused_connections'), 1);
        one.destroy();
        await broker.stop();
    });
});

describe('a start', suite, () => {
    const ROOM = /info +room for (\d+) connections: (.*)\n/;

    test('says how many connections fit, as the metric does', async () => {
        const broker = await startAdmin();
        const [, n, why] = await broker.program.said(ROOM);
        assert.strictEqual(why, 'the limit of descriptors');
        assert.strictEqual(valueOf(await metrics(broker.admin), 'max_connections'), Number(n));
        await broker.stop();
    });

    test('or as the setting does', async () => {
        const broker = await startAdmin({ config: { 'max connections': 100 } });
        const [, n, why] = await broker.program.said(ROOM);
        assert.deepStrictEqual([n, why], ['100', '"max connections"']);
        await broker.stop();
    });
});

/* What the manual says of a metric is what the program says. */
function rowOf([name, { type, help, samples }]) {
    const labels = Object.keys(samples[0].labels).filter((label) => label !== 'le');
    const shown = name.replace(/^siobroker_/, '') + (type === 'counter' ? '_total' : '') +
        (labels.length > 0 ? `{${labels.join(',')}}` : '');
    return `| \`${shown}\` | ${type} | ${help} |`;
}

describe('the manual', suite, () => {
    test('has all metrics', async () => {
        const manual = fs.readFileSync(path.join(ROOT, 'server/manual/operations.md'), 'utf8');
        const [, table] = /\| metric \| type \| what it is \|\n.*\n((?:\|.*\n)+)/.exec(manual);
        const redis = await startRedis();
        const broker = await startAdmin({ args: ['--redis', redis.url],
            config: { backends: [{ name: 'worker', stream: true }], ...await tlsConfig() } });
        await redis.command('XGROUP', 'CREATE', 'sio:events:worker:0', 'mails', '0', 'MKSTREAM');
        const now = await eventually(async () => {
            const all = await metrics(broker.admin);
            return all.has('siobroker_stream_group_unread') && all;
        }, 'a group of workers');
        const rows = [...now].map(rowOf);
        assert.deepStrictEqual(table.trim().split('\n'), rows);
        await broker.stop();
        await redis.stop();
    });
});
