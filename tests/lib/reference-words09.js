#!/usr/bin/env node
'use strict';
/* reference-words09.js - words of socket.io 0.9 (contract/words09.js) on the real 0.9.16. */

const { application } = require('../contract/words09.js');
const { start } = require('./reference-server.js');

start((io) => application(io));
