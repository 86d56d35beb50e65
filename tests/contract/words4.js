'use strict';
/*
 * Words of socket.io 4, as an application: it runs on the real one, on the module for Node, and as a
 * script of siobroker (tests/lib/words4.js compares them).
 */

const LONG_MS = 60000;

/* --- Each question is answered with what socket.io shows of itself. --- */

const namesOf = (sockets) => [...sockets].map(({ data }) => data.name).sort();
const roomsOf = ({ id, rooms }) => [...rooms].map((room) => (room === id ? 'own' : room)).sort();

/* By the text of an error, what fn throws; or what it gives. */
function thrown(fn) {
    try {
        return { value: typeof fn() };
    } catch ({ message }) {
        return { message };
    }
}

const questions = {
    rooms(io, socket) {
        socket.join('a');
        socket.join(['b', 'c']);
        socket.leave('b');
        const before = roomsOf(socket);
        io.in('a').socketsJoin(['d', 'e']);
        io.in('c').socketsLeave('e');
        const { rooms, sids } = socket.nsp.adapter;
        return [before, socket.rooms instanceof Set, socket.rooms.has('d'), socket.rooms.has('e'),
            rooms.get('a').size, rooms.has('b'), sids.get(socket.id).has('c')];
    },
    handshake(io, { handshake: h, request, conn }) {
        return [typeof h.headers['user-agent'], h.query.EIO, typeof h.url, h.auth.name, h.secure,
            h.xdomain, typeof h.time, typeof h.issued, /^(::ffff:)?127\.0\.0\.1$/.test(h.address),
            typeof request.headers.host, conn.transport.name];
    },
    identity(io, socket) {
        return [socket.nsp.name, socket.connected, socket.disconnected, socket.recovered,
            io.sockets.sockets.get(socket.id) === socket, io.of('/') === io.sockets,
            socket.server === io, io.of('other') === io.of('/other'), typeof socket.id,
            socket.id.length];
    },
    async fetch(io, socket) {
        socket.join('fetched');
        const [one] = await io.in('fetched').fetchSockets();
        one.data.seen = true;
        const all = await io.fetchSockets();
        const others = await socket.broadcast.fetchSockets();
        const answer = [one.id === socket.id, one.rooms.has('fetched'), socket.data.seen,
            one.handshake.auth.name, namesOf(all), namesOf(others),
            (await io.allSockets()).size, (await io.except('fetched').fetchSockets()).length,
            (await io.in('nobody').fetchSockets()).length];
        socket.leave('fetched');
        return answer;
    },
    async acknowledgements(io, socket) {
        const withCallback = (emit) => new Promise((resolve) => {
            emit((...args) => resolve(args.map((arg) => arg?.message ?? arg)));
        });
        const [remote] = await io.in(socket.id).fetchSockets();
        return [
            await socket.emitWithAck('question', 1),
            await socket.timeout(LONG_MS).emitWithAck('question', 2),
            await withCallback((ack) => socket.emit('question', 3, ack)),
            await withCallback((ack) => socket.timeout(LONG_MS).emit('question', 4, ack)),
            await withCallback((ack) => socket.timeout(10).emit('unknown', ack)),
            (await io.timeout(LONG_MS).emitWithAck('question', 5)).sort(),
            await io.in('nobody').timeout(LONG_MS).emitWithAck('question', 6),
            await withCallback((ack) => io.in('nobody').timeout(LONG_MS).emit('question', 7, ack)),
            await withCallback((ack) => io.in(socket.id).timeout(10).emit('unknown', ack)),
            await withCallback((ack) => remote.timeout(LONG_MS).emit('question', 8, ack)),
            await socket.timeout(10).emitWithAck('unknown').catch(({ message }) => message),
            (await socket.broadcast.timeout(LONG_MS).emitWithAck('question', 9)).sort(),
            await withCallback((ack) => socket.emit('several', 10, ack)),
            await withCallback((ack) => socket.timeout(LONG_MS).emit('several', 11, ack)),
            await withCallback((ack) => socket.compress(false).emit('several', 12, ack)),
            await socket.emitWithAck('several', 13),
            await io.in(socket.id).timeout(LONG_MS).emitWithAck('several', 14),
            await withCallback((ack) => remote.timeout(LONG_MS).emit('several', 15, ack)),
            await withCallback((ack) => socket.emit('nothing', ack)),
            await socket.emitWithAck('nothing'),
        ];
    },
    reserved(io, socket) {
        const names = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener'];
        return names.map((name) => [thrown(() => socket.emit(name)), thrown(() => io.emit(name)),
            thrown(() => io.to('x').emit(name))]);
    },
    chains(io, socket) {
        return [socket.emit('x'), socket.volatile.emit('x'), socket.compress(false).emit('x'),
            socket.timeout(5).emit('x'), io.emit('x'), io.to('r').except('s').emit('x'),
            io.local.volatile.compress(true).emit('x'), socket.send('m') === socket,
            socket.write('m') === socket, io.send('m') === io, io.of('/other').send('m') ===
            io.of('/other'), socket.use((packet, next) => next()) === socket,
            socket.onAny(() => {}) === socket, socket.offAny() === socket,
            io.use((_, next) => next()) === io, io.on('x', () => {}) === io,
            io.off('x', () => {}) === io, io.listenerCount('connection'), io.eventNames().length];
    },
    async listeners(io, socket) {
        const heard = [];
        const any = (name) => heard.push(`any ${name}`);
        const often = () => heard.push('often');
        socket.once('local', () => heard.push('once'));
        socket.on('local', often);
        socket.onAny(any);
        socket.prependAny(() => heard.push('first'));
        const counts = [socket.listenerCount('local'), socket.listenersAny().length];
        for (const name of ['local', 'local', 'other']) {
            const hears = new Promise((resolve) => { socket.once(name, resolve); });
            socket.emit('say it', name);
            await hears;
        }
        socket.off('local', often);
        socket.offAny();
        return [counts, heard, socket.listenerCount('local'), socket.listenersAny().length];
    },
};

function application(io) {
    io.use((socket, next) => {
        socket.data.name = socket.handshake.auth.name;
        const error = socket.data.name === 'Eve' &&
            Object.assign(new Error('not you'), { data: { code: 7, why: ['x'] } });
        next(error || undefined);
    });
    io.of('/guarded').use((socket, next) => setImmediate(next))
        .use((socket, next) => next(new Error('closed')));
    io.of('/other').on('connection', (socket) => {
        socket.emit('hello', socket.nsp.name, roomsOf(socket));
        socket.on('leave', () => socket.disconnect());
        socket.on('disconnect', (reason) => io.emit('gone from other', reason));
    });
    let n_connects = 0;
    io.on('connect', () => n_connects++);
    io.on('connection', (socket) => {
        socket.on('query', async (name, ack) => ack(await questions[name](io, socket)));
        socket.on('connects', (ack) => ack(n_connects > 0));
        socket.use(([name], next) => next(name === 'bad' ? new Error('bad event') : undefined));
        socket.on('error', ({ message }) => socket.emit('complaint', message));
        socket.on('values', (...args) => args.pop()(...args));
        socket.on('twice', (ack) => [1, 2].forEach((n) => ack(n)));
        socket.on('join', (room, ack) => {
            socket.join(room);
            ack();
        });
        socket.on('tell', (room) => {
            socket.to(room).emit('told', 'socket.to');
            socket.to(room).except('quiet').emit('told', 'socket.to.except');
            socket.in(room).emit('told', 'socket.in');
            io.to([room, 'other room']).emit('told', 'io.to');
            io.except('quiet').emit('told', 'io.except');
            socket.broadcast.emit('told', 'broadcast');
            socket.local.emit('told', 'local');
            io.volatile.emit('told', 'volatile');
            io.emit('told', 'end');
        });
        socket.on('kick', (name, close) => io.in(name).disconnectSockets(close));
        socket.join(socket.data.name);
        let rooms;
        socket.on('disconnecting', (reason) => { rooms = [reason, ...roomsOf(socket)]; });
        socket.on('disconnect', (reason, ...more) => io.emit('gone', socket.data.name, reason,
            rooms, socket.rooms.size, socket.connected, more.length > 1));
    });
}

module.exports = { application, questions, thrown };
