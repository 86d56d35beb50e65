'use strict';
/* /livez and /readyz: each cause of being unready, and the way back. */

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const { test, describe } = require('node:test');
const { REFERENCE } = require('../lib/server.js');
const { getJson, launchAdmin, startAdmin } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');
const tcp = require('../lib/tcp.js');

const suite = { skip: REFERENCE && 'about our own program' };

const ready = (broker, query = '') => getJson(broker.admin, `/readyz${query}`);

/* Wait until it says so; `why` is the whole list. */
function readyIs(broker, why, { query, ms } = {}) {
    return eventually(async () => {
        const answer = await ready(broker, query);
        assert.strictEqual(answer.status, answer.ready ? 200 : 503);
        assert.strictEqual(answer.ready, answer.why.length === 0);
        return JSON.stringify(answer.why) === JSON.stringify(why) && answer;
    }, `ready says ${JSON.stringify(why)}`, ms);
}

describe('health', suite, () => {
    test('an instance that serves lives and is ready', async () => {
        const broker = await startAdmin();
        for (const path of ['/livez', '/healthz'])
            assert.deepStrictEqual(await getJson(broker.admin, path), { status: 200, live: true });
        assert.deepStrictEqual(await ready(broker),
            { status: 200, ready: true, why: [], redis: null, sessions: 0 });
        const client = await sio.connect(broker.port);
        assert.strictEqual((await ready(broker)).sessions, 1);
        client.destroy();
        const head = await http.request(broker.admin, { method: 'HEAD', target: '/readyz' });
        assert.strictEqual(head.status, 200);
        assert.strictEqual(head.text, '');
        assert.strictEqual(head.get('Cache-Control'), 'no-store');
        await broker.stop();
    });

    /* It is connected, and says nothing. */
    test('starting: until Redis is known to be there or away', async () => {
        const silent = net.createServer(() => {});
        await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
        silent.unref();
        const broker = await launchAdmin({
            args: ['--redis', `redis://127.0.0.1:${silent.address().port}`] });
        const answer = await ready(broker);
        assert.deepStrictEqual(answer.why, ['starting']);
        assert.strictEqual(answer.status, 503);
        assert.strictEqual((await http.get(broker.admin, '/livez')).status, 200);
        await broker.listening();
        assert.strictEqual((await readyIs(broker, [])).redis, false);
        await broker.stop();
        silent.close();
    });

    test('max connections: at 98 percent of them', async () => {
        const broker = await startAdmin({ config: { 'max connections': 50 } });
        const connections = [];
        for (let i = 0; i < 48; i++)
            connections.push(await http.connect(broker.port));
        await readyIs(broker, []);
        connections.push(await http.connect(broker.port));
        await readyIs(broker, ['max connections']);
        for (const connection of connections)
            connection.destroy();
        await readyIs(broker, []);
        await broker.stop();
    });

    test('out of descriptors: while connections can not be accepted', async () => {
        const broker = await startAdmin();
        const { pid } = broker.program;
        const admin = await http.connect(broker.admin);
        const causes = async () =>
            JSON.parse((await admin.request({ target: '/readyz' })).text).why;
        const open = fs.readdirSync(`/proc/${pid}/fd`).length;
        execFileSync('prlimit', ['--pid', String(pid), `--nofile=${open + 1}:`]);
        const some = [];    /* numbers that are free below the limit are used up first */
        for (let i = 0; i < 5; i++)
            some.push(await tcp.open(broker.port));
        await eventually(async () => (await causes()).includes('out of descriptors'), 'unready');
        execFileSync('prlimit', ['--pid', String(pid), '--nofile=1000:']);
        await eventually(async () => (await causes()).length === 0, 'it is ready again');
        for (const connection of some)
            connection.destroy();
        admin.destroy();
        await broker.stop();
    });

    /* A client that does not close its side is waited for. */
    test('stopping', async () => {
        const broker = await startAdmin({ config: { 'shutdown timeout': 5 } });
        const client = await sio.connect(broker.port);
        client.socket.pause();
        broker.program.kill('SIGTERM');
        await readyIs(broker, ['stopping']);
        client.destroy();
        await broker.stop();
    });

    test('draining: from the first moment on', async () => {
        const broker = await startAdmin({ config: { 'drain delay': 30 } });
        broker.program.kill('SIGTERM');
        await readyIs(broker, ['draining']);
        const client = await sio.connect(broker.port);
        broker.program.kill('SIGTERM');
        client.destroy();
        await broker.stop();
    });

    test('Redis: counts when it is asked for', async () => {
        const redis = await startRedis();
        const broker = await startAdmin({ args: ['--redis', redis.url] });
        assert.strictEqual((await readyIs(broker, [], { query: '?redis=1' })).redis, true);
        await redis.stop('SIGKILL');
        const answer = await readyIs(broker, ['redis'], { query: '?redis=1', ms: 2000 });
        assert.strictEqual(answer.redis, false);
        for (const query of ['', '?redis=0', '?redis', '?Redis=1'])
            assert.strictEqual((await ready(broker, query)).status, 200, query);
        await redis.start();
        await readyIs(broker, [], { query: '?redis=1', ms: 20000 });
        await broker.stop();
        await redis.stop();
    });

    test('Redis that hangs is away, too', async () => {
        const redis = await startRedis();
        const broker = await startAdmin({ args: ['--redis', redis.url] });
        await readyIs(broker, [], { query: '?redis=1' });
        redis.program.kill('SIGSTOP');
        try {
            await sio.handshake(broker.port);   /* something that Redis has to answer */
            await readyIs(broker, ['redis'], { query: '?redis=1' });
        } finally {
            redis.program.kill('SIGCONT');
        }
        await readyIs(broker, [], { query: '?redis=1', ms: 20000 });
        await broker.stop();
        await redis.stop();
    });

    test('Redis that is asked for and not set', async () => {
        const broker = await startAdmin();
        await readyIs(broker, ['no redis is set'], { query: '?redis=1' });
        await broker.stop();
    });
});
