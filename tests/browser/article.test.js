'use strict';
/*
 * The programs of the article, byte for byte (tests/article), run by siobroker as scripts, behind
 * the article's nginx.conf, with the article's pages in a browser. The command line gives them
 * ports that are free, and a Redis of this test.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { pathToFileURL } = require('node:url');
const { launch, openPage } = require('../lib/browser.js');
const { Broker, BROKER, REFERENCE, ROOT } = require('../lib/server.js');
const { Program, freePort, scratch } = require('../lib/program.js');
const http = require('../lib/http.js');
const { env, ready, startRedis, withPorts } = require('../lib/services.js');

const ARTICLE = path.join(ROOT, 'tests/article');
const MODULES = path.join(ROOT, 'tests/node_modules');
const PATIENCE_MS = 30000;

const read = (name) => fs.readFileSync(path.join(ARTICLE, name), 'utf8');

const run = (name, port, ...args) =>
    new Broker(BROKER, ['--port', port, ...args, path.join(ARTICLE, name)]).listening();

/* The page as a file, beside what bower has installed. */
function savePage(name, ports) {
    const folder = scratch();
    const components = path.join(folder, 'bower_components');
    fs.mkdirSync(components);
    for (const component of ['socket.io-client', 'jquery'])
        fs.symlinkSync(path.join(MODULES, component), path.join(components, component));
    fs.writeFileSync(path.join(folder, 'client.html'), withPorts(read(name), ports));
    return pathToFileURL(path.join(folder, 'client.html')).href;
}

/* The article shows the part "http" of the file; `edit` chooses where it leads. */
async function startNginx(ports, edit = (text) => text) {
    const folder = scratch();
    const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((name) => `${name}_temp_path ${name};`).join(' ');
    const conf = edit(withPorts(read('chapter5-nginx.conf'), ports))
        .replace('http{', `pid nginx.pid; events {}\nhttp{ access_log off; ${own}`);
    fs.writeFileSync(path.join(folder, 'nginx.conf'), conf);
    fs.chmodSync(folder, 0o755);    /* started by root, its workers are somebody else */
    const nginx = new Program('nginx', ['-p', folder, '-e', 'error.log', '-c',
        path.join(folder, 'nginx.conf'), '-g', 'daemon off;'], { env });
    nginx.lastSignal = 'SIGTERM';
    await ready(nginx, ports[3102]);
    return nginx;
}

describe('the article', { skip: REFERENCE && 'about our own program' }, () => {
    let browser, ports;

    before(async () => {
        browser = await launch();
        ports = { 3100: await freePort(), 3101: await freePort(), 3102: await freePort() };
    });
    after(() => browser.close());

    /* What the page shows once it is not "connecting....". */
    async function shown(address) {
        const page = await openPage(browser);
        await page.goto(address);
        await page.waitForFunction(() =>
            document.getElementById('content').textContent.startsWith('{'), null,
        { timeout: PATIENCE_MS });
        const text = await page.locator('#content').textContent();
        await page.close();
        return text;
    }

    test('chapters 2 and 3: one program, and a page that connects to it', async () => {
        const app1 = await run('chapter2-app1.js', ports[3100]);
        assert.strictEqual(await shown(savePage('chapter3-client.html', ports)),
            '{"server":"Server1","port":3100}');
        await app1.stop();
    });

    test('chapter 4: nginx in front of it', async () => {
        const app1 = await run('chapter4-app1.js', ports[3100]);
        const nginx = await startNginx(ports, (text) =>
            text.replace('proxy_pass http://websocket;', '').replace('#proxy_pass', 'proxy_pass'));
        assert.strictEqual(await shown(savePage('chapter4-client.html', ports)),
            '{"server":"Server1","port":3100}');
        await nginx.stop();
        await app1.stop();
    });

    test('chapter 5: two programs and Redis, and either answers', async () => {
        const redis = await startRedis();
        const apps = await Promise.all([
            run('chapter5-app1.js', ports[3100], '--redis', redis.url),
            run('chapter5-app2.js', ports[3101], '--redis', redis.url)]);
        const nginx = await startNginx(ports);
        const address = savePage('chapter4-client.html', ports);
        const seen = new Set();
        /* A page takes two turns, handshake and websocket: another request is for the next one. */
        for (let i = 0; i < 10 && seen.size < 2; i++) {
            seen.add(await shown(address));
            await http.get(ports[3102], '/socket.io/');
        }
        assert.deepStrictEqual([...seen].sort(), ['{"server":"Server1","port":3100}',
            '{"server":"Server2","port":3101}']);
        await nginx.stop();
        for (const app of apps)
            await app.stop();
        await redis.stop();
    });
});
