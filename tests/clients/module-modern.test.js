'use strict';
/*
 * The contract application on client-demo/backends/node, through real clients of both revisions of
 * Engine.IO. Those between differ in what the broker hears, not in what it tells a backend.
 */

const path = require('node:path');

process.env.CONTRACT_SERVER = path.resolve(__dirname, '../lib/module-contract.js');
process.env.CLIENT_VERSIONS = '2.5.0 4.8.4';
if (!require('../lib/server.js').REFERENCE)
    require('./modern.test.js');
