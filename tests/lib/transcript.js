'use strict';
/*
 * transcript.js - what one server says to a script of raw exchanges, written down step by step so
 * that two servers can be compared.
 *
 * Ids, ports and dates are masked. Of the headers those are kept that the protocol gives a meaning,
 * in the order they came. A step ends by a barrier (raw-clients.js), not by time.
 */

const assert = require('node:assert');
const http = require('./http.js');
const sio = require('./sio09.js');

const MEANING = ['content-type', 'access-control-allow-origin', 'access-control-allow-credentials',
    'x-xss-protection', 'allow', 'upgrade', 'sec-websocket-accept', 'sec-websocket-version',
    'sec-websocket-protocol', 'sec-websocket-extensions', 'sec-websocket-origin',
    'sec-websocket-location', 'websocket-origin', 'websocket-location'];
/* Answers of transports are also framed as the protocol says; others as the server likes. */
const FRAMING = [...MEANING, 'content-length', 'transfer-encoding', 'connection', 'date'];

const LONG = 400;

/* Status and headers as lines. */
function headLines(response, names = MEANING) {
    return [`${response.status} ${response.reason}`,
        ...response.headers.filter(([name]) => names.includes(name.toLowerCase()))
            .map(([name, value]) => `${name}: ${name === 'Date' ? '<date>' : value}`)];
}

/* The same, and the body. */
function answerLines(response, names) {
    return [...headLines(response, names), response.text || '(no body)'];
}

class Transcript {
    constructor(broker) {
        this.broker = broker;
        this.port = broker.port;
        this.steps = new Map();
        this.masks = new Map([[`:${this.port}`, ':<port>']]);
    }

    mask(text) {
        for (const [secret, name] of this.masks)
            text = text.replaceAll(secret, name);
        return text.length <= LONG ? text : `${text.slice(0, 40)}... (${text.length} characters)`;
    }

    step(name, lines) {
        assert.ok(!this.steps.has(name), `two steps are called "${name}"`);
        this.steps.set(name, lines.map((line) => this.mask(line)));
    }

    /* A new session, by a handshake that is no step; its id is called <name> from now on. */
    async session(name, query = 't=1') {
        const { id } = await sio.handshake(this.port, query);
        this.masks.set(id, `<${name}>`);
        return id;
    }

    /* Resolves when the server has surely come to what it was sent before. */
    async idle() {
        for (let i = 0; i < 10; i++)
            await http.get(this.port, '/').catch(() => {});
    }

    /* The answer as lines to one request: options of http.format(), or raw bytes. */
    async request(options, names) {
        const connection = await http.connect(this.port);
        connection.write(Buffer.isBuffer(options) ? options : http.format(options));
        const answer = connection.response({ method: options.method }).catch((error) => error);
        const response = await Promise.race([answer, this.idle()]);
        connection.destroy();
        if (response === undefined)
            return ['(no answer)'];
        if (response instanceof Error)
            return ['(closed without an answer)'];
        return answerLines(response, names);
    }

    async ask(name, options, names) {
        this.step(name, await this.request(options, names));
    }

    get(target) {
        return this.ask(`GET ${target}`, { target });
    }

    /* A packet of the first client, and what it and then the others get because of it. */
    async exchange(name, packet, client, others = []) {
        await client.say(packet);
        await this.gather(name, client, others);
    }

    async gather(name, client, others = []) {
        const lines = await client.gather();
        for (const other of others)
            lines.push(...(await other.gather()).map((line) => `${other.name} gets ${line}`));
        this.step(name, lines);
    }

    /* Has the server survived what it was sent? */
    async fate() {
        const alive = await http.get(this.port, '/').then(() => true, () => false);
        if (!alive)
            await this.broker.program.ended();
        this.step('the process', [alive ? 'it goes on' : 'it dies']);
    }
}

module.exports = { Transcript, FRAMING, headLines, answerLines };
