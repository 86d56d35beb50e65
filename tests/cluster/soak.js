#!/usr/bin/env node
'use strict';
/*
 * soak.js - clients of all transports, and the real ones of all generations, come, talk, change
 * rooms and go at a steady rate, through nginx in front of several instances. After a while in
 * peace there are attackers (lib/attackers.js), and one fault after the other: an instance is
 * killed and started again, one is stopped for a second, Redis is killed, its connections are,
 * nginx is told to reload.
 * Everything that is said is counted at everyone who should hear it.
 *
 *     node tests/cluster/soak.js [--minutes 10] [--clients 60] [--real 20] [--instances 3]
 *         [--attackers 3] [--latency 3]
 *
 * What is said while an instance or Redis is away may be lost for clients of other instances, and
 * sessions of a killed instance end. Otherwise nothing may be lost, and nothing ever doubled or out
 * of order (a client whose kept connection nginx closed at its reload loses a request, however).
 * Beside the faults the p99 of an answer may be --latency times that of the time in peace (0: it is
 * not judged). Exit status 1 says that something was not so.
 */

const assert = require('node:assert');
const { parseArgs } = require('node:util');
const { startCluster } = require('../lib/cluster.js');
const { startAttackers } = require('../lib/attackers.js');
const { connectReal, REAL } = require('../lib/real-roamer.js');
const { TRANSPORTS } = require('../lib/roamer.js');
const { residentBytes } = require('../lib/program.js');
const { startNginx } = require('../lib/services.js');

const { values } = parseArgs({ options: {
    minutes: { type: 'string', default: '10' },
    clients: { type: 'string', default: '60' },
    real: { type: 'string', default: '20' },
    instances: { type: 'string', default: '3' },
    attackers: { type: 'string', default: '3' },
    latency: { type: 'string', default: '3' },
} });
const LENGTH_MS = Number(values.minutes) * 60000;
const end = Date.now() + LENGTH_MS;
const CLIENTS = Number(values.clients);
const REAL_CLIENTS = Number(values.real);
const INSTANCES = Number(values.instances);

const SECOND = 1000;
const CONFIG = { 'instance timeout': 2, 'close timeout': 5, 'polling duration': 5 };
const PEACE_MS = Math.min(60 * SECOND, LENGTH_MS / 4);
const PAUSE_MS = Math.min(25 * SECOND, LENGTH_MS / 20);     /* between two faults */
const STOPPED_MS = SECOND;          /* an instance that is not lost for the others */
const AWAY_MS = 4 * SECOND;         /* a killed instance */
const REDIS_AWAY_MS = 2 * SECOND;
const BEFORE_MS = SECOND;           /* what was said so shortly before may still be on its way */
const AFTER_MS = 8 * SECOND;        /* instances find each other again, lost ones are declared */
const JUDGED_MS = 10 * SECOND;      /* after this everything has arrived that will */
const ROOMS = ['red', 'green', 'blue', 'black'];

/* Of a program; none when it has ended. */
function megabytes({ pid, status }) {
    try {
        return status === null ? residentBytes(pid) >> 20 : '-';
    } catch {
        return '-';
    }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const below = (n) => Math.floor(Math.random() * n);
const pick = (list) => list[below(list.length)];

/* --- What happened when. --- */

/* Times in which losses have a cause. An open one has no end yet. */
const windows = [];

function openWindow(cause) {
    const window = { cause, from: Date.now() - BEFORE_MS, to: Infinity };
    windows.push(window);
    return () => { window.to = Date.now() + AFTER_MS; };
}

/* The cause of what went wrong between two moments, or "none". */
function causeOf(from, to) {
    const found = windows.find((window) => window.from <= to && from <= window.to);
    return found ? found.cause : 'none';
}

/* How long each answer took: { from, ms }. */
const answers = [];

function percentile(list, part) {
    const sorted = list.map(({ ms }) => ms).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/* Times in which an answer may take longer, though nothing may be lost. */
const slowTimes = [];

const isSlowTime = ({ from, ms }) => causeOf(from, from + ms) !== 'none' ||
    slowTimes.some(([since, until]) => since <= from + ms && from <= until);

class Ledger {
    constructor() {
        this.rows = new Map();
    }

    row(kind) {
        if (!this.rows.has(kind)) {
            this.rows.set(kind,
                { sent: 0, expected: 0, received: 0, doubled: 0, reordered: 0, lost: {} });
        }
        return this.rows.get(kind);
    }

    lose(kind, what, from, to = Date.now()) {
        const { lost } = this.row(kind);
        const cause = causeOf(from, to);
        lost[cause] = (lost[cause] || 0) + 1;
        if (cause === 'none')
            console.log(`  lost without a cause: ${kind} ${what} ${new Date(from).toISOString()}`);
        return cause;
    }

    sum(column) {
        return [...this.rows.values()].reduce((all, row) => all + row[column], 0);
    }

    lost(cause) {
        return [...this.rows.values()].reduce((all, row) => all + (row.lost[cause] || 0), 0);
    }

    print() {
        const columns = ['sent', 'expected', 'received', 'doubled', 'reordered'];
        const causes = [...new Set([...this.rows.values()].flatMap((row) => Object.keys(row.lost)))]
            .sort();
        const line = (first, cells) => console.log([first.padEnd(16),
            ...cells.map((cell) => String(cell).padStart(14))].join(''));
        line('', [...columns, ...causes.map((cause) => `lost (${cause})`)]);
        for (const [kind, row] of this.rows) {
            line(kind, [...columns.map((column) => row[column]),
                ...causes.map((cause) => row.lost[cause] || 0)]);
        }
    }
}

const ledger = new Ledger();

/* --- Who is there, and what they say. --- */

const present = new Set();          /* talkers */

/* What is said to many: judged later, when all who should have heard it have. */
const utterances = [];

class Talker {
    constructor(roamer) {
        this.roamer = roamer;
        this.since = Date.now();
        this.room = null;           /* { name, since } */
        this.said = 0;
        this.heard = new Map();     /* name of utterance -> how it was heard first */
        this.latest = new Map();    /* speaker -> number of what it said last */
        this.open = 0;              /* questions without an answer */
        roamer.on('event', (name, args) => this.hear(name, args));
    }

    /* What was heard is accounted for at once, so that the roamer need not keep it. */
    hear(name, args) {
        const what = args.at(-1);       /* in a room, its name comes first */
        this.roamer.events.clear();
        if (name === 'left')
            return this.note('left', `left ${args[0]}`, args[1]);
        if (name !== 'broadcast' && name !== 'room')
            return undefined;
        const [speaker, number] = what.split(' ');
        if (this.note(name, what) && Number(number) < (this.latest.get(speaker) || 0))
            ledger.row(name).reordered++;
        return this.latest.set(speaker, Number(number));
    }

    note(kind, what, how = '') {
        const at = `${how && ` (${how})`} at ${new Date().toISOString()}`;
        const isNew = !this.heard.has(what);
        ledger.row(kind)[isNew ? 'received' : 'doubled']++;
        if (isNew)
            this.heard.set(what, at);
        else
            console.log(`  doubled for ${this.roamer}: ${what}${this.heard.get(what)}, then${at}`);
        return isNew;
    }

    /* Ask, and account for the answer. */
    async question(kind, name, args) {
        const asked = Date.now();
        const row = ledger.row(kind);
        row.sent++;
        row.expected++;
        this.open++;
        try {
            await this.roamer.ask(name, args, { ms: 30 * SECOND });
            row.received++;
            answers.push({ from: asked, ms: Date.now() - asked });
            return true;
        } catch {
            ledger.lose(kind, `${name} of ${this.roamer}`, asked);
            return false;
        } finally {
            this.open--;
        }
    }

    async say(kind, room) {
        const what = `${this.roamer.id} ${++this.said}`;
        const utterance = { kind, room, what, from: Date.now(), who: `${this.roamer}` };
        this.roamer.emitEvent(kind, room ? [room, what] : [what]);
        if (!await this.question('answer', 'echo', [what]))
            return;                 /* who knows whether it was accepted */
        utterance.to = Date.now();
        ledger.row(kind).sent++;
        utterances.push(utterance);
    }

    async move() {
        const left = this.room;
        this.room = null;
        if (left && !await this.question('leave', 'leave', [left.name]))
            return;
        const name = pick(ROOMS);
        if (await this.question('join', 'join', [name]))
            this.room = { name, since: Date.now() };
    }

    /* One thing after the other until it is time to go; resolves when it has gone. */
    async live() {
        const until = Math.min(end, Date.now() + 10 * SECOND + below(50 * SECOND));
        while (Date.now() < until && this.roamer.over === null) {
            await pause(below(SECOND));
            if (this.roamer.over === null)
                await this.act();
        }
        return this.go();
    }

    act() {
        const lot = below(40);
        if (this.room === null || lot === 0)
            return this.move();
        if (lot < 20)
            return this.question('answer', 'echo', [lot]);
        return lot < 30 ? this.say('broadcast') : this.say('room', pick(ROOMS));
    }

    /* Leave in one of several ways, or see that the session has ended already. */
    async go() {
        const { roamer } = this;
        const early = roamer.over;
        const row = ledger.row('session');
        present.delete(this);
        row.expected++;
        if (early === null) {
            row.received++;
            const leave = pick([() => roamer.leave(), () => roamer.disconnect(),
                () => roamer.emitEvent('kick'), () => roamer.destroy()]);
            await Promise.resolve(leave()).catch(() => {});
            await roamer.ended(10 * SECOND).catch(() => {});
        } else {
            if (/nobody waits for/.test(early))
                row.doubled++;
            ledger.lose('session', roamer, Date.now());
        }
        const what = `left ${roamer.id}`;
        /* Who vanished while polling is missed after the close timeout. */
        utterances.push({ kind: 'left', what, from: Date.now(), who: `${roamer}`,
            to: Date.now() + SECOND * (1 + CONFIG['close timeout']) });
        ledger.row('left').sent++;
        roamer.destroy();
    }
}

/* Of those who were there before it was said and are still there, who has not heard it? */
function judge({ kind, room, what, who, from, to }, tellMore) {
    let isUnexplained = false;
    for (const talker of present) {
        const since = room ? talker.room?.name === room && talker.room.since : talker.since;
        if (!since || since > from - SECOND)
            continue;
        ledger.row(kind).expected++;
        if (!talker.heard.has(what)) {
            isUnexplained = ledger.lose(kind, `${what} of ${who}, for ${talker.roamer},`, from,
                to) === 'none' || isUnexplained;
        }
    }
    if (isUnexplained)
        tellMore(who.split(' ').at(-1));
}

/* --- The run. --- */

async function main() {
    const cluster = await startCluster(INSTANCES, { config: CONFIG });
    const nginx = await startNginx(cluster.ports);
    let arrivals = 0, event = '';

    async function come(n, isReal) {
        if (isReal)
            return connectReal(nginx.port, REAL[n % REAL.length]);
        const roamer = await cluster.roamer(TRANSPORTS[n % TRANSPORTS.length],
            { ports: [nginx.port] });
        cluster.roamers.delete(roamer);
        return roamer;
    }

    async function seat(i) {
        while (Date.now() < end) {
            const begun = Date.now();
            let talker = null;
            try {
                const roamer = await come(i + arrivals++, i >= CLIENTS);
                talker = new Talker(roamer);
                present.add(talker);
                ledger.row('session').sent++;
                await talker.live();
            } catch (error) {
                /* An upgrade that fails is not tried again: that is noticed much later. */
                const [kind, since] = talker === null ? ['connect', begun]
                    : ['session', Date.now() - 10 * SECOND];
                present.delete(talker);
                ledger.row(kind).expected++;
                ledger.lose(kind, error.stack, since);
                await pause(100);
            }
        }
    }

    async function killAndStart(i) {
        const close = openWindow('kill');
        event = `Server${i + 1} is killed`;
        await cluster.instances[i].program.stop('SIGKILL');
        await pause(AWAY_MS);
        await cluster.start(i);
        await cluster.met();
        event = `Server${i + 1} is back`;
        close();
    }

    async function restartRedis() {
        const close = openWindow('redis');
        event = 'Redis is killed';
        await cluster.redis.stop('SIGKILL');
        await pause(REDIS_AWAY_MS);
        await cluster.redis.start();
        await cluster.met();
        event = 'Redis is back';
        close();
    }

    async function killLinks() {
        const close = openWindow('redis');
        event = 'connections of Redis are killed';
        await cluster.redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await cluster.redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await cluster.met();
        close();
    }

    /* Nothing is lost by that. */
    async function stopForASecond(i) {
        const since = Date.now();
        event = `Server${i + 1} stands still`;
        cluster.instances[i].program.kill('SIGSTOP');
        await pause(STOPPED_MS);
        cluster.instances[i].program.kill('SIGCONT');
        slowTimes.push([since, Date.now() + STOPPED_MS]);
    }

    /* It closes the connections that it keeps, whatever is just being said on them. */
    async function reloadNginx() {
        const close = openWindow('nginx');
        event = 'nginx reloads';
        nginx.program.kill('SIGHUP');
        await pause(SECOND);
        close();
    }

    const FAULTS = [killAndStart, stopForASecond, restartRedis, killAndStart, reloadNginx,
        killLinks];
    let attackers = null, peaceUntil = Infinity;

    async function disturb() {
        const rest = (ms) => pause(Math.max(0, Math.min(ms, end - Date.now())));
        await rest(PEACE_MS);
        peaceUntil = Date.now();
        attackers = startAttackers(nginx.port, { n: Number(values.attackers) });
        for (let n = 0; Date.now() + PAUSE_MS < end; n++) {
            await rest(PAUSE_MS);
            await FAULTS[n % FAULTS.length](n % INSTANCES);
        }
        await rest(LENGTH_MS);
        await attackers.stop();
    }

    /* Without the first seconds, in which all come at once. */
    function compareLatency() {
        const calm = answers.filter((answer) => !isSlowTime(answer));
        const before = calm.filter(({ from, ms }) => from + ms < peaceUntil &&
            from > start + PEACE_MS / 4);
        const during = calm.filter(({ from }) => from > peaceUntil);
        const [p50, p99] = [0.5, 0.99].map((part) =>
            [before, during, answers].map((list) => percentile(list, part)));
        console.log(`answers in ms, in peace / attacked / with all faults: p50 ${p50.join(' / ')}` +
            `  p99 ${p99.join(' / ')}  (${before.length} / ${during.length} / ${answers.length})`);
        console.log(`attacks: ${JSON.stringify(attackers.done())}`);
        return values.latency !== '0' && p99[1] > Number(values.latency) * p99[0] ? 1 : 0;
    }

    /* What the instances have logged about that session. */
    function tellLog(id) {
        for (const [i, { program }] of cluster.instances.entries()) {
            const lines = program.stderr.split('\n').filter((line) => line.includes(id));
            console.log(lines.map((line) => `    Server${i + 1}: ${line}`).join('\n'));
        }
    }

    const start = Date.now();
    const progress = setInterval(() => {
        while (utterances.length > 0 && utterances[0].to + JUDGED_MS < Date.now())
            judge(utterances.shift(), tellLog);
        console.log(`${String(Math.round((Date.now() - start) / SECOND)).padStart(5)} s` +
            `  ${String(present.size).padStart(4)} here  sent ${ledger.sum('sent')}` +
            `  received ${ledger.sum('received')}  lost ${ledger.lost('kill')} (kill)` +
            ` ${ledger.lost('redis')} (redis) ${ledger.lost('nginx')} (nginx)` +
            ` ${ledger.lost('none')} (none)` +
            `  doubled ${ledger.sum('doubled')}  reordered ${ledger.sum('reordered')}` +
            `  memory ${cluster.instances.map(({ program }) => megabytes(program)).join(' ')} MiB` +
            `  ${event}`);
        event = '';
    }, SECOND);
    await Promise.all([disturb(), ...Array.from({ length: CLIENTS + REAL_CLIENTS },
        (_, i) => seat(i))]);
    clearInterval(progress);
    ledger.print();
    for (const [i, instance] of cluster.instances.entries()) {
        const { evicted, slow_consumers: slow, refused_handshakes: refused } =
            await instance.counters();
        console.log(`Server${i + 1}: ${residentBytes(instance.program.pid) >> 20} MiB, since its` +
            ` start ${evicted} evicted, ${slow} slow consumers, ${refused} refused`);
    }
    const tooSlow = compareLatency();
    await nginx.stop();
    await cluster.stop();
    assert.ok(ledger.sum('received') > 0);
    return ledger.lost('none') + ledger.sum('doubled') + ledger.sum('reordered') + tooSlow;
}

main().then((faults) => {
    process.exitCode = faults === 0 ? 0 : 1;
}, (error) => {
    console.error(error);
    process.exit(1);
});
