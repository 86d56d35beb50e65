'use strict';
/* A page of another origin learns from a real browser why it was refused. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { launch, openPage } = require('../lib/browser.js');
const { within } = require('../lib/deadline.js');
const { REFERENCE, startBroker } = require('../lib/server.js');

/* Runs in the page: the status of the answer; 0 when the browser does not let it be read. */
function ask([method, url, { body = null, cookie = '' }]) {
    for (const name of ['a', 'b']) /* for all ports; one holds 4,096 bytes at most */
        document.cookie = `${name}=${cookie}`;
    return new Promise((resolve) => {
        const xhr = new XMLHttpRequest();
        xhr.open(method, url);
        xhr.withCredentials = true;
        xhr.onloadend = () => resolve(xhr.status);
        xhr.send(body);
    });
}

const PATHS = { '0.9': '/socket.io/1/xhr-polling/X?t=1',
    'Engine.IO': '/socket.io/?EIO=4&transport=polling&sid=X' };
const REFUSALS = [
    [413, 'POST', '', { body: 'x'.repeat(1001) }],
    [414, 'GET', `&x=${'y'.repeat(1000)}`, {}],
    [431, 'GET', '', { cookie: 'c'.repeat(3000) }],
];

describe('refusals in a browser', { skip: REFERENCE && 'about our own program' }, () => {
    let home, broker, browser, page;

    before(async () => {
        home = await startBroker();
        broker = await startBroker({ config: { cors: { origin: true, credentials: true },
            'max header bytes': 4096, 'max url bytes': 1000,
            'destroy buffer size': 1000, maxPayload: 1000 } });
        browser = await launch();
        page = await openPage(browser);
        await page.goto(`http://127.0.0.1:${home.port}/`);
    });
    after(async () => {
        await browser.close();
        await broker.stop();
        await home.stop();
    });

    for (const [protocol, path] of Object.entries(PATHS)) {
        for (const [status, method, more, what] of REFUSALS) {
            test(`${protocol}: ${status} is seen by a page of another origin`, async () => {
                const url = `http://127.0.0.1:${broker.port}${path}${more}`;
                assert.strictEqual(
                    await within(page.evaluate(ask, [method, url, what]), 'the answer'), status);
            });
        }
    }
});
