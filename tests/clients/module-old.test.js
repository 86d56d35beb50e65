'use strict';
/* The contract application on client-demo/backends/node, through the real client 0.9.16. */

const path = require('node:path');

process.env.CONTRACT_SERVER = path.resolve(__dirname, '../lib/module-contract.js');
if (!require('../lib/server.js').REFERENCE)
    require('./contract.test.js');
