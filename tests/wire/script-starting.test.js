'use strict';
/*
 * siobroker [OPTION]... FILE.js [ARG]...: who wins, what is checked, how it ends.
 */

const assert = require('node:assert');
const { test } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { runBroker } = require('../lib/server.js');
const { freePort } = require('../lib/program.js');
const { listenScript, runScript, startScript } = require('../lib/script.js');

const SAY = 'const say = (...words) => process.stdout.write(words.join(" ") + "\\n");\n';

test('a script that never listens and waits for nothing ends with 0', async () => {
    const { code, stdout, stderr } = await runScript(`${SAY} say('done');`);
    assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: 'done\n', stderr: '' });
});

test('arguments before the file are of siobroker, those behind it of the script', async () => {
    const { code, stdout } = await runScript(`${SAY}
        say(process.argv.length, process.argv[1] === __filename, ...process.argv.slice(2));`,
    { options: ['--log-level', '3'], args: ['--port', '80', 'other.js', '', '-x'] });
    assert.strictEqual(stdout, '7 true --port 80 other.js  -x\n');
    assert.strictEqual(code, 0);
});

test('a first line for the shell', async () => {
    const { code, stdout } = await runScript(`#!/usr/bin/env siobroker\n${SAY} say('ran');`);
    assert.strictEqual(stdout, 'ran\n');
    assert.strictEqual(code, 0);
});

test('the file of settings, over it the script, over it the command line', async () => {
    const port = await freePort();
    const program = startScript({
        'app.js': `${SAY}
            const io = require('socket.io').listen(1);
            say(...['name', 'log level', 'heartbeat interval', 'close timeout'].map(io.get, io));
            io.set('log level', 3);
            io.set('heartbeat interval', 7);
            io.set('heartbeat timeout', 30);`,
        'settings.json': { name: 'file', 'log level': 2, 'heartbeat interval': 5,
            'heartbeat timeout': 20, 'close timeout': 9, port: 2 },
    }, { options: ['--config', 'settings.json', '--name', 'line', '--log-level=1', '-p', `${port}`,
        '--host', '127.0.0.1'] });
    await program.said(/^line 1 5 9\n/m);
    const answer = await eventually(() => fetch(`http://127.0.0.1:${port}/socket.io/1/`)
        .then((response) => response.text(), () => false), 'it listens');
    assert.match(answer, /^[\w-]+:30:9:/);
    assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
    assert.doesNotMatch(program.stderr, / (info|debug) /);
});

test('a port of the command line wins', async () => {
    const port = await freePort();
    const program = startScript('require("socket.io").listen(1);',
        { options: ['-p', String(port), '--host', '127.0.0.1'] });
    await program.said(new RegExp(`listening on 127\\.0\\.0\\.1 port ${port}\\n`));
    assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
});

test('wrong settings of a script say what is allowed, and where', async () => {
    const { code, stderr } = await runScript(`const io = require('socket.io').listen(0);
        io.set('heartbeat interval', 'often');`);
    assert.match(stderr, /app\.js:2\n/);
    assert.match(stderr, /"heartbeat interval": must be a number of seconds/);
    assert.strictEqual(code, 1);
});

test('a script that listens on two ports is told what to do', async () => {
    const { code, stderr } = await runScript(`const io = require('socket.io');
        io.listen(8123).set('log level', 1);
        io.listen(8124);`);
    assert.match(stderr, /app\.js:3\n/);
    assert.match(stderr, /one server|another/);
    assert.strictEqual(code, 1);
});

test('a port that is taken', async () => {
    const broker = await listenScript('require("socket.io").listen(0);');
    const { code, stderr } = await runScript(`require('socket.io').listen(${broker.port});`,
        { options: ['--host', '127.0.0.1'] });
    assert.match(stderr, new RegExp(`EADDRINUSE: address already in use :::${broker.port}\\b`));
    assert.strictEqual(code, 1);
    await broker.stop();
});

test('a script that closes its server goes on with what else it has', async () => {
    const { code, stdout } = await runScript(`${SAY}
        const io = require('socket.io').listen(0);
        process.on('exit', () => say('exit'));
        setTimeout(() => { say('closing'); io.close(); }, 10);
        setTimeout(() => say('later'), 50);`, { options: ['--port', '0'] });
    assert.strictEqual(stdout, 'closing\nlater\nexit\n');
    assert.strictEqual(code, 0);
});

/* --- --check-config. --- */

const check = (files, options = []) =>
    runScript(files, { options: [...options, '--check-config'] });

test('--check-config compiles a script and its modules, and runs nothing', async () => {
    const { code, stdout, stderr } = await check({
        'app.js': `process.exit(9); require('./lib'); require("socket.io"); require('./data.json');
            // require('./not-there') is a remark, and so is /* require('./this') */
            require('pack');`,
        'lib/index.js': 'throw new Error("not run");', 'data.json': { a: 1 },
        'node_modules/pack/index.js': 'try { require("optional") } catch (e) {} require("./part");',
        'node_modules/pack/part.js': '',
    });
    assert.strictEqual(stdout, 'command line: ok\napp.js: ok (5 files)\n', stderr);
    assert.strictEqual(code, 0);
});

test('--check-config finds what is wrong', async () => {
    for (const [files, pattern] of [
        [{ 'app.js': 'require("./part");', 'part.js': '\nlet a = ;' },
            /^part\.js:2:9: SyntaxError/m],
        [{ 'app.js': 'require("./part");' }, /Cannot find module '\.\/part'/],
        [{ 'app.js': 'require("net");' }, /"net" of Node/],
        [{ 'app.js': 'import "./part.mjs";', 'part.mjs': 'export const a = ;' },
            /^part\.mjs:1:18: SyntaxError/m],
        [{ 'app.js': 'require("./a.json");', 'a.json': '{' }, /^a\.json:1:\d+: SyntaxError/m],
    ]) {
        const { code, stderr } = await check(files);
        assert.match(stderr, pattern);
        assert.strictEqual(code, 2, stderr);
    }
});

test('--check-config still checks the settings', async () => {
    const { code, stderr } = await check({ 'app.js': '', 'bad.json': { port: -1 } },
        ['--config', 'bad.json']);
    assert.match(stderr, /"port"/);
    assert.strictEqual(code, 2);
});

test('--help names it', async () => {
    const { stdout } = await runBroker(['--help']);
    assert.match(stdout, /^Usage: siobroker \[OPTION\]\.\.\. \[FILE\.js \[ARG\]\.\.\.\]\n/);
    assert.match(stdout, /siobroker --log-level 3 app1\.js/);
});
