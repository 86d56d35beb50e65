'use strict';
// What express 2.x and 3.x brought along.

const bodies = builtin('express_body');
const {finish} = builtin('express_end');

function parseCookies(text = '') {
    const cookies = {};

    for (const part of text.split(/;\s*/)) {
        const at = part.indexOf('=');
        const value = part.slice(at + 1).replace(/^"(.*)"$/, '$1');

        if (at <= 0 || Object.hasOwn(cookies, part.slice(0, at)))
            continue;
        try {
            cookies[part.slice(0, at)] = decodeURIComponent(value);
        } catch {
            cookies[part.slice(0, at)] = value;
        }
    }
    return cookies;
}

const isMissing = (name, instead) => () => {
    throw new Error(`express.${name}() is not there: ${instead}`);
};

module.exports = {
    bodyParser(options) {
        const json = bodies.json(options);
        const form = bodies.urlencoded(options);

        return (req, res, next) => json(req, res, (error) => error ? next(error)
            : form(req, res, next));
    },
    cookieParser: () => (req, res, next) => {
        req.cookies = parseCookies(req.headers.cookie);
        next();
    },
    // One line for each answer, in the format of web servers.
    logger: () => (req, res, next) => {
        const date = new Date();

        res.on('finish', () => console.log('%s - - [%s] "%s %s HTTP/%s" %s - "%s" "%s"', req.ip,
            date.toUTCString(), req.method, req.originalUrl, req.httpVersion, res.statusCode,
            req.headers.referer || '', req.headers['user-agent'] || ''));
        next();
    },
    errorHandler: () => (error, req, res, next) => finish(req, res, error, req.app),
    favicon: () => (req, res, next) => {
        if (req.path !== '/favicon.ico') {
            next();
            return;
        }
        res.statusCode = 204;
        res.end();
    },
    methodOverride: (key = '_method') => (req, res, next) => {
        const method = (req.body && req.body[key]) || req.headers['x-http-method-override'];

        if (typeof method === 'string' && /^[a-z]+$/i.test(method))
            req.method = method.toUpperCase();
        next();
    },
    compress: () => (req, res, next) => next(),
    limit: () => (req, res, next) => next(), // a body has at most "maxPayload" bytes anyway
    responseTime: () => (req, res, next) => next(),
    session: isMissing('session', 'keep what you know of a client in a cookie, or in its socket'),
    cookieSession: isMissing('cookieSession', 'use res.cookie() and express.cookieParser()'),
    basicAuth: isMissing('basicAuth', 'let a web server in front ask for passwords'),
    directory: isMissing('directory', 'a web server in front can list folders'),
    vhost: isMissing('vhost', 'look at req.hostname'),
};
