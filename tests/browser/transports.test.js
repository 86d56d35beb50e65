'use strict';
/*
 * The contract application (CONTRACT.md) in a real browser, with its client forced to one transport
 * after the other, from a page of the server's own origin and from one of another.
 */

const assert = require('node:assert');
const http = require('node:http');
const { test, describe, before, after } = require('node:test');
const { launch, openPage } = require('../lib/browser.js');
const { eventually, within } = require('../lib/deadline.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const KEEPS = [0, 'é€😀\u2028"\\\n</script>', null, true, [1, [2]], { ü: { b: 1 } }];

/* Short, so that the end of a page that polled is noticed soon. */
const CONFIG = { name: 'C', 'close timeout': 3, 'polling duration': 0.5,
    'heartbeat interval': 0.5, 'heartbeat timeout': 3 };

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

/* --- What runs in the page. --- */

/* Connect; what comes is kept in window.got. The greeting, and the transport it came by. */
function connectInPage([server, transport]) {
    const { io } = window;
    io.transports = [transport];
    const client = io.connect(server, { 'force new connection': true, reconnect: false });
    const got = { seq: [], broadcast: [], left: [], disconnect: [] };
    for (const name of Object.keys(got))
        client.on(name, (...args) => got[name].push(args));
    Object.assign(window, { client, got });
    return new Promise((resolve, reject) => {
        client.on('error', (error) => reject(new Error(String(error))));
        client.on('connect_failed', () => reject(new Error('no transport')));
        client.on('server', (greeting) => resolve({ greeting, id: client.socket.sessionid,
            transport: client.socket.transport.name }));
    });
}

/* Emit; resolves with what the acknowledgement brings. */
function askInPage(args) {
    return new Promise((resolve) => {
        window.client.emit(...args, (...answer) => resolve(answer));
    });
}

/* --- The tests. --- */

describe('transports in a browser', NEEDS_CONTRACT, () => {
    let broker, server, browser, elsewhere;
    const problems = [];

    before(async () => {
        broker = await startBroker({ contract: true, config: CONFIG });
        server = `http://127.0.0.1:${broker.port}`;
        elsewhere = await serve();
        browser = await launch();
    });

    after(async () => {
        await browser.close();
        elsewhere.close();
        await broker.stop();
        assert.deepStrictEqual(problems, [], 'the browser has complained');
    });

    async function open(origin) {
        const page = await openPage(browser);
        page.on('pageerror', (error) => problems.push(String(error)));
        page.on('console', (message) => {
            if (message.type() === 'error')
                problems.push(message.text());
        });
        /* Any document will do: it only gives its origin to the client. */
        await page.goto(`${origin}/`);
        await page.addScriptTag({ url: `${server}/socket.io/socket.io.js` });
        return page;
    }

    for (const transport of ['websocket', 'xhr-polling', 'jsonp-polling']) {
        for (const where of ['its own origin', 'another origin']) {
            describe(`${transport} from ${where}`, () => {
                let page;
                const origin = () => (where === 'its own origin' ? server
                    : `http://127.0.0.1:${elsewhere.address().port}`);
                const connect = (on) =>
                    within(on.evaluate(connectInPage, [server, transport]), 'the greeting');
                const ask = (...args) =>
                    within(page.evaluate(askInPage, args), 'an acknowledgement');
                const emit = (on, ...args) => on.evaluate((all) => {
                    window.client.emit(...all);
                }, args);

                /* All `name` events that a page has got, as soon as there are n. */
                const got = (on, name, n = 1) => eventually(async () => {
                    const events = await on.evaluate((key) => window.got[key], name);
                    return events.length >= n && events;
                }, `${n} "${name}"`);

                before(async () => { page = await open(origin()); });
                after(() => page.close());

                test('connects, and is greeted', async () => {
                    const { greeting, id, transport: used } = await connect(page);
                    assert.deepStrictEqual(greeting, { server: 'C', port: broker.port });
                    assert.strictEqual(used, transport);
                    assert.deepStrictEqual(await ask('who'), [{ id, transport, server: 'C' }]);
                });

                test('echo with acknowledgement', async () => {
                    assert.deepStrictEqual(await ask('echo', ...KEEPS), KEEPS);
                });

                test('many events in order', async () => {
                    await emit(page, 'many', 50);
                    assert.deepStrictEqual(await got(page, 'seq', 50),
                        Array.from({ length: 50 }, (_, i) => [i]));
                });

                test('a broadcast, a goodbye and a vanished page are seen by another', async () => {
                    const other = await open(origin());
                    const leaver = await connect(other);
                    await emit(page, 'broadcast', KEEPS);
                    for (const each of [page, other])
                        assert.deepStrictEqual(await got(each, 'broadcast'), [[KEEPS]]);
                    await other.evaluate(() => window.client.disconnect());
                    assert.deepStrictEqual(await got(page, 'left'), [[leaver.id, 'booted']]);
                    const { id } = await connect(other);
                    await other.close();
                    const [, [who, why]] = await got(page, 'left', 2);
                    assert.strictEqual(who, id);
                    assert.match(why, transport === 'websocket' ? /^socket (end|close)$/
                        : /^close timeout$/);
                });

                test('a kick is noticed; until then nothing has ended the client', async () => {
                    assert.deepStrictEqual(await ask('echo', 1), [1]);
                    await emit(page, 'kick');
                    assert.deepStrictEqual(await got(page, 'disconnect'), [['booted']]);
                });
            });
        }
    }
});
