'use strict';
/* `siobroker check` and a "keys url": it asks, and says what came of it. */

const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const { test, describe, before, afterEach } = require('node:test');
const { Authority } = require('../lib/certificates.js');
const { freePort, run } = require('../lib/program.js');
const { REFERENCE, BROKER, writeConfig } = require('../lib/server.js');
const { ALGORITHMS, makeKey } = require('../lib/tokens.js');

const suite = { skip: REFERENCE && 'about our own program' };
const LOCAL = 'subjectAltName=IP:127.0.0.1';
const servers = [];
let keys, ours, others;

before(async () => {
    if (REFERENCE)
        return;
    keys = (await Promise.all(ALGORITHMS.map((algorithm) => makeKey(algorithm))))
        .map(({ jwk }) => jwk);
    ours = await new Authority('ours').begin();
    others = await new Authority('others').begin();
});

afterEach(async () => {
    for (const server of servers.splice(0)) {
        server.closeAllConnections?.();
        await new Promise((resolve) => server.close(resolve));
    }
});

/* Its port. */
async function listen(server) {
    servers.push(server);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server.address().port;
}

/* The URL of one that answers each request in this way. */
const serve = async (answer) =>
    `http://127.0.0.1:${await listen(http.createServer((_, response) => answer(response)))}/jwks`;
const serveText = (text, status = 200) => serve((response) => {
    response.statusCode = status;
    response.end(text);
});

async function serveTls(authority, set) {
    const { certificate, key } = await authority.vouchFor('keys', LOCAL);
    const port = await listen(https.createServer({ cert: fs.readFileSync(certificate),
        key: fs.readFileSync(key) }, (_, response) => response.end(JSON.stringify(set))));
    return `https://127.0.0.1:${port}/`;
}

/* The line about tokens, and the status of the program. */
async function check(url, more = {}) {
    const file = writeConfig({ port: 0, jwt: { 'keys url': url, ...more } });
    const { code, stdout, stderr } = await run(BROKER, ['check', '--config', file]);
    const lines = stdout.split('\n').filter((line) => / {2}jwt: /.test(line));
    assert.strictEqual(stderr, '');
    assert.strictEqual(lines.length, 1, stdout);
    return { code, line: lines[0].replaceAll(url, 'URL') };
}

async function assertFails(url, pattern, more) {
    const { code, line } = await check(url, more);
    assert.match(line, pattern);
    assert.match(line, /^FAIL/);
    assert.strictEqual(code, 2);
}

describe('a set of keys that is published', suite, () => {
    test('is there', async () => {
        const { code, line } = await check(await serveText(JSON.stringify({ keys })));
        assert.strictEqual(line, 'ok    jwt: URL has keys that can be used: 4');
        assert.strictEqual(code, 0);
    });

    test('is there, over TLS', async () => {
        const url = await serveTls(ours, { keys: [keys[2]] });
        const { code, line } = await check(url, { 'ca file': ours.file });
        assert.strictEqual(line, 'ok    jwt: URL has keys that can be used: 1');
        assert.strictEqual(code, 0);
    });

    test('has a key that is left out, which is a warning', async () => {
        const weak = { kty: 'oct', kid: 'weak', k: Buffer.from('short').toString('base64url') };
        const { code, line } = await check(await serveText(
            JSON.stringify({ keys: [keys[1], weak] })));
        assert.match(line, /^warn {2}jwt: URL: key 2 of the set: .*; it is left out$/);
        assert.strictEqual(code, 0);
    });

    test('is no set', async () => {
        for (const text of ['', '<html>', '[]', '{"keys":1}'])
            await assertFails(await serveText(text),
                /jwt: what URL answers must be a JSON object with a list "keys"$/);
        for (const set of [{ keys: [] }, { keys: [{ kty: 'EC', crv: 'P-521', x: 'AA', y: 'AA' }] }])
            await assertFails(await serveText(JSON.stringify(set)),
                /jwt: what URL answers has no key for HS256, RS256, ES256 or EdDSA$/);
    });

    test('is not there', async () => {
        await assertFails(await serveText('no', 404),
            /jwt: URL answers with status 404, not with keys$/);
        await assertFails(await serve((response) => {
            response.writeHead(302, { Location: '/elsewhere' }).end();
        }), /jwt: URL answers with status 302, not with keys$/);
    });

    test('is too large', async () => {
        await assertFails(await serveText(' '.repeat(262145)), /jwt: URL: the answer is too large$/);
    });

    test('nobody answers', async () => {
        await assertFails(`http://127.0.0.1:${await freePort()}/`,
            /jwt: URL: can not connect: Connection refused$/);
        await assertFails('http://nobody.invalid/', /jwt: URL: can not find the address: ./);
        await assertFails('unix:/nonexistent/socket:/',
            /jwt: URL: can not connect: No such file or directory$/);
        const mute = await listen(net.createServer((socket) => {
            socket.on('error', () => { /* it is gone */ });
            socket.resume();
        }));
        await assertFails(`http://127.0.0.1:${mute}/`, /jwt: URL: it takes too long$/);
    });

    test('the answer is cut, or none', async () => {
        await assertFails(await serve((response) => response.destroy()),
            /jwt: URL: the connection was closed$/);
        await assertFails(await serve((response) => {
            response.writeHead(200, { 'Content-Length': 100 });
            response.write('{', () => response.destroy());
        }), /jwt: URL: the connection was closed$/);
        const liar = await listen(net.createServer((socket) => {
            socket.on('error', () => { /* it is gone */ });
            socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n');
        }));
        await assertFails(`http://127.0.0.1:${liar}/`,
            /jwt: URL: the answer is not one of HTTP\/1.1$/);
    });

    test('a certificate of somebody else', async () => {
        await assertFails(await serveTls(others, { keys }), /jwt: URL: .*certificate/i,
            { 'ca file': ours.file });
    });
});
