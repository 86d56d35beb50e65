'use strict';
/*
 * The two pages of the demo side by side: clients of socket.io 0.9 and 4.8 in one chat, through the
 * demo's nginx, in turn and without affinity to two instances of client-demo/chat.c.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after, afterEach } = require('node:test');
const { pathToFileURL } = require('node:url');
const { isDeepStrictEqual } = require('node:util');
const { MISSED_MS, launch, openPage } = require('../lib/browser.js');
const { startCluster } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { CHAT, REFERENCE, ROOT } = require('../lib/server.js');
const { scratch } = require('../lib/program.js');
const { startNginx } = require('../lib/services.js');

const OUTPUT = path.join(ROOT, 'build/test-output');
const PATIENCE_MS = 30000;
const suite = { skip: REFERENCE && 'about our own program' };

/* What a page connects by, and what it shows about that when all is done. */
const WAYS = {
    '0.9': { file: 'client.html', client: 'client 0.9.16', transport: 'websocket' },
    '4.8 upgraded': { file: 'client4.html', client: 'client 4.x', transport: 'websocket' },
    '4.8 polling': { file: 'client4.html', way: 'polling', client: 'client 4.x',
        transport: 'polling' },
    '4.8 websocket': { file: 'client4.html', way: 'websocket', client: 'client 4.x',
        transport: 'websocket' },
};

const SAYINGS = ['Grüße, 世界 € 😀 \u2028', '<b>bold</b> & <img src=x onerror="alert(1)">',
    '\\"\'{}[]'];

/* One page with its client. */
class Visitor {
    constructor(kind, page) {
        this.kind = kind;
        this.page = page;
        this.name = kind;
    }

    text(id) {
        return this.page.locator(`#${id}`).textContent();
    }

    /* It has been greeted, is in the chat, and uses the transport that it should. */
    async connected() {
        const { transport } = WAYS[this.kind];
        const wanted = { greeted: true, transport, mayTalk: true };
        let shown;
        await eventually(async () => {
            shown = await this.page.evaluate(() => ({
                greeted: /^\{"server":/.test(document.getElementById('content').textContent),
                transport: document.getElementById('transport').textContent,
                mayTalk: !document.getElementById('send').disabled,
            }));
            return isDeepStrictEqual(shown, wanted);
        }, () => `${this.name} is connected, by ${transport}, not ${JSON.stringify(shown)}`,
        PATIENCE_MS);
        this.instance = JSON.parse(await this.text('content')).server;
    }

    async rename(name) {
        await this.page.fill('#name', name);
        await this.page.locator('#name').blur();
        this.name = name;
    }

    async say(text) {
        await this.page.fill('#text', text);
        await this.page.click('#send');
    }

    lines() {
        return this.page.locator('#chat p').allTextContents();
    }

    /* Wait until each of these lines is there as often as it is among them. */
    hears(lines, patienceMs = PATIENCE_MS) {
        let heard;
        return eventually(async () => {
            heard = await this.lines();
            return lines.every((line) => heard.filter((other) => other === line).length ===
                lines.filter((other) => other === line).length);
        }, () => `${this.name} hears ${lines.join(' | ')}, not ${heard.join(' | ')}`, patienceMs);
    }

    present() {
        return this.page.evaluate(() => Object.fromEntries(
            [...document.querySelectorAll('#present tr')].map((row) =>
                [...row.cells].map((cell) => cell.textContent))));
    }
}

/* How the lists of all should describe one. */
function description({ kind, instance }) {
    return `${WAYS[kind].client}, ${WAYS[kind].transport}, ${instance}`;
}

/* All lists show just these visitors, as they are connected. */
async function allListed(visitors) {
    const wanted = Object.fromEntries(visitors.map((visitor) =>
        [visitor.name, description(visitor)]));
    let shown;
    try {
        await eventually(async () => {
            shown = await Promise.all(visitors.map((visitor) => visitor.present()));
            return shown.every((list) => isDeepStrictEqual(list, wanted));
        }, 'all lists are complete', PATIENCE_MS);
    } catch (error) {
        assert.deepStrictEqual(shown, visitors.map(() => wanted), error.message);
    }
}

/* Each says something; everyone hears it, once, from the one who said it. */
async function allTalk(visitors, text) {
    const lines = visitors.map(({ name }) => `${name}: ${text} ${name}`);
    for (const visitor of visitors)
        await visitor.say(`${text} ${visitor.name}`);
    await Promise.all(visitors.map((visitor) => visitor.hears(lines)));
}

describe('both pages in one chat', suite, () => {
    let cluster, nginx, browser;
    let visitors = [], problems = [];
    /* Part of the names, which have 20 letters at most: one of an earlier test may be missed now. */
    let guests = 0;

    before(async () => {
        cluster = await startCluster(2, { file: CHAT, config: { 'instance timeout': 5,
            cors: { origin: true, credentials: true } } });
        nginx = await startNginx(cluster.ports);
        browser = await launch();
    });

    after(async () => {
        await browser.close();
        await nginx.stop();
        await cluster.stop();
    });

    afterEach(async () => {
        await Promise.all(visitors.map(({ page }) => page.close()));
        visitors = [];
        const complaints = problems;
        problems = [];
        assert.deepStrictEqual(complaints, [], 'the browser has complained');
    });

    const address = ({ file, way = 'upgrade' }, target) =>
        `http://127.0.0.1:${nginx.port}/${file}?target=${target}&transport=${way}`;

    async function open(kind, { target = 'both', url = address(WAYS[kind], target) } = {}) {
        const visitor = new Visitor(kind, await openPage(browser,
            { viewport: { width: 800, height: 900 } }));
        visitor.page.on('pageerror', (error) => problems.push(String(error)));
        visitor.page.on('console', (message) => {
            if (message.type() === 'error' && !visitor.ofBrokenConnection)
                problems.push(message.text());
        });
        visitors.push(visitor);
        await visitor.page.goto(url);
        await visitor.connected();
        await visitor.rename(`${kind} ${++guests}`);
        return visitor;
    }

    for (const target of ['one', 'both']) {
        for (const kind of Object.keys(WAYS).slice(1)) {
            test(`0.9 and ${kind}, target ${target}`, async () => {
                await open('0.9', { target });
                await open(kind, { target });
                await allListed(visitors);
                for (const saying of SAYINGS)
                    await allTalk(visitors, saying);
                for (const visitor of visitors)
                    assert.strictEqual(await visitor.page.locator('#chat p *').count(), 0,
                        'nothing said is HTML');
            });
        }
    }

    test('all four at once, and one after the other leaves', async () => {
        for (const kind of Object.keys(WAYS))
            await open(kind);
        await allListed(visitors);
        await allTalk(visitors, 'hello');
        fs.mkdirSync(OUTPUT, { recursive: true });
        for (const { kind, page } of visitors)
            await page.screenshot({ path: path.join(OUTPUT,
                `demo-${kind.replace(' ', '-')}.png`) });
        while (visitors.length > 1) {
            const leaver = visitors.pop();
            await leaver.page.close();
            await Promise.all(visitors.map((visitor) =>
                visitor.hears([`${leaver.name} has left`], MISSED_MS)));
            await allListed(visitors);
        }
    });

    test('pages that are reloaded are in the chat again, under a new name', async () => {
        for (const kind of Object.keys(WAYS))
            await open(kind);
        for (const visitor of [...visitors]) {
            await visitor.page.reload();
            await visitor.connected();
            await visitor.rename(`${visitor.name} bis`);
        }
        await allListed(visitors);
        await allTalk(visitors, 'again');
    });

    test('the button of the page of 4.8 reaches both instances', async () => {
        const visitor = await open('4.8 websocket');
        for (const times of [1, 2, 3]) {
            await visitor.page.click('#reconnect');
            await visitor.page.waitForFunction((n) => [...document.getElementById('tally')
                .textContent.matchAll(/: (\d+)/g)].reduce((sum, [, m]) => sum + Number(m), 0) === n,
            times + 1);
        }
        assert.match(await visitor.text('tally'), /^Server1: [123], Server2: [123]$/);
        await visitor.connected();
    });

    for (const kind of Object.keys(WAYS)) {
        test(`${kind} opened as a file`, async () => {
            const { file, way } = WAYS[kind];
            const ports = { 3100: cluster.ports[0], 3102: nginx.port };
            const copy = path.join(scratch(), file);
            fs.writeFileSync(copy, fs.readFileSync(path.join(ROOT, 'client-demo', file), 'utf8')
                .replace(/\b310[02]\b/g, (usual) => ports[usual]));
            for (const target of ['direct', 'one', 'both']) {
                await open(kind, { url: `${pathToFileURL(copy)}?target=${target}&` +
                    `transport=${way || 'upgrade'}` });
            }
            await allTalk(visitors.slice(0, 1), 'from a file');
        });
    }

    test('an instance is killed: all come back, and hear each other', async () => {
        for (const kind of Object.keys(WAYS))
            await open(kind);
        for (const visitor of visitors)
            visitor.ofBrokenConnection = true;     /* the browser's log tells of it, rightly */
        await cluster.instances[0].program.stop('SIGKILL');
        for (const visitor of visitors)
            visitor.instance = 'Server2';
        await allListed(visitors);
        await Promise.all(visitors.map((visitor) => visitor.connected()));
        await allTalk(visitors, 'after that');
        await cluster.start(0);
        await allTalk(visitors, 'and with a new one');
    });
});
