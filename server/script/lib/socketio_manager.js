'use strict';
// io.sockets.manager of 0.9: to be read, of this instance.

exports.of = function (server, namespaces) {
    const rooms = {};
    const roomClients = {};
    const connected = {};
    const handshaken = {};

    for (const [key, namespace] of namespaces)
        for (const [id, socket] of namespace.sockets) {
            const isIn = roomClients[id] = roomClients[id] || {};

            connected[id] = true;
            handshaken[id] = socket.handshake;
            for (const room of socket.rooms) {
                const name = room === id ? key : `${key}/${room}`;

                isIn[name] = true;
                (rooms[name] = rooms[name] || []).push(id);
            }
        }
    return {server, rooms, roomClients, connected, open: connected, handshaken,
        get: (key) => server.get(key), set: (key, value) => server.set(key, value)};
};
