'use strict';
/*
 * recovery.js - clients of socket.io 4.8 that lose their connection, and come back when the test
 * says so (connection state recovery).
 */

const { connect, settle } = require('./modern.js');
const { event, within } = require('./deadline.js');

const ON = { maxDisconnectionDuration: 60000 };

/* A connected client that does not come back by itself. */
function join(port, options) {
    return connect(port, { way: 'websocket', reconnection: false, ...options });
}

/* Its connection is lost; with `other`, somebody who is told of it, until the server knows. */
async function cut(client, other) {
    const { id } = client;
    const left = other && new Promise((resolve) => {
        other.socket.on('left', function listener(who) {
            if (who === id) {
                other.socket.off('left', listener);
                resolve();
            }
        });
    });
    const ended = client.next('disconnect');
    client.engine.close();
    await ended;
    if (left)
        await within(left, `${id} has left`);
}

/* It comes back, to another port if that is given. All events until it is connected, and after. */
async function comeBack(client, port) {
    const { socket } = client;
    const seen = [];
    socket.offAny();
    socket.onAny((...args) => seen.push(args));
    if (port)
        socket.io.uri = `http://127.0.0.1:${port}`;
    socket.connect();
    await event(socket, 'connect');
    await within(settle(client), 'an echo');
    return seen.filter(([name]) => name !== 'echo');
}

/* Offsets are the last arguments of events, but the test is about the others. */
const withoutOffset = (args) => args.slice(0, -1);

/* Those events of a list, without their names and offsets. */
const these = (seen, name) => seen.filter(([n]) => n === name)
    .map((args) => withoutOffset(args.slice(1)));

/* What it would say to come back. */
const secrets = ({ socket }) => ({ pid: socket._pid, offset: socket._lastOffset });

module.exports = { ON, join, cut, comeBack, these, secrets, withoutOffset };
