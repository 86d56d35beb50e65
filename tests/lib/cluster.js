'use strict';
/*
 * cluster.js - several instances of the contract application on one Redis, and clients on all of
 * them; or, with CLUSTER_OF=workers, one of them with so many workers, each with a port of its own.
 * With CLUSTER_OF=partitions rooms are spread over partitions, unless a test says otherwise.
 * With REDIS_IS=cluster that Redis is a Redis Cluster.
 */

const assert = require('node:assert');
const { eventually } = require('./deadline.js');
const { freePort } = require('./program.js');
const { TRANSPORTS, Pool, makeRoamer } = require('./roamer.js');
const { RedisCluster } = require('./redis-cluster.js');
const { startBroker } = require('./server.js');
const { startRedis } = require('./services.js');
const { WorkerPorts } = require('./worker-ports.js');

const CONFIG = { transports: TRANSPORTS, 'flash policy server': false };
if (process.env.CLUSTER_OF === 'partitions')
    CONFIG['broadcast partitions'] = 16;

const counters = (broker) => broker.counters();

class Cluster {
    constructor(redis, options) {
        this.redis = redis;
        this.options = options;
        this.instances = [];
        this.roamers = new Set();
        this.pool = new Pool();
    }

    get ports() {
        return this.instances.map((instance) => instance.port);
    }

    /* Start the instance of this number, or start it again on its port. */
    async start(i) {
        const { name, config, args, file } = this.options;
        const port = this.instances[i] ? this.instances[i].port : await freePort();
        this.instances[i] = await startBroker({ port, contract: true, file,
            config: { ...CONFIG, name: `Server${i + 1}`, ...config },
            args: ['--redis', this.redis.url, ...(name ? ['--cluster', name] : []), ...args] });
        return this.instances[i];
    }

    /* Wait until each knows all others, so that what is sent from now on reaches all. */
    met() {
        return Promise.all(this.instances.map((instance) => eventually(
            async () => (await counters(instance)).peers === this.instances.length - 1,
            `${instance.program.name} ${instance.port} knows the others`, 20000)));
    }

    /*
     * A connected client whose requests go to all instances in turn, beginning with number `first`.
     *   ports   only to these
     */
    roamer(transport, { ports = this.ports, ...options } = {}) {
        const roamer = makeRoamer(ports, transport, { pool: this.pool, ...options });
        this.roamers.add(roamer);
        return roamer.connect();
    }

    /* n of them, beginning with one instance after the other. */
    crowd(transport, n, options) {
        return Promise.all(Array.from({ length: n },
            (_, i) => this.roamer(transport, { first: i, ...options })));
    }

    /* A client that stays with instance number i. */
    local(i, transport = 'websocket') {
        return this.roamer(transport, { ports: [this.ports[i]] });
    }

    /* Let all clients vanish; one that has left may still be waiting for an answer. */
    clear() {
        for (const roamer of this.roamers)
            roamer.destroy();
        this.roamers.clear();
        this.pool.close();
        this.pool = new Pool();
    }

    async stop() {
        this.clear();
        await Promise.all(this.instances.map((instance) => instance.stop()));
        await this.redis.stop();
    }
}

/* An instance is a worker here, but what it is asked about itself is answered for all. */
class Workers extends Cluster {
    async start(n) {
        const { config, args, file } = this.options;
        this.broker = await startBroker({ contract: true, file, args,
            config: { ...CONFIG, name: 'Server1', ...config, workers: n } });
        this.workers = await WorkerPorts.start(this.broker.port, n);
        this.instances = this.workers.ports.map((port) => ({ port, log: this.broker.log,
            program: this.broker.program, counters: () => this.broker.counters() }));
        return this;
    }

    async met() {
        assert.strictEqual((await this.broker.counters()).peers, this.ports.length - 1);
    }

    async stop() {
        this.clear();
        this.workers.stop();
        await this.broker.stop();
    }
}

/* Clients, one at each of some instances, that see who leaves. */
class Witnesses {
    constructor(clients) {
        this.clients = clients;
    }

    /* At these instances, or at all. */
    static async of(cluster, instances = [...cluster.ports.keys()]) {
        return new Witnesses(await Promise.all(instances.map((i) => cluster.local(i))));
    }

    /* For each witness, the reasons with which this session has left so far. */
    reasons(id) {
        return this.clients.map((client) => client.heard('left')
            .filter(([left]) => left === id).map(([, reason]) => reason));
    }

    /*
     * Each sees, or has seen, that the session has left for this reason, and nothing more: what any
     * instance has said before is behind them when a last word of each has come.
     */
    async see(id, reason, ms) {
        await eventually(() => this.reasons(id).every((reasons) => reasons.length > 0),
            `all see ${id} leave`, ms);
        await this.settle();
        assert.deepStrictEqual(this.reasons(id), this.clients.map(() => [reason]));
    }

    async settle() {
        const word = `settle ${++lastWord}`;
        for (const client of this.clients)
            client.emitEvent('broadcast', [word]);
        await Promise.all(this.clients.map((client) => client.until(
            () => client.numbers('broadcast').filter((heard) => heard === word).length ===
                this.clients.length, `hears ${word} of all`)));
    }

    /* Nobody has left twice. */
    assertNoneTwice() {
        for (const client of this.clients) {
            const ids = client.heard('left').map(([id]) => id);
            assert.deepStrictEqual(ids.filter((id, i) => ids.indexOf(id) !== i), []);
        }
    }
}

let lastWord = 0;

/*
 * n instances, ready.
 *   name     of the cluster
 *   config   more settings of each
 *   args     more of the command line of each
 *   redis    one that is there already; the cluster stops it all the same
 *   file     another program
 */
async function startCluster(n, { name, config = {}, args = [], redis, file } = {}) {
    if (process.env.CLUSTER_OF === 'workers')
        return new Workers(null, { config, args, file }).start(n);
    const usual = () => (process.env.REDIS_IS === 'cluster' ? new RedisCluster().start()
        : startRedis());
    const cluster = new Cluster(redis || await usual(), { name, config, args, file });
    await Promise.all(Array.from({ length: n }, (_, i) => cluster.start(i)));
    await cluster.met();
    return cluster;
}

module.exports = { startCluster, counters, Witnesses };
