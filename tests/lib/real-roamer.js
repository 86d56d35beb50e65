'use strict';
/*
 * real-roamer.js - the real clients of all generations with the verbs of a roamer (roamer.js), for
 * what is counted of both. They do not reconnect: a session that ends is to be seen.
 */

const { EventEmitter } = require('node:events');
const { eventually, within } = require('./deadline.js');
const modern = require('./modern.js');

const HEARD = ['left', 'broadcast', 'room'];

/* Options of modern.connect(), one for each client that comes. */
const REAL = [
    { version: '0.9.16' },
    { version: '1.7.4', way: 'upgrade' },
    { version: '2.5.0', way: 'upgrade' },
    { version: '2.5.0', way: 'polling' },
    { version: '3.1.3', way: 'upgrade' },
    { version: '4.8.4', way: 'upgrade' },
    { version: '4.8.4', way: 'websocket' },
    { version: '4.8.4', way: 'polling' },
];

class RealRoamer extends EventEmitter {
    constructor(client, name) {
        super();
        this.client = client;
        this.name = name;
        this.id = client.id;
        this.over = null;
        this.events = new Map();
        for (const event of HEARD)
            client.on(event, (...args) => this.emit('event', event, args));
        client.on('disconnect', (reason) => {
            this.over ??= `disconnect ${reason || ''}`;
            modern.leave(client);
        });
    }

    toString() {
        return `${this.name} ${this.id}`;
    }

    emitEvent(name, args = []) {
        this.client.emit(name, ...args);
    }

    ask(name, args, { ms }) {
        return within(new Promise((resolve, reject) => {
            this.client.on('disconnect', () => reject(new Error('disconnected')));
            this.client.emit(name, ...args, (...answer) => resolve(answer));
        }), `${this}: ${name}`, ms);
    }

    leave() {
        modern.leave(this.client);
    }

    disconnect() {
        this.client.disconnect();
    }

    ended(ms) {
        return eventually(() => this.over !== null || !this.client.connected, `${this} ends`, ms);
    }

    destroy() {
        this.over ??= 'destroyed';
        modern.leave(this.client);
    }
}

async function connectReal(port, options) {
    const client = await modern.connect(port,
        { ...options, reconnection: false, reconnect: false });
    return new RealRoamer(client, `${options.version} ${options.way || ''}`.trim());
}

module.exports = { REAL, connectReal };
