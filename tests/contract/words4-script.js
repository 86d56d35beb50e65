'use strict';
// The words of socket.io 4 as a script of siobroker.
const {Server} = require('socket.io');

require('./words4-more.js').application(new Server(80));
