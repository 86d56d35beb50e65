'use strict';
/*
 * worker-ports.js - a port for each worker of one broker, so that a test can say which one a
 * connection reaches. The kernel spreads the connections to the broker's port among the workers;
 * which one has got a connection is told by the id of a handshake on it, which begins with the tag
 * of the instance that made it. So each port here tries until it has the right one.
 */

const net = require('node:net');
const { DEADLINE_MS } = require('./deadline.js');

const HANDSHAKE = 'GET /socket.io/1/ HTTP/1.1\r\nHost: localhost\r\n\r\n';
const TAG_LENGTH = 6;
const ATTEMPTS = 1000;
const FRESH_MS = 2000; /* a connection that has waited for longer may be about to be closed */
const ANSWER = /^HTTP\/1\.1 200 [^]*?\r\n\r\n[0-9a-f]+\r\n([^:]+):[^]*\r\n0\r\n\r\n$/;

/* A connection, and the tag of the worker that has it; it is kept by the other side. */
function probe(port) {
    return new Promise((resolve, reject) => {
        const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
        let text = '';
        socket.write(HANDSHAKE);
        socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('no handshake')));
        socket.once('error', reject);
        socket.on('data', function listener(data) {
            text += data.toString('latin1');
            const answer = ANSWER.exec(text); /* in one chunk */
            if (answer === null)
                return;
            socket.off('data', listener);
            socket.off('error', reject);
            socket.setTimeout(0);
            socket.pause();
            resolve({ socket, tag: answer[1].slice(0, TAG_LENGTH), since: Date.now() });
        });
    });
}

class WorkerPorts {
    constructor(port) {
        this.port = port;
        this.tags = [];
        this.servers = [];
        this.spare = new Map(); /* tag -> connections that were not wanted when they were made */
        this.open = new Set();
    }

    /* Find n workers, and listen for each. */
    static async start(port, n) {
        const ports = new WorkerPorts(port);
        for (let i = 0; i < ATTEMPTS && ports.tags.length < n; i++)
            ports.keep(await probe(port));
        for (const tag of ports.tags)
            ports.servers.push(await ports.listen(tag));
        return ports;
    }

    get ports() {
        return this.servers.map((server) => server.address().port);
    }

    keep({ socket, tag, since }) {
        if (!this.tags.includes(tag))
            this.tags.push(tag);
        if (!this.spare.has(tag))
            this.spare.set(tag, []);
        this.spare.get(tag).push({ socket, since });
        socket.on('error', () => {});
    }

    /* A connection to the worker of that tag. */
    async connect(tag) {
        for (let i = 0; i < ATTEMPTS; i++) {
            const spare = this.spare.get(tag)?.pop();
            if (spare && Date.now() < spare.since + FRESH_MS)
                return spare.socket;
            spare?.socket.destroy();
            if (!spare)
                this.keep(await probe(this.port));
        }
        throw new Error(`the worker ${tag} has no connection for us`);
    }

    listen(tag) {
        return new Promise((resolve) => {
            const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
                this.open.add(client);
                client.on('error', () => {});
                client.pause();
                this.connect(tag).then((socket) => this.join(client, socket),
                    () => client.destroy());
            });
            server.listen(0, '127.0.0.1', () => resolve(server));
        });
    }

    join(client, socket) {
        this.open.add(socket);
        for (const [from, to] of [[client, socket], [socket, client]]) {
            from.pipe(to);
            from.on('error', () => to.resetAndDestroy());
            from.on('close', (hadError) => {
                this.open.delete(from);
                if (hadError || !from.readableEnded)
                    to.destroy();
            });
        }
    }

    stop() {
        for (const server of this.servers)
            server.close();
        const spare = [...this.spare.values()].flat().map(({ socket }) => socket);
        for (const socket of [...this.open, ...spare])
            socket.destroy();
    }
}

module.exports = { WorkerPorts };
