'use strict';
/* The same script of siobroker, with text and bytes of all sorts. */

const path = require('node:path');

process.env.CONTRACT_SERVER = path.resolve(__dirname, '../contract/script4');
process.env.CLIENT_VERSIONS = '1.7.4 2.5.0 3.1.3 4.8.4';
const { BROKER, REFERENCE } = require('../lib/server.js');

if (!REFERENCE) {
    process.env.SIOBROKER = BROKER;
    require('./modern-data.test.js');
}
