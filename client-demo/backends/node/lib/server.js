'use strict';
/*
 * server.js - the server of socket.io, without connections: the webhooks of the broker come in by
 * HTTP, and what the application says goes out to its API.
 */

const http = require('node:http');
const { Api } = require('./api.js');
const { checkOptions, declare, lacks } = require('./lacking.js');
const { Namespace, OPERATIONS } = require('./namespace.js');
const { Outbox } = require('./outbox.js');
const { verifier } = require('./signature.js');

const PATH = '/siobroker';
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_ANSWERS = 10000;      /* that are kept for webhooks which come again */

/* Where the broker is: as the application says, or else the environment. */
function brokerOf({ url = process.env.SIOBROKER_API, key = process.env.SIOBROKER_KEY,
    secret = process.env.SIOBROKER_SECRET, path = PATH } = {}) {
    if (!url || !secret)
        throw new Error('set SIOBROKER_API, SIOBROKER_KEY and SIOBROKER_SECRET, or the option ' +
            '"broker": { url, key, secret }');
    return { url, key, secret, path };
}

/* Rejects if it is too long, or cut. */
async function bodyOf(request) {
    const chunks = [];
    let n_bytes = 0;
    for await (const chunk of request) {
        n_bytes += chunk.length;
        if (n_bytes > MAX_BODY_BYTES)
            throw new Error('too long');
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}

/* Resolves with whether the answer went out. */
function replyTo(response, answers) {
    return new Promise((resolve) => {
        if (response.destroyed)
            return resolve(false);
        response.on('finish', () => resolve(true)).on('close', () => resolve(false));
        response.setHeader('Content-Type', 'application/json');
        if (!response.socket.server.listening)      /* it is closing, and waits for connections */
            response.setHeader('Connection', 'close');
        return response.end(JSON.stringify({ answers }));
    });
}

class Server {
    /*
     * http: a server of Node, or a port to listen on, or nothing yet. Of the options of socket.io
     * connectionStateRecovery counts; the others are settings of the broker.
     */
    constructor(server, options = {}) {
        if (server && typeof server === 'object' && typeof server.listen !== 'function')
            return new Server(undefined, server);
        checkOptions(options);
        this.broker = brokerOf(options.broker);
        this.isSigned = verifier(this.broker.secret);
        this.resumes = Boolean(options.connectionStateRecovery);
        this.api = new Api(this.broker.url, this.broker.key);
        this.outbox = new Outbox(this.api, (error) => this.complain(error));
        this.namespaces = new Map();
        this.answers = new Map();       /* id of an event: a promise of its answer */
        this.complaints = [];
        this.sockets = this.of('/');
        if (server !== undefined)
            this.attach(server);
    }

    of(name, listener) {
        if (typeof name !== 'string')
            throw lacks('namespaces by pattern', 'the settings of the broker name them');
        const full = name.startsWith('/') ? name : `/${name}`;
        if (!this.namespaces.has(full))
            this.namespaces.set(full, new Namespace(this, full));
        const nsp = this.namespaces.get(full);
        if (listener)
            nsp.on('connection', listener);
        return nsp;
    }

    /* What the broker has refused goes to these listeners, or else to stderr. */
    onComplaint(listener) {
        this.complaints.push(listener);
        return this;
    }

    complain(error) {
        if (this.complaints.length === 0)
            console.error(`siobroker: ${error.message}`);
        this.complaints.forEach((listener) => listener(error));
    }

    /* --- HTTP. --- */

    /* Webhooks are taken from the server, all other requests are left to it. */
    attach(server) {
        if (typeof server !== 'object')
            return this.listen(server);
        const others = server.listeners('request');
        server.removeAllListeners('request').on('request', (request, response) => {
            if (request.url.split('?')[0] === this.broker.path)
                this.serve(request, response);
            else
                others.forEach((listener) => listener.call(server, request, response));
        });
        this.httpServer = server;
        return this;
    }

    listen(port, ...more) {
        if (typeof port === 'object')
            return this.attach(port);
        this.attach(http.createServer((request, response) => response.writeHead(404).end()));
        this.httpServer.listen(Number(port), ...(more.length > 0 ? more : ['127.0.0.1']));
        return this;
    }

    /* Takes no more webhooks, and says what was to be said; then done(). */
    async close(done = () => {}) {
        this.api.close();
        if (this.httpServer?.listening) {
            const closed = new Promise((resolve) => { this.httpServer.close(resolve); });
            this.httpServer.closeIdleConnections();
            await closed;
        }
        await this.outbox.done();
        this.api.end();
        done();
    }

    async serve(request, response) {
        const body = await bodyOf(request).catch(() => null);
        if (body === null || !this.isSigned(request, body))
            response.writeHead(400).end();
        else
            await this.answerAll(JSON.parse(body).events, request.headers['siobroker-instance'],
                response);
    }

    async answerAll(events, instance, response) {
        if (events[0].type === 'connect')       /* travels alone */
            await this.answerConnect(events[0], instance, response);
        else
            await replyTo(response, await Promise.all(events.map((event) =>
                this.answerOnce(event.id, () => this.answer(event)))));
    }

    /* --- Events. --- */

    /* The broker asks again when it has not read an answer: then it gets the same. */
    answerOnce(id, answer) {
        if (!this.answers.has(id)) {
            this.answers.set(id, answer());
            if (this.answers.size > MAX_ANSWERS)
                this.answers.delete(this.answers.keys().next().value);
        }
        return this.answers.get(id);
    }

    async answerConnect(event, instance, response) {
        const nsp = this.namespaces.get(event.namespace);
        const reply = (answer) => replyTo(response, [answer]);
        if (!nsp)
            return reply({ error: { message: 'Invalid namespace' } });
        if (event.recovered)
            return reply(await this.answerRecovered(nsp, event));
        let isAnswered = false;
        const answer = await this.answerOnce(event.id, () => {
            isAnswered = true;
            return nsp.connect(event, instance, reply);
        });
        if (answer === null)            /* nobody has read it: ask the application again */
            return this.answers.delete(event.id);
        return isAnswered || reply(answer);
    }

    /* The broker has restored it; it is in already. */
    async answerRecovered(nsp, event) {
        nsp.leave(nsp.sockets.get(event.socket.id), 'transport close');
        if (!this.resumes)
            return { disconnect: 'reconnect' };
        await nsp.resume(event.socket);
        return null;
    }

    /* An answer waits until what listeners have said is done, so that nothing is lost with us. */
    async answer(event) {
        const nsp = this.namespaces.get(event.namespace);
        if (!nsp)
            return null;
        const known = nsp.sockets.get(event.socket.id);
        const socket = known || (this.resumes ? await this.resume(nsp, event) : undefined);
        if (!socket)
            return event.type === 'event' ? { disconnect: 'reconnect' } : null;
        this.handle(nsp, socket, event);
        await this.outbox.done();
        return null;
    }

    /* One that has left already is only known by what it left behind. */
    resume(nsp, event) {
        return event.type === 'disconnect' ? nsp.takeOver(event.socket, { time: event.time })
            : nsp.resume(event.socket);
    }

    /* What a listener throws is an error of the application, as it would be without a broker. */
    handle(nsp, socket, event) {
        try {
            if (event.type === 'disconnect')
                nsp.leave(socket, event.reason, event.socket.rooms);
            else
                socket.receive(event);
        } catch (error) {
            process.nextTick(() => { throw error; });
        }
    }
}

/* What is said to the server is said to its default namespace. */
for (const name of ['on', 'once', 'off', 'addListener', 'prependListener', 'prependOnceListener',
    'removeListener', 'removeAllListeners', 'listeners', 'rawListeners', 'listenerCount',
    'eventNames', 'setMaxListeners', 'getMaxListeners', ...OPERATIONS]) {
    Server.prototype[name] = function inDefaultNamespace(...args) {
        return this.sockets[name](...args);
    };
}
for (const name of ['use', 'send', 'write']) {
    Server.prototype[name] = function inDefaultNamespace(...args) {
        this.sockets[name](...args);
        return this;
    };
}
for (const name of ['local', 'volatile'])
    Object.defineProperty(Server.prototype, name, { get() { return this.sockets[name]; } });

declare(Server);

module.exports = { Server };
