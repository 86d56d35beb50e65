'use strict';
/*
 * run.js - what very many idle clients take: memory in the processes and in the kernel, the time to
 * let them all in, processor time of heartbeats; and what a restart of Redis and of the instances,
 * one after the other, does to them.
 *
 *     node tests/bench/million/run.js [--clients 19000] [--instances 1] [--workers 0] [--loads 1]
 *         [--client eio4] [--concurrency 64] [--window 30] [--drain 0] [--config '{...}']
 *
 * --loads    load generators; 20,000 descriptors are enough for 19,900 clients of each
 * --client   websocket or xhr-polling (0.9), eio3, eio4
 * --window   seconds in which nothing but heartbeats is to happen
 * --drain    the setting "drain time" of the instances
 *
 * Several instances share a Redis. SIOBROKER names the program, build/siobroker by default; build
 * the load generator with "make build/bench/load". Kernel memory is that of both ends together, as
 * both are here; only root may read all of it (/proc/slabinfo).
 */

const path = require('node:path');
const { parseArgs } = require('node:util');

process.env.SIOBROKER ||= path.join(__dirname, '../../../build/siobroker');

const { eventually } = require('../../lib/deadline.js');
const { childrenOf, freePort, residentBytes } = require('../../lib/program.js');
const { startAdmin } = require('../../lib/admin.js');
const http = require('../../lib/http.js');
const { startRedis } = require('../../lib/services.js');
const { Crowd, describeLosses } = require('./crowd.js');
const { Watch, kernelMemory } = require('./watch.js');

const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({ options: {
    clients: text('19000'), instances: text('1'), workers: text('0'), loads: text('1'),
    client: text('eio4'), concurrency: text('64'), window: text('30'), drain: text('0'),
    config: text('{}'),
} });
const [CLIENTS, INSTANCES, WORKERS, LOADS, WINDOW_S, DRAIN_S] =
    ['clients', 'instances', 'workers', 'loads', 'window', 'drain'].map((key) =>
        Number(values[key]));
const PATIENCE_MS = 300000;
const SETTLE_MS = 4000;         /* what a storm took goes back to the system two seconds after it */

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const sum = (list) => list.reduce((a, b) => a + b, 0);
const fixed = (value, digits = 0) =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

function say(label, result) {
    console.log(`${label.padEnd(34)} ${result}`);
}

/* --- The service: instances, their Redis, and what they use. --- */

class Service {
    async start() {
        this.redis = INSTANCES > 1 ? await startRedis() : null;
        this.brokers = [];
        this.ports = [];
        while (this.ports.length < INSTANCES)
            this.ports.push(await freePort());
        for (let i = 0; i < INSTANCES; i++)
            this.brokers.push(await this.startOne(i));
        return this;
    }

    startOne(i) {
        return startAdmin({ port: this.ports[i],
            config: { 'flash policy server': false, 'drain time': DRAIN_S,
                name: `Server${i + 1}`, ...WORKERS > 0 && { workers: WORKERS },
                ...this.redis && { redis: this.redis.url }, ...JSON.parse(values.config) } });
    }

    /* With workers the master has no clients, and each of them is a process. */
    get pids() {
        return this.brokers.filter(({ program }) => program.status === null)
            .flatMap(({ program: { pid } }) => (WORKERS > 0 ? [pid, ...childrenOf(pid)] : [pid]));
    }

    memory() {
        return sum(this.pids.map(residentBytes));
    }

    /* The sum over all instances of one metric, whatever its labels. */
    async metric(name) {
        const pattern = new RegExp(`^siobroker_${name}(?:\\{.*\\})? (\\d+)`, 'gm');
        const texts = await Promise.all(this.brokers.map(({ admin }) =>
            http.get(admin, '/metrics').then((response) => response.text)));
        return sum(texts.flatMap((all) => [...all.matchAll(pattern)].map(([, n]) => Number(n))));
    }

    async restartRedis() {
        await this.redis.stop();
        await this.redis.start();
        await eventually(async () => await this.metric('redis_up') === INSTANCES,
            'all instances are at Redis again', PATIENCE_MS);
    }

    /* How many seconds each took to end. */
    async restartOneByOne() {
        const ends = [];
        for (let i = 0; i < INSTANCES; i++) {
            const began = performance.now();
            await this.brokers[i].program.stop('SIGTERM', PATIENCE_MS);
            ends.push((performance.now() - began) / 1000);
            this.brokers[i] = await this.startOne(i);
            process.stderr.write(`restarted ${i + 1} of ${INSTANCES}\n`);
        }
        return ends;
    }

    async stop() {
        for (const broker of this.brokers)
            await broker.program.stop('SIGTERM', PATIENCE_MS);
        await this.redis?.stop();
    }
}

/* --- What is measured. --- */

class Bench {
    async start() {
        this.service = await new Service().start();
        this.watch = new Watch(() => this.service.pids);
        this.empty = { processes: this.service.memory(), kernel: kernelMemory() };
        return this;
    }

    /* Until all clients are there. */
    everybody() {
        let told = performance.now();
        return eventually(() => {
            const { open } = this.crowd.state();
            if (performance.now() - told > 5000) {
                told = performance.now();
                process.stderr.write(`${open} of ${CLIENTS} clients\n`);
            }
            return open === CLIENTS;
        }, 'all clients are there', PATIENCE_MS);
    }

    async open() {
        const { seconds, cpu, peak } = await this.watch.during(() => {
            this.crowd = new Crowd({ clients: CLIENTS, processes: LOADS, ports: this.service.ports,
                client: values.client, concurrency: values.concurrency });
            return this.everybody();
        });
        say('all are connected',
            `in ${fixed(seconds, 1)} s, ${fixed(CLIENTS / seconds)} a second; ` +
            `${fixed(1e6 * cpu / CLIENTS)} us each, ${fixed(peak, 2)} processors at most`);
        say('', describeLosses({}, this.crowd.state()));
    }

    async memory() {
        await pause(SETTLE_MS);
        const kernel = kernelMemory(), empty = this.empty;
        const each = (now, before) => fixed((now - before) / CLIENTS);
        say('bytes of a client', `${each(this.service.memory(), empty.processes)} in the process`);
        say('', `${each(kernel.caches, empty.kernel.caches)} in the kernel, both ends together, ` +
            `and ${each(kernel.buffers, empty.kernel.buffers)} that wait`);
    }

    async heartbeats() {
        const before = await this.service.metric('heartbeat_answer_seconds_count');
        const { cpu, peak } = await this.watch.during(() => pause(1000 * WINDOW_S));
        const n = await this.service.metric('heartbeat_answer_seconds_count') - before;
        say(`heartbeats, ${WINDOW_S} s`, `${fixed(n)}` +
            `${n > 0 ? `, ${fixed(1e6 * cpu / n, 1)} us each` : ''}; ` +
            `${fixed(1e6 * cpu / CLIENTS / WINDOW_S, 2)} us a second for a client, ` +
            `${fixed(peak, 2)} processors at most`);
    }

    /* Something that clients may notice, until all of them are there. */
    async trouble(label, work) {
        const before = this.crowd.state();
        const { result, seconds, cpu, peak, peakOfOne } = await this.watch.during(async () => {
            const outcome = await work();
            await pause(2000);      /* the load generators tell how they are once a second */
            await this.everybody();
            return outcome;
        });
        say(label, `${fixed(seconds, 1)} s until all are there; ` +
            `${fixed(cpu, 2)} s of processors, ${fixed(peak, 2)} at most, ` +
            `${fixed(peakOfOne, 2)} of one instance`);
        say('', describeLosses(before, this.crowd.state()));
        return result;
    }

    async end() {
        const { seconds, cpu } = await this.watch.during(async () => {
            await this.crowd.leave();
            await eventually(async () => await this.service.metric('sessions') === 0,
                'no session is left', PATIENCE_MS);
        });
        say('all have left', `in ${fixed(seconds, 1)} s; ${fixed(1e6 * cpu / CLIENTS)} us each`);
        await pause(SETTLE_MS);
        say('memory of the processes, MB',
            `${fixed(this.empty.processes / 1e6, 1)} at the start, ` +
            `${fixed(this.service.memory() / 1e6, 1)} now`);
    }

    async run() {
        await this.open();
        await this.memory();
        await this.heartbeats();
        if (this.service.redis)
            await this.trouble('Redis is restarted', () => this.service.restartRedis());
        const ends = await this.trouble('instances are restarted in turn',
            () => this.service.restartOneByOne());
        say('', `each ends in ${fixed(Math.min(...ends), 2)} to ${fixed(Math.max(...ends), 2)} s`);
        await this.end();
    }

    async stop() {
        this.watch.stop();
        await this.service.stop();
    }
}

async function main() {
    const awake = setInterval(() => {}, 1000);  /* what tests/lib starts does not keep us running */
    console.log(`${fixed(CLIENTS)} clients (${values.client}), ${INSTANCES} instance(s)` +
        `${WORKERS > 0 ? `, ${WORKERS} workers in each` : ''}`);
    const bench = await new Bench().start();
    try {
        await bench.run();
    } finally {
        clearInterval(awake);
        await bench.stop();
    }
}

main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
