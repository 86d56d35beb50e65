'use strict';
/* Compressed messages with a real browser, which offers the extension by itself. */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { launch, openPage } = require('../lib/browser.js');
const { within } = require('../lib/deadline.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const MODERN_CLIENT = path.resolve(__dirname,
    '../node_modules/socket.io-client-4/dist/socket.io.min.js');
const TEXT = JSON.stringify(Array.from({ length: 1000 },
    (_, i) => ({ id: i, text: 'é€😀\u2028"</script>' })));

/* --- What runs in the page: each resolves with what was agreed on, and what came back. --- */

function echoBy09(text) {
    const { io } = window;
    io.transports = ['websocket'];
    const client = io.connect(location.origin, { 'force new connection': true });
    return new Promise((resolve) => {
        client.on('connect', () => client.emit('echo', text, (echoed) => {
            resolve({ echoed, extensions: client.socket.transport.websocket.extensions });
        }));
    });
}

function echoBy4([text, transports]) {
    const client = window.io4(location.origin, { transports, forceNew: true });
    return new Promise((resolve) => {
        const ask = () => client.emit('echo', text, (echoed) => {
            resolve({ echoed, extensions: client.io.engine.transport.ws.extensions });
        });
        client.on('connect', () => (client.io.engine.transport.ws ? ask()
            : client.io.engine.on('upgrade', ask)));
    });
}

describe('permessage-deflate in a browser', NEEDS_CONTRACT, () => {
    let broker, browser, page;

    before(async () => {
        broker = await startBroker({ contract: true, config: { perMessageDeflate: true,
            'perMessageDeflate threshold': 0 } });
        browser = await launch();
        page = await openPage(browser);
        await page.goto(`http://127.0.0.1:${broker.port}/`);
        await page.addScriptTag({ url: `http://127.0.0.1:${broker.port}/socket.io/socket.io.js` });
        await page.evaluate(() => { window.io09 = window.io; });
        await page.addScriptTag({ path: MODERN_CLIENT });
        await page.evaluate(() => { window.io4 = window.io; window.io = window.io09; });
    });
    after(async () => {
        await browser.close();
        await broker.stop();
    });

    async function assertEchoed(inPage, argument) {
        const { echoed, extensions } = await within(page.evaluate(inPage, argument), 'the echo');
        assert.match(extensions, /^permessage-deflate/);
        assert.strictEqual(echoed, TEXT);
    }

    test('the client of 0.9', () => assertEchoed(echoBy09, TEXT));
    test('the client of 4.8 by websocket', () => assertEchoed(echoBy4, [TEXT, ['websocket']]));
    test('the client of 4.8, from polling', () =>
        assertEchoed(echoBy4, [TEXT, ['polling', 'websocket']]));
});
