'use strict';
/*
 * watch.js - what processes and the kernel use: processor time, second by second, and memory.
 */

const fs = require('node:fs');

/* In seconds, of all threads; 0 when it has gone. */
function processorSeconds(pid) {
    try {
        return fs.readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + Number(
            fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]) / 1e9,
        0);
    } catch (error) {
        if (error.code === 'ENOENT' || error.code === 'ESRCH')
            return 0;
        throw error;
    }
}

/* Processor time of some processes, of which some may end and others begin meanwhile. */
class Watch {
    /* pids(): of those that live now. */
    constructor(pids) {
        this.pids = pids;
        this.last = new Map();
        this.total = 0;
        this.peak = 0;
        this.peakOfOne = 0;
        this.at = performance.now();
        this.look();
        this.timer = setInterval(() => this.look(), 1000);
    }

    look() {
        const seconds = (performance.now() - this.at) / 1000;
        let sum = 0;
        for (const pid of this.pids()) {
            const now = processorSeconds(pid);
            const used = Math.max(0, now - (this.last.get(pid) ?? 0));
            this.last.set(pid, now);
            sum += used;
            if (seconds > 0.5)
                this.peakOfOne = Math.max(this.peakOfOne, used / seconds);
        }
        if (seconds > 0.5)
            this.peak = Math.max(this.peak, sum / seconds);
        this.total += sum;
        this.at = performance.now();
    }

    /* { result, seconds, cpu, peak, peakOfOne }: of what work() took, in seconds and processors. */
    async during(work) {
        this.look();
        Object.assign(this, { total: 0, peak: 0, peakOfOne: 0 });
        const began = performance.now();
        const result = await work();
        const seconds = (performance.now() - began) / 1000;
        this.look();
        return { result, seconds, cpu: this.total, peak: this.peak, peakOfOne: this.peakOfOne };
    }

    stop() {
        clearInterval(this.timer);
    }
}

/* The caches of the kernel that a connection takes from. Both ends are on this machine. */
const CACHES = ['TCP', 'TCPv6', 'sock_inode_cache', 'filp', 'dentry', 'eventpoll_epi',
    'eventpoll_pwq', 'lsm_inode_cache', 'lsm_file_cache', 'skbuff_head_cache', 'skbuff_small_head'];

/*
 * { caches, buffers }: bytes of objects in these caches, or NaN for who may not read them (root
 * may), and bytes of what waits in sockets.
 */
function kernelMemory() {
    const buffers = 4096 *
        Number(/^TCP: .* mem (\d+)$/m.exec(fs.readFileSync('/proc/net/sockstat', 'latin1'))[1]);
    let caches = NaN;
    try {
        caches = fs.readFileSync('/proc/slabinfo', 'latin1').split('\n')
            .map((line) => line.split(/\s+/))
            .filter(([name]) => CACHES.includes(name))
            .reduce((sum, [, active, , size]) => sum + Number(active) * Number(size), 0);
    } catch (error) {
        if (error.code !== 'EACCES' && error.code !== 'ENOENT')
            throw error;
    }
    return { caches, buffers };
}

module.exports = { Watch, kernelMemory };
