'use strict';
// To many: io.to('room').except('other').volatile.emit(...). Each word makes a new one.

const {encode, flagsOf} = builtin('socketio_packet');

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
        return new Broadcast(this.namespace, this.rooms.concat(rooms), this.exceptRooms, this.flags);
    }
    in(rooms) { return this.to(rooms); }
    except(rooms) {
        return new Broadcast(this.namespace, this.rooms, this.exceptRooms.concat(rooms), this.flags);
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
        if (typeof args[args.length - 1] === 'function')
            return this.ask(name, args, args.pop());
        const {json, attachments} = encode(args);

        native.broadcast(...this.whom, String(name), json, attachments);
        return true;
    }
    send(...args) {
        this.emit('message', ...args);
        return this;
    }
    write(...args) { return this.send(...args); }

    // fn(error, answers), as of 4.
    ask(name, args, fn) {
        if (this.flags.timeout === undefined)
            throw new Error('Callbacks are not supported when broadcasting');
        const {json, attachments} = encode(args);

        native.broadcastAck(...this.whom, String(name), json, attachments, this.flags.timeout,
            function (answers, isWhole) {
                fn(isWhole ? null : timedOut(), JSON.parse(answers));
            });
        return true;
    }
    emitWithAck(name, ...args) {
        return new Promise((resolve, reject) => this.ask(name, args, function (error, answers) {
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
                ? resolve(JSON.parse(answers).map((one) => new RemoteSocket(this.namespace, one)))
                : reject(timedOut())));
    }
    allSockets() {
        return this.fetchSockets().then((all) => new Set(all.map((one) => one.id)));
    }
    socketsJoin(rooms) {
        for (const room of [].concat(rooms))
            native.order(...this.whom, JOIN, String(room));
    }
    socketsLeave(rooms) {
        for (const room of [].concat(rooms))
            native.order(...this.whom, LEAVE, String(room));
    }
    disconnectSockets(isClosed = false) {
        native.order(...this.whom, DISCONNECT, Boolean(isClosed));
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
        this.self = new Broadcast(namespace, [id]);
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
