'use strict';
/*
 * node4-judge.js - would a server of socket.io 4 for Node bear what was published? By
 * spec/socketio-ecosystem.md, 10.1; and making such messages, or what only looks like one.
 */

const notepack = require('notepack.io');
const { HARMFUL, SAID } = require('./node4-said.js');

const RESERVED = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener',
    'removeListener'];
const RESERVED_FOR_SERVERS = ['error', 'connect', 'connection', 'new_namespace'];
const MAX_DEPTH = 64;

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value) &&
    !Buffer.isBuffer(value);
const isTexts = (value) => Array.isArray(value) && value.every((room) => typeof room === 'string');

function need(is, why) {
    if (!is)
        throw new Error(why);
}

function depthOf(value) {
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value))
        return 0;
    return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function countBytes(value) {
    if (Buffer.isBuffer(value))
        return 1;
    if (typeof value !== 'object' || value === null)
        return 0;
    return Object.values(value).reduce((n, member) => n + countBytes(member), 0);
}

function judgeOpts(opts) {
    need(isObject(opts), 'opts');
    need(isTexts(opts.rooms) && isTexts(opts.except), 'rooms');
    need(isObject(opts.flags ?? {}), 'flags');
}

function judgePacket(packet) {
    need(isObject(packet) && packet.type === 2, 'packet');
    need(Array.isArray(packet.data) && typeof packet.data[0] === 'string', 'data');
    need(!RESERVED.includes(packet.data[0]), `event ${packet.data[0]}`);
    need(countBytes(packet.data) <= 10, 'attachments');
}

/* What begins as JSON does is that, in requests and answers. */
const read = (payload) => (payload[0] === 0x7b ? JSON.parse(payload.toString())
    : notepack.decode(payload));

function judgeEvent(message) {
    need(Array.isArray(message) && message.length === 3, 'array');
    need(typeof message[0] === 'string' && message[0] !== '', 'uid');
    judgePacket(message[1]);
    judgeOpts(message[2]);
}

const REQUESTS = {
    2: ({ rooms, opts }) => { need(isTexts(rooms) && rooms.length > 0, 'moved'); judgeOpts(opts); },
    3: (request) => REQUESTS[2](request),
    4: ({ opts }) => judgeOpts(opts),
    5: ({ opts, requestId }) => { need(requestId, 'requestId'); judgeOpts(opts); },
    6: ({ data }) => need(Array.isArray(data) && typeof data[0] === 'string' &&
        !RESERVED_FOR_SERVERS.includes(data[0]), 'data'),
    7: ({ packet, opts, requestId }) => {
        need(requestId, 'requestId');
        judgePacket(packet);
        judgeOpts(opts);
    },
};

function judgeAnswer(answer) {
    need(isObject(answer) && typeof (answer.requestId ?? answer.requestid) === 'string', 'answer');
    for (const socket of answer.sockets ?? [])
        need(typeof socket === 'string' || (typeof socket.id === 'string' &&
            isTexts(socket.rooms) && isObject(socket.handshake?.headers) &&
            socket.data !== undefined), 'socket');
}

/* By `type` of the sharded adapter, see 4 and 10.1 there. */
const SHARDED = {
    3: ({ packet, opts }) => { judgePacket(packet); judgeOpts(opts); },
    4: (data) => REQUESTS[2](data),
    5: (data) => REQUESTS[2](data),
    6: (data) => REQUESTS[4](data),
    7: (data) => REQUESTS[5](data),
    8: (data) => { need(Array.isArray(data.sockets), 'sockets'); judgeAnswer(data); },
    9: ({ packet }) => REQUESTS[6]({ data: packet }),
    10: judgeAnswer,
    11: (data) => { need(Number.isInteger(data.clientCount), 'count'); judgeAnswer(data); },
    12: judgeAnswer,
};

/* The same as judge(), of a sharded channel. */
function judgeSharded(channel, payload) {
    if (!channel.startsWith('socket.io#'))
        return;
    const message = read(payload);
    need(depthOf(message) <= MAX_DEPTH, 'depth');
    need(isObject(message) && SHARDED[message.type], `type ${message.type}`);
    need(typeof message.uid === 'string' && message.nsp === '/', 'envelope');
    need(isObject(message.data), 'data');
    SHARDED[message.type](message.data);
}

/* Throws when a server of Node could not bear it; undefined when it is none of its channels. */
function judge(channel, payload) {
    const [, topic] = /^socket\.io(|-request|-response)#/.exec(channel) ?? [];
    if (topic === undefined)
        return;
    const message = read(payload);
    need(depthOf(message) <= MAX_DEPTH, 'depth');
    if (topic === '-request') {
        need(isObject(message) && REQUESTS[message.type], `request ${message.type}`);
        REQUESTS[message.type](message);
    } else if (topic === '-response') {
        judgeAnswer(message);
    } else {
        judgeEvent(message);
    }
}

/* --- What looks like messages. --- */

const opts = (dice) => ({ rooms: dice.pick([[], ['r'], ['r', 's'], 5, null, 'r', { a: 1 }, [5]]),
    except: dice.pick([[], ['x'], 7, undefined]),
    flags: dice.pick([{}, { volatile: true }, { timeout: 50 }, [], 'x']) });

const value = (dice) => dice.pick([1, -1.5, null, 'x', '€', [], {}, [[1]], { a: [null] },
    Buffer.from([1, 2]), new Date(1700000000123), 2 ** 40, NaN, undefined]);

const packet = (dice, nsp) => ({ type: dice.pick([2, 2, 2, 5, '2', 1, 99, null]),
    data: dice.pick([['ev', value(dice)], ['ev'], [], 'x', [5], ['connect'], null,
        ['told', value(dice)], Array.from({ length: 30 }, () => value(dice))]), nsp });

const event = (dice, nsp) => notepack.encode(dice.pick([
    [dice.pick(['abcdef', '', 5, null]), packet(dice, nsp), opts(dice)],
    [packet(dice, nsp), opts(dice)], ['a', packet(dice, nsp)], packet(dice, nsp)]));

function request(dice, nsp) {
    const id = dice.chance(0.5) ? { requestId: dice.pick(['a', 'b', 5, 'x'.repeat(300), null]) }
        : { requestid: 'old' };
    const asked = { uid: 'zzzzzz', ...id, type: dice.below(11), opts: opts(dice),
        rooms: dice.pick([['r'], 'r', [], 5, null, undefined]), room: dice.pick(['r', 5]),
        sid: dice.pick([undefined, 'nobody', 5]), close: dice.chance(0.2),
        data: dice.pick([['told', value(dice)], ['asked', 1], 'x', ['error'], []]),
        packet: packet(dice, nsp) };
    return dice.chance(0.3) ? notepack.encode(asked) : Buffer.from(JSON.stringify(asked));
}

const answer = (dice, uid) => {
    const given = { type: dice.pick([0, 6, 8, 9, 5]), clientCount: dice.pick([0, 3, -1, 1e9, 'x']),
        requestId: dice.pick([`${uid}-${dice.below(50)}`, uid, 'x', 5]),
        sockets: dice.pick([[], [{}], [{ id: 'a', rooms: 5 }], 5, undefined]),
        packet: value(dice), data: value(dice) };
    return dice.chance(0.3) ? notepack.encode(given) : Buffer.from(JSON.stringify(given));
};

/* As it travels through a bad line. */
function damage(dice, bytes) {
    const at = dice.below(bytes.length + 1);
    switch (dice.below(6)) {
    case 0: return bytes.subarray(0, at);
    case 1: return Buffer.concat([bytes, dice.bytes(1 + dice.below(4))]);
    case 2: return Buffer.concat([bytes.subarray(0, at), dice.bytes(1), bytes.subarray(at)]);
    case 3: return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    case 4: return Buffer.from(bytes.toString());        /* bytes that are no UTF-8 */
    default: {
        const copy = Buffer.from(bytes);
        for (let i = dice.below(4); i >= 0 && copy.length > 0; i--)
            copy[dice.below(copy.length)] = dice.below(256);
        return copy;
    }
    }
}

const KNOWN = [...HARMFUL.map(([, payload]) => payload), ...SAID.map(([, , payload]) => payload)]
    .map((payload) => Buffer.from(payload, 'hex'));

/* kind: "event", "request" or "answer"; of a namespace, or to who has that uid. */
function forge(dice, kind, nsp, uid) {
    const made = dice.chance(0.2) ? dice.pick(KNOWN)
        : { event, request, answer }[kind](dice, kind === 'answer' ? uid : nsp);
    return dice.chance(0.5) ? damage(dice, made) : made;
}

/* The same for the sharded adapter and that of streams, not encoded yet. */
function forgeMessage(dice, nsp, uid) {
    const data = { packet: dice.chance(0.8) ? packet(dice, nsp) : ['told', value(dice)],
        opts: opts(dice), requestId: dice.pick([undefined, undefined, `${uid}-${dice.below(50)}`,
            'x', 5]), rooms: dice.pick([['r'], 'r', [], 5, undefined]), close: dice.chance(0.2),
        sockets: dice.pick([[], [{}], [{ id: 'a', rooms: 5 }], 5]),
        clientCount: dice.pick([0, 3, -1, 1e9, 'x']) };
    return { type: dice.pick([...Array(15).keys(), '3', null]),
        data: dice.chance(0.9) ? data : dice.pick([undefined, null, 5, 'x', [], {}]),
        uid: dice.pick(['x', '', 5, undefined]), nsp };
}

module.exports = { judge, judgeSharded, forge, forgeMessage, damage };
