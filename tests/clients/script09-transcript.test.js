'use strict';
/*
 * The contract application written for socket.io 0.9.16, unmodified on the original and as a script
 * of siobroker: what both say on the wire is compared (transcript.test.js).
 */

const path = require('node:path');

process.env.CONTRACT_SERVER = path.resolve(__dirname, '../contract/script09');
const { BROKER, REFERENCE } = require('../lib/server.js');

if (!REFERENCE) {
    process.env.SIOBROKER = BROKER;
    require('./transcript.test.js');
}
