'use strict';
/*
 * What is short: "max memory", "max body bytes", "max connections per second" and "max sockets per
 * user".
 */

const assert = require('node:assert');
const fs = require('node:fs');
const { test, describe, before, after } = require('node:test');
const { io } = require('socket.io-client-4');
const { getJson } = require('../lib/admin.js');
const { startApi, done } = require('../lib/api.js');
const { eventually, within } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { REFERENCE, startBroker, writeConfig } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };

const POLL = '/socket.io/?EIO=4&transport=polling';
const from = (address) => ({ 'X-Forwarded-For': address });

async function connected(port) {
    const socket = io(`http://127.0.0.1:${port}`,
        { transports: ['websocket'], reconnection: false, forceNew: true });
    socket.ended = new Promise((resolve) => socket.once('disconnect', resolve));
    await new Promise((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
    });
    return socket;
}

describe('max memory', suite, () => {
    let broker, file;
    const set = (bytes) => fs.writeFileSync(file, JSON.stringify(
        { 'admin listen': ['127.0.0.1:0'], 'max memory': bytes }));
    const reload = async (bytes) => {
        const n = [...broker.log.matchAll(/reloaded: /g)].length;
        set(bytes);
        broker.program.kill('SIGHUP');
        await broker.program.until(
            () => [...broker.log.matchAll(/reloaded: /g)].length > n, 'has read it again');
    };
    const ready = () => getJson(Number(broker.admin), '/readyz');

    before(async () => {
        file = writeConfig('{}');
        set(0);
        broker = await startBroker({ args: ['--config', file] });
        [, broker.admin] = /admin at http:\/\/\S*:(\d+)\/\n/.exec(broker.log);
    });
    after(() => broker.stop());

    test('next to none left: no new sessions, not ready, and sessions end; then as before',
        async () => {
            assert.strictEqual((await ready()).status, 200);
            const socket = await connected(broker.port);
            await reload(1000000);
            await eventually(async () => (await ready()).why.includes('max memory'), 'is unready');
            assert.strictEqual((await ready()).status, 503);
            for (const target of [POLL, '/socket.io/1/']) {
                const answer = await http.get(broker.port, target);
                assert.strictEqual(answer.status, 503);
                assert.strictEqual(answer.get('Retry-After'), '1');
            }
            await within(socket.ended, 'the session ends');
            const counters = await broker.counters();
            assert.ok(counters.memory_refusals >= 2, JSON.stringify(counters));
            assert.ok(counters.evicted >= 1);
            assert.match(broker.log, /bytes of "max memory" 1000000 are in use: no new sessions/);
            await reload(0);
            await eventually(async () => (await ready()).status === 200, 'is ready again');
            (await connected(broker.port)).close();
            assert.match(broker.log, /there is memory again/);
        });
});

describe('max body bytes', suite, () => {
    const LENGTH = 500000, PART = Buffer.alloc(100000, 'x');
    let broker;
    before(async () => {
        broker = await startBroker({ config: { 'max body bytes': 1000000 } });
    });
    after(() => broker.stop());

    /* A session, and a POST for it of which only a part comes. */
    async function begin(address, part) {
        const connection = await http.connect(broker.port);
        const { text } = await connection.request({ target: POLL, headers: from(address) });
        const { sid } = JSON.parse(text.slice(1));
        connection.write(Buffer.concat([Buffer.from(
            `POST ${POLL}&sid=${sid} HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: ${address}\r\n` +
            `Content-Length: ${LENGTH}\r\n\r\n`), part]));
        return connection;
    }

    test('the address that holds most loses its oldest body, and nobody else anything',
        async () => {
            const other = await begin('198.51.100.1', PART.subarray(0, 1000));
            const many = [];
            for (let i = 0; i < 20; i++)
                many.push(await begin('203.0.113.1', PART));
            await eventually(() => many.some(({ closed }) => closed), 'one is lost');
            const seen = async () => [(await broker.counters()).evicted_bodies,
                many.filter(({ closed }) => closed).length];
            await eventually(async () => ((n) => n[0] === n[1])(await seen()), 'each is counted');
            assert.ok(many[0].closed, 'the oldest');
            assert.ok(!many.at(-1).closed, 'the newest');
            assert.ok(!other.closed);
            other.write(Buffer.alloc(LENGTH - 1000, 'x'));
            assert.strictEqual((await other.response()).status, 200);
            for (const connection of [...many, other])
                connection.destroy();
        });

    test('when they have gone there is room for others', async () => {
        const { evicted_bodies: before } = await broker.counters();
        for (let i = 0; i < 20; i++) {
            const connection = await begin('203.0.113.2', PART);
            connection.write(Buffer.alloc(LENGTH - PART.length, 'x'));
            assert.strictEqual((await connection.response()).status, 200);
            connection.destroy();
        }
        assert.strictEqual((await broker.counters()).evicted_bodies, before);
    });
});

describe('max connections per second', suite, () => {
    const MAX = 5;
    const start = () => startBroker({ config: { 'max connections per second': MAX } });

    test('twice as many at once: all are served, the others a second later', async () => {
        const broker = await start();
        const all = [];
        for (let i = 0; i < 2 * MAX; i++)
            all.push(await http.connect(broker.port));
        for (const connection of all)
            connection.write(http.format({ target: POLL }));
        for (const connection of all) {
            assert.strictEqual((await connection.response()).status, 200);
            connection.destroy();
        }
        const { delayed_accepts: delayed, refused_connections: refused } = await broker.counters();
        assert.ok(delayed >= 1);
        assert.strictEqual(refused, 0);
        await broker.stop();
    });

    test('more and more: they are refused with 503, though not the first ones', async () => {
        const broker = await start();
        const all = [];
        const end = Date.now() + 30000;
        while (!all.some(({ ended }) => ended) && Date.now() < end)
            all.push(await http.connect(broker.port));
        const first = all.findIndex(({ ended }) => ended);
        assert.ok(first >= 2 * MAX, `${first} of ${all.length}`);
        const answer = await all[first].response();
        assert.strictEqual(answer.status, 503);
        assert.strictEqual(answer.get('Retry-After'), '1');
        assert.ok((await broker.counters()).refused_connections > 0);
        for (const connection of all)
            connection.destroy();
        await broker.stop();
    });
});

describe('max sockets per user', suite, () => {
    const start = (limit) => startApi({ config: { 'max sockets per user': 2, ...limit } });

    /* Three sockets become a user's, in this order. */
    async function crowd(broker) {
        const sockets = [];
        for (let i = 0; i < 3; i++) {
            sockets.push(await connected(broker.port));
            await done(broker.api, 'set', { socket: sockets[i].id, user: '42' });
        }
        return sockets;
    }

    for (const [config, victim, rule] of [[{}, 0, 'the oldest'],
        [{ 'user limit': 'newest' }, 2, 'the newest']])
        test(`one too many: ${rule} is disconnected, and does not come back`, async () => {
            const broker = await start(config);
            const other = await connected(broker.port);
            await done(broker.api, 'set', { socket: other.id, user: '43' });
            const sockets = await crowd(broker);
            assert.strictEqual(await within(sockets[victim].ended, 'goes'),
                'io server disconnect');
            const { sockets: left } = await done(broker.api, 'sockets', { users: ['42'] });
            assert.deepStrictEqual(left.map(({ id }) => id).sort(),
                sockets.filter((_, i) => i !== victim).map(({ id }) => id).sort());
            assert.ok(other.connected);
            assert.strictEqual((await broker.counters()).user_limit_ends, 1);
            for (const socket of [...sockets, other])
                socket.close();
            await broker.stop();
        });

    test('who is set twice is one, and other rooms are none', async () => {
        const broker = await start({});
        const socket = await connected(broker.port);
        for (let i = 0; i < 4; i++)
            await done(broker.api, 'set', { socket: socket.id, user: '42' });
        const others = [await connected(broker.port), await connected(broker.port)];
        for (const { id } of [socket, ...others])
            await done(broker.api, 'join', { to: id, room: 'users:42' });
        assert.strictEqual((await broker.counters()).user_limit_ends, 0);
        assert.ok([socket, ...others].every(({ connected: is }) => is));
        for (const each of [socket, ...others])
            each.close();
        await broker.stop();
    });

    test('without the setting there is no limit', async () => {
        const broker = await startApi();
        const sockets = await crowd(broker);
        assert.strictEqual((await done(broker.api, 'count', { users: ['42'] })).sockets, 3);
        for (const socket of sockets)
            socket.close();
        await broker.stop();
    });
});
