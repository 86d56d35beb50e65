'use strict';
/*
 * ws-cases.js - frames, of which tables are built, and what runs a row of such a table: frames that
 * are sent, those that come back, and how it ends. Messages are those of a session of Engine.IO 4
 * at the path "engine echo", which come back as they were.
 */

const assert = require('node:assert');
const crypto = require('node:crypto');
const zlib = require('node:zlib');
const engine = require('./engine.js');
const { startBroker } = require('./server.js');
const ws = require('./ws.js');

const { OPCODE } = ws;
const LIMIT = 1 << 20;      /* maxPayload */
const THRESHOLD = 125;      /* shorter messages are not compressed; the handshake is one of them */
const CODE = { NORMAL: 1000, PROTOCOL: 1002, NO_STATUS: 1005, BAD_DATA: 1007, TOO_BIG: 1009 };

/* --- Frames. --- */

const kind = (opcode) => (payload = '', options = {}) =>
    ({ opcode, payload: Buffer.from(payload), ...options });
const text = kind(OPCODE.TEXT), bytes = kind(OPCODE.BINARY), more = kind(OPCODE.CONTINUATION);
const ping = kind(OPCODE.PING), pong = kind(OPCODE.PONG), close = kind(OPCODE.CLOSE);
const closeWith = (code, reason = '') => close(ws.closePayload(code, reason));

const hex = (digits) => Buffer.from(digits.replace(/ /g, ''), 'hex');
/* These bytes, which are no whole frame. */
const part = (digits) => ({ part: hex(digits) });

/* Options of a frame: another follows, its reserved bits, no mask, bits of its length. */
const OPEN = { fin: false };
const RSV1 = { rsv: 4 };
const BARE = { mask: false };
const IN_16 = { form: 16 }, IN_64 = { form: 64 };

/* As a message of Engine.IO begins; a text of n bytes; n bytes that are no text. */
const four = (payload) => Buffer.concat([Buffer.from('4'), Buffer.from(payload)]);
const sized = (n) => text(four('*'.repeat(n - 1)));
const blob = (n) => bytes(Buffer.alloc(n, 0xfe));

const isData = (frame) => frame.opcode <= OPCODE.BINARY;

/* A message in pieces of n bytes. */
function cut({ opcode, payload }, n) {
    const frames = [];
    for (let at = 0; at === 0 || at < payload.length; at += n) {
        frames.push({ opcode: at === 0 ? opcode : OPCODE.CONTINUATION,
            payload: payload.subarray(at, at + n), fin: at + n >= payload.length });
    }
    return frames;
}

/* --- Compression. --- */

const TAIL = hex('0000ffff');
const SYNC = { finishFlush: zlib.constants.Z_SYNC_FLUSH };

const deflate = (payload, options) =>
    zlib.deflateRawSync(payload, { ...SYNC, ...options }).subarray(0, -TAIL.length);
const inflate = (payload) => zlib.inflateRawSync(Buffer.concat([payload, TAIL]), SYNC);
const deflated = (message) => ({ ...message, ...RSV1, payload: deflate(message.payload) });

/* Fill the frames of one message with its compressed bytes. */
function squeeze(frames) {
    const all = deflate(Buffer.concat(frames.map(({ payload }) => payload)));
    const n = Math.ceil(all.length / frames.length);
    frames.forEach((frame, i) => { frame.payload = all.subarray(i * n, (i + 1) * n); });
    frames[0].rsv = RSV1.rsv;
}

/* The same frames with all messages compressed; undefined when they do not make up whole ones. */
function compressed(frames) {
    const result = frames.map((frame) => ({ ...frame }));
    let message = [];
    for (const frame of result) {
        if (frame.part || frame.rsv)
            return undefined;
        if (!isData(frame))
            continue;
        if ((frame.opcode === OPCODE.CONTINUATION) !== (message.length > 0))
            return undefined;
        message.push(frame);
        if (frame.fin === false)
            continue;
        squeeze(message);
        message = [];
    }
    return message.length === 0 && result.some(isData) ? result : undefined;
}

const OFFER = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };

/* --- A row. --- */

const URL = engine.url({ EIO: 4, transport: 'websocket' }, '/echo/');

const start = () => startBroker({ config: { 'engine echo': '/echo', maxPayload: LIMIT,
    perMessageDeflate: true, 'perMessageDeflate threshold': THRESHOLD } });

async function connect(port, headers = {}) {
    const socket = await ws.upgrade(port, URL, headers);
    assert.strictEqual(socket.answer.status, 101, socket.answer.text);
    assert.match(await socket.message(), /^0\{/);
    return socket;
}

const wire = (frames) => Buffer.concat(frames.map((frame) =>
    frame.part || ws.frame(frame.opcode, frame.payload, frame)));

async function writeEachByte(socket, all) {
    for (const byte of all) {
        socket.write(Buffer.from([byte]));
        await new Promise(setImmediate);
    }
}

/* A payload as a failed assertion shows it. */
const shown = (payload) => (payload.length < 200 ? payload.toString('latin1')
    : `${payload.length} bytes, ${crypto.createHash('sha1').update(payload).digest('hex')}`);

/* The next frame must be this one. It may be compressed. */
async function expect(socket, { opcode, payload }) {
    const next = await socket.next();
    const isCompressed = next.rsv === RSV1.rsv && isData(next);
    assert.ok(next.fin && !next.masked && (next.rsv === 0 || isCompressed));
    const data = isCompressed ? inflate(next.payload) : next.payload;
    assert.deepStrictEqual([next.opcode, shown(data)], [opcode, shown(payload)]);
}

/* Without a code the connection has to live on: then it is closed from here. */
async function assertAnswers(socket, all, answers, code, write) {
    const written = write(socket, all);
    for (const answer of answers)
        await expect(socket, answer);
    await written;
    if (code === undefined)
        socket.write(wire([closeWith(CODE.NORMAL)]));
    assert.strictEqual(await socket.closeCode(), code === undefined ? CODE.NORMAL : code);
    socket.destroy();
}

const EACH_BYTE = 500;      /* at most: more takes too long */

/* In one segment and then, on another connection, byte by byte. */
async function assertRow(port, headers, frames, answers, code) {
    const all = wire(frames);
    await assertAnswers(await connect(port, headers), all, answers, code,
        (socket) => socket.write(all));
    if (all.length <= EACH_BYTE)
        await assertAnswers(await connect(port, headers), all, answers, code, writeEachByte);
}

module.exports = {
    CODE, LIMIT, OPEN, RSV1, BARE, IN_16, IN_64, OFFER, URL, assertAnswers, assertRow, blob, bytes,
    close, closeWith, compressed, connect, cut, deflate, deflated, four, hex, kind, more, part,
    ping, pong, sized, start, text, wire,
};
