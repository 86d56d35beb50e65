'use strict';
/*
 * The real page of the Admin UI of socket.io 4 in a browser, served by two instances that share a
 * Redis: it logs in, shows servers, sockets, rooms and events of both, and disconnects a client.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { PASSWORD, SETTINGS, USER } = require('../lib/admin-ui.js');
const { launch, openPage } = require('../lib/browser.js');
const { eventually } = require('../lib/deadline.js');
const { connect, leaveAll } = require('../lib/modern.js');
const { NEEDS_CONTRACT, REFERENCE, ROOT, startBroker } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');

const OUTPUT = path.join(ROOT, 'build/test-output');
const PATIENCE_MS = 30000;
const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };

describe('the page of the Admin UI', suite, () => {
    let redis, brokers, browser, page, clients;
    const complaints = [], elsewhere = [];

    before(async () => {
        redis = await startRedis();
        brokers = await Promise.all(['Server1', 'Server2'].map((name) => startBroker({
            contract: true, config: { name, 'admin ui': SETTINGS },
            args: ['--redis', redis.url] })));
        browser = await launch();
        page = await openPage(browser, { viewport: { width: 1280, height: 1000 } });
        page.setDefaultTimeout(PATIENCE_MS);
        page.on('pageerror', (error) => complaints.push(String(error)));
        await page.route((url) => url.hostname !== '127.0.0.1', (route) => {
            elsewhere.push(route.request().url());
            return route.abort();
        });
        clients = await Promise.all(brokers.map((broker) => connect(broker.port,
            { way: 'websocket' })));
    });

    after(async () => {
        leaveAll();
        await browser.close();
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    /* As it is shown: chips are in capitals. */
    const shows = (text) => page.waitForFunction((what) =>
        document.body.innerText.includes(what), text, { timeout: PATIENCE_MS });
    const go = (where) => page.evaluate((hash) => { location.hash = hash; }, `#/${where}`);
    const shoot = (name) => page.screenshot({ path: path.join(OUTPUT, `admin-ui-${name}.png`),
        fullPage: true });
    async function logIn(password) {
        await page.getByLabel('Server URL').fill(`http://127.0.0.1:${brokers[0].port}`);
        await page.getByLabel('Username').fill(USER);
        await page.getByLabel('Password').fill(password);
        await page.getByRole('button', { name: 'Connect' }).click();
    }

    test('a wrong password is refused, the right one shows both servers', async () => {
        fs.mkdirSync(OUTPUT, { recursive: true });
        await page.goto(`http://127.0.0.1:${brokers[0].port}/admin/`);
        await logIn('nope');
        await shows('Invalid credentials');
        await shoot('login');
        await logIn(PASSWORD);
        await page.waitForFunction(() => /\bCONNECTED\b/.test(document.body.innerText));
        await go('servers');
        await shows('Server1@');
        await shows('Server2@');
        await shoot('servers');
    });

    test('sockets, rooms and events of both instances', async () => {
        await go('sockets');
        for (const client of clients)
            await shows(client.id);
        await shoot('sockets');
        await clients[1].ask('join', 'the-room');
        await go('rooms');
        await shows('the-room');
        await go('events');
        clients[1].emit('what-a-client-says', 1);
        await shows('what-a-client-says');
        await shoot('events');
    });

    test('a reload does not ask for the password again', async () => {
        await page.reload();
        await go('sockets');
        await shows(clients[1].id);
    });

    test('a client of the other instance is disconnected', async () => {
        const row = page.locator('tr', { hasText: clients[1].id });
        await row.locator('button').last().click();
        await eventually(() => !clients[1].connected, 'it is disconnected', PATIENCE_MS);
        assert.ok(clients[0].connected);
        await shoot('disconnected');
        await go('sockets');
        await shows(clients[0].id);
        await page.waitForFunction((id) => !document.body.innerText.includes(id), clients[1].id,
            { timeout: PATIENCE_MS });
        assert.deepStrictEqual(complaints, []);
    });

    test('the icons come from here, and nothing from elsewhere', async () => {
        assert.ok(await page.evaluate(() =>
            document.fonts.load('24px "Material Design Icons"').then(({ length }) => length)) > 0);
        assert.deepStrictEqual(elsewhere, []);
    });
});
