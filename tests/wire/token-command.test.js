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
