'use strict';
/*
 * client-demo/scripts/chat.js - the chat of the demo, for the pages of client-demo, as a program
 * for socket.io 4. It says what client-demo/chat.c says. "make demo APP=js" runs two of it:
 *
 *     siobroker --redis redis://127.0.0.1:6379 client-demo/scripts/chat.js Server1 3100
 *
 * Nothing here asks which protocol a client speaks.
 */

const { Server } = require('socket.io');

const [, , name = 'Server1', port = '3100'] = process.argv;
const MAX_NAME = 80, MAX_ROOM = 80, MAX_TEXT = 2000;

// One of the pages has a client of 0.9, and loads it by the name that it has there.
const io = new Server(Number(port), {
    cors: { origin: '*' },
    'browser client version': '0.9',
});
const isText = (value, max) => typeof value === 'string' && value !== '' && value.length <= max;

io.on('connection', (socket) => {
    // Tell the room, with a text behind the name of the client and the room, or none.
    const tell = (room, event, ...text) =>
        io.to(room).emit(event, socket.data.name || 'somebody', room, ...text);

    socket.emit('server', { server: name, port: Number(port) });

    // The name that it gives is kept as long as its connection.
    socket.on('join', (room, theName, acknowledge) => {
        if (!isText(room, MAX_ROOM) || !isText(theName, MAX_NAME))
            return;
        socket.join(room);
        socket.data.name = theName;
        if (typeof acknowledge === 'function')
            acknowledge();
        tell(room, 'joined');
    });

    // Who is not in the room says nothing there.
    for (const [event, passedOn] of [['say', 'said'], ['here', 'here']])
        socket.on(event, (room, text) => {
            if (socket.rooms.has(room) && isText(text, MAX_TEXT))
                tell(room, passedOn, text);
        });

    socket.on('leave', (room) => {
        if (!socket.rooms.has(room))
            return;
        tell(room, 'left');
        socket.leave(room);
    });

    // Its rooms are still there to be told.
    socket.on('disconnecting', (reason) => {
        for (const room of socket.rooms)
            if (room !== socket.id)
                tell(room, 'left', reason);
    });
});

console.log(`${name} listens on port ${port}`);
