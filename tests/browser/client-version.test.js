'use strict';
/*
 * Pages as the documentation of socket.io 4 has them: a chat that loads its client from the server
 * itself, by each of the names under which it is there, and connects with io() to where it came
 * from.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { launch, openPage } = require('../lib/browser.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const PATIENCE_MS = 30000;

const chat = (client) => `<!DOCTYPE html>
<title>Chat</title>
<ul id="messages"></ul>
<form id="form"><input id="input"><button>Send</button></form>
${client}
<script type="module">
  const socket = window.io();
  const form = document.getElementById('form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    socket.emit('broadcast', document.getElementById('input').value);
  });
  socket.on('broadcast', (text) => {
    const item = document.createElement('li');
    item.textContent = text;
    document.getElementById('messages').append(item);
  });
  socket.on('connect', () => { document.title = 'Chat, connected'; });
</script>`;

const PAGES = {
    'socket.io.js': chat('<script src="/socket.io/socket.io.js"></script>'),
    'socket.io.min.js': chat('<script src="/socket.io/socket.io.min.js"></script>'),
    'socket.io.esm.min.js': chat(`<script type="module">
        import { io } from '/socket.io/socket.io.esm.min.js';
        window.io = io;
    </script>`),
};

describe('pages of socket.io 4', NEEDS_CONTRACT, () => {
    let browser;
    before(async () => { browser = await launch(); });
    after(() => browser.close());

    /* A page that comes from the broker's origin, and the errors of its scripts. */
    async function open(broker, name) {
        const page = await openPage(browser);
        const errors = [];
        page.on('pageerror', (error) => errors.push(error.message));
        const url = `http://127.0.0.1:${broker.port}/`;
        await page.route(url, (route) => route.fulfill({ contentType: 'text/html',
            body: PAGES[name] }));
        await page.goto(url);
        return { page, errors };
    }

    async function talk(broker, name) {
        const visitors = [await open(broker, name), await open(broker, name)];
        for (const { page } of visitors)
            await page.waitForFunction(() => document.title === 'Chat, connected', null,
                { timeout: PATIENCE_MS });
        await visitors[0].page.fill('#input', 'hello, Grüße');
        await visitors[0].page.click('button');
        for (const { page, errors } of visitors) {
            await page.waitForSelector('#messages li', { timeout: PATIENCE_MS });
            assert.strictEqual(await page.textContent('#messages'), 'hello, Grüße');
            assert.deepStrictEqual(errors, []);
            await page.close();
        }
    }

    describe('"browser client version" 4', () => {
        let broker;
        before(async () => {
            broker = await startBroker({ contract: true,
                config: { 'browser client version': '4' } });
        });
        after(() => broker.stop());

        for (const name of Object.keys(PAGES))
            test(name, () => talk(broker, name));
    });

    describe('by default', () => {
        let broker;
        before(async () => { broker = await startBroker({ contract: true }); });
        after(() => broker.stop());

        for (const name of Object.keys(PAGES).slice(1))
            test(name, () => talk(broker, name));

        test('socket.io.js is the client of 0.9, whose io() is none of 4', async () => {
            const { page, errors } = await open(broker, 'socket.io.js');
            await page.waitForFunction(() => window.io !== undefined);
            assert.match(await page.evaluate(() => window.io.version), /^0\.9\./);
            assert.deepStrictEqual(errors, ['window.io is not a function']);
            await page.close();
        });
    });
});
