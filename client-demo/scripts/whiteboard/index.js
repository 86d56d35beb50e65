'use strict';
/*
 * client-demo/scripts/whiteboard/index.js - a shared whiteboard, with express and socket.io 4.
 *
 *     siobroker client-demo/scripts/whiteboard/index.js [PORT]
 */

const express = require('express');
const { createServer } = require('http');
const { Server } = require('socket.io');

const MAX_STROKES = 2000;

const app = express();
const server = createServer(app);
const io = new Server(server);
const strokes = []; // for who comes later

app.use(express.static(__dirname + '/public'));

const isPart = (value) => typeof value === 'number' && value >= 0 && value <= 1;

io.on('connection', (socket) => {
    socket.emit('strokes', strokes);
    socket.on('drawing', ({ x0, y0, x1, y1, color } = {}) => {
        if (![x0, y0, x1, y1].every(isPart) || typeof color !== 'string' || color.length > 20)
            return;
        strokes.push({ x0, y0, x1, y1, color });
        if (strokes.length > MAX_STROKES)
            strokes.shift();
        socket.broadcast.emit('drawing', { x0, y0, x1, y1, color });
    });
});

server.listen(Number(process.argv[2] || 3000), () => {
    console.log(`open http://127.0.0.1:${server.address().port}/`);
});
