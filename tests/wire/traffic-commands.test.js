'use strict';
/* The commands that make traffic: `siobroker bench` and `siobroker emit`. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { io } = require('socket.io-client-4');
const { REFERENCE, BROKER, CONTRACT, startBroker, writeConfig } = require('../lib/server.js');
const { startApi, apiOf, KEY, done } = require('../lib/api.js');
const { Program, run, freePort } = require('../lib/program.js');

const suite = { skip: REFERENCE && 'about our own program' };
const contract = { skip: (REFERENCE || CONTRACT === undefined) && 'needs our contract server' };

const NO_ENV = { ...process.env };
delete NO_ENV.SIOBROKER_API;
delete NO_ENV.SIOBROKER_API_KEY;

/* Run a command with this environment, and hold it to a status. */
async function expect(code, args, env = {}) {
    const result = await run(BROKER, args, { env: { ...NO_ENV, ...env } });
    assert.strictEqual(result.code, code, `${args.join(' ')}: ${result.stdout}${result.stderr}`);
    return result;
}

/* Nothing on standard output; the last line of standard error says what is wrong. */
async function refused(code, pattern, args, env) {
    const { stdout, stderr } = await expect(code, args, env);
    assert.strictEqual(stdout, '');
    assert.match(stderr.trimEnd().split('\n').at(-1), pattern);
}

async function connected(port, nsp = '/') {
    const socket = io(`http://127.0.0.1:${port}${nsp}`,
        { transports: ['websocket'], reconnection: false, forceNew: true });
    socket.heard = [];
    socket.onAny((...event) => socket.heard.push(event));
    await new Promise((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
    });
    return socket;
}

/* What a part of the result says of itself. */
function assertPart({ n, seconds, per_second: rate, ms }) {
    assert.ok(n > 0 && seconds > 0 && rate > 0);
    assert.ok(ms.p50 <= ms.p90 && ms.p90 <= ms.p99 && ms.p99 <= ms.max, JSON.stringify(ms));
}

describe('bench', contract, () => {
    let broker, url;

    before(async () => {
        broker = await startBroker({ contract: true });
        url = `http://127.0.0.1:${broker.port}`;
    });
    after(() => broker.stop());

    test('connections alone; then nothing is left', async () => {
        const before = await broker.counters();
        const { stdout } = await expect(0, ['bench', url, '--clients', '20', '--json']);
        const { connect, processor, ...others } = JSON.parse(stdout);
        assert.deepStrictEqual(others, {});
        assert.strictEqual(connect.n, 20);
        assertPart(connect);
        assert.ok(processor >= 0);
        const { handshakes } = await broker.counters();
        assert.strictEqual(handshakes - before.handshakes, 20);
    });

    test('echo and broadcast by the application: what it counts is what the broker has seen',
        async () => {
            const before = await broker.counters();
            const { stdout, stderr } = await expect(0, ['bench', url, '--clients', '10',
                '--seconds', '1', '--size', '100', '--echo', 'echo', '--broadcast', 'broadcast',
                '--json']);
            const { connect, echo, broadcast } = JSON.parse(stdout);
            [connect, echo, broadcast].forEach(assertPart);
            assert.strictEqual(connect.n, 10);
            assert.ok(echo.n >= 10);
            assert.strictEqual(broadcast.n, 10 * broadcast.broadcasts);
            assert.match(stderr, /^(siobroker bench: [a-z]+,? ?[a-z]* \d+ of \d+\n)*$/);
            const { packets_in: packets, bytes_in: bytes } = await broker.counters();
            const sent = echo.n + broadcast.broadcasts;
            assert.ok(packets - before.packets_in >= sent, `${packets} of ${sent}`);
            assert.ok(bytes - before.bytes_in >= sent * 100);
        });

    test('the same in words', async () => {
        const { stdout } = await expect(0, ['bench', url, '--clients', '5', '--seconds', '1',
            '--echo', 'echo', '--broadcast', 'broadcast']);
        const took = / {12}half within [\d.]+ ms, 90 % [\d.]+, 99 % [\d.]+, all [\d.]+\n/.source;
        assert.match(stdout, new RegExp('^connect {5}5 clients, one after the other, in \\d+\\.' +
            `\\d\\d s, \\d+ a second\\n${took}echo {8}\\d+ round trips in [\\d.]+ s, \\d+ a ` +
            `second\\n${took}broadcast {3}\\d+ broadcasts in [\\d.]+ s, \\d+ a second\\n {12}` +
            `\\d+ deliveries in [\\d.]+ s, \\d+ a second\\n${took}this side {3}\\d+ % of a ` +
            'processor'));
    });

    test('a namespace that wants to be told something', async () => {
        const at = ['bench', url, '--clients', '2', '--namespace', '/auth'];
        await expect(0, [...at, '--auth', '{"token":"secret"}']);
        await refused(1, /client 1 of 2: the namespace has refused {"message":/,
            [...at, '--auth', '{"token":"x"}']);
    });

    test('what nobody acknowledges, and what nobody sends: exit 1, told which', async () => {
        const at = ['bench', url, '--clients', '3', '--seconds', '1'];
        await Promise.all([
            refused(1, /^siobroker bench: 3 messages were not acknowledged within 10 s$/,
                [...at, '--echo', 'nobody']),
            refused(1, /^siobroker bench: 3 clients have not got a broadcast within 10 s$/,
                [...at, '--broadcast', 'nobody'])]);
    });

    test('a broker that has no room, one that goes, and none', async () => {
        const small = await startBroker({ contract: true, config: { 'max connections': 3 } });
        const at = `127.0.0.1:${small.port}`;
        await refused(1, /client 4 of 5: refused with 503/, ['bench', at, '--clients', '5']);
        const bench = new Program(BROKER, ['bench', at, '--clients', '2', '--seconds', '3600',
            '--echo', 'echo'], { env: NO_ENV });
        await bench.until(() => bench.stderr.includes('echo, second'), 'measures');
        await small.stop();
        assert.strictEqual((await bench.ended()).code, 1);
        assert.match(bench.stderr, /client [12] of 2: .*(closed|disconnected|reset)/);
        bench.assertNoSanitizerReport();
        await refused(1, /client 1 of 100: Connection refused/,
            ['bench', `127.0.0.1:${await freePort()}`]);
    });

    const NONSENSE = [
        [[], /missing "URL"/],
        [['https://h', '--ca', '/nowhere'], /\/nowhere: has no certificate/],
        [['h:1', '--clients', '0'], /--clients must be a number from 1 to 50000/],
        [['h:1', '--clients', '50001'], /--clients must be a number from 1 to 50000/],
        [['h:1', '--seconds', '1e9'], /--seconds must be a number from 1 to 3600/],
        [['h:1', '--size', '15'], /--size must be a number from 16 to 1000000/],
        [['h:1', '--size', '-1'], /--size must be a number/],
        [['h:1', '--api', 'h:2', '--broadcast', 'x'], /--broadcast is for a broker without --api/],
        [['h:1', '--api', 'nonsense'], /"nonsense" is no address/],
        [['h:1', '--api', 'h:2', '--key', KEY], /--key must be file:PATH or env:NAME/],
    ];
    for (const [args, pattern] of NONSENSE)
        test(`bench ${args.join(' ')}: exit 2`, () => refused(2, pattern, ['bench', ...args]));

    test('more clients than descriptors: refused before the first', async () => {
        const { code, stderr } = await run('prlimit', ['--nofile=100:100', BROKER, 'bench', url],
            { env: NO_ENV });
        assert.strictEqual(code, 2);
        assert.match(stderr, /100 clients need 116 descriptors, and there are 100\n$/);
    });
});

describe('by the API', suite, () => {
    let broker, api;

    before(async () => {
        broker = await startApi({ config: { greeting: false },
            api: { keys: [{ name: 'all', key: KEY },
                { name: 'chat', key: KEY.toUpperCase(), namespaces: ['/chat'] }] } });
        api = ['--api', `127.0.0.1:${broker.api}`, '--key', 'env:K'];
    });
    after(() => broker.stop());

    const env = { K: KEY };

    test('bench: broadcasts to a room of its own, of which others hear nothing', async () => {
        const other = await connected(broker.port);
        const { stdout } = await expect(0, ['bench', `127.0.0.1:${broker.port}`, '--clients', '101',
            '--seconds', '1', '--json', ...api], env);
        const { connect, broadcast } = JSON.parse(stdout);
        assert.strictEqual(connect.n, 101);
        assert.strictEqual(broadcast.n, 101 * broadcast.broadcasts);
        assertPart(broadcast);
        await done(broker.api, 'emit', { name: 'last' });
        await new Promise((resolve) => {
            if (other.heard.some(([name]) => name === 'last'))
                resolve();
            else
                other.once('last', resolve);
        });
        assert.deepStrictEqual(other.heard, [['last']]);
        other.close();
    });

    test('bench: a key that is wrong, and no API', async () => {
        const at = ['bench', `127.0.0.1:${broker.port}`, '--clients', '1', '--api'];
        await refused(1, /^siobroker bench: 401 unauthorized: /,
            [...at, `127.0.0.1:${broker.api}`]);
        await refused(1, /^siobroker bench: Connection refused$/,
            [...at, `127.0.0.1:${await freePort()}`]);
    });

    /* Emit, and wait until a client has heard it. */
    async function hears(socket, wanted, args, more = env) {
        const heard = new Promise((resolve) => socket.onAny((...event) => resolve(event)));
        const { stdout } = await expect(0, ['emit', ...args], more);
        assert.deepStrictEqual(JSON.parse(stdout), { instances: 1 });
        assert.deepStrictEqual(await heard, wanted);
        socket.offAny();
    }

    test('emit: JSON as it is, anything else as a text', async () => {
        const socket = await connected(broker.port);
        await hears(socket, ['news'], [...api, 'news']);
        await hears(socket, ['news', 'hello', 5, { a: [1, 2] }, 'true?', true, -5, '{"a"'],
            [...api, 'news', 'hello', '5', ' {"a":[1,2]} ', 'true?', 'true', '--', '-5', '{"a"']);
        await hears(socket, ['é "\\', 'é'], [...api, '--volatile', 'é "\\', 'é']);
        socket.close();
    });

    test('emit: to a room, to a user, not to somebody, in a namespace', async () => {
        const [a, b] = [await connected(broker.port), await connected(broker.port)];
        const chat = await connected(broker.port, '/chat');
        await done(broker.api, 'join', { to: a.id, room: 'room1' });
        await done(broker.api, 'set', { socket: b.id, user: '42' });
        await hears(a, ['for a'], [...api, '--to', 'room1', 'for a']);
        await hears(b, ['for b'], [...api, '--user', '42', 'for b']);
        await hears(b, ['not for a'], [...api, '--except', 'room1', 'not for a']);
        await hears(chat, ['for chat'], [...api, '--namespace', '/chat', 'for chat']);
        for (const socket of [a, b, chat])
            socket.close();
    });

    test('emit: where and with which key, by a file and by the environment', async () => {
        const socket = await connected(broker.port);
        const listen = [`127.0.0.1:${broker.api}`];
        await hears(socket, ['x'], ['emit', '--config', writeConfig({ api: apiOf({ listen }) }),
            'x'].slice(1), {});
        await hears(socket, ['y'], ['y'],
            { SIOBROKER_API: `http://127.0.0.1:${broker.api}/`, SIOBROKER_API_KEY: KEY });
        socket.close();
        await refused(2, /whom to ask\? --api, --config or SIOBROKER_API says it$/, ['emit', 'x']);
        await refused(2, /"listen" of "api" is not set, so there is nobody to ask$/,
            ['emit', '--config', writeConfig({ port: 0 }), 'x']);
    });

    test('emit: refused, in the words of the API', async () => {
        for (const [pattern, args, more] of [
            [/401 unauthorized: /, [...api, 'x'], { K: 'k'.repeat(32) }],
            [/403 forbidden: /, [...api, 'x'], { K: KEY.toUpperCase() }],
            [/404 unknown_namespace: namespace: /, [...api, '--namespace', '/nope', 'x'], env],
            [/413 too_large: /, [...api, 'x', ...Array(11).fill('a'.repeat(100000))], env],
            [/: Connection refused$/, ['--api', `127.0.0.1:${await freePort()}`, 'x'], env]])
            await refused(1, pattern, ['emit', ...args], more);
        await refused(2, /missing "NAME"/, ['emit', ...api], env);
        await refused(2, /unexpected argument "64"/,
            ['emit', ...api, 'x', ...Array.from({ length: 65 }, (_, i) => String(i))], env);
    });
});
