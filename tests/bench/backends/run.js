'use strict';
/*
 * tests/bench/backends/run.js - what does an application behind the broker cost, beside the same on
 * socket.io 4.8, in one process?
 *
 *   node tests/bench/backends/run.js [--server NAME=PROGRAM]... [ROUNDS [ROW]...]
 *
 * By default three rounds, all rows, and build/siobroker; with several programs each takes its turn
 * in each round, so that ratios may be compared. Processor time of all processes added: the broker
 * and the backend, which share one processor, and are called by signed webhooks; in brackets, that
 * of the broker alone. Needs build/bench/load ("make bench" builds it), redis-server, and the npm
 * packages of the tests.
 */

const path = require('node:path');
const { parseArgs } = require('node:util');
const { ROOT, choose } = require('../lib/contestants.js');
const { CPU, measure, pinSelf, pinned } = require('../lib/measure.js');
const { median } = require('../lib/report.js');
const { KEY, apiOf, findApi } = require('../../lib/api.js');
const { SECRET, ENV } = require('../../lib/backend.js');
const { freePort } = require('../../lib/program.js');
const { Broker, writeConfig } = require('../../lib/server.js');
const { measureApi, measureAsk, measureCommands, measureEvents, measureMemory, measureToken } =
    require('./broker-rows.js');

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
    ['delivery, 1,000 receivers, x4', ['fan-out', '--connections', 1000, '--outstanding', 4]],
    ['new connection, decided', ['connect', '--connections', 1000]],
    ['latency, echo, idle', ['echo', '--connections', 1]],
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
    return { running: { port: broker.port, pids: [broker.program.pid, backend.pid] },
        async stop() {
            await broker.program.stop('SIGKILL');
            await backend.stop('SIGKILL');
        } };
}

/* What a row shows: [us of all processes, us of the broker], or [us that a client waits]. */
const figuresOf = (title, { cpu_per_operation: all, cpu_of_first: broker, latency }) =>
    (title.startsWith('latency') ? [latency.p50] : [all, broker]);

async function costBehind(backend, title, args) {
    const { running, stop } = await startBehind(backend);
    try {
        const contestant = { name: backend.title, client: 'eio4', running };
        return figuresOf(title, await measure(contestant, ALONE, args, TIMING));
    } finally {
        await stop();
    }
}

const costOfNode = async (node, title, args) =>
    figuresOf(title, await measure(node, ALONE, args, TIMING));

/* "168.0 (48.2)", of rounds of such figures. */
function showMedians(rounds) {
    const [all, broker] = [0, 1].map((i) => median(rounds.map((figures) => figures[i])));
    return all.toFixed(1) + (broker === undefined ? '' : ` (${broker.toFixed(1)})`);
}

async function compare(node) {
    const titles = ['socket.io 4.8', ...BACKENDS.map(({ title }) => title)];
    console.log('\nus of CPU, all processes'.padEnd(35) +
        titles.map((title) => title.padStart(WIDTH)).join(''));
    for (const [title, args] of WORKS) {
        const rounds = [];
        while (rounds.length < ROUNDS) {
            process.stderr.write(`round ${rounds.length + 1} of ${ROUNDS}: ${title}\n`);
            const costs = [await costOfNode(node, title, args)];
            for (const backend of BACKENDS)
                costs.push(await costBehind(backend, title, args));
            rounds.push(costs);
        }
        console.log(title.padEnd(34) + titles.map((_, i) =>
            showMedians(rounds.map((costs) => costs[i])).padStart(WIDTH)).join(''));
    }
}

/* --- What needs no rival. --- */

const ALONE_ROWS = { API: measureApi, ask: measureAsk, 'stream: commands': measureCommands,
    'stream: events': measureEvents, token: measureToken, memory: measureMemory };

async function measureAlone() {
    for (const [kind, measureRow] of Object.entries(ALONE_ROWS)) {
        if (!isWanted(kind))
            continue;
        const rows = PROGRAMS.map(() => []);
        for (let round = 0; round < ROUNDS; round++)
            for (const [i, [, program]] of PROGRAMS.entries()) {
                process.stderr.write(`round ${round + 1} of ${ROUNDS}: ${kind}\n`);
                rows[i].push(await measureRow(program));
            }
        for (const title of Object.keys(rows[0][0]))
            console.log(title.padEnd(34) + rows.map((all) => {
                const value = median(all.map((row) => row[title][0]));
                return `${value.toFixed(2)} ${all[0][title][1]}`.padStart(WIDTH);
            }).join(''));
    }
}

async function main() {
    pinSelf();
    await measureAlone();
    const [node] = choose(['node48']);
    if (node && WORKS.length > 0)
        await compare(node);
}

main().then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
});
