'use strict';
// What express adds to an answer.

const crypto = builtin('crypto');
const path = builtin('path');
const {STATUS_CODES} = builtin('http_words');
const {Buffer} = builtin('buffer');
const {escapeHtml} = builtin('express_end');
const {isFresh, sendPath} = builtin('express_static');
const {typeOf} = builtin('mime');

function etagOf(bytes) {
    const hash = crypto.createHash('sha1').update(bytes).digest('base64').slice(0, 27);

    return `W/"${bytes.length.toString(16)}-${hash}"`;
}

const words = {
    status(status) {
        this.statusCode = status;
        return this;
    },
    sendStatus(status) { return this.status(status).type('txt').send(STATUS_CODES[status] ||
        String(status)); },
    // set(name, value), set({name: value, ...})
    set(name, value) {
        if (typeof name === 'object') {
            for (const key of Object.keys(name))
                this.set(key, name[key]);
            return this;
        }
        const text = Array.isArray(value) ? value.map(String) : String(value);

        return this.setHeader(name, /^content-type$/i.test(name) && !/charset/.test(text)
            ? withCharset(text) : text);
    },
    get(name) { return this.getHeader(name); },
    append(name, value) { return this.appendHeader(name, value); },
    type(type) { return this.setHeader('Content-Type', type.includes('/') ? type : typeOf(type)); },
    vary(name) { return this.append('Vary', name); },
    location(url) { return this.setHeader('Location', encodeURI(url).replace(/%25/g, '%')); },
    links() { return this; },

    // send(body), and of 3.x send(status), send(status, body)
    send(body, second) {
        if (arguments.length === 2)
            [this.statusCode, body] = typeof second === 'number' ? [second, body] : [body, second];
        else if (typeof body === 'number')
            return this.sendStatus(body);
        if (body === null || body === undefined)
            body = '';
        else if (body instanceof Uint8Array)
            this.hasHeader('Content-Type') || this.type('bin');
        else if (typeof body !== 'string')
            return this.json(body);
        if (typeof body === 'string' && !this.hasHeader('Content-Type'))
            this.type('html');
        return this.sendBytes(typeof body === 'string' ? Buffer.from(body) : body);
    },
    sendBytes(bytes) {
        if (!this.hasHeader('ETag') && this.app.settings.etag && bytes.length > 0)
            this.setHeader('ETag', etagOf(bytes));
        if (isFresh(this.req, this))
            this.statusCode = 304;
        if (this.statusCode === 204 || this.statusCode === 304) {
            this.removeHeader('Content-Type');
            bytes = undefined;
        }
        return this.end(bytes);
    },
    json(body, second) {
        if (arguments.length === 2)
            [this.statusCode, body] = typeof second === 'number' ? [second, body] : [body, second];
        const text = JSON.stringify(body, null, this.app.settings['json spaces']);

        if (!this.hasHeader('Content-Type'))
            this.type('json');
        return this.sendBytes(Buffer.from(text === undefined ? '' : text));
    },
    redirect(status, url) {
        if (typeof status !== 'number')
            [status, url] = [typeof url === 'number' ? url : 302, status];
        this.location(url === 'back' ? this.req.get('Referrer') || '/' : url);
        this.statusCode = status;
        const to = this.getHeader('Location');
        const isHtml = /html|\*\/\*/.test(this.req.headers.accept || '') &&
            /text\/html/.test(this.req.headers.accept);

        this.setHeader('Vary', 'Accept');
        this.type(isHtml ? 'html' : 'txt');
        return this.end(isHtml ? `<p>${STATUS_CODES[status]}. Redirecting to ${escapeHtml(to)}</p>`
            : `${STATUS_CODES[status]}. Redirecting to ${to}`);
    },
    cookie(name, value, options = {}) {
        const text = typeof value === 'object' ? 'j:' + JSON.stringify(value) : String(value);
        const parts = [`${name}=${encodeURIComponent(text)}`];

        if (options.maxAge !== undefined)
            parts.push(`Max-Age=${Math.floor(options.maxAge / 1000)}`);
        if (options.domain)
            parts.push(`Domain=${options.domain}`);
        parts.push(`Path=${options.path || '/'}`);
        const expires = options.expires || (options.maxAge !== undefined &&
            new Date(Date.now() + options.maxAge));

        if (expires)
            parts.push(`Expires=${expires.toUTCString()}`);
        parts.push(...(options.httpOnly ? ['HttpOnly'] : []), ...(options.secure ? ['Secure'] : []),
            ...(options.sameSite ? [`SameSite=${options.sameSite}`] : []));
        return this.append('Set-Cookie', parts.join('; '));
    },
    clearCookie(name, options) {
        return this.cookie(name, '', {...options, maxAge: undefined, expires: new Date(1)});
    },

    // sendFile(path, [options], [fn])
    sendFile(file, options, done) {
        if (typeof options === 'function')
            [options, done] = [undefined, options];
        const {root} = options || {};

        if (typeof file !== 'string')
            throw new TypeError('path must be a string to res.sendFile');
        if (!root && !path.isAbsolute(file))
            throw new TypeError('path must be absolute or specify root to res.sendFile');
        this.sendFrom(root, root ? file : encodeURI(file), options, done);
    },
    // Of 3.x: below the folder that the program runs in.
    sendfile(file, options, done) {
        if (typeof options === 'function')
            [options, done] = [undefined, options];
        const {root} = options || {};

        this.sendFrom(root, root || path.isAbsolute(file) ? file : path.resolve(file), options,
            done);
    },
    sendFrom(root, file, options, done) {
        sendPath(this.req, this, {root, ...options}, root ? file : decodeURI(file), (error) => {
            if (done)
                done(error);
            else if (error)
                this.req.next(error);
        });
    },
    render() {
        throw new Error('res.render(): there are no templates here. Send a file by ' +
            'res.sendFile(), or make the page yourself and res.send() it');
    },
};
words.header = words.set;
words.contentType = words.type;

function withCharset(type) {
    return /^(text\/|application\/(json|javascript))/.test(type) ? `${type}; charset=utf-8` : type;
}

exports.prepareResponse = function (req, res, app) {
    if (res.app !== undefined)
        return;
    Object.assign(res, words, {app, locals: {}});
};
