'use strict';
/*
 * contestants.js - the servers that are compared, each a program with the command line of siobroker
 * (as far as --port --name --redis --config) that says "listening on port N".
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.resolve(__dirname, '../../..');
const BENCH = path.join(ROOT, 'tests/bench');

/*
 * client   kind of the load generator's clients, and `polling` the kind for its polling row
 * base     whose figures this one is divided by
 * clusters instances share a Redis
 * beats    sends heartbeats
 */
const CONTESTANTS = {
    yardstick: { title: 'epoll, 0.9', command: [path.join(ROOT, 'build/bench/yardstick')],
        client: 'websocket', base: 'yardstick' },
    siobroker: { title: 'siobroker, 0.9', command: [path.join(ROOT, 'build/contract-server')],
        client: 'websocket', polling: 'xhr-polling', base: 'yardstick', clusters: true,
        beats: true },
    script: { title: 'siobroker app.js, 0.9',
        command: [path.join(ROOT, 'tests/contract/script09')],
        client: 'websocket', polling: 'xhr-polling', base: 'yardstick', clusters: true,
        beats: true },
    node09: { title: 'Node + 0.9.16',
        command: [process.execPath, path.join(ROOT, 'tests/lib/reference-contract.js')],
        client: 'websocket', polling: 'xhr-polling', base: 'yardstick', clusters: true,
        beats: true },
    yardstick4: { title: 'epoll, 4.x', command: [path.join(ROOT, 'build/bench/yardstick')],
        client: 'eio4', base: 'yardstick4' },
    siobroker4: { title: 'siobroker, 4.x', command: [path.join(ROOT, 'build/contract-server')],
        client: 'eio4', base: 'yardstick4', clusters: true, beats: true },
    script4: { title: 'siobroker app.js, 4.x',
        command: [path.join(ROOT, 'tests/contract/script4')],
        client: 'eio4', base: 'yardstick4', clusters: true, beats: true },
    node48: { title: 'Node + 4.8, ws',
        command: [process.execPath, path.join(BENCH, 'rivals/modern.js')],
        client: 'eio4', base: 'yardstick4', clusters: true, beats: true },
    bun: { title: 'Bun + 4.8', command: null,
        client: 'eio4', base: 'yardstick4', clusters: true, beats: true },
};

/* What npm has to bring, once; false, and said why, when it can not. */
function installed(folder, args) {
    const lock = path.join(folder, 'package-lock.json');
    const mark = path.join(folder, 'node_modules/.installed-lock.json');
    if (fs.existsSync(mark) && fs.readFileSync(lock).equals(fs.readFileSync(mark)))
        return true;
    process.stderr.write(`npm ci in ${path.relative(ROOT, folder)}\n`);
    const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit',
        '--no-fund', ...args], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) {
        process.stderr.write(`${(stderr || 'npm can not be run').trim()}\n`);
        return false;
    }
    fs.copyFileSync(lock, mark);
    return true;
}

/*
 * Its npm package chooses a binary by a script at installation; the binary itself is all we want.
 */
function findBun() {
    const folder = path.join(BENCH, 'node_modules/@oven');
    const found = (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
        .map((name) => path.join(folder, name, 'bin/bun'))
        .find((file) => spawnSync(file, ['--version']).status === 0);
    return found && [found, path.join(BENCH, 'rivals/modern.js')];
}

/*
 * The contestants with these names, as a list; what can not be had is left out, and said. Peers are
 * not installed (legacy-peer-deps): bun-engine asks for a TypeScript compiler that it does not use.
 */
function choose(names) {
    const npm = names.some((name) => /^(node|bun)/.test(name));
    const rivals = npm && installed(path.join(ROOT, 'tests'), []);
    const more = rivals && installed(BENCH, ['--legacy-peer-deps']);
    return names.map((name) => {
        const contestant = { name, ...CONTESTANTS[name] };
        if (name === 'bun')
            contestant.command = more && findBun();
        if (contestant.command && (rivals || !/^node/.test(name)))
            return contestant;
        process.stderr.write(`${contestant.title}: left out, its npm packages are not there\n`);
        return null;
    }).filter((contestant) => contestant !== null);
}

/*
 * From the command line: NAME=COMMAND, which is started, NAME={...}, which is ours with these
 * settings, or NAME=PORT[@PID,...], which runs. All are compared with the first one.
 */
function parse(specifications, client) {
    return specifications.map((specification) => {
        const [, name, value] = /^([^=]+)=(.+)$/.exec(specification) || [];
        if (name === undefined)
            throw new Error(`not NAME=COMMAND, {...} or PORT[@PID,...]: ${specification}`);
        const config = value.startsWith('{') ? JSON.parse(value) : undefined;
        const command = config ? CONTESTANTS.siobroker.command : value.split(/\s+/);
        const [, port, pids] = /^(\d+)(?:@([\d,]+))?$/.exec(value) || [];
        return { name, title: name, client, polling: 'xhr-polling', clusters: true, beats: true,
            base: /^[^=]+/.exec(specifications[0])[0],
            running: port && { port: Number(port), pids: pids ? pids.split(',').map(Number) : [] },
            config, command: port ? null : command };
    });
}

module.exports = { ROOT, CONTESTANTS, choose, parse };
