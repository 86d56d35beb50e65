'use strict';
/*
 * raw-clients.js - a session over each transport, all with the same few verbs, for transcripts:
 *   start()      what the server says to a new session, as lines
 *   say(packet)  send one packet
 *   gather()     what the server has sent since the last time, up to a barrier: an event with an id
 *                that the server itself acknowledges. "(end)" when the session has ended.
 *   seen()       what is there already, where a barrier would come back elsewhere
 *   leave()      cut the connection
 */

const http = require('./http.js');
const { Poller } = require('./polling.js');
const sio = require('./sio09.js');
const ws = require('./ws.js');

const BARRIER = '5:9000::{"name":"barrier"}';
const PASSED = '6:::9000';
const END = '(end)';

const GOODBYE = ['0::', '7:::1+0'];

/* The next line that take() finds in what came, or END with the connection. */
function nextOrEnd(connection, take) {
    return connection.until(() => {
        const found = take();
        return found === undefined && connection.closed ? END : found;
    }, 'a line or the end');
}

/* All lines that take() finds at once. */
function present(connection, take) {
    const lines = [];
    for (let line = take(); line !== undefined; line = take())
        lines.push(line);
    return connection.closed && lines.at(-1) !== END ? [...lines, END] : lines;
}

/* Lines of a connection until the barrier or the end; next() gives one. */
async function collect(next) {
    const lines = [];
    for (;;) {
        const line = await next();
        if (line === PASSED)
            return lines;
        lines.push(line);
        if (line === END)
            return lines;
    }
}

function frameLine({ opcode, fin, rsv, masked, payload, raw }) {
    const plain = fin && rsv === 0 && !masked;
    if (plain && opcode === ws.OPCODE.TEXT)
        return payload.toString();
    if (plain && opcode === ws.OPCODE.CLOSE)
        return `(close ${payload.length < 2 ? 'without a code' : payload.readUInt16BE(0)})`;
    if (plain && opcode === ws.OPCODE.PONG)
        return `(pong ${payload})`;
    return `(frame ${raw.subarray(0, 20).toString('hex')})`;
}

/* A session on one connection; a class of its own for each framing says how to take a line. */
class StreamClient {
    async gather() {
        await this.say(BARRIER);
        return collect(() => nextOrEnd(this.connection, () => this.take()));
    }

    start() {
        return this.gather();
    }

    seen() {
        return present(this.connection, () => this.take());
    }

    leave() {
        this.connection.destroy();
    }
}

class WebsocketClient extends StreamClient {
    /* headers: more of the upgrade. The head of the answer is .connection.answer. */
    static async open(port, id, { name, headers, transport } = {}) {
        const connection = await sio.upgrade(port, id, transport, headers);
        return Object.assign(new WebsocketClient(), { name, id, connection });
    }

    say(packet) {
        this.connection.text(packet);
    }

    take() {
        const next = ws.parseFrame(this.connection.received);
        return next && frameLine(ws.parseFrame(this.connection.take(next.raw.length)));
    }

    /* The bytes themselves up to the barrier's frame: the first ones in hex, and their number. */
    async bytes() {
        this.say(BARRIER);
        const passed = Buffer.concat([Buffer.from([0x81, PASSED.length]), Buffer.from(PASSED)]);
        const raw = await nextOrEnd(this.connection, () => {
            const at = this.connection.received.indexOf(passed);
            return at < 0 ? undefined : this.connection.take(at + passed.length).subarray(0, at);
        });
        return [raw === END ? END : `${raw.subarray(0, 20).toString('hex')} (${raw.length} bytes)`];
    }
}

const SCRIPT = /^<script>_\((".*")\);<\/script>$/s;

class HtmlfileClient extends StreamClient {
    static async open(port, id, { name } = {}) {
        const url = sio.transportUrl('htmlfile', id, 't=1');
        const connection = await http.connect(port);
        connection.write(http.format({ target: url }));
        const head = await connection.head();
        const preamble = (await connection.chunk()).toString();
        return Object.assign(new HtmlfileClient(),
            { name, id, port, url, connection, head, preamble });
    }

    say(packet) {
        return http.post(this.port, this.url, packet, { 'Content-Type': 'text/plain' });
    }

    /* A chunk is one script with packets; the last one is the end of the session. */
    take() {
        const chunk = http.parseChunk(this.connection.received);
        if (chunk === undefined)
            return undefined;
        this.connection.take(chunk.size);
        if (chunk.data.length === 0)
            return END;
        const match = SCRIPT.exec(chunk.data.toString());
        return match === null ? `(chunk ${chunk.data})` : JSON.parse(match[1]);
    }
}

class PollingClient extends Poller {
    static async open(port, id, { name, transport } = {}) {
        return Object.assign(new PollingClient(port, transport, id), { name });
    }

    async start() {
        return [await this.poll(), await this.poll()];
    }

    say(packet) {
        return this.post(packet);
    }

    /* Nothing polls while packets are posted: they come as one payload. */
    async gather() {
        await this.post(BARRIER);
        const lines = [];
        for (;;) {
            lines.push(...sio.unpack(await this.poll()));
            if (lines.at(-1) === PASSED)
                return lines.slice(0, -1);
            if (GOODBYE.includes(lines.at(-1)))
                return [...lines, END];
        }
    }

    /* The first answer that matches; others are passed over. */
    async pollUntil(pattern) {
        for (;;) {
            const body = await this.poll();
            if (pattern.test(body))
                return body;
        }
    }

    /* The body that answers a poll which waits while the packet is posted, and what comes next. */
    async sayDuringPoll(packet) {
        const waiting = await this.begin();
        await http.get(this.port, '/');     /* by its answer the poll is there */
        await this.post(packet);
        return [await this.finish(waiting), ...await this.gather()];
    }

    /*
     * What a poll that was sent earlier has got by now. Two connections that are readable at once
     * are read in any order: by the answer to one more request, what was there has been read.
     */
    async answered(poll) {
        await http.get(this.port, '/');
        return [poll.received.length === 0 ? '(no answer)' : await this.finish(poll)];
    }

    leave() {}
}

const KINDS = { websocket: WebsocketClient, flashsocket: WebsocketClient,
    'xhr-polling': PollingClient, 'jsonp-polling': PollingClient, htmlfile: HtmlfileClient };

/* A client of this transport on a new session of the transcript, called name there. */
async function join(transcript, transport, { name = 'client', query } = {}) {
    const id = await transcript.session(name, query);
    return KINDS[transport].open(transcript.port, id, { name, transport });
}

module.exports = { END, join, WebsocketClient, PollingClient, HtmlfileClient };
