'use strict';
// Module "socket.io": the words of all its generations. One server in a process.

const EventEmitter = builtin('events');
const {requestOf} = builtin('socketio_socket');
const {Namespace, verdicts} = builtin('socketio_namespace');
const {applyOptions, get, set} = builtin('socketio_options');

// --- Namespaces. ---

const namespaces = new Map(); // by name as C has it: "" is the default one

function keyOf(name) {
    const is = String(name);

    return is === '/' ? '' : is !== '' && is[0] !== '/' ? '/' + is : is;
}

function namespaceOf(name) {
    const key = keyOf(name);

    if (!namespaces.has(key)) {
        native.of(key);
        namespaces.set(key, new Namespace(server(), key));
    }
    return namespaces.get(key);
}

native.hook('connection', (name, nativeSocket, id) => namespaceOf(name).onConnection(nativeSocket, id));
native.hook('event', function (name, args, attachments, ack) {
    if (this)
        this.onEvent(name, args, attachments, ack);
});
native.hook('disconnect', function (reason) {
    if (this)
        this.onDisconnect(reason);
});
native.hook('listening', () => server().onListening());

// --- The server. ---

let one = null;

// Options, an address, or a server of module "http", in any order that socket.io takes.
function server() {
    return one || (one = new Server());
}

class Server extends EventEmitter {
    constructor(where, options) {
        super();
        if (one !== null)
            throw new Error('A script has one server: this would be another');
        one = this;
        this.wasConfigured = this.wasListened = false;
        this.isOf09 = false;
        this.onListening = () => {};
        this.sockets = namespaceOf('/');
        if (isOptions(where))
            [where, options] = [undefined, where];
        if (options)
            this.applyOptions(options);
        if (where !== undefined)
            this.begin(where);
    }
    applyOptions({allowRequest, ...options}) {
        applyOptions(options);
        if (allowRequest)
            this.authorize((handshake, accept) => allowRequest(requestOf(handshake),
                (error, isAllowed) => accept(null, !error && isAllowed)));
    }
    begin(where, options, fn) {
        if (typeof options === 'function')
            [options, fn] = [undefined, options];
        if (options)
            this.applyOptions(options);
        if (typeof where === 'object' && where !== null)
            where.serveSockets(this);
        else
            set('port', Number(where === undefined ? 80 : where));
        if (fn)
            this.onListening = fn;
        native.listen();
        return this;
    }
    listen(where, options, fn) { return this.begin(where, options, fn); }
    attach(where, options) { return this.begin(where, options); }
    of(name, fn) {
        const nsp = namespaceOf(name);

        if (fn)
            nsp.on('connection', fn);
        return nsp;
    }
    close(fn) {
        native.stop();
        if (fn)
            process.nextTick(fn);
        return Promise.resolve();
    }
    get port() { return native.port(); }
    get transports() {
        return Object.fromEntries([...this.sockets.sockets].map(([id, socket]) =>
            [id, {name: socket.transport}]));
    }
    get engine() { return {clientsCount: this.sockets.sockets.size}; }
    get _nsps() { return new Map([...namespaces].map(([key, nsp]) => [key || '/', nsp])); }
    adapter() { return this; }

    // In 0.9 an address is an object.
    adaptHandshake(handshake) {
        const {address} = handshake;

        if (this.isOf09 && typeof address === 'string')
            return {...handshake, address: {address, port: 0}};
        if (!this.isOf09 && typeof address === 'object' && address !== null)
            return {...handshake, address: address.address};
        return handshake;
    }

    // --- Of 0.9. ---

    get manager() { return builtin('socketio_manager').of(this, namespaces); }
    set(key, value) {
        this.wasConfigured = true;
        this.isOf09 = this.wasListened;
        if (key === 'authorization')
            this.authorize(value);
        else
            set(key, value);
        return this;
    }
    authorize(fn) {
        native.authorization((decision, handshake) =>
            fn(this.adaptHandshake(JSON.parse(handshake)), (error, isAccepted) => decision.decide(
                error ? verdicts.FAIL : isAccepted ? verdicts.ACCEPT : verdicts.REFUSE)));
    }
    get(key) { return get(key); }
    enable(key) { return this.set(key, true); }
    disable(key) { return this.set(key, false); }
    enabled(key) { return Boolean(get(key)); }
    disabled(key) { return !get(key); }
    configure(env, fn) {
        if (typeof env === 'function')
            env.call(this);
        else if (env === (process.env.NODE_ENV || 'development'))
            fn.call(this);
        return this;
    }
}

function isOptions(value) {
    return typeof value === 'object' && value !== null && typeof value.listen !== 'function';
}

// What is said to the server is said to its default namespace.
for (const word of ['on', 'addListener', 'once', 'off', 'removeListener', 'removeAllListeners',
    'listeners', 'emit', 'send', 'write', 'to', 'in', 'except', 'use', 'compress', 'timeout',
    'emitWithAck', 'fetchSockets', 'allSockets', 'socketsJoin', 'socketsLeave',
    'disconnectSockets'])
    Server.prototype[word] = function (...args) {
        const result = this.sockets[word](...args);

        return result === this.sockets ? this : result;
    };
for (const word of ['volatile', 'local', 'json'])
    Object.defineProperty(Server.prototype, word, {get() { return this.sockets[word]; }});

module.exports = (where, options) => new Server(where, options);
Object.assign(module.exports, {
    Server, Namespace, Socket: builtin('socketio_socket').Socket, version: '0.9.16', protocol: 1,
    // What makes a server of 0.9, once it is configured in the words of that.
    listen(where, options, fn) {
        const made = new Server();

        made.wasListened = true;
        return made.begin(where, options, fn);
    },
});
module.exports.attach = module.exports.listen;
