'use strict';
/*
 * The contract application (CONTRACT.md) in the words of socket.io 4: it runs on the real one
 * (tests/lib/reference-modern.js), on the module for Node (tests/lib/module-contract.js), and on
 * siobroker (tests/contract/script4.js).
 */

const isText = (value) => typeof value === 'string';
/* Acknowledge, if that was asked for. */
const answer = (ack, ...args) => typeof ack === 'function' && ack(...args);

function relay(socket) {
    const everyone = socket.nsp;
    const move = (how) => (room, ack) => {
        if (isText(room)) {
            socket[how](room);
            answer(ack, room);
        }
    };
    socket.on('join', move('join'));
    socket.on('leave', move('leave'));
    socket.on('broadcast', (data) => everyone.emit('broadcast', data));
    socket.on('others', (data) => socket.broadcast.emit('others', data));
    const tell = (operator) => (room, data) =>
        isText(room) && operator.to(room).emit('room', room, data);
    socket.on('room', tell(everyone));
    socket.on('room others', tell(socket));
}

function remember(socket) {
    const values = new Map();
    socket.on('set', (key, value, ack) => {
        if (isText(key)) {
            values.set(key, value);
            answer(ack);
        }
    });
    socket.on('get', (key, ack) => answer(ack, values.has(key) ? values.get(key) : null));
}

function serve(socket, name) {
    socket.on('echo', (...args) => {
        if (typeof args[args.length - 1] === 'function')
            args.pop()(...args);
        else
            socket.emit('echo', ...args);
    });
    relay(socket);
    remember(socket);
    socket.on('volatile', (data) => socket.volatile.emit('volatile', data));
    socket.on('ask', (data) => socket.emit('question', data,
        (...args) => socket.emit('answer', ...args)));
    socket.on('many', (n) => {
        for (let i = 0; Number.isInteger(n) && i < n; i++)
            socket.emit('seq', i);
    });
    socket.on('kick', () => socket.disconnect(true));
    socket.on('who', (ack) => answer(ack, { id: socket.id,
        transport: socket.conn.transport.name, server: name }));
    socket.on('message', (data, ack) => {
        if (!isText(data))
            return socket.send(data);
        socket.send(`echo:${data}`);
        return answer(ack, 'got', data);
    });
}

function contract(io, name, port) {
    io.on('connection', (socket) => {
        socket.emit('server', { server: name, port: port() });
        serve(socket, name);
        socket.on('disconnect', (reason) => io.emit('left', socket.id, reason));
    });
    io.of('/chat').on('connection', (socket) => {
        socket.emit('welcome', { namespace: '/chat' });
        serve(socket, name);
    });
    /* Clients before 3 send the query of a namespace where later ones send the auth object. */
    io.of('/auth').use(({ handshake: { query, auth } }, next) =>
        next(query.token === 'secret' || auth.token === 'secret' ? undefined
            : new Error('unauthorized')))
        .on('connection', (socket) => socket.emit('welcome', { namespace: '/auth' }));
    io.of('/err').use((socket, next) => next(new Error('error')));
}

/* What the official test suites expect. */
function suite(io) {
    const greet = (socket) => socket.emit('auth', socket.handshake.auth);
    io.on('connection', (socket) => {
        greet(socket);
        socket.on('message', (...args) => socket.emit('message-back', ...args));
        socket.on('message-with-ack', (...args) => args.pop()(...args));
    });
    io.of('/custom').on('connection', greet);
}

module.exports = { contract, suite };
