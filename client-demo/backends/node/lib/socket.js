'use strict';
/* socket.js - a client in a namespace, whose connection the broker holds. */

const { EventEmitter } = require('node:events');
const { pack, unpack } = require('./attachments.js');
const { declare } = require('./lacking.js');
const { BroadcastOperator, LONGEST_ASK_MS, RESERVED, checkName, plainOf, takeCallback } =
    require('./broadcast.js');

const MAX_LEFT = 1000;

/* Middleware one by one: each calls next(), or next(error); done hears of the first error. */
function runThrough(middleware, subject, done) {
    const [first, ...rest] = middleware;
    if (!first)
        return done();
    let isCalled = false;
    return first(subject, (error) => {
        if (isCalled)
            return;
        isCalled = true;
        if (error)
            done(error);
        else
            runThrough(rest, subject, done);
    });
}

/* What is said of a client in one go and is not meant for all that is said later. */
class Said {
    constructor(socket, flags) {
        this.socket = socket;
        this.flags = flags;
    }

    get volatile() {
        return new Said(this.socket, { ...this.flags, volatile: true });
    }

    timeout(ms) {
        return new Said(this.socket, { ...this.flags, timeout: ms });
    }

    compress(compress) {
        return new Said(this.socket, { ...this.flags, compress });
    }

    emit(name, ...args) {
        const callback = takeCallback(args);
        if (!callback)
            return this.socket.say(this.flags, name, args);
        const answer = this.ask(name, args);
        if (this.flags.timeout)
            answer.then((values) => process.nextTick(callback, null, ...values),
                (error) => process.nextTick(callback, error));
        else            /* without a time to wait there is no error to tell */
            answer.then((values) => process.nextTick(callback, ...values), () => {});
        return true;
    }

    async emitWithAck(name, ...args) {
        const [first] = await this.ask(name, args);
        return first;
    }

    /* Resolves with all that the client has answered. */
    async ask(name, args) {
        checkName(name);
        const { nsp, id } = this.socket;
        const { answers } = await nsp.outbox.ask('ask', { namespace: nsp.name, to: id, name,
            ...pack(args), ...plainOf(this.flags), whole: true,
            timeout: Math.min(this.flags.timeout || LONGEST_ASK_MS, LONGEST_ASK_MS) });
        if (answers.length === 0)
            throw new Error('operation has timed out');
        return answers[0];
    }

    send(...args) {
        this.emit('message', ...args);
        return this.socket;
    }
}

/*
 * emit() is for the client, as in socket.io; listeners are called by tell().
 */
class Socket extends EventEmitter {
    /* about: the member "socket" of an event; handshake: as socket.io has it */
    constructor(nsp, about, handshake, recovered) {
        super();
        this.nsp = nsp;
        this.server = nsp.server;
        this.id = about.id;
        this.handshake = handshake;
        this.recovered = recovered;
        this.connected = true;
        this.data = about.data || {};
        this.storedData = JSON.stringify(this.data);
        this.rooms = new Set([about.id, ...(about.rooms || [])]);
        this.left = new Set();          /* rooms that the broker may still tell of */
        this.conn = { id: about.id, transport: { name: about.transport },
            remoteAddress: about.address };
        this.request = { headers: handshake.headers, url: handshake.url,
            connection: { remoteAddress: about.address } };
        this.middleware = [];
        this.anyListeners = [];
    }

    get disconnected() {
        return !this.connected;
    }

    /* --- To the client. --- */

    emit(name, ...args) {
        return new Said(this, {}).emit(name, ...args);
    }

    emitWithAck(name, ...args) {
        return new Said(this, {}).emitWithAck(name, ...args);
    }

    send(...args) {
        return new Said(this, {}).send(...args);
    }

    write(...args) {
        return this.send(...args);
    }

    timeout(ms) {
        return new Said(this, { timeout: ms });
    }

    get volatile() {
        return new Said(this, { volatile: true });
    }

    compress(compress) {
        return new Said(this, { compress });
    }

    say(flags, name, args) {
        checkName(name);
        if (this.connected)
            this.nsp.outbox.command({ do: 'emit', namespace: this.nsp.name, to: this.id, name,
                ...pack(args), ...(flags.volatile && { volatile: true }), ...plainOf(flags) });
        return true;
    }

    /* --- To others. --- */

    get broadcast() {
        return new BroadcastOperator(this.nsp, { except: [this.id] });
    }

    get local() {
        return this.broadcast.local;
    }

    to(rooms) {
        return this.broadcast.to(rooms);
    }

    in(rooms) {
        return this.to(rooms);
    }

    except(rooms) {
        return this.broadcast.except(rooms);
    }

    /* --- Rooms. --- */

    move(how, rooms) {
        const list = (Array.isArray(rooms) ? rooms : [rooms]).filter((room) => room !== this.id);
        if (this.connected && list.length > 0)
            this.nsp.outbox.command({ do: how, namespace: this.nsp.name, to: this.id,
                room: list });
        return list;
    }

    join(rooms) {
        this.move('join', rooms).forEach((room) => this.put(room, true));
    }

    leave(room) {
        this.move('leave', room).forEach((name) => this.put(name, false));
    }

    /* This process has put it into a room, or out of it. */
    put(room, isIn) {
        if (room === this.id)
            return;
        this.rooms[isIn ? 'add' : 'delete'](room);
        this.left[isIn ? 'delete' : 'add'](room);
        if (this.left.size > MAX_LEFT)
            this.left.delete(this.left.values().next().value);
    }

    /* It was in these rooms as the broker saw it: others may have put it there. */
    meet(rooms = []) {
        rooms.filter((room) => !this.left.has(room)).forEach((room) => this.rooms.add(room));
    }

    leaveAll() {
        this.leave([...this.rooms]);
    }

    /* The broker tells when it is gone; only then "disconnect" is heard here. */
    disconnect(close = false) {
        if (this.connected)
            this.nsp.outbox.command({ do: 'disconnect', namespace: this.nsp.name, to: this.id,
                close });
        this.connected = false;
        return this;
    }

    /* --- From the client. --- */

    use(middleware) {
        this.middleware.push(middleware);
        return this;
    }

    onAny(listener) {
        this.anyListeners.push(listener);
        return this;
    }

    prependAny(listener) {
        this.anyListeners.unshift(listener);
        return this;
    }

    offAny(listener) {
        this.anyListeners = listener ? this.anyListeners.filter((one) => one !== listener) : [];
        return this;
    }

    listenersAny() {
        return [...this.anyListeners];
    }

    /* Call listeners of the application. An "error" that nobody hears is no reason to die. */
    tell(name, ...args) {
        if (name !== 'error' || this.listenerCount(name) > 0)
            super.emit(name, ...args);
    }

    /* An event of the broker. */
    receive(event) {
        if (!this.connected || RESERVED.has(event.name))
            return;
        this.conn.transport.name = event.socket.transport;
        const packet = [event.name, ...unpack(event)];
        if (event.ack)
            packet.push(this.acknowledgement(event.ack));
        this.anyListeners.forEach((listener) => listener(...packet));
        runThrough(this.middleware, packet, (error) => {
            if (error)
                return this.tell('error', error);
            return this.tell(...packet);
        });
        this.storeData();
    }

    /* The function that an application calls to answer; the first time counts. */
    acknowledgement(token) {
        let isGiven = false;
        return (...args) => {
            if (!isGiven)
                this.nsp.outbox.command({ do: 'ack', ack: token, ...pack(args) });
            isGiven = true;
        };
    }

    /* What the application has changed in `data` goes to the broker, which keeps it. */
    storeData() {
        const text = JSON.stringify(this.data);
        if (text === this.storedData)
            return;
        this.storedData = text;
        if (this.connected)
            this.nsp.outbox.command({ do: 'set', namespace: this.nsp.name, socket: this.id,
                data: this.data });
    }

    /* It has left, and is told so while it still has its rooms. */
    close(reason) {
        this.connected = false;
        this.tell('disconnecting', reason);
        this.rooms.clear();
        this.tell('disconnect', reason);
    }
}

declare(Socket);

module.exports = { Socket, runThrough };
