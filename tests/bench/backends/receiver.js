#!/usr/bin/env node
'use strict';
/*
 * receiver.js PORT - what the load generator asks of the contract application (CONTRACT.md), as a
 * backend that says all in its answers. Signatures are verified.
 */

const http = require('node:http');
const { verifier } = require('../../../client-demo/backends/node/lib/signature.js');

const isSigned = verifier(process.env.HOOK_SECRET);
const GREETING = { emit: [['server', { server: 'Server1', port: 3100 }]] };

function answer({ type, name, args, ack }) {
    if (type === 'connect')
        return GREETING;
    if (type === 'event' && name === 'echo')
        return ack ? { ack: args } : { emit: [['echo', ...args]] };
    if (type === 'event' && name === 'join')
        return { join: args[0], ack: args };
    if (type === 'event' && name === 'room')
        return { do: [{ do: 'emit', to: args[0], name, args }] };
    return null;
}

const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        const body = Buffer.concat(chunks);
        if (!isSigned(request, body))
            return response.writeHead(400).end();
        return response.end(JSON.stringify({ answers: JSON.parse(body).events.map(answer) }));
    });
});
server.keepAliveTimeout = 60000;
server.listen(process.argv[2], '127.0.0.1', () => console.error('info  serving'));
