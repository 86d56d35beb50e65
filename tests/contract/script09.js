'use strict';
// The contract application as a script of siobroker, on the words of 0.9. The port is of the
// command line.
var io = require('socket.io').listen(80);

require('./application09.js').contract(io, {name: io.get('name'), port: () => io.port});
