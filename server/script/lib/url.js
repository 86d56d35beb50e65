'use strict';
// Module "url", and the global URL with its URLSearchParams.

const querystring = builtin('querystring');

const PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*:))?(\/\/)?(?:([^/?#@]*)@)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/;
const PORTS = {'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21'};

// url.parse(), the older way.
exports.parse = function (text, parsesQuery = false) {
    const hasHost = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text);
    const [, protocol = null, slashes, auth = null, host = '', path = '', search = null,
        hash = null] = PARTS.exec(hasHost ? text : 'x://h' + (text[0] === '/' ? '' : '/') + text);
    const pathname = (hasHost || text[0] === '/' ? path : path.slice(1)) || (hasHost ? '/' : null);
    const [, hostname = null, port = null] = /^(.*?)(?::(\d+))?$/.exec(host);

    return {
        protocol: hasHost ? protocol : null, slashes: hasHost ? Boolean(slashes) : null,
        auth: hasHost ? auth : null, host: hasHost ? host : null,
        hostname: hasHost ? hostname : null, port: hasHost ? port || null : null,
        hash, search: search || (parsesQuery ? '' : null),
        query: parsesQuery ? querystring.parse(search ? search.slice(1) : '')
            : search && search.slice(1),
        pathname, path: (pathname || '') + (search || '') || null, href: text,
    };
};

exports.format = (parts) => typeof parts === 'string' ? parts : parts.href && parts instanceof URL
    ? parts.href : (parts.protocol ? parts.protocol.replace(/:?$/, ':') : '') +
        (parts.slashes || parts.host || parts.hostname ? '//' : '') +
        (parts.auth ? parts.auth + '@' : '') +
        (parts.host || (parts.hostname || '') + (parts.port ? ':' + parts.port : '')) +
        (parts.pathname || '') +
        (parts.search || (parts.query ? '?' + querystring.stringify(parts.query) : '')) +
        (parts.hash || '');

exports.resolve = (from, to) => new URL(to, new URL(from, 'resolve://')).href
    .replace(/^resolve:\/\//, '');

class URLSearchParams {
    constructor(from = '', changed = () => {}) {
        this.changed = changed;
        if (typeof from === 'string')
            this.pairs = from.replace(/^\?/, '').split('&').filter(Boolean).map((part) => {
                const [name, ...value] = part.split('=');
                return [querystring.unescape(name), querystring.unescape(value.join('='))];
            });
        else
            this.pairs = (from[Symbol.iterator] ? [...from] : Object.entries(from))
                .map(([name, value]) => [String(name), String(value)]);
    }
    get size() { return this.pairs.length; }
    get(name) { return (this.pairs.find(([is]) => is === name) || [null, null])[1]; }
    getAll(name) { return this.pairs.filter(([is]) => is === name).map(([, value]) => value); }
    has(name) { return this.pairs.some(([is]) => is === name); }
    append(name, value) {
        this.pairs.push([String(name), String(value)]);
        this.changed();
    }
    delete(name) {
        this.pairs = this.pairs.filter(([is]) => is !== name);
        this.changed();
    }
    set(name, value) {
        const at = this.pairs.findIndex(([is]) => is === name);

        this.pairs = this.pairs.filter(([is], i) => is !== name || i === at);
        if (at < 0)
            this.pairs.push([String(name), String(value)]);
        else
            this.pairs[at] = [name, String(value)];
        this.changed();
    }
    forEach(fn) { this.pairs.forEach(([name, value]) => fn(value, name, this)); }
    keys() { return this.pairs.map(([name]) => name)[Symbol.iterator](); }
    values() { return this.pairs.map(([, value]) => value)[Symbol.iterator](); }
    entries() { return this.pairs[Symbol.iterator](); }
    [Symbol.iterator]() { return this.entries(); }
    toString() {
        const escape = (text) => encodeURIComponent(text).replace(/%20/g, '+')
            .replace(/[!'()~]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());

        return this.pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&');
    }
}

function withoutDots(path) {
    const kept = [];

    for (const part of path.split('/').slice(1))
        if (part === '..')
            kept.pop();
        else if (part !== '.')
            kept.push(part);
    return '/' + kept.join('/') + (/\/\.{1,2}$/.test(path) && kept.length > 0 ? '/' : '');
}

class URL {
    constructor(text, base) {
        text = String(text).trim();
        if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) {
            if (base === undefined)
                throw Object.assign(new TypeError('Invalid URL'), {code: 'ERR_INVALID_URL', input: text});
            text = join(new URL(base), text);
        }
        const [, protocol, slashes, auth = '', host = '', path = '', search = '', hash = ''] =
            PARTS.exec(text);
        const [, hostname, port = ''] = /^(.*?)(?::(\d*))?$/.exec(host);
        const [username, ...password] = auth.split(':');

        this.protocol = protocol.toLowerCase();
        this.slashes = Boolean(slashes);
        this.username = username;
        this.password = password.join(':');
        this.hostname = hostname.toLowerCase();
        this.port = PORTS[this.protocol] === port ? '' : port;
        this.pathname = slashes ? withoutDots(path || '/') : path;
        this.search = search === '?' ? '' : search;
        this.hash = hash === '#' ? '' : hash;
        this.searchParams = new URLSearchParams(this.search, () => {
            const query = this.searchParams.toString();
            this.search = query && '?' + query;
        });
    }
    get host() { return this.hostname + (this.port && ':' + this.port); }
    get origin() { return PORTS[this.protocol] ? `${this.protocol}//${this.host}` : 'null'; }
    get href() {
        const auth = this.username + (this.password && ':' + this.password);

        return this.protocol + (this.slashes ? '//' : '') + (auth && auth + '@') + this.host +
            this.pathname + this.search + this.hash;
    }
    toString() { return this.href; }
    toJSON() { return this.href; }
}

function join(base, text) {
    const start = `${base.protocol}//${base.host}`;

    if (text.startsWith('//'))
        return base.protocol + text;
    if (text.startsWith('/'))
        return start + text;
    if (text.startsWith('?'))
        return start + base.pathname + text;
    if (text === '' || text.startsWith('#'))
        return start + base.pathname + base.search + text;
    return start + base.pathname.replace(/[^/]*$/, '') + text;
}

Object.assign(exports, {URL, URLSearchParams,
    fileURLToPath: (url) => decodeURIComponent(new URL(url).pathname),
    pathToFileURL: (path) => new URL('file://' + encodeURI(path))});
