'use strict';
/*
 * sentinel.js - a primary, a replica and three sentinels, all real; and sentinels that say whatever
 * they are told to.
 */

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { event, eventually } = require('./deadline.js');
const { Program, freePort, run, scratch } = require('./program.js');
const { REDIS_SERVER, env, makeRedis, ready } = require('./services.js');

const NAME = 'main';

/* Long enough that a busy machine is not taken for a dead primary all the time. */
const DOWN_AFTER_MS = 2000;

class Sentinel {
    constructor(port, lines) {
        this.port = port;
        this.lines = lines;
    }

    async start() {
        const file = path.join(scratch(), 'sentinel.conf');
        fs.writeFileSync(file, [`port ${this.port}`, 'bind 127.0.0.1', `dir ${path.dirname(file)}`,
            ...this.lines, ''].join('\n'));
        this.program = new Program(REDIS_SERVER, [file, '--sentinel'], { env });
        await ready(this.program, this.port);
        return this;
    }

    /* Lines of its answer. */
    async ask(...words) {
        const { stdout } = await run('redis-cli', ['-p', String(this.port), ...words], { env });
        return stdout.trimEnd().split('\n');
    }

    async stop() {
        if (this.program.status === null)
            await this.program.stop('SIGKILL');
    }
}

/*
 * Two servers, of which one is the primary, and three sentinels that watch them. It may take the
 * place of the Redis of a cluster.
 */
class Replicated {
    async start() {
        const first = await makeRedis();
        const second = await makeRedis();
        this.servers = [first, second];
        first.args = ['--repl-diskless-sync-delay', '0'];
        await first.start();
        await this.startReplica(second, first);
        this.sentinels = await Promise.all([1, 2, 3].map(async () => new Sentinel(await freePort(),
            [`sentinel monitor ${NAME} 127.0.0.1 ${first.port} 2`,
                `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
                `sentinel failover-timeout ${NAME} 5000`]).start()));
        this.url = `redis-sentinel://${this.sentinels.map(({ port }) => `127.0.0.1:${port}`)
            .join(',')}/${NAME}`;
        await this.settled();
        return this;
    }

    startReplica(server, { port }) {
        server.args = ['--repl-diskless-sync-delay', '0', '--replicaof', '127.0.0.1', String(port)];
        return server.start();
    }

    /* All sentinels know each other and a replica that is well, and agree about the primary. */
    async settled() {
        for (const sentinel of this.sentinels) {
            await eventually(async () => {
                const lines = await sentinel.ask('SENTINEL', 'MASTER', NAME);
                const value = (key) => lines[lines.indexOf(key) + 1];
                return value('num-other-sentinels') === '2' && value('num-slaves') === '1' &&
                    value('flags') === 'master' &&
                    (await sentinel.ask('SENTINEL', 'REPLICAS', NAME)).includes('ok');
            }, 'the sentinels know what there is', 100000).catch(async (error) => {
                throw new Error(`${error.message}\n${sentinel.program.tail()}`);
            });
        }
    }

    /* What a server calls itself: "master" or "slave". It hangs up on all while it changes. */
    async role(server) {
        const said = await server.command('ROLE').catch(() => '');
        return said.split('\n')[0];
    }

    async primary() {
        const [, port] = await this.sentinels[0].ask('SENTINEL', 'get-master-addr-by-name', NAME);
        return this.servers.find((server) => server.port === Number(port));
    }

    /* Kill the primary. Resolves with { old, now, ms } when the other one calls itself primary. */
    async failOver() {
        const old = await this.primary();
        const now = this.servers.find((server) => server !== old);
        await old.stop('SIGKILL');
        const killed = Date.now();
        await eventually(async () => await this.role(now) === 'master', 'a replica is promoted',
            60000);
        return { old, now, ms: Date.now() - killed };
    }

    async stop() {
        for (const sentinel of this.sentinels)
            await sentinel.stop();
        for (const server of this.servers)
            await server.stop();
    }
}

const bulk = (text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const array = (...texts) => `*${texts.length}\r\n${texts.map(bulk).join('')}`;

/*
 * A sentinel that answers `says` when it is asked where the primary is: a port of 127.0.0.1, or
 * bytes; null: it never says anything.
 */
class FakeSentinel {
    constructor(says) {
        this.says = says;
        this.sockets = new Set();
        this.listeners = new Set();
        this.asked = 0;
        this.server = net.createServer((socket) => {
            this.sockets.add(socket);
            socket.on('error', () => {});
            socket.on('close', () => {
                this.sockets.delete(socket);
                this.listeners.delete(socket);
            });
            socket.on('data', (data) => this.hear(socket, String(data)));
        });
    }

    async start(port = 0) {
        this.server.listen(port, '127.0.0.1');
        await event(this.server, 'listening');
        this.port = this.server.address().port;
        return this;
    }

    hear(socket, text) {
        if (this.says === null)
            return;
        for (const [word] of text.matchAll(/^(AUTH|PING|SENTINEL|SUBSCRIBE)\r$/gm)) {
            const verb = word.trim();
            if (verb === 'AUTH')
                socket.write('+OK\r\n');
            else if (verb === 'PING')
                socket.write('+PONG\r\n');
            else if (verb === 'SENTINEL')
                this.answer(socket);
            else
                this.subscribe(socket);
        }
    }

    answer(socket) {
        this.asked++;
        socket.write(typeof this.says === 'number' ? array('127.0.0.1', String(this.says))
            : this.says);
    }

    subscribe(socket) {
        this.listeners.add(socket);
        socket.write(`*3\r\n${bulk('subscribe')}${bulk('+switch-master')}:1\r\n`);
    }

    /* To all who listen. */
    tell(bytes) {
        for (const socket of this.listeners)
            socket.write(bytes);
    }

    announce(message) {
        this.tell(array('message', '+switch-master', message));
    }

    /* Another port is that of the primary now. */
    switchTo(port) {
        const old = this.says;
        this.says = port;
        this.announce(`${NAME} 127.0.0.1 ${old} 127.0.0.1 ${port}`);
    }

    stop() {
        this.server.close();
        for (const socket of this.sockets)
            socket.destroy();
    }
}

/* Where they are, for --redis. */
const urlOf = (...sentinels) =>
    `redis-sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${NAME}`;

module.exports = { NAME, Replicated, Sentinel, FakeSentinel, array, bulk, urlOf };
