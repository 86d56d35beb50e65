'use strict';
// To many: io.to('room').except('other').volatile.emit(...). Each word makes a new one.

const {move} = builtin('socketio_adapter');
const {encode, flagsOf, refuseReserved} = builtin('socketio_packet');

const JOIN = 0, LEAVE = 1, DISCONNECT = 2; // native_many.c
const FETCH_MS = 5000; // of socket.io's adapters

class Broadcast {
    constructor(namespace, rooms = [], exceptRooms = [], flags = {}) {
        this.namespace = namespace;
        this.rooms = rooms;
        this.exceptRooms = exceptRooms;
        this.flags = flags;
    }

    // --- Who. ---

    to(rooms) {
        return new Broadcast(this.namespace, this.rooms.concat(rooms), this.exceptRooms,
            this.flags);
    }
    in(rooms) { return this.to(rooms); }
    except(rooms) {
        return new Broadcast(this.namespace, this.rooms, this.exceptRooms.concat(rooms),
            this.flags);
    }
    with(flags) {
        return new Broadcast(this.namespace, this.rooms, this.exceptRooms,
            {...this.flags, ...flags});
    }
    get volatile() { return this.with({volatile: true}); }
    get local() { return this.with({local: true}); }
    get json() { return this.with({json: true}); }
    get broadcast() { return this; }
    compress(isOn) { return this.with({compress: Boolean(isOn)}); }
    timeout(ms) { return this.with({timeout: ms}); }
    get whom() {
        return [this.namespace.key, this.rooms, this.exceptRooms, flagsOf(this.flags)];
    }

    // --- What. ---

    emit(name, ...args) {
        refuseReserved(name);
        const fn = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;

        if (this.namespace.children !== undefined)
            for (const child of this.namespace.children)
                new Broadcast(child, this.rooms, this.exceptRooms, this.flags)
                    .put(name, args, fn);
        else
            this.put(name, args, fn);
        return true;
    }
    put(name, args, fn) {
        if (this.namespace.nOutgoing > 0)
            this.notify(name, args);
        if (fn) {
            this.ask(name, args, fn);
            return;
        }
        const {json, attachments} = encode(args);

        native.broadcast(...this.whom, String(name), json, attachments);
    }
    // Sockets of this instance that want to know what they are sent.
    notify(name, args) {
        for (const socket of this.namespace.members.values()) {
            const isIn = (room) => socket.rooms.has(String(room));

            if (socket.outgoing && (this.rooms.length === 0 || this.rooms.some(isIn)) &&
                !this.exceptRooms.some(isIn))
                socket.notify(name, args);
        }
    }
    send(...args) {
        this.emit('message', ...args);
        return this;
    }
    write(...args) { return this.send(...args); }

    // fn(error, answers), as of 4.
    ask(name, args, fn) {
        const {json, attachments} = encode(args);
        const isSingle = this.flags.isSingle;

        native.broadcastAck(...this.whom, String(name), json, attachments,
            this.flags.timeout === undefined ? 1 : this.flags.timeout,
            function (text, isWhole) {
                const answers = JSON.parse(text);

                fn(isWhole ? null : timedOut(), !isSingle ? answers : isWhole ? answers[0] : null);
            });
    }
    emitWithAck(name, ...args) {
        return new Promise((resolve, reject) => this.emit(name, ...args, function (error, answers) {
            if (error)
                reject(Object.assign(error, {responses: answers}));
            else
                resolve(answers);
        }));
    }

    // --- About them. ---

    fetchSockets() {
        return new Promise((resolve, reject) => native.fetch(...this.whom, FETCH_MS,
            (answers, isWhole) => isWhole
                ? resolve(JSON.parse(answers).map((one) =>
                    this.namespace.members.get(one.id) || new RemoteSocket(this.namespace, one)))
                : reject(timedOut())));
    }
    allSockets() {
        return this.fetchSockets().then((all) => new Set(all.map((one) => one.id)));
    }
    clients(fn) { this.allSockets().then((ids) => fn(null, [...ids]), fn); } // of 1 and 2
    socketsJoin(rooms) { this.order(JOIN, rooms); }
    socketsLeave(rooms) { this.order(LEAVE, rooms); }
    disconnectSockets(isClosed = false) { this.order(DISCONNECT, Boolean(isClosed)); }
    order(what, rooms) {
        for (const room of [].concat(rooms))
            move(() => native.order(...this.whom, what, what === DISCONNECT ? room : String(room)));
    }
}

function timedOut() { return new Error('operation has timed out'); }

// A socket of any instance, as fetchSockets() tells of it.
class RemoteSocket {
    constructor(namespace, {id, handshake, auth, rooms, data}) {
        this.id = id;
        this.handshake = {...handshake, auth};
        this.rooms = new Set([id, ...rooms]);
        this.data = data;
        this.self = new Broadcast(namespace, [id], [], {isSingle: true});
    }
    emit(name, ...args) { return this.self.emit(name, ...args); }
    timeout(ms) { return this.self.timeout(ms); }
    join(rooms) { this.self.socketsJoin(rooms); }
    leave(room) { this.self.socketsLeave(room); }
    disconnect(isClosed) {
        this.self.disconnectSockets(isClosed);
        return this;
    }
}

exports.Broadcast = Broadcast;
