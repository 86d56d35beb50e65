'use strict';
// The words of socket.io 0.9 as a script of siobroker.
var io = require('socket.io').listen(80);

require('./words09.js').application(io);
