'use strict';
/* A real browser by https and wss, which takes the certificate as the test tells it to. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { launch } = require('../lib/browser.js');
const { tlsConfig } = require('../lib/certificates.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const PATIENCE_MS = 60000;

/* Connect, and say something: resolves with the echo, and the transport that it came by. */
function talkInPage(transports) {
    const client = window.io({ transports, forceNew: true });
    return new Promise((resolve, reject) => {
        client.on('connect_error', reject);
        const talk = () => client.emit('echo', 'é€😀', { a: [1] });
        client.on('connect', () => {
            if (client.io.engine.transport.name === transports.at(-1))
                talk();
            else
                client.io.engine.on('upgrade', talk);
        });
        client.on('echo', (...args) => {
            resolve({ args, transport: client.io.engine.transport.name });
            client.disconnect();
        });
    });
}

describe('a page by https', NEEDS_CONTRACT, () => {
    let broker, browser, page;

    before(async () => {
        broker = await startBroker({ contract: true,
            config: { ...await tlsConfig(), 'browser client version': '4' } });
        browser = await launch();
        page = await browser.newPage({ ignoreHTTPSErrors: true });
        await page.goto(`https://localhost:${broker.port}/`);
        await page.addScriptTag({ url: '/socket.io/socket.io.js' });
    });

    after(async () => {
        await browser.close();
        await broker.stop();
    });

    for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']])
        test(transports.join(' to '), { timeout: PATIENCE_MS }, async () => {
            assert.deepStrictEqual(await page.evaluate(talkInPage, transports),
                { args: ['é€😀', { a: [1] }], transport: transports.at(-1) });
        });

    /* It refuses a certificate that it does not know, and comes again when it is told to take it. */
    test('it came by TLS', async () => {
        const { tls_handshakes: done } = await broker.counters();
        assert.ok(done >= 1, `${done}`);
    });
});
