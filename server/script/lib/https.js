'use strict';
// Module "https": says what to do instead.

const http = builtin('http');

exports.createServer = function () {
    throw new Error('https.createServer(): TLS is not built in yet. Use http.createServer(), and ' +
        'let a web server such as nginx speak TLS in front of this program');
};
exports.Server = exports.createServer;
exports.Agent = http.Agent;
exports.globalAgent = http.globalAgent;
exports.request = http.request;
exports.get = http.get;
