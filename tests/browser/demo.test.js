'use strict';
/* The whole demo as a user sees it: client-demo/demo, and a real browser on its page. */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { pathToFileURL } = require('node:url');
const { launch, openPage } = require('../lib/browser.js');
const { connect, leave, leaveAll } = require('../lib/modern.js');
const { BROKER, REFERENCE, ROOT } = require('../lib/server.js');
const { eventually } = require('../lib/deadline.js');
const { Program, freePort, scratch } = require('../lib/program.js');
const http = require('../lib/http.js');

const OUTPUT = path.join(ROOT, 'build/test-output');
const START_MS = 60000;

const suite = { skip: REFERENCE && 'about our own program' };

describe('the demo in a browser', suite, () => {
    let demo, browser, page, ports;
    let n_websockets = 0;
    const problems = [];

    before(async () => {
        ports = [await freePort(), await freePort(), await freePort()];
        demo = new Program(path.join(ROOT, 'client-demo/demo'), [], { env: { ...process.env,
            SIOBROKER: BROKER, DEMO_PORT1: ports[0], DEMO_PORT2: ports[1], DEMO_PORT: ports[2] } });
        await demo.said(/http:\/\/127\.0\.0\.1:\d+\//, START_MS);
        browser = await launch();
        page = await openPage(browser, { viewport: { width: 800, height: 500 } });
        page.on('console', (message) => {
            if (message.type() === 'error')
                problems.push(message.text());
        });
        page.on('pageerror', (error) => problems.push(String(error)));
        page.on('websocket', () => n_websockets++);
    });

    after(async () => {
        await browser.close();
        const { code } = await demo.stop('SIGTERM', 20000);
        assert.strictEqual(code, 0, demo.tail());
        demo.assertNoSanitizerReport();
        assert.deepStrictEqual(problems, [], 'the browser has complained');
    });

    const text = (id) => page.locator(`#${id}`).textContent();

    /* Wait for a greeting on the page and return it. */
    async function greeting() {
        await page.waitForFunction(() =>
            /^\{"server":/.test(document.getElementById('content').textContent));
        return JSON.parse(await text('content'));
    }

    async function reconnect() {
        await page.locator('#reconnect').click();
        return greeting();
    }

    test('the page says which instance answered, by websocket', async () => {
        await page.goto(`http://127.0.0.1:${ports[2]}/`);
        const data = await greeting();
        const content = await text('content');
        assert.match(content, /^\{"server":"Server[12]","port":\d+\}$/);
        assert.strictEqual(data.port, ports[Number(data.server.slice(-1)) - 1]);
        assert.strictEqual(await text('transport'), 'websocket');
        assert.match(await text('instance'), new RegExp(data.server));
        assert.match(await text('elapsed'), /^\d+ ms$/);
        assert.match(await text('tally'), new RegExp(data.server));
    });

    test('the button reconnects, and both instances answer in turn', async () => {
        const seen = new Set([(await greeting()).server]);
        for (let i = 0; i < 3; i++)
            seen.add((await reconnect()).server);
        assert.deepStrictEqual([...seen].sort(), ['Server1', 'Server2']);
        const counts = [...(await text('tally')).matchAll(/(\d+)(?!\d*:)(?=,|$)/g)]
            .map((match) => Number(match[1]));
        assert.strictEqual(counts.reduce((a, b) => a + b), 4, await text('tally'));
    });

    test('each time the first websocket is the one that connects', async () => {
        const n_before = n_websockets;
        for (let i = 0; i < 10; i++) {
            await reconnect();
            assert.strictEqual(await text('transport'), 'websocket');
        }
        assert.strictEqual(n_websockets - n_before, 10);
    });

    test('the button is pressed while the handshake is under way', async () => {
        const isHandshake = (url) => /\/socket\.io\/1\/$/.test(url.pathname);
        let nHandshakes = 0, release;
        const released = new Promise((resolve) => { release = resolve; });
        await page.route(isHandshake, async (route) => {
            if (++nHandshakes === 1)
                await released;
            return route.continue();
        });
        await page.goto(`http://127.0.0.1:${ports[2]}/`);
        await eventually(() => nHandshakes === 1, 'a handshake');
        const { server } = await reconnect();
        release();
        assert.strictEqual(await text('tally'), `${server}: 1`);
        await page.unroute(isHandshake);
        assert.deepStrictEqual(problems, []);
    });

    test('straight to one instance', async () => {
        await page.goto(`http://127.0.0.1:${ports[2]}/?target=direct`);
        for (let i = 0; i < 3; i++)
            assert.deepStrictEqual(await reconnect(), { server: 'Server1', port: ports[0] });
        assert.strictEqual(await text('transport'), 'websocket');
    });

    test('through nginx with one instance behind it', async () => {
        await page.goto(`http://127.0.0.1:${ports[2]}/?target=one`);
        for (let i = 0; i < 3; i++)
            assert.deepStrictEqual(await reconnect(), { server: 'Server1', port: ports[0] });
        assert.strictEqual(await text('transport'), 'websocket');
    });

    for (const target of ['direct', 'one', 'both']) {
        test(`opened as a file, target ${target}`, async () => {
            /* The committed page, with the ports of this run. */
            const html = fs.readFileSync(path.join(ROOT, 'client-demo/client.html'), 'utf8')
                .replace(/\b310([012])\b/g, (usual, last) => ports[Number(last)]);
            const file = path.join(scratch(), 'client.html');
            fs.writeFileSync(file, html);
            await page.goto(`${pathToFileURL(file)}?target=${target}`);
            assert.match((await greeting()).server, /^Server[12]$/);
            assert.strictEqual(await text('transport'), 'websocket');
        });
    }

    test('a screenshot is kept', async () => {
        await page.goto(`http://127.0.0.1:${ports[2]}/`);
        await greeting();
        for (let i = 0; i < 3; i++)
            await reconnect();
        fs.mkdirSync(OUTPUT, { recursive: true });
        await page.screenshot({ path: path.join(OUTPUT, 'demo.png') });
    });

    test('the client script comes minified and compressed through nginx', async () => {
        const response = await http.get(ports[2], '/socket.io/socket.io.js',
            { 'Accept-Encoding': 'gzip' });
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.get('Content-Encoding'), 'gzip');
    });
});

describe('the demo with a backend', suite, () => {
    const TEXTS = ['before', 'while it is away', 'after'];
    let browser;
    before(async () => { browser = await launch(); });
    after(async () => {
        leaveAll();
        await browser.close();
    });

    /* Say something on a page; resolves when each of them shows it. */
    async function say(page, text, pages) {
        await page.locator('#text').fill(text);
        await page.locator('#send').click();
        await shows(pages, text);
    }

    const shows = (pages, text) => Promise.all(pages.map((page) => page.waitForFunction((line) =>
        document.getElementById('chat').textContent.includes(line), text)));

    /* A page that may talk. */
    async function open(address) {
        const page = await openPage(browser);
        await page.goto(address);
        await page.waitForFunction(() => !document.getElementById('send').disabled);
        return page;
    }

    /* `use` gets nginx's port, and ends the backend; the demo starts it again. */
    async function onDemo(name, use) {
        const ports = [await freePort(), await freePort(), await freePort()];
        const demo = new Program(path.join(ROOT, 'client-demo/demo'), [], { env: { ...process.env,
            BACKEND: name, SIOBROKER: BROKER, DEMO_PORT1: ports[0], DEMO_PORT2: ports[1],
            DEMO_PORT: ports[2] } });
        const [, pidFile] = await demo.said(/kill \$\(cat (\S+)\)/, START_MS);
        await demo.said(/Stop: +Ctrl-C/, START_MS);
        const pid = Number(fs.readFileSync(pidFile, 'utf8'));
        await use(ports[2], () => process.kill(pid, 'SIGKILL'));
        const { code } = await demo.stop('SIGTERM', START_MS);
        assert.strictEqual(code, 0, demo.tail());
        demo.assertNoSanitizerReport();
    }

    test('python: it ends while pages are open, and nothing is lost', () =>
        onDemo('python', async (port, endBackend) => {
            const address = `http://127.0.0.1:${port}/`;
            const old = await open(address), modern = await open(`${address}client4.html`);
            const pages = [old, modern];
            for (const text of TEXTS) {
                if (text === TEXTS[1])
                    endBackend();
                await Promise.all([say(old, `${text}, 0.9`, pages),
                    say(modern, `${text}, 4.x`, pages)]);
            }
            for (const page of pages)
                assert.match(await page.locator('#tally').textContent(), /^Server[12]: 1$/);
        }));

    /* Without a browser, which is slow: what pages do is told above. */
    for (const name of ['node', 'php'])
        test(`${name}: it ends while a client is connected`, () =>
            onDemo(name, async (port, endBackend) => {
                const client = await connect(port);
                assert.match(client.greeting.server, /^Server[12]$/);
                await client.ask('join', 'chat', 'Ann');
                endBackend();
                const said = client.next('said');
                client.emit('say', 'chat', 'hello');
                assert.deepStrictEqual(await said, ['Ann', 'chat', 'hello']);
                leave(client);
            }));

    test('that it does not know is refused', async () => {
        const demo = new Program(path.join(ROOT, 'client-demo/demo'), [],
            { env: { ...process.env, BACKEND: 'cobol', SIOBROKER: BROKER } });
        const { code } = await demo.ended();
        assert.strictEqual(code, 1);
        assert.strictEqual(demo.stderr, 'demo: BACKEND is node, python or php, not cobol\n');
    });
});

describe('the demo with a script', suite, () => {
    let browser;
    before(async () => { browser = await launch(); });
    after(() => browser.close());

    test('both pages talk to each other', async () => {
        const ports = [await freePort(), await freePort(), await freePort()];
        const demo = new Program(path.join(ROOT, 'client-demo/demo'), [], { env: { ...process.env,
            APP: 'js', SIOBROKER: BROKER, DEMO_PORT1: ports[0], DEMO_PORT2: ports[1],
            DEMO_PORT: ports[2] } });
        await demo.said(/Program: +client-demo\/scripts\/chat\.js/, START_MS);
        const pages = [];
        for (const name of ['', 'client4.html']) {
            const page = await openPage(browser);
            await page.goto(`http://127.0.0.1:${ports[2]}/${name}`);
            await page.waitForFunction(() => !document.getElementById('send').disabled);
            assert.match(await page.locator('#content').textContent(),
                /^\{"server":"Server[12]","port":\d+\}$/);
            pages.push(page);
        }
        for (const [i, page] of pages.entries()) {
            await page.locator('#text').fill(`from page ${i}`);
            await page.locator('#send').click();
            await Promise.all(pages.map((any) => any.waitForFunction((text) =>
                document.getElementById('chat').textContent.includes(text), `from page ${i}`)));
        }
        const { code } = await demo.stop('SIGTERM', START_MS);
        assert.strictEqual(code, 0, demo.tail());
        demo.assertNoSanitizerReport();
    });

    for (const [env, words] of [[{ APP: 'perl' }, 'APP is js, not perl'],
        [{ APP: 'js', BACKEND: 'php' }, 'APP and BACKEND are two ways to the same: choose one']])
        test(`refused: ${words}`, async () => {
            const demo = new Program(path.join(ROOT, 'client-demo/demo'), [],
                { env: { ...process.env, ...env, SIOBROKER: BROKER } });
            const { code } = await demo.ended();
            assert.strictEqual(code, 1);
            assert.strictEqual(demo.stderr, `demo: ${words}\n`);
        });
});

describe('the demo script', suite, () => {
    test('by itself runs the chat, with both pages', async () => {
        const ports = [await freePort(), await freePort(), await freePort()];
        const demo = new Program(path.join(ROOT, 'client-demo/demo'), [], { env: { ...process.env,
            SIOBROKER: '', DEMO_PORT1: ports[0], DEMO_PORT2: ports[1], DEMO_PORT: ports[2] } });
        await demo.said(/Stop: +Ctrl-C/, START_MS);
        const addresses = demo.stdout.match(/http:\/\/127\.0\.0\.1:\d+\/(client4\.html)?(?= {4})/g);
        assert.deepStrictEqual(addresses, ['', 'client4.html'].map((page) =>
            `http://127.0.0.1:${ports[2]}/${page}`));
        const browser = await launch();
        for (const address of addresses) {
            const page = await openPage(browser);
            await page.goto(address);
            await page.waitForFunction(() => !document.getElementById('send').disabled);
            assert.match(await page.locator('#content').textContent(),
                /^\{"server":"Server[12]","port":\d+\}$/);
        }
        await browser.close();
        const { code } = await demo.stop('SIGTERM', 20000);
        assert.strictEqual(code, 0, demo.tail());
    });

    test('names a port that is taken and starts nothing', async () => {
        const taken = net.createServer();
        await new Promise((listening) => taken.listen(0, '127.0.0.1', listening));
        const { port } = taken.address();
        const demo = new Program(path.join(ROOT, 'client-demo/demo'), [], { env: { ...process.env,
            SIOBROKER: BROKER, DEMO_PORT1: await freePort(), DEMO_PORT2: port,
            DEMO_PORT: await freePort() } });
        const { code } = await demo.ended();
        taken.close();
        assert.strictEqual(code, 1);
        assert.strictEqual(demo.stderr, `demo: port ${port} is taken\n`);
    });
});
