'use strict';
/*
 * http.js - raw HTTP/1.x: requests are written byte for byte as asked, answers are kept as they
 * arrived (order and spelling of the headers, chunks).
 */

const { Connection, open } = require('./tcp.js');

class Response {
    constructor(head) {
        const [statusLine, ...lines] = head.split('\r\n');
        const match = /^HTTP\/(\d\.\d) (\d{3}) (.*)$/.exec(statusLine);
        if (match === null)
            throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
        this.head = head;
        this.version = match[1];
        this.status = Number(match[2]);
        this.reason = match[3];
        this.headers = lines.map((line) => {
            const colon = line.indexOf(':');
            if (colon <= 0)
                throw new Error(`not a header line: ${JSON.stringify(line)}`);
            return [line.slice(0, colon), line.slice(colon + 1).trim()];
        });
        this.body = Buffer.alloc(0);
        this.chunks = null;
    }

    /* Value of a header, or undefined; repeated headers are joined by a comma. */
    get(name) {
        const values = this.headers.filter(([n]) => n.toLowerCase() === name.toLowerCase());
        return values.length === 0 ? undefined : values.map(([, v]) => v).join(', ');
    }

    get text() {
        return this.body.toString('utf8');
    }

    get chunked() {
        return /chunked/i.test(this.get('Transfer-Encoding') || '');
    }

    hasNoBody(method) {
        return method === 'HEAD' || this.status < 200 || this.status === 204 || this.status === 304;
    }
}

/* First chunk in bytes: { data, size } with size the bytes it takes, undefined when incomplete. */
function parseChunk(bytes) {
    const eol = bytes.indexOf('\r\n');
    if (eol < 0)
        return undefined;
    const line = bytes.toString('latin1', 0, eol);
    if (!/^[0-9a-f]+$/i.test(line))
        throw new Error(`not a chunk size: ${JSON.stringify(line)}`);
    const length = parseInt(line, 16);
    const size = eol + 2 + length + 2;
    if (bytes.length < size)
        return undefined;
    if (bytes.toString('latin1', size - 2, size) !== '\r\n')
        throw new Error('a chunk without its CRLF');
    return { data: bytes.subarray(eol + 2, eol + 2 + length), size };
}

function format({ method = 'GET', target = '/', version = '1.1', host = '127.0.0.1', headers = {},
    body } = {}) {
    const lines = [`${method} ${target} HTTP/${version}`];
    if (host !== null)
        lines.push(`Host: ${host}`);
    for (const [name, value] of Object.entries(headers))
        lines.push(`${name}: ${value}`);
    if (body !== undefined && headers['Transfer-Encoding'] === undefined)
        lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
        Buffer.from(body || '')]);
}

class HttpConnection extends Connection {
    /* The head of the next answer; its body stays unread. */
    async head(ms) {
        const head = await this.until(() => {
            const end = this.received.indexOf('\r\n\r\n');
            return end < 0 ? undefined : this.take(end + 4).toString('latin1', 0, end);
        }, 'head of an answer', ms);
        return new Response(head);
    }

    /* The next chunk of a chunked answer; an empty one is the last. */
    chunk(ms) {
        return this.until(() => {
            const chunk = parseChunk(this.received);
            if (chunk === undefined)
                return undefined;
            this.take(chunk.size);
            return chunk.data;
        }, 'a chunk', ms);
    }

    async chunkedBody(response, ms) {
        response.chunks = [];
        for (;;) {
            const chunk = await this.chunk(ms);
            if (chunk.length === 0)
                return Buffer.concat(response.chunks);
            response.chunks.push(chunk);
        }
    }

    /* The next answer with its whole body. */
    async response({ method = 'GET', ms } = {}) {
        const response = await this.head(ms);
        if (response.hasNoBody(method))
            return response;
        if (response.chunked)
            response.body = await this.chunkedBody(response, ms);
        else if (response.get('Content-Length') !== undefined)
            response.body = await this.read(Number(response.get('Content-Length')), ms);
        else
            response.body = await this.end(ms);
        return response;
    }

    request(options = {}) {
        this.write(format(options));
        return this.response({ method: options.method, ms: options.ms });
    }
}

function connect(port, host, localAddress) {
    return open(port, { host, localAddress, Kind: HttpConnection });
}

/* One request on a connection of its own. `options` as for format(), or raw bytes. */
async function request(port, options) {
    const connection = await connect(port);
    try {
        if (typeof options === 'string' || Buffer.isBuffer(options))
            return await connection.write(options).response();
        return await connection.request(options);
    } finally {
        connection.destroy();
    }
}

function get(port, target, headers) {
    return request(port, { target, headers });
}

function post(port, target, body, headers) {
    return request(port, { method: 'POST', target, body, headers });
}

module.exports = { HttpConnection, parseChunk, connect, format, request, get, post };
