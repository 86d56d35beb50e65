'use strict';
/*
 * The contract application on client-demo/backends/node, through real clients of each generation
 * since 1.x.
 */

const path = require('node:path');

process.env.CONTRACT_SERVER = path.resolve(__dirname, '../lib/module-contract.js');
process.env.CLIENT_VERSIONS = '1.7.4 2.5.0 3.1.3 4.8.4';
if (!require('../lib/server.js').REFERENCE)
    require('./modern.test.js');
