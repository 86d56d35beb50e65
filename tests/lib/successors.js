'use strict';
/*
 * successors.js - a broker that is sent SIGUSR2 hands over to a new program, and that to the next.
 * Only the first one is a child of the test.
 */

const assert = require('node:assert');
const { eventually } = require('./deadline.js');
const { lives } = require('./program.js');

const started = new Set();

process.on('exit', () => {
    for (const pid of started)
        if (lives(pid))
            process.kill(pid, 'SIGKILL');
});

class Successors {
    constructor(broker) {
        this.broker = broker;
        this.pid = broker.program.pid;
        this.past = [];
    }

    /* Have it hand over, and wait until that is done; the program that drains now. */
    async next() {
        const old = this.pid, from = this.broker.log.length;
        process.kill(old, 'SIGUSR2');
        this.pid = Number(await this.said(/handed over: process (\d+) listens/, from));
        started.add(this.pid);
        this.past.push(old);
        return old;
    }

    /* What the first group of the pattern is, in the log behind so many characters. */
    said(pattern, from = 0) {
        return this.broker.program.until(() => pattern.exec(this.broker.log.slice(from))?.[1],
            `says ${pattern}`);
    }

    /* Have it try, and fail: the whole line. */
    async refused() {
        const from = this.broker.log.length;
        process.kill(this.pid, 'SIGUSR2');
        return this.said(/(not handed over[^\n]*)\n/, from);
    }

    gone(pid) {
        return eventually(() => !lives(pid), () => `${pid} ends:\n${this.broker.program.tail()}`);
    }

    /* The old ones leave for a long time ("drain delay"); they need not any more. */
    endPast() {
        for (const pid of this.past)
            process.kill(pid, 'SIGTERM');
    }

    /* The same with the last one, which has not begun to leave. */
    async stopAtOnce() {
        this.endPast();
        for (const pid of this.past)
            await this.gone(pid);
        const from = this.broker.log.length;
        process.kill(this.pid, 'SIGTERM');
        await this.said(/((?:draining|stopping all workers): SIGTERM)/, from);
        await this.stop();
    }

    /* All of them end, the last one by SIGTERM: then nobody has the log open any more. */
    async stop() {
        process.kill(this.pid, 'SIGTERM');
        for (const pid of [...this.past, this.pid])
            await this.gone(pid);
        const status = await this.broker.program.ended();
        this.broker.program.assertNoSanitizerReport();
        assert.deepStrictEqual(status, { code: 0, signal: null }, this.broker.program.tail());
    }
}

module.exports = { Successors };
