'use strict';
/*
 * services.js - a redis-server and an nginx for a test, on free ports, in scratch folders.
 *
 * REDIS_SERVER names another program that takes its place: valkey-server.
 */

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { eventually } = require('./deadline.js');
const { Program, run, freePort, scratch } = require('./program.js');

const REDIS_SERVER = process.env.REDIS_SERVER || 'redis-server';

/* Daemons live in sbin, which is not on every user's path. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` };

function accepts(port) {
    return new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1');
        socket.once('connect', () => { socket.destroy(); resolve(true); });
        socket.once('error', () => resolve(false));
    });
}

/* Wait until a program that was just started accepts connections. */
function ready(program, port, ms) {
    return eventually(async () => {
        if (program.status !== null)
            throw new Error(`${program.name} ended:\n${program.tail()}`);
        return accepts(port);
    }, `${program.name} accepts connections on port ${port}`, ms);
}

class Redis {
    /* args: more of the command line of redis-server. */
    constructor(port, args) {
        this.port = port;
        this.args = args;
        this.url = `redis://127.0.0.1:${port}`;
    }

    async start() {
        const program = new Program(REDIS_SERVER, ['--port', String(this.port), '--bind',
            '127.0.0.1', '--dir', scratch(), '--save', '', '--appendonly', 'no', ...this.args],
        { env });
        this.program = program;
        await ready(program, this.port);
        await program.said(/Ready to accept connections/);
        return this;
    }

    async stop(signal = 'SIGTERM') {
        if (this.program && this.program.status === null)
            await this.program.stop(signal);
    }

    /* What it answers to a command, as redis-cli prints it to a pipe. */
    async command(...words) {
        const { code, stdout, stderr } = await run('redis-cli', ['-p', String(this.port), ...words],
            { env });
        if (code !== 0 || /^(ERR|NOAUTH|NOPERM|WRONGPASS)/.test(stdout))
            throw new Error(`redis-cli ${words.join(' ')}: ${stdout}${stderr}`);
        return stdout.trimEnd();
    }
}

/* A Redis that is not started yet, on a port that nobody listens on. */
async function makeRedis(args = []) {
    return new Redis(await freePort(), args);
}

async function startRedis(args) {
    return (await makeRedis(args)).start();
}

const DEMO = path.resolve(__dirname, '../../client-demo');
const CONF = path.join(DEMO, 'nginx.conf');

/* The same file with other ports in place of the usual ones. */
function withPorts(text, ports) {
    return text.replace(/\b310[012]\b/g, (usual) => String(ports[usual]));
}

/*
 * nginx with the demo's configuration and pages, in front of these ports, two or more. `port` of
 * the result is where it listens.
 *   edit   a function that changes the configuration
 */
async function startNginx([first, second, ...more], { edit = (text) => text } = {}) {
    const folder = scratch();
    const port = await freePort();
    const ports = { 3100: first, 3101: second, 3102: port };
    const conf = path.join(folder, 'nginx.conf');
    const withMore = (line, options) =>
        [line, ...more.map((another) => `server 127.0.0.1:${another} ${options}`)].join('\n');
    fs.writeFileSync(conf, withPorts(edit(fs.readFileSync(CONF, 'utf8'))
        .replace(/^ *server 127.0.0.1:3101 (.*)$/m, withMore), ports));
    fs.mkdirSync(path.join(folder, 'html'));
    for (const page of ['client.html', 'client4.html'])
        fs.writeFileSync(path.join(folder, 'html', page),
            withPorts(fs.readFileSync(path.join(DEMO, page), 'utf8'), ports));
    fs.chmodSync(folder, 0o755);    /* started by root, its workers are somebody else */
    const program = new Program('nginx', ['-p', folder, '-e', 'error.log', '-c', conf,
        '-g', 'daemon off;'], { env });
    program.lastSignal = 'SIGTERM';     /* SIGKILL would leave its workers behind */
    await ready(program, port);
    return {
        port,
        program,
        errors: () => fs.readFileSync(path.join(folder, 'error.log'), 'utf8'),
        stop: () => program.stop('SIGTERM'),
    };
}

module.exports = { REDIS_SERVER, startRedis, makeRedis, startNginx, env, ready, withPorts };
