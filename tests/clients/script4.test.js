'use strict';
/*
 * The contract application as it is written for socket.io 4, a script of siobroker, through real
 * clients of each generation since 1.x.
 */

const path = require('node:path');

process.env.CONTRACT_SERVER = path.resolve(__dirname, '../contract/script4');
process.env.CLIENT_VERSIONS = '1.7.4 2.5.0 3.1.3 4.8.4';
const { BROKER, REFERENCE } = require('../lib/server.js');

if (!REFERENCE) {
    process.env.SIOBROKER = BROKER;
    require('./modern.test.js');
}
