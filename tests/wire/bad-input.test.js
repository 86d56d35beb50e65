'use strict';
/*
 * What bad input gets, in one table. At the start: one line that names it, and an exit status of 2
 * for what was written, of 1 for what the machine refuses. At SIGHUP: the same words, and all stays
 * as it was. Requests, PROXY headers and reloads of each setting have tests of their own.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const http = require('../lib/http.js');
const { run, scratch } = require('../lib/program.js');
const { BROKER, REFERENCE, launchBroker, startBroker, writeConfig } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };

/* What is in the file, and what the line about it says. */
const FILES = {
    'an unknown key': ['{"prot": 1}', /"prot": unknown key; did you mean "port"\?/],
    'a wrong type': ['{"log level": "2"}', /"log level": must be an integer .*, got "2"/],
    'out of range': ['{"log level": 4}', /"log level": must be .* from 0 to 3, got 4/],
    'a key twice': ['{"greeting": true, "greeting": true}', /"greeting": is there twice/],
    'a thing in two words': ['{"path": "/a", "resource": "/b"}', /"resource": says what "path"/],
    'a wrong member': ['{"cors": {"maxAge": "x"}}', /"cors"\."maxAge": must be an integer/],
    'an unknown member': ['{"cookie": {"nam": "x"}}', /"cookie"\."nam": unknown key; did you/],
    'program code': ['{"allowRequest": 1}', /"allowRequest": is program code/],
    'a rule across keys': ['{"heartbeat interval": 60}', /"heartbeat interval": should be less/],
    'half a file': ['{"log level": 2, "gree', /line 1, column \d+: not valid JSON/],
    'an empty file': ['', /line 1, column 1: not valid JSON/],
    'no object': ['[]', /must be a JSON object/],
    'no UTF-8': [Buffer.from('{"name": "\xff"}', 'latin1'), /not valid JSON/],
    'too much': [`{"name": "${'x'.repeat(1 << 20)}"}`, /too large for a configuration/],
    'a secret that is not there': ['{"redis": "file:/nonexistent/redis"}', /nonexistent\/redis/],
    'a variable that is not set': ['{"redis": "env:NOT_SET_AT_ALL"}', /NOT_SET_AT_ALL/],
};

/* Files that can not be read, whoever runs this. */
const PATHS = {
    'a file that is not there': ['/nonexistent/siobroker.json', /No such file or directory/],
    'a folder': ['/', /Is a directory/],
    'a file that fails': ['/proc/self/mem', /\/proc\/self\/mem: /],
};

/* A configuration file that every user may read. */
function readable(config) {
    const file = path.join(scratch(), 'config.json');
    fs.chmodSync(path.dirname(file), 0o755);
    fs.writeFileSync(file, JSON.stringify(config), { mode: 0o644 });
    return file;
}

/* One line on standard error; returns it without what the file is called. */
function assertOneLine({ stdout, stderr }, pattern) {
    assert.strictEqual(stdout, '');
    assert.match(stderr, /^[^\n]+\n$/);
    assert.match(stderr, pattern);
    return stderr.trimEnd().replace(/^\S+: /, '');
}

describe('bad input at the start', suite, () => {
    for (const [name, [text, pattern]] of Object.entries(FILES))
        test(name, async () => {
            const file = path.join(scratch(), 'config.json');
            fs.writeFileSync(file, text);
            const end = await run(BROKER, ['--port', '0', '--config', file]);
            assert.strictEqual(end.code, 2, end.stderr);
            assertOneLine(end, pattern);
            assert.ok(end.stderr.startsWith(`${file}: `), end.stderr);
        });

    for (const [name, [file, pattern]] of Object.entries(PATHS))
        test(name, async () => {
            const end = await run(BROKER, ['--port', '0', '--config', file]);
            assert.strictEqual(end.code, 2, end.stderr);
            assertOneLine(end, pattern);
        });

    test('a port that is taken: exit 1', async () => {
        const broker = await startBroker();
        const end = await run(BROKER, ['--port', String(broker.port)]);
        assert.strictEqual(end.code, 1);
        assert.match(end.stderr, new RegExp(`\\b${broker.port}\\b.*in use`));
        await broker.stop();
    });

    /* As a user without rights, where the program can be run by one, and low ports are root's. */
    const nobody = (...args) => run('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups',
        BROKER, ...args], { env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
    const ROOT = { skip: process.getuid() !== 0 && 'only root can become another user' };

    test('a port that only root may have: exit 1', ROOT, async (t) => {
        const first = Number(fs.readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start'));
        if (first <= 1 || (await nobody('--version')).code !== 0) {
            t.skip('every port is for everybody, or the program is for root alone');
            return;
        }
        const port = first - 1;
        const end = await nobody('--port', String(port));
        assert.strictEqual(end.code, 1, end.stderr);
        assert.match(end.stderr, new RegExp(`^\\S+ error can not listen on port ${port}: ` +
            'Permission denied\\n$', 'm'));
        const check = await nobody('check', '--config', readable({ port }));
        assert.strictEqual(check.code, 2);
        assert.match(check.stdout,
            new RegExp(`^FAIL {2}clients: port ${port}: Permission denied$`, 'm'));
    });

    test('a folder that only root may write: exit 1', ROOT, async (t) => {
        if ((await nobody('--version')).code !== 0) {
            t.skip('the program is for root alone');
            return;
        }
        const folder = scratch();
        fs.chmodSync(folder, 0o755);
        const end = await nobody('--config',
            readable({ listen: [`unix:${path.join(folder, 'front.sock')}`] }));
        assert.strictEqual(end.code, 1, end.stderr);
        assert.match(end.stderr, /^\S+ error [^\n]+front\.sock[^\n]*: Permission denied\n$/m);
    });

    test('a file that only root may read: exit 2', ROOT, async (t) => {
        if ((await nobody('--version')).code !== 0) {
            t.skip('the program is for root alone');
            return;
        }
        const file = readable({ port: 0 });
        fs.chmodSync(file, 0o600);
        const end = await nobody('--config', file);
        assert.strictEqual(end.code, 2, end.stderr);
        assertOneLine(end, /: Permission denied/);
    });

    for (const env of [{ NOTIFY_SOCKET: 'nonsense' }, { LISTEN_FDS: 'x', LISTEN_PID: 'x' }])
        test(`${Object.keys(env)[0]} that makes no sense: a warning, and it serves`, async () => {
            const broker = launchBroker({ env });
            await broker.listening();
            await broker.program.said(/warn +(NOTIFY_SOCKET|LISTEN_\w+)=\S+ makes no sense/);
            assert.strictEqual((await http.get(broker.port, '/')).status, 200);
            await broker.stop();
        });
});

describe('bad input at SIGHUP: in the same words, and all stays', suite, () => {
    let broker, file;
    before(async () => {
        file = writeConfig({ name: 'before', 'log colors': false });
        broker = await startBroker({ args: ['--config', file] });
    });
    after(() => broker.stop());

    for (const [name, [text]] of Object.entries(FILES))
        test(name, async () => {
            fs.writeFileSync(file, text);
            const { stderr } = await run(BROKER, ['--config', file, '--check-config']);
            const from = broker.log.length;
            broker.program.kill('SIGHUP');
            const [, said] = await broker.program.until(
                () => /not reloaded, all stays as it is: (.*)\n/.exec(broker.log.slice(from)),
                'refuses the file');
            assert.strictEqual(said, stderr.trimEnd());
            assert.strictEqual((await http.get(broker.port, '/')).status, 200);
        });

    test('and a good file is taken after that', async () => {
        fs.writeFileSync(file, '{"name": "before", "log colors": false, "greeting": false}');
        const from = broker.log.length;
        broker.program.kill('SIGHUP');
        await broker.program.until(
            () => /reloaded: "greeting"\n/.test(broker.log.slice(from)), 'takes the file');
        const { failed_reloads: failed } = await broker.counters();
        assert.strictEqual(failed, Object.keys(FILES).length);
    });
});
