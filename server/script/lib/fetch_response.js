'use strict';
// The classes Request and Response of fetch(). Bodies are whole: there are no streams of them.

const {Buffer, TextDecoder} = builtin('buffer');
const {Headers} = builtin('fetch_headers');
const {URL, URLSearchParams} = builtin('url');

const METHODS = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']); // in any letters
const REDIRECTS = [301, 302, 303, 307, 308];
const NO_BODY = [204, 205, 304];

// [bytes or null, the type that it has if no header says one]
function bytesOf(body) {
    if (body === undefined || body === null)
        return [null, null];
    if (body instanceof URLSearchParams)
        return [Buffer.from(String(body)), 'application/x-www-form-urlencoded;charset=UTF-8'];
    if (body instanceof ArrayBuffer)
        return [Buffer.from(new Uint8Array(body)), null];
    if (ArrayBuffer.isView(body))
        return [Buffer.from(new Uint8Array(body.buffer, body.byteOffset, body.byteLength)), null];
    if (typeof body === 'object' && (body[Symbol.asyncIterator] || typeof body.pipe === 'function'))
        throw new TypeError('a body of fetch() may not be a stream here: give it whole, as a ' +
            'string or a Buffer');
    return [Buffer.from(String(body)), 'text/plain;charset=UTF-8'];
}

// What both have: a body that is read once.
class Body {
    #bytes = null;
    #isUsed = false;

    setBody(body) {
        const [bytes, type] = bytesOf(body);

        this.#bytes = bytes;
        if (type !== null && !this.headers.has('content-type'))
            this.headers.set('content-type', type);
    }
    get bodyUsed() { return this.#isUsed; }
    get body() {
        if (this.#bytes === null)
            return null;
        throw new TypeError('the body is no stream here: use text(), json(), arrayBuffer() or ' +
            'bytes(), which have the whole of it');
    }
    takeBytes() {
        if (this.#isUsed)
            throw new TypeError('Body is unusable: Body has already been read');
        this.#isUsed = this.#bytes !== null;
        return this.#bytes === null ? Buffer.alloc(0) : this.#bytes;
    }
    moveBody() { return this.#bytes === null ? null : this.takeBytes(); }
    copyBody() {
        if (this.#isUsed)
            throw new TypeError(`${this.constructor.name}.clone: Body has already been consumed.`);
        return this.#bytes;
    }
    async text() { return new TextDecoder().decode(this.takeBytes()); }
    async json() { return JSON.parse(await this.text()); }
    async bytes() { return new Uint8Array(await this.arrayBuffer()); }
    async arrayBuffer() {
        const bytes = this.takeBytes();

        return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    }
}

class Response extends Body {
    constructor(body = null, {status = 200, statusText = '', headers} = {}) {
        super();
        if (status < 200 || status > 599)
            throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
        if (body !== null && NO_BODY.includes(status))
            throw new TypeError(`Response constructor: Invalid response status code ${status}`);
        Object.assign(this, {status, statusText: String(statusText), headers: new Headers(headers),
            url: '', redirected: false, type: 'default'});
        this.setBody(body);
    }
    get ok() { return this.status >= 200 && this.status <= 299; }
    clone() {
        const copy = new Response(this.copyBody(), this);

        return Object.assign(copy, {url: this.url, redirected: this.redirected, type: this.type});
    }
    static json(value, init) {
        const response = new Response(JSON.stringify(value), init);

        if (!init || !new Headers(init.headers).has('content-type'))
            response.headers.set('content-type', 'application/json');
        return response;
    }
    static error() { return Object.assign(new Response(), {status: 0, type: 'error'}); }
    static redirect(url, status = 302) {
        if (!REDIRECTS.includes(status))
            throw new RangeError(`Invalid status code ${status}`);
        return new Response(null, {status, headers: {location: new URL(url).href}});
    }
}

function parse(text) {
    let url;

    try {
        url = new URL(text);
    } catch (cause) {
        throw new TypeError(`Failed to parse URL from ${text}`, {cause});
    }
    if (url.username || url.password)
        throw new TypeError('Request cannot be constructed from a URL that includes credentials: ' +
            text);
    return url;
}

function methodOf(method) {
    const upper = String(method).toUpperCase();

    return METHODS.has(upper) ? upper : String(method);
}

class Request extends Body {
    constructor(input, init = {}) {
        super();
        const is = input instanceof Request ? input : {method: 'GET', redirect: 'follow'};
        const {method = is.method, headers = is.headers, signal = is.signal, redirect = is.redirect,
            body} = init || {};

        this.url = parse(input instanceof Request ? input.url : String(input)).href;
        Object.assign(this, {method: methodOf(method), headers: new Headers(headers), redirect,
            signal: signal || null});
        if (body !== undefined && body !== null && /^(GET|HEAD)$/.test(this.method))
            throw new TypeError('Request with GET/HEAD method cannot have body.');
        this.setBody(body === undefined && input instanceof Request ? input.moveBody() : body);
    }
    clone() { return new Request(this, {body: this.copyBody()}); }
}

module.exports = {Request, Response, REDIRECTS, NO_BODY};
