'use strict';
// Files: express.static() and res.sendFile(). Nothing outside the folder is ever sent, but for what
// links in it lead to, as express does.

const fs = builtin('fs');
const path = builtin('path');
const {failure, page} = builtin('express_end');
const {typeOf} = builtin('mime');


// --- 304. ---

const tagsOf = (text) => text.split(/\s*,\s*/).map((tag) => tag.replace(/^W\//, ''));

// Has the client what would be sent?
function isFresh(req, res) {
    const {'if-none-match': noneMatch, 'if-modified-since': since,
        'cache-control': cacheControl = ''} = req.headers;
    const status = res.statusCode;

    if ((req.method !== 'GET' && req.method !== 'HEAD') || /no-cache/.test(cacheControl) ||
        !((status >= 200 && status < 300) || status === 304))
        return false;
    const tag = res.getHeader('ETag');

    if (noneMatch !== undefined)
        return tag !== undefined && (noneMatch === '*' ||
            tagsOf(noneMatch).includes(tag.replace(/^W\//, '')));
    const modified = res.getHeader('Last-Modified');

    return since !== undefined && modified !== undefined &&
        Date.parse(modified) <= Date.parse(since);
}

// --- Which file. ---

// The path below a root that a client may have, or an error.
function safePath(root, wanted) {
    if (wanted.includes('\0'))
        return failure(400, 'Bad Request');
    if (root !== undefined && /(?:^|[\\/])\.\.(?:[\\/]|$)/.test(path.normalize('.' + path.sep +
        wanted)))
        return failure(403, 'Forbidden');
    if (root === undefined && /(?:^|[\\/])\.\.(?:[\\/]|$)/.test(wanted))
        return failure(403, 'Forbidden');
    return root !== undefined ? path.normalize(path.join(path.resolve(root), wanted))
        : path.resolve(wanted);
}

function isHidden(wanted, root, file) {
    const shown = root !== undefined ? path.normalize(path.sep + wanted) : file;

    return shown.split('/').some((part) => part.length > 1 && part[0] === '.');
}

function statOf(file) {
    try {
        return fs.statSync(file);
    } catch (error) {
        const isAbsent = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(error.code);

        return Object.assign(error, {status: isAbsent ? 404 : 500, statusCode: isAbsent ? 404
            : 500});
    }
}

// --- Sending. ---

function sayFile(res, file, stats, options) {
    const tag = `W/"${stats.size.toString(16)}-${Math.trunc(stats.mtimeMs).toString(16)}"`;

    if (options.headers)
        for (const name of Object.keys(options.headers))
            res.setHeader(name, options.headers[name]);
    if (options.setHeaders)
        options.setHeaders(res, file, stats);
    if (!res.hasHeader('Cache-Control'))
        res.setHeader('Cache-Control', 'public, max-age=' +
            Math.floor(maxAgeOf(options.maxAge) / 1000));
    if (!res.hasHeader('Last-Modified'))
        res.setHeader('Last-Modified', stats.mtime.toUTCString());
    if (!res.hasHeader('ETag') && options.etag !== false)
        res.setHeader('ETag', tag);
    if (!res.hasHeader('Content-Type'))
        res.setHeader('Content-Type', typeOf(file, 'UTF-8'));
}

const UNITS = {ms: 1, s: 1000, m: 60000, h: 3600000, d: 86400000, y: 365.25 * 86400000};

// Milliseconds, or '1d'.
function maxAgeOf(value = 0) {
    if (typeof value === 'number')
        return value;
    const [, n, unit] = /^([\d.]+)\s*(ms|[smhdy])?/.exec(value) || [null, 0];

    return Number(n) * UNITS[unit || 'ms'];
}

function sendRegular(req, res, file, stats, options) {
    sayFile(res, file, stats, options);
    if (isFresh(req, res)) {
        res.statusCode = 304;
        res.removeHeader('Content-Type');
        res.end();
    } else if (req.method === 'HEAD') {
        res.setHeader('Content-Length', stats.size);
        res.end();
    } else {
        res.end(fs.readFileSync(file));
    }
}

// Send what wanted (decoded) is below options.root; done(error) tells why not.
function sendPath(req, res, options, wanted, done) {
    const {root, index = ['index.html'], dotfiles = 'ignore'} = options;
    const file = safePath(root, wanted);

    if (file instanceof Error) {
        done(file);
        return;
    }
    if (dotfiles !== 'allow' && isHidden(wanted, root, file)) {
        done(dotfiles === 'deny' ? failure(403, 'Forbidden') : failure(404, 'Not Found'));
        return;
    }
    const stats = statOf(file);

    if (stats instanceof Error) {
        done(stats);
    } else if (!stats.isDirectory()) {
        if (wanted.endsWith('/')) {
            done(failure(404, 'Not Found'));
            return;
        }
        try {
            sendRegular(req, res, file, stats, options);
            res.once('finish', () => done());
        } catch (error) {
            done(error);
        }
    } else if (!wanted.endsWith('/') && options.onFolder) {
        options.onFolder();
    } else {
        sendIndex(req, res, options, wanted, index === false ? [] : [].concat(index), done);
    }
}

function sendIndex(req, res, options, wanted, names, done) {
    const found = names.find((name) => {
        const stats = statOf(safePath(options.root, wanted + '/' + name));

        return !(stats instanceof Error) && stats.isFile();
    });

    if (found === undefined)
        done(failure(404, 'Not Found'));
    else
        sendPath(req, res, {...options, onFolder: undefined}, wanted + '/' + found, done);
}

function redirectToFolder(req, res) {
    const [whole, query = ''] = [req.originalUrl.replace(/\?.*$/s, ''),
        (/\?.*$/s.exec(req.originalUrl) || [''])[0]];
    const to = whole.replace(/^\/+/, '/') + '/' + query;

    res.statusCode = 301;
    res.setHeader('Content-Type', 'text/html; charset=UTF-8');
    res.setHeader('Content-Security-Policy', "default-src 'none'");
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('Location', to);
    res.end(page(`Redirecting to ${to}`).replace('<title>Error', '<title>Redirecting'));
}

function serveFiles(root, options = {}) {
    if (!root)
        throw new TypeError('root path required');
    if (typeof root !== 'string')
        throw new TypeError('root path must be a string');
    const {fallthrough = true, redirect = true} = options;

    return function serveStatic(req, res, next) {
        if (req.method !== 'GET' && req.method !== 'HEAD') {
            if (fallthrough) {
                next();
                return;
            }
            res.statusCode = 405;
            res.setHeader('Allow', 'GET, HEAD');
            res.end();
            return;
        }
        const fail = (error) => {
            if (error)
                next(fallthrough && error.status < 500 ? undefined : error);
        };
        const raw = req.url.replace(/[?#].*$/s, '');
        const isMount = raw === '/' && !/\/(?:\?.*)?$/s.test(req.originalUrl);
        let wanted;

        try {
            wanted = isMount ? '' : decodeURIComponent(raw);
        } catch {
            fail(failure(400, 'Failed to decode'));
            return;
        }
        sendPath(req, res, {...options, root, onFolder: redirect
            ? () => redirectToFolder(req, res) : () => fail(failure(404, 'Not Found'))}, wanted,
        fail);
    };
}

module.exports = {isFresh, sendPath, serveFiles};
