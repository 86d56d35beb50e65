'use strict';
/*
 * program.js - start a program, wait for what it says, stop it by its pid, judge how it ended.
 */

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { DEADLINE_MS, within } = require('./deadline.js');

const SANITIZER = /ERROR: AddressSanitizer|LeakSanitizer|runtime error:/;

const running = new Set();
const scratchFolders = new Set();

/* Whatever happens to the test itself, nothing that it started may outlive it. */
process.on('exit', () => {
    for (const program of running)
        program.kill(program.lastSignal);
    for (const folder of scratchFolders)
        fs.rmSync(folder, { recursive: true, force: true });
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
    process.once(signal, () => process.exit(1));

function scratch(prefix = 'siobroker-test-') {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
    scratchFolders.add(folder);
    return folder;
}

/*
 * A TCP port that nobody uses right now, for programs that cannot be told "any" or that come back
 * to it. It is below the ports that connections get, of which a test may open thousands meanwhile.
 */
function freePort() {
    return new Promise((resolve, reject) => {
        const server = net.createServer();
        const attempt = () => server.listen(crypto.randomInt(15000, 32000), '127.0.0.1');
        let attempts = 1;
        server.on('error', (error) => {
            if (error.code === 'EADDRINUSE' && attempts++ < 100)
                attempt();
            else
                reject(error);
        });
        server.on('listening', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
        attempt();
    });
}

class Program {
    constructor(command, args, options = {}) {
        this.name = path.basename(command);
        this.lastSignal = 'SIGKILL';    /* when the test itself ends early */
        this.stdout = '';
        this.stderr = '';
        this.status = null;             /* { code, signal } once it has ended */
        this.listeners = new Set();
        this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
        this.pid = this.child.pid;
        running.add(this);
        /* What a failed test forgets must not hold the process: waiting does, with its deadline. */
        this.child.unref();
        this.child.stdout.unref();
        this.child.stderr.unref();
        for (const stream of ['stdout', 'stderr']) {
            this.child[stream].setEncoding('utf8');
            this.child[stream].on('data', (text) => {
                this[stream] += text;
                this.changed();
            });
        }
        this.child.on('error', (error) => this.over({ code: null, signal: String(error) }));
        this.child.on('close', (code, signal) => this.over({ code, signal }));
    }

    over(status) {
        running.delete(this);
        this.status = this.status || status;
        this.changed();
    }

    changed() {
        for (const listener of [...this.listeners])
            listener();
    }

    get output() {
        return this.stdout + this.stderr;
    }

    /* Resolve with the first true value of look(this), asked at each change of output or state. */
    until(look, what, ms = DEADLINE_MS) {
        let listener;
        const seen = new Promise((resolve, reject) => {
            listener = () => {
                const value = look(this);
                if (value)
                    resolve(value);
                else if (this.status !== null)
                    reject(new Error(`${this.name} ended (${JSON.stringify(this.status)}) before:` +
                        ` ${what}\n${this.tail()}`));
            };
            this.listeners.add(listener);
            listener();
        });
        return within(seen, `${this.name}: ${what}`, ms, () => `\n${this.tail()}`)
            .finally(() => this.listeners.delete(listener));
    }

    /* Resolve with the match of a pattern in all that was printed. */
    said(pattern, ms = DEADLINE_MS) {
        return this.until(() => this.output.match(pattern), `says ${pattern}`, ms);
    }

    /* Resolve with { code, signal } at the end of the program. */
    ended(ms = DEADLINE_MS) {
        return this.until(() => this.status, 'ends', ms);
    }

    tail() {
        return this.output.slice(-4000);
    }

    kill(signal) {
        if (this.status === null && this.pid !== undefined)
            this.child.kill(signal);
    }

    /* Ask it to end, kill it when it does not; returns { code, signal }. */
    async stop(signal = 'SIGTERM', ms = DEADLINE_MS) {
        this.kill(signal);
        try {
            return await this.ended(ms);
        } catch (error) {
            this.kill('SIGKILL');
            throw error;
        }
    }

    assertNoSanitizerReport() {
        const report = this.stderr.search(SANITIZER);
        assert.ok(report < 0, `sanitizer report:\n${this.stderr.slice(report, report + 6000)}`);
    }
}

/* Run to the end; for programs that only say something and go. */
async function run(command, args, options) {
    const program = new Program(command, args, options);
    try {
        const status = await program.ended();
        program.assertNoSanitizerReport();
        return { ...status, stdout: program.stdout, stderr: program.stderr };
    } finally {
        program.kill('SIGKILL');
    }
}

/* The memory of a process that is in RAM. */
const residentBytes = (pid) => 1024 *
    Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/* Processor time that a process has used so far; the kernel counts it in hundredths of a second. */
function processorMs(pid) {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
}

/* The processes that it has begun, and that nobody has waited for. */
const childrenOf = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .split(' ').filter(Boolean).map(Number);

/* Is there a process of that number, or only what is left of one? */
function lives(pid) {
    try {
        return !/^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, 'latin1'));
    } catch {
        return false;
    }
}

module.exports = {
    Program, run, scratch, freePort, residentBytes, processorMs, childrenOf, lives,
};
