'use strict';
/*
 * tests/bench/backends/run.js - what does an application behind the broker cost, beside the same on
 * socket.io 4.8, in one process?
 *
 *   node tests/bench/backends/run.js [--server NAME=PROGRAM]... [ROUNDS [ROW]...]
 *
 * By default three rounds, all rows, and build/siobroker; with several programs each takes its turn
 * in each round, so that ratios may be compared. Processor time of all processes added: the broker
 * and the backend, which share one processor, and are called by signed webhooks. Needs
 * build/bench/load ("make bench" builds it), redis-server, and the npm packages of the tests.
 */

const path = require('node:path');
const { parseArgs } = require('node:util');
const { ROOT, choose } = require('../lib/contestants.js');
const { CPU, measure, pinSelf, pinned } = require('../lib/measure.js');
const { median } = require('../lib/report.js');
const { Api } = require('../../../client-demo/backends/node/lib/api.js');
const { KEY, apiOf, findApi } = require('../../lib/api.js');
const { SECRET, ENV } = require('../../lib/backend.js');
const { freePort, processorMs } = require('../../lib/program.js');
const { Broker, writeConfig } = require('../../lib/server.js');

const { values: { server: servers }, positionals: [rounds, ...only] } = parseArgs({
    options: { server: { type: 'string', multiple: true,
        default: [`=${path.join(ROOT, 'build/siobroker')}`] } },
    allowPositionals: true,
});
const ROUNDS = Number(rounds || 3);
const PROGRAMS = servers.map((text) => /^([^=]*)=(.*)$/.exec(text).slice(1));
const TIMING = ['--seconds', 2, '--warmup', 1];
const ALONE = { instances: 1 };
const WIDTH = 26;

const isWanted = (title) => only.length === 0 || only.some((part) => title.includes(part));
const WORKS = [
    ['echo, 100 connections', ['echo', '--connections', 100]],
    ['echo, 1,000 connections', ['echo', '--connections', 1000]],
    ['delivery, 1,000 receivers', ['fan-out', '--connections', 1000]],
    ['new connection, decided', ['connect', '--connections', 1000]],
].filter(([title]) => isWanted(title));
const KINDS = [
    ['webhook, 1 event', 'receiver.js', 1],
    ['webhook, up to 50', 'receiver.js', 50],
    ['module for Node', 'application.js', 50],
];
const BACKENDS = KINDS.flatMap(([title, script, maxBatch]) => PROGRAMS.map(([name, program]) =>
    ({ title: [name, title].join(' ').trim(), script, maxBatch, program })));

/* The two processes, and what ends them. */
async function startBehind({ script, maxBatch, program }) {
    const port = await freePort();
    const config = writeConfig({ name: 'Server1', api: apiOf(), backends: [{ name: 'app',
        urls: [`http://127.0.0.1:${port}/siobroker`], 'max batch': maxBatch,
        secret: 'env:HOOK_SECRET' }] });
    const broker = new Broker('taskset', ['-c', String(CPU.server(0)), program, '--port', '0',
        '--config', config], { env: { ...process.env, ...ENV } });
    const api = await findApi(broker);
    const backend = pinned(CPU.server(0), [process.execPath, path.join(__dirname, script), port],
        { env: { ...process.env, NODE_ENV: 'production', HOOK_SECRET: SECRET,
            SIOBROKER_SECRET: SECRET, SIOBROKER_KEY: KEY,
            SIOBROKER_API: `http://127.0.0.1:${api}` } });
    await backend.said(/serving/);
    await broker.listening();
    return { api, running: { port: broker.port, pids: [broker.program.pid, backend.pid] },
        async stop() {
            await broker.program.stop('SIGKILL');
            await backend.stop('SIGKILL');
        } };
}

async function costBehind(backend, args) {
    const { running, stop } = await startBehind(backend);
    try {
        const contestant = { name: backend.title, client: 'eio4', running };
        return (await measure(contestant, ALONE, args, TIMING)).cpu_per_operation;
    } finally {
        await stop();
    }
}

const costOfNode = async (node, args) =>
    (await measure(node, ALONE, args, TIMING)).cpu_per_operation;

async function compare(node) {
    const titles = ['socket.io 4.8', ...BACKENDS.map(({ title }) => title)];
    console.log(`us of CPU, all processes          ${titles.map((t) => t.padStart(WIDTH)).join('')}`);
    for (const [title, args] of WORKS) {
        const rounds = [];
        while (rounds.length < ROUNDS) {
            process.stderr.write(`round ${rounds.length + 1} of ${ROUNDS}: ${title}\n`);
            const costs = [await costOfNode(node, args)];
            for (const backend of BACKENDS)
                costs.push(await costBehind(backend, args));
            rounds.push(costs);
        }
        console.log(title.padEnd(34) + titles.map((_, i) =>
            median(rounds.map((costs) => costs[i])).toFixed(1).padStart(WIDTH)).join(''));
    }
}

/* --- The API: what a command costs the broker, by itself and among others. --- */

const EMIT = { to: 'nobody', name: 'news', args: ['Hello'] };
const BATCH = { commands: Array(100).fill({ do: 'emit', ...EMIT }) };

/* us of the broker for each command: n requests, eight at a time on kept connections. */
async function costOfApi(name, command, n, perRequest) {
    const { api: port, running: { pids: [pid] }, stop } = await startBehind(BACKENDS[0]);
    const api = new Api(`http://127.0.0.1:${port}`, KEY);
    const text = JSON.stringify(command);
    const send = async (count) => {
        for (let i = 0; i < count; i++)
            await api.post(name, text);
    };
    await send(100);
    const before = processorMs(pid);
    await Promise.all(Array.from({ length: 8 }, () => send(n / 8)));
    const us = 1000 * (processorMs(pid) - before) / n / perRequest;
    api.end();
    await stop();
    return us;
}

async function measureApi() {
    console.log('\nus of CPU of the broker');
    for (const [title, ...work] of [['API: emit', 'emit', EMIT, 16000, 1],
        ['API: emit, 100 in a batch', 'batch', BATCH, 1600, 100]].filter(([t]) => isWanted(t))) {
        const costs = [];
        while (costs.length < ROUNDS)
            costs.push(await costOfApi(...work));
        console.log(title.padEnd(34) + median(costs).toFixed(2).padStart(WIDTH));
    }
}

async function main() {
    pinSelf();
    await measureApi();
    const [node] = choose(['node48']);
    if (node)
        await compare(node);
}

main().then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
});
