'use strict';
/* namespace.js - who may join, and who is there. */

const { EventEmitter } = require('node:events');
const { BroadcastOperator } = require('./broadcast.js');
const { declare } = require('./lacking.js');
const { Socket, runThrough } = require('./socket.js');

/* The broker tells of each socket that it has left, but not of one that has never been there. */
const MISSING_MS = 60000;

const OPERATIONS = ['to', 'in', 'except', 'timeout', 'compress', 'emit', 'emitWithAck', 'send',
    'write', 'socketsJoin', 'socketsLeave', 'disconnectSockets', 'fetchSockets', 'allSockets'];

/* As socket.io has it. */
function handshakeOf({ headers = {}, query = {}, url = '', auth, address, time, instance }) {
    return { headers, query, url, auth: auth || {}, address, instance, issued: time,
        time: new Date(time).toString(), secure: headers['x-forwarded-proto'] === 'https',
        xdomain: headers.origin !== undefined };
}

class Namespace extends EventEmitter {
    constructor(server, name) {
        super();
        this.server = server;
        this.name = name;
        this.outbox = server.outbox;
        this.sockets = new Map();
        this.middleware = [];
        this.operator = new BroadcastOperator(this);
        this.resuming = new Map();      /* id: a promise of its socket */
    }

    use(middleware) {
        this.middleware.push(middleware);
        return this;
    }

    get local() {
        return this.operator.local;
    }

    get volatile() {
        return this.operator.volatile;
    }

    /* Who is in which room, of the sockets of this process. */
    get adapter() {
        const rooms = new Map();
        for (const { id, rooms: those } of this.sockets.values())
            those.forEach((room) => rooms.set(room, (rooms.get(room) || new Set()).add(id)));
        return { rooms, sids: new Map([...this.sockets].map(([id, { rooms: r }]) => [id, r])) };
    }

    /* Listeners of the application; emit() is for clients. */
    tell(socket) {
        super.emit('connect', socket);
        super.emit('connection', socket);
        socket.storeData();
    }

    /* --- What the broker asks and tells. --- */

    /*
     * A client wants to join. reply(answer) writes the answer, and resolves with whether that went
     * out. Resolves with what was answered, or with null if nobody read it.
     */
    connect(event, instance, reply) {
        const socket = new Socket(this, event.socket, handshakeOf({ ...event, instance,
            address: event.socket.address }), false);
        return new Promise((resolve) => {
            runThrough(this.middleware, socket, (error) =>
                resolve(error ? this.refuse(error, reply) : this.accept(socket, reply)));
        });
    }

    async refuse({ message, data }, reply) {
        const answer = { error: { message: String(message), ...(data !== undefined && { data }) } };
        await reply(answer);
        return answer;
    }

    /*
     * From here on it is there: what its listeners say comes after the acceptance, and after all
     * that was said before, which it must not hear.
     */
    async accept(socket, reply) {
        const answer = { accept: true };
        let isRead = false;
        const isThere = this.outbox.accept(async () => {
            isRead = await reply(answer);
            return isRead;
        }, this.name, socket.id);

        this.leave(this.sockets.get(socket.id), 'transport close');
        this.sockets.set(socket.id, socket);
        this.tell(socket);
        if (!(await isThere))
            setTimeout(() => this.leave(socket, 'transport close'), MISSING_MS).unref();
        return isRead ? answer : null;
    }

    /* It has left; once is enough. */
    leave(socket, reason, rooms) {
        if (!socket || this.sockets.get(socket.id) !== socket)
            return;
        socket.meet(rooms);
        this.sockets.delete(socket.id);
        socket.close(reason);
    }

    /* --- Sockets that another process before this one has accepted. --- */

    /* With rooms, data and handshake as the broker has them. Resolves with undefined: gone. */
    resume(about) {
        if (!this.resuming.has(about.id))
            this.resuming.set(about.id, this.findAgain(about)
                .finally(() => this.resuming.delete(about.id)));
        return this.resuming.get(about.id);
    }

    async findAgain(about) {
        const { sockets: [found] } = await this.outbox.ask('sockets',
            { namespace: this.name, to: about.id });
        return found && this.takeOver({ ...about, rooms: found.rooms },
            { ...found.handshake, auth: found.auth, time: found.connected,
                instance: found.server });
    }

    takeOver(about, handshake) {
        const socket = new Socket(this, about,
            handshakeOf({ ...handshake, address: about.address }), true);
        this.sockets.set(socket.id, socket);
        this.tell(socket);
        return socket;
    }
}

for (const name of OPERATIONS) {
    Namespace.prototype[name] = function operate(...args) {
        return this.operator[name](...args);
    };
}

declare(Namespace);

for (const name of ['send', 'write']) {
    Namespace.prototype[name] = function say(...args) {
        this.operator.send(...args);
        return this;
    };
}

module.exports = { Namespace, OPERATIONS };
