'use strict';
/*
 * Tokens (JWT) that clients have to show: what is taken, what is refused and with which word, what
 * a token allows, and what happens when it expires. They are made by an independent library (jose).
 */

const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const jose = require('jose');
const { test, describe, before, after, afterEach } = require('node:test');
const { assertRefused, done, post, startApi } = require('../lib/api.js');
const { Backend, settings, ENV } = require('../lib/backend.js');
const { eventually } = require('../lib/deadline.js');
const { begin, leaveAll } = require('../lib/modern.js');
const { scratch } = require('../lib/program.js');
const { REFERENCE, launchBroker, startBroker } = require('../lib/server.js');
const { SECRET, ALGORITHMS, now, makeKey, makeToken, makeRaw } = require('../lib/tokens.js');

const suite = { skip: REFERENCE };
const begun = [];
const shown = [];   /* tokens that no log may have */
let keys;           /* one of each algorithm */

const note = (token) => {
    shown.push(token);
    return token;
};
const tokenOf = async (algorithm, claims, header) =>
    note(await makeToken(keys[algorithm], claims, header));
const setOf = (...list) => JSON.stringify({ keys: list.map(({ jwk }) => jwk) });

function keep(one) {
    begun.push(one);
    return one;
}

const startJwt = async (jwt, more = {}) => keep(await startBroker({
    env: ENV, config: { greeting: false, jwt, ...more } }));

/*
 * How a client that is refused is told: its word, since 3.0. What it is told when it was turned
 * away, or could not connect, has no data.
 */
async function refusal(client) {
    const errors = [];
    client.on('connect_error', (error) => errors.push(error));
    const { message, data } = await eventually(() => errors.find((error) => error.data),
        'a refusal');
    return [message, data.code];
}

before(async () => {
    const made = await Promise.all(ALGORITHMS.map((algorithm) => makeKey(algorithm)));
    keys = Object.fromEntries(made.map((key) => [key.algorithm, key]));
});

afterEach(async () => {
    leaveAll();
    for (const one of begun.splice(0)) {
        await (one.stop && one.program ? one.stop() : one.end());
        for (const token of one.program ? shown : [])
            for (const part of token.split('.').filter((text) => text.length > 20))
                assert.ok(!one.log.includes(part), 'the log shows a token');
    }
});
after(leaveAll);

describe('a good token', suite, () => {
    for (const algorithm of ALGORITHMS)
        test(`of ${algorithm} lets clients of 0.9, 2.x and 4.x in`, async () => {
            const broker = keep(await startApi({ config: { greeting: false, jwt: {
                keys: setOf(...Object.values(keys)), from: ['auth.token', 'query.token'] } } }));
            const token = await tokenOf(algorithm, { sub: '42' });
            for (const options of [{ version: '0.9.16', query: `token=${token}` },
                { version: '2.5.0', query: { token } }, { auth: { token } }]) {
                const client = begin(broker.port, options);
                await client.next('connect');
            }
            const { sockets } = await eventually(async () => {
                const result = await done(broker.api, 'count', { users: ['42'] });
                return result.sockets === 3 && result;
            }, 'three sockets of the user');
            assert.strictEqual(sockets, 3);
            assert.strictEqual((await broker.counters()).tokens_accepted, 3);
        });

    test('comes from where the setting says', async () => {
        const broker = await startJwt({ secret: SECRET, from: ['query.jwt', 'cookie.jwt',
            'header.authorization', 'auth.jwt'] });
        const jwt = await tokenOf('HS256');
        for (const options of [{ query: { jwt } }, { auth: { jwt } }, { version: '0.9.16',
            query: `jwt=${jwt}` }, { extraHeaders: { cookie: `a=b; jwt=${jwt}` }, way: 'polling' },
        { extraHeaders: { authorization: `Bearer ${jwt}` }, way: 'websocket' }])
            await begin(broker.port, options).next('connect');
    });

    test('joins rooms of its namespace', async () => {
        const broker = keep(await startApi({ config: { greeting: false,
            jwt: { secret: SECRET, namespaces: ['/', '/chat'] } } }));
        const token = await tokenOf('HS256', { sub: 'u',
            sio: { join: { '/': ['a'], '/chat': ['b', 'c'] } } });
        const client = begin(broker.port, { auth: { token } });
        const chat = client.of('/chat', { auth: { token } });
        await Promise.all([client.next('connect'), chat.next('connect')]);
        for (const [namespace, wanted] of [['/', { a: 1, 'user:u': 1 }],
            ['/chat', { b: 1, c: 1, 'user:u': 1 }]])
            await eventually(async () => {
                const { rooms } = await done(broker.api, 'rooms', { namespace });
                return JSON.stringify(Object.entries(rooms).sort()) ===
                    JSON.stringify(Object.entries(wanted).sort());
            }, `the rooms of ${namespace}`);
    });
});

describe('a token that is refused', suite, () => {
    const rows = {
        'there is none': [() => undefined, 'token_missing'],
        'is empty': [() => '', 'token_missing'],
        'is no text': [() => 42, 'token_missing'],
        'is garbage': [() => 'a.b', 'token_invalid'],
        'is unsigned (none)': [() => `${Buffer.from('{"alg":"none"}').toString('base64url')}.` +
            `${Buffer.from(`{"exp":${now() + 60}}`).toString('base64url')}.`, 'token_invalid'],
        'takes the public key for a secret': [async () => makeRaw('{"alg":"HS256","kid":"RS256"}',
            `{"exp":${now() + 60}}`, await jose.exportSPKI(await jose.importJWK(keys.RS256.jwk,
                'RS256'))), 'token_invalid'],
        'has the name of another key': [async () => makeToken(keys.EdDSA, {}, { kid: 'ES256' }),
            'token_invalid'],
        'has the name of no key': [() => makeToken(keys.EdDSA, {}, { kid: 'new' }),
            'token_invalid'],
        'is of a stranger': [async () => makeToken(await makeKey('ES256')), 'token_invalid'],
        'was changed': [async () => {
            const [head, , signature] = (await makeToken(keys.ES256)).split('.');
            const claims = Buffer.from(`{"exp":${now() + 61}}`).toString('base64url');
            return [head, claims, signature].join('.');
        }, 'token_invalid'],
        'wants an extension (crit)': [() => makeRaw('{"alg":"HS256","crit":["x"],"x":1}',
            `{"exp":${now() + 60}}`), 'token_invalid'],
        'says something twice': [() => makeRaw('{"alg":"HS256"}',
            `{"exp":${now() + 60},"sub":"a","s\\u0075b":"b"}`), 'token_invalid'],
        'never expires': [() => makeRaw('{"alg":"HS256"}', '{"sub":"a"}'), 'token_invalid'],
        'has expired': [() => makeToken(keys.HS256, { exp: now() - 60 }), 'token_expired'],
        'is for later': [() => makeToken(keys.HS256, { nbf: now() + 60 }), 'token_invalid'],
        'comes from the future': [() => makeToken(keys.HS256, { iat: now() + 60 }),
            'token_invalid'],
        'is for others': [() => makeToken(keys.HS256, { aud: ['others'] }), 'token_invalid'],
        'is by others': [() => makeToken(keys.HS256, { aud: 'us', iss: 'others' }),
            'token_invalid'],
        'is too long': [() => makeToken(keys.HS256, { x: 'x'.repeat(20000) }), 'token_invalid'],
        'is for another namespace': [() => makeToken(keys.HS256, { aud: 'us', iss: 'me',
            sio: { namespaces: ['/chat'] } }), 'namespace_forbidden', 'not allowed'],
        'has unknown grants': [() => makeToken(keys.HS256, { aud: 'us', iss: 'me',
            sio: { allow: ['say'] } }), 'token_invalid'],
        'has a user whose room is too long': [() => makeToken(keys.HS256, { aud: 'us', iss: 'me',
            sub: 'x'.repeat(2000) }), 'token_invalid'],
    };

    test('each is told why in one word', async () => {
        const broker = await startJwt({ keys: setOf(...Object.values(keys)), audience: 'us',
            issuer: 'me', leeway: 5 });
        for (const [what, [make, code, message = 'invalid token']] of Object.entries(rows)) {
            const token = await make();
            if (typeof token === 'string')
                note(token);
            const client = begin(broker.port, { auth: { token } });
            assert.deepStrictEqual(await refusal(client), [message, code], what);
        }
        const { tokens_refused: refused } = await broker.counters();
        assert.strictEqual(refused, Object.keys(rows).length);
        const good = begin(broker.port, { auth: { token: await tokenOf('HS256', { aud: ['x', 'us'],
            iss: 'me', sio: { namespaces: ['/'] }, nbf: now() + 3 }) } });
        await good.next('connect');
    });

    test('clients of 0.9 and 2.x are told so in their words', async () => {
        const broker = await startJwt({ secret: SECRET, from: ['query.token'] });
        const [data] = await begin(broker.port, { version: '2.5.0' }).refused();
        assert.deepStrictEqual(data, { code: 'token_missing' });
        const old = begin(broker.port, { version: '0.9.16' });
        await Promise.race([old.next('connect_failed'), old.next('error')]);
        assert.strictEqual((await broker.counters()).tokens_refused, 2);
    });

    test('without one, the namespace decides where none is required', async () => {
        const broker = await startJwt({ secret: SECRET, required: false });
        await begin(broker.port).next('connect');
        const bad = begin(broker.port, { auth: { token: note(`${await tokenOf('HS256')}x`) } });
        assert.deepStrictEqual(await refusal(bad), ['invalid token', 'token_invalid']);
    });

    test('is only asked for where the setting says', async () => {
        const broker = await startJwt({ secret: SECRET, namespaces: ['/safe'] });
        const client = begin(broker.port);
        await client.next('connect');
        assert.deepStrictEqual(await refusal(client.of('/safe')),
            ['invalid token', 'token_missing']);
    });
});

describe('what a token allows', suite, () => {
    test('others events are dropped, backends see claims and user', async () => {
        const backend = keep(await new Backend({ event: ({ name }) => ({ ack: [name] }) }).start());
        const broker = await startJwt({ secret: SECRET }, { backends: [settings(backend)] });
        const token = await tokenOf('HS256', { sub: '42', role: 'guest',
            sio: { emit: ['say', 'typing*'] } });
        const client = begin(broker.port, { auth: { token } });
        await client.next('connect');
        client.emit('shout', 1, () => assert.fail('acknowledged'));
        client.send('a message');
        assert.deepStrictEqual(await client.ask('say'), ['say']);
        assert.deepStrictEqual(await client.ask('typing:1'), ['typing:1']);
        const [connect] = backend.of('connect');
        assert.deepStrictEqual([connect.claims.role, connect.socket.user], ['guest', '42']);
        assert.deepStrictEqual(backend.of('event').map(({ name, socket }) => [name, socket.user]),
            [['say', '42'], ['typing:1', '42']]);
        assert.strictEqual((await broker.counters()).forbidden_events, 2);
    });

    test('a backend may still refuse, and is not asked about bad tokens', async () => {
        const backend = keep(await new Backend({ connect: () => ({ error: { message: 'no' } }) })
            .start());
        const broker = await startJwt({ secret: SECRET }, { backends: [settings(backend)] });
        assert.deepStrictEqual(await refusal(begin(broker.port)),
            ['invalid token', 'token_missing']);
        const [error] = await begin(broker.port, { auth: { token: await tokenOf('HS256') } })
            .refused();
        assert.strictEqual(error.message, 'no');
        assert.strictEqual(backend.of('connect').length, 1);
    });
});

describe('a token that expires', suite, () => {
    for (const version of ['4.8.4', '0.9.16'])
        test(`closes the connection of ${version}, which comes back by itself`, async () => {
            const broker = await startJwt({ secret: SECRET, leeway: 0,
                from: ['auth.token', 'query.token'] });
            const short = await tokenOf('HS256', { exp: now() + 2 });
            const long = await tokenOf('HS256');
            const tokens = [short];
            const client = begin(broker.port, version === '4.8.4'
                ? { auth: (give) => give({ token: tokens.shift() || long }) }
                : { version, query: `token=${short}` });
            const left = client.next('disconnect');
            await client.next('connect');
            if (version === '4.8.4') {
                const back = left.then(() => client.next('connect'));
                assert.strictEqual((await left)[0], 'transport close');
                await back;
            } else {
                await left; /* its query is always the same, so it is refused then */
            }
            assert.strictEqual((await broker.counters()).tokens_expired, 1);
        });
});

describe('a backend says until when a token is good', suite, () => {
    const startBoth = async (more) => keep(await startApi({ config: { greeting: false,
        ...more } }));
    const jwt = { secret: SECRET, leeway: 0 };
    const connect = async (broker) => {
        const client = begin(broker.port, { auth: { token: await tokenOf('HS256',
            { exp: now() + 600 }) }, reconnection: false });
        await client.next('connect');
        return client;
    };
    const expire = (broker, { id }, expires) =>
        done(broker.api, 'set', { socket: id, expires });

    test('no longer: its connection is closed at once', async () => {
        const broker = await startBoth({ jwt });
        const client = await connect(broker);
        const left = client.next('disconnect');
        await expire(broker, client, now() - 1);
        assert.strictEqual((await left)[0], 'transport close');
        assert.strictEqual((await broker.counters()).tokens_expired, 1);
    });

    test('for ever: it stays when others that should have ended later are gone', async () => {
        const broker = await startBoth({ jwt });
        const [client, other] = [await connect(broker), await connect(broker)];
        const left = other.next('disconnect');
        const end = now() + 6;
        await expire(broker, client, end);
        await expire(broker, client, null);
        await expire(broker, other, end + 1);
        await left;
        const { sockets } = await done(broker.api, 'sockets', {});
        assert.deepStrictEqual(sockets.map(({ id }) => id), [client.id]);
    });

    test('refused where there are no tokens, and what is no time', async () => {
        const broker = await startBoth({});
        assertRefused(await post(broker.api, 'set', { socket: 'x', expires: 1 }),
            'bad_command', 400, 'expires');
        for (const wrong of [0, -1, 1.5, 4294967296, '1', true, [], {}])
            assertRefused(await post(broker.api, 'set', { socket: 'x', expires: wrong }),
                'bad_command', 400, 'expires');
    });
});

describe('keys', suite, () => {
    /* Who publishes keys; `set` may be changed. */
    async function publish(set) {
        const it = { set, n: 0, status: 200 };
        it.server = http.createServer((request, response) => {
            it.n++;
            assert.strictEqual(request.method, 'GET');
            response.statusCode = it.status;
            response.end(it.set);
        });
        it.listen = (port = 0) => new Promise((resolve) =>
            it.server.listen(port, '127.0.0.1', resolve));
        await it.listen();
        it.port = it.server.address().port;
        it.url = `http://127.0.0.1:${it.port}/jwks`;
        it.end = () => new Promise((resolve) => {
            it.server.closeAllConnections();
            it.server.close(resolve);
        });
        return keep(it);
    }

    test('that somebody publishes are asked for when one is new', async () => {
        const it = await publish(setOf(keys.ES256));
        const broker = await startJwt({ 'keys url': it.url, 'refresh at most every': 0.05 });
        await begin(broker.port, { auth: { token: await tokenOf('ES256') } }).next('connect');
        const before = it.n;
        it.set = setOf(keys.ES256, keys.RS256, { jwk: { kty: 'new' } });
        await begin(broker.port, { auth: { token: await tokenOf('RS256') } }).next('connect');
        assert.ok(it.n > before);
        const unknown = begin(broker.port, { auth: { token: await tokenOf('EdDSA') } });
        assert.deepStrictEqual(await refusal(unknown), ['invalid token', 'token_invalid']);
    });

    test('that can not be had refuse nobody: clients come back until they can', async () => {
        const it = await publish('no keys');
        it.status = 503;
        const broker = await startJwt({ 'keys url': it.url, 'refresh at most every': 0.05,
            from: ['auth.token', 'query.token'] });
        const token = await tokenOf('ES256');
        const clients = ['4.8.4', '2.5.0'].map((version) =>
            begin(broker.port, { version, auth: { token }, query: { token } }));
        const turnedAway = async () => (await broker.counters()).turned_away;
        await eventually(async () => await turnedAway() >= 2, 'both have waited in vain');
        await broker.program.said(/"keys url" answers with status 503/);
        it.status = 200;
        await broker.program.said(/must be a JSON object with a list "keys"/);
        assert.strictEqual((await broker.counters()).tokens_refused, 0);
        const connected = clients.map((client) => client.next('connect'));
        it.set = setOf(keys.ES256);
        await Promise.all(connected);
        assert.ok((await broker.counters()).key_set_failures >= 2);
    });

    test('are not asked for more often than they may be, whatever tokens say', async () => {
        const it = await publish(setOf(keys.ES256));
        const broker = await startJwt({ 'keys url': it.url, 'refresh at most every': 3600 });
        await begin(broker.port, { auth: { token: await tokenOf('ES256') } }).next('connect');
        for (let i = 0; i < 5; i++) {
            const token = await tokenOf('ES256', {}, { kid: `strange ${i}` });
            begin(broker.port, { auth: { token }, reconnection: false, way: 'websocket' });
        }
        await eventually(async () => (await broker.counters()).turned_away === 5,
            'all have waited in vain');
        assert.strictEqual(it.n, 1);
    });

    test('are read again with the settings; bad ones leave the old ones in use', async () => {
        const file = path.join(scratch(), 'jwks.json');
        fs.writeFileSync(file, setOf(keys.ES256));
        const broker = await startJwt({ keys: `file:${file}` });
        const reload = async (pattern) => {
            const from = broker.log.length;
            broker.program.kill('SIGHUP');
            await broker.program.until(() => pattern.test(broker.log.slice(from)), `${pattern}`);
        };
        const tries = async (algorithm) => {
            const client = begin(broker.port, { auth: { token: await tokenOf(algorithm) } });
            return Promise.race([client.next('connect').then(() => 'in'),
                client.refused().then(() => 'refused')]);
        };
        assert.strictEqual(await tries('ES256'), 'in');
        fs.writeFileSync(file, setOf(keys.RS256));
        await reload(/reloaded: "jwt"/);
        assert.deepStrictEqual([await tries('ES256'), await tries('RS256')], ['refused', 'in']);
        fs.writeFileSync(file, '{"keys":[{"kty":"oct","k":"AA"}]}');
        await reload(/"jwt"\."keys": key 1 of the set: its "k" is shorter than 32 bytes/);
        assert.strictEqual(await tries('RS256'), 'in');
    });

    test('that are weak end the start', async () => {
        for (const [jwt, why] of [
            [{ keys: '{"keys":[{"kty":"oct","k":"AA"}]}' }, /shorter than 32 bytes/],
            [{ keys: '{"keys":[]}' }, /has no key for/],
            [{ secret: 'short' }, /at least 32 bytes/],
            [{ secret: SECRET, keys: '{}' }, /only one of "keys", "keys url" and "secret"/],
            [{ secret: SECRET, algorithms: ['ES256'] }, /must have HS256/],
            [{ secret: SECRET, algorithms: ['none'] }, /HS256, RS256, ES256, EdDSA/],
            [{ secret: SECRET, from: ['body.token'] }, /auth\.token/],
        ]) {
            const { program } = launchBroker({ config: { jwt } });
            const { code } = await program.ended();
            assert.notStrictEqual(code, 0);
            assert.match(program.stderr, why);
            assert.ok(!program.stderr.includes(SECRET));
        }
    });
});
