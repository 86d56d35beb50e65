'use strict';
// What a client has asked: http.IncomingMessage. Its body is here already, and is told when
// somebody listens.

const {Buffer} = builtin('buffer');
const EventEmitter = builtin('events');
const {StringDecoder} = builtin('string_decoder');
const {nextTick} = builtin('timers');

// Of these the first one counts, as in Node; others are joined.
const SINGLE = new Set(['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires',
    'from', 'host', 'if-modified-since', 'if-unmodified-since', 'last-modified', 'location',
    'max-forwards', 'proxy-authorization', 'referer', 'retry-after', 'server', 'user-agent']);

function addHeader(headers, name, value) {
    if (name === 'set-cookie')
        headers[name] = [...(headers[name] || []), value];
    else if (!Object.hasOwn(headers, name))
        headers[name] = value;
    else if (!SINGLE.has(name))
        headers[name] += (name === 'cookie' ? '; ' : ', ') + value;
}

function headersOf(raw) {
    const headers = {};

    for (let i = 0; i < raw.length; i += 2)
        addHeader(headers, raw[i].toLowerCase(), raw[i + 1]);
    return headers;
}

// What is known of the connection.
class Socket extends EventEmitter {
    constructor(address, isSecure, message) {
        super();
        this.message = message;
        this.remoteAddress = address;
        this.remoteFamily = address.includes(':') ? 'IPv6' : 'IPv4';
        this.localPort = native.port();
        this.encrypted = isSecure || undefined;
        this.destroyed = false;
    }
    setTimeout() { return this; }
    setNoDelay() { return this; }
    setKeepAlive() { return this; }
    address() { return {port: this.localPort}; }
    destroy() { this.message.destroy(); return this; }
}

class IncomingMessage extends EventEmitter {
    constructor(page, method, url, minor, raw, body, address, isSecure) {
        super();
        Object.assign(this, {method, url, httpVersion: '1.' + minor, httpVersionMajor: 1,
            httpVersionMinor: minor, rawHeaders: raw, headers: headersOf(raw), complete: false,
            readable: true, readableEnded: false, destroyed: false, trailers: {}, aborted: false});
        this.page = page;
        this.pending = body === undefined ? null : Buffer.from(body);
        this.state = 'waiting'; // for a listener; then "flowing", "paused", "ended"
        this.socket = this.connection = new Socket(address, isSecure, this);
    }
    on(name, fn) {
        super.on(name, fn);
        if (name === 'data' && this.state === 'waiting')
            this.resume();
        else if (name === 'readable')
            nextTick(() => this.emit('readable'));
        return this;
    }
    addListener(name, fn) { return this.on(name, fn); }
    setEncoding(encoding) {
        this.decoder = new StringDecoder(encoding || 'utf8');
        return this;
    }
    pause() {
        if (this.state !== 'ended')
            this.state = 'paused';
        return this;
    }
    resume() {
        if (this.state === 'waiting' || this.state === 'paused') {
            this.state = 'flowing';
            nextTick(() => this.flow());
        }
        return this;
    }
    isPaused() { return this.state === 'paused'; }
    flow() {
        if (this.state !== 'flowing')
            return;
        const bytes = this.pending;

        this.pending = null;
        if (bytes !== null) {
            this.emit('data', this.decoder ? this.decoder.end(bytes) : bytes);
            nextTick(() => this.flow()); // unless it was paused in the call
            return;
        }
        this.state = 'ended';
        this.complete = true;
        this.readable = false;
        this.readableEnded = true;
        this.emit('end');
    }
    read() {
        const bytes = this.pending;

        this.pending = null;
        if (bytes === null)
            this.resume(); // to the end
        return bytes;
    }
    pipe(target) {
        this.on('data', (bytes) => target.write(bytes));
        this.on('end', () => target.end());
        return target;
    }
    unpipe() { return this; }
    setTimeout() { return this; }
    async *[Symbol.asyncIterator]() {
        if (this.state === 'ended')
            return;
        const bytes = this.read();

        if (bytes !== null)
            yield this.decoder ? this.decoder.end(bytes) : bytes;
        this.state = 'flowing';
        this.flow();
    }
    destroy(error) {
        if (!this.destroyed && this.response)
            this.response.destroy(error);
        this.destroyed = true;
        return this;
    }
}

exports.IncomingMessage = IncomingMessage;
