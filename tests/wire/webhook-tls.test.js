'use strict';
/*
 * Webhooks over TLS, to a backend whose certificate comes from an authority of one's own; and what
 * `siobroker check` says about the files.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const { test, describe, before, after, afterEach } = require('node:test');
const { Backend, settings, ENV } = require('../lib/backend.js');
const { Authority } = require('../lib/certificates.js');
const { eventually } = require('../lib/deadline.js');
const { begin, leaveAll } = require('../lib/modern.js');
const { run, scratch } = require('../lib/program.js');
const { REFERENCE, BROKER, startBroker, writeConfig } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };
const LOCAL = 'subjectAltName=IP:127.0.0.1';
const begun = [];
let ours, others;

before(async () => {
    if (REFERENCE)
        return;
    ours = await new Authority('ours').begin();
    others = await new Authority('others').begin();
});

afterEach(async () => {
    leaveAll();
    for (const one of begun.splice(0))
        await one.end();
});
after(leaveAll);

/* With that certificate; more: options of https.createServer(). */
async function startBackend({ certificate, key }, more) {
    const backend = await new Backend({ event: ({ args }) => ({ ack: args }) }, {
        tls: { cert: fs.readFileSync(certificate), key: fs.readFileSync(key), ...more } }).start();
    begun.push(backend);
    return backend;
}

async function startBehind(backend, more) {
    const broker = await startBroker({ env: ENV,
        config: { backends: [settings(backend, more)] } });
    begun.push({ end: () => broker.stop() });
    return broker;
}

async function assertServes(backend, more) {
    const broker = await startBehind(backend, more);
    const client = begin(broker.port, { way: 'websocket' });
    await client.next('connect');
    assert.deepStrictEqual(await client.ask('say', 'hi'), ['hi']);
}

/* Nobody is told of a client, and the log says why. */
async function assertFails(backend, more, pattern) {
    const broker = await startBehind(backend, more);
    begin(broker.port, { way: 'websocket' });
    await eventually(() => pattern.test(broker.log), `the log says ${pattern}`);
    assert.deepStrictEqual(backend.requests, []);
}

describe('a backend over TLS', suite, () => {
    test('is believed when its authority is in "ca file"', async () => {
        const backend = await startBackend(await ours.vouchFor('backend', LOCAL));
        await assertServes(backend, { 'ca file': ours.file });
    });

    test('is not believed when another authority is, or none of one\'s own', async () => {
        const backend = await startBackend(await ours.vouchFor('backend', LOCAL));
        await assertFails(backend, { 'ca file': others.file }, /backend app: https:.*certificate/);
        await assertFails(backend, {}, /backend app: https:.*certificate/);
    });

    test('is not believed under another name', async () => {
        const backend = await startBackend(await ours.vouchFor('elsewhere',
            'subjectAltName=DNS:elsewhere.example'));
        await assertFails(backend, { 'ca file': ours.file }, /backend app: https:.*(name|match)/i);
    });

    test('is asked nothing with "verify": false', async () => {
        const backend = await startBackend(await others.vouchFor('elsewhere'));
        await assertServes(backend, { verify: false });
    });

    test('may ask for a certificate of ours', async () => {
        const backend = await startBackend(await ours.vouchFor('backend', LOCAL),
            { ca: fs.readFileSync(ours.file), requestCert: true, rejectUnauthorized: true });
        const subjects = [];
        backend.server.on('secureConnection', (socket) =>
            subjects.push(socket.getPeerCertificate().subject.CN));
        await assertFails(backend, { 'ca file': ours.file }, /backend app: https:/);
        await assertServes(backend, { 'ca file': ours.file, ...await ours.vouchFor('broker') });
        assert.deepStrictEqual(new Set(subjects), new Set(['broker']));
    });
});

describe('files for TLS', suite, () => {
    const backend = { url: 'https://127.0.0.1:1/' };
    let broker, other, garbage, locked, gone;

    before(async () => {
        [broker, other] = [await ours.vouchFor('broker'), await ours.vouchFor('other')];
        [garbage, locked, gone] = ['garbage', 'locked.key', 'gone'].map((name) => ours.at(name));
        fs.writeFileSync(garbage, 'no PEM');
        await ours.openssl('ec', '-in', broker.key, '-aes128', '-passout', 'pass:secret',
            '-out', locked);
    });

    const check = (config) => run(BROKER, ['check', '--config',
        writeConfig({ port: 0, ...config })], { env: { ...process.env, ...ENV } });
    const of = (more) => ({ backends: [settings(backend, more)] });

    test('good ones', async () => {
        const { code, stdout } = await check(of({ 'ca file': ours.file, ...broker }));
        assert.strictEqual(code, 0, stdout);
        assert.match(stdout, /^ok {4}backend app: the files for TLS can be read$/m);
    });

    for (const [what, more, pattern] of [
        ['a CA file that is not there', () => ({ 'ca file': gone }),
            /"ca file": \S+gone: No such file or directory$/m],
        ['a CA file without a certificate', () => ({ 'ca file': garbage }),
            /"ca file": \S+garbage: has no certificate in PEM$/m],
        ['a folder', () => ({ 'ca file': scratch() }), /"ca file": \S+: Is a directory$/m],
        ['a certificate that is none', () => ({ certificate: garbage, key: broker.key }),
            /"certificate": \S+garbage: has no certificate in PEM$/m],
        ['a key that is not there', () => ({ ...broker, key: gone }),
            /"key": \S+gone: No such file or directory$/m],
        ['a key that is none', () => ({ ...broker, key: garbage }),
            /"key": \S+garbage: has no private key in PEM, or one with a password$/m],
        ['a key with a password', () => ({ ...broker, key: locked }),
            /"key": \S+locked.key: has no private key in PEM, or one with a password$/m],
        ['the key of another certificate', () => ({ ...broker, key: other.key }),
            /"key": \S+other.key: is not that of the certificate$/m],
    ])
        test(`${what}: "check" says so, and no broker starts`, async () => {
            const config = of(more());
            const { code, stdout } = await check(config);
            assert.strictEqual(code, 2, stdout);
            assert.match(stdout, pattern);
            assert.match(stdout, /^FAIL {2}backend app: "/m);
            const started = await run(BROKER, ['--config', writeConfig({ port: 0, ...config })],
                { env: { ...process.env, ...ENV } });
            assert.strictEqual(started.code, 1, started.stderr);
            assert.match(started.stderr, pattern);
            assert.match(started.stderr, /backend app: "/);
        });

    test('they are not looked at where nobody is called over TLS', async () => {
        const { code, stdout } = await check({ backends:
            [settings({ url: 'http://127.0.0.1:1/' }, { 'ca file': gone })] });
        assert.strictEqual(code, 0, stdout);
    });

    test('that of "keys url", too', async () => {
        const { code, stdout } = await check({ jwt: { 'keys url': 'https://127.0.0.1:1/',
            'ca file': garbage } });
        assert.strictEqual(code, 2, stdout);
        assert.match(stdout, /^FAIL {2}jwt: "ca file": \S+garbage: has no certificate in PEM$/m);
    });
});
