'use strict';
/*
 * crowd.js - the clients of the bench: several load generators (scenario "crowd"), each with source
 * addresses of its own on loopback, as a port toward one server is free only once for each address.
 */

const path = require('node:path');
const { Program } = require('../../lib/program.js');

const LOAD = path.join(__dirname, '../../../build/bench/load');
const PORTS_OF_ADDRESS = 5000;      /* sessions of one address that no default limit refuses */
const WAYS = ['ended', 'closed', 'reset', 'refused', 'turned_away', 'late', 'otherwise'];

class Crowd {
    /* ports: of the servers; client: what the load generator calls it; concurrency: of each. */
    constructor({ clients, processes, ports, client, concurrency }) {
        this.clients = clients;
        this.loads = Array.from({ length: processes }, (_, i) => {
            const n = Math.floor((clients + i) / processes);
            return new Program(LOAD, ['crowd', '--server', ports.join(','), '--connections', n,
                '--from', `127.1.${i}.1/${Math.ceil(n / PORTS_OF_ADDRESS)}`, '--client', client,
                '--concurrency', concurrency, '--timeout', 30, '--quiet'].map(String),
            { stdio: ['pipe', 'pipe', 'pipe'] });
        });
        this.loads.forEach((load) => load.child.stdin.on('error', () => {}));
    }

    get pids() {
        return this.loads.map(({ pid }) => pid);
    }

    /* The sums of what all of them have said last: open, opened, and how some have gone. */
    state() {
        const sum = Object.fromEntries(['open', 'opened', ...WAYS].map((key) => [key, 0]));
        for (const load of this.loads) {
            if (load.status !== null)
                throw new Error(`a load generator has ended:\n${load.tail()}`);
            const end = load.stdout.lastIndexOf('}\n') + 1;
            const line = end > 0
                ? JSON.parse(load.stdout.slice(load.stdout.lastIndexOf('{', end), end)) : {};
            load.stdout = load.stdout.slice(end);
            load.last = end > 0 ? line : load.last ?? {};
            for (const key of Object.keys(sum))
                sum[key] += load.last[key] ?? 0;
        }
        return sum;
    }

    async leave() {
        this.loads.forEach((load) => load.child.stdin.end());
        for (const load of this.loads)
            await load.ended(60000);
    }
}

/* What became of connections meanwhile, in words: only what has happened. */
function describeLosses(before, after) {
    const words = WAYS.filter((way) => after[way] > before[way])
        .map((way) => `${after[way] - before[way]} ${way.replace('_', ' ')}`);
    return words.length > 0 ? words.join(', ') : 'none lost';
}

module.exports = { Crowd, describeLosses };
