'use strict';
/*
 * The contract application as it is written for socket.io 0.9.16, a script of siobroker, through
 * the real client 0.9.16.
 */

const path = require('node:path');

process.env.CONTRACT_SERVER = path.resolve(__dirname, '../contract/script09');
const { BROKER, REFERENCE } = require('../lib/server.js');

if (!REFERENCE) {
    process.env.SIOBROKER = BROKER;
    require('./contract.test.js');
}
