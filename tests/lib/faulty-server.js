'use strict';
/*
 * faulty-server.js - echo and room of the contract for 0.9 websockets, by a server that drops,
 * doubles, reorders and damages on purpose, and counts what it did: the load generator must count
 * the same.
 */

const net = require('node:net');
const { OPCODE, SAMPLE_ACCEPT, frame, parseFrame } = require('./ws.js');

const EVENT = /^5:(\d*)\+?::\{"name":"([^"]+)","args":(\[.*\])\}$/s;
const NUMBER = /"#(\d+):/;
const PERIOD = 20;          /* of as many messages to a connection, one suffers each fault */

const HANDSHAKE = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '4\r\nan-i\r\nC\r\nd:60:60:webs\r\n6\r\nocket.\r\n0\r\n\r\n';
const REFUSAL = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n';
const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\n' +
    'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n\r\n`;

class Connection {
    constructor(server, socket) {
        this.server = server;
        this.socket = socket;
        this.received = Buffer.alloc(0);
        this.held = null;
        this.isWebsocket = false;
        socket.setNoDelay(true);
        socket.on('error', () => {});
        socket.on('data', (bytes) => {
            this.received = Buffer.concat([this.received, bytes]);
            this.read();
        });
    }

    read() {
        const end = this.received.indexOf('\r\n\r\n');
        if (!this.isWebsocket && end >= 0) {
            const request = this.received.subarray(0, end).toString();
            this.received = this.received.subarray(end + 4);
            this.answer(request);
        }
        while (this.isWebsocket) {
            const next = parseMasked(this.received);
            if (next === undefined)
                return;
            this.received = this.received.subarray(next.size);
            if (next.opcode === OPCODE.TEXT)
                this.take(next.text);
        }
    }

    answer(request) {
        if (!/^Upgrade:/m.test(request)) {
            this.socket.write(this.server.refuses() ? REFUSAL : HANDSHAKE);
            return;
        }
        this.isWebsocket = true;
        this.socket.write(UPGRADED);
        this.text('1::');
        if (!this.server.options.silent)
            this.text('5:::{"name":"server","args":[{"server":"faulty","port":1}]}');
    }

    text(packet) {
        this.socket.write(frame(OPCODE.TEXT, packet, { mask: false }));
    }

    take(packet) {
        const [, id, name, args] = EVENT.exec(packet) || [];
        if (name === 'join') {
            this.server.room.push(this);
            this.text(`6:::${id}+${args}`);
        } else if (name === 'echo') {
            this.deliver(id === '' ? packet : `6:::${id}+${args}`);
        } else if (name === 'room') {
            for (const member of this.server.room)
                member.deliver(`5:::{"name":"room","args":${args}}`);
        }
    }

    /* On its way out, a message meets its fate. */
    deliver(packet) {
        const { counts, options } = this.server;
        const number = Number(NUMBER.exec(packet)[1]);
        const fate = options.faults ? (number + 2 * this.server.room.indexOf(this)) % PERIOD : 0;
        if (options.endAfter === number)
            this.socket.end();
        else if (options.delayMs)
            setTimeout(() => this.text(packet), options.delayMs);
        else if (fate === 3)
            counts.lost++;
        else if (fate === 11 && this.held === null)
            this.hold(packet);
        else
            this.send(packet, fate);
    }

    send(packet, fate) {
        const { counts } = this.server;
        counts.doubled += fate === 7;
        counts.damaged += fate === 15;
        counts.lost += fate === 15;
        this.text(fate === 15 ? packet.replace('x"', 'y"') : packet);
        if (fate === 7)
            this.text(packet);
        counts.reordered += this.held !== null;
        this.release();
    }

    /* Until the next one has gone, or it is clear that there is none. */
    hold(packet) {
        this.held = packet;
        this.timer = setTimeout(() => this.release(), 40);
    }

    release() {
        clearTimeout(this.timer);
        if (this.held !== null)
            this.text(this.held);
        this.held = null;
    }
}

function parseMasked(bytes) {
    const short = bytes.length < 2 ? 0 : bytes[1] & 0x7f;
    const key = short === 126 ? 4 : 2;
    const next = parseFrame(Buffer.concat([bytes.subarray(0, key), bytes.subarray(key + 4)]));
    if (next === undefined || bytes.length < next.raw.length + 4)
        return undefined;
    const text = next.payload.map((byte, i) => byte ^ bytes[key + (i % 4)]).toString();
    return { opcode: next.opcode, text, size: next.raw.length + 4 };
}

/*
 * Options:
 *   faults     drop, double, reorder, damage
 *   delayMs    let each message wait
 *   refuse     answer every n-th handshake with 503
 *   silent     greet nobody
 *   endAfter   end the connection instead of delivering the message with this number
 */
class FaultyServer {
    constructor(options) {
        this.options = options;
        this.counts = { lost: 0, doubled: 0, reordered: 0, damaged: 0 };
        this.room = [];
        this.handshakes = 0;
        this.connections = new Set();
        this.listener = net.createServer((socket) => {
            this.connections.add(socket);
            return new Connection(this, socket);
        });
    }

    refuses() {
        return this.options.refuse > 0 && ++this.handshakes % this.options.refuse === 0;
    }

    get port() {
        return this.listener.address().port;
    }

    stop() {
        for (const socket of this.connections)
            socket.destroy();
        return new Promise((resolve) => { this.listener.close(resolve); });
    }
}

function startFaultyServer(options = {}) {
    const server = new FaultyServer(options);
    return new Promise((resolve) => {
        server.listener.listen(0, '127.0.0.1', () => resolve(server));
    });
}

module.exports = { startFaultyServer };
