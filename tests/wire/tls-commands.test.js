'use strict';
/* The commands of the program by https and wss, and what check says of certificates. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { authorityFile, tlsConfig } = require('../lib/certificates.js');
const { NEEDS_CONTRACT, REFERENCE, runBroker, startBroker, writeConfig } =
    require('../lib/server.js');

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };

describe('commands and TLS', suite, () => {
    let broker, config, ca;

    before(async () => {
        config = await tlsConfig({ names: ['localhost'] });
        ca = await authorityFile();
        broker = await startBroker({ config, contract: true });
    });

    after(() => broker.stop());

    test('listen: a good certificate, or --insecure', async () => {
        const at = ['listen', `wss://localhost:${broker.port}`, '--count', '1'];
        const good = await runBroker([...at, '--ca', ca]);
        assert.strictEqual(good.code, 0, good.stderr);
        assert.match(good.stdout, /"type":"event","name":"server"/);
        assert.strictEqual((await runBroker([...at, '--insecure'])).code, 0);
        const by = await runBroker(['listen', `https://127.0.0.1:${broker.port}`, '--count', '1',
            '--ca', ca]);
        assert.strictEqual(by.code, 0, by.stderr);
        const unknown = await runBroker(at);
        assert.strictEqual(unknown.code, 1);
        assert.match(unknown.stderr, /the certificate is not good: .*; --ca says who vouches/);
    });

    test('listen: not by another name, and not where nobody speaks TLS', async () => {
        const other = await startBroker({ config: await tlsConfig({ names: ['a.example'] }) });
        const plain = await startBroker();
        const wrong = await runBroker(['listen', `https://localhost:${other.port}`, '--ca', ca]);
        assert.strictEqual(wrong.code, 1);
        assert.match(wrong.stderr, /the certificate is not good: hostname mismatch/i);
        const none = await runBroker(['listen', `https://localhost:${plain.port}`, '--insecure']);
        assert.strictEqual(none.code, 1);
        assert.match(none.stderr, /no TLS: /);
        await Promise.all([other.stop(), plain.stop()]);
    });

    test('bench', async () => {
        const { code, stdout, stderr } = await runBroker(['bench',
            `https://localhost:${broker.port}`, '--ca', ca, '--clients', '5', '--seconds', '1',
            '--echo', 'echo', '--json']);
        assert.strictEqual(code, 0, stderr);
        assert.ok(JSON.parse(stdout), stdout);
    });

    const check = async (settings, ...args) => {
        const { code, stdout } = await runBroker(['check', '--config', writeConfig(settings),
            ...args]);
        return { code, stdout };
    };

    test('check: how long certificates are good for, and for whom', async () => {
        const { stdout } = await check(await tlsConfig({ names: ['a.example'] }));
        assert.match(stdout,
            /^warn +certificate of a\.example, 127\.0\.0\.1: expires in [12] days?$/m);
        assert.match(stdout, /^warn +.*: nobody who vouches for it is in its file;/m);
    });

    test('check: what is wrong fails', async () => {
        const [first] = (await tlsConfig({ names: ['a.example'] })).tls;
        const [second] = (await tlsConfig({ names: ['b.example'] })).tls;
        const { code, stdout } = await check({ listen: ['127.0.0.1:0 tls'],
            tls: [{ certificate: first.certificate, key: second.key }] });
        assert.strictEqual(code, 2);
        assert.match(stdout, /^FAIL +"tls"\[0\]: \S+ is not the key of the certificate$/m);
    });

    test('check --live', async () => {
        const settings = { ...config, listen: [`127.0.0.1:${broker.port} tls`] };
        const { code, stdout } = await check(settings, '--live',
            `https://localhost:${broker.port}`, '--ca', ca);
        assert.strictEqual(code, 0, stdout);
        assert.match(stdout, /^ok +localhost:\d+: websocket$/m);
    });
});
