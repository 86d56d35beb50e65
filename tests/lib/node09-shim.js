'use strict';
/*
 * node09-shim.js - what socket.io 0.9.16 needs on a Node newer than 6. Load it with `node -r`.
 */

const http = require('node:http');

/* The one name that Node took out of `process`. */
process.EventEmitter = require('node:events').EventEmitter;

/*
 * Newer Node leaves an upgraded socket without a listener for errors, so that a connection reset by
 * its client would end the whole process. With Node 0.10 it did not.
 */
const { emit } = http.Server.prototype;
http.Server.prototype.emit = function (name, ...args) {
    if (name === 'upgrade')
        args[1].on('error', () => {});
    return emit.call(this, name, ...args);
};

/*
 * Node 18 looks through the whole stack at each `new Buffer`, to warn whom it concerns, until it
 * has warned. A program that is about to die of its deep stack took ten seconds for that.
 */
const { noDeprecation } = process;
process.noDeprecation = true;
new Buffer(0);
process.noDeprecation = noDeprecation;
