'use strict';
// A namespace, with the sockets that this instance has in it.

const EventEmitter = builtin('events');
const {Broadcast} = builtin('socketio_broadcast');
const {Socket} = builtin('socketio_socket');

const ACCEPT = 0, REFUSE = 1, FAIL = 2; // sio_verdict
const RESERVED = ['connect', 'connection', 'new_namespace'];
const MAX_WAITING = 1000; // accepted, and gone before they were sockets

class Namespace extends EventEmitter {
    constructor(server, key) {
        super();
        this.server = server;
        this.key = key;
        this.name = key || '/';
        this.sockets = new Map(); // by id
        this.guards = [];
        this.accepted = new Map(); // by id: sockets that middleware has seen
    }

    // --- Who may connect. ---

    use(fn) {
        if (this.guards.length === 0)
            native.use(this.key, (...args) => this.onDecision(...args));
        this.guards.push(fn);
        return this;
    }
    // Of 0.9: fn(handshake, accept).
    authorization(fn) {
        return this.use((socket, next) => fn(socket.handshake, (error, isAuthorized) =>
            next(error ? FAIL : isAuthorized ? undefined : REFUSE)));
    }
    onDecision(decision, handshake, auth, id) {
        const socket = new Socket(this, id, {...JSON.parse(handshake), auth: JSON.parse(auth)});
        const guards = [...this.guards];
        const next = (error) => {
            if (error === REFUSE || error === FAIL)
                decision.decide(error);
            else if (error)
                decision.decide(REFUSE, String(error.message || error),
                    error.data === undefined ? undefined : JSON.stringify(error.data));
            else if (guards.length > 0)
                guards.shift()(socket, once(next));
            else
                this.accept(socket, decision);
        };

        next();
    }
    accept(socket, decision) {
        if (this.accepted.size >= MAX_WAITING)
            this.accepted.delete(this.accepted.keys().next().value);
        this.accepted.set(socket.id, socket);
        decision.decide(ACCEPT);
    }

    // --- Clients. ---

    onConnection(nativeSocket, id) {
        const socket = this.accepted.get(id) || new Socket(this, id);

        this.accepted.delete(id);
        socket.begin(nativeSocket);
        this.sockets.set(id, socket);
        for (const name of ['connect', 'connection'])
            super.emit(name, socket);
        socket.keepData();
        return socket;
    }
    emit(name, ...args) {
        if (RESERVED.includes(name))
            return super.emit(name, ...args);
        return new Broadcast(this).emit(name, ...args);
    }
    get connected() { return Object.fromEntries(this.sockets); }
    get adapter() { return {rooms: roomsOf(this), sids: sidsOf(this)}; }

    // --- Of 0.9. ---

    get manager() { return this.server.manager; }
    socket(id) { return this.sockets.get(id) || new Socket(this, id); }
    clients(room) {
        const all = [...this.sockets.values()];

        return room === undefined ? all : all.filter((socket) => socket.rooms.has(String(room)));
    }
}

function once(fn) {
    let isDone = false;

    return function (...args) {
        if (!isDone) {
            isDone = true;
            fn(...args);
        }
    };
}

function sidsOf(namespace) {
    return new Map([...namespace.sockets].map(([id, socket]) => [id, socket.rooms]));
}

function roomsOf(namespace) {
    const rooms = new Map();

    for (const [id, socket] of namespace.sockets)
        for (const room of socket.rooms)
            rooms.set(room, (rooms.get(room) || new Set()).add(id));
    return rooms;
}

for (const word of ['to', 'in', 'except', 'compress', 'timeout', 'send', 'write', 'emitWithAck',
    'fetchSockets', 'allSockets', 'socketsJoin', 'socketsLeave', 'disconnectSockets'])
    Namespace.prototype[word] = function (...args) { return new Broadcast(this)[word](...args); };
for (const word of ['volatile', 'local', 'json', 'broadcast'])
    Object.defineProperty(Namespace.prototype, word, {get() { return new Broadcast(this)[word]; }});

exports.Namespace = Namespace;
exports.verdicts = {ACCEPT, REFUSE, FAIL};
