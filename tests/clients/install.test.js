'use strict';
/*
 * What "make install" puts there, used as somebody else would: from a folder that is not the tree,
 * with the installed header, libraries and pkg-config file.
 */

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { ask, begin, connect, leave, leaveAll } = require('../lib/client.js');
const { event } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { Program, scratch } = require('../lib/program.js');
const { ROOT } = require('../lib/server.js');

const CC = (process.env.CC || 'cc').split(' ');
const HAS_CXX = spawnSync(CC[0], [...CC.slice(1), '-x', 'c++', '-fsyntax-only', '/dev/null'])
    .status === 0;
const NO_PKG_CONFIG = spawnSync('pkg-config', ['--version']).status !== 0;

/* The prefix is the default: another one is another build. */
const DESTDIR = scratch();
const PREFIX = path.join(DESTDIR, 'usr/local');
const installed = (...names) => path.join(PREFIX, ...names);

function sh(command, args, options) {
    const result = spawnSync(command, args, { encoding: 'utf8', cwd: ROOT, ...options });
    assert.strictEqual(result.status, 0,
        `${command} ${args.join(' ')}: ${result.error || ''}\n${result.stdout}${result.stderr}`);
    return result.stdout;
}

const makeInstall = () => sh('make', ['install', `DESTDIR=${DESTDIR}`]);

/* The flags that the pkg-config file gives, with DESTDIR in front of its folders. */
function flags(...options) {
    const env = { ...process.env, PKG_CONFIG_SYSROOT_DIR: DESTDIR,
        PKG_CONFIG_LIBDIR: installed('lib/pkgconfig') };
    return sh('pkg-config', [...options, 'siobroker'], { env }).trim().split(/\s+/);
}

const LINKS = {
    shared: () => flags('--cflags', '--libs'),
    static: () => flags('--cflags', '--libs', '--static')
        .map((flag) => (flag === '-lsiobroker' ? '-l:libsiobroker.a' : flag)),
};

/* Compile an example outside the tree; returns the program. */
function build(name, link) {
    const program = path.join(DESTDIR, `${name}-${link}`);
    const source = path.join(DESTDIR, `${name}.c`);
    fs.copyFileSync(path.join(ROOT, 'client-demo', `${name}.c`), source);
    sh(CC[0], [...CC.slice(1), '-Wall', '-Werror', '-o', program, source, ...LINKS[link]()],
        { cwd: DESTDIR });
    return program;
}

async function start(program, args = []) {
    const running = new Program(program, ['--port', '0', ...args],
        { cwd: DESTDIR, env: { ...process.env, LD_LIBRARY_PATH: installed('lib') } });
    const [, port] = await running.said(/listening on .*port (\d+)/);
    return { running, port: Number(port) };
}

async function stop(running) {
    assert.deepStrictEqual(await running.stop('SIGTERM'), { code: 0, signal: null },
        running.tail());
}

/* The functions that a C header declares; no types, no callbacks among the parameters. */
function declared(header) {
    return header.replace(/\/\*[^]*?\*\//g, '').replace(/^#.*$/gm, '')
        .replace(/extern "C" \{/, '').replace(/\{[^{}]*\}/g, '').split(';')
        .map((statement) => statement.trim())
        .filter((statement) => !statement.startsWith('typedef') && statement.includes('('))
        .map((statement) => /(\w+)\(/.exec(statement)[1]).sort();
}

after(leaveAll);

describe('make install', () => {
    before(makeInstall);

    test('installs what is there and builds nothing', () => {
        assert.doesNotMatch(makeInstall(), /^ +(CC|LD|AR) /m);
    });

    test('the shared library exports the functions of the header and nothing else', () => {
        const symbols = sh('nm', ['-D', '--defined-only', installed('lib/libsiobroker.so.0')])
            .trim().split('\n').map((line) => line.split(' '))
            .filter(([, type]) => type !== 'A')         /* the name of the version */
            .map(([, , name]) => name);
        for (const name of symbols)
            assert.match(name, /@@SIOBROKER_0$/);
        const header = fs.readFileSync(installed('include/siobroker.h'), 'utf8');
        assert.deepStrictEqual(symbols.map((name) => name.split('@')[0]).sort(), declared(header));
    });

    test('so does the static one, which has libwebsockets inside', () => {
        const symbols = sh('nm', ['-g', '--defined-only', installed('lib/libsiobroker.a')])
            .split('\n').filter((line) => / [A-Z] /.test(line)).map((line) => line.split(' ')[2]);
        const header = fs.readFileSync(installed('include/siobroker.h'), 'utf8');
        assert.deepStrictEqual(symbols.sort(), declared(header));
    });

    test('the header alone is good C, and C++ where there is a compiler', () => {
        for (const language of HAS_CXX ? ['c', 'c++'] : ['c'])
            sh(CC[0], [...CC.slice(1), '-x', language, '-Wall', '-Wextra', '-Wpedantic', '-Werror',
                '-fsyntax-only', installed('include/siobroker.h')]);
    });

    test('what operators use is there, and uninstall leaves nothing', () => {
        const files = (folder) => fs.readdirSync(folder, { withFileTypes: true, recursive: true })
            .filter((entry) => !entry.isDirectory()).map(({ name }) => name);
        for (const file of ['man/man8/siobroker.8', 'man/man5/siobroker.conf.5',
            'man/man3/libsiobroker.3', 'bash-completion/completions/siobroker',
            'zsh/site-functions/_siobroker', 'siobroker/grafana.json', 'siobroker/alerts.yml',
            'doc/siobroker/siobroker.yaml'])
            assert.ok(fs.existsSync(installed('share', file)), file);
        const other = scratch();
        sh('make', ['install', `DESTDIR=${other}`]);
        assert.ok(files(other).length > 20);
        sh('make', ['uninstall', `DESTDIR=${other}`]);
        assert.deepStrictEqual(files(other), []);
    });

    test('the program finds its browser clients in the installed tree', async () => {
        const { running, port } = await start(installed('bin/siobroker'));
        const { status, text } = await http.get(port, '/socket.io/socket.io.js');
        assert.strictEqual(status, 200);
        assert.match(text, /io\.connect/);
        const modern = await http.get(port, '/socket.io/4/socket.io.min.js');
        assert.strictEqual(modern.status, 200);
        assert.match(modern.text, /Socket\.IO v4\./);
        await stop(running);
    });
});

for (const link of ['shared', 'static']) {
    const skip = NO_PKG_CONFIG && 'no pkg-config';
    describe(`examples with the ${link} library`, { skip }, () => {
        before(makeInstall);

        test('app1 greets', async () => {
            const { running, port } = await start(build('app1', link));
            const client = await connect(port);
            assert.deepStrictEqual(client.greeting, { server: 'Server1', port: 3100 });
            leave(client);
            await stop(running);
        });

        test('chat: join, say, leave, disconnect', async () => {
            const { running, port } = await start(build('chat', link));
            const [ann, bob] = [begin(port), begin(port)];
            await Promise.all([event(ann, 'connect'), event(bob, 'connect')]);

            const annJoined = event(ann, 'joined');
            await ask(ann, 'join', 'lobby', 'Ann');
            assert.deepStrictEqual(await annJoined, ['Ann', 'lobby']);
            const bobJoined = [event(ann, 'joined'), event(bob, 'joined')];
            await ask(bob, 'join', 'lobby', 'Bob');
            assert.deepStrictEqual(await Promise.all(bobJoined),
                [['Bob', 'lobby'], ['Bob', 'lobby']]);

            const said = [event(ann, 'said'), event(bob, 'said')];
            ann.emit('say', 'lobby', 'hello é');
            assert.deepStrictEqual(await Promise.all(said),
                [['Ann', 'lobby', 'hello é'], ['Ann', 'lobby', 'hello é']]);

            const left = [event(ann, 'left'), event(bob, 'left')];
            bob.emit('leave', 'lobby');
            assert.deepStrictEqual(await Promise.all(left), [['Bob', 'lobby'], ['Bob', 'lobby']]);

            await ask(bob, 'join', 'lobby', 'Bob');
            const gone = event(ann, 'left');
            leave(bob);
            assert.deepStrictEqual(await gone, ['Bob', 'lobby', 'booted']);
            leave(ann);
            await stop(running);
        });
    });
}
