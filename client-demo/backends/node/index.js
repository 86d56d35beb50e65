'use strict';
/*
 * client-demo/backends/node - what socket.io calls a server, for an application behind siobroker:
 * see README.md. As there, new Server(http) and require(...)(http) are the same.
 */

const { Server } = require('./lib/server.js');
const { Namespace } = require('./lib/namespace.js');
const { Socket } = require('./lib/socket.js');
const { BroadcastOperator, RemoteSocket } = require('./lib/broadcast.js');

module.exports = Object.assign((...args) => new Server(...args),
    { Server, Namespace, Socket, BroadcastOperator, RemoteSocket });
