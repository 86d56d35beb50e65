'use strict';
/*
 * clients.js - how long does each generation of clients wait for its first event? Real clients,
 * each by each of its ways, directly at each of the given servers: from io() to the `server` event.
 *
 *     node tests/bench/connect-time/clients.js [--clients 300] [--rounds 10] \
 *         --server before=/path/to/siobroker --server after=build/siobroker
 *
 * Clients come one after the other. Rounds of all servers take turns, so that a busy machine slows
 * all alike; p50 of a ratio is that of the rounds' own ones. A server is a program with the command
 * line of siobroker; the default is build/siobroker.
 */

const path = require('node:path');
const { parseArgs } = require('node:util');

const ROOT = path.resolve(__dirname, '../../..');

const modern = require('../../lib/modern.js');
const { startBroker } = require('../../lib/server.js');

const CLIENTS = [['0.9.16'], ['2.5.0', 'polling'], ['2.5.0', 'upgrade'], ['2.5.0', 'websocket'],
    ['4.8.4', 'polling'], ['4.8.4', 'upgrade'], ['4.8.4', 'websocket']];

const { values } = parseArgs({ options: {
    clients: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '10' },
    server: { type: 'string', multiple: true,
        default: [`siobroker=${path.join(ROOT, 'build/siobroker')}`] },
} });
const ROUNDS = Number(values.rounds);
const SHARE = Math.ceil(Number(values.clients) / ROUNDS);

async function connectOnce(port, [version, way]) {
    const start = performance.now();
    const client = modern.begin(port, { version, way });
    await client.next('server');
    const ms = performance.now() - start;
    modern.leave(client);
    return ms;
}

function quantile(numbers, fraction) {
    const sorted = [...numbers].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))];
}

async function measure(servers) {
    const rounds = CLIENTS.map(() => servers.map(() => []));
    for (let round = -1; round < ROUNDS; round++)       /* the first one warms up */
        for (const [c, client] of CLIENTS.entries())
            for (const [s, { port }] of servers.entries()) {
                const times = [];
                for (let i = 0; i < SHARE; i++)
                    times.push(await connectOnce(port, client));
                if (round >= 0)
                    rounds[c][s].push(times);
            }
    return rounds;
}

function report(servers, rounds) {
    console.log('io() to the "server" event, milliseconds\n');
    console.log(`${''.padEnd(20)}${'server'.padEnd(16)}    p50     p95   ratio of p50`);
    for (const [c, client] of CLIENTS.entries())
        for (const [s, { name }] of servers.entries()) {
            const all = rounds[c][s].flat();
            const ratios = rounds[c][s].map((times, round) =>
                quantile(times, 0.5) / quantile(rounds[c][0][round], 0.5));
            const number = (value) => value.toFixed(2).padStart(7);
            console.log(`${client.join(' ').padEnd(20)}${name.padEnd(16)}` +
                `${number(quantile(all, 0.5))} ${number(quantile(all, 0.95))} ` +
                `${number(quantile(ratios, 0.5))}`);
        }
}

async function main() {
    const servers = [];
    for (const server of values.server) {
        const [name, file] = server.split('=');
        const broker = await startBroker({ file: path.resolve(file) });
        servers.push(Object.assign(broker, { name }));
    }
    try {
        report(servers, await measure(servers));
    } finally {
        for (const server of servers)
            await server.stop();
    }
}

main().then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
});
