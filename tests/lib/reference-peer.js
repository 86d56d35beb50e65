#!/usr/bin/env node
'use strict';
/*
 * reference-peer.js - the contract application on the real socket.io 0.9.16, with a back door for
 * tests of mixed clusters: requests to /peer/... show what is in its tables, and do what an
 * application can do to a session of another process.
 */

const { contract } = require('../contract/application09.js');
const { start } = require('./reference-server.js');

const count = (table) => Object.keys(table).length;

function tables(io) {
    const { store } = io;
    return {
        nodeId: store.nodeId,
        handshaken: count(io.handshaken),
        connected: count(io.connected),
        open: count(io.open),
        closed: count(io.closed),
        transports: Object.values(io.transports).filter(Boolean).length,
        rooms: Object.fromEntries(Object.entries(io.rooms).map(([key, ids]) => [key, ids.length])),
        roomClients: count(io.roomClients),
        storeClients: count(store.clients),
        subscriptions: count(store.sub.subscription_set),
        listeners: store.sub.listeners('message').length,
    };
}

const DEEDS = {
    kick: (io, { id }) => io.sockets.socket(id).disconnect(),
    emit: (io, { id, name, data }) => io.sockets.socket(id).emit(name, data),
    join: (io, { id, room }) => io.sockets.socket(id).join(room),
    leave: (io, { id, room }) => io.sockets.socket(id).leave(room),
    set: (io, { id, key, value }) => io.sockets.socket(id).set(key, value, () => {}),
    except: (io, { ids, data }) => ids.split(',').reduce((to, id) => to.except(id), io.sockets)
        .emit('except', data),
};

function backDoor(io) {
    return (request, response) => {
        const { pathname, searchParams } = new URL(request.url, 'http://peer');
        const deed = DEEDS[pathname.slice('/peer/'.length)];
        if (deed)
            deed(io, Object.fromEntries(searchParams));
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(tables(io)));
    };
}

start((io, place) => {
    contract(io, place);
    return backDoor(io);
});
