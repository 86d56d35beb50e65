'use strict';
// What express adds to a request.

const querystring = builtin('querystring');

const words = {
    get(name) {
        const key = String(name).toLowerCase();

        return key === 'referrer' || key === 'referer'
            ? this.headers.referrer || this.headers.referer : this.headers[key];
    },
    param(name, otherwise) {
        for (const from of [this.params, this.body, this.query])
            if (from && Object.hasOwn(from, name))
                return from[name];
        return otherwise;
    },
    // The first of the types that is of the body: 'json', 'application/*', ...
    is(...types) {
        const type = (this.headers['content-type'] || '').split(';')[0].trim().toLowerCase();
        const isOf = (one) => one === type || type.endsWith('/' + one) || (one.includes('*') &&
            new RegExp(`^${one.replace(/[.+]/g, '\\$&').replace(/\*/g, '.*')}$`).test(type)) ||
            (one === 'urlencoded' && type === 'application/x-www-form-urlencoded');

        return type !== '' && types.flat().find(isOf) || false;
    },
    // The first of the types that the client takes, whatever it likes best.
    accepts(...types) {
        const taken = this.headers.accept || '*/*';

        return types.flat().find((one) => taken.includes('*/*') || taken.includes(one)) || false;
    },
};
words.header = words.get;

const getters = {
    path() { return this.url.replace(/[?#].*$/s, '') || '/'; },
    ip() { return this.socket.remoteAddress; },
    ips() { return []; },
    hostname() { return (this.headers.host || '').replace(/:\d+$/, '') || undefined; },
    host() { return this.headers.host; },
    protocol() { return this.socket.encrypted ? 'https' : 'http'; },
    secure() { return false; },
    xhr() { return /^xmlhttprequest$/i.test(this.headers['x-requested-with'] || ''); },
};

exports.prepareRequest = function (req, res, app) {
    if (req.originalUrl !== undefined)
        return; // an app within another
    Object.assign(req, words, {app, res, originalUrl: req.url, baseUrl: '', params: {}});
    for (const name of Object.keys(getters))
        Object.defineProperty(req, name, {configurable: true, enumerable: true,
            get: getters[name]});
    const query = /\?([^#]*)/s.exec(req.url);

    req.query = {...querystring.parse(query ? query[1] : '')};
};
