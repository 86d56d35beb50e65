'use strict';
// What words mean in socket.io 0.9, where they mean something else than in 4: sockets and
// namespaces have flags that last until something is sent, and return themselves.

const EventEmitter = builtin('events');
const {move} = builtin('socketio_adapter');
const {Broadcast} = builtin('socketio_broadcast');
const {Namespace} = builtin('socketio_namespace');
const {Socket} = builtin('socketio_socket');
const {jsonOf} = builtin('socketio_packet');

const HANDSHAKE = 2; // native_sockets.c
const MAX_AUTHORIZED = 10000; // handshakes that no session has begun with
const LOCAL = ['newListener', 'removeListener'];

// --- Handshakes that an authorization has seen, by the text that C has: its objects, in order. ---

const authorized = new Map();

exports.keepAuthorized = function (text, handshake) {
    if (authorized.size >= MAX_AUTHORIZED)
        authorized.delete(authorized.keys().next().value);
    authorized.set(text, [...(authorized.get(text) || []).slice(-9), handshake]);
};
function takeAuthorized(text) {
    const list = authorized.get(text);

    if (list === undefined)
        return undefined;
    if (list.length === 1)
        authorized.delete(text);
    return list.length === 1 ? list[0] : list.shift();
}

// --- Sockets. ---

class Socket09 extends Socket {
    begin(nativeSocket) {
        const seen = Object.getOwnPropertyDescriptor(this, 'handshake');

        super.begin(nativeSocket);
        if (seen) // by the authorization of a namespace
            this.session.handshake = seen.value;
        else if (authorized.size > 0 && this.session.handshake === undefined)
            this.session.handshake = takeAuthorized(nativeSocket.text(HANDSHAKE));
        delete this.handshake;
    }
    get handshake() {
        if (this.native === null)
            return undefined;
        const {session} = this;

        return session.handshake || (session.handshake =
            this.server.adaptHandshake(JSON.parse(this.native.text(HANDSHAKE))));
    }
    get writable() { return undefined; }
    get readable() { return this.native !== null || undefined; }
    get disconnected() { return this.hasLeft === true; }
    $emit(...event) { return this.tellHere(...event); }
    emit(name, ...args) {
        if (LOCAL.includes(name))
            return this.tellHere(name, ...args);
        const flags = this.takeFlags();

        if (flags.broadcast)
            this.others(flags).put(name, args.map(withoutFunctions));
        else {
            this.flags = flags;
            this.put(name, args);
        }
        return this;
    }
    send(data, fn) {
        const flags = this.takeFlags();

        if (flags.broadcast)
            this.others(flags).put('message', [data]);
        else if (this.native === null)
            new Broadcast(this.nsp, [this.id]).put('message', [data]);
        else if (flags.json)
            this.native.sendJson(jsonOf(data), fn && answered(this, fn));
        else
            this.native.send(String(data), fn && answered(this, fn));
        return this;
    }
    others({room}) {
        return new Broadcast(this.nsp, room ? [room] : [], [this.id]);
    }
    get broadcast() { return this.flag('broadcast', true); }
    to(room) { return this.flag('room', String(room)); }
    in(room) { return this.to(room); }
    join(room, fn) {
        super.join(String(room));
        if (fn)
            fn();
        return this;
    }
    leave(room, fn) {
        super.leave(String(room));
        if (fn)
            fn();
        return this;
    }
    disconnect() {
        if (this.native === null)
            new Broadcast(this.nsp, [this.id]).disconnectSockets(this.nsp.key === '');
        else
            move(() => this.native.disconnect(false));
        return this;
    }
    onDisconnect(reason) {
        this.leaveNow();
        this.tellHere('disconnect', reason);
        this.hasLeft = true;
        this.end(reason);
    }
    leaveNow() {
        void this.handshake; // while C knows it
        this.connected = false;
        this.nsp.onLeft(this.id);
    }
    keepData() {}
}

const withoutFunctions = (value) => typeof value === 'function' ? null : value;

function answered(socket, fn) {
    return (answer) => answer !== null && fn.apply(socket, answer);
}

// --- Namespaces. ---

class Namespace09 extends Namespace {
    get SocketClass() { return Socket09; }
    tell(name, ...args) {
        super.tell(name, ...args);
        if (name === 'connection' && this.key === '')
            this.server.emit(name, ...args);
    }
    get sockets() { return Object.fromEntries(this.members); }
    get flags() { return this.wanted || (this.wanted = {room: '', exceptions: []}); }
    get log() { return this.server.log; }
    get store() { return this.server.store; }
    $emit(...event) { return this.tell(...event); }
    in(room) {
        this.flags.room = room ? String(room) : '';
        return this;
    }
    to(room) { return this.in(room); }
    except(id) {
        this.flags.exceptions.push(id);
        return this;
    }
    get json() { return this; }
    get volatile() {
        this.flags.volatile = true;
        return this;
    }
    emit(name, ...args) {
        if (LOCAL.includes(name))
            return this.tell(name, ...args);
        const {room, exceptions, volatile} = this.flags;

        this.wanted = null;
        new Broadcast(this, room ? [room] : [], exceptions, {volatile})
            .put(name, args.map(withoutFunctions));
        return this;
    }
    send(data) { return this.emit('message', data); }
    // 0.9 knows no serverSideEmit().
    hear() {}
}

exports.Namespace09 = Namespace09;

// --- The server, which is what 0.9 calls the manager. ---

// Whoever listens to it listens to it alone; of sockets it is told, too.
exports.makeServer = function (Server) {
    const Server09 = server09(Server);

    for (const word of Object.keys(EventEmitter.prototype))
        Server09.prototype[word] = EventEmitter.prototype[word];
    return Server09;
};

const server09 = (Server) => class Server09 extends Server {
    get manager() { return this; }
    get server() { return this.httpServer; }
    get isOf09() { return true; }
    get namespaces() { return Object.fromEntries(this.allNamespaces()); }
    get connected() { return this.ofEach(() => true); }
    get open() { return this.connected; }
    get closed() { return {}; }
    get handshaken() { return this.ofEach((socket) => socket.handshake); }
    get transports() { return this.ofEach((socket) => ({name: socket.transport, open: true})); }
    get roomClients() {
        const all = {};

        for (const [key, {members}] of this.allNamespaces())
            for (const [id, socket] of members)
                for (const room of socket.rooms)
                    (all[id] = all[id] || {})[room === id ? key : `${key}/${room}`] = true;
        return all;
    }
    get rooms() {
        const rooms = {};

        for (const [id, isIn] of Object.entries(this.roomClients))
            for (const room of Object.keys(isIn))
                (rooms[room] = rooms[room] || []).push(id);
        return rooms;
    }
    ofEach(fn) {
        return Object.fromEntries([...this.sockets.members].map(([id, socket]) =>
            [id, fn(socket)]));
    }
    adaptHandshake(handshake) {
        const {address} = handshake;

        delete handshake.auth;
        delete handshake.issued;
        if (typeof address === 'string')
            handshake.address = {address, port: 0};
        return handshake;
    }
};
