'use strict';
/*
 * ws.js - a RFC 6455 client for tests: it can send what no polite client would, and shows every
 * byte that came.
 */

const crypto = require('node:crypto');
const { HttpConnection, format } = require('./http.js');
const { open } = require('./tcp.js');

const OPCODE = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 };
const SAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const SAMPLE_ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/* The length field; form 16 or 64 forces a longer one than needed. */
function lengthField(length, form) {
    if (form === undefined)
        form = length < 126 ? 7 : length < 65536 ? 16 : 64;
    const field = Buffer.alloc(form === 7 ? 1 : form === 16 ? 3 : 9);
    if (form === 7) {
        field.writeUInt8(length);
    } else if (form === 16) {
        field.writeUInt8(126);
        field.writeUInt16BE(length, 1);
    } else {
        field.writeUInt8(127);
        field.writeBigUInt64BE(BigInt(length), 1);
    }
    return field;
}

/* Bytes of one frame. mask: true for a random key, a Buffer of 4, or false for none. */
function frame(opcode, payload = '', { fin = true, rsv = 0, mask = true, form } = {}) {
    const data = Buffer.from(payload);
    const field = lengthField(data.length, form);
    const key = mask === true ? crypto.randomBytes(4) : mask;
    if (key) {
        field[0] |= 0x80;
        for (let i = 0; i < data.length; i++)
            data[i] ^= key[i & 3];
    }
    const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
    return Buffer.concat([Buffer.from([first]), field, key || Buffer.alloc(0), data]);
}

/* First frame in bytes, undefined when incomplete. */
function parseFrame(bytes) {
    if (bytes.length < 2)
        return undefined;
    const short = bytes[1] & 0x7f;
    const headerSize = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < headerSize)
        return undefined;
    const length = short === 126 ? bytes.readUInt16BE(2)
        : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < headerSize + length)
        return undefined;
    return {
        fin: (bytes[0] & 0x80) !== 0,
        rsv: (bytes[0] >> 4) & 7,
        opcode: bytes[0] & 0x0f,
        masked: (bytes[1] & 0x80) !== 0,
        header: bytes.subarray(0, headerSize),
        payload: bytes.subarray(headerSize, headerSize + length),
        raw: bytes.subarray(0, headerSize + length),
    };
}

function closePayload(code, reason = '') {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    return payload;
}

class WsConnection extends HttpConnection {
    send(opcode, payload, options) {
        return this.write(frame(opcode, payload, options));
    }

    text(payload, options) {
        return this.send(OPCODE.TEXT, payload, options);
    }

    /* The next frame, whatever it is. */
    next(ms) {
        return this.until(() => {
            const next = parseFrame(this.received);
            if (next !== undefined)
                this.take(next.raw.length);
            return next;
        }, 'a frame', ms);
    }

    /* The text of the next frame, which must be a whole, unmasked text message. */
    async message(ms) {
        const next = await this.next(ms);
        if (next.opcode !== OPCODE.TEXT || !next.fin || next.masked || next.rsv !== 0)
            throw new Error(`not a plain text frame: ${next.raw.subarray(0, 100).toString('hex')}`);
        return next.payload.toString('utf8');
    }

    /*
     * Wait for the end of the connection: resolves with the code of the close frame before it
     * (1005 for one without a code), or null when there was none. Other frames are an error.
     */
    async closeCode(ms) {
        const rest = await this.end(ms);
        if (rest.length === 0)
            return null;
        const last = parseFrame(rest);
        if (last === undefined || last.opcode !== OPCODE.CLOSE || last.raw.length !== rest.length)
            throw new Error(`unexpected bytes before the end: ${JSON.stringify(
                rest.subarray(0, 200).toString('latin1'))}`);
        return last.payload.length < 2 ? 1005 : last.payload.readUInt16BE(0);
    }
}

/* The request of an upgrade, in the order browsers send it; a null header is left out. */
function upgradeRequest(target, headers = {}, options = {}) {
    const all = {
        Upgrade: 'websocket',
        Connection: 'Upgrade',
        'Sec-WebSocket-Key': SAMPLE_KEY,
        'Sec-WebSocket-Version': '13',
        ...headers,
    };
    for (const name of Object.keys(all)) {
        if (all[name] === null)
            delete all[name];
    }
    return format({ target, headers: all, ...options });
}

/* Ask for an upgrade; the answer is .answer of the connection (its body read unless 101). */
async function upgrade(port, target, headers, options = {}) {
    const ws = await open(port, { Kind: WsConnection, host: options.tcpHost });
    ws.write(upgradeRequest(target, headers, options));
    ws.answer = await ws.response();
    return ws;
}

module.exports = {
    OPCODE, SAMPLE_KEY, SAMPLE_ACCEPT, WsConnection, frame, parseFrame, closePayload,
    upgradeRequest, upgrade,
};
