'use strict';
// A namespace, with the sockets that this instance has in it.

const EventEmitter = builtin('events');
const {Adapter} = builtin('socketio_adapter');
const {Broadcast} = builtin('socketio_broadcast');
const {Socket} = builtin('socketio_socket');

const ACCEPT = 0, REFUSE = 1, FAIL = 2; // sio_verdict
const RESERVED = ['connect', 'connection', 'new_namespace'];
const ANSWER_MS = 5000; // requestsTimeout of socket.io's adapters

class Namespace extends EventEmitter {
    constructor(server, key) {
        super();
        this.server = server;
        this.key = key; // as C has it: "" is the default one
        this.name = key || '/';
        this.members = new Map(); // sockets, by id
        this.guards = [];
        this.isGuarded = false; // are they asked?
        this.accepted = new Map(); // by id: sockets that middleware has seen
        this.parent = null; // of one that clients have asked for
        this.adapter = new Adapter(this);
        this.heard = new Set(); // names of serverSideEmit()
        this.nOutgoing = 0; // sockets that want to know what they are sent
    }
    get sockets() { return this.members; }
    get connected() { return Object.fromEntries(this.members); } // of 1 and 2
    get SocketClass() { return Socket; }
    tell(name, ...args) { return EventEmitter.prototype.emit.call(this, name, ...args); }

    // --- Who may connect. ---

    use(fn) {
        this.guards.push(fn);
        this.guard();
        return this;
    }
    guard() {
        if (this.isGuarded || this.isTemporary)
            return; // a parent asks for its children
        this.isGuarded = true;
        native.use(this.key, (...args) => this.onDecision(...args));
    }
    get isTemporary() { return this.parent !== null && !this.isKept; }
    // Of 0.9: fn(handshake, accept).
    authorization(fn) {
        return this.use((socket, next) => fn.call(this, socket.handshake,
            function (error, isAuthorized, handshake) {
                if (handshake)
                    socket.setHandshake(handshake);
                next(error ? FAIL : isAuthorized ? undefined : REFUSE);
            }));
    }
    onDecision(decision, handshake, auth, id) {
        const socket = new this.SocketClass(this, id);
        const guards = [...this.guards];
        const next = (error) => {
            if (error === REFUSE || error === FAIL)
                decision.decide(error);
            else if (error)
                decision.decide(REFUSE, String(error.message || error),
                    error.data === undefined ? undefined : JSON.stringify(error.data));
            else if (guards.length > 0) {
                guards.shift()(socket, once(next));
                return;
            } else
                this.accept(socket, decision);
            this.leaveIfEmpty();
        };

        socket.setHandshake({...JSON.parse(handshake), auth: JSON.parse(auth)});
        next();
    }
    // It becomes a socket in the call, unless its client has gone.
    accept(socket, decision) {
        this.accepted.set(socket.id, socket);
        decision.decide(ACCEPT);
        this.accepted.delete(socket.id);
    }

    // --- Clients. ---

    onConnection(nativeSocket, id) {
        const socket = this.accepted.get(id) || new this.SocketClass(this, id);

        socket.begin(nativeSocket);
        this.members.set(id, socket);
        this.tell('connect', socket);
        this.tell('connection', socket);
        socket.keepData();
        return socket;
    }
    onLeft(id) {
        this.members.delete(id);
        this.leaveIfEmpty();
    }
    leaveIfEmpty() {
        if (this.isTemporary && this.members.size === 0 && this.accepted.size === 0)
            this.server.forget(this);
    }
    emit(name, ...args) { return new Broadcast(this).emit(name, ...args); }
    send(...args) {
        this.emit('message', ...args);
        return this;
    }
    write(...args) { return this.send(...args); }

    // --- Other instances. ---

    serverSideEmit(name, ...args) {
        if (RESERVED.includes(name))
            throw new Error(`"${name}" is a reserved event name`);
        const fn = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;

        native.serverSideEmit(this.key, String(name), JSON.stringify(args), ANSWER_MS,
            fn && ((answers, n, nAll) => fn(n === nAll ? null : new Error('timeout reached: only ' +
                `${n} responses received out of ${nAll}`), JSON.parse(answers))));
        return true;
    }
    serverSideEmitWithAck(name, ...args) {
        return new Promise((resolve, reject) => this.serverSideEmit(name, ...args,
            (error, responses) => error ? reject(Object.assign(error, {responses}))
                : resolve(responses)));
    }
    onServerSide(name, args, answer) {
        if (answer)
            args.push((value) => answer(JSON.stringify(value === undefined ? null : value)));
        this.tell(name, ...args);
    }
    hear(name) {
        if (typeof name !== 'string' || RESERVED.includes(name) || this.heard.has(name))
            return;
        this.heard.add(name);
        native.onServerSide(this.key, name);
    }

    // --- Of 0.9. ---

    get manager() { return this.server.manager; }
    socket(id) { return this.members.get(String(id)) || new this.SocketClass(this, String(id)); }
    // clients([room]) of 0.9; clients(fn) of 1 and 2.
    clients(room) {
        if (typeof room === 'function')
            return new Broadcast(this).clients(room);
        return room === undefined ? [...this.members.values()]
            : native.members(this.key, String(room)).map((id) => this.members.get(id));
    }
}

for (const word of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'])
    Namespace.prototype[word] = function (name, fn) {
        this.hear(name);
        return EventEmitter.prototype[word].call(this, name, fn);
    };

function once(fn) {
    let isDone = false;

    return function (...args) {
        if (!isDone) {
            isDone = true;
            fn(...args);
        }
    };
}

for (const word of ['to', 'in', 'except', 'compress', 'timeout', 'emitWithAck', 'fetchSockets',
    'allSockets', 'socketsJoin', 'socketsLeave', 'disconnectSockets'])
    Namespace.prototype[word] = function (...args) { return new Broadcast(this)[word](...args); };
for (const word of ['volatile', 'local', 'json', 'broadcast'])
    Object.defineProperty(Namespace.prototype, word, {configurable: true,
        get() { return new Broadcast(this)[word]; }});

exports.Namespace = Namespace;
exports.verdicts = {ACCEPT, REFUSE, FAIL};
