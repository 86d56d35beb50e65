'use strict';
// What is answered when no function has: 404, or an error.

const {STATUS_CODES} = builtin('http_words');

const MARKS = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'};
const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (c) => MARKS[c]);

// An error that is answered with a status, called after it: NotFoundError, and so on.
function failure(status, message, type) {
    const error = Object.assign(new Error(message), {status, statusCode: status});
    const name = `${STATUS_CODES[status].replace(/[^A-Za-z]/g, '')}Error`;

    if (type)
        error.type = type;
    Object.defineProperty(error, 'name', {value: name, configurable: true, writable: true});
    Object.defineProperty(error, 'stack', {value: error.stack.replace(/^Error/, name),
        configurable: true, writable: true});
    return error;
}

function page(text) {
    const shown = escapeHtml(text).replace(/\n/g, '<br>').replace(/ {2}/g, ' &nbsp;');

    return '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
        `<title>Error</title>\n</head>\n<body>\n<pre>${shown}</pre>\n</body>\n</html>\n`;
}

function statusOf(error, res) {
    for (const status of [error.status, error.statusCode, res.statusCode])
        if (Number.isInteger(status) && status >= 400 && status < 600)
            return status;
    return 500;
}

function send(req, res, status, text) {
    res.statusCode = status;
    res.statusMessage = STATUS_CODES[status];
    for (const name of ['Content-Encoding', 'Content-Language', 'Content-Range'])
        res.removeHeader(name);
    res.setHeader('Content-Security-Policy', "default-src 'none'");
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(req.method === 'HEAD' ? undefined : page(text));
}

function finish(req, res, error, app) {
    const status = error ? statusOf(error, res) : 404;
    const {env} = app.settings;

    if (error && status >= 500 && env !== 'test')
        console.error(error.stack || String(error));
    if (res.headersSent) { // too late: the client sees that it is cut
        res.destroy();
        return;
    }
    if (error && error.headers)
        for (const name of Object.keys(error.headers))
            res.setHeader(name, error.headers[name]);
    if (!error)
        send(req, res, 404, `Cannot ${req.method} ${encodeUrl(req.originalUrl)}`);
    else
        send(req, res, status, env === 'production' ? STATUS_CODES[status]
            : error.stack || String(error));
}

const encodeUrl = (url) => url.replace(/[?#].*$/s, '')
    .replace(/%(?![0-9a-f]{2})/gi, '%25')
    .replace(/[^\x21\x23-\x3b\x3d\x3f-\x5f\x61-\x7a\x7c\x7e]/g, encodeURIComponent);

module.exports = {escapeHtml, failure, finish, page};
