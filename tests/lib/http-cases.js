'use strict';
/*
 * http-cases.js - requests that two parsers may read in two ways, and what the server makes of
 * each.
 *
 * A row is [name, bytes, status]. Most end with what is a request of its own to whoever thinks that
 * the first has ended before it: HIDDEN, which must never be answered.
 */

const MARK = 666;
const HIDDEN = `GET /socket.io/1/?jsonp=${MARK} HTTP/1.1\r\nHost: h\r\n\r\n`;

const get = (line, headers = 'Host: h\r\n') => `${line}\r\n${headers}\r\n`;
const post = (headers, body = `0\r\n\r\n${HIDDEN}`) =>
    `POST /socket.io/1/ HTTP/1.1\r\nHost: h\r\n${headers}\r\n${body}`;
const chunked = (body) => post('Transfer-Encoding: chunked\r\n', body);

/* Refused, and the connection ends: where a next request would begin is not known. */
const BAD = [
    /* The request line. */
    ['HTTP/0.9', 'GET /\r\n\r\n', 400],
    ['several blanks', get('GET  /  HTTP/1.1'), 400],
    ['a blank at its end', get('GET / HTTP/1.1 '), 400],
    ['a tab', get('GET\t/ HTTP/1.1'), 400],
    ['a blank in front', get(' GET / HTTP/1.1'), 400],
    ['a control byte in the target', get('GET /\x01 HTTP/1.1'), 400],
    ['a target without a slash', get('GET x HTTP/1.1'), 400],
    ['another scheme', get('GET ftp://h/ HTTP/1.1'), 400],
    ['"*" of a GET', get('GET * HTTP/1.1'), 400],
    ['no version', get('GET / HTTP'), 400],
    ['HTTP/2 in words', get('GET / HTTP/2.0'), 505],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00', 505],
    ['a tunnel', `CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n${HIDDEN}`, 501],

    /* Lines. */
    ['a bare LF behind the request line', 'GET / HTTP/1.1\nHost: h\r\n\r\n', 400],
    ['a bare LF behind a header', 'GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n', 400],
    ['a bare LF as the empty line', `GET / HTTP/1.1\r\nHost: h\r\n\n${HIDDEN}`, 400],
    ['a bare LF in front', '\nGET / HTTP/1.1\r\nHost: h\r\n\r\n', 400],
    ['a bare CR in a value', get('GET / HTTP/1.1', 'Host: h\r\nX: a\rb\r\n'), 400],
    ['NUL in a value', get('GET / HTTP/1.1', 'Host: h\r\nX: a\0b\r\n'), 400],
    ['a folded value', get('GET / HTTP/1.1', 'Host: h\r\nX: a\r\n b\r\n'), 400],
    ['a folded first line', get('GET / HTTP/1.1', ' X: a\r\nHost: h\r\n'), 400],
    ['a blank before the colon', get('GET / HTTP/1.1', 'Host: h\r\nX : a\r\n'), 400],
    ['a control byte in a name', get('GET / HTTP/1.1', 'Host: h\r\nX\x01: a\r\n'), 400],
    ['no colon', get('GET / HTTP/1.1', 'Host: h\r\nX\r\n'), 400],
    ['no name', get('GET / HTTP/1.1', 'Host: h\r\n: a\r\n'), 400],

    /* Host. */
    ['no Host', get('GET / HTTP/1.1', ''), 400],
    ['two of them', get('GET / HTTP/1.1', 'Host: h\r\nHost: h\r\n'), 400],
    ['a blank in Host', get('GET / HTTP/1.1', 'Host: a b\r\n'), 400],
    ['a path in Host', get('GET / HTTP/1.1', 'Host: a/b\r\n'), 400],

    /* How long the body is. */
    ['the same length twice', post('Content-Length: 5\r\nContent-Length: 5\r\n'), 400],
    ['two lengths', post('Content-Length: 5\r\nContent-Length: 6\r\n'), 400],
    ['two lengths in one', post('Content-Length: 5, 5\r\n'), 400],
    ['a length with a sign', post('Content-Length: +5\r\n'), 400],
    ['a negative length', post('Content-Length: -5\r\n'), 400],
    ['a length in hex', post('Content-Length: 0x5\r\n'), 400],
    ['no length', post('Content-Length:\r\n'), 400],
    ['a length of 2^64', post('Content-Length: 18446744073709551616\r\n'), 400],
    ['a length, and chunks', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'), 400],
    ['chunks, and a length', post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n'), 400],
    ['chunks in HTTP/1.0', `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['chunks twice',
        post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'), 400],
    ['chunks, and something else',
        post('Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n'), 400],
    ['chunks in a list', post('Transfer-Encoding: identity, chunked\r\n'), 501],
    ['nearly chunks', post('Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n'), 501],
    ['quoted chunks', post('Content-Length: 5\r\nTransfer-Encoding: "chunked"\r\n'), 501],
    ['chunks behind a vertical tab',
        post('Content-Length: 5\r\nTransfer-Encoding: \x0bchunked\r\n'), 400],
    ['chunks with a blank before the colon',
        post('Content-Length: 5\r\nTransfer-Encoding : chunked\r\n'), 400],
    ['chunks with a blank in front',
        post('Content-Length: 5\r\n Transfer-Encoding: chunked\r\n'), 400],
    ['folded chunks', post('Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n'), 400],
    ['chunks behind a bare LF',
        post('Content-Length: 5\r\nX: y\nTransfer-Encoding: chunked\r\n'), 400],

    /* Chunks. */
    ['a size that is none', chunked(`x\r\n${HIDDEN}`), 400],
    ['a size with a sign', chunked(`+0\r\n\r\n${HIDDEN}`), 400],
    ['a size in hex', chunked(`0x0\r\n\r\n${HIDDEN}`), 400],
    ['a size with a blank behind', chunked(`0 \r\n\r\n${HIDDEN}`), 400],
    ['no size', chunked(`\r\n${HIDDEN}`), 400],
    ['a size that is too large', chunked('10000000000000005\r\nhello\r\n0\r\n\r\n'), 413],
    ['a negative size', chunked('ffffffffffffffff\r\nhello\r\n0\r\n\r\n'), 413],
    ['a bare LF behind the size', chunked(`0\n\n${HIDDEN}`), 400],
    ['a bare LF behind the data', chunked(`1\r\nx\n0\r\n\r\n${HIDDEN}`), 400],
    ['a bare LF in an extension', chunked(`0;a\n\r\n\r\n${HIDDEN}`), 400],
    ['a bare CR behind the size', chunked(`0\rx\r\n\r\n${HIDDEN}`), 400],
    ['more data than announced', chunked(`1\r\nxy\r\n0\r\n\r\n${HIDDEN}`), 400],
    ['a huge extension', chunked(`0;${'x'.repeat(9000)}\r\n\r\n${HIDDEN}`), 413],
    ['a trailer without a colon', chunked(`0\r\n${HIDDEN}`), 400],
    ['a trailer with a blank before the colon', chunked(`0\r\nX : y\r\n\r\n${HIDDEN}`), 400],
    ['a folded trailer', chunked(`0\r\nX: y\r\n z\r\n\r\n${HIDDEN}`), 400],
    ['a bare LF behind a trailer', chunked(`0\r\nX: y\n\r\n${HIDDEN}`), 400],
    ['huge trailers', chunked(`0\r\n${`X: ${'y'.repeat(996)}\r\n`.repeat(9)}\r\n`), 413],

    /* What is expected. */
    ['something else is expected', post('Content-Length: 0\r\nExpect: 200-maybe\r\n', ''), 417],
    ['nothing is expected', post('Content-Length: 0\r\nExpect:\r\n', ''), 417],
];

/* Answered, whatever it looks like, and the connection goes on. */
const GOOD = [
    ['the absolute form', get('GET http://other/ HTTP/1.1'), 200],
    ['the absolute form without a path', get('GET http://other HTTP/1.1'), 200],
    ['"*" of OPTIONS', get('OPTIONS * HTTP/1.1'), 200],
    ['h2c is offered', get('GET / HTTP/1.1', 'Host: h\r\nConnection: Upgrade, HTTP2-Settings\r\n' +
        'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n'), 200],
    ['another upgrade', get('GET / HTTP/1.1',
        'Host: h\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0\r\n'), 200],
    ['an empty Host', get('GET / HTTP/1.1', 'Host:\r\n'), 200],
    ['HTTP/1.9', get('GET / HTTP/1.9'), 200],
    ['an empty line in front', `\r\n${get('GET / HTTP/1.1')}`, 200],
    ['a GET with a body', `GET / HTTP/1.1\r\nHost: h\r\nContent-Length: ${HIDDEN.length}\r\n\r\n` +
        HIDDEN, 200],
    ['a body that is a request', post(`Content-Length: ${HIDDEN.length}\r\n`, HIDDEN), 200],
    ['a chunk that is a request',
        chunked(`${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`), 200],
    ['extensions, zeros, trailers',
        chunked('0001;a=b\r\nx\r\n000;c="d e"\r\nX: y\r\nZ:\r\n\r\n'), 200],
    ['a length with zeros', post('Content-Length: 0003\r\n', 'abc'), 200],
    ['a trace', get('TRACE / HTTP/1.1', 'Host: h\r\nCookie: secret\r\n'), 405],
    ['a trace of a session', get('TRACE /socket.io/1/xhr-polling/x HTTP/1.1'), 405],
    ['a method that is none', get('FOO / HTTP/1.1'), 501],
    ['a method of WebDAV', get('PROPFIND /socket.io/1/ HTTP/1.1'), 501],
    ['a method in small letters', get('get / HTTP/1.1'), 501],
    ['Engine.IO: no handshake', get('TRACE /socket.io/?EIO=4&transport=polling HTTP/1.1'), 400],
    ['Engine.IO: neither', get('FOO /socket.io/?EIO=4&transport=polling HTTP/1.1'), 400],
];

module.exports = { MARK, HIDDEN, BAD, GOOD };
