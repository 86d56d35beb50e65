'use strict';
/* The page of the admin listener in a browser: it shows what /status says, and none complains. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { startAdmin } = require('../lib/admin.js');
const { launch, openPage } = require('../lib/browser.js');
const { CONTRACT, REFERENCE, ROOT } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const OUTPUT = path.join(ROOT, 'build/test-output');
const PATIENCE_MS = 30000;
const suite = { skip: (REFERENCE || CONTRACT === undefined) && 'about our own program' };

describe('the status page', suite, () => {
    let redis, broker, browser;

    before(async () => {
        redis = await startRedis();
        broker = await startAdmin({ contract: true, config: { name: 'Server1' },
            args: ['--redis', redis.url] });
        browser = await launch();
    });

    after(async () => {
        await browser.close();
        await broker.stop();
        await redis.stop();
    });

    /* A page that is open in these colours; complaints gather in `complaints`. */
    async function open(colorScheme) {
        const viewport = { width: 1200, height: 1000 };
        const page = await openPage(browser, { viewport, colorScheme });
        const complaints = [];
        page.on('pageerror', (error) => complaints.push(String(error)));
        page.on('console', (message) => complaints.push(message.text()));
        page.on('requestfailed', (request) => complaints.push(request.url()));
        await page.goto(`http://127.0.0.1:${broker.admin}/`);
        return { page, complaints };
    }

    const shows = (page, id, text) => page.waitForFunction(([where, what]) =>
        document.getElementById(where).textContent.includes(what), [id, text],
    { timeout: PATIENCE_MS });

    test('values move with what happens', async () => {
        const { page, complaints } = await open('light');
        await shows(page, 'name', 'Server1');
        await shows(page, 'phase', 'serving');
        await shows(page, 'redis', 'Redis answers');
        await shows(page, 'clients', '0');
        const clients = [await sio.connect(broker.port), await sio.connect(broker.port),
            await sio.connect(broker.port)];
        await shows(page, 'clients', '3');
        await shows(page, 'sessions', 'websocket');
        const timer = setInterval(() => clients.forEach((client, i) =>
            client.text(`5:::{"name":"broadcast","args":[${i}]}`)), 20);
        await page.waitForFunction(() => parseFloat(document.getElementById('deliveries')
            .textContent) > 20, undefined, { timeout: PATIENCE_MS });
        await page.waitForFunction(() => document.querySelector('#tiles .curve')
            .getAttribute('d').split('L').length > 3, undefined, { timeout: PATIENCE_MS });
        fs.mkdirSync(OUTPUT, { recursive: true });
        await page.screenshot({ path: path.join(OUTPUT, 'admin-light.png'), fullPage: true });
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.screenshot({ path: path.join(OUTPUT, 'admin-dark.png'), fullPage: true });
        clearInterval(timer);
        for (const client of clients)
            client.destroy();
        await shows(page, 'clients', '0');
        assert.deepStrictEqual(complaints, []);
        await page.close();
    });

    test('it says so when Redis is away, and when nobody answers', async () => {
        const { page } = await open('light');
        await shows(page, 'redis', 'Redis answers');
        await redis.stop('SIGKILL');
        await shows(page, 'redis', 'Redis is away');
        await page.route('**/status', (route) => route.abort());
        await shows(page, 'fresh', 'no answer');
        await page.unroute('**/status');
        await shows(page, 'fresh', 'as of');
        await page.close();
    });

    test('it fits on a phone', async () => {
        const page = await openPage(browser, { viewport: { width: 390, height: 800 } });
        await page.goto(`http://127.0.0.1:${broker.admin}/`);
        await shows(page, 'name', 'Server1');
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= 390, `${width} pixels`);
        await page.close();
    });
});
