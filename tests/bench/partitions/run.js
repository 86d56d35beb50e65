'use strict';
/*
 * run.js - what a broadcast to a room costs that concerns one of many instances: with every
 * instance hearing all, and with "broadcast partitions". Rounds of both take turns, on one Redis
 * each, so that a busy machine slows both alike; and what is told is processor time, not time.
 *
 *     node tests/bench/partitions/run.js [--instances 2,8,32] [--partitions 256]
 *                                        [--messages 2000] [--rounds 5]
 *
 * The speaker and the only member are at the first instance; each of the others has one client that
 * is in no room. Beats of the instances are in the figures.
 *
 * commands, bytes   what Redis did and sent for each broadcast
 * Redis             its processor time for each
 * speaker           that of the first instance
 * unconcerned       that of another one, the mean of all of them
 * cluster           that of Redis and all instances together
 */

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const ROOT = path.resolve(__dirname, '../../..');
process.env.CONTRACT_SERVER =
    process.env.CONTRACT_SERVER || path.join(ROOT, 'build/contract-server');

const { eventually } = require('../../lib/deadline.js');
const { startBroker } = require('../../lib/server.js');
const { startRedis } = require('../../lib/services.js');
const sio = require('../../lib/sio09.js');
const ws = require('../../lib/ws.js');

const { values } = parseArgs({ options: {
    instances: { type: 'string', default: '2,8,32' },
    partitions: { type: 'string', default: '256' },
    messages: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '5' },
} });
const MESSAGES = Number(values.messages);
const ROUNDS = Number(values.rounds);
const UNDER_WAY = 64;
const ROOM = 'only on the first';

/* A websocket of 0.9 that counts what it hears. */
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
            if (/"name":"(room|broadcast)"/.test(frame.payload.toString()))
                this.heard++;
        }
        if (this.onEvent)
            this.onEvent();
    }

    emit(name, ...args) {
        this.socket.text(`5:::${JSON.stringify({ name, args })}`);
    }

    destroy() {
        this.socket.destroy();
    }
}

/* --- What has been done so far. --- */

/* Of the main thread, in microseconds. */
const processorOf = ({ program }) =>
    Number(fs.readFileSync(`/proc/${program.pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;

async function workOf({ redis, instances }) {
    const stats = await redis.command('INFO', 'stats');
    const field = (name) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)[1]);
    return { commands: field('total_commands_processed'), bytes: field('total_net_output_bytes'),
        redis: processorOf(redis), processors: instances.map(processorOf) };
}

function costOf(was, is) {
    const each = is.processors.map((us, i) => (us - was.processors[i]) / MESSAGES);
    const others = each.slice(1).reduce((sum, us) => sum + us, 0);
    const redis = (is.redis - was.redis) / MESSAGES;
    return {
        commands: (is.commands - was.commands) / MESSAGES,
        bytes: (is.bytes - was.bytes) / MESSAGES,
        redis,
        speaker: each[0],
        unconcerned: others / (each.length - 1),
        cluster: redis + each[0] + others,
    };
}

/* --- A cluster. --- */

async function startCluster(n, partitions) {
    const redis = await startRedis();
    const instances = await Promise.all(Array.from({ length: n }, (_, i) => startBroker({
        contract: true, args: ['--redis', redis.url, '--name', `Server${i + 1}`],
        config: { 'broadcast partitions': partitions } })));
    await Promise.all(instances.map((instance) => eventually(
        async () => (await instance.counters()).peers === n - 1, 'each knows all', 60000)));
    const clients = await Promise.all(instances.map(({ port }) => Client.connect(port)));
    const speaker = await Client.connect(instances[0].port);
    clients[0].emit('join', ROOM);
    const cluster = { redis, instances, clients, speaker,
        stop: async () => {
            for (const client of [...clients, speaker])
                client.destroy();
            await Promise.all(instances.map((instance) => instance.stop()));
            await redis.stop();
        } };
    if (partitions > 0)
        await agreed(cluster);
    return cluster;
}

/* Until broadcasts to rooms go to partitions. */
function agreed({ instances: [first], speaker }) {
    return eventually(async () => {
        speaker.emit('room', 'nobody', 0);
        return (await first.counters()).partition_casts > 0;
    }, 'rooms are spread', 60000);
}

/* Keep some broadcasts between the speaker and the member, until all are heard. */
async function speak({ clients: [member], speaker }) {
    const end = member.heard + MESSAGES;
    let sent = member.heard;
    await new Promise((resolve) => {
        member.onEvent = () => {
            while (sent < end && sent < member.heard + UNDER_WAY)
                speaker.emit('room', ROOM, sent++);
            if (member.heard >= end)
                resolve();
        };
        member.onEvent();
    });
    member.onEvent = undefined;
}

/* A word to everyone is behind all that was said before. */
async function settle({ clients, speaker }) {
    const before = clients.map(({ heard }) => heard);
    speaker.emit('broadcast', 0);
    await eventually(() => clients.every(({ heard }, i) => heard > before[i]), 'all hear', 60000);
}

async function round(cluster) {
    await settle(cluster);
    const was = await workOf(cluster);
    await speak(cluster);
    await settle(cluster);
    return costOf(was, await workOf(cluster));
}

/* --- The whole. --- */

function median(results, name) {
    const sorted = results.map(({ [name]: value }) => value).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}

const COLUMNS = [['commands', 2], ['bytes', 0], ['redis', 1], ['speaker', 1], ['unconcerned', 2],
    ['cluster', 1]];

function report(n, partitions, results) {
    const cells = COLUMNS.map(([name, digits]) =>
        median(results, name).toFixed(digits).padStart(13));
    console.log(`${String(n).padStart(9)} ${String(partitions || 'all').padStart(11)}` +
        cells.join(''));
}

async function compare(n) {
    const settings = [0, Number(values.partitions)];
    const clusters = [];
    try {
        for (const partitions of settings)
            clusters.push(await startCluster(n, partitions));
        const results = clusters.map(() => []);
        for (let i = 0; i <= ROUNDS; i++) {
            for (const [k, cluster] of clusters.entries()) {
                const result = await round(cluster);
                if (i > 0)      /* the first one warms up */
                    results[k].push(result);
            }
        }
        settings.forEach((partitions, k) => report(n, partitions, results[k]));
    } finally {
        await Promise.all(clusters.map((cluster) => cluster.stop()));
    }
}

async function main() {
    /* The connections of tests/lib do not keep us running. */
    const awake = setInterval(() => {}, 1000);
    console.log('instances       heard' +
        COLUMNS.map(([name]) => name.padStart(13)).join(''));
    try {
        for (const n of values.instances.split(','))
            await compare(Number(n));
    } finally {
        clearInterval(awake);
    }
}

main();
