'use strict';
/* The HTTP API: who may use it, and what bad requests get. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { KEY, apiOf, startApi, post, done, auth, assertRefused } = require('../lib/api.js');
const { metrics, valueOf } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { connect, leave, leaveAll } = require('../lib/modern.js');
const { scratch } = require('../lib/program.js');
const { REFERENCE, launchBroker, runBroker, writeConfig } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };
const SMALL = 'small-0123456789abcdef0123456789';
const SLOW = 'slow-0123456789abcdef0123456789a';
const KEYS = [
    { name: 'all', key: KEY },
    { name: 'small', key: SMALL, may: ['emit', 'ack'], namespaces: ['/chat'] },
    { name: 'slow', key: SLOW, 'max per second': 3 },
];

describe('bad requests', suite, () => {
    let broker;
    before(async () => {
        broker = await startApi({ api: { keys: KEYS, 'max body': 2000 },
            config: { 'admin listen': ['127.0.0.1:0'] } });
        const [, admin] = await broker.program.said(/admin at http:\/\/127.0.0.1:(\d+)/);
        broker.admin = Number(admin);
    });
    after(() => broker.stop());

    const raw = (options) => http.request(broker.api, { headers: auth(), ...options });
    const JSON_TYPE = { 'Content-Type': 'application/json' };

    const ROWS = {
        'no JSON': [() => post(broker.api, 'emit', null, { body: '{"name":' }), 400, 'bad_json'],
        'no UTF-8': [() => post(broker.api, 'emit', null,
            { body: Buffer.from('{"name":"\xff"}', 'latin1') }), 400, 'bad_json'],
        'an empty body': [() => post(broker.api, 'emit', null, { body: '' }), 400, 'bad_json'],
        'a list': [() => post(broker.api, 'emit', []), 400, 'bad_command'],
        'an unknown member': [() => post(broker.api, 'emit', { name: 'x', romm: 'y' }), 400,
            'bad_command', 'romm'],
        'a member of another command': [() => post(broker.api, 'emit', { name: 'x', close: true }),
            400, 'bad_command', 'close'],
        'a wrong type in a list': [() => post(broker.api, 'emit', { name: 'x', to: ['a', 1] }),
            400, 'bad_command', 'to[1]'],
        'everyone by accident': [() => post(broker.api, 'disconnect', { to: [] }), 400,
            'bad_command', 'to'],
        'another command than the path': [() => post(broker.api, 'emit', { do: 'count' }), 400,
            'bad_command', 'do'],
        'a bad id': [() => post(broker.api, 'count', { id: '' }), 400, 'bad_command', 'id'],
        'a bad header': [() => post(broker.api, 'count', {},
            { headers: { 'Idempotency-Key': 'x'.repeat(129) } }), 400, 'bad_request'],
        'no key': [() => post(broker.api, 'emit', { name: 'x' }, { key: null }), 401,
            'unauthorized'],
        'another scheme': [() => post(broker.api, 'emit', { name: 'x' },
            { key: null, headers: { Authorization: `Basic ${KEY}` } }), 401, 'unauthorized'],
        'a page': [() => post(broker.api, 'emit', { name: 'x' },
            { headers: { Origin: 'http://localhost' } }), 403, 'forbidden'],
        'a command that the key is not good for': [() => post(broker.api, 'count',
            { namespace: '/chat' }, { key: SMALL }), 403, 'forbidden'],
        'a namespace that it is not good for': [() => post(broker.api, 'emit', { name: 'x' },
            { key: SMALL }), 403, 'forbidden'],
        'an unknown path': [() => post(broker.api, 'explode', {}), 404, 'not_found'],
        'an unknown namespace': [() => post(broker.api, 'count', { namespace: '/x' }), 404,
            'unknown_namespace', 'namespace'],
        'an unknown token': [() => post(broker.api, 'ack', { ack: 'x.y' }), 404, 'ack_unknown',
            'ack'],
        'an unknown socket': [() => post(broker.api, 'set', { socket: 'x', user: null }), 404,
            'socket_unknown', 'socket'],
        'a room name that is too long': [() => post(broker.api, 'join',
            { room: 'x'.repeat(1025) }), 413, 'too_large', 'room'],
        'a body that is too large': [() => post(broker.api, 'emit', { name: 'x'.repeat(2000) }),
            413, 'too_large'],
        'too many rooms': [() => post(broker.api, 'emit',
            { name: 'x', to: Array(101).fill('r') }), 413, 'too_large', 'to'],
        'too many attachments': [() => post(broker.api, 'emit',
            { name: 'x', attachments: Array(11).fill('') }), 413, 'too_large', 'attachments'],
        'no type': [async () => post(broker.api, 'count', {},
            { headers: { 'Content-Type': 'text/plain' } }), 415, 'not_json'],
        'a form': [async () => post(broker.api, 'count', {},
            { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }), 415,
        'not_json'],
    };
    for (const [name, [send, status, code, at]] of Object.entries(ROWS)) {
        test(`${name}: ${status} ${code}`, async () => {
            const refusals = async () =>
                valueOf(await metrics(broker.admin), 'api_refusals');
            const before = await refusals();
            assertRefused(await send(), code, status, at);
            assert.strictEqual(await refusals() - before, 1);
        });
    }

    const parsed = (response) => ({ status: response.status, body: JSON.parse(response.text) });
    const METHODS = [['GET', '/v1/emit', 'POST'], ['PUT', '/v1/batch', 'POST'],
        ['POST', '/v1/whoami', 'GET, HEAD'], ['DELETE', '/v1/openapi.json', 'GET, HEAD']];
    for (const [method, target, allow] of METHODS) {
        test(`${method} ${target}: 405 wrong_method`, async () => {
            const response = await raw({ method, target });
            assertRefused(parsed(response), 'wrong_method', 405);
            assert.strictEqual(response.get('Allow'), allow);
        });
    }

    test('a POST without a length: 411', async () => {
        assertRefused(parsed(await raw({ method: 'POST', target: '/v1/count',
            headers: { ...auth(), ...JSON_TYPE } })), 'length_required', 411);
    });

    test('a body in chunks is as good as one with a length', async () => {
        const response = await raw({ method: 'POST', target: '/v1/count',
            headers: { ...auth(), ...JSON_TYPE, 'Transfer-Encoding': 'chunked' },
            body: '2\r\n{}\r\n0\r\n\r\n' });
        assert.strictEqual(response.status, 200, response.text);
    });

    test('a body without a type, or with parameters of it, is JSON', async () => {
        for (const headers of [{}, { 'Content-Type': 'Application/JSON; charset=utf-8' }]) {
            const response = await raw({ method: 'POST', target: '/v1/count',
                headers: { ...auth(), ...headers }, body: '{}' });
            assert.strictEqual(response.status, 200, response.text);
        }
    });

    test('a body of who has no key is not waited for', async () => {
        const response = await http.request(broker.api, 'POST /v1/emit HTTP/1.1\r\nHost: x\r\n' +
            'Content-Length: 1000\r\n\r\n');
        assertRefused(parsed(response), 'unauthorized', 401);
        assert.strictEqual(response.get('Connection'), 'close');
    });

    test('no HTTP: 400', async () => {
        assertRefused(parsed(await http.request(broker.api, 'nonsense\r\n\r\n')), 'bad_request',
            400);
    });

    test('a head that is too large: 413', async () => {
        const { status, text } = await raw({ target: '/v1/whoami',
            headers: { X: 'x'.repeat(8192) } });
        assert.deepStrictEqual([status, JSON.parse(text).error.code], [413, 'too_large']);
    });

    test('"max per second" of a key: 429, and in the next second again', async () => {
        const results = [];
        await eventually(async () => {  /* four in one second */
            const { body } = await post(broker.api, 'batch',
                { commands: Array(4).fill({ do: 'count' }) }, { key: SLOW });
            results.push(body.results.map(({ error }) => error && error.code));
            return results.at(-1).filter((code) => code === undefined).length === 3;
        }, 'a batch that begins with a second');
        assert.deepStrictEqual(results.at(-1), [undefined, undefined, undefined, 'rate_limited']);
        const { response, ...refused } = await eventually(async () => {
            const answer = await post(broker.api, 'count', {}, { key: SLOW });
            return answer.status === 429 && answer;
        }, 'one command too many');
        assertRefused(refused, 'rate_limited', 429);
        assert.strictEqual(response.get('Retry-After'), '1');
        await eventually(async () =>
            (await post(broker.api, 'count', {}, { key: SLOW })).status === 200, 'a new second');
    });

    test('ten wrong keys in a second: 429 without looking, then as before', async () => {
        await eventually(async () => {
            const answers = await Promise.all(Array.from({ length: 12 }, () =>
                post(broker.api, 'count', {}, { key: 'x'.repeat(32) })));
            return answers.some(({ status }) => status === 429);
        }, 'too many wrong keys');
        await eventually(async () => (await post(broker.api, 'count', {})).status === 200,
            'a right key is good again');
    });

    test('whoami says what the key is good for', async () => {
        const whoami = async (key) => (await http.get(broker.api, '/v1/whoami', auth(key))).text;
        assert.deepStrictEqual(JSON.parse(await whoami(SMALL)), { name: 'small',
            may: ['emit', 'ack'], namespaces: ['/chat'], instance: 'siobroker' });
        assert.deepStrictEqual(JSON.parse(await whoami(KEY)), { name: 'all', may: ['*'],
            namespaces: ['*'], instance: 'siobroker' });
    });

    test('requests are measured by their path', async () => {
        await done(broker.api, 'rooms', {});
        await done(broker.api, 'batch', { commands: [] });
        const families = await metrics(broker.admin);
        for (const command of ['rooms', 'batch'])
            assert.ok(valueOf(families, 'api_request_seconds', { command }) >= 1, command);
        assert.ok(valueOf(families, 'api_commands') >= 1);
    });
});

describe('where it listens', suite, () => {
    test('a unix socket without keys: whoever may open it', async () => {
        const file = path.join(scratch(), 'api.sock');
        const broker = await startApi({ api: { keys: [], listen: [`unix:${file}`] } });
        assert.strictEqual(fs.statSync(file).mode & 0o777, 0o660);
        assert.deepStrictEqual(await done(file, 'count', {}, { key: null }),
            { sockets: 0, instances: 1, reached: 1 });
        await broker.stop();
    });

    test('with keys it asks for one there, too', async () => {
        const file = path.join(scratch(), 'api.sock');
        const broker = await startApi({ api: { listen: [`unix:${file}`] } });
        assertRefused(await post(file, 'count', {}, { key: null }), 'unauthorized', 401);
        assert.strictEqual((await post(file, 'count', {})).status, 200);
        await broker.stop();
    });

    test('never on the public port', async () => {
        const broker = await startApi();
        const { text } = await http.request(broker.port, { method: 'POST',
            target: '/v1/count', headers: auth(), body: '{}' });
        assert.doesNotMatch(text, /sockets|error/);
        assert.strictEqual((await broker.counters()).api_requests, 0);
        await broker.stop();
    });

    const WRONG = [
        [apiOf({ keys: [] }), /"api"\."keys": must not be empty when "listen" names a port/],
        [apiOf({ listen: ['3180'] }), /"api"\."listen": must be a list of at most 8/],
        [apiOf({ keys: [{ name: 'a', key: 'hunter2' }] }),
            /"api"\."keys"\[0\]\."key": must be 32 to 256/],
        [apiOf({ key: [] }), /"api"\."key": unknown key; did you mean "keys"\?/],
    ];
    for (const [api, why] of WRONG) {
        test(`${why.source}: exit 2`, async () => {
            const broker = launchBroker({ config: { api } });
            assert.deepStrictEqual(await broker.program.ended(), { code: 2, signal: null });
            assert.match(broker.log, why);
            assert.doesNotMatch(broker.log, /hunter2/);
        });
    }

    test('a key that everybody may read is warned of', async () => {
        const file = writeConfig({ api: apiOf() });
        fs.chmodSync(file, 0o644);
        const { stdout, code } = await runBroker(['--config', file, '--check-config']);
        assert.strictEqual(code, 0);
        assert.match(stdout, /holds a secret and every user may read it/);
        assert.doesNotMatch(stdout, new RegExp(KEY));
    });
});

describe('a reload', suite, () => {
    test('changes keys at once; the old one is good no longer', async () => {
        const [one, two] = ['1', '2'].map((c) => c.repeat(32));
        const file = writeConfig({ api: apiOf({ keys: [{ name: 'a', key: one }] }) });
        const broker = launchBroker({ args: ['--config', file] });
        const [, port] = await broker.program.said(/api at http:\/\/127.0.0.1:(\d+)/);
        await broker.listening();
        const status = async (key) => (await post(Number(port), 'count', {}, { key })).status;
        assert.deepStrictEqual([await status(one), await status(two)], [200, 401]);
        fs.writeFileSync(file, JSON.stringify({ api: apiOf({ listen: ['127.0.0.1:1'],
            keys: [{ name: 'a', key: two, namespaces: ['/', '/new'] }] }) }));
        broker.program.kill('SIGHUP');
        await broker.program.said(/"api"\."listen": changes only by a restart/);
        await broker.program.said(/reloaded: "api"\."keys"/);
        assert.deepStrictEqual([await status(one), await status(two)], [401, 200]);
        assert.strictEqual((await post(Number(port), 'count', { namespace: '/new' },
            { key: two })).status, 200);
        await broker.stop();
    });
});

describe('a socket that is in as many rooms as it may be', suite, () => {
    test('joins no more, and whoever says so is told: 503 incomplete', async () => {
        const broker = await startApi({ config: { 'max rooms': 2 } });
        const client = await connect(broker.port);
        await done(broker.api, 'join', { room: ['a', 'b'] });
        assertRefused(await post(broker.api, 'join', { room: ['c', 'a'] }), 'incomplete', 503);
        assertRefused(await post(broker.api, 'set', { socket: client.id, user: 'x' }),
            'incomplete', 503);
        assert.deepStrictEqual((await done(broker.api, 'rooms', {})).rooms, { a: 1, b: 1 });
        leave(client);
        await broker.stop();
    });
});

describe('a stop', suite, () => {
    test('ends cleanly in the middle of requests', async () => {
        const broker = await startApi();
        const client = await connect(broker.port);
        const commands = [{ do: 'ask', name: 'z', timeout: 60000, id: 'a' }, { do: 'count' }];
        const requests = [
            post(broker.api, 'ask', { name: 'z', timeout: 60000 }),
            post(broker.api, 'batch', { commands }),
            post(broker.api, 'batch', { commands: commands.slice(1).concat(
                { do: 'ask', name: 'y', timeout: 60000 }), 'stop on error': true },
            { headers: { 'Idempotency-Key': 'b' } }),
        ].map((request) => request.catch(() => 'the connection has ended'));
        await eventually(async () => (await broker.counters()).surveys === 3, 'all are asked');
        await broker.stop();
        await Promise.all(requests);
        leave(client);
    });
});

describe('ids', suite, () => {
    let broker;
    before(async () => { broker = await startApi({ api: { keys: KEYS } }); });
    after(async () => {
        leaveAll();
        await broker.stop();
    });

    const withId = (name, command, id, options = {}) => post(broker.api, name, command,
        { ...options, headers: { 'Idempotency-Key': id } });

    test('a request that is repeated gets the same answer, and is not done again', async () => {
        const first = await withId('batch', { commands: [{ do: 'count' }, { do: 'x' }] }, 'a 1');
        const { api_commands: before } = await broker.counters();
        const second = await withId('batch', { commands: [{ do: 'count' }, { do: 'x' }] }, 'a 1');
        assert.deepStrictEqual(second.body, first.body);
        assert.strictEqual(first.response.get('Idempotent-Replayed'), undefined);
        assert.strictEqual(second.response.get('Idempotent-Replayed'), 'true');
        assert.strictEqual((await broker.counters()).api_commands, before);
    });

    test('a command in a batch has its own id', async () => {
        const batch = { commands: [{ do: 'emit', name: 'x', id: 'b' }, { do: 'count' }] };
        const results = [await done(broker.api, 'batch', batch),
            await done(broker.api, 'batch', batch)];
        assert.deepStrictEqual(results[0], results[1]);
        const { api_commands: commands } = await broker.counters();
        await done(broker.api, 'batch', batch);
        assert.strictEqual((await broker.counters()).api_commands, commands + 1);
    });

    test('the same id for another request: 422', async () => {
        await withId('emit', { name: 'x' }, 'c');
        assertRefused(await withId('emit', { name: 'y' }, 'c'), 'key_reused', 422);
        assertRefused(await withId('count', {}, 'c'), 'key_reused', 422);
    });

    test('ids of two keys have nothing to do with each other', async () => {
        await withId('emit', { name: 'x' }, 'd');
        const { status, response } = await withId('emit', { name: 'y', namespace: '/chat' }, 'd',
            { key: SMALL });
        assert.strictEqual(status, 200);
        assert.strictEqual(response.get('Idempotent-Replayed'), undefined);
    });

    test('while it is being done: 409; then its result', async () => {
        const client = await connect(broker.port);      /* it does not answer */
        const { api_commands: before } = await broker.counters();
        const ask = { name: 'x', timeout: 2000 };
        const first = withId('ask', ask, 'e');
        await eventually(async () => (await broker.counters()).api_commands > before,
            'it is asked');
        assertRefused(await withId('ask', ask, 'e'), 'in_progress', 409);
        const { status, body } = await first;
        assert.deepStrictEqual([status, body.asked, body.answered], [200, 1, 0]);
        assert.deepStrictEqual((await withId('ask', ask, 'e')).body, body);
        leave(client);
    });

    test('who goes away meanwhile finds the result when it comes back', async () => {
        const client = await connect(broker.port);
        const { api_commands: before } = await broker.counters();
        const command = { name: 'y', timeout: 1000 };
        const connection = await http.connect(broker.api);
        connection.request({ method: 'POST', target: '/v1/ask', body: JSON.stringify(command),
            headers: { ...auth(), 'Idempotency-Key': 'g' } }).catch(() => {});
        await eventually(async () => (await broker.counters()).api_commands > before,
            'it is asked');
        connection.destroy();
        const { body } = await eventually(async () => {
            const answer = await withId('ask', command, 'g');
            return answer.status === 200 && answer;
        }, 'the result is there', 30000);
        assert.strictEqual(body.asked, 1);
        assert.strictEqual((await broker.counters()).api_commands, before + 1);
        leave(client);
    });

    test('one that waits for answers does not hold up those behind it', async () => {
        const client = await connect(broker.port);
        const heard = client.next('behind');
        const batch = done(broker.api, 'batch', { commands: [
            { do: 'ask', name: 'z', timeout: 20000, id: 'h' }, { do: 'emit', name: 'behind' }] });
        await heard;
        leave(client);      /* so nobody is waited for */
        const { results } = await batch;
        assert.deepStrictEqual(results[1], { instances: 1 });
    });

    test('a thousand commands wait for answers, and no more: 503', async () => {
        const client = await connect(broker.port);
        const { api_commands: before } = await broker.counters();
        const ask = { do: 'ask', name: 'z', timeout: 5000 };
        const waiting = done(broker.api, 'batch', { commands: Array(1000).fill(ask) });
        await eventually(async () =>
            (await broker.counters()).api_commands >= before + 1000, 'all of them are asked');
        assertRefused(await post(broker.api, 'ask', { name: 'z' }), 'busy', 503);
        assertRefused(await post(broker.api, 'count', {}), 'busy', 503);
        assert.deepStrictEqual(await done(broker.api, 'emit', { name: 'x' }), { instances: 1 });
        const { results } = await waiting;
        assert.ok(results.every(({ asked, error }) => error === undefined && asked === 1));
        assert.strictEqual((await done(broker.api, 'count', {})).sockets, 1);
        leave(client);
    });

    test('what failed was not done, and may be repeated', async () => {
        assertRefused(await withId('set', { socket: 'x', user: 'y' }, 'f'), 'socket_unknown', 404,
            'socket');
        assertRefused(await withId('set', { socket: 'x', user: 'y' }, 'f'), 'socket_unknown', 404,
            'socket');
    });
});
