'use strict';
/* siobroker token: what it signs is verified by an independent library (jose). */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const jose = require('jose');
const { test, describe, before } = require('node:test');
const { scratch } = require('../lib/program.js');
const { REFERENCE, runBroker, writeConfig } = require('../lib/server.js');
const { SECRET, ALGORITHMS, makeKey } = require('../lib/tokens.js');

const suite = { skip: REFERENCE };
const setOf = (...list) => JSON.stringify({ keys: list.map(({ jwk }) => jwk) });
let keys;   /* one of each algorithm */

before(async () => {
    const made = await Promise.all(ALGORITHMS.map((algorithm) => makeKey(algorithm)));
    keys = Object.fromEntries(made.map((key) => [key.algorithm, key]));
});

describe('siobroker token', suite, () => {
    const runToken = (...args) => runBroker(['token', ...args]);

    test('signs with the secret of the settings', async () => {
        const config = writeConfig({ jwt: { secret: SECRET, audience: 'us', issuer: 'me' } });
        const { code, stdout } = await runToken('--config', config, '--user', '42', '--expires',
            '10', '--claims', '{"sio":{"emit":["say"]}}');
        assert.strictEqual(code, 0);
        const { payload } = await jose.jwtVerify(stdout.trim(), Buffer.from(SECRET),
            { audience: 'us', issuer: 'me', algorithms: ['HS256'] });
        assert.deepStrictEqual([payload.sub, payload.sio, payload.exp - payload.iat],
            ['42', { emit: ['say'] }, 10]);
    });

    for (const algorithm of ['RS256', 'ES256', 'EdDSA'])
        test(`signs with a private key, ${algorithm}`, async () => {
            const key = path.join(scratch(), 'key.pem');
            fs.writeFileSync(key, keys[algorithm].pem, { mode: 0o600 });
            const { code, stdout } = await runToken('--key', key, '--kid', 'k');
            assert.strictEqual(code, 0);
            const { protectedHeader } = await jose.jwtVerify(stdout.trim(),
                await jose.importJWK(keys[algorithm].jwk, algorithm));
            assert.deepStrictEqual(protectedHeader, { alg: algorithm, typ: 'JWT', kid: 'k' });
        });

    test('signs with the shared key of a set, by its name', async () => {
        const config = writeConfig({ jwt: { keys: setOf(keys.ES256, keys.HS256) } });
        const { code, stdout } = await runToken('-c', config);
        assert.strictEqual(code, 0);
        const { protectedHeader } = await jose.jwtVerify(stdout.trim(), Buffer.from(SECRET));
        assert.strictEqual(protectedHeader.kid, 'HS256');
    });

    test('--check explains a token, and says whether a broker takes it', async () => {
        const config = writeConfig({ jwt: { secret: SECRET, audience: 'us' } });
        const made = (await runToken('--config', config, '--user', '42')).stdout.trim();
        const file = path.join(scratch(), 'token');
        fs.writeFileSync(file, `${made}\n`, { mode: 0o600 });
        for (const token of [made, `file:${file}`]) {
            const { code, stdout, stderr } = await runToken('-c', config, '--check', token);
            assert.strictEqual(code, 0, stderr);
            const { sub, aud } = JSON.parse(stdout);
            assert.deepStrictEqual({ sub, aud, stderr }, { sub: '42', aud: 'us', stderr: '' });
        }
        const parts = made.split('.');
        parts[2] = (parts[2].startsWith('A') ? 'B' : 'A') + parts[2].slice(1);
        const forged = parts.join('.');
        const other = writeConfig({ jwt: { secret: `${SECRET}x`, audience: 'us' } });
        const set = writeConfig({ jwt: { keys: setOf(keys.ES256), audience: 'us' } });
        const away = writeConfig({ jwt: { 'keys url': 'http://127.0.0.1:1/', audience: 'us' } });
        const them = writeConfig({ jwt: { secret: SECRET, audience: 'them' } });
        for (const [settings, token, why] of [
            [other, made, /no broker takes it: it is not signed with a key for it/],
            [set, made, /no broker takes it: it is not signed with a key for it/],
            [away, made, /its signature is not checked: the keys are at "keys url"/],
            [writeConfig({}), made, /its signature is not checked: the settings have no key/],
            [them, made, /no broker takes it: it is for another audience \(aud\)/],
            [config, forged, /no broker takes it: it is not signed with a key for it/],
            [config, 'x', /no broker takes it: /],
            [config, 'file:/nowhere', /nowhere/]]) {
            const { code, stderr } = await runToken('--config', settings, '--check', token);
            assert.strictEqual(code, 1, stderr);
            assert.match(stderr, /^siobroker token: .*\n$/);
            assert.match(stderr, why);
            assert.ok(!stderr.includes(made));
        }
    });

    test('says what is wrong', async () => {
        const config = writeConfig({ jwt: { secret: SECRET } });
        for (const [args, status, why] of [
            [[], 1, /no key that could sign/],
            [['--config', '/nowhere'], 1, /nowhere/],
            [['--key', '/nowhere'], 1, /nowhere/],
            [['--key', config], 1, /must be a private key/],
            [['--config', config, '--claims', '[]'], 2, /must be a JSON object/],
            [['--config', config, '--claims', '{"exp":1}'], 2, /says something twice/],
            [['--config', config, '--claims', '{"sio":{"all":true}}'], 2, /claim "sio"/],
            [['--config', config, '--expires', '0'], 2, /from 1 to/],
        ]) {
            const { code, stdout, stderr } = await runToken(...args);
            assert.deepStrictEqual([code, stdout], [status, ''], stderr);
            assert.match(stderr, why);
        }
    });
});
