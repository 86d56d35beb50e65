'use strict';
/* The commands of the program: `siobroker check`, `siobroker status` and so on. */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { io } = require('socket.io-client-4');
const { REFERENCE, BROKER, CONTRACT, startBroker, runBroker, writeConfig } =
    require('../lib/server.js');
const { startAdmin } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const { Program, run, scratch, freePort } = require('../lib/program.js');
const { FakeSentinel, urlOf } = require('../lib/sentinel.js');
const { startRedis } = require('../lib/services.js');

const suite = { skip: REFERENCE && 'about our own program' };
const contract = { skip: (REFERENCE || CONTRACT === undefined) && 'needs our contract server' };

const COMMANDS = ['bench', 'check', 'completion', 'config-default', 'config-doc', 'drain', 'emit',
    'listen', 'log', 'manual', 'reload', 'status', 'top', 'undrain'];
const KEY = 'k'.repeat(32);

/* Run a command with this environment, and hold it to a status. */
async function expect(code, args, env = {}) {
    const result = await run(BROKER, args,
        { env: { ...process.env, SIOBROKER_ADMIN: '', ...env } });
    assert.strictEqual(result.code, code, `${args.join(' ')}: ${result.stdout}${result.stderr}`);
    return result;
}

/* Of a mistake: nothing on standard output, one line on standard error. */
async function refused(code, pattern, args, env) {
    const { stdout, stderr } = await expect(code, args, env);
    assert.strictEqual(stdout, '');
    assert.match(stderr, /^[^\n]+\n$/, 'one line');
    assert.match(stderr, pattern);
}

/* A server that answers what comes with these bytes, one after the other, and may end then. */
async function startLiar(bytes, { ends = false } = {}) {
    const server = net.createServer((socket) => {
        const answers = [bytes].flat();
        socket.on('error', () => {});
        socket.on('data', () => (ends ? socket.end(bytes) : socket.write(answers.shift() || '')));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    return server.address().port;
}

describe('the command line', suite, () => {
    test('--help lists the commands, each of which has its own', async () => {
        const { stdout } = await expect(0, ['--help']);
        for (const command of COMMANDS) {
            assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
            const help = await expect(0, [command, '--help']);
            assert.strictEqual(help.stderr, '');
            assert.match(help.stdout, new RegExp(`^Usage: siobroker ${command} \\[OPTION\\]`));
            assert.match(help.stdout, /^ {2}-h, --help/m);
            assert.match(help.stdout, /^Exit status: 0/m);
            for (const line of help.stdout.split('\n'))
                assert.ok(line.length <= 100, line);
        }
    });

    const WRONG = [
        [['chek'], /unknown command "chek"; did you mean "check"\?/],
        [['3100'], /unknown command "3100"; see siobroker --help/],
        [['redis://u:hunter22@h'], /unknown command "redis:\/\/x+@h"/],
        [['check', '--strct'], /^siobroker check: unknown option "--strct"; see siobroker check/],
        [['check', 'file'], /^siobroker check: unexpected argument "file"/],
        [['check', '--config'], /missing value after "--config"/],
        [['check', '--live', 'https://h', '--ca', '/nowhere'], /\/nowhere: has no certificate/],
        [['listen', 'wss://h', '--ca', '/', '--insecure'], /do not go together/],
        [['listen'], /missing "URL"/],
        [['listen', 'nonsense:'], /must be like http/],
        [['listen', 'h:1', '--count', '0'], /--count must be a number from 1/],
        [['listen', 'h:1', '--auth', '[]'], /--auth must be a JSON object/],
        [['listen', 'h:1', '--namespace', 'x'], /a namespace begins with/],
        [['listen', 'h:1', 'h:2'], /unexpected argument "h:2"/],
        [['log', '4', '--admin', 'h:1'], /LEVEL must be/],
        [['log', '3', '--for', 'x', '--admin', 'h:1'], /--for must be a number from 1 to 86400/],
        [['status', '--admin', 'nonsense'], /"nonsense" is no address/],
        [['status', '--admin', 'h:1', '--key', KEY], /--key must be file:PATH or env:NAME/],
        [['status', '--config', '/nonexistent/f'], /\/nonexistent\/f: No such file/],
        [['completion', 'fish'], /SHELL must be bash or zsh/],
        [['manual', 'x'], /PART must be/],
        [['config-doc', '--format', 'pdf'], /must be text, md or json/],
    ];
    for (const [args, pattern] of WRONG)
        test(`${args.join(' ')}: exit 2, one line`, () => refused(2, pattern, args));

    test('nobody to ask: exit 2', async () => {
        const env = { ...process.env };
        delete env.SIOBROKER_ADMIN;
        const { code, stderr } = await run(BROKER, ['status'], { env });
        assert.strictEqual(code, 2);
        assert.match(stderr, /--admin, --config or SIOBROKER_ADMIN/);
    });
});

describe('settings in writing', suite, () => {
    test('config-doc says the same in three forms', async () => {
        const text = (await expect(0, ['config-doc'])).stdout;
        assert.strictEqual(text, (await expect(0, ['--help-config'])).stdout);
        /* Behind the settings there are other names for them. */
        const settingsOf = (all) => all.split(/\n(?:## )?Options of socket\.io 4/)[0];
        const keys = [...settingsOf(text).matchAll(/^ {2}"([^"]+)": /gm)].map(([, key]) => key);
        const all = JSON.parse((await expect(0, ['config-doc', '--format', 'json'])).stdout);
        assert.deepStrictEqual(all.map(({ key }) => key), keys);
        for (const { section, type, help, allowed, reload } of all)
            assert.ok(section && type && help && allowed && /^changes /.test(reload));
        const markdown = (await expect(0, ['config-doc', '--format', 'md'])).stdout;
        const rows = settingsOf(markdown).split('\n').filter((line) => line.startsWith('| `'));
        assert.deepStrictEqual(rows.map((row) => /^\| `([^`]+)` \|/.exec(row)[1]), keys);
        for (const row of rows)
            assert.strictEqual(row.match(/(?<!\\)\|/g).length, 6, row);
    });

    test('config-default is a file that changes nothing', async () => {
        const file = writeConfig((await expect(0, ['config-default'])).stdout);
        const { stdout } = await expect(0, ['--config', file, '--check-config']);
        assert.strictEqual(stdout, `${file}: ok\n`);
        const broker = await startAdmin({ config: { ...JSON.parse(fs.readFileSync(file)),
            port: 0, 'admin listen': ['127.0.0.1:0'] }, port: 0 });
        const { settings } = JSON.parse((await expect(0,
            ['status', '--admin', `127.0.0.1:${broker.admin}`])).stdout);
        assert.deepStrictEqual(Object.keys(settings).filter((key) => key !== 'carrier').sort(),
            ['admin listen', 'port']);
        await broker.stop();
    });
});

describe('check', suite, () => {
    let redis;

    before(async () => {
        redis = await startRedis(['--requirepass', 'hunter22-hunter22']);
    });
    after(() => redis.stop());

    /* What it prints of these settings: lines of ["ok", "..."]. */
    async function check(code, config, ...args) {
        const file = writeConfig(config);
        const { stdout, stderr } = await expect(code, ['check', '--config', file, ...args]);
        assert.strictEqual(stderr, '');
        assert.ok(!stdout.includes('hunter22'), stdout);
        return stdout.trimEnd().split('\n').map((line) => {
            const [, word, text] = /^(ok {2}|warn|FAIL) {2}(\S.*)$/.exec(line);
            return `${word.trim()} ${text.replaceAll(file, 'FILE')}`;
        });
    }

    const has = (lines, pattern) =>
        assert.ok(lines.some((line) => pattern.test(line)), `${pattern} in\n${lines.join('\n')}`);

    test('all is well', async () => {
        const port = await freePort(), admin = await freePort();
        const lines = await check(0, { port, 'admin listen': [`127.0.0.1:${admin}`,
            `unix:${path.join(scratch(), 'admin.sock')}`] });
        assert.strictEqual(lines[0], 'ok FILE');
        has(lines, new RegExp(`^ok clients: port ${port} is free$`));
        has(lines, new RegExp(`^ok admin: 127.0.0.1 port ${admin} is free$`));
        has(lines, /^ok admin: \/\S+\/admin.sock is free$/);
        has(lines, /descriptors/);
        has(lines, /connections may wait to be accepted/);
        assert.ok(!lines.some((line) => /redis|FAIL/.test(line)));
    });

    test('a file that is wrong, alone', async () => {
        for (const [config, pattern] of [[{ prot: 1 }, /^FAIL FILE: "prot": unknown key/],
            ['{', /^FAIL FILE: /], [{ 'heartbeat interval': 100 }, /^FAIL FILE: "heartbeat/],
            [{ 'admin key': 'file:/nonexistent' }, /^FAIL FILE: "admin key": "file:\/nonexist/]]) {
            const lines = await check(2, config);
            assert.strictEqual(lines.length, 1);
            assert.match(lines[0], pattern);
        }
    });

    test('advice is a warning, which --strict counts', async () => {
        const config = { port: 0, 'polling duration': 100 };
        has(await check(0, config), /^warn "polling duration": should be less/);
        await check(1, config, '--strict');
        await check(2, { ...config, redis: `redis://127.0.0.1:${await freePort()}` }, '--strict');
    });

    test('Redis: its version', async () => {
        const url = `redis://:hunter22-hunter22@127.0.0.1:${redis.port}/3`;
        const lines = await check(0, { port: 0, redis: url });
        has(lines, new RegExp(`^ok redis 127.0.0.1:${redis.port}: version \\d+\\.\\d+`));
        has(lines, /^warn .*FILE.* holds a secret|^ok FILE/);
    });

    test('Redis: what does not work', async () => {
        const at = `127.0.0.1:${redis.port}`;
        const ways = [
            [`redis://${at}`, /FAIL redis \S+: NOAUTH/],
            [`redis://:hunter22@${at}`, /FAIL redis \S+: WRONGPASS/],
            [`redis://:hunter22-hunter22@${at}/999999`, /FAIL redis \S+: ERR DB index/],
            [`redis://127.0.0.1:${await freePort()}`, /FAIL redis \S+: Connection refused/],
            ['unix:/nonexistent/redis.sock', /FAIL redis unix:\S+: No such file/],
            [await startLiar('HTTP/1.1 400 Bad Request\r\n'), /FAIL redis \S+: is no Redis/],
            [await startLiar('-ERR \x1b[31mred\r\n'), /FAIL redis \S+: ERR \?\[31mred$/],
            [await startLiar('', { ends: true }), /FAIL redis \S+: closed the connection/],
            [await startLiar('x'.repeat(100000)), /FAIL redis \S+: says more than a Redis does/],
            [await startLiar('$99999999999\r\n'), /FAIL redis \S+: says more than a Redis does/],
            [await startLiar('$-1\r\n'), /FAIL redis \S+: is no Redis/],
        ];
        for (const [where, pattern] of ways) {
            const url = typeof where === 'string' ? where : `redis://127.0.0.1:${where}`;
            has(await check(2, { port: 0, redis: url }), pattern);
        }
    });

    test('Redis: sentinels, of which one knows where it is', async () => {
        const sentinels = await Promise.all([redis.port, '*-1\r\n', '-NOPERM no\r\n',
            '*2\r\n$1\r\na\r\n$1\r\nb\r\n'].map((says) => new FakeSentinel(says).start()));
        const [good, ...bad] = sentinels;
        const at = (list) => ({ port: 0,
            redis: urlOf(...list).replace('//', '//:hunter22-hunter22@') });
        const lines = await check(0, at([...bad, good]));
        has(lines, new RegExp(`^ok sentinel \\S+:${good.port}: "main" is 127.0.0.1:${redis.port}`));
        has(lines, /^ok redis sentinel:main: version/);
        has(lines, /^warn sentinel \S+: does not know the primary/);
        has(lines, /^warn sentinel \S+: -?NOPERM no/);
        has(lines, /^warn sentinel \S+: is no Redis/);
        has(await check(2, at(bad)), /^FAIL redis: no sentinel says where "main" is/);
        sentinels.forEach((sentinel) => sentinel.stop());
    });

    test('Redis: nodes of a cluster', async () => {
        const node = await startRedis(['--cluster-enabled', 'yes', '--cluster-port',
            String(await freePort())]);
        const nobody = await freePort();
        const at = (...ports) => ({ port: 0,
            redis: `redis-cluster://${ports.map((port) => `127.0.0.1:${port}`).join(',')}` });
        has(await check(0, at(node.port)), new RegExp(`^warn redis \\S+:${node.port}: the cluster`));
        const slots = ['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'];
        await node.command(...slots);
        await eventually(async () => (await node.command('CLUSTER', 'INFO')).includes(':ok'),
            'the cluster is well');
        const lines = await check(2, at(node.port, nobody));
        has(lines, new RegExp(`^ok redis \\S+:${node.port}: version`));
        has(lines, new RegExp(`^ok redis \\S+:${node.port}: the cluster is well`));
        has(lines, new RegExp(`^FAIL redis \\S+:${nobody}: Connection refused`));
        await node.stop();
        has(await check(2, { port: 0,
            redis: `redis-cluster://:hunter22-hunter22@127.0.0.1:${redis.port}` }),
        /^FAIL redis \S+: ERR This instance has cluster support disabled/);
    });

    test('Redis: old ones, and those that say nothing', async () => {
        const answer = (info) => ['+OK\r\n', `$${info.length}\r\n${info}\r\n`];
        for (const [bytes, pattern] of [
            [answer('# Server\r\nredis_version:3.0.6\r\n'), /^warn redis \S+: version 3.0.6; 6.2/],
            [answer('redis_version:'), /^warn redis \S+: does not say its version/],
            [answer(''), /^warn redis \S+: does not say its version/],
            [['+OK\r\n', '-NOPERM no\r\n'], /^warn redis \S+: does not say its version/]])
            has(await check(0, { port: 0, redis: `redis://127.0.0.1:${await startLiar(bytes)}` }),
                pattern);
    });

    test('addresses that are taken, or not to be had', async () => {
        const broker = await startAdmin({ listen: ['127.0.0.1:0',
            `unix:${path.join(scratch(), 'admin.sock')}`] });
        const lines = await check(2, { port: broker.port, 'admin listen': [
            `127.0.0.1:${broker.admins[0]}`, `unix:${broker.admins[1]}`,
            'unix:/nonexistent/admin.sock', `unix:${__filename}`] });
        has(lines, new RegExp(`^FAIL clients: port ${broker.port}: Address already in use$`));
        has(lines, /^FAIL admin: 127.0.0.1 port \d+: Address already in use$/);
        has(lines, /^FAIL admin: \S+: somebody listens there$/);
        has(lines, /^FAIL admin: \/nonexistent\/admin.sock: No such file/);
        has(lines, /^FAIL admin: \S+\.js: there is something else/);
        has(await check(2, { host: '192.0.2.1', port: 1 }), /^FAIL clients: 192.0.2.1 port 1: /);
        await broker.stop();
    });

    test('all addresses of "listen", and no flash policy beside unix sockets', async () => {
        const file = path.join(scratch(), 'front.sock');
        const listen = [`unix:${file} proxy`, `127.0.0.1:${await freePort()}`, '*:0 proxy'];
        const lines = await check(0, { listen });
        const clients = lines.filter((line) => line.includes('clients'));
        assert.deepStrictEqual(clients, [`ok clients: ${file} is free`,
            `ok clients: 127.0.0.1 port ${listen[1].split(':')[1]} is free`,
            'ok clients: any free port']);
        const flash = { transports: ['flashsocket'], 'flash policy port': await freePort() };
        has(await check(0, { listen, ...flash }), /^ok flash policy: 127.0.0.1 port \d+ is free$/);
        const alone = await check(0, { listen: [listen[0]], ...flash });
        assert.ok(!alone.some((line) => line.includes('flash')), alone.join('\n'));
    });

    test('webhooks: libcurl is there, or not', async () => {
        const config = { port: 0, backends: [{ name: 'a', urls: ['https://127.0.0.1:1/'] }] };
        has(await check(0, config), /^ok webhooks: libcurl is there$/);
        for (const backends of [[], [{ name: 'a', stream: true }],
            [{ name: 'a', urls: ['http://127.0.0.1:1/', 'unix:/s:/'] }]]) {
            const lines = await check(0, { port: 0, backends,
                redis: `redis://:hunter22-hunter22@127.0.0.1:${redis.port}` });
            assert.ok(!lines.some((line) => line.includes('webhooks')), lines.join('\n'));
        }
        /* What the loader finds first is no library. */
        const folder = scratch();
        fs.writeFileSync(path.join(folder, 'libcurl.so.4'), 'no library');
        const { code, stdout } = await run(BROKER, ['check', '--config', writeConfig(config)],
            { env: { ...process.env, LD_LIBRARY_PATH: folder } });
        assert.strictEqual(code, 2, stdout);
        assert.match(stdout, /^FAIL {2}webhooks: .*libcurl/m);
    });

    test('a unix socket that a dead process has left is free', async () => {
        const at = path.join(scratch(), 'admin.sock');
        const broker = await startAdmin({ listen: [`unix:${at}`] });
        await broker.program.stop('SIGKILL');
        assert.ok(fs.existsSync(at));
        has(await check(0, { port: 0, 'admin listen': [`unix:${at}`] }), /^ok admin: .* is free$/);
    });

    test('limits of the system', async () => {
        const file = writeConfig({ port: 0, 'max connections': 100000 });
        const { stdout } = await run('prlimit',
            ['--nofile=1024:', BROKER, 'check', '--config', file]);
        assert.match(stdout, /^warn  1024 descriptors are too few for "max connections" 100000/m);
        const few = await run('prlimit', ['--nofile=1024:', BROKER, 'check']);
        assert.match(few.stdout, /^warn  1024 descriptors, one for each connection; raise/m);
    });

    test('--live: a broker runs there, and clients get in', async () => {
        const port = await freePort();
        const config = { port };
        const url = `http://127.0.0.1:${port}`;
        has(await check(2, config, '--live', url), /^FAIL .* nobody listens/);
        const broker = await startBroker({ config, port });
        const lines = await check(0, config, '--live', url);
        has(lines, new RegExp(`^ok clients: port ${port} is in use$`));
        for (const way of ['polling', 'websocket', 'handshake of 0.9'])
            has(lines, new RegExp(`^ok 127.0.0.1:${port}: ${way}$`));
        const wrong = await check(2, config, '--live', `${url}/elsewhere`);
        for (const way of ['polling', 'websocket', 'handshake of 0.9'])
            has(wrong, new RegExp(`^FAIL 127.0.0.1:${port}: ${way}: `));
        await broker.stop();
    });

    test('--live where "origins" names pages: as one of them, or as --origin says', async () => {
        const port = await freePort();
        const live = `http://127.0.0.1:${port}`;
        for (const [origins, other] of [[['example.org:443'], 'http://example.org:8080'],
            [['example.org:8080', 'a.example:*'], 'https://example.org'],
            [['*:80'], 'https://example.org:8080']]) {
            const config = { port, origins };
            const broker = await startBroker({ config, port });
            await check(0, config, '--live', live);
            const lines = await check(2, config, '--live', live, '--origin', other);
            has(lines, /^FAIL .*: websocket: refused with 403 .*--origin says one of them$/);
            has(lines, /^FAIL .*: polling: refused with 403; .*--origin says one of them$/);
            await broker.stop();
        }
    });
});

describe('asking a running broker', suite, () => {
    let broker, open, socket;

    before(async () => {
        broker = await startAdmin({ config: { 'drain delay': 3600, 'admin key': KEY },
            listen: ['127.0.0.1:0', `unix:${path.join(scratch(), 'admin.sock')}`] });
        open = `127.0.0.1:${broker.admins[0]}`;
        socket = `unix:${broker.admins[1]}`;
    });
    after(() => broker.program.stop('SIGKILL'));

    test('status, wherever it is', async () => {
        const file = writeConfig({ 'admin listen': [socket] });
        for (const [args, env] of [[['--admin', open]], [['-a', socket]],
            [['--admin', `http://${open}/`]], [['--config', file]], [[], { SIOBROKER_ADMIN: open }],
            [['--admin', `http://localhost:${broker.admins[0]}`]]]) {
            const { stdout } = await expect(0, ['status', ...args], env);
            assert.strictEqual(JSON.parse(stdout).phase, 'serving');
        }
    });

    test('drain, undrain, reload, log', async () => {
        const ask = async (...args) =>
            JSON.parse((await expect(0, [...args, '--admin', socket])).stdout);
        assert.deepStrictEqual(await ask('drain'), { phase: 'leaving' });
        assert.deepStrictEqual(await ask('undrain'), { phase: 'serving' });
        await refused(1, /^siobroker undrain: 409: it is not/, ['undrain', '--admin', socket]);
        assert.deepStrictEqual(await ask('reload'), { reloaded: true });
        assert.deepStrictEqual(await ask('log', '3', '--for', '5'), { level: 3, for: 5 });
    });

    test('with the key, where it is needed', async () => {
        /* 0.0.0.0 is not local: nobody gets in without the key. */
        const far = await startAdmin({ config: { 'admin key': KEY }, listen: ['0.0.0.0:0'] });
        const at = `127.0.0.1:${far.admin}`;
        const file = path.join(scratch(), 'key');
        fs.writeFileSync(file, `${KEY}\n`);
        await refused(1, /^siobroker status: 401: the key is missing/, ['status', '--admin', at]);
        await refused(1, /401/, ['status', '--admin', at], { SIOBROKER_ADMIN_KEY: 'x'.repeat(32) });
        await expect(0, ['status', '--admin', at, '--key', `file:${file}`]);
        await expect(0, ['status', '--admin', at, '--key', 'env:K'], { K: KEY });
        await expect(0, ['status', '--admin', at], { SIOBROKER_ADMIN_KEY: KEY });
        await expect(0, ['status', '--config', writeConfig({ 'admin listen': [at],
            'admin key': `file:${file}` })]);
        await refused(2, /"file:\/nonexistent"/, ['status', '-a', at, '-k', 'file:/nonexistent']);
        await far.stop();
    });

    test('nobody there, or somebody else: exit 1, one line', async () => {
        const lie = async (...args) => `127.0.0.1:${await startLiar(...args)}`;
        const ok = 'HTTP/1.1 200 OK\r\n';
        for (const [at, pattern] of [
            [`127.0.0.1:${await freePort()}`, /Connection refused/],
            ['unix:/nonexistent/x', /No such file/],
            [await lie('SSH-2.0-x\r\n\r\n'), /that is no HTTP/],
            [await lie('', { ends: true }), /closed without an answer/],
            [await lie(`${ok}Content-Length: 10\r\n\r\nabc`, { ends: true }), /is not whole/],
            [await lie(`${ok}${'x'.repeat(5e6)}`), /too large/],
            [await lie('HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno'),
                /404: no siobroker/],
            [await lie('HTTP/1.1 409 No\r\nContent-Length: 18\r\n\r\n{"error":"\\u001b"}'),
                /409: \?$/m]])
            await refused(1, pattern, ['drain', '--admin', at]);
        await refused(1, /what came is not its status/, ['top', '--once', '--admin',
            await lie(`${ok}Content-Length: 1\r\n\r\n{`)]);
    });

    test('top --once shows it at a glance', async () => {
        const client = io(`http://127.0.0.1:${broker.port}`, { transports: ['websocket'],
            reconnection: false });
        await new Promise((resolve) => client.once('connect', resolve));
        const { stdout } = await expect(0, ['top', '--once', '--admin', socket]);
        client.close();
        const lines = stdout.trimEnd().split('\n');
        const wanted = [/^siobroker: serving, up 0:\d\d:\d\d, siobroker \d/,
            /^sessions {4}1, websocket EIO4 1$/, /^connections 1 of \d+$/,
            /^packets {5}\d+\/s in, \d+\/s out$/, /^bytes {7}\d+\/s in, \d+\/s out, \d+ waiting$/,
            /^loop lag {4}half below [\d.]+ ms, 99 % below [\d.]+ ms$/,
            /^process {5}[\d.]+ % of a processor, [\d.]+ MB, \d+ of \d+ descriptors$/,
            /^redis {7}none$/, /^sockets {5}\/ 1$/];
        assert.strictEqual(lines.length, wanted.length, stdout);
        lines.forEach((line, i) => assert.match(line, wanted[i]));
    });

    test('top goes on until the broker has gone', async () => {
        const short = await startAdmin();
        const top = new Program(BROKER, ['top', '--admin', `127.0.0.1:${short.admin}`]);
        await top.until(() => top.stdout.match(/: serving,/g)?.length >= 2, 'shows it twice');
        assert.ok(!top.stdout.includes('\x1b'), 'no escapes where there is no terminal');
        await short.stop();
        assert.strictEqual((await top.ended()).code, 1);
        top.assertNoSanitizerReport();
    });
});

describe('listen', contract, () => {
    let broker, url;

    before(async () => {
        broker = await startBroker({ contract: true, config: { name: 'L' } });
        url = `http://127.0.0.1:${broker.port}`;
    });
    after(() => broker.stop());

    const linesOf = (program) => program.stdout.split('\n').slice(0, -1).map(JSON.parse);

    /* A listener that has come in. */
    async function listen(...args) {
        const program = new Program(BROKER, ['listen', url, ...args]);
        await program.until(() => linesOf(program).some(({ type }) => type === 'connect'),
            'is connected');
        return program;
    }

    async function client(nsp = '/') {
        const socket = io(url + nsp, { transports: ['websocket'], reconnection: false,
            forceNew: true });
        await new Promise((resolve) => socket.once('connect', resolve));
        return socket;
    }

    test('prints the greeting, and ends after --count events', async () => {
        const { stdout, stderr } = await expect(0, ['listen', url, '--count', '1']);
        assert.strictEqual(stderr, '');
        const [connect, event, ...more] = stdout.trimEnd().split('\n').map(JSON.parse);
        assert.strictEqual(connect.type, 'connect');
        assert.match(connect.data.sid, /^[\w-]{20}$/);
        assert.deepStrictEqual(event, { type: 'event', name: 'server',
            args: [{ server: 'L', port: broker.port }] });
        assert.deepStrictEqual(more, []);
    });

    test('text, and bytes as base64', async () => {
        const listener = await listen('--count', '3');
        const sender = await client();
        const values = ['é😀 "\\', { bytes: Buffer.from([0, 255]) }];
        values.forEach((value) => sender.emit('broadcast', value));
        assert.strictEqual((await listener.ended()).code, 0);
        assert.deepStrictEqual(linesOf(listener).slice(-2), [
            { type: 'event', name: 'broadcast', args: ['é😀 "\\'] },
            { type: 'event', name: 'broadcast', args: [{ bytes: 'AP8=' }] }]);
        listener.assertNoSanitizerReport();
        sender.close();
    });

    test('--origin: as from a page that "origins" names', async () => {
        const other = await startBroker({ config: { origins: ['example.org:443'] } });
        const at = ['listen', `127.0.0.1:${other.port}`, '--count', '1'];
        await refused(1, /refused with 403 .*--origin says one of them/, at);
        await refused(2, /--origin must be like https:/, [...at, '--origin', 'example.org']);
        await refused(2, /--origin must be like https:/, [...at, '--origin', 'https://a\r\nb: c']);
        await expect(0, [...at, '--origin', 'https://example.org']);
        await other.stop();
    });

    test('--event prints one kind alone; a namespace of its own', async () => {
        const waiting = expect(0, ['listen', '-n', '/chat', '-e', 'welcome', '-c', '1', url]);
        assert.strictEqual((await waiting).stdout,
            '{"type":"event","name":"welcome","args":[{"namespace":"/chat"}]}\n');
    });

    test('--auth is what the namespace is told', async () => {
        const at = ['listen', url, '--namespace', '/auth', '--count', '1'];
        const token = '{"token":"secret"}';
        await expect(0, [...at, '--auth', token]);
        await expect(0, [...at, '--auth', 'env:AUTH'], { AUTH: token });
        await refused(2, /"env:AUTH"/, [...at, '--auth', 'env:AUTH']);
        await refused(2, /must be a JSON object/, [...at, '--auth', 'env:AUTH'], { AUTH: '[]' });
        const { stdout, stderr } = await expect(1, [...at, '--auth', '{"token":"x"}']);
        assert.match(stdout, /^{"type":"connect_error","data":{"message":".*"}}\n$/);
        assert.match(stderr, /the namespace has refused/);
        await refused(1, /refused/, [...at, '-e', 'welcome']);
    });

    test('answers heartbeats, and says how it ends', async () => {
        const other = await startBroker({ config: { pingInterval: 50, pingTimeout: 20000 } });
        const at = `127.0.0.1:${other.port}`;
        const listener = new Program(BROKER, ['listen', at]);
        await listener.until(() => listener.stdout.includes('"server"'), 'is greeted');
        const { packets_in: before } = await other.counters();
        for (let packets = before; packets < before + 3;)
            ({ packets_in: packets } = await other.counters());
        assert.strictEqual(listener.status, null);
        await other.stop();
        assert.strictEqual((await listener.ended()).code, 1);
        assert.match(listener.stderr, /^siobroker listen: .*(disconnected|closed)/);
        listener.assertNoSanitizerReport();
    });

    test('who is no broker: exit 1, one line', async () => {
        const answer = (accept) => 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n' +
            `Connection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
        for (const [bytes, pattern] of [
            [answer('nonsense'), /not that of a WebSocket server/],
            ['HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno', /refused with 400 "no"/],
            ['+OK\r\n\r\n', /that is no HTTP/]])
            await refused(1, pattern, ['listen', `127.0.0.1:${await startLiar(bytes)}`]);
        await refused(1, /Connection refused/, ['listen', `127.0.0.1:${await freePort()}`]);
    });
});
