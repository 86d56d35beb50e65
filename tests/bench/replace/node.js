'use strict';
/* tests/bench/replace/node.js - a server of socket.io 4.8 with the Redis adapter, for run.js. */

const { NodeServer } = require('../../lib/node4.js');

const [url, name] = process.argv.slice(2);
NodeServer.start({ url }, name).then(({ port }) => console.log(`port ${port}`));
