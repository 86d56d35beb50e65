'use strict';
// One client in one namespace.

const EventEmitter = builtin('events');
const {Broadcast} = builtin('socketio_broadcast');
const {decode, encode, flagsOf} = builtin('socketio_packet');

const TRANSPORT = 1, HANDSHAKE = 2, AUTH = 3, DATA = 4; // native_sockets.c
const RESERVED = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'error',
    'newListener', 'removeListener'];

class Socket extends EventEmitter {
    // handshake: of one that middleware is asked about. Its native comes with begin().
    constructor(namespace, id, handshake) {
        super();
        this.nsp = this.namespace = namespace;
        this.id = id;
        this.native = null;
        this.connected = false;
        this.recovered = false;
        this.data = {};
        this.flags = {};
        this.filters = [];
        this.incoming = [];
        this.outgoing = [];
        if (handshake !== undefined)
            this.setHandshake(handshake);
    }
    begin(nativeSocket) {
        this.native = nativeSocket;
        this.connected = true;
        this.recovered = nativeSocket.isRecovered();
        this.keptData = nativeSocket.text(DATA);
        this.data = {...JSON.parse(this.keptData), ...this.data};
    }

    // --- About it. ---

    get disconnected() { return !this.connected; }
    get readable() { return this.connected; }
    get writable() { return this.connected; }
    get server() { return this.namespace.server; }
    get manager() { return this.namespace.server.manager; }
    get transport() { return this.native ? this.native.text(TRANSPORT) : ''; }
    get rooms() { return new Set(this.native ? [this.id, ...this.native.rooms()] : []); }
    get handshake() {
        const handshake = JSON.parse(this.native.text(HANDSHAKE));

        handshake.auth = JSON.parse(this.native.text(AUTH));
        return this.setHandshake(handshake);
    }
    setHandshake(handshake) {
        Object.defineProperty(this, 'handshake',
            {value: this.server.adaptHandshake(handshake), writable: true, configurable: true});
        return this.handshake;
    }
    get request() {
        return requestOf(this.handshake);
    }
    get conn() {
        return {id: this.id, transport: {name: this.transport}, request: this.request,
            remoteAddress: this.request.connection.remoteAddress, on() {}, once() {}};
    }
    get client() { return {id: this.id, conn: this.conn, request: this.request}; }

    // What other instances see of `data`.
    keepData() {
        if (Object.keys(this.data).length === 0 && this.keptData === '{}')
            return;
        const json = JSON.stringify(this.data);

        if (json !== this.keptData && this.connected)
            this.native.setData(json);
        this.keptData = json;
    }

    // --- From the client. ---

    onEvent(name, args, attachments, ack) {
        const event = [name, ...decode(args, attachments)];

        if (ack)
            event.push(function (...answer) {
                const {json, attachments: bytes} = encode(answer);

                ack(json, bytes);
            });
        if (this.filters.length > 0)
            this.filter(event, 0);
        else
            this.tell(event);
        this.keepData();
    }
    filter(event, i) {
        if (i === this.filters.length)
            this.tell(event);
        else
            this.filters[i].call(this, event, (error) => {
                if (error)
                    super.emit('error', error);
                else
                    this.filter(event, i + 1);
            });
    }
    tell(event) {
        for (const fn of this.incoming)
            fn.apply(this, event);
        if (event[0] === 'error' && this.listenerCount('error') === 0)
            return; // what a client sends ends nothing
        super.emit(...event);
        if (this.listenerCount('anything') > 0) // of 0.9
            super.emit('anything', {name: event[0], args: event.slice(1)});
    }
    onDisconnect(reason) {
        super.emit('disconnecting', reason);
        this.connected = false;
        this.namespace.sockets.delete(this.id);
        super.emit('disconnect', reason);
    }
    use(fn) {
        this.filters.push(fn);
        return this;
    }

    // --- To the client. ---

    takeFlags() {
        const flags = this.flags;

        this.flags = {};
        return flags;
    }
    emit(name, ...args) {
        if (RESERVED.includes(name))
            return super.emit(name, ...args);
        const flags = this.takeFlags();
        const fn = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
        const {json, attachments} = encode(args);

        for (const told of this.outgoing)
            told.call(this, name, ...args);
        if (this.native)
            this.native.emit(String(name), json, attachments, flagsOf(flags), flags.timeout || 0,
                fn && answerer(fn, flags.timeout !== undefined));
        return true;
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
        const fn = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
        const answered = fn && answerer(fn, false);

        if (this.flags.json && this.native)
            this.native.sendJson(JSON.stringify(args[0]), answered);
        else if (args.length === 1 && typeof args[0] === 'string' && this.native)
            this.native.send(args[0], answered);
        else
            this.emit('message', ...args, ...(fn ? [fn] : []));
        this.takeFlags();
        return this;
    }
    write(...args) { return this.send(...args); }

    flag(name, value) {
        this.flags[name] = value;
        return this;
    }
    get volatile() { return this.flag('volatile', true); }
    get json() { return this.flag('json', true); }
    compress(isOn) { return this.flag('compress', Boolean(isOn)); }
    timeout(ms) { return this.flag('timeout', ms); }

    // --- To others. ---

    get broadcast() { return new Broadcast(this.namespace, [], [this.id], this.takeFlags()); }
    get local() { return this.broadcast.local; }
    to(rooms) { return this.broadcast.to(rooms); }
    in(rooms) { return this.broadcast.to(rooms); }
    except(rooms) { return this.broadcast.except(rooms); }

    // --- Rooms, and the end. ---

    join(rooms, fn) {
        for (const room of [].concat(rooms))
            if (this.native)
                this.native.join(String(room));
        if (fn)
            fn(null);
        return this;
    }
    leave(room, fn) {
        if (this.native)
            this.native.leave(String(room));
        if (fn)
            fn(null);
        return this;
    }
    disconnect(isClosed) {
        if (this.native)
            this.native.disconnect(Boolean(isClosed));
        return this;
    }
}

// The request of a handshake, as far as applications look at it.
function requestOf({headers, url, query, address}) {
    const remoteAddress = typeof address === 'object' && address ? address.address : address;

    return {method: 'GET', headers, url, _query: query, connection: {remoteAddress},
        socket: {remoteAddress}};
}

// An answer of the client; null: there will be none, which only those hear who set a time.
function answerer(fn, hasTimeout) {
    return function (answer, attachments) {
        if (answer !== null)
            fn(...(hasTimeout ? [null] : []), ...decode(answer, attachments));
        else if (hasTimeout)
            fn(new Error('operation has timed out'));
    };
}

// Listeners of all events: onAny(), offAny() and so on; the same of what is sent.
function addAny(list, names) {
    Socket.prototype[names.on] = function (fn) { this[list].push(fn); return this; };
    Socket.prototype[names.prepend] = function (fn) { this[list].unshift(fn); return this; };
    Socket.prototype[names.off] = function (fn) {
        this[list] = fn ? this[list].filter((one) => one !== fn) : [];
        return this;
    };
    Socket.prototype[names.list] = function () { return [...this[list]]; };
}
addAny('incoming', {on: 'onAny', prepend: 'prependAny', off: 'offAny', list: 'listenersAny'});
addAny('outgoing', {on: 'onAnyOutgoing', prepend: 'prependAnyOutgoing', off: 'offAnyOutgoing',
    list: 'listenersAnyOutgoing'});

// Data of a client in the store, of 0.9: set(key, value, fn), get(key, fn), has(key, fn), del(key, fn).
Object.assign(Socket.prototype, {
    set(key, value, fn) {
        this.native.dataSet(String(key), JSON.stringify(value) || 'null',
            (isDone) => fn && fn(isDone ? null : new Error('not stored')));
        return this;
    },
    get(key, fn) {
        this.native.dataGet(String(key), (isThere, text) =>
            fn && fn(null, isThere ? parsed(text) : null));
        return this;
    },
    has(key, fn) {
        this.native.dataHas(String(key), (isThere) => fn && fn(null, isThere));
        return this;
    },
    del(key, fn) {
        this.native.dataDel(String(key), () => fn && fn(null));
        return this;
    },
});

// What another program has stored may be a text.
function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

exports.Socket = Socket;
exports.requestOf = requestOf;
