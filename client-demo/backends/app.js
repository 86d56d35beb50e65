#!/usr/bin/env node
'use strict';
/*
 * client-demo/backends/app.js - a backend that siobroker calls (server/manual/webhooks.md), in Node
 * without a library: it greets each client, and passes on to everyone what one of them says.
 *
 *     HOOK_SECRET=whsec_... PORT=8000 node app.js
 */

const crypto = require('node:crypto');
const http = require('node:http');

const SECRET = Buffer.from(process.env.HOOK_SECRET.replace(/^whsec_/, ''), 'base64');
const MAX_AGE_S = 300;

/* Is the request from somebody who knows the secret, and not an old one? */
function isSigned({ headers }, body) {
    const id = headers['webhook-id'], timestamp = headers['webhook-timestamp'];
    const signature = crypto.createHmac('sha256', SECRET)
        .update(`${id}.${timestamp}.${body}`).digest();
    const isNow = Math.abs(Date.now() / 1000 - Number(timestamp)) <= MAX_AGE_S;
    return isNow && String(headers['webhook-signature']).split(' ').some((part) => {
        const theirs = Buffer.from(part.replace(/^v1,/, ''), 'base64');
        return theirs.length === signature.length && crypto.timingSafeEqual(theirs, signature);
    });
}

function answer(event) {
    if (event.type === 'connect')
        return { join: 'everyone', emit: [['hello', { you: event.socket.id }]] };
    if (event.type === 'event' && event.name === 'say')
        return { ack: ['heard'],
            do: [{ do: 'emit', to: 'everyone', name: 'said', args: event.args }] };
    return null;
}

http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        const body = Buffer.concat(chunks).toString();
        if (isSigned(request, body))
            response.end(JSON.stringify({ answers: JSON.parse(body).events.map(answer) }));
        else
            response.writeHead(400).end();
    });
}).listen(process.env.PORT || 8000, '127.0.0.1', function listening() {
    console.log(`listening on port ${this.address().port}`);
});
