#!/usr/bin/env node
'use strict';
/* reference-contract.js - the contract application (CONTRACT.md) on the real socket.io 0.9.16. */

const { contract } = require('../contract/application09.js');
const { start } = require('./reference-server.js');

start(contract);
