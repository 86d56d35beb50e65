'use strict';
// http.request() and http.get(). The request is sent when it has ended; its answer comes whole.

const {Buffer} = builtin('buffer');
const EventEmitter = builtin('events');
const {IncomingMessage} = builtin('http_request');
const nodeError = builtin('node_error');
const {ask, urlToSend} = builtin('outgoing');
const {nextTick, timers} = builtin('timers');
const {URL} = builtin('url');

const OWN = new Set(['connection', 'content-length', 'expect', 'keep-alive', 'te', 'trailer',
    'transfer-encoding', 'upgrade']);

// request(url, options, fn), of which most may be left out. {options, fn}
function argumentsOf(args) {
    const [first] = args;
    const isUrl = typeof first === 'string' || first instanceof URL;
    const {protocol, hostname, port, pathname, search, username, password} =
        isUrl ? new URL(first) : {};
    const fromUrl = isUrl ? {protocol, hostname, port, path: pathname + search,
        auth: username ? decodeURIComponent(username) + ':' + decodeURIComponent(password)
            : undefined} : {};
    const options = isUrl ? args[1] : first;

    return {options: {...fromUrl, ...typeof options === 'object' ? options : {}},
        fn: args.find((one) => typeof one === 'function')};
}

function urlOf(options, protocol) {
    const host = options.hostname || options.host || 'localhost';
    const bracketed = host.includes(':') && host[0] !== '[' ? `[${host}]` : host;

    if ((options.protocol || protocol) !== protocol)
        throw nodeError(TypeError, 'ERR_INVALID_PROTOCOL',
            `Protocol "${options.protocol}" not supported. Expected "${protocol}"`);
    if (/[^\x21-\xff]/.test(options.path || ''))
        throw nodeError(TypeError, 'ERR_UNESCAPED_CHARACTERS',
            'Request path contains unescaped characters');
    return new URL(`${protocol}//${bracketed}${options.port ? ':' + options.port : ''}` +
        (options.path || '/'));
}

// An error with the words of another, and a stack of its own.
function become(made, {message, code}) {
    const stack = made.stack.replace(/^Error/, () => `Error: ${message}`);

    Object.defineProperties(made, {
        message: {value: message, configurable: true, writable: true},
        stack: {value: stack, configurable: true, writable: true},
    });
    return Object.assign(made, {code});
}

class ClientRequest extends EventEmitter {
    constructor(protocol, args) {
        super();
        const {options, fn} = argumentsOf(args);
        const {method = 'GET', headers = {}, auth, timeout, signal} = options;

        Object.assign(this, {method: method.toUpperCase(), path: options.path || '/',
            aborted: false, destroyed: false, finished: false, writableEnded: false});
        this.url = urlOf(options, protocol);
        this.host = this.url.hostname;
        this.fields = new Map(); // by name in small letters: [name, value]
        this.parts = [];
        for (const name of Object.keys(headers))
            this.setHeader(name, headers[name]);
        if (auth)
            this.setHeader('Authorization', 'Basic ' + Buffer.from(auth).toString('base64'));
        if (fn)
            this.once('response', fn);
        if (timeout)
            this.setTimeout(timeout);
        if (signal)
            signal.addEventListener('abort', () => this.destroy(signal.reason), {once: true});
    }
    setHeader(name, value) { this.fields.set(name.toLowerCase(), [name, value]); }
    getHeader(name) { return (this.fields.get(name.toLowerCase()) || [])[1]; }
    removeHeader(name) { this.fields.delete(name.toLowerCase()); }
    setNoDelay() {}
    setSocketKeepAlive() {}
    flushHeaders() {}
    setTimeout(ms, fn) {
        if (fn)
            this.once('timeout', fn);
        timers.clearTimeout(this.timer);
        this.timer = timers.setTimeout(() => this.emit('timeout'), ms);
        this.timer.unref();
        return this;
    }
    write(chunk, encoding, done) {
        if (this.writableEnded)
            throw nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
        this.parts.push(typeof chunk === 'string'
            ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8') : chunk);
        if (typeof (done || encoding) === 'function')
            nextTick(done || encoding);
        return true;
    }
    end(chunk, encoding, done) {
        const fn = [chunk, encoding, done].find((one) => typeof one === 'function');

        if (this.writableEnded || this.destroyed)
            return this;
        if (chunk !== undefined && chunk !== null && typeof chunk !== 'function')
            this.write(chunk, encoding);
        this.writableEnded = this.finished = true;
        if (fn)
            this.once('finish', fn);
        this.send();
        nextTick(() => this.emit('finish'));
        return this;
    }
    // The error is made here, so that its stack names who has asked.
    send() {
        const lines = [...this.fields.values()].filter(([name]) => !OWN.has(name.toLowerCase()))
            .flatMap(([name, value]) => [].concat(value).map((one) => `${name}: ${one}`));
        const failed = new Error();

        this.call = ask(urlToSend(this.url), this.method, lines, Buffer.concat(this.parts),
            (error, answer) => {
                if (error)
                    this.fail(become(failed, error));
                else
                    this.answer(answer);
            });
    }
    answer({status, reason, raw, body}) {
        const message = new IncomingMessage(null, null, '', 1, raw,
            body.byteLength > 0 ? new Uint8Array(body) : undefined, '');

        this.settle();
        this.res = Object.assign(message, {statusCode: status, statusMessage: reason, req: this});
        if (!this.emit('response', message))
            message.resume();
        nextTick(() => this.emit('close'));
    }
    fail(error) {
        this.settle();
        this.emit('error', error);
        this.emit('close');
    }
    settle() {
        this.destroyed = true;
        timers.clearTimeout(this.timer);
    }
    destroy(error) {
        if (this.destroyed)
            return this;
        this.settle();
        if (this.call)
            this.call.cancel();
        nextTick(() => this.fail(error || nodeError(Error, 'ECONNRESET', 'socket hang up')));
        return this;
    }
    abort() {
        if (!this.aborted)
            nextTick(() => this.emit('abort'));
        this.aborted = true;
        this.destroy();
    }
}

exports.ClientRequest = ClientRequest;
