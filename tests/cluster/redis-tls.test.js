'use strict';
/* Redis behind TLS: what crosses it, and each way in which it can not be used. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { Authority } = require('../lib/certificates.js');
const { startCluster, counters } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { BETTER, NEEDS_CONTRACT, runBroker, startBroker, writeConfig } =
    require('../lib/server.js');
const { makeRedis, startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');
const { NAME, FakeSentinel } = require('../lib/sentinel.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

let authority, stranger, own;
before(async () => {
    [authority, stranger] = await Promise.all(['ours', 'theirs'].map((name) =>
        new Authority(name).begin()));
    own = await authority.vouchFor('here', 'subjectAltName=IP:127.0.0.1,DNS:redis.example');
});

/* A Redis that speaks nothing but TLS, with this certificate. */
async function startTls({ certificate, key }, asks = false) {
    const redis = await makeRedis();
    redis.args.push('--port', '0', '--tls-port', String(redis.port), '--tls-cert-file',
        certificate, '--tls-key-file', key, '--tls-ca-cert-file', authority.file,
        '--tls-auth-clients', asks ? 'yes' : 'no');
    redis.url = redis.url.replace('redis:', 'rediss:');
    return redis.start();
}

const connected = (broker) => eventually(
    async () => (await counters(broker)).store.connected === 1, 'Redis is connected');

async function assertServes(broker) {
    const socket = await sio.connect(broker.port);
    await sio.assertAlive(socket);
    socket.destroy();
}

describe('instances whose Redis speaks TLS', suite, () => {
    let redis, cluster;
    before(async () => {
        redis = await startTls(own);
        cluster = await startCluster(2, { redis, config: { 'redis ca': authority.file } });
    });
    after(() => cluster.stop());

    test('events cross it, small and large, in order, each once', async () => {
        const [near, far] = await Promise.all([cluster.local(0), cluster.local(1)]);
        const texts = [1, 100, 16383, 16384, 16385, 100000, 700000].map((n) => 'x'.repeat(n));
        for (const text of texts)
            near.emitEvent('broadcast', [text]);
        await far.until(() => far.heard('broadcast').length >= texts.length, 'hears all');
        assert.deepStrictEqual(far.numbers('broadcast').map(({ length }) => length),
            texts.map(({ length }) => length));
        await Promise.all([near.leave(), far.leave()]);
    });

    test('a client whose requests go to both', async () => {
        const roamer = await cluster.roamer('xhr-polling');
        for (let i = 0; i < 50; i++)
            assert.deepStrictEqual(await roamer.ask('echo', [i]), [i]);
        await roamer.leave();
    });

    test('it is killed and comes again', async () => {
        await redis.stop('SIGKILL');
        for (const instance of cluster.instances)
            await eventually(async () => (await counters(instance)).store.connected === 0, 'away');
        await redis.start();
        await Promise.all(cluster.instances.map(connected));
        await cluster.met();
    });
});

describe('a Redis that asks for certificates', suite, () => {
    let redis, client;
    before(async () => {
        redis = await startTls(own, true);
        client = await authority.vouchFor('broker');
    });
    after(() => redis.stop());

    const start = (config) => startBroker({ args: ['--redis', redis.url],
        config: { 'redis ca': authority.file, ...config } });

    test('one is shown', async () => {
        const broker = await start({ 'redis certificate': client.certificate,
            'redis key': client.key });
        await connected(broker);
        await broker.stop();
    });

    test('none is: a line says so', async () => {
        const broker = await start({});
        await broker.program.said(
            /Redis at \S+ is away \((TLS: it asks|.* does it ask) for a client certificate/);
        await assertServes(broker);
        await broker.stop();
    });
});

describe('TLS that can not be', suite, () => {
    /* An instance with these settings says this, once, and serves. */
    async function says(redis, config, pattern, url = redis.url) {
        const broker = await startBroker({ args: ['--redis', url], config });
        await broker.program.said(pattern);
        await assertServes(broker);
        assert.strictEqual(broker.log.match(/warn {2}Redis at /g)?.length, 1, broker.log);
        await broker.stop();
    }

    async function withTls(identity, act) {
        const redis = await startTls(identity);
        try {
            await act(redis);
        } finally {
            await redis.stop();
        }
    }

    test('nobody whom we trust vouches for it', () => withTls(own, (redis) => says(redis,
        { 'redis ca': stranger.file }, /certificate is not good: .*(issuer|signed)/)));

    test('not even the system', () => withTls(own, (redis) => says(redis, {},
        /certificate is not good: .*(issuer|signed)/)));

    test('its certificate has expired', async () => withTls(
        await authority.vouchFor('old', 'subjectAltName=IP:127.0.0.1', -1),
        (redis) => says(redis, { 'redis ca': authority.file },
            /certificate is not good: certificate has expired/)));

    test('its certificate is for another address', async () => withTls(
        await authority.vouchFor('other', 'subjectAltName=IP:127.0.0.2'),
        (redis) => says(redis, { 'redis ca': authority.file },
            /certificate is not good: IP address mismatch/)));

    test('its certificate is for another name', () => withTls(own, (redis) => says(redis,
        { 'redis ca': authority.file, 'redis server name': 'another.example' },
        /certificate is not good: (hostname mismatch|Hostname mismatch)/)));

    test('the name is given', () => withTls(own, async (redis) => {
        const broker = await startBroker({ args: ['--redis', redis.url],
            config: { 'redis ca': authority.file, 'redis server name': 'redis.example' } });
        await connected(broker);
        await broker.stop();
    }));

    test('it does not speak TLS', async () => {
        const redis = await startRedis();
        await says(redis, { 'redis ca': authority.file },
            /is away \((TLS: it does not speak TLS here|no answer to the handshake of TLS)/,
            redis.url.replace('redis:', 'rediss:'));
        await redis.stop();
    });

    test('it speaks TLS, and is spoken to without', () => withTls(own, (redis) => says(redis, {},
        /is away \(it hangs up on the first command; does it speak TLS/,
        redis.url.replace('rediss:', 'redis:'))));

    test('a sentinel that does not speak TLS', async () => {
        const sentinel = await new FakeSentinel(1).start();
        const broker = await startBroker({ args: ['--redis',
            `rediss-sentinel://127.0.0.1:${sentinel.port}/${NAME}`] });
        await broker.program.said(/Sentinel at \S+ can not be used \(no answer to the handshake/);
        await broker.stop();
        sentinel.stop();
    });

    for (const [what, config, pattern] of [
        ['the CA is not there', { 'redis ca': '/nonexistent' },
            /"redis": the CA \/nonexistent: No such file/i],
        ['the certificate has no key', { 'redis certificate': '/nonexistent' },
            /"redis": a certificate needs a key/],
        ['the key is not there', () => ({ 'redis certificate': own.certificate,
            'redis key': '/nonexistent' }), /"redis": the key \/nonexistent: No such file/i],
        ['the key is another one', () => ({ 'redis certificate': own.certificate,
            'redis key': stranger.at('ca.key') }), /"redis": the key \S+: key values mismatch/],
    ]) {
        test(`${what}: it does not start`, async () => {
            const { code, stderr } = await runBroker(['--port', '0', '--redis',
                'rediss://127.0.0.1:1', '--config',
                writeConfig(typeof config === 'function' ? config() : config)]);
            assert.notStrictEqual(code, 0);
            assert.match(stderr, pattern);
        });
    }
});
