'use strict';
/*
 * run.js - how long does a page wait? Real socket.io-client 0.9.16 clients through nginx
 * (client-demo/nginx.conf), time from io.connect to the `server` event: two real Node 0.9.16
 * processes with RedisStore behind it, or two of ours.
 *
 *     node tests/bench/connect-time/run.js [--clients 200] [--rounds 4] [--burst 20]
 *
 * The clients come one after the other ("sequential") and in bursts. Rounds of both servers take
 * turns, so that a busy machine slows both alike. SIOBROKER names our program (build/siobroker).
 * A straggler took 450 ms or more: it was refused, and came again after the client's half second.
 */

const path = require('node:path');
const { parseArgs } = require('node:util');

const ROOT = path.resolve(__dirname, '../../..');
process.env.SIOBROKER = process.env.SIOBROKER || path.join(ROOT, 'build/siobroker');

const { begin, leave } = require('../../lib/client.js');
const { Program } = require('../../lib/program.js');
const { startBroker } = require('../../lib/server.js');
const { startNginx, startRedis } = require('../../lib/services.js');

const STRAGGLER_MS = 450;
const GIVE_UP_MS = 5000;

/* The seed's client options. */
const OPTIONS = { 'connect timeout': 500, reconnect: true, 'reconnection delay': 500,
    'reconnection limit': Infinity, 'reopen delay': 500, 'max reconnection attempts': 10 };

const { values } = parseArgs({ options: {
    clients: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '4' },
    burst: { type: 'string', default: '20' },
} });
const CLIENTS = Number(values.clients);
const ROUNDS = Number(values.rounds);
const BURST = Number(values.burst);

async function startNode(args) {
    const file = path.join(ROOT, 'tests/lib/reference-server.js');
    const program = new Program(process.execPath, [file, '--port', '0', ...args]);
    const match = await program.said(/listening on .*port (\d+)/);
    return { port: Number(match[1]), program, stop: () => program.stop() };
}

const startOurs = (args) => startBroker({ args });

/* Two instances, their Redis, and nginx in front. */
async function startCluster(name, start) {
    const redis = await startRedis();
    const instances = [];
    for (const instance of ['Server1', 'Server2'])
        instances.push(await start(['--name', instance, '--redis', redis.url]));
    const nginx = await startNginx(instances.map(({ port }) => port));
    const stop = async () => {
        for (const part of [nginx, ...instances, redis])
            await part.stop();
    };
    return { name, port: nginx.port, instances, stop, sequential: [], burst: [] };
}

/* Milliseconds from io.connect to the event, or Infinity. */
function connectOnce(port) {
    return new Promise((resolve) => {
        const start = performance.now();
        const client = begin(port, OPTIONS);
        const done = (ms) => {
            clearTimeout(timer);
            leave(client);
            resolve(ms);
        };
        const timer = setTimeout(done, GIVE_UP_MS, Infinity);
        client.once('server', () => done(performance.now() - start));
    });
}

async function sequential(port, n) {
    const times = [];
    for (let i = 0; i < n; i++)
        times.push(await connectOnce(port));
    return times;
}

async function bursts(port, n) {
    const times = [];
    while (times.length < n) {
        const size = Math.min(BURST, n - times.length);
        times.push(...await Promise.all(Array.from({ length: size }, () => connectOnce(port))));
    }
    return times;
}

/* Times of a cluster that has lost an instance would say nothing. */
function assertWhole({ name, instances }) {
    for (const { program } of instances) {
        if (program.status !== null)
            throw new Error(`an instance of ${name} has ended:\n${program.tail()}`);
    }
}

async function measure(clusters) {
    for (const cluster of clusters)      /* warm both up, unmeasured */
        await sequential(cluster.port, 10);
    for (let round = 0; round < ROUNDS; round++) {
        const share = Math.ceil(CLIENTS / ROUNDS);
        for (const cluster of clusters) {
            cluster.sequential.push(...await sequential(cluster.port, share));
            cluster.burst.push(...await bursts(cluster.port, share));
            assertWhole(cluster);
        }
    }
}

function row(name, times) {
    const sorted = [...times].sort((a, b) => a - b);
    const at = (fraction) =>
        sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))];
    const ms = (value) => (Number.isFinite(value) ? value.toFixed(1) : '-').padStart(8);
    const stragglers = times.filter((t) => t >= STRAGGLER_MS && Number.isFinite(t)).length;
    const failed = times.filter((t) => !Number.isFinite(t)).length;
    return `${name.padEnd(32)}${String(times.length).padStart(7)}${ms(at(0.5))}${ms(at(0.95))}` +
        `${ms(sorted[sorted.length - 1])}${String(stragglers).padStart(12)}` +
        `${String(failed).padStart(8)}`;
}

function report(clusters) {
    console.log('io.connect to the "server" event through nginx, milliseconds\n');
    console.log(`${''.padEnd(32)}clients     p50     p95     max  stragglers  failed`);
    for (const kind of ['sequential', 'burst']) {
        for (const cluster of clusters) {
            const label = kind === 'burst' ? `bursts of ${BURST}` : 'one by one';
            console.log(row(`${label}, ${cluster.name}`, cluster[kind]));
        }
    }
}

async function main() {
    const clusters = [await startCluster('Node 0.9.16 x 2', startNode),
        await startCluster('siobroker x 2', startOurs)];
    try {
        await measure(clusters);
    } finally {
        for (const cluster of clusters)
            await cluster.stop();
    }
    report(clusters);
}

main();
