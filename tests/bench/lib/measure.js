'use strict';
/*
 * measure.js - one measurement: a server that was just started on a processor of its own, the load
 * generator on another one, and in the end nothing of them left.
 */

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Program } = require('../../lib/program.js');
const { startNginx, startRedis } = require('../../lib/services.js');
const { writeConfig } = require('../../lib/server.js');
const { ROOT } = require('./contestants.js');

const LOAD = path.join(ROOT, 'build/bench/load');
const DEADLINE_S = 150;         /* of the load generator */
const PATIENCE_MS = 1000 * (DEADLINE_S + 10);

/* The processors that we may use, in a list such as 0-3,8. */
function processors() {
    const status = fs.readFileSync('/proc/self/status', 'utf8');
    const [, list] = /Cpus_allowed_list:\s*(\S+)/.exec(status);
    return list.split(',').flatMap((range) => {
        const [first, last = first] = range.split('-').map(Number);
        return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

/*
 * The load, and with it Redis and nginx, take the last processor, the instances the others. With a
 * single one all share it, and figures of speed mean little.
 */
function plan() {
    const all = processors();
    const servers = all.length > 1 ? all.slice(0, -1) : all;
    return { load: all[all.length - 1], server: (i) => servers[i % servers.length] };
}

const CPU = plan();

/* What we start ourselves inherits this: Redis, nginx. */
function pinSelf() {
    execFileSync('taskset', ['-a', '-p', '-c', String(CPU.load), String(process.pid)]);
}

function pinned(cpu, [command, ...args], options = {}) {
    return new Program('taskset', ['-c', String(cpu), command, ...args.map(String)], options);
}

async function startServer({ command, config: own }, i, { redis, config }) {
    const args = ['--port', 0, '--name', `Server${i + 1}`];
    if (redis)
        args.push('--redis', redis.url);
    if (own || config)
        args.push('--config', writeConfig({ ...own, ...config }));
    const program = pinned(CPU.server(i), [...command, ...args],
        { env: { SIOBROKER: path.join(ROOT, 'build/siobroker'), ...process.env,
            NODE_ENV: 'production' } });
    const [, port] = await program.said(/listening on .*port (\d+)/);
    return { port: Number(port), program };
}

/*
 * Everything that a work needs around the load generator, in the order in which it is to be ended.
 */
class Setting {
    constructor() {
        this.parts = [];
    }

    async start(contestant, { instances, nginx, config }) {
        if (contestant.running) {
            this.ports = [contestant.running.port];
            this.pids = contestant.running.pids;
            return this;
        }
        const redis = instances > 1 && contestant.clusters
            ? this.add(await startRedis()) : undefined;
        const servers = [];
        while (servers.length < instances) {
            const server = await startServer(contestant, servers.length, { redis, config });
            servers.push(server);
            this.add({ stop: () => server.program.stop('SIGKILL') });
        }
        this.ports = servers.map(({ port }) => port);
        this.pids = servers.map(({ program }) => program.pid);
        if (nginx)
            this.ports = [this.add(await startNginx(this.ports)).port];
        return this;
    }

    add(part) {
        this.parts.unshift(part);
        return part;
    }

    async stop() {
        for (const part of this.parts)
            await part.stop();
    }
}

/*
 * Servers end first (--hold): the contract has them tell everyone about each one who leaves, and
 * that is nothing to wait for. One that was not started by us sees its clients leave.
 */
async function runLoad(setting, { running }, args) {
    const program = pinned(CPU.load, [LOAD, ...args, '--quiet', ...(running ? [] : ['--hold'])],
        { stdio: ['pipe', 'pipe', 'pipe'] });
    program.child.stdin.on('error', () => {});
    try {
        const line = await program.until(() => /^\{.*\}\n/.exec(program.stdout),
            'prints its result', PATIENCE_MS);
        return JSON.parse(line[0]);
    } catch (error) {
        throw new Error(program.stderr.trim() || error.message);
    } finally {
        await setting.stop();
        program.child.stdin.end();
        await program.stop();
    }
}

/* Resolves with the load generator's result. `timing`: more of its arguments. */
async function measure(contestant, work, args, timing) {
    const setting = new Setting();
    try {
        await setting.start(contestant, work);
    } catch (error) {
        await setting.stop();
        throw error;
    }
    const client = work.client ? work.client(contestant) : contestant.client;
    return runLoad(setting, contestant, [args[0], '--server', setting.ports[0], '--client', client,
        ...(work.relay ? ['--to', setting.ports[1]] : []),
        ...(setting.pids.length > 0 ? ['--pid', setting.pids.join(',')] : []),
        '--deadline', DEADLINE_S, ...timing, ...args.slice(1)]);
}

module.exports = { CPU, measure, pinSelf, pinned, startServer };
