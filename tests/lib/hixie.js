'use strict';
/*
 * hixie.js - a client of the websocket drafts hixie-75 and hixie-76, for tests.
 */

const { HttpConnection, format } = require('./http.js');
const { open } = require('./tcp.js');

/* The example of draft 76: what these keys and this nonce must be answered with. */
const SAMPLE = {
    key1: '18x 6]8vM;54 *(5:  {   U1]8  z [  8',
    key2: '1_ tx7X d  <  nw  334J702) 7]o}` 0',
    nonce: 'Tm[K T2u',
    digest: 'fQJ,fN/4F4!~K~MH',
};
const ORIGIN = 'http://a.example';
const CLOSE = Buffer.from('ff00', 'hex');

function frame(text) {
    return Buffer.concat([Buffer.from([0x00]), Buffer.from(text), Buffer.from([0xff])]);
}

class HixieConnection extends HttpConnection {
    text(payload) {
        return this.write(frame(payload));
    }

    /* The text of the next frame. */
    message(ms) {
        return this.until(() => {
            if (this.received.length > 0 && this.received[0] !== 0x00)
                throw new Error(`not a text frame${this.seen()}`);
            const end = this.received.indexOf(0xff);
            return end < 0 ? undefined : this.take(end + 1).toString('utf8', 1, end);
        }, 'a frame', ms);
    }
}

/* The request of draft 76, without its nonce; a null header is left out. */
function request76(target, headers = {}) {
    const all = {
        Upgrade: 'WebSocket',
        Connection: 'Upgrade',
        Origin: ORIGIN,
        'Sec-WebSocket-Key1': SAMPLE.key1,
        'Sec-WebSocket-Key2': SAMPLE.key2,
        ...headers,
    };
    for (const name of Object.keys(all)) {
        if (all[name] === null)
            delete all[name];
    }
    return format({ target, host: 'b.example:8080', headers: all });
}

function request75(target, headers = {}) {
    return request76(target,
        { 'Sec-WebSocket-Key1': null, 'Sec-WebSocket-Key2': null, ...headers });
}

/* Send bytes; the head of the answer is .answer of the connection. */
async function send(port, bytes) {
    const socket = await open(port, { Kind: HixieConnection });
    socket.write(bytes);
    socket.answer = await socket.response();
    return socket;
}

/* An open websocket of draft 76: its digest has been read. */
async function upgrade76(port, target, headers) {
    const socket = await send(port,
        Buffer.concat([request76(target, headers), Buffer.from(SAMPLE.nonce)]));
    if (socket.answer.status === 101)
        socket.digest = (await socket.read(16)).toString('latin1');
    return socket;
}

function upgrade75(port, target, headers) {
    return send(port, request75(target, headers));
}

module.exports = {
    SAMPLE, ORIGIN, CLOSE, HixieConnection, frame, request76, request75, send, upgrade76, upgrade75,
};
