'use strict';
/*
 * The contract application (CONTRACT.md) and the client of socket.io 4.8 in a real browser, by
 * polling alone, by websocket alone, and from the one to the other; at one instance, from a page of
 * another origin, and through the demo's nginx in turn at two.
 */

const assert = require('node:assert');
const http = require('node:http');
const { test, describe, before, after } = require('node:test');
const { MISSED_MS, launch, openPage } = require('../lib/browser.js');
const { startCluster } = require('../lib/cluster.js');
const { eventually, within } = require('../lib/deadline.js');
const { NEEDS_CONTRACT } = require('../lib/server.js');
const { startNginx } = require('../lib/services.js');

const KEEPS = [0, 'é€😀\u2028"\\\n</script>', null, true, [1, [2]], { ü: { b: 1 } }];
const BYTES = [0, 30, 255, 10, 13, 128];    /* 30 separates packets in a payload */

const WAYS = {
    polling: { transports: ['polling'], ends: 'polling' },
    websocket: { transports: ['websocket'], ends: 'websocket' },
    upgrade: { transports: ['polling', 'websocket'], ends: 'websocket' },
};

/* A web server on a port that is not the broker's: another origin. */
function serve() {
    const server = http.createServer((request, response) => {
        response.setHeader('Content-Type', 'text/plain');
        response.end('A page of another origin.');
    });
    return new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve(server));
    });
}

/* --- What runs in the page. Bytes are arrays of numbers here and ArrayBuffers there. --- */

/*
 * Connect; what comes is kept in window.got. Resolves when the last of the transports is reached.
 */
function connectInPage([server, transports, options]) {
    const client = window.io(server, { transports, forceNew: true, reconnection: false,
        ...options });
    const got = { seq: [], broadcast: [], left: [], disconnect: [], answer: [] };
    for (const name of Object.keys(got))
        client.on(name, (...args) => got[name].push(args));
    client.on('question', (data, answer) => answer(data, 'yes'));
    Object.assign(window, { client, got });
    return new Promise((resolve, reject) => {
        let greeting;
        const look = () => {
            if (greeting && client.io.engine.transport.name === transports.at(-1))
                resolve({ greeting, id: client.id });
        };
        client.on('connect_error', reject);
        client.on('connect', () => client.io.engine.on('upgrade', look));
        client.on('server', (data) => {
            greeting = data;
            look();
        });
    });
}

/* Emit; resolves with what the acknowledgement brings. */
function askInPage(args) {
    return window.client.timeout(9000).emitWithAck(...args);
}

/* The bytes as they were echoed, in each form that a page may send them. */
async function echoBytesInPage(bytes) {
    const array = Uint8Array.from(bytes);
    const padded = Uint8Array.from([1, ...bytes, 1]);
    const forms = [array.buffer, array, padded.subarray(1, padded.length - 1),
        new DataView(array.buffer), new Blob([array])];
    const echoes = [];
    for (const form of forms) {
        const { data, end } = await window.client.timeout(9000)
            .emitWithAck('echo', { data: form, end: 'ü' });
        echoes.push([data instanceof ArrayBuffer && [...new Uint8Array(data)], end]);
    }
    return echoes;
}

/* Join a namespace; resolves with what welcomes, or the error that refuses. */
function joinInPage([name, auth]) {
    return new Promise((resolve) => {
        const socket = window.client.io.socket(name, { auth });
        socket.on('welcome', (welcome) => resolve(welcome));
        socket.on('connect_error', (error) => resolve(error.message));
        socket.connect();
    });
}

/* --- The tests. --- */

describe('client 4.8 in a browser', NEEDS_CONTRACT, () => {
    let cluster, nginx, elsewhere, browser;
    const problems = [];
    /* Told to go while it polls, the client polls and says goodbye at once: one comes too late. */
    const kicked = new Set();

    before(async () => {
        cluster = await startCluster(2, { config: { cors: { origin: true, credentials: true } } });
        nginx = await startNginx(cluster.ports);
        elsewhere = await serve();
        browser = await launch();
    });

    after(async () => {
        await browser.close();
        elsewhere.close();
        await nginx.stop();
        await cluster.stop();
        assert.deepStrictEqual(problems, [], 'the browser has complained');
    });

    const url = (port) => `http://127.0.0.1:${port}`;

    async function open(origin) {
        const page = await openPage(browser);
        page.on('pageerror', (error) => problems.push(String(error)));
        page.on('console', (message) => {
            const { url: of } = message.location();
            if (message.type() === 'error' && !of.endsWith('/favicon.ico') && !kicked.has(page))
                problems.push(`${message.text()}, ${of}`);
        });
        /* Any document will do: it only gives its origin to the client. */
        await page.goto(`${origin}/socket.io/`);
        return page;
    }

    /* From where, and to where. */
    const PLACES = {
        'one instance': () => [url(cluster.ports[0]), url(cluster.ports[0])],
        'one instance, another origin': () => [url(elsewhere.address().port),
            url(cluster.ports[0])],
        'nginx in turn': () => [url(nginx.port), url(nginx.port)],
    };

    for (const [place, addresses] of Object.entries(PLACES))
        for (const way of Object.keys(WAYS))
            describe(`${place}, ${way}`, () => contract(WAYS[way], addresses));

    function contract({ transports, ends }, addresses) {
        let page;

        async function connect() {
            const [origin, server] = addresses();
            const opened = await open(origin);
            await opened.addScriptTag({ url: `${server}/socket.io/4/socket.io.js` });
            const greeted = await within(opened.evaluate(connectInPage, [server, transports]),
                'the greeting', 20000);
            return [opened, greeted];
        }

        const run = (on, fn, args, what) => within(on.evaluate(fn, args), what, 20000);
        const ask = (...args) => run(page, askInPage, args, `an answer to "${args[0]}"`);
        const emit = (on, ...args) => on.evaluate((all) => {
            window.client.emit(...all);
        }, args);

        /* All `name` events that a page has got, as soon as there are n. */
        const got = (on, name, n = 1) => eventually(async () => {
            const events = await on.evaluate((key) => window.got[key], name);
            return events.length >= n && events;
        }, `${n} "${name}"`);

        before(async () => {
            let greeted;
            [page, greeted] = await connect();
            assert.match(greeted.greeting.server, /^Server[12]$/);
            assert.deepStrictEqual(await ask('who'), { id: greeted.id, transport: ends,
                server: greeted.greeting.server });
        });
        after(() => page.close());

        test('echo with acknowledgement', async () => {
            for (const value of KEEPS)
                assert.deepStrictEqual(await ask('echo', value), value);
        });

        test('bytes come back as they were, whatever they were in', async () => {
            assert.deepStrictEqual(await run(page, echoBytesInPage, BYTES, 'all bytes'),
                Array.from({ length: 5 }, () => [BYTES, 'ü']));
        });

        test('the application asks, and is answered', async () => {
            await emit(page, 'ask', KEEPS);
            assert.deepStrictEqual(await got(page, 'answer'), [[KEEPS, 'yes']]);
        });

        test('many events in order', async () => {
            await emit(page, 'many', 200);
            assert.deepStrictEqual(await got(page, 'seq', 200),
                Array.from({ length: 200 }, (_, i) => [i]));
        });

        test('namespaces let in, and refuse', async () => {
            assert.deepStrictEqual(await run(page, joinInPage, ['/chat'], '/chat'),
                { namespace: '/chat' });
            assert.strictEqual(typeof await run(page, joinInPage, ['/err'], '/err'), 'string');
            assert.strictEqual(await run(page, joinInPage, ['/nowhere'], '/nowhere'),
                'Invalid namespace');
        });

        test('a broadcast and a goodbye are seen by another', async () => {
            const [other, leaver] = await connect();
            await emit(page, 'broadcast', KEEPS);
            for (const each of [page, other])
                assert.deepStrictEqual(await got(each, 'broadcast'), [[KEEPS]]);
            await other.evaluate(() => window.client.disconnect());
            assert.deepStrictEqual((await got(page, 'left')).find(([id]) => id === leaver.id),
                [leaver.id, 'client namespace disconnect']);
            await other.close();
        });

        test('a page that is closed is missed', async () => {
            const [other, leaver] = await connect();
            const polls = ends === 'polling';
            await other.close();
            const [, reason] = await eventually(async () =>
                (await got(page, 'left')).find(([id]) => id === leaver.id), 'it is missed',
            polls ? MISSED_MS : undefined);
            assert.match(reason, polls ? /^transport (close|error)$|^ping timeout$/
                : /^transport (close|error)$/);
        });

        test('a kick is noticed; until then nothing has ended the client', async () => {
            assert.deepStrictEqual(await page.evaluate(() => window.got.disconnect), []);
            kicked.add(page);
            await emit(page, 'kick');
            const [[reason]] = await got(page, 'disconnect');
            assert.strictEqual(reason, 'io server disconnect');
        });
    }

    for (const way of ['websocket', 'upgrade']) {
        test(`a page that offers subprotocols gets the first one, ${way}`, async () => {
            const server = url(cluster.ports[0]);
            const page = await open(server);
            await page.addScriptTag({ url: `${server}/socket.io/4/socket.io.js` });
            await within(page.evaluate(connectInPage,
                [server, WAYS[way].transports, { protocols: ['x', 'y'] }]), 'the greeting');
            assert.strictEqual(await page.evaluate(() =>
                window.client.io.engine.transport.ws.protocol), 'x');
            await page.close();
        });
    }

    test('the module, loaded by a page of another origin', async () => {
        const page = await open(url(elsewhere.address().port));
        await page.addScriptTag({ type: 'module', content:
            `import { io } from '${url(cluster.ports[0])}/socket.io/4/socket.io.esm.min.js';
             window.io = io;` });
        await page.waitForFunction(() => window.io);
        const { greeting } = await within(page.evaluate(connectInPage,
            [url(cluster.ports[0]), ['polling', 'websocket']]), 'the greeting');
        assert.strictEqual(greeting.server, 'Server1');
        await page.close();
    });
});
