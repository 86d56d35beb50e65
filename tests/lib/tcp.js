'use strict';
/*
 * tcp.js - a connection that keeps every byte it got, and can be asked to wait for more.
 */

const net = require('node:net');
const { DEADLINE_MS, within } = require('./deadline.js');

class Connection {
    constructor(socket) {
        this.socket = socket;
        this.received = Buffer.alloc(0);    /* what arrived and was not taken yet */
        this.ended = false;                 /* the peer has sent its FIN */
        this.closed = false;                /* ended, reset, or destroyed by us */
        this.error = null;
        this.waiting = new Set();
        socket.setNoDelay(true);
        socket.unref();                     /* a forgotten connection must not hold the test */
        socket.on('data', (bytes) => {
            this.received = Buffer.concat([this.received, bytes]);
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
            this.closed = true;
            this.changed();
        });
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
        const socket = net.connect({ ...where, allowHalfOpen: true });
        socket.once('error', reject);
        socket.once('connect', () => {
            socket.removeListener('error', reject);
            resolve(new Kind(socket));
        });
    }), `connect to ${host}:${port}`);
}

module.exports = { Connection, open };
