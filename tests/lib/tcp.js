'use strict';
/*
 * tcp.js - a connection that keeps every byte it got, and can be asked to wait for more.
 */

const net = require('node:net');
const tls = require('node:tls');
const { DEADLINE_MS, within } = require('./deadline.js');

const connections = new Set();
const secure = new Set();   /* ports where TLS is spoken */

class Connection {
    constructor(socket) {
        connections.add(this);
        this.socket = socket;
        this.place = socket.remotePort;     /* the path of a unix socket, see open() */
        this.received = Buffer.alloc(0);    /* what arrived and was not taken yet */
        this.space = this.received;         /* where it stands, up to .filled */
        this.filled = 0;
        this.ended = false;                 /* the peer has sent its FIN */
        this.closed = false;                /* ended, reset, or destroyed by us */
        this.error = null;
        this.waiting = new Set();
        socket.setNoDelay(true);
        socket.unref();                     /* a forgotten connection must not hold the test */
        socket.on('data', (bytes) => {
            this.keep(bytes);
            this.changed();
        });
        socket.on('end', () => {
            this.ended = this.closed = true;
            this.changed();
        });
        socket.on('error', (error) => {
            this.error = error;
        });
        socket.on('close', () => {
            connections.delete(this);
            this.closed = true;
            this.changed();
        });
    }

    /* From now on close when the peer does. */
    follow() {
        if (this.ended)
            this.socket.end();
        else
            this.socket.once('end', () => this.socket.end());
    }

    /* Nothing is moved for each piece that comes: of many megabytes, that would take seconds. */
    keep(bytes) {
        const n = this.received.length + bytes.length;
        if (this.filled + bytes.length > this.space.length) {
            const space = Buffer.allocUnsafe(2 * n);
            this.filled = this.received.copy(space);
            this.space = space;
        }
        this.filled += bytes.copy(this.space, this.filled);
        this.received = this.space.subarray(this.filled - n, this.filled);
    }

    changed() {
        for (const listener of [...this.waiting])
            listener();
    }

    write(data) {
        this.socket.write(data);
        return this;
    }

    destroy() {
        this.socket.destroy();
    }

    /* End with RST instead of FIN. */
    reset() {
        this.socket.resetAndDestroy();
    }

    /* Call listener now, and again at each change. */
    watch(listener) {
        this.waiting.add(listener);
        listener();
    }

    /* The first defined value of look(this), asked at each change. */
    until(look, what, ms = DEADLINE_MS) {
        let listener;
        const seen = new Promise((resolve, reject) => {
            listener = () => {
                try {
                    const value = look(this);
                    if (value !== undefined)
                        resolve(value);
                    else if (this.closed)
                        reject(new Error(`connection ended before: ${what}${this.seen()}`));
                } catch (error) {
                    reject(error);
                }
            };
            this.waiting.add(listener);
            listener();
        });
        return within(seen, what, ms, () => this.seen())
            .finally(() => this.waiting.delete(listener));
    }

    seen() {
        return `; unread: ${JSON.stringify(this.received.subarray(0, 500).toString('latin1'))}` +
            ` (${this.received.length} bytes)${this.error ? `; ${this.error.message}` : ''}`;
    }

    /* Remove the first n bytes and return them. */
    take(n) {
        const bytes = this.received.subarray(0, n);
        this.received = this.received.subarray(n);
        return bytes;
    }

    read(n, ms) {
        return this.until(() => (this.received.length >= n ? this.take(n) : undefined),
            `${n} bytes`, ms);
    }

    /* Wait for the end of the connection; resolves with the bytes that came before it. */
    end(ms) {
        return this.until(() => (this.closed ? this.take(this.received.length) : undefined),
            'end of the connection', ms);
    }
}

/*
 * Open a connection; Kind is Connection or a class derived from it. A port that is a text is the
 * path of a unix socket.
 */
function open(port, { host = '127.0.0.1', localAddress, Kind = Connection } = {}) {
    return within(new Promise((resolve, reject) => {
        const where = typeof port === 'string' ? { path: port } : { port, host, localAddress };
        const options = { ...where, allowHalfOpen: true };
        const socket = secure.has(port)
            ? tls.connect({ ...options, rejectUnauthorized: false }) : net.connect(options);
        socket.once('error', reject);
        socket.once(secure.has(port) ? 'secureConnect' : 'connect', () => {
            socket.removeListener('error', reject);
            const connection = new Kind(socket);
            connection.place = port;
            resolve(connection);
        });
    }), `connect to ${host}:${port}`);
}

/* From now on speak TLS with whoever listens at this port, or no more. */
function speakTls(port, does) {
    if (does)
        secure.add(port);
    else
        secure.delete(port);
}

/* All that are left to this port (or path) close when the server does: it waits for them else. */
function follow(port) {
    for (const connection of connections) {
        if (connection.place === port)
            connection.follow();
    }
}

module.exports = { Connection, open, follow, speakTls };
