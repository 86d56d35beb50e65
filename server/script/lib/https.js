'use strict';
// Module "https": requests. Of a server it says what to do instead.

const http = builtin('http');

exports.createServer = function () {
    throw new Error('https.createServer() is not there. Use http.createServer(), and the setting ' +
        '"tls", or let a web server such as nginx speak TLS in front of this program');
};
exports.Server = exports.createServer;
exports.Agent = http.Agent;
exports.globalAgent = http.globalAgent;
exports.request = (...args) => new http.ClientRequest('https:', args);
exports.get = (...args) => exports.request(...args).end();
