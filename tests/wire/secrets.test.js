'use strict';
/* A password is where it was put, and in nothing that the program says. */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { REFERENCE, startBroker, runBroker, writeConfig } = require('../lib/server.js');
const { scratch } = require('../lib/program.js');
const { startRedis } = require('../lib/services.js');

const OURS = { skip: REFERENCE && 'about our own program' };

const SECRET = 'planted-hunter22';
const LOUD = { 'log level': 3 };

/* Nothing of it, and not as much of its beginning as a cut line would show. */
function assertHidden(text) {
    assert.ok(!text.includes(SECRET.slice(0, 9)), text);
}

function secretFile(text, mode = 0o600) {
    const file = path.join(scratch(), 'secret');
    fs.writeFileSync(file, text);
    fs.chmodSync(file, mode);
    return file;
}

const urlOf = (port) => `redis://:${SECRET}@127.0.0.1:${port}`;

describe('the password of Redis', OURS, () => {
    let redis;

    before(async () => {
        redis = await startRedis(['--requirepass', SECRET]);
    });
    after(() => redis.stop());

    /* How the broker is told, and whether it has something to say about that. */
    const WAYS = {
        'a variable': (url) => ({ config: { redis: 'env:SIO_TEST_REDIS' },
            env: { SIO_TEST_REDIS: url } }),
        'a file': (url) => ({ config: { redis: `file:${secretFile(`${url}\n`)}` } }),
        'a file, by option': (url) => ({ args: ['--redis', `file:${secretFile(url)}`] }),
        'a credential': (url) => ({ config: { redis: 'credential:secret' },
            env: { CREDENTIALS_DIRECTORY: path.dirname(secretFile(url)) } }),
        'a file for everybody': (url) => ({ warned: /every user may read it/,
            config: { redis: `file:${secretFile(url, 0o644)}` } }),
        'the configuration': (url) => ({ warned: /every user may read it/,
            config: { redis: url } }),
        'the command line': (url) => ({ warned: /"redis": ps has shown/, args: ['--redis', url] }),
    };
    for (const [way, options] of Object.entries(WAYS)) {
        test(`comes from ${way}, and stays hidden`, async () => {
            const { warned, ...rest } = options(urlOf(redis.port));
            const broker = await startBroker({ ...rest, config: { ...rest.config, ...LOUD } });
            await broker.program.said(/Redis at 127\.0\.0\.1:\d+ is connected/);
            const warning = /every user may read|ps has shown/;
            assert.strictEqual(warning.test(broker.log), warned !== undefined, broker.log);
            assert.match(broker.log, warned || /./);
            await broker.counters();
            assertHidden(fs.readFileSync(`/proc/${broker.program.pid}/cmdline`, 'utf8'));
            await broker.stop();
            assertHidden(broker.program.output);
        });
    }

    test('and that of the cluster', async () => {
        const broker = await startBroker({ config: { ...LOUD, redis: `file:${
            secretFile(urlOf(redis.port))}`, 'cluster secret': `file:${secretFile(SECRET)}` } });
        await broker.program.said(/Redis at \S+ is connected/);
        broker.program.kill('SIGHUP');
        await broker.program.said(/reloaded: nothing has changed/);
        await broker.stop();
        assertHidden(broker.program.output);
    });

    test('is wrong: the line about it does not show it', async () => {
        const broker = await startBroker({ config: { ...LOUD,
            redis: urlOf(redis.port).replace('22@', '22-wrong@') } });
        await broker.program.said(/error Redis at \S+ refused AUTH \(.*WRONGPASS/);
        await broker.stop();
        assertHidden(broker.program.output);
    });

    test('goes to a Redis that has no AUTH, and quotes what it was sent', async () => {
        const other = await startRedis(['--rename-command', 'AUTH', '']);
        const broker = await startBroker({ config: { ...LOUD, redis: urlOf(other.port) } });
        await broker.program.said(/refused AUTH \(ERR unknown command.*\*{16}/);
        await broker.stop();
        await other.stop();
        assertHidden(broker.program.output);
    });

    test('goes to something that answers with it', async () => {
        const parrot = net.createServer((socket) => socket.on('error', () => {})
            .on('data', (bytes) =>
                socket.write(`-ERR ${bytes.toString().replace(/[\r\n]+/g, ' ')}\r\n`)));
        await new Promise((resolve) => parrot.listen(0, '127.0.0.1', resolve));
        const broker = await startBroker({
            config: { ...LOUD, redis: urlOf(parrot.address().port) } });
        await broker.program.said(/refused AUTH \(ERR .*\*{16}/);
        await broker.stop();
        parrot.close();
        assertHidden(broker.program.output);
    });
});

describe('what is wrong with a setting', OURS, () => {
    const url = urlOf(6379);
    const MISTAKES = [
        [['--redis', url.replace('redis:', 'redisss:')]],
        [['--redis', `${url}:x:y`]],
        [['--redis', `${url}/x?y`]],
        [[url]],
        [['--rediss', url]],
        [[`--rediss=${url}`]],
        [['--port', url]],
        [['--cluster', url]],
        [['--check-config'], { redis: [url] }],
        [['--check-config'], { redis: { url } }],
        [['--check-config'], { name: [url] }],
        [['--check-config'], { 'cluster secret': SECRET.slice(0, 15) }],
        [['--check-config'], { 'cluster secret': [SECRET] }],
        [['--check-config'], { 'cluster secret': `file:${secretFile(`${SECRET} short`)}` }],
        [['--check-config'], { cluster: url }],
        [['--check-config'], { [url]: 1 }],
        [['--check-config'], `{"redis": "${url}`],
        [['--check-config'], { redis: `file:${secretFile(SECRET)}` }],
        [['--check-config'], { redis: `file:${secretFile(`${SECRET}\0`)}` }],
        [['--check-config'], { redis: `file:${secretFile(url.padEnd(2000, 'x'))}` }],
    ];
    for (const [args, config] of MISTAKES) {
        test(`${JSON.stringify(args)} ${JSON.stringify(config)}: exit 2, no secret`, async () => {
            const file = config === undefined ? [] : ['--config', writeConfig(config)];
            const { code, stdout, stderr } = await runBroker([...args, ...file]);
            assert.strictEqual(code, 2, stderr);
            assert.strictEqual(stderr.trimEnd().split('\n').length, 1, stderr);
            assertHidden(stdout + stderr);
        });
    }

    test('--check-config with a secret that is right', async () => {
        const { code, stdout, stderr } = await runBroker(
            ['--check-config', '--config', writeConfig({ redis: url, ...LOUD })]);
        assert.strictEqual(code, 0, stderr);
        assert.match(stdout, /: ok\n.* every user may read it/);
        assertHidden(stdout + stderr);
    });
});
