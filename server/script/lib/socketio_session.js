'use strict';
// What the sockets of one client share, in whatever namespaces it is: its connection, and of 0.9
// its handshake and what is stored for it. Made when a script asks for one of these.

const EventEmitter = builtin('events');

const sessions = new Map(); // by id, for as long as one of its sockets is there

// The request of a handshake, as far as applications look at it.
function requestOf({headers, url, query, address}) {
    const remoteAddress = typeof address === 'object' && address ? address.address : address;

    return {method: 'GET', headers, url, _query: query, connection: {remoteAddress},
        socket: {remoteAddress}};
}

// Of engine.io.
class Connection extends EventEmitter {
    constructor(session, {handshake}) {
        super();
        this.session = session;
        this.id = session.id;
        this.request = requestOf(handshake);
        this.protocol = Number(handshake.query.EIO) || 0;
        this.remoteAddress = this.request.socket.remoteAddress;
        this.readyState = 'open';
    }
    get transport() {
        const [socket] = this.session.sockets;

        return {name: socket ? socket.transport : ''};
    }
    get upgraded() { return this.transport.name !== this.request._query.transport; }
    close() {
        const [socket] = this.session.sockets;

        if (socket)
            socket.disconnect(true);
    }
}

class Session {
    constructor(id) {
        this.id = id;
        this.sockets = new Set();
        this.values = new Map(); // set() of 0.9
        this.handshake = undefined; // of 0.9
        this.connection = undefined;
    }
    connectionOf(socket) {
        return this.connection || (this.connection = new Connection(this, socket));
    }
    leave(socket, reason) {
        this.sockets.delete(socket);
        if (this.sockets.size > 0)
            return;
        sessions.delete(this.id);
        if (this.connection !== undefined) {
            this.connection.readyState = 'closed';
            this.connection.emit('close', reason);
        }
    }
}

// The session of a socket, which tells it when it leaves.
exports.sessionOf = function (socket, id) {
    let session = sessions.get(id);

    if (session === undefined) {
        session = new Session(id);
        if (id !== undefined)
            sessions.set(id, session);
    }
    session.sockets.add(socket);
    return session;
};
exports.requestOf = requestOf;
