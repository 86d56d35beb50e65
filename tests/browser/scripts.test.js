'use strict';
/*
 * The example programs of client-demo/scripts with their pages: written for socket.io 0.9 and 4,
 * run by siobroker.
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { launch, openPage } = require('../lib/browser.js');
const { Broker, BROKER, REFERENCE, ROOT } = require('../lib/server.js');
const { freePort } = require('../lib/program.js');
const http = require('../lib/http.js');

const PATIENCE_MS = 30000;

describe('examples of scripts', { skip: REFERENCE && 'about our own program' }, () => {
    let browser;

    before(async () => { browser = await launch(); });
    after(() => browser.close());

    /* Two pages of an example, for `use(pages, port)`. Nothing in them may complain. */
    async function onExample(file, use) {
        const port = await freePort();
        const app = await new Broker(BROKER,
            [path.join(ROOT, 'client-demo/scripts', file), port]).listening();
        const problems = [];
        const pages = [];
        for (let i = 0; i < 2; i++) {
            const page = await openPage(browser);
            page.on('pageerror', (error) => problems.push(String(error)));
            await page.goto(`http://127.0.0.1:${port}/`);
            pages.push(page);
        }
        await use(pages, port);
        for (const page of pages)
            await page.close();
        assert.deepStrictEqual(problems, []);
        await app.stop();
    }

    const shows = (page, id, text) => page.waitForFunction(([where, wanted]) =>
        document.getElementById(where).textContent.includes(wanted), [id, text],
    { timeout: PATIENCE_MS });

    test('the chat of 0.9, on express', () => onExample('chat09/app.js', async ([ann, bob]) => {
        for (const [page, name] of [[ann, 'ann'], [bob, 'bob']]) {
            await page.fill('#nick', name);
            await page.locator('#enter button').click();
            await shows(page, 'lines', `welcome, ${name}`);
        }
        await shows(ann, 'lines', 'bob connected');
        await shows(ann, 'present', 'online: ann, bob');
        await bob.fill('#nick', 'ann');
        await bob.locator('#enter button').click();
        await shows(bob, 'lines', 'this name is taken');
        await ann.fill('#text', 'Grüße, 世界 😀');
        await ann.locator('#say button').click();
        await shows(bob, 'lines', 'ann: Grüße, 世界 😀');
        await ann.goto('about:blank');
        await shows(bob, 'lines', 'ann disconnected');
        await shows(bob, 'present', 'online: bob');
    }));

    test('lines of a channel, on a handler of http', () => onExample('irc/app.js',
        async ([first, second], port) => {
            await shows(first, 'watching', 'watching: 2');
            const { status } = await http.post(port, '/channel', 'ann: hello');
            assert.strictEqual(status, 204);
            for (const page of [first, second])
                await shows(page, 'lines', 'ann: hello\n');
            await first.reload();
            await shows(first, 'lines', 'ann: hello\n');
            assert.strictEqual((await http.get(port, '/nowhere')).status, 404);
        }));

    test('the whiteboard of 4, on express', () => onExample('whiteboard/index.js',
        async ([ann, bob]) => {
            const dark = (page) => page.evaluate(() => {
                const board = document.getElementById('board');
                const { data } = board.getContext('2d')
                    .getImageData(0, 0, board.width, board.height);
                return data.filter((value, i) => i % 4 === 3 && value > 0).length;
            });
            assert.strictEqual(await bob.evaluate(() => typeof window.io.Manager), 'function');
            assert.strictEqual(await dark(bob), 0);
            await ann.waitForFunction(() =>
                document.getElementById('colors').children.length === 5);
            await ann.mouse.move(200, 200);
            await ann.mouse.down();
            await ann.mouse.move(300, 250);
            await ann.mouse.up();
            await bob.waitForFunction(() => {
                const board = document.getElementById('board');
                return board.getContext('2d').getImageData(0, 0, board.width, board.height).data
                    .some((value) => value > 0);
            }, null, { timeout: PATIENCE_MS });
            assert.strictEqual(await dark(bob), await dark(ann));
        }));
});
