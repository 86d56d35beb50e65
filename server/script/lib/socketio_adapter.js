'use strict';
// nsp.adapter of 4: the rooms of this instance, as maps that are made when they are looked at.

const EventEmitter = builtin('events');

const EVENTS = ['create-room', 'join-room', 'leave-room', 'delete-room']; // sio_room_event

let depth = 0; // of events about rooms, in which nobody may be moved

// Move somebody, now or when these events are over.
exports.move = function (fn) {
    if (depth === 0)
        fn();
    else
        process.nextTick(fn);
};

// A Map whose members are made by list(), and one of them by find(key).
class View extends Map {
    constructor(list, find) {
        super();
        this.list = list;
        this.find = find;
    }
    get(key) { return this.find(key); }
    has(key) { return this.find(key) !== undefined; }
    get size() { return this.list().length; }
    *keys() { for (const [key] of this.list()) yield key; }
    *values() { for (const [, value] of this.list()) yield value; }
    entries() { return this.list().values(); }
    [Symbol.iterator]() { return this.entries(); }
    forEach(fn, self) { this.list().forEach(([key, value]) => fn.call(self, value, key, this)); }
}

function roomsOf(namespace) {
    const rooms = new Map();

    for (const [id, socket] of namespace.members)
        for (const room of socket.rooms)
            rooms.set(room, (rooms.get(room) || new Set()).add(id));
    return [...rooms];
}

class Adapter extends EventEmitter {
    constructor(namespace) {
        super();
        this.nsp = namespace;
        this.isHearing = false;
    }
    get rooms() {
        return new View(() => roomsOf(this.nsp), (room) => {
            const ids = native.members(this.nsp.key, String(room));

            return ids.length > 0 ? new Set(ids) : undefined;
        });
    }
    get sids() {
        return new View(() => [...this.nsp.members].map(([id, socket]) => [id, socket.rooms]),
            (id) => this.socketRooms(id));
    }
    socketRooms(id) {
        const socket = this.nsp.members.get(id);

        return socket && socket.rooms;
    }
    sockets(rooms) { return this.nsp.in([...rooms]).allSockets(); }
    serverCount() { return Promise.resolve(JSON.parse(native.counters()).peers + 1); }
    addAll(id, rooms) { this.nsp.members.get(id)?.join([...rooms]); }
    del(id, room) { this.nsp.members.get(id)?.leave(room); }
    init() {}
    close() {}

    hear() {
        if (!this.isHearing)
            native.onRoom(this.nsp.key);
        this.isHearing = true;
    }
    tell(what, room, id) {
        depth++;
        try {
            this.emit(EVENTS[what], room, ...(id === undefined ? [] : [id]));
        } finally {
            depth--;
        }
    }
}
for (const word of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'])
    Adapter.prototype[word] = function (...args) {
        this.hear();
        return EventEmitter.prototype[word].apply(this, args);
    };

exports.Adapter = Adapter;
