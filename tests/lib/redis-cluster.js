'use strict';
/* redis-cluster.js - a Redis Cluster of real servers: three primaries, one replica for each. */

const fs = require('node:fs');
const path = require('node:path');
const { eventually } = require('./deadline.js');
const { freePort, run, scratch } = require('./program.js');
const { env, makeRedis } = require('./services.js');

const N_SLOTS = 16384;
const N_PRIMARIES = 3;

/* Long enough that a busy machine is not taken for a dead primary all the time. */
const NODE_TIMEOUT_MS = 2000;

/* The rule of the specification: CRC-16/XMODEM of the key, or of what is in its braces. */
function slotOf(key) {
    const [, tag] = /\{([^}]+)\}/.exec(key) || [null, key];
    let crc = 0;
    for (const byte of Buffer.from(tag)) {
        crc ^= byte << 8;
        for (let i = 0; i < 8; i++)
            crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
    }
    return crc % N_SLOTS;
}

/* It may take the place of the Redis of a cluster of instances. */
class RedisCluster {
    async start(args = []) {
        this.servers = await Promise.all(Array.from({ length: 2 * N_PRIMARIES },
            () => this.server(args)));
        const [first, ...others] = this.servers;
        this.url = `redis-cluster://${this.servers.map(({ port }) => `127.0.0.1:${port}`)
            .join(',')}`;
        await Promise.all(this.servers.slice(0, N_PRIMARIES).map((server, i) =>
            server.command('CLUSTER', 'ADDSLOTSRANGE', String(Math.ceil(i * N_SLOTS / N_PRIMARIES)),
                String(Math.ceil((i + 1) * N_SLOTS / N_PRIMARIES) - 1))));
        await Promise.all(this.servers.map((server, i) =>
            server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1))));
        for (const other of others)
            await first.command('CLUSTER', 'MEET', '127.0.0.1', String(other.port),
                String(other.bus));
        await this.all((lines) => lines.length === this.servers.length, 'they have met');
        await Promise.all(this.servers.slice(N_PRIMARIES).map(async (server, i) =>
            server.command('CLUSTER', 'REPLICATE',
                await this.servers[i].command('CLUSTER', 'MYID'))));
        await this.settled();
        return this;
    }

    async server(args) {
        const redis = await makeRedis();
        const dir = scratch();
        redis.bus = await freePort();
        redis.args = ['--cluster-enabled', 'yes', '--cluster-port', String(redis.bus),
            '--cluster-config-file', path.join(dir, 'nodes.conf'),
            '--cluster-node-timeout', String(NODE_TIMEOUT_MS),
            '--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0', ...args];
        fs.mkdirSync(dir, { recursive: true });
        return redis.start();
    }

    get living() {
        return this.servers.filter(({ program }) => program.status === null);
    }

    /* What a server knows of the nodes: a line for each. */
    async nodes(server) {
        return (await server.command('CLUSTER', 'NODES')).split('\n');
    }

    all(check, what) {
        return eventually(async () => {
            for (const server of this.living)
                if (!check(await this.nodes(server), await server.command('CLUSTER', 'INFO')))
                    return false;
            return true;
        }, what, 60000);
    }

    /* All know of all that live, each primary has a replica that is in step, no slot is missing. */
    async settled() {
        await this.all((lines, info) => info.includes('cluster_state:ok') &&
            lines.filter((line) => / (myself,)?slave /.test(line)).length ===
                this.living.length - N_PRIMARIES, 'the cluster is well');
        await eventually(async () => {
            for (const server of this.living) {
                const info = await server.command('INFO', 'replication');
                if (/role:slave/.test(info) && !/master_link_status:up/.test(info))
                    return false;
            }
            return true;
        }, 'the replicas are in step', 60000);
    }

    /* The server that has the slot of this key, as a living one says. */
    async ownerOf(key, asked = this.living[0]) {
        const slot = slotOf(key);
        for (const line of await this.nodes(asked)) {
            const [, address, flags, , , , , , ...ranges] = line.split(' ');
            const has = ranges.some((range) => {
                const [first, last = first] = range.split('-').map(Number);
                return slot >= first && slot <= last;
            });
            if (has && /master/.test(flags))
                return this.servers.find(({ port }) => address.startsWith(`127.0.0.1:${port}@`));
        }
        throw new Error(`nobody has slot ${slot}`);
    }

    /* Kill who has this key. Resolves with { old, now, ms } when another one has it. */
    async failOver(key) {
        const old = await this.ownerOf(key);
        await old.stop('SIGKILL');
        const killed = Date.now();
        let now;
        await eventually(async () => {
            for (const server of this.living) {
                now = await this.ownerOf(key, server);
                if (now === old || !(await server.command('CLUSTER', 'INFO'))
                    .includes('cluster_state:ok'))
                    return false;
            }
            return true;
        }, 'a replica is promoted', 60000);
        return { old, now, ms: Date.now() - killed };
    }

    /* The slot of this key begins to move to another primary, with the keys that are in it now. */
    async beginToMove(key, to) {
        const from = await this.ownerOf(key), slot = String(slotOf(key));
        await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING',
            await from.command('CLUSTER', 'MYID'));
        await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING',
            await to.command('CLUSTER', 'MYID'));
        const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, '100')).split('\n');
        if (keys[0] !== '')
            await from.command('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS',
                ...keys);
    }

    /* It is there now, and all primaries know. */
    async endMove(key, to) {
        const id = await to.command('CLUSTER', 'MYID'), slot = String(slotOf(key));
        await to.command('CLUSTER', 'SETSLOT', slot, 'NODE', id);
        for (const server of this.living)
            if ((await server.command('ROLE')).startsWith('master'))
                await server.command('CLUSTER', 'SETSLOT', slot, 'NODE', id);
        await eventually(async () => {
            for (const server of this.living)
                if (await this.ownerOf(key, server) !== to)
                    return false;
            return true;
        }, 'all know of the move', 30000);
    }

    async move(key, to) {
        await this.beginToMove(key, to);
        await this.endMove(key, to);
    }

    /* A primary that does not have this key. */
    async anotherPrimary(key) {
        const owner = await this.ownerOf(key);
        for (const server of this.living)
            if (server !== owner && (await server.command('ROLE')).startsWith('master'))
                return server;
        throw new Error('there is no other primary');
    }

    /* A command with redis-cli, which follows to the node that has the key. */
    async command(...words) {
        const { stdout } = await run('redis-cli', ['-c', '-p', String(this.living[0].port),
            ...words], { env });
        return stdout.trimEnd();
    }

    async stop() {
        for (const server of this.servers)
            await server.stop();
    }
}

module.exports = { RedisCluster, slotOf };
