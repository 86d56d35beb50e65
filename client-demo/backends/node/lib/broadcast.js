'use strict';
/* broadcast.js - to(), except() and what comes behind them; and sockets as fetchSockets() lists. */

const { pack } = require('./attachments.js');

/* What clients, too, can not emit: listeners of these names are for the application alone. */
const RESERVED = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener',
    'removeListener']);

const LONGEST_ASK_MS = 60000;

function checkName(name) {
    if (RESERVED.has(name))
        throw new Error(`"${String(name)}" is a reserved event name`);
}

const listOf = (rooms) => (Array.isArray(rooms) ? rooms : [rooms]);

/* The callback at the end of arguments, taken off; undefined if there is none. */
const takeCallback = (args) => (typeof args.at(-1) === 'function' ? args.pop() : undefined);

/* compress(false), for a command. */
const plainOf = ({ compress = true }) => (compress ? {} : { compress: false });

/* Settle a promise into a callback; what that throws is nobody else's. */
function callBack(promise, callback) {
    promise.then((values) => process.nextTick(callback, null, ...values),
        (error) => process.nextTick(callback, error,
            ...('responses' in error ? [error.responses] : [])));
}

class BroadcastOperator {
    constructor(nsp, { to = [], except = [], flags = {} } = {}) {
        this.nsp = nsp;
        this.rooms = to;
        this.excepted = except;
        this.flags = flags;
    }

    with({ to = [], except = [], flags = {} }) {
        return new BroadcastOperator(this.nsp, { to: [...this.rooms, ...to],
            except: [...this.excepted, ...except], flags: { ...this.flags, ...flags } });
    }

    to(rooms) {
        return this.with({ to: listOf(rooms) });
    }

    in(rooms) {
        return this.to(rooms);
    }

    except(rooms) {
        return this.with({ except: listOf(rooms) });
    }

    get volatile() {
        return this.with({ flags: { volatile: true } });
    }

    get local() {
        return this.with({ flags: { local: true } });
    }

    timeout(ms) {
        return this.with({ flags: { timeout: ms } });
    }

    compress(compress) {
        return this.with({ flags: { compress } });
    }

    /* Whom a command is about. An empty list would be nobody, so it is left out. */
    get whom() {
        return {
            namespace: this.nsp.name,
            ...(this.rooms.length > 0 && { to: this.rooms }),
            ...(this.excepted.length > 0 && { except: this.excepted }),
            ...(this.flags.local && { local: true }),
        };
    }

    emit(name, ...args) {
        checkName(name);
        const callback = takeCallback(args);
        if (callback)
            callBack(this.answers(name, args), callback);
        else
            this.nsp.outbox.command({ do: 'emit', ...this.whom, name, ...pack(args),
                ...(this.flags.volatile && { volatile: true }), ...plainOf(this.flags) });
        return true;
    }

    /* Resolves with what each has answered; rejects, with `responses`, if one has not. */
    async emitWithAck(name, ...args) {
        const [answers] = await this.answers(name, args);
        return answers;
    }

    /* The arguments of a callback: the answers of many are one, those of a single socket are all. */
    async answers(name, args) {
        checkName(name);
        const { answers, answered, asked, reached, instances } = await this.nsp.outbox.ask('ask',
            { ...this.whom, name, ...pack(args), ...plainOf(this.flags),
                whole: this.flags.single,
                timeout: Math.min(this.flags.timeout || LONGEST_ASK_MS, LONGEST_ASK_MS) });
        if (answered < asked || reached < instances)
            throw Object.assign(new Error('operation has timed out'),
                { responses: this.flags.single ? null : answers });
        return this.flags.single ? answers[0] || [] : [answers];
    }

    send(...args) {
        this.emit('message', ...args);
        return this;
    }

    write(...args) {
        return this.send(...args);
    }

    /* Of the sockets of this process those that are meant, as far as it knows their rooms. */
    get members() {
        const isIn = (rooms) => (room) => rooms.has(room);
        return [...this.nsp.sockets.values()].filter(({ rooms }) =>
            (this.rooms.length === 0 || this.rooms.some(isIn(rooms))) &&
            !this.excepted.some(isIn(rooms)));
    }

    socketsJoin(rooms) {
        this.nsp.outbox.command({ do: 'join', ...this.whom, room: rooms });
        for (const socket of this.members)
            listOf(rooms).forEach((room) => socket.put(room, true));
    }

    socketsLeave(rooms) {
        this.nsp.outbox.command({ do: 'leave', ...this.whom, room: rooms });
        for (const socket of this.members)
            listOf(rooms).forEach((room) => socket.put(room, false));
    }

    disconnectSockets(close = false) {
        this.nsp.outbox.command({ do: 'disconnect', ...this.whom, close });
        for (const socket of this.members)
            socket.connected = false;
    }

    async fetchSockets() {
        const { sockets } = await this.nsp.outbox.ask('sockets', { ...this.whom, limit: 10000 });
        return sockets.map((description) => new RemoteSocket(this.nsp, description));
    }

    async allSockets() {
        return new Set((await this.fetchSockets()).map(({ id }) => id));
    }
}

/*
 * A socket wherever it is, known by what the broker tells of it. Of one of this process it is the
 * same data, so that changes count.
 */
class RemoteSocket {
    constructor(nsp, { id, rooms, data, handshake, auth }) {
        this.nsp = nsp;
        this.id = id;
        this.rooms = new Set([id, ...rooms]);
        this.data = nsp.sockets.get(id)?.data || data || {};
        this.handshake = { ...handshake, auth: auth || {} };
        this.operator = new BroadcastOperator(nsp, { to: [id], flags: { single: true } });
    }

    emit(name, ...args) {
        return this.operator.emit(name, ...args);
    }

    emitWithAck(name, ...args) {
        return this.operator.emitWithAck(name, ...args);
    }

    timeout(ms) {
        return this.operator.timeout(ms);
    }

    join(rooms) {
        this.operator.socketsJoin(rooms);
    }

    leave(room) {
        this.operator.socketsLeave(room);
    }

    disconnect(close = false) {
        this.operator.disconnectSockets(close);
        return this;
    }
}

module.exports = { BroadcastOperator, RemoteSocket, RESERVED, checkName, takeCallback, plainOf,
    LONGEST_ASK_MS };
