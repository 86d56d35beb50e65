'use strict';
// The answer to a request: http.ServerResponse.

const {Buffer} = builtin('buffer');
const EventEmitter = builtin('events');
const {STATUS_CODES} = builtin('http_words');
const nodeError = builtin('node_error');
const {nextTick} = builtin('timers');

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const BAD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const PIECE = 1 << 20; // of a body that is larger than the first write may be
const ONE_PIECE = 8 << 20;

// What the server says by itself.
const OWN = new Set(['content-type', 'content-length', 'date', 'keep-alive', 'te', 'trailer',
    'transfer-encoding', 'upgrade']);

function checkHeader(name, value) {
    if (typeof name !== 'string' || !TOKEN.test(name))
        throw nodeError(TypeError, 'ERR_INVALID_HTTP_TOKEN',
            `Header name must be a valid HTTP token ["${name}"]`);
    if (value === undefined)
        throw nodeError(TypeError, 'ERR_HTTP_INVALID_HEADER_VALUE',
            `Invalid value "${value}" for header "${name}"`);
    for (const one of Array.isArray(value) ? value : [value])
        if (BAD_VALUE.test(String(one)))
            throw nodeError(TypeError, 'ERR_INVALID_CHAR',
                `Invalid character in header content ["${name}"]`);
}

class ServerResponse extends EventEmitter {
    constructor(page, request) {
        super();
        Object.assign(this, {req: request, socket: request.socket, connection: request.socket,
            statusCode: 200, statusMessage: undefined, sendDate: true, headersSent: false,
            finished: false, writableEnded: false, writableFinished: false, destroyed: false});
        this.page = page;
        this.fields = new Map(); // by name in small letters: [name, value]
        this.hasBegun = false; // something was sent
        this.waits = false; // for the client
        this.rest = null; // of a large body
    }
    get writable() { return !this.writableEnded; }
    get writableLength() { return 0; }

    // --- Headers. ---

    checkNotSent(what) {
        if (this.headersSent)
            throw nodeError(Error, 'ERR_HTTP_HEADERS_SENT',
                `Cannot ${what} headers after they are sent to the client`);
    }
    setHeader(name, value) {
        this.checkNotSent('set');
        checkHeader(name, value);
        this.fields.set(name.toLowerCase(), [name, value]);
        return this;
    }
    setHeaders(headers) {
        for (const [name, value] of headers)
            this.setHeader(name, value);
        return this;
    }
    appendHeader(name, value) {
        const is = this.getHeader(name);

        return this.setHeader(name, is === undefined ? value : [].concat(is, value));
    }
    getHeader(name) { return (this.fields.get(String(name).toLowerCase()) || [])[1]; }
    getHeaderNames() { return [...this.fields.keys()]; }
    getHeaders() {
        return Object.assign(Object.create(null), Object.fromEntries([...this.fields]
            .map(([key, [, value]]) => [key, value])));
    }
    hasHeader(name) { return this.fields.has(String(name).toLowerCase()); }
    removeHeader(name) {
        this.checkNotSent('remove');
        this.fields.delete(String(name).toLowerCase());
    }
    writeHead(status, reason, headers) {
        this.checkNotSent('write');
        const code = status | 0;

        if (code < 100 || code > 999)
            throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE',
                `Invalid status code: ${status}`);
        if (typeof reason === 'string')
            this.statusMessage = reason;
        else
            headers = headers || reason;
        if (this.statusMessage && BAD_VALUE.test(this.statusMessage))
            throw nodeError(TypeError, 'ERR_INVALID_CHAR',
                'Invalid character in statusMessage');
        this.statusCode = code;
        if (this.statusMessage === undefined)
            this.statusMessage = STATUS_CODES[code] || 'unknown';
        this.addHeaders(headers || {});
        this.headersSent = true;
        return this;
    }
    // An object, or an array of names and values in turn, or of pairs.
    addHeaders(headers) {
        if (!Array.isArray(headers)) {
            for (const name of Object.keys(headers))
                this.setHeader(name, headers[name]);
            return;
        }
        const flat = headers.flat();

        for (let i = 0; i + 1 < flat.length; i += 2)
            this.setHeader(flat[i], flat[i + 1]);
    }
    writeContinue() {}
    writeProcessing() {}
    addTrailers() {}
    flushHeaders() { this.begin(); }
    setTimeout() { return this; }
    cork() {}
    uncork() {}

    // What the headers say, in C. Returns the type.
    sayHeaders() {
        for (const [key, [name, value]] of this.fields)
            if (key === 'connection' ? /^close$/i.test(value) : !OWN.has(key))
                for (const one of Array.isArray(value) ? value : [value])
                    this.page.setHeader(name, String(one));
        this.page.setReason(String(this.statusMessage));
        return String(this.getHeader('content-type') || '');
    }
    ensureHead() {
        if (!this.headersSent)
            this.writeHead(this.statusCode);
    }

    // --- The body. ---

    bytesOf(chunk, encoding) {
        if (typeof chunk === 'string')
            return encoding && !/^utf-?8$/i.test(encoding) ? Buffer.from(chunk, encoding) : chunk;
        if (chunk instanceof Uint8Array)
            return chunk;
        if (chunk === null)
            throw nodeError(TypeError, 'ERR_STREAM_NULL_VALUES',
                'May not write null values to stream');
        throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "chunk" argument must be of type ' +
            `string or an instance of Buffer or Uint8Array. ${nodeError.received(chunk)}`);
    }
    hasNoBody() { return this.statusCode === 204 || this.statusCode === 304; }
    begin(length = this.toldLength()) {
        if (this.hasBegun)
            return;
        this.ensureHead();
        this.hasBegun = true;
        if (!this.hasNoBody())
            this.page.begin(this.statusCode, this.sayHeaders(), length);
    }
    toldLength() {
        const told = this.getHeader('content-length');

        return told !== undefined && /^\d+$/.test(told) ? Number(told) : -1;
    }
    isLate(done) {
        if (!this.writableEnded)
            return false;
        const error = nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');

        nextTick(() => {
            if (done)
                done(error);
            this.emit('error', error);
        });
        return true;
    }
    write(chunk, encoding, done) {
        if (typeof encoding === 'function')
            [encoding, done] = [undefined, encoding];
        const bytes = this.bytesOf(chunk, encoding);

        if (this.isLate(done))
            return false;
        this.begin();
        const rc = this.hasNoBody() || this.destroyed ? 0 : this.page.write(bytes);

        if (done)
            nextTick(done);
        this.waits = rc === 1;
        return rc === 0;
    }
    end(chunk, encoding, done) {
        if (typeof chunk === 'function')
            [chunk, done] = [undefined, chunk];
        else if (typeof encoding === 'function')
            [encoding, done] = [undefined, encoding];
        if (chunk !== undefined && chunk !== null) {
            chunk = this.bytesOf(chunk, encoding);
            if (this.isLate(done))
                return this;
        }
        if (this.writableEnded)
            return this;
        if (done)
            this.once('finish', done);
        this.finish(chunk === null ? undefined : chunk);
        return this;
    }
    finish(body) {
        this.ensureHead();
        this.writableEnded = this.finished = true;
        if (this.destroyed)
            return;
        if (body !== undefined && body.length > ONE_PIECE)
            this.sendLarge(Buffer.from(body));
        else if (this.hasBegun)
            this.endParts(body);
        else if (body === undefined && this.req.method === 'HEAD' && this.toldLength() > 0)
            this.endParts();
        else
            this.answer(body);
    }
    answer(body) {
        this.hasBegun = true;
        this.page.answer(this.statusCode, this.sayHeaders(), body);
        this.onSent();
    }
    endParts(body) {
        this.begin();
        if (this.hasNoBody()) {
            this.page.answer(this.statusCode, this.sayHeaders(), undefined);
        } else {
            if (body !== undefined)
                this.page.write(body);
            this.page.end();
        }
        this.onSent();
    }
    sendLarge(body) {
        this.begin(this.hasBegun || this.toldLength() >= 0 ? this.toldLength() : body.length);
        this.rest = this.hasNoBody() ? body.subarray(body.length) : body;
        this.sendRest();
    }
    sendRest() {
        while (this.rest.length > 0) {
            const rc = this.page.write(this.rest.subarray(0, PIECE));

            this.rest = this.rest.subarray(PIECE);
            if (rc !== 0)
                return; // on to onDrained(), or onGone()
        }
        this.rest = null;
        this.endParts();
    }

    // --- What becomes of it. ---

    onSent() {
        this.writableFinished = true;
        nextTick(() => {
            this.emit('finish');
            this.close();
        });
    }
    onDrained() {
        if (this.rest !== null) {
            this.sendRest();
        } else if (this.waits) {
            this.waits = false;
            this.emit('drain');
        }
    }
    // The client has gone, or has waited too long.
    onGone() {
        this.page.end();
        this.req.aborted = true;
        this.req.emit('aborted');
        this.close();
    }
    close() {
        if (this.destroyed)
            return;
        this.destroyed = this.req.destroyed = this.socket.destroyed = true;
        this.req.emit('close');
        this.emit('close');
        this.socket.emit('close');
    }
    destroy() {
        if (!this.destroyed) {
            this.page.end();
            nextTick(() => this.close());
        }
        return this;
    }
}

module.exports = {ServerResponse};
