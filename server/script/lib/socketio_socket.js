'use strict';
// One client in one namespace.

const EventEmitter = builtin('events');
const {move} = builtin('socketio_adapter');
const {Broadcast} = builtin('socketio_broadcast');
const {decode, encode, flagsOf, refuseReserved} = builtin('socketio_packet');
const {requestOf, sessionOf} = builtin('socketio_session');

const TRANSPORT = 1, HANDSHAKE = 2, AUTH = 3, DATA = 4, SESSION = 5; // native_sockets.c
const NO_FLAGS = Object.freeze({});
const IGNORED = function () {}; // what a client calls "error" ends nothing

class Socket extends EventEmitter {
    // One that middleware is asked about has no native yet: that comes with begin().
    constructor(namespace, id) {
        super();
        this._events = Object.assign(Object.create(null), {error: IGNORED});
        this.nsp = namespace;
        this.id = id;
        this.native = null;
        this.connected = false;
        this.flags = NO_FLAGS;
        this.filters = null;
        this.incoming = null;
        this.outgoing = null;
    }
    begin(nativeSocket) {
        const kept = nativeSocket.text(DATA);

        this.native = nativeSocket;
        this.connected = true;
        if (kept !== '{}') {
            this.keptData = kept;
            this.data = {...JSON.parse(kept), ...this.data};
        }
        if (this.early) {
            this.early.forEach((room) => nativeSocket.join(room));
            this.early = null;
        }
    }
    tellHere(...event) { return EventEmitter.prototype.emit.apply(this, event); }

    // --- About it. ---

    get data() { return this.data = {}; }
    set data(value) {
        Object.defineProperty(this, 'data', {value, writable: true, configurable: true,
            enumerable: true});
    }
    get recovered() { return this.native !== null && this.native.isRecovered(); }
    get disconnected() { return !this.connected; }
    get readable() { return this.connected; }
    get writable() { return this.connected; }
    get namespace() { return this.nsp; }
    get server() { return this.nsp.server; }
    get adapter() { return this.nsp.adapter; }
    get manager() { return this.nsp.server.manager; }
    get log() { return this.nsp.server.log; }
    get transport() { return this.native && this.connected ? this.native.text(TRANSPORT) : ''; }
    get rooms() {
        if (this.early)
            return new Set(this.early);
        return new Set(this.connected ? [this.id, ...this.native.rooms()] : []);
    }
    get handshake() {
        const handshake = JSON.parse(this.native.text(HANDSHAKE));

        handshake.auth = JSON.parse(this.native.text(AUTH));
        return this.setHandshake(handshake);
    }
    setHandshake(handshake) {
        const value = this.server.adaptHandshake(handshake);

        Object.defineProperty(this, 'handshake', {value, writable: true, configurable: true});
        return value;
    }
    get session() {
        const value = sessionOf(this, this.native ? this.native.text(SESSION) : undefined);

        if (this.native) // else it is not known yet
            Object.defineProperty(this, 'session', {value, configurable: true});
        return value;
    }
    get conn() { return this.session.connectionOf(this); }
    get request() { return this.native ? this.conn.request : requestOf(this.handshake); }
    get client() {
        const {conn} = this;

        return {id: conn.id, conn, request: conn.request, sockets: this.session.sockets};
    }

    // What other instances see of `data`, and the next socket of a client that comes back.
    keepData() {
        if (!Object.hasOwn(this, 'data') || !this.server.sharesData || !this.connected)
            return;
        let json;

        try {
            json = JSON.stringify(this.data);
        } catch { // a circle, say, which is the script's own business
            return;
        }
        if (json !== this.keptData && (json !== '{}' || this.keptData !== undefined))
            this.native.setData(json);
        this.keptData = json;
    }

    // --- From the client. ---

    onEvent(name, args, attachments, ack) {
        if (attachments !== undefined)
            args = decode(args, attachments);
        if (ack !== undefined)
            args.push(acknowledgement(ack));
        if (this.filters === null && this.incoming === null)
            this.dispatch(name, args);
        else
            this.hear([name, ...args]);
        if (Object.hasOwn(this, 'data'))
            this.keepData();
    }
    // emit() of EventEmitter, without its copies.
    dispatch(name, args) {
        const is = this._events[name];

        if (typeof is === 'function')
            is.apply(this, args);
        else if (is !== undefined)
            for (let i = 0; i < is.length; i++)
                is[i].apply(this, args);
    }
    hear(event) {
        if (this.incoming !== null)
            for (const fn of [...this.incoming])
                fn.apply(this, event);
        this.filter(event, this.filters || [], 0);
    }
    filter(event, filters, i) {
        if (i < filters.length)
            filters[i].call(this, event, (error) => {
                if (error)
                    this.tellHere('error', error);
                else
                    this.filter(event, filters, i + 1);
            });
        else if (this.connected)
            this.dispatch(event[0], event.slice(1));
    }
    use(fn) {
        this.filters = [...(this.filters || []), fn];
        return this;
    }
    onDisconnect(reason) {
        this.tellHere('disconnecting', reason);
        this.leaveNow();
        this.tellHere('disconnect', reason);
        this.end(reason);
    }
    // What it is asked about later, while C knows it.
    leaveNow() {
        if (!Object.hasOwn(this, 'handshake'))
            keepHandshake(this, this.native.text(HANDSHAKE), this.native.text(AUTH));
        this.connected = false;
        this.nsp.onLeft(this.id);
        if (this.outgoing !== null)
            this.nsp.nOutgoing--;
    }
    end(reason) {
        if (Object.hasOwn(this, 'session'))
            this.session.leave(this, reason);
    }

    // --- To the client. ---

    takeFlags() {
        const flags = this.flags;

        this.flags = NO_FLAGS;
        return flags;
    }
    flag(name, value) {
        this.flags = {...this.flags, [name]: value};
        return this;
    }
    emit(name, ...args) {
        refuseReserved(name);
        this.put(name, args);
        return true;
    }
    put(name, args) {
        const flags = this.takeFlags();
        const fn = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;

        if (this.outgoing !== null)
            this.notify(name, args);
        const {json, attachments} = encode(args);

        if (this.native === null)
            new Broadcast(this.nsp, [this.id], [], flags).put(name, args);
        else if (fn)
            this.native.emit(String(name), json, attachments, flagsOf(flags), flags.timeout || 0,
                answerer(this, fn, flags.timeout !== undefined));
        else
            this.native.emit(String(name), json, attachments, flagsOf(flags), 0, undefined);
    }
    emitWithAck(name, ...args) {
        const hasTimeout = this.flags.timeout !== undefined;

        return new Promise((resolve, reject) => this.emit(name, ...args, function (...answer) {
            const error = hasTimeout ? answer.shift() : null;

            if (error)
                reject(error);
            else
                resolve(answer[0]);
        }));
    }
    send(...args) {
        if (this.outgoing === null && args.length === 1 && typeof args[0] === 'string' &&
            this.native) {
            this.native.send(args[0], undefined);
            this.takeFlags();
        } else
            this.put('message', args);
        return this;
    }
    write(...args) { return this.send(...args); }
    notify(name, args) {
        for (const fn of [...this.outgoing])
            fn.call(this, name, ...args);
    }
    get volatile() { return this.flag('volatile', true); }
    get json() { return this.flag('json', true); }
    compress(isOn) { return this.flag('compress', Boolean(isOn)); }
    timeout(ms) { return this.flag('timeout', ms); }

    // --- To others. ---

    get broadcast() { return new Broadcast(this.nsp, [], [this.id], this.takeFlags()); }
    get local() { return this.broadcast.local; }
    to(rooms) { return this.broadcast.to(rooms); }
    in(rooms) { return this.broadcast.to(rooms); }
    except(rooms) { return this.broadcast.except(rooms); }

    // --- Rooms, and the end. ---

    join(rooms, fn) {
        for (const room of [].concat(rooms).map(String))
            if (this.native !== null)
                move(() => this.native.join(room));
            else
                (this.early = this.early || []).push(room);
        if (fn)
            fn(null);
    }
    leave(room, fn) {
        if (this.native !== null)
            move(() => this.native.leave(String(room)));
        else if (this.early)
            this.early = this.early.filter((one) => one !== String(room));
        if (fn)
            fn(null);
    }
    leaveAll() { [...this.rooms].forEach((room) => this.leave(room)); }
    disconnect(isClosed) {
        if (this.native !== null)
            move(() => this.native.disconnect(Boolean(isClosed)));
        return this;
    }
}

// Of one who leaves; few ask for it then.
function keepHandshake(socket, text, auth) {
    Object.defineProperty(socket, 'handshake', {configurable: true,
        get() { return socket.setHandshake({...JSON.parse(text), auth: JSON.parse(auth)}); }});
}

function acknowledgement(ack) {
    return function (...answer) {
        const {json, attachments} = encode(answer);

        ack(json, attachments);
    };
}

// An answer of the client; null: there will be none, which only those hear who set a time.
function answerer(socket, fn, hasTimeout) {
    return function (answer, attachments) {
        if (answer !== null)
            fn.apply(socket, hasTimeout ? [null, ...decode(answer, attachments)]
                : decode(answer, attachments));
        else if (hasTimeout)
            fn.call(socket, new Error('operation has timed out'));
    };
}

builtin('socketio_extras').extend(Socket);

exports.Socket = Socket;
