'use strict';
/*
 * run.js - what a second instance costs: two real Node 0.9.16 processes with RedisStore, or two of
 * ours, on one Redis each. Rounds of both take turns, so that a busy machine slows both alike.
 *
 *     node tests/bench/cluster/run.js [--rounds 5] [--messages 2000] [--sessions 200]
 *
 * latency     a client of A broadcasts, one message at a time; when does a client of B have it, and
 *             how much later than another client of A?
 * throughput  the same with 64 messages under way, counted at B
 * no member   the same to a room that B has no member of: processor time of B for each message
 * commands    what Redis did for each session (a websocket comes and goes) and each broadcast
 */

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { parseArgs } = require('node:util');

const ROOT = path.resolve(__dirname, '../../..');
process.env.CONTRACT_SERVER =
    process.env.CONTRACT_SERVER || path.join(ROOT, 'build/contract-server');

const { eventually } = require('../../lib/deadline.js');
const { Program } = require('../../lib/program.js');
const { startBroker } = require('../../lib/server.js');
const { startRedis } = require('../../lib/services.js');
const sio = require('../../lib/sio09.js');
const ws = require('../../lib/ws.js');

const { values } = parseArgs({ options: {
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '2000' },
    sessions: { type: 'string', default: '200' },
} });
const ROUNDS = Number(values.rounds);
const MESSAGES = Number(values.messages);
const SESSIONS = Number(values.sessions);
const UNDER_WAY = 64;

async function startNode(args) {
    const file = path.join(ROOT, 'tests/lib/reference-contract.js');
    const program = new Program(process.execPath, [file, '--port', '0', ...args]);
    const match = await program.said(/listening on .*port (\d+)/);
    return { port: Number(match[1]), program, stop: () => program.stop() };
}

const startOurs = (args) => startBroker({ contract: true, args });

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/* --- Clients: websockets that count. --- */

class Client {
    static async connect(port) {
        const client = new Client();
        client.socket = await sio.connect(port);
        client.arrivals = [];       /* of numbered events: when */
        client.socket.watch(() => client.read());
        return client;
    }

    read() {
        for (let frame; (frame = ws.parseFrame(this.socket.received)) !== undefined;) {
            this.socket.take(frame.raw.length);
            const match = /^5:::\{"name":"(?:broadcast|room)","args":\[(?:"[^"]*",)?(\d+)\]\}$/
                .exec(frame.payload.toString());
            if (match)
                this.arrivals[Number(match[1])] = performance.now();
        }
        if (this.onEvent)
            this.onEvent();
    }

    emit(name, args) {
        this.socket.text(`5:::${JSON.stringify({ name, args })}`);
    }

    has(n) {
        return eventually(() => this.arrivals.length >= n, `${n} messages`, 60000);
    }

    clear() {
        this.arrivals = [];
    }

    destroy() {
        this.socket.destroy();
    }
}

/* --- What Redis and a process have done so far. --- */

function redisCommands(port) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.write('INFO stats\r\n'));
        let text = '';
        socket.on('data', (bytes) => {
            text += bytes;
            const match = /total_commands_processed:(\d+)\r\n/.exec(text);
            if (match) {
                socket.destroy();
                resolve(Number(match[1]));
            }
        });
        socket.on('error', reject);
    });
}

/* Of its main thread. */
function processorMicroseconds({ program }) {
    return Number(fs.readFileSync(`/proc/${program.pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
}

/* --- Measurements of one cluster. --- */

async function oneByOne({ speaker, local, remote }) {
    const results = { remote: [], added: [] };
    for (const client of [local, remote])
        client.clear();
    for (let i = 0; i < MESSAGES / 4; i++) {
        const start = performance.now();
        speaker.emit('broadcast', [i]);
        await new Promise((resolve) => {
            local.onEvent = remote.onEvent = () => {
                if (local.arrivals.length > i && remote.arrivals.length > i)
                    resolve();
            };
        });
        results.remote.push(remote.arrivals[i] - start);
        results.added.push(remote.arrivals[i] - local.arrivals[i]);
    }
    local.onEvent = remote.onEvent = undefined;
    return results;
}

/* Keep UNDER_WAY messages between the speaker and the counter; returns messages in a second. */
async function manyAtOnce({ speaker }, counter, name, args) {
    const start = performance.now();
    let sent = 0;
    counter.clear();
    await new Promise((resolve) => {
        counter.onEvent = () => {
            while (sent < MESSAGES && sent < counter.arrivals.length + UNDER_WAY)
                speaker.emit(name, [...args, sent++]);
            if (counter.arrivals.length >= MESSAGES)
                resolve();
        };
        counter.onEvent();
    });
    counter.onEvent = undefined;
    return MESSAGES / ((performance.now() - start) / 1000);
}

/* A member on A counts; B has none. */
async function withoutMember(cluster) {
    const before = processorMicroseconds(cluster.instances[1]);
    await manyAtOnce(cluster, cluster.local, 'room', ['only on A']);
    return (processorMicroseconds(cluster.instances[1]) - before) / MESSAGES;
}

async function comeAndGo({ instances }) {
    for (let i = 0; i < SESSIONS; i++) {
        const { id } = await sio.handshake(instances[i % 2].port);
        await pause(20);        /* without it Node refuses some */
        const socket = await sio.upgrade(instances[(i >> 1) % 2].port, id);
        while (!(await socket.message()).includes('"name":"server"'))
            ;
        socket.destroy();
    }
    await pause(300);           /* commands of the last ones */
}

async function commandsFor(cluster, n, work) {
    const before = await redisCommands(cluster.redis.port);
    await work();
    return (await redisCommands(cluster.redis.port) - before) / n;
}

async function round(cluster, into) {
    const { remote, added } = await oneByOne(cluster);
    into.remote.push(...remote);
    into.added.push(...added);
    into.perBroadcast.push(await commandsFor(cluster, MESSAGES, async () =>
        into.rate.push(await manyAtOnce(cluster, cluster.remote, 'broadcast', []))));
    into.withoutMember.push(await withoutMember(cluster));
    into.perSession.push(await commandsFor(cluster, SESSIONS, () => comeAndGo(cluster)));
}

/* --- The whole. --- */

const noFigures = () =>
    ({ remote: [], added: [], rate: [], withoutMember: [], perSession: [], perBroadcast: [] });

async function startCluster(name, start) {
    const redis = await startRedis();
    const instances = [];
    for (const instance of ['Server1', 'Server2'])
        instances.push(await start(['--name', instance, '--redis', redis.url]));
    const speaker = await Client.connect(instances[0].port);
    const local = await Client.connect(instances[0].port);
    const remote = await Client.connect(instances[1].port);
    local.emit('join', ['only on A']);
    return { name, redis, instances, speaker, local, remote,
        figures: noFigures(),
        stop: async () => {
            for (const client of [speaker, local, remote])
                client.destroy();
            for (const part of [...instances, redis])
                await part.stop();
        } };
}

const at = (values_, fraction) => {
    const sorted = [...values_].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))];
};

function report(clusters) {
    const rows = [
        ['broadcast to the other instance, ms p50', ({ remote }) => at(remote, 0.5).toFixed(2)],
        ['                                     p99', ({ remote }) => at(remote, 0.99).toFixed(2)],
        ['later than on the same instance, ms p50', ({ added }) => at(added, 0.5).toFixed(2)],
        ['                                     p99', ({ added }) => at(added, 0.99).toFixed(2)],
        ['messages a second, median', ({ rate }) => at(rate, 0.5).toFixed(0)],
        ['                    lowest round', ({ rate }) => at(rate, 0).toFixed(0)],
        ['us of processor for a room without member', (f) => at(f.withoutMember, 0.5).toFixed(1)],
        ['Redis commands for a session', ({ perSession }) => at(perSession, 0.5).toFixed(1)],
        ['Redis commands for a broadcast', (f) => at(f.perBroadcast, 0.5).toFixed(2)],
    ];
    console.log(''.padEnd(44) + clusters.map(({ name }) => name.padStart(18)).join(''));
    for (const [label, value] of rows)
        console.log(label.padEnd(44) +
            clusters.map(({ figures }) => value(figures).padStart(18)).join(''));
}

async function main() {
    /* The connections of tests/lib do not keep us running. */
    const awake = setInterval(() => {}, 1000);
    const clusters = [await startCluster('Node 0.9.16 x 2', startNode),
        await startCluster('siobroker x 2', startOurs)];
    try {
        for (let i = 0; i <= ROUNDS; i++) {
            for (const cluster of clusters) {
                await round(cluster, i === 0 ? noFigures() : cluster.figures); /* warms up */
            }
            process.stderr.write(`round ${i} of ${ROUNDS}\r`);
        }
        report(clusters);
    } finally {
        clearInterval(awake);
        for (const cluster of clusters)
            await cluster.stop();
    }
}

main();
