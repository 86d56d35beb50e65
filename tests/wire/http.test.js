'use strict';
/* HTTP/1.x itself: keep-alive, pipelines, limits; every refusal is a complete answer. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER } = require('../lib/server.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');

const WELCOME = 'Welcome to socket.io.';

/* Send bytes, expect this status, a body to read, and the end of the connection. */
async function assertRefused(port, bytes, status) {
    const connection = await http.connect(port);
    connection.write(bytes);
    const response = await connection.response();
    assert.strictEqual(response.status, status, response.head);
    await connection.end();
    connection.destroy();
    return response;
}

describe('connections', () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    test('HTTP/1.1 is kept alive', async () => {
        const connection = await http.connect(broker.port);
        for (let i = 0; i < 5; i++)
            assert.strictEqual((await connection.request({ target: '/' })).text, WELCOME);
        connection.destroy();
    });

    test('"Connection: close" is honoured', async () => {
        const connection = await http.connect(broker.port);
        const response = await connection.request({ headers: { Connection: 'close' } });
        assert.strictEqual(response.text, WELCOME);
        assert.match(response.get('Connection'), /close/i);
        assert.strictEqual((await connection.end()).length, 0);
        connection.destroy();
    });

    test('HTTP/1.0 is answered without chunks and closed', async () => {
        const connection = await http.connect(broker.port);
        const response = await connection.request(
            { target: '/socket.io/1/', version: '1.0', host: null });
        assert.match(sio.parseHandshake(response.text).id, sio.ID);
        assert.strictEqual(response.get('Transfer-Encoding'), undefined);
        assert.strictEqual((await connection.end()).length, 0);
        connection.destroy();
    });

    test('HTTP/1.0 with keep-alive is kept', BETTER, async () => {
        const connection = await http.connect(broker.port);
        for (let i = 0; i < 2; i++) {
            const response = await connection.request(
                { version: '1.0', headers: { Connection: 'keep-alive' } });
            assert.strictEqual(response.text, WELCOME);
            assert.match(response.get('Connection'), /keep-alive/i);
        }
        connection.destroy();
    });

    test('a pipeline is answered in order', async () => {
        const connection = await http.connect(broker.port);
        const targets = [];
        for (let i = 0; i < 30; i++)
            targets.push(['/socket.io/1/', '/socket.io/2/', '/'][i % 3]);
        connection.write(Buffer.concat(targets.map((target) => http.format({ target }))));
        for (const target of targets) {
            const { status, text } = await connection.response();
            assert.strictEqual(status, target === '/socket.io/2/' ? 500 : 200);
            assert.strictEqual(text === WELCOME, target === '/');
        }
        connection.destroy();
    });

    test('a pipeline before FIN is answered completely', async () => {
        const connection = await http.connect(broker.port);
        connection.write(Buffer.concat([http.format(), http.format({ target: '/socket.io/1/' }),
            http.format()]));
        connection.socket.end();
        assert.strictEqual((await connection.response()).text, WELCOME);
        assert.match((await connection.response()).text, /:60:60:/);
        assert.strictEqual((await connection.response()).text, WELCOME);
        connection.destroy();
    });

    test('a request may come byte by byte', async () => {
        const connection = await http.connect(broker.port);
        for (const byte of http.format({ target: '/socket.io/1/?t=1' })) {
            await new Promise((sent) => connection.socket.write(Buffer.from([byte]), sent));
            await new Promise(setImmediate);
        }
        const response = await connection.response();
        assert.match(sio.parseHandshake(response.text).id, sio.ID);
        connection.destroy();
    });

    test('blank lines before a request are skipped', async () => {
        const response = await http.request(broker.port,
            Buffer.concat([Buffer.from('\r\n\r\n'), http.format()]));
        assert.strictEqual(response.text, WELCOME);
    });

    test('an absolute target means its path', BETTER, async () => {
        const response = await http.get(broker.port, 'http://a.example/socket.io/1/?t=1');
        assert.match(sio.parseHandshake(response.text).id, sio.ID);
    });

    test('a chunked body is read to its end', async () => {
        const connection = await http.connect(broker.port);
        connection.write('POST /socket.io/1/ HTTP/1.1\r\nHost: a\r\n' +
            'Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: x\r\n\r\n');
        connection.write(http.format());
        assert.match((await connection.response()).text, /:60:60:/);
        assert.strictEqual((await connection.response()).text, WELCOME);
        connection.destroy();
    });

    test('many connections at once', async () => {
        const bodies = await Promise.all(Array.from({ length: 200 },
            () => http.get(broker.port, '/socket.io/1/')));
        assert.strictEqual(new Set(bodies.map(({ text }) => text.slice(0, 20))).size, 200);
    });
});

describe('malformed requests', () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(async () => {
        assert.strictEqual((await http.get(broker.port, '/')).text, WELCOME, 'still serves');
        await broker.stop();
    });

    const BAD = [
        ['no request line', 'nonsense\r\n\r\n'],
        ['a blank in a header name', 'GET / HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n'],
        ['a blank before the colon', 'GET / HTTP/1.1\r\nHost: a\r\nX : z\r\n\r\n'],
        ['a header without a colon', 'GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n'],
        ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
        ['a control byte in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n'],
        ['a bad Content-Length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n'],
        ['a negative Content-Length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n'],
        ['two lengths',
            'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
        ['a length and chunks', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n' +
            'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
        ['a TLS hello', Buffer.from('16030100a5010000a103030001020304050d0a0d0a', 'hex')],
    ];
    for (const [what, bytes] of BAD) {
        test(`${what}: 400`, () => assertRefused(broker.port, bytes, 400));
    }

    test('a request line of two words: 400', BETTER,
        () => assertRefused(broker.port, 'GET /\r\n\r\n', 400));

    test('a folded header: 400', BETTER, () => assertRefused(broker.port,
        'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n', 400));

    test('a bad chunk: 400', BETTER, () => assertRefused(broker.port,
        'POST /socket.io/1/xhr-polling/X HTTP/1.1\r\nHost: a\r\n' +
        'Transfer-Encoding: chunked\r\n\r\nzz\r\n', 400));

    test('an unknown transfer coding: 501', BETTER, () => assertRefused(broker.port,
        'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: rot13\r\n\r\n', 501));

    for (const version of ['HTTP/2.0', 'HTTP/9.9']) {
        test(`${version}: 505`, BETTER, () => assertRefused(broker.port,
            `GET / ${version}\r\nHost: a\r\n\r\n`, 505));
    }

    test('the preface of HTTP/2: 505', BETTER, () => assertRefused(broker.port,
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505));
});

describe('limits', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { 'max header bytes': 2048, 'max url bytes': 512,
            'destroy buffer size': 10000, 'request timeout': 0.3, 'keep-alive timeout': 0.5 } });
    });
    after(() => broker.stop());

    test('a URL within the limit passes', async () => {
        const target = `/socket.io/1/?x=${'y'.repeat(480)}`;
        assert.match((await http.get(broker.port, target)).text, /:60:60:/);
    });

    test('a longer URL: 414', BETTER, () => assertRefused(broker.port,
        http.format({ target: `/${'y'.repeat(600)}` }), 414));

    test('an endless URL: 414', BETTER, () => assertRefused(broker.port,
        `GET /${'y'.repeat(4000)}`, 414));

    test('headers over the limit: 431', BETTER, () => assertRefused(broker.port,
        http.format({ headers: { X: 'y'.repeat(2100) } }), 431));

    test('an endless header: 431', BETTER, () => assertRefused(broker.port,
        `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(4000)}`, 431));

    test('too many headers: 431', BETTER, () => assertRefused(broker.port,
        `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(100)}\r\n`, 431));

    test('an announced body over the limit: 413', BETTER, async () => {
        const { id } = await sio.handshake(broker.port);
        await assertRefused(broker.port, `POST /socket.io/1/xhr-polling/${id} HTTP/1.1\r\n` +
            'Host: a\r\nContent-Length: 20000\r\n\r\n3:::', 413);
    });

    test('a chunked body over the limit: 413', BETTER, async () => {
        const { id } = await sio.handshake(broker.port);
        await assertRefused(broker.port, `POST /socket.io/1/xhr-polling/${id} HTTP/1.1\r\n` +
            'Host: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
            `4000\r\n${'y'.repeat(0x4000)}\r\n`, 413);
    });

    test('a slow head: 408', BETTER, () => assertRefused(broker.port,
        'GET / HTTP/1.1\r\nHost:', 408));

    test('a slow body: 408', BETTER, async () => {
        const { id } = await sio.handshake(broker.port);
        await assertRefused(broker.port, `POST /socket.io/1/xhr-polling/${id} HTTP/1.1\r\n` +
            'Host: a\r\nContent-Length: 100\r\n\r\n3:::', 408);
    });

    test('bytes in drops do not extend the time: 408', BETTER, async () => {
        const connection = await http.connect(broker.port);
        connection.write('GET / HTTP/1.1\r\n');
        const drops = setInterval(() => connection.write('X: y\r\n'), 50);
        try {
            assert.strictEqual((await connection.response({ ms: 3000 })).status, 408);
            await connection.end();
        } finally {
            clearInterval(drops);
            connection.destroy();
        }
    });

    test('a connection that asks for nothing is closed', BETTER, async () => {
        const connection = await http.connect(broker.port);
        await connection.end(5000);
        connection.destroy();
    });

    test('a kept connection is closed after the keep-alive timeout, silently', BETTER, async () => {
        const connection = await http.connect(broker.port);
        assert.strictEqual((await connection.request()).text, WELCOME);
        assert.strictEqual((await connection.end(5000)).length, 0);
        connection.destroy();
    });
});
