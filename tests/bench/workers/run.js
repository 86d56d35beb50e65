'use strict';
/*
 * run.js - what workers cost: the processor time of all of them for an echo, a delivery and a
 * relayed broadcast, how many messages a second go from one to another, and their memory. Beside
 * them two instances with a Redis between them. Rounds take turns.
 *
 *     node tests/bench/workers/run.js [--workers 1,2,4] [--rounds 3] [--messages 20000]
 *
 * echo       100 websockets, one message under way on each
 * delivery   a broadcast to 200 websockets that are spread over all workers, for each of them
 * relay      a broadcast to one client of each worker, as many as there are workers
 * rate       the same between two workers, 64 under way, in a second
 * memory     of a worker that has no client: its own (private), and its share of all (PSS)
 */

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const ROOT = path.resolve(__dirname, '../../..');
process.env.CONTRACT_SERVER =
    process.env.CONTRACT_SERVER || path.join(ROOT, 'build/contract-server');

const { eventually } = require('../../lib/deadline.js');
const { childrenOf } = require('../../lib/program.js');
const { startBroker } = require('../../lib/server.js');
const { startRedis } = require('../../lib/services.js');
const { WorkerPorts } = require('../../lib/worker-ports.js');
const sio = require('../../lib/sio09.js');
const ws = require('../../lib/ws.js');

const { values } = parseArgs({ options: {
    workers: { type: 'string', default: '1,2,4' },
    rounds: { type: 'string', default: '3' },
    messages: { type: 'string', default: '20000' },
} });
const ROUNDS = Number(values.rounds);
const MESSAGES = Number(values.messages);
const ECHOING = 100, RECEIVING = 200, UNDER_WAY = 64;
const CONFIG = { 'flash policy server': false };

/* --- Clients: websockets that count. --- */

class Client {
    static async connect(port) {
        const client = new Client();
        client.socket = await sio.connect(port);
        client.heard = 0;
        client.socket.watch(() => client.read());
        return client;
    }

    read() {
        for (let frame; (frame = ws.parseFrame(this.socket.received)) !== undefined;) {
            this.socket.take(frame.raw.length);
            const text = frame.payload.toString();
            if (text.startsWith('6:::') || text.includes('"name":"broadcast"')) {
                this.heard++;
                this.onMessage?.();
            }
        }
    }

    say(packet) {
        this.socket.text(packet);
    }

    destroy() {
        this.socket.destroy();
    }
}

const connect = (ports, n) => Promise.all(Array.from({ length: n },
    (_, i) => Client.connect(ports[i % ports.length])));

/* --- Processes. --- */

/* In microseconds, of all threads. */
function processorTime(pid) {
    return fs.readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + Number(
        fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000, 0);
}

function memory(pid) {
    const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const sum = (...names) => names.reduce((total, name) => total +
        Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]), 0);
    return { own: sum('Private_Clean', 'Private_Dirty') / 1024, share: sum('Pss') / 1024 };
}

class Service {
    /* ports: of each process; spread: where clients of all of them connect. */
    constructor(name, pids, ports, spread, stop) {
        Object.assign(this, { name, pids, ports, spread, stop });
        this.figures = { echo: [], delivery: [], relay: [], rate: [] };
    }

    async cost(n, work) {
        const before = this.pids.reduce((sum, pid) => sum + processorTime(pid), 0);
        await work();
        return (this.pids.reduce((sum, pid) => sum + processorTime(pid), 0) - before) / n;
    }
}

async function startWorkers(n) {
    const broker = await startBroker({ contract: true, config: { ...CONFIG, workers: n } });
    const ports = n > 1 ? await WorkerPorts.start(broker.port, n) : null;
    const pids = n > 1 ? childrenOf(broker.program.pid) : [broker.program.pid];
    const service = new Service(`${n} worker${n > 1 ? 's' : ''}`, pids,
        ports !== null ? ports.ports : [broker.port], [broker.port], async () => {
            ports?.stop();
            await broker.stop();
        });
    service.memory = memory(pids[0]);
    return service;
}

async function startInstances(n) {
    const redis = await startRedis();
    const brokers = [];
    for (let i = 0; i < n; i++)
        brokers.push(await startBroker({ contract: true, config: CONFIG,
            args: ['--redis', redis.url, '--name', `Server${i + 1}`] }));
    for (const broker of brokers)
        await eventually(async () => (await broker.counters()).peers === n - 1, 'they have met');
    const ports = brokers.map(({ port }) => port);
    const service = new Service(`${n} + Redis`, brokers.map(({ program }) => program.pid),
        ports, ports, async () => {
            for (const part of [...brokers, redis])
                await part.stop();
        });
    service.pids.push(redis.program.pid);
    service.memory = memory(service.pids[0]);
    return service;
}

/* --- Measurements. --- */

async function echo(service) {
    const clients = await connect(service.spread, ECHOING);
    let left = MESSAGES;
    const took = await service.cost(MESSAGES, () => new Promise((resolve) => {
        let open = 0;
        for (const client of clients) {
            const next = () => {
                if (left-- > 0)
                    client.say('5:1+::{"name":"echo","args":["0123456789012345678901234567"]}');
                else if (--open === 0)
                    resolve();
            };
            open++;
            client.onMessage = next;
            next();
        }
    }));
    clients.forEach((client) => client.destroy());
    return took;
}

/* One speaks, `n` hear; so many under way. Microseconds of all for each; messages in a second. */
async function broadcast(service, clients, n, underWay) {
    const [speaker] = clients;
    let sent = 0;
    const slowest = () => clients.reduce((least, { heard }) => Math.min(least, heard), Infinity);
    clients.forEach((client) => {
        client.heard = 0;
    });
    const start = performance.now();
    const took = await service.cost(n, () => new Promise((resolve) => {
        const go = () => {
            const done = slowest();
            while (sent < n && sent < done + underWay)
                speaker.say(`5:::{"name":"broadcast","args":[${sent++}]}`);
            if (done >= n)
                resolve();
        };
        clients.forEach((client) => {
            client.onMessage = go;
        });
        go();
    }));
    clients.forEach((client) => {
        client.onMessage = undefined;
    });
    return { took, rate: n / ((performance.now() - start) / 1000) };
}

async function round(service, into) {
    const all = service.ports;
    into.echo.push(await echo(service));
    const many = await connect(service.spread, RECEIVING);
    const n = Math.ceil(MESSAGES / RECEIVING);
    into.delivery.push((await broadcast(service, many, n, 4)).took / RECEIVING);
    many.forEach((client) => client.destroy());
    const few = await connect(all, all.length);
    into.relay.push((await broadcast(service, few, MESSAGES / 4, 1)).took);
    few.forEach((client) => client.destroy());
    if (all.length < 2)
        return;
    const two = await connect(all.slice(0, 2), 2);
    into.rate.push((await broadcast(service, two, MESSAGES, UNDER_WAY)).rate);
    two.forEach((client) => client.destroy());
}

/* --- The whole. --- */

const median = (list) => (list.length === 0 ? NaN
    : [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]);

function report(services) {
    const rows = [
        ['us for an echo', ({ figures }) => median(figures.echo).toFixed(1)],
        ['us for a delivery', ({ figures }) => median(figures.delivery).toFixed(2)],
        ['us for a broadcast to one client each',
            ({ figures }) => median(figures.relay).toFixed(1)],
        ['messages a second from one to another', ({ figures }) => median(figures.rate).toFixed(0)],
        ['MB of one without clients: its own', (s) => s.memory.own.toFixed(1)],
        ['                           PSS', (s) => s.memory.share.toFixed(1)],
    ];
    console.log(''.padEnd(40) + services.map(({ name }) => name.padStart(14)).join(''));
    for (const [label, value] of rows)
        console.log(label.padEnd(40) +
            services.map((service) => value(service).padStart(14)).join(''));
}

async function main() {
    const awake = setInterval(() => {}, 1000); /* the connections of tests/lib do not keep us */
    const services = [];
    try {
        for (const n of values.workers.split(','))
            services.push(await startWorkers(Number(n)));
        services.push(await startInstances(2));
        for (let i = 0; i <= ROUNDS; i++)
            for (const service of services)
                await round(service, i === 0 ? { echo: [], delivery: [], relay: [], rate: [] }
                    : service.figures);
        report(services);
    } finally {
        clearInterval(awake);
        for (const service of services)
            await service.stop();
    }
}

main();
