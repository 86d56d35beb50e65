#!/usr/bin/env node
'use strict';
/*
 * client-demo/backends/chat.js - the chat of the demo as a backend (server/manual/webhooks.md), in
 * Node without a library. It says what client-demo/chat.c says, and holds nothing: the name of a
 * client is in its "data", and its rooms come with each event. So it may be restarted at any time.
 *
 *     HOOK_SECRET=whsec_... PORT=8000 node chat.js
 *
 *     {"backends": [{"name": "chat", "urls": ["http://127.0.0.1:8000/"], "include": ["rooms"],
 *                    "secret": "env:HOOK_SECRET", "headers": ["X-Port: 3100"]}]}
 */

const crypto = require('node:crypto');
const http = require('node:http');

const SECRET = Buffer.from(process.env.HOOK_SECRET.replace(/^whsec_/, ''), 'base64');
const MAX_AGE_S = 300;
const MAX_NAME = 80, MAX_ROOM = 80, MAX_TEXT = 2000;

/* Is the request from somebody who knows the secret, and not an old one? */
function isSigned({ headers }, body) {
    const id = headers['webhook-id'], timestamp = headers['webhook-timestamp'];
    const signature = crypto.createHmac('sha256', SECRET)
        .update(`${id}.${timestamp}.`).update(body).digest();
    const isNow = Math.abs(Date.now() / 1000 - Number(timestamp)) <= MAX_AGE_S;
    return isNow && String(headers['webhook-signature']).split(' ').some((part) => {
        const theirs = Buffer.from(part.replace(/^v1,/, ''), 'base64');
        return theirs.length === signature.length && crypto.timingSafeEqual(theirs, signature);
    });
}

const isText = (value, max) => typeof value === 'string' && value !== '' && value.length <= max;
const nameOf = ({ data }) => (data && data.name) || 'somebody';
/* A command: everyone in the room gets the event. */
const tell = (room, name, ...args) => ({ do: 'emit', to: room, name, args });

/* What a client may say, by the name of the event. */
const handlers = {
    join(socket, room, name) {
        if (isText(room, MAX_ROOM) && isText(name, MAX_NAME))
            return { data: { name }, join: room, ack: [], do: [tell(room, 'joined', name, room)] };
    },
    say(socket, room, text) {
        if (socket.rooms.includes(room) && isText(text, MAX_TEXT))
            return { do: [tell(room, 'said', nameOf(socket), room, text)] };
    },
    here(socket, room, how) {
        if (socket.rooms.includes(room) && isText(how, MAX_TEXT))
            return { do: [tell(room, 'here', nameOf(socket), room, how)] };
    },
    leave(socket, room) {
        if (socket.rooms.includes(room))
            return { do: [tell(room, 'left', nameOf(socket), room),
                { do: 'leave', to: socket.id, room }] };
    },
};

/* Who was on an instance that is lost has left without its rooms: the others call the roll. */
function left({ socket, reason }) {
    if (!socket.rooms)
        return { do: [{ do: 'emit', name: 'lost' }] };
    return { do: socket.rooms.map((room) => tell(room, 'left', nameOf(socket), room, reason)) };
}

function answer(event, greeting) {
    if (event.type === 'connect')
        return { emit: [['server', greeting]] };
    if (event.type === 'disconnect')
        return left(event);
    if (Object.hasOwn(handlers, event.name))
        return handlers[event.name](event.socket, ...event.args) || null;
    return null;
}

http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        const body = Buffer.concat(chunks);
        if (!isSigned(request, body))
            return response.writeHead(400).end();
        const { 'siobroker-instance': server, 'x-port': port } = request.headers;
        const greeting = { server, port: Number(port) };
        const answers = JSON.parse(body).events.map((event) => answer(event, greeting));
        return response.end(JSON.stringify({ answers }));
    });
}).listen(process.env.PORT || 8000, '127.0.0.1', function listening() {
    console.log(`listening on port ${this.address().port}`);
});
