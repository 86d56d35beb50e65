'use strict';
/*
 * tls-again.test.js - what clients say and hear, once more through TLS: see lib/server.js. The
 * other tests do without.
 */

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { scratch } = require('../lib/program.js');

const folder = scratch();
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
    '-nodes', '-subj', '/CN=localhost', '-days', '2', '-keyout', path.join(folder, 'key.pem'),
    '-out', path.join(folder, 'certificate.pem')], { stdio: 'ignore' });
process.env.TLS = folder;

require('./http.test.js');
require('./websocket-frames.test.js');
require('./xhr-polling.test.js');
require('./engine-websocket.test.js');
