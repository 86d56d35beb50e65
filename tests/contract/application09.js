'use strict';
/*
 * The contract application (CONTRACT.md) in the words of socket.io 0.9: it runs on the real 0.9.16
 * (tests/lib/reference-contract.js), and on siobroker (tests/contract/script09.js).
 */

function relay(socket, all) {
    socket.on('broadcast', (data) => all.emit('broadcast', data));
    socket.on('others', (data) => socket.broadcast.emit('others', data));
    socket.on('join', (room, ack) => { socket.join(room); ack && ack(room); });
    socket.on('leave', (room, ack) => { socket.leave(room); ack && ack(room); });
    socket.on('room', (room, data) => all.in(room).emit('room', room, data));
    socket.on('room others', (room, data) => socket.broadcast.to(room).emit('room', room, data));
}

function serve(io, socket, all, name) {
    socket.on('echo', (...args) => {
        if (typeof args[args.length - 1] === 'function')
            args.pop()(...args);
        else
            socket.emit('echo', ...args);
    });
    relay(socket, all);
    socket.on('volatile', (data) => socket.volatile.emit('volatile', data));
    /* Without a named parameter the original asks for no data (Q18). */
    socket.on('ask', (data) => socket.emit('question', data,
        (first, ...rest) => socket.emit('answer', first, ...rest)));
    socket.on('set', (key, value, ack) => socket.set(key, value, () => ack && ack()));
    socket.on('get', (key, ack) => socket.get(key, (error, value) => ack && ack(value)));
    socket.on('many', (n) => {
        for (let i = 0; i < n; i++)
            socket.emit('seq', i);
    });
    socket.on('kick', () => io.sockets.socket(socket.id).disconnect());
    socket.on('who', (ack) => ack({ id: socket.id,
        transport: io.transports[socket.id].name, server: name }));
    socket.on('message', (data, ack) => {
        if (typeof data !== 'string')
            return socket.json.send(data);
        socket.send(`echo:${data}`);
        return ack && ack('got', data);
    });
}

function contract(io, { name, port }) {
    io.set('authorization', (data, accept) => {
        if (data.query.fail)
            return accept(new Error('fail'));
        return accept(null, !data.query.deny);
    });
    io.sockets.on('connection', (socket) => {
        socket.emit('server', { server: name, port: port() });
        serve(io, socket, io.sockets, name);
        socket.on('disconnect', (reason) => io.sockets.emit('left', socket.id, reason));
    });
    io.of('/chat').on('connection', (socket) => {
        socket.emit('welcome', { namespace: '/chat' });
        serve(io, socket, io.of('/chat'), name);
    });
    io.of('/auth').authorization((data, accept) => accept(null, data.query.token === 'secret'))
        .on('connection', (socket) => socket.emit('welcome', { namespace: '/auth' }));
    io.of('/err').authorization((data, accept) => accept(new Error('boom')));
}

module.exports = { contract };
