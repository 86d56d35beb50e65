#!/usr/bin/env node
'use strict';
/*
 * application.js PORT - the contract application on client-demo/backends/node: the function that
 * rivals/modern.js runs on socket.io 4.8. Secrets come from the environment.
 */

const socketio = require('../../../client-demo/backends/node');
const { contract } = require('../../contract/application4.js');

const io = socketio(process.argv[2]);
io.httpServer.keepAliveTimeout = 60000;
contract(io, 'Server1', () => 3100);
console.error('info  serving');
