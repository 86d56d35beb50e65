'use strict';
/*
 * The same options, as an object to the real socket.io 4.8 and as JSON to the program: what clients
 * and pages see is the same but for what DIFFERENT says.
 */

const assert = require('node:assert');
const zlib = require('node:zlib');
const { createServer } = require('node:http');
const { test, describe } = require('node:test');
const { Server } = require('socket.io-4');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { contract } = require('../contract/application4.js');
const { NEEDS_CONTRACT, REFERENCE, startBroker } = require('../lib/server.js');

const suite = { skip: NEEDS_CONTRACT.skip || (REFERENCE && 'about our own program') };

/* The real one, with the contract application; what is not for it gets 404. */
async function startReal(options) {
    const server = createServer((request, response) => {
        response.statusCode = 404;
        response.end();
    });
    const io = new Server(server, options);
    contract(io, 'siobroker', () => server.address().port);
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return { port: server.address().port,
        stop: () => new Promise((resolve) => { io.close(resolve); }) };
}

/* --- What is looked at. --- */

const PAGE = 'http://page.example', OTHER = 'http://other.example';
const HANDSHAKE = { EIO: 4, transport: 'polling' };
const get = (port, query, headers, path) => http.get(port, engine.url(query, path), headers);

const SEEN = ['Access-Control-Allow-Origin', 'Access-Control-Allow-Credentials',
    'Access-Control-Allow-Methods', 'Access-Control-Allow-Headers',
    'Access-Control-Expose-Headers', 'Access-Control-Max-Age', 'Vary'];

/* The status, and each of these headers that is there. */
function readable(response) {
    const seen = SEEN.map((name) => [name, response.get(name)]).filter(([, value]) => value);
    return { status: response.status, ...Object.fromEntries(seen) };
}

/* Handshakes, a refusal and preflights of pages. */
async function pages(port) {
    const seen = {};
    for (const [who, headers] of [['page', { Origin: PAGE }], ['other', { Origin: OTHER }],
        ['nobody', {}]]) {
        seen[`handshake of ${who}`] = readable(await get(port, HANDSHAKE, headers));
        seen[`refusal of ${who}`] = readable(
            await get(port, { EIO: 4, transport: 'pigeon' }, headers));
    }
    const preflight = (headers) => http.request(port, { method: 'OPTIONS',
        target: engine.url(HANDSHAKE),
        headers: { 'Access-Control-Request-Method': 'POST', ...headers } });
    const asked = { 'Access-Control-Request-Headers': 'x-a,x-b' };
    seen['preflight of page'] = readable(await preflight({ Origin: PAGE, ...asked }));
    seen['preflight of page, plain'] = readable(await preflight({ Origin: PAGE }));
    seen['preflight of other'] = readable(await preflight({ Origin: OTHER, ...asked }));
    return seen;
}

/* Is it Engine.IO that answers there? */
const paths = (...all) => async (port) => {
    const seen = {};
    for (const path of all)
        seen[path] = (await get(port, HANDSHAKE, {}, path)).text.startsWith('0{');
    return seen;
};

const opened = async (port) => JSON.parse((await get(port, HANDSHAKE)).text.slice(1));

async function transports(port) {
    const polling = await get(port, HANDSHAKE);
    const socket = await engine.upgrade(port, 4);
    socket.destroy();
    return { polling: polling.status === 200 ? JSON.parse(polling.text.slice(1)).upgrades
        : polling.text, websocket: socket.answer.status };
}

async function cookie(port) {
    const polling = await get(port, HANDSHAKE);
    const { sid } = JSON.parse(polling.text.slice(1));
    const later = await http.post(port, engine.url({ ...HANDSHAKE, sid }), '40');
    const poll = await get(port, { ...HANDSHAKE, sid });
    const socket = await engine.upgrade(port, 4);
    socket.destroy();
    return { first: (polling.get('Set-Cookie') || 'none').replace(sid, 'ID'),
        post: later.get('Set-Cookie'), poll: poll.get('Set-Cookie'),
        websocket: socket.answer.get('Set-Cookie') };
}

/* What becomes of bodies and messages of those lengths. */
const sizes = (...lengths) => async (port) => {
    const seen = { maxPayload: (await opened(port)).maxPayload };
    for (const n of lengths) {
        const client = await new engine.Polling(port, 4).open();
        seen[`a body of ${n}`] = (await client.post(`4${'x'.repeat(n - 1)}`)).status;
        const socket = await engine.connect(port, 4);
        await socket.send('40', `42["echo","${'x'.repeat(n - 11)}"]`);
        let last = '';
        try {
            while (!last.startsWith('42["echo"'))
                last = await socket.next();
        } catch (error) {
            last = '';
        }
        socket.destroy();
        seen[`a message of ${n}`] = last === '' ? 'the end' : 'echoed';
    }
    return seen;
};

/* How the echo of a text comes that is much longer, and of one that is shorter than 1000. */
async function compressed(port) {
    const seen = {};
    for (const n of [10, 5000]) {
        const client = await engine.poll(port, 4);
        const packet = `42["echo","${'x'.repeat(n)}"]`;
        await client.send(packet);
        const answer = await client.raw({ headers: { 'Accept-Encoding': 'gzip, deflate' } });
        const encoding = answer.get('Content-Encoding');
        seen[n] = [encoding,
            (encoding === 'gzip' ? zlib.gunzipSync(answer.body) : answer.body)
                .toString() === packet];
    }
    const client = await engine.poll(port, 4);
    await client.send(`42["echo","${'x'.repeat(5000)}"]`);
    seen.unasked = (await client.raw()).get('Content-Encoding');
    return seen;
}

async function deflate(port) {
    const socket = await engine.upgrade(port, 4, {},
        { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
    socket.destroy();
    return socket.answer.get('Sec-WebSocket-Extensions');
}

async function scripts(port) {
    const { status, text } = await http.get(port, '/socket.io/socket.io.min.js');
    return status === 200 && /Socket\.IO v4/.test(text.slice(0, 200));
}

async function revision3(port) {
    const { status, text } = await get(port, { EIO: 3, transport: 'polling' });
    return status === 200 ? 'served' : text;
}

async function recovery(port) {
    const client = await engine.connect(port, 4);
    await client.send('40');
    const packet = await client.next();
    client.destroy();
    return Object.keys(JSON.parse(packet.slice(2)));
}

/* Joined, and the greeting is read. */
async function joined(port) {
    const socket = await engine.connect(port, 4);
    await socket.send('40');
    while (!(await socket.next()).startsWith('40{'))
        continue;
    await engine.assertServed(socket);
    return socket;
}

/* Who says nothing when it should is hung up on; who has joined is served. */
async function joinless(port) {
    const client = await joined(port);
    const silent = await engine.connect(port, 4);
    await assert.rejects(silent.next(30000), /^Error: closed/);
    silent.destroy();
    await engine.assertServed(client);
    client.destroy();
    return 'the end';
}

async function pongless(port) {
    const socket = await joined(port);
    const ping = await socket.next(30000);
    await assert.rejects(socket.next(30000), /^Error: closed/);
    socket.destroy();
    return [ping, 'the end'];
}

/* --- The options. --- */

const SCENES = [
    ['no cors', {}, pages],
    ['cors: {}', { cors: {} }, pages],
    ['cors: false', { cors: false }, pages],
    ['cors, *', { cors: { origin: '*', credentials: true } }, pages],
    ['cors, a text', { cors: { origin: PAGE } }, pages],
    ['cors, a list', { cors: { origin: [PAGE, 'https://page.example'] } }, pages],
    ['cors, true', { cors: { origin: true, credentials: true } }, pages],
    ['cors, false', { cors: { origin: false } }, pages],
    ['cors, everything', { cors: { origin: [PAGE], credentials: true, methods: ['GET', 'POST'],
        allowedHeaders: ['x-a', 'x-c'], exposedHeaders: ['x-d', 'x-e'], maxAge: 600 } }, pages],
    ['cors, texts', { cors: { origin: [PAGE], methods: 'GET,POST', allowedHeaders: 'x-a,x-c',
        exposedHeaders: 'x-d' } }, pages],
    ['path', { path: '/my/path' }, paths('/my/path/', '/socket.io/', '/my/')],
    ['path, a slash behind it', { path: '/my/path/' }, paths('/my/path/', '/socket.io/')],
    ['addTrailingSlash', { addTrailingSlash: true }, paths('/socket.io/', '/socket.io')],
    ['addTrailingSlash, no', { addTrailingSlash: false }, paths('/socket.io/', '/socket.io')],
    ['transports', { transports: ['polling', 'websocket'] }, transports],
    ['transports, polling', { transports: ['polling'] }, transports],
    ['transports, websocket', { transports: ['websocket'] }, transports],
    ['allowUpgrades', { allowUpgrades: false }, transports],
    ['timers', { pingInterval: 1234, pingTimeout: 567, upgradeTimeout: 1000,
        connectTimeout: 10000 }, async (port) => ({ ...await opened(port), sid: 'ID' })],
    /* Long enough for a busy machine to join in time. */
    ['connectTimeout', { connectTimeout: 3000 }, joinless],
    ['pingTimeout', { pingInterval: 2000, pingTimeout: 500 }, pongless],
    ['maxHttpBufferSize', { maxHttpBufferSize: 1000 }, sizes(1000, 1001)],
    ['cookie', { cookie: true }, cookie],
    ['cookie, none', { cookie: false }, cookie],
    ['cookie, everything', { cookie: { name: 'sid', path: '/a', domain: 'page.example',
        maxAge: 600, httpOnly: false, secure: true, sameSite: 'none', partitioned: true,
        priority: 'high' } }, cookie],
    ['cookie, strict', { cookie: { name: 'sid', sameSite: true } }, cookie],
    ['cookie, as little as can be', { cookie: { path: '', httpOnly: false, sameSite: false } },
        cookie],
    ['httpCompression', { httpCompression: { threshold: 1000 } }, compressed],
    ['httpCompression, no', { httpCompression: false }, compressed],
    ['httpCompression, by default', {}, compressed],
    ['perMessageDeflate', { perMessageDeflate: true }, deflate],
    ['perMessageDeflate, no memory', { perMessageDeflate: { serverNoContextTakeover: true,
        clientNoContextTakeover: true } }, deflate],
    ['perMessageDeflate, no', { perMessageDeflate: false }, deflate],
    ['serveClient', { serveClient: true }, scripts],
    ['serveClient, no', { serveClient: false }, scripts],
    ['allowEIO3', { allowEIO3: true }, revision3],
    ['allowEIO3, no', { allowEIO3: false }, revision3],
    ['allowEIO3, by default', {}, revision3],
    ['connectionStateRecovery', { connectionStateRecovery: {} }, recovery],
    ['connectionStateRecovery, for a while', { connectionStateRecovery: {
        maxDisconnectionDuration: 1000, skipMiddlewares: false } }, recovery],
    ['no recovery', {}, recovery],
    ['cleanupEmptyChildNamespaces', { cleanupEmptyChildNamespaces: true }, transports],
];

/* A preflight without CORS is a handshake by OPTIONS there. Here it is answered, with nothing. */
const NO_CORS = { 'preflight of page': { status: 204 }, 'preflight of page, plain': { status: 204 },
    'preflight of other': { status: 204 } };

/* A single origin is told to everybody there; here to its pages, as one of a list is. */
const untold = ({ 'Access-Control-Allow-Origin': ignored, ...rest }) => rest;

/* What we do otherwise, from what they do. */
const DIFFERENT = {
    'no cors': () => NO_CORS,
    'cors: false': () => NO_CORS,
    'cors, false': () => NO_CORS,
    'cors, a text': (theirs) => Object.fromEntries(Object.entries(theirs)
        .filter(([what]) => /other|nobody/.test(what))
        .map(([what, seen]) => [what, untold(seen)])),
    /* Both ways to write the path are always served. */
    addTrailingSlash: () => ({ '/socket.io': true }),
    /* Off by default: who compresses should know what that tells about secrets. */
    'httpCompression, by default': () => ({ 5000: [undefined, true] }),
    /* No message refers to an earlier one, as if both options about that were set. */
    perMessageDeflate: () =>
        'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    /* Clients of 1.x and 2.x are served. */
    'allowEIO3, by default': () => 'served',
};

const withDifferences = (theirs, different) => (typeof different === 'object'
    ? { ...theirs, ...different } : different);

describe('options of socket.io 4', suite, () => {
    for (const [name, options, look] of SCENES) {
        test(name, async () => {
            const real = await startReal(structuredClone(options));
            const theirs = await look(real.port);
            await real.stop();
            const broker = await startBroker({ contract: true, config: options });
            const ours = await look(broker.port);
            await broker.stop();
            const expected = name in DIFFERENT
                ? withDifferences(theirs, DIFFERENT[name](theirs)) : theirs;
            assert.deepStrictEqual(ours, expected);
            if (name in DIFFERENT)
                assert.notDeepStrictEqual(ours, theirs, 'no difference any more');
        });
    }
});
