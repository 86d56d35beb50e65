'use strict';
/*
 * Pages with the clients of socket.io 1.x and 2.x in a real browser. What they send and take by
 * polling is not what they do in Node, where none has binary requests (protocol/eio3_client.h).
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { launch, openPage } = require('../lib/browser.js');
const { within } = require('../lib/deadline.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const MODULES = path.join(__dirname, '../node_modules');
const PAGES = {
    '1.0.2': 'socket.io-client-1.0.2/socket.io.js',
    '1.0.6': 'socket.io-client-1.0.6/socket.io.js',
    '1.7.4': 'socket.io-client-1.7/dist/socket.io.js',
    '2.5.0': 'socket.io-client-2/dist/socket.io.js',
};
const WAYS = {
    polling: { transports: ['polling'] },
    'polling by scripts': { transports: ['polling'], forceJSONP: true },
    websocket: { transports: ['websocket'] },
    upgrade: { transports: ['polling', 'websocket'] },
};
const KEEPS = ['20 Â°C', 'ÀÉ€😀\u2028"\\\n</script>', 'café, 20 °C', null, true,
    [1, [2]], { ü: { b: 1 } }];
const CONFIGS = [{}, { encodePayloadAsBinary: true }];
const BYTES = [0, 30, 255, 10, 13, 128];

/* --- What runs in the page. --- */

/* Connect; resolves when the last of the transports is reached. */
function connectInPage([options]) {
    const client = window.io(window.location.origin, { ...options, forceNew: true,
        reconnection: false, timeout: 9000 });
    window.client = client;
    return new Promise((resolve, reject) => {
        const look = () => client.io.engine.transport.name === options.transports.at(-1) &&
            resolve();
        client.on('connect_error', (error) => reject(new Error(String(error))));
        client.on('connect', () => {
            client.io.engine.on('upgrade', look);
            look();
        });
    });
}

function echoInPage([value]) {
    return new Promise((resolve) => {
        window.client.once('echo', resolve);
        window.client.emit('echo', value);
    });
}

async function echoBytesInPage([bytes]) {
    const echo = await new Promise((resolve) => {
        window.client.once('echo', resolve);
        window.client.emit('echo', { data: Uint8Array.from(bytes).buffer });
    });
    return echo.data instanceof ArrayBuffer ? [...new Uint8Array(echo.data)] : echo.data;
}

/* --- The tests. --- */

describe('pages with clients of socket.io 1.x and 2.x', NEEDS_CONTRACT, () => {
    let browser;
    before(async () => { browser = await launch(); });
    after(() => browser.close());

    for (const config of CONFIGS) describe(JSON.stringify(config), () => {
        let broker;
        before(async () => { broker = await startBroker({ contract: true, config }); });
        after(() => broker.stop());

        for (const [version, script] of Object.entries(PAGES)) {
            for (const [way, options] of Object.entries(WAYS)) {
                test(`${version} by ${way}`, async () => {
                    const page = await openPage(browser);
                    const run = (fn, arg) => within(page.evaluate(fn, [arg]), fn.name, 20000);
                    await page.goto(`http://127.0.0.1:${broker.port}/socket.io/`);
                    await page.addScriptTag({ path: path.join(MODULES, script) });
                    await run(connectInPage, options);
                    for (const value of version < '1.1' ? ['é', ...KEEPS] : KEEPS)
                        assert.deepStrictEqual(await run(echoInPage, value), value);
                    assert.deepStrictEqual(await run(echoBytesInPage, BYTES), BYTES);
                    await page.close();
                });
            }
        }
    });
});
