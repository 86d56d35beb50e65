'use strict';
/* compressed.js - what a client of Engine.IO hears, and whether it came compressed. */

const zlib = require('node:zlib');
const { WsConnection } = require('./ws.js');

const RSV1 = 4;
const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

/* Of a websocket with permessage-deflate: the next message with that beginning. */
async function nextMessage(socket, begins) {
    for (;;) {
        const { payload, rsv } = await WsConnection.prototype.next.call(socket);
        const text = rsv !== RSV1 ? payload.toString() : zlib.inflateRawSync(
            Buffer.concat([payload, TAIL]),
            { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString();
        if (text.startsWith(begins))
            return { text, isCompressed: rsv === RSV1 };
    }
}

/* Of polling: the body of the next poll with that in it. */
async function nextPoll(polling, part) {
    for (;;) {
        const response = await polling.raw({ headers: { 'Accept-Encoding': 'gzip' } });
        const isCompressed = response.get('Content-Encoding') === 'gzip';
        const text = (isCompressed ? zlib.gunzipSync(response.body) : response.body).toString();
        if (text.includes(part))
            return { text, isCompressed };
    }
}

module.exports = { nextMessage, nextPoll };
