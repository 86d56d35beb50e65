'use strict';
/*
 * backend.js - a backend that a broker calls: an HTTP server in this process.
 *
 * It verifies each signature with the library of Standard Webhooks, and keeps what it was told.
 * What it answers is said by the test:
 *
 *     new Backend({ connect: (event) => ({ data: { n: 1 } }), event: (event) => ({ ack: [] }) })
 *
 * A function may return a promise. `intercept(request, body, response)` may take a request over: it
 * returns true then. With `tls`, options of https.createServer(), it speaks HTTPS.
 */

const assert = require('node:assert');
const http = require('node:http');
const https = require('node:https');
const { Webhook } = require('standardwebhooks');
const { eventually } = require('./deadline.js');

const SECRET = 'whsec_c2lvYnJva2VyIHNpZ25zIHdpdGggdGhpcyBzZWNyZXQ=';

function bodyOf(request) {
    return new Promise((resolve, reject) => {
        const chunks = [];
        request.on('data', (chunk) => chunks.push(chunk));
        request.on('end', () => resolve(Buffer.concat(chunks).toString()));
        request.on('error', reject);
    });
}

class Backend {
    constructor(answers = {}, { secret = SECRET, intercept = () => false, tls } = {}) {
        this.answers = answers;
        this.webhook = new Webhook(secret);
        this.intercept = intercept;
        this.tls = tls;
        this.events = [];       /* each once, in the order of their first answer */
        this.ids = new Set();
        this.repeated = 0;      /* events that came again */
        this.requests = [];     /* their headers */
        this.failures = [];     /* of assertions */
        this.connections = new Set();
        this.port = 0;
    }

    async start() {
        const listener = (request, response) => {
            this.serve(request, response).catch((error) => {
                this.failures.push(error);
                response.statusCode = 400;
                response.end();
            });
        };
        this.server = this.tls ? https.createServer(this.tls, listener)
            : http.createServer(listener);
        this.server.keepAliveTimeout = 60000;
        this.server.on('connection', (connection) => {
            this.connections.add(connection);
            connection.on('close', () => this.connections.delete(connection));
        });
        await new Promise((resolve, reject) => {
            this.server.once('error', reject);
            this.server.listen(this.port, '127.0.0.1', 1024, resolve);
        });
        this.port = this.server.address().port;
        return this;
    }

    get url() {
        return `http${this.tls ? 's' : ''}://127.0.0.1:${this.port}/hook`;
    }

    async serve(request, response) {
        const body = await bodyOf(request);
        if (this.intercept(request, body, response))
            return;
        const { events } = this.webhook.verify(body, request.headers);
        this.requests.push(request.headers);
        const answers = [];
        for (const event of events)
            answers.push(await this.answer(event));
        response.end(JSON.stringify({ answers }));
    }

    answer(event) {
        if (this.ids.has(event.id))
            this.repeated++;
        else
            this.events.push(event);
        this.ids.add(event.id);
        const answer = this.answers[event.type];
        return answer ? answer(event) : null;
    }

    /* The events of a type, until now; or of a socket. */
    of(type, id) {
        return this.events.filter((e) => e.type === type && (!id || e.socket.id === id));
    }

    told(type, n) {
        return eventually(() => this.of(type).length >= n && this.of(type), `${n} "${type}"`);
    }

    /* It goes away, with all connections: the port refuses. start() brings it back there. */
    async stop() {
        const closed = new Promise((resolve) => this.server.close(resolve));
        for (const connection of this.connections)
            connection.destroy();
        await closed;
    }

    async end() {
        await this.stop();
        assert.deepStrictEqual(this.failures, []);
    }
}

/* The setting of a backend: what a test says beside that. */
function settings(backend, more = {}) {
    return { name: 'app', urls: [backend.url], secret: `env:HOOK_SECRET`, ...more };
}

const ENV = { HOOK_SECRET: SECRET };

module.exports = { Backend, settings, SECRET, ENV };
