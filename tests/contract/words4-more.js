'use strict';
/*
 * More words of socket.io 4, which the module for Node has not: an application for the real one, and
 * a script of siobroker (tests/clients/script4-words.test.js). Which it is, a command line tells:
 * words4-more.js PORT on Node.
 */

const words = require('./words4.js');

const turn = () => new Promise((resolve) => { setImmediate(resolve); });
const kindOf = (value) => (value === null ? 'null' : typeof value);
const { thrown } = words;

const more = {
    outgoing(io, socket) {
        const heard = [];
        const hear = (where) => (name, ...args) => heard.push([where, name, args.length]);
        const first = hear('first');
        socket.onAnyOutgoing(hear('any'));
        socket.prependAnyOutgoing(first);
        socket.emit('to one', 1);
        socket.emit('asked', 1, () => {});
        io.to(socket.id).emit('to a room', 1, 2);
        io.emit('to all');
        socket.broadcast.emit('to others');
        const counts = [socket.listenersAnyOutgoing().length];
        socket.offAnyOutgoing(first);
        counts.push(socket.listenersAnyOutgoing().length);
        socket.emit('to one', 1);
        socket.offAnyOutgoing();
        socket.emit('to one', 1);
        return [heard, counts, socket.listenersAnyOutgoing().length];
    },
    adapter(io, socket) {
        const { adapter } = io.of('/');
        const heard = [];
        const name = (room) => (room === socket.id ? 'own' : room);
        const hear = (event) => (room, id) => heard.push([event, name(room),
            id === undefined ? 'none' : name(id)]);
        const names = ['create-room', 'join-room', 'leave-room', 'delete-room'];
        const hears = names.map(hear);
        names.forEach((event, i) => adapter.on(event, hears[i]));
        socket.join('new room');
        socket.join(['new room', 'second']);
        socket.leave('new room');
        socket.leave('new room');
        socket.leave('never there');
        names.forEach((event, i) => adapter.off(event, hears[i]));
        socket.leave('second');
        return [heard, [...adapter.rooms.keys()].map(name).includes('own'),
            adapter.rooms.get(socket.id).size, adapter.rooms.get('second'),
            adapter.sids.get(socket.id).has(socket.id), kindOf(adapter.socketRooms),
            [...adapter.socketRooms(socket.id)].map(name).sort(), adapter.nsp === io.of('/')];
    },
    connection(io, { conn, client, request, id }) {
        return [typeof conn.id, conn.id === id, conn.id === client.id, conn.protocol,
            conn.readyState, conn.transport.name, conn.remoteAddress.replace('::ffff:', ''),
            client.conn === conn || kindOf(client.conn), client.request.url === request.url,
            typeof request.url, request.method, typeof conn.on, typeof conn.once,
            request._query.transport, request.headers.upgrade];
    },
    engine(io) {
        return [io.engine.clientsCount >= 2, typeof io.engine.on, typeof io.engine.generateId,
            io.path(), io.connectTimeout(), io.serveClient()];
    },
    namespaces(io) {
        const nsp = io.of('/made-now');
        const same = io.of('made-now');
        return [nsp === same, nsp.name, nsp.sockets.size, nsp.sockets instanceof Map,
            nsp.server === io, io._nsps.has('/made-now'), io._nsps.get('/') === io.sockets,
            typeof io.sockets.adapter, io.sockets.name];
    },
    parents(io) {
        return [thrown(() => io.of(/x/g)), thrown(() => io.of(/x/y)),
            typeof io.of(/^\/never-\d+$/).use,
            thrown(() => io.of(/^\/never-\d+$/).fetchSockets())];
    },
    serverSide(io) {
        const names = ['connect', 'connection', 'new_namespace'];
        return [names.map((name) => thrown(() => io.serverSideEmit(name))),
            names.map((name) => thrown(() => io.of('/other').serverSideEmit(name)))];
    },
    localFetch(io, socket) {
        return io.local.fetchSockets().then((all) => [all.includes(socket),
            all.every((one) => one.data.name !== undefined)]);
    },
    async remote(io, socket) {
        const [one] = await io.in(socket.id).fetchSockets();
        one.join('a');
        const isIn = socket.rooms.has('a');
        one.leave('a');
        return [isIn, socket.rooms.has('a'), one === socket, one.emit('x')];
    },
    flags(io, socket) {
        const heard = [];
        socket.onAnyOutgoing((name) => heard.push(name));
        socket.volatile.emit('volatile');
        socket.compress(true).emit('compressed');
        socket.volatile.compress(false).timeout(1).emit('both');
        socket.send('a message');
        socket.write('another');
        socket.offAnyOutgoing();
        return heard;
    },
    async errors(io, socket) {
        const told = [];
        socket.on('error', ({ message, data }) => told.push([message, data]));
        const isIgnored = await socket.timeout(60000).emitWithAck('send error');
        await turn();
        socket.removeAllListeners('error');
        return [told, isIgnored];
    },
    emitter(io, socket) {
        const heard = [];
        const fn = (...args) => heard.push(args);
        socket.prependListener('e', () => heard.push('first'));
        socket.addListener('e', fn);
        const names = socket.eventNames().filter((name) => name === 'e');
        const counts = [socket.listeners('e').length, socket.rawListeners('e').length];
        socket.removeListener('e', fn).removeAllListeners('e');
        return [heard, names, counts, socket.listenerCount('e'), socket.listenerCount('error'),
            socket.setMaxListeners(20) === socket];
    },
    left(io, socket) {
        const [id] = [...io.of('/').sockets.keys()].filter((one) => one !== socket.id);
        const other = io.of('/').sockets.get(id);
        const before = [other.connected, other.disconnected, other.rooms.size];
        const result = other.disconnect(true) === other;
        return [before, result, other.connected, other.disconnected, other.rooms.size,
            io.of('/').sockets.has(id), other.disconnect() === other, other.emit('late')];
    },
};

/* Namespaces that clients think of: /room-1, and those that a function knows. */
function dynamic(io) {
    const made = [];
    io.on('new_namespace', ({ name }) => made.push(name));
    io.of(/^\/room-\d+$/).use((socket, next) => next(socket.handshake.auth.name === 'Eve'
        ? new Error('not in rooms') : undefined))
        .on('connection', (socket) => {
            const { nsp } = socket;
            nsp.emit('in a room', nsp.name, nsp.sockets.size, io.of(nsp.name) === nsp);
            socket.on('say', (text) => nsp.emit('said', text));
            socket.on('all', (text) => io.of(/^\/room-\d+$/).emit('said', text));
        });
    io.of((name, auth, next) => next(null, /^\/of-/.test(name) && auth.name === name.slice(4)))
        .on('connect', (socket) => socket.emit('mine', socket.nsp.name, socket.handshake.auth));
    io.of((name, auth, next) => setImmediate(() => next(null, name === '/later')))
        .on('connect', (socket) => socket.emit('mine', socket.nsp.name));
    return made;
}

function application(io) {
    const made = dynamic(io);
    words.application(io);
    io.on('connection', (socket) => {
        socket.on('more', async (name, ack) => ack(await more[name](io, socket)));
        socket.on('made', (ack) => ack(made));
        socket.on('error test', (ack) => ack());
    });
}

module.exports = { application, more };

if (require.main === module) {
    const { Server } = require('socket.io-4');
    const server = require('node:http').createServer();

    application(new Server(server));
    server.listen(Number(process.argv[2]));
}
