'use strict';
// Module "http": servers, on the port of the broker, and requests to others. What is below the path
// of socket.io never comes here.

const EventEmitter = builtin('events');
const listener = builtin('listener');
const {ClientRequest} = builtin('http_client');
const {IncomingMessage} = builtin('http_request');
const {ServerResponse} = builtin('http_response');
const {METHODS, STATUS_CODES} = builtin('http_words');
const {nextTick} = builtin('timers');

const servers = new Set();

native.hook('request', function (page, ...about) {
    const request = new IncomingMessage(page, ...about);
    const response = request.response = page.response = new ServerResponse(page, request);

    const able = [...servers].filter((server) => server.listenerCount('request') > 0);
    const server = able.find(({isSecure}) => isSecure === Boolean(request.socket.encrypted)) ||
        able[0];

    if (server) {
        server.emit('request', request, response);
        return;
    }
    response.writeHead(404);
    response.end();
});

native.hook('pageGone', function () {
    if (this.response)
        this.response.onGone();
});

native.hook('pageDrained', function () {
    if (this.response)
        this.response.onDrained();
});

// listen(port, host, backlog, fn), listen(path), listen({port, host, path}): most may be left out.
function placeOf(args) {
    const [first, second] = args;

    if (typeof first === 'object' && first !== null)
        return {port: first.port === undefined ? 0 : first.port, host: first.host,
            path: first.path};
    if (typeof first === 'string' && first !== '' && Number.isNaN(Number(first)))
        return {path: first};
    return {port: first === undefined || first === null || typeof first === 'function' ? 0 : first,
        host: typeof second === 'string' ? second : undefined};
}

class Server extends EventEmitter {
    constructor(options, handler) {
        super();
        if (typeof options === 'function')
            handler = options;
        Object.assign(this, {listening: false, timeout: 0, keepAliveTimeout: 5000,
            headersTimeout: 60000, requestTimeout: 300000, maxHeadersCount: null});
        this.place = null;
        this.isSecure = false; // one of https
        servers.add(this);
        if (handler)
            this.on('request', handler);
    }
    on(name, fn) {
        if (name === 'upgrade' || name === 'connect')
            native.log(1, `http: no event "${name}" comes here: websockets are for socket.io`);
        if (name === 'request' && this.listenerCount('request') === 0)
            native.servePages();
        return super.on(name, fn);
    }
    addListener(name, fn) { return this.on(name, fn); }
    listen(...args) {
        const fn = args.find((one) => typeof one === 'function');
        const place = {...placeOf(args), tls: this.tls};

        if (this.place)
            throw Object.assign(new Error('Listen method has been called more than once without ' +
                'closing.'), {code: 'ERR_SERVER_ALREADY_LISTEN'});
        listener.listen(place, () => this.onListening(), (error) => this.onFailed(error));
        this.place = place;
        if (fn)
            this.once('listening', fn);
        return this;
    }
    onListening() {
        this.listening = true;
        this.emit('listening');
    }
    onFailed(error) {
        this.place = null;
        this.emit('error', error);
    }
    address() {
        if (!this.listening)
            return null;
        const {host = '::', path} = this.place;

        return path || {address: host, family: host.includes(':') ? 'IPv6' : 'IPv4',
            port: listener.portOf(this.place)};
    }
    // The whole program stops, as it has one port.
    close(fn) {
        const wasListening = this.listening;

        this.listening = false;
        servers.delete(this);
        if (wasListening)
            native.stop();
        nextTick(() => {
            if (fn)
                fn(wasListening ? undefined : Object.assign(new Error('Server is not running.'),
                    {code: 'ERR_SERVER_NOT_RUNNING'}));
            this.emit('close');
        });
        return this;
    }
    closeAllConnections() {}
    closeIdleConnections() {}
    getConnections(fn) { nextTick(fn, null, 0); }
    setTimeout() { return this; }
    ref() { return this; }
    unref() { return this; }
    // A server of socket.io is attached; clients of it never come here.
    serveSockets(io, fn) {
        this.io = io;
        if (this.listening)
            nextTick(fn);
        else
            this.once('listening', fn);
    }
}

class Agent {
    constructor(options) { Object.assign(this, {maxSockets: Infinity}, options); }
    destroy() {}
}

module.exports = {
    METHODS, STATUS_CODES, Server, IncomingMessage, ServerResponse, Agent,
    globalAgent: new Agent(),
    maxHeaderSize: 16384,
    createServer: (options, handler) => new Server(options, handler),
    ClientRequest,
    request: (...args) => new ClientRequest('http:', args),
    get: (...args) => new ClientRequest('http:', args).end(),
};
