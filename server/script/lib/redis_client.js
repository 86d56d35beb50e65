'use strict';
// A client of Redis: any command is a method of it. Its style is "old" (redis 0 to 3: callbacks),
// "modern" (redis 4: promises) or "io" (ioredis: both).

const EventEmitter = builtin('events');
const {answerOf, buffered, extraWords, flatten, withPrefix, wordsOf} = builtin('redis_commands');
const {Connection} = builtin('redis_connection');
const {Multi} = builtin('redis_multi');
const {majorOf} = builtin('socketio_generation');
const channels = builtin('redis_channels');

exports.generationOf = function (name) {
    const major = majorOf(name);

    return major === undefined ? '' : Number(major) >= 4 ? 'modern' : 'old';
};

// Where Redis is, as a URL, of what createClient() is given.
exports.address = function (first, second, options = {}) {
    const {socket = {}} = options;
    const url = /:\/\//.test(first) ? first : options.url;

    if (url)
        return String(url);
    const host = (typeof second === 'string' && second) || socket.host || options.host ||
        '127.0.0.1';
    const port = (isNaN(first) ? undefined : first) || socket.port || options.port || 6379;
    const user = options.username ? encodeURIComponent(options.username) : '';
    const password = options.password || options.auth_pass;
    const login = password ? `${user}:${encodeURIComponent(password)}@` : '';
    const path = socket.path || options.path || (/^\//.test(first) ? first : undefined);
    const db = options.database || options.db || 0;

    return path ? `unix://${login}${path}?db=${db}`
        : `redis://${login}${host.includes(':') ? `[${host}]` : host}:${port}${db ? '/' + db : ''}`;
};

class Client extends EventEmitter {
    constructor(url, options) {
        super();
        this.redisUrl = url;
        this.options = options;
        this.style = options.style;
        this.prefix = options.keyPrefix || options.prefix || '';
        this.isOpen = this.isClosed = this.hasBegun = false;
        this.listening = channels.make(this);
        this.connection = new Connection(url, false, (what, more) => this.onConnection(what, more));
        const {hostname, port} = /^redis:/.test(url) ? new URL(url) : {};
        this.host = hostname;
        this.port = Number(port) || 6379;
        this.connectionOption = {host: this.host, port: this.port};
        if (this.style !== 'modern' && !options.lazyConnect)
            process.nextTick(() => this.isAddress || this.open());
        return new Proxy(this, {get: (self, name, receiver) => name in self ||
            typeof name !== 'string' || name === 'then' ? Reflect.get(self, name, receiver)
            : self.method(name)});
    }
    get isReady() { return this.connection.isUp; }
    get connected() { return this.connection.isUp; }
    get ready() { return this.connection.isUp; }
    get status() { return this.isClosed ? 'end' : this.isReady ? 'ready' : 'connecting'; }

    // For RedisStore and adapters: they connect by themselves.
    becomeAddress() {
        if (!this.hasBegun && this.listenerCount('ready') + this.listenerCount('connect') === 0)
            this.isAddress = true;
        return this.redisUrl;
    }
    open() {
        if (this.hasBegun || this.isClosed)
            return;
        this.isOpen = this.hasBegun = true;
        this.connection.open();
    }
    connect(fn) {
        const up = new Promise((resolve, reject) => {
            if (this.isReady)
                resolve(this);
            this.waitsForUp = {resolve, reject};
        });

        this.open();
        if (typeof fn === 'function')
            up.then(() => fn(null), fn);
        return up;
    }
    onConnection(what, reason) {
        if (what === 'up') {
            if (this.db)
                this.connection.send(['SELECT', String(this.db)], () => {});
            this.emit('connect');
            this.emit('ready');
            this.waitsForUp?.resolve(this);
            this.waitsForUp = undefined;
        } else {
            const where = this.host ? `${this.host}:${this.port}` : 'its socket';
            const text = `Redis connection to ${where} failed - ${reason}`;
            const error = Object.assign(new Error(text), {code: codeOf(reason)});

            if (this.style === 'io')
                this.emit('close');
            if (this.style !== 'io' || this.listenerCount('error') > 0)
                this.emit('error', error);
            else
                console.error('[ioredis] Unhandled error event: ' + error);
            this.emit('reconnecting', {});
        }
    }

    // --- Commands. ---

    method(name) {
        return (...args) => this.call(name, ...args);
    }
    call(method, ...args) {
        return this.ask(method, wordsOf(method), args);
    }
    ask(method, name, args) {
        const fn = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
        const asBytes = Boolean(args[0]?.returnBuffers || this.options.return_buffers);
        const words = withPrefix(this.prefix,
            [...name, ...flatten(name[0], args), ...extraWords(method)]);

        if (name[0] === 'SELECT')
            this.db = args[0];
        return this.answered(fn, (done) => this.isClosed
            ? done(new Error('The client is closed'))
            : this.connection.send(words, (error, answer) => error
                ? done(replyError(error, words))
                : done(null, answerOf(this.style, method, name, asBytes ? buffered(answer)
                    : answer)), asBytes));
    }
    // Who has no function for an answer has a promise of it; in the old style errors are events.
    answered(fn, begin) {
        if (fn) {
            begin((error, answer) => fn(error || null, answer));
            return this.style === 'old' ? true : undefined;
        }
        const promise = new Promise((resolve, reject) => begin((error, answer) =>
            error ? reject(error) : resolve(answer)));

        if (this.style === 'old')
            promise.catch((error) => this.emit('error', error));
        return promise;
    }
    sendCommand(words, options = {}) {
        const [name, ...args] = words;

        return this.ask('', [String(name).toUpperCase()], [...args, ...(options.returnBuffers
            ? [{...options, isOptions: true}] : [])]);
    }
    send_command(name, args = [], fn = undefined) {
        return this.ask('', [name.toUpperCase()], fn ? [args, fn] : [args]);
    }
    multi(commands) { return new Multi(this, commands, true); }
    batch(commands) { return new Multi(this, commands, false); }
    pipeline(commands) { return new Multi(this, commands, false); }
    duplicate(options) {
        return new this.constructor(this.redisUrl,
            {...this.options, ...options});
    }

    // --- The end. ---

    quit(fn) {
        return this.answered(fn, (done) => {
            const end = () => {
                done(null, 'OK');
                this.finish();
            };

            if (this.connection.waiting.length > 0)
                this.open();
            this.connection.quit(end);
        });
    }
    close() { return this.quit(); }
    end() { this.disconnect(); }
    destroy() { this.disconnect(); }
    disconnect() {
        this.connection.close();
        this.finish();
        return Promise.resolve();
    }
    finish() {
        if (this.isClosed)
            return;
        this.isClosed = true;
        this.isOpen = false;
        this.listening.close();
        this.emit('end');
    }
}

function codeOf(reason) {
    return /refused/i.test(reason) ? 'ECONNREFUSED' : /auth|pass/i.test(reason) ? 'NOAUTH'
        : 'CONNECTION_BROKEN';
}

function replyError(error, words) {
    error.name = 'ReplyError';
    error.command = words[0];
    error.code = /^[A-Z]+(?= )/.exec(error.message)?.[0];
    return error;
}

for (const word of ['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'pSubscribe',
    'pUnsubscribe'])
    Client.prototype[word] = function (...args) {
        return this.listening.order(word.toLowerCase(), args);
    };

exports.Client = Client;
