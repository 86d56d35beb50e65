'use strict';
// The contract application as a script of siobroker, on the words of 4.
const {Server} = require('socket.io');
const io = new Server(80, {
    allowRequest: ({_query: {deny, fail}}, decide) => decide(null, !deny && !fail),
});

const {contract, suite} = require('./application4.js');

if (process.argv[2] === 'suite')
    suite(io);
else
    contract(io, io.get('name'), () => io.port);
