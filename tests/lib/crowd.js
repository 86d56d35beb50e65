'use strict';
/*
 * crowd.js - very many clients in this process that do no more than stay connected.
 *
 * Each has a websocket (EIO=4, joined to the default namespace), answers heartbeats, and connects
 * anew when its connection ends, as real ones do. What they see is counted, not kept.
 */

const net = require('node:net');
const { eventually } = require('./deadline.js');
const { frame, parseFrame, upgradeRequest, OPCODE } = require('./ws.js');

const RETRY_MS = 100;
const REQUEST = upgradeRequest('/socket.io/?EIO=4&transport=websocket');

class Member {
    constructor(crowd) {
        this.crowd = crowd;
        this.server = null;     /* the name of its instance, while it is connected */
        this.connect();
    }

    connect() {
        this.bytes = Buffer.alloc(0);
        this.isOpen = false;
        this.socket = net.connect(this.crowd.port, '127.0.0.1');
        this.socket.unref();
        this.socket.on('connect', () => this.socket.write(REQUEST));
        this.socket.on('data', (bytes) => this.take(bytes));
        this.socket.on('error', () => {});
        this.socket.on('close', () => this.lost());
    }

    lost() {
        if (this.server !== null)
            this.crowd.ends++;
        else
            this.crowd.failures++;
        this.server = null;
        if (!this.crowd.isOver)
            setTimeout(() => this.connect(), RETRY_MS).unref();
    }

    take(bytes) {
        this.bytes = Buffer.concat([this.bytes, bytes]);
        if (!this.isOpen && !this.openNow())
            return;
        for (let f; (f = parseFrame(this.bytes)) !== undefined;) {
            this.bytes = this.bytes.subarray(f.raw.length);
            this.hear(f);
        }
    }

    openNow() {
        const end = this.bytes.indexOf('\r\n\r\n');
        if (end < 0)
            return false;
        const status = this.bytes.toString('latin1', 9, 12);
        if (status !== '101') {
            this.crowd.refusals.set(status, (this.crowd.refusals.get(status) || 0) + 1);
            this.socket.destroy();
            return false;
        }
        this.bytes = this.bytes.subarray(end + 4);
        this.isOpen = true;
        this.say('40');
        return true;
    }

    hear({ opcode, payload }) {
        if (opcode === OPCODE.CLOSE) {
            this.crowd.codes.add(payload.length < 2 ? 1005 : payload.readUInt16BE(0));
            this.socket.end(frame(OPCODE.CLOSE, payload));
            return;
        }
        const text = payload.toString();
        if (text === '2')
            this.say('3');
        else if (text.startsWith('42["server"'))
            this.server = JSON.parse(text.slice(2))[1].server;
        else if (text.startsWith('41'))
            this.crowd.disconnects++;
        else if (text.startsWith('44'))
            this.crowd.refused++;
    }

    say(text) {
        this.socket.write(frame(OPCODE.TEXT, text));
    }
}

class Crowd {
    constructor(port) {
        this.port = port;
        this.members = [];
        this.ends = 0;          /* of connections that were greeted */
        this.failures = 0;      /* of those that were not */
        this.disconnects = 0;   /* clients that were told not to come back */
        this.refused = 0;       /* by their namespace */
        this.refusals = new Map();  /* status -> how many */
        this.codes = new Set(); /* of close frames */
        this.isOver = false;
    }

    /* How many are connected, to that instance or to any. */
    at(server) {
        return this.members.filter((member) => member.server !== null &&
            (server === undefined || member.server === server)).length;
    }

    /* n more, all at once, whether they are greeted or not. */
    begin(n) {
        for (let i = 0; i < n; i++)
            this.members.push(new Member(this));
    }

    /* n more, a few at a time, greeted. */
    async grow(n, ms = 60000) {
        const target = this.members.length + n;
        while (this.members.length < target) {
            for (let i = 0; i < 50 && this.members.length < target; i++)
                this.members.push(new Member(this));
            const most = this.members.length;
            await eventually(() => this.at() > most - 50, `${most} clients are greeted`, ms);
        }
        await eventually(() => this.at() === target, `${target} clients are greeted`, ms);
    }

    leave() {
        this.isOver = true;
        for (const member of this.members)
            member.socket.destroy();
    }
}

module.exports = { Crowd };
