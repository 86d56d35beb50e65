'use strict';
/*
 * tests/bench/flat/run.js - does a server get slower, or larger, with what it has to do or has
 * done?
 *
 *   node tests/bench/flat/run.js [ROUNDS]      (default 3)
 *
 * Beside the yardstick of "make bench", in rounds that take turns:
 *   - the cost of a delivery from 100 to 10,000 receivers;
 *   - what the others notice of one receiver of 1,000 that stops to read;
 *   - the cost of an echo and of a delivery before and after 100,000 sessions and 10,000 rooms have
 *     come and gone, and the memory that is left after that.
 */

const { choose } = require('../lib/contestants.js');
const { measure, pinSelf, startServer } = require('../lib/measure.js');
const { median } = require('../lib/report.js');
const { eventually } = require('../../lib/deadline.js');
const { residentBytes } = require('../../lib/program.js');
const { Pool, makeRoamer } = require('../../lib/roamer.js');

const ROUNDS = Number(process.argv[2] || 3), SLOW_ROUNDS = 2 * ROUNDS;     /* p99 varies more */
const TIMING = ['--seconds', 2, '--warmup', 1];
/* The kernel may take long to notice that a paused receiver reads again. */
const SLOW_TIMING = ['--seconds', 10, '--warmup', 1, '--timeout', 30];
const ECHO = ['echo', '--connections', 100];
const FAN_OUT = ['fan-out', '--outstanding', 4, '--connections'];
const AT_ONCE = 2500, STORMS = 40;          /* 100,000 sessions */
const VISITORS = 20, ROOMS = 500;           /* 10,000 rooms */

const ALONE = { instances: 1 };
const [YARDSTICK, OURS] = choose(['yardstick', 'siobroker']);

function say(text) {
    process.stderr.write(`${text}\n`);
}

async function cpuOf(contestant, args, work = ALONE) {
    const result = await measure(contestant, work, args, TIMING);
    return result.cpu_per_operation;
}

/* One value of look(contestant) for each of the two and each round. */
async function inTurns(title, look) {
    const pairs = [];
    while (pairs.length < ROUNDS) {
        say(`round ${pairs.length + 1} of ${ROUNDS}: ${title}`);
        pairs.push({ yardstick: await look(YARDSTICK), ours: await look(OURS) });
    }
    return pairs;
}

/* ours, the yardstick's, and the median of the ratios */
function line(title, pairs) {
    const of = (name) => median(pairs.map((pair) => pair[name]));
    console.log(`${title.padEnd(44)} ${of('ours').toFixed(2).padStart(9)} ` +
        `${of('yardstick').toFixed(2).padStart(9)} ` +
        `${median(pairs.map(({ ours, yardstick }) => ours / yardstick)).toFixed(2).padStart(6)}`);
}

async function bySize() {
    for (const receivers of [100, 1000, 10000]) {
        const title = `delivery, ${receivers} receivers, us of CPU`;
        line(title, await inTurns(title,
            (contestant) => cpuOf(contestant, [...FAN_OUT, receivers])));
    }
}

/*
 * p99 of a broadcast to 1,000, as a multiple of that without the slow one. So much is sent that it
 * does not fit the buffers of the kernel and the queue.
 */
async function slowReader() {
    const args = [...FAN_OUT, 1000, '--bytes', 16384];
    const look = (...more) => measure(OURS, ALONE, [...args, ...more], SLOW_TIMING);
    const ratios = [], growth = [], outcomes = new Set();
    while (ratios.length < SLOW_ROUNDS) {
        say(`round ${ratios.length + 1} of ${SLOW_ROUNDS}: slow reader`);
        const without = await look(), beside = await look('--slow-reader');
        ratios.push(beside.latency.p99 / without.latency.p99);
        growth.push((beside.rss_peak - without.rss_peak) / 1024);
        outcomes.add(beside.slow_reader);
    }
    console.log(`beside a slow reader: p99 of the others ${median(ratios).toFixed(2)} of that ` +
        `without (${ratios.map((r) => r.toFixed(2)).join(' ')}), memory at its peak ` +
        `${median(growth).toFixed(0)} KiB more; the slow one ${[...outcomes].join(' or ')}`);
}

/* --- Age. --- */

/* The same contestant as a server that runs already. */
async function running(contestant) {
    const server = await startServer(contestant, 0, {});
    return { ...contestant, server, running: { port: server.port, pids: [server.program.pid] } };
}

async function visitRooms(port, visitor) {
    const roamer = makeRoamer([port], 'websocket', { pool: new Pool() });
    await roamer.connect();
    for (let i = 0; i < ROOMS; i++)
        await roamer.ask('join', [`room ${visitor} ${i}`]);
    await roamer.leave();
}

async function live(contestant) {
    for (let i = 1; i <= STORMS; i++) {
        say(`${contestant.title}: ${i * AT_ONCE} of ${STORMS * AT_ONCE} sessions`);
        await measure(contestant, ALONE, ['connect', '--connections', AT_ONCE], []);
    }
    if (contestant.name === 'yardstick')
        return; /* it has one room */
    await Promise.all(Array.from({ length: VISITORS },
        (_, visitor) => visitRooms(contestant.running.port, visitor)));
}

async function costs(contestants, when) {
    const works = [['echo', ECHO], ['delivery, 1,000 receivers', [...FAN_OUT, 1000]]];
    for (const [title, args] of works)
        line(`${title}, us of CPU, ${when}`, await inTurns(`${title}, ${when}`,
            ({ name }) => cpuOf(contestants[name], args)));
}

async function age() {
    const contestants = { yardstick: await running(YARDSTICK), siobroker: await running(OURS) };
    const { pid } = contestants.siobroker.server.program;
    const memory = [residentBytes(pid)];
    await costs(contestants, 'fresh');
    memory.push(residentBytes(pid));
    for (const contestant of Object.values(contestants))
        await live(contestant);
    memory.push(await settled(pid));
    await costs(contestants, 'aged');
    memory.push(await settled(pid));
    console.log(`resident bytes: started ${memory[0]}, after the first costs ${memory[1]}, after ` +
        `${STORMS * AT_ONCE} sessions and ${VISITORS * ROOMS} rooms ${memory[2]}, ` +
        `at the end ${memory[3]}`);
    for (const { server } of Object.values(contestants))
        await server.program.stop('SIGKILL');
}

/* Memory is given back a moment after the connections that needed it have ended. */
async function settled(pid) {
    let last = 0, since = Date.now();
    await eventually(() => {
        const now = residentBytes(pid);
        if (now !== last)
            [last, since] = [now, Date.now()];
        return Date.now() - since > 4000;
    }, 'memory stays as it is', 60000);
    return last;
}

async function main() {
    /* What tests/lib starts does not keep us running. */
    const awake = setInterval(() => {}, 1000);
    try {
        pinSelf();
        console.log(`${''.padEnd(44)} siobroker yardstick  ratio   (medians; rounds: ${ROUNDS})`);
        await bySize();
        await slowReader();
        await age();
    } finally {
        clearInterval(awake);
    }
}

main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
});
