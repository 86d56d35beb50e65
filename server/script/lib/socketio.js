'use strict';
// Module "socket.io": the words of all its generations. One server in a process.

const EventEmitter = builtin('events');
const listener = builtin('listener');
const {Namespace, verdicts} = builtin('socketio_namespace');
const {Parent, parentOf} = builtin('socketio_parent');
const {Socket} = builtin('socketio_socket');
const {Namespace09, keepAuthorized, makeServer} = builtin('socketio_09');
const {generationOf} = builtin('socketio_generation');
const {requestOf} = builtin('socketio_session');
const {applyOptions, get, getNative, set} = builtin('socketio_options');

// --- Namespaces. ---

const namespaces = new Map(); // by name as C has it: "" is the default one

function keyOf(name) {
    const is = String(name);

    return is === '/' ? '' : is !== '' && is[0] !== '/' ? '/' + is : is;
}

function addNamespace(nsp) {
    namespaces.set(nsp.key, nsp);
    if (nsp.key !== '')
        namespaces.get('').tell('new_namespace', nsp);
    return nsp;
}

// One that the script asks for, which stays.
function namespaceOf(name) {
    const key = keyOf(name);
    let nsp = namespaces.get(key);

    if (nsp === undefined) {
        const parent = parentOf(key);

        native.of(key);
        nsp = new (server().NamespaceClass)(server(), key);
        nsp.isKept = true;
        if (parent && parent.adopt(nsp).guards.length > 0)
            nsp.guard();
        addNamespace(nsp);
    }
    return nsp;
}

// One that a client asks for, and its parent wants.
function childOf(key, parent) {
    return namespaces.get(key) ||
        addNamespace(parent.adopt(new (server().NamespaceClass)(server(), key)));
}

native.hook('connection', (key, nativeSocket, id) =>
    namespaces.get(key).onConnection(nativeSocket, id));
native.hook('event', function (name, args, attachments, ack) {
    if (this)
        this.onEvent(name, args, attachments, ack);
});
native.hook('disconnect', function (reason) {
    if (this)
        this.onDisconnect(reason);
});
native.hook('serverSide', (key, name, args, answer) =>
    namespaces.get(key)?.onServerSide(name, args, answer));
native.hook('room', (key, what, room, id) => namespaces.get(key)?.adapter.tell(what, room, id));

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
        this.wasListened = false;
        this.listeningFns = [];
        this.opts = {};
        this.sockets = addNamespace(Object.assign(new Namespace(this, ''), {isKept: true}));
        native.of('');
        this.generation = generationOf(); // of package.json; "": it does not say
        if (this.generation === '0.9')
            this.become09();
        if (isOptions(where))
            [where, options] = [undefined, where];
        if (options)
            this.applyOptions(options);
        if (where !== undefined)
            this.begin(where);
    }
    become09() {
        Object.setPrototypeOf(this, Server09.prototype);
        for (const nsp of namespaces.values())
            Object.assign(Object.setPrototypeOf(nsp, Namespace09.prototype), {name: nsp.key});
    }
    get isOf09() { return false; }
    get NamespaceClass() { return this.isOf09 ? Namespace09 : Namespace; }
    applyOptions({allowRequest, ...options}) {
        Object.assign(this.opts, options);
        applyOptions(options);
        if (allowRequest)
            native.authorization((decision, handshake) => allowRequest(
                requestOf(JSON.parse(handshake)), (error, isAllowed) =>
                    decision.decide(!error && isAllowed ? verdicts.ACCEPT : verdicts.REFUSE)));
    }
    begin(where, options, fn) {
        if (typeof options === 'function')
            [options, fn] = [undefined, options];
        if (options)
            this.applyOptions(options);
        if (fn)
            this.listeningFns.push(fn);
        if (where && typeof where.serveSockets === 'function') { // it listens when told to
            this.httpServer = where;
            where.serveSockets(this, () => this.onListening());
        } else {
            listener.listen({port: where === undefined ? 80 : where}, () => this.onListening(),
                (error) => { throw error; });
        }
        process.nextTick(() => this.beforeListening());
        return this;
    }
    listen(where, options, fn) { return this.begin(where, options, fn); }
    attach(where, options) { return this.begin(where, options); }
    // The pages of a program for 4 load the client of 4, by the name that it has there. It listens
    // at the end of what runs now.
    beforeListening() {
        if (!this.isOf09 && (this.generation === '4' || !this.wasListened) &&
            !Object.hasOwn(this.opts, 'browser client version'))
            set('browser client version', '4');
    }
    onListening() {
        this.hasRedis = Boolean(getNative('redis'));
        this.sharesData = this.hasRedis || getNative('maxDisconnectionDuration') > 0;
        this.listeningFns.forEach((fn) => fn());
    }
    of(name, fn) {
        const isPattern = name instanceof RegExp;

        if (isPattern && (name.global || name.sticky))
            throw new Error('stateful regular expressions are not supported');
        const nsp = isPattern || typeof name === 'function' ? new Parent(this, name, childOf)
            : namespaceOf(name);

        if (fn)
            nsp.on(this.isOf09 ? 'connection' : 'connect', fn);
        return nsp;
    }
    forget(nsp) {
        namespaces.delete(nsp.key);
        nsp.parent.children.delete(nsp);
    }
    close(fn) {
        native.stop();
        if (fn)
            process.nextTick(fn);
        return Promise.resolve();
    }
    get port() { return native.port(); }
    get engine() { return engine; }
    get eio() { return engine; }
    get _nsps() { return new Map([...namespaces].map(([key, nsp]) => [key || '/', nsp])); }
    allNamespaces() { return namespaces; }
    adaptHandshake(handshake) {
        if (typeof handshake.address === 'object' && handshake.address !== null)
            handshake.address = handshake.address.address;
        return handshake;
    }

    // Settings of 4 by a function: without an argument, what they are.
    adapter(value) {
        if (value === undefined)
            return this.opts.adapter;
        this.applyOptions({adapter: value});
        return this;
    }
    path(value) { return this.option('path', value, () => get('path')); }
    connectTimeout(value) {
        return this.option('connectTimeout', value, () => get('connectTimeout'));
    }
    serveClient(value) { return this.option('serveClient', value, () => get('browser client')); }
    option(key, value, read) {
        if (value === undefined)
            return read();
        this.applyOptions({[key]: value});
        return this;
    }

    // --- Of 0.9. ---

    get manager() { return Object.create(Server09.prototype, {sockets: {value: this.sockets}}); }
    get store() { return get('store'); }
    get log() { return log; }
    set(key, value) {
        if (arguments.length === 1)
            return this.get(key);
        if (!this.isOf09 && this.wasListened && this.generation === '')
            this.become09();
        if (key === 'authorization')
            this.authorize(value);
        else
            set(key, value);
        super.emit('set:' + key, value, key);
        return this;
    }
    // fn(handshake, accept), and accept(error, is it?). What it adds to the handshake stays there.
    authorize(fn) {
        native.authorization((decision, text) => {
            const handshake = this.adaptHandshake(JSON.parse(text));
            const before = JSON.stringify(handshake);

            if (!fn) {
                decision.decide(verdicts.ACCEPT);
                return;
            }
            fn.call(this, handshake, (error, isAccepted) => {
                const after = JSON.stringify(handshake);

                if (error || !isAccepted)
                    decision.decide(error ? verdicts.FAIL : verdicts.REFUSE);
                else if (after === before)
                    decision.decide(verdicts.ACCEPT);
                else {
                    keepAuthorized(after, handshake);
                    decision.acceptWith(after);
                }
            });
        });
    }
    get(key) { return get(key); }
    enable(key) { return this.set(key, true); }
    disable(key) { return this.set(key, false); }
    enabled(key) { return Boolean(this.get(key)); }
    disabled(key) { return !this.get(key); }
    configure(env, fn) {
        if (typeof env === 'function')
            env.call(this);
        else if (env === (process.env.NODE_ENV || 'development'))
            fn.call(this);
        return this;
    }
}

const Server09 = makeServer(Server);

// Of engine.io.
const engine = Object.defineProperties(new EventEmitter(), {
    clientsCount: {get: () => JSON.parse(native.counters()).sessions},
    generateId: {value: () => builtin('crypto').randomBytes(15).toString('base64')
        .replace(/\//g, '_').replace(/\+/g, '-')},
    close: {value: () => server().close()},
});

const log = {};
['error', 'warn', 'info', 'debug'].forEach((level, i) => {
    log[level] = (...args) => native.log(i, args.map(String).join(' '));
});

function isOptions(value) {
    return typeof value === 'object' && value !== null && typeof value.listen !== 'function';
}

// In 0.9 it makes the server of https itself, from its options. [where, options]
function withTls(where, options) {
    if (!isOptions(options) || !options.key)
        return [where, options];
    const {key, cert, ca, ...others} = options;
    const server = builtin('https').createServer({key, cert, ca});

    server.listen(where);
    return [server, others];
}

// What is said to the server is said to its default namespace, which is what it returns then, as
// there, but for these.
const ITSELF = ['send', 'write', 'use'];

for (const word of ['on', 'addListener', 'once', 'off', 'prependListener', 'prependOnceListener',
    'removeListener', 'removeAllListeners', 'listeners', 'rawListeners', 'listenerCount',
    'eventNames', 'setMaxListeners', 'getMaxListeners', 'emit', 'send', 'write', 'to', 'in',
    'except', 'use', 'compress', 'timeout', 'emitWithAck', 'fetchSockets', 'allSockets',
    'socketsJoin', 'socketsLeave', 'disconnectSockets', 'serverSideEmit', 'serverSideEmitWithAck',
    'clients'])
    Server.prototype[word] = function (...args) {
        const result = this.sockets[word](...args);

        return ITSELF.includes(word) ? this : result;
    };
for (const word of ['volatile', 'local', 'json'])
    Object.defineProperty(Server.prototype, word, {get() { return this.sockets[word]; }});

module.exports = (where, options) => new Server(where, options);
Object.assign(module.exports, {
    Server, Namespace, Socket, version: '0.9.16', protocol: 1,
    // What makes a server of 0.9, once it is configured in the words of that.
    listen(where, options, fn) {
        const made = new Server();

        made.wasListened = true;
        return made.begin(...withTls(where, options), fn);
    },
});
module.exports.attach = module.exports.listen;
