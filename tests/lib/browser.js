'use strict';
/* browser.js - a headless browser that is installed here; CHROMIUM names another one. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const START_MS = 60000;
/*
 * A page that is closed between two polls leaves no connection that breaks: it is missed when its
 * pong is, a ping interval and a ping timeout later (25 s and 20 s of Engine.IO).
 */
const MISSED_MS = 45000 + 30000;

function find() {
    const folders = process.env.PATH.split(':');
    const candidates = process.env.CHROMIUM ? [process.env.CHROMIUM]
        : NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
    const found = candidates.find((file) => fs.existsSync(file));
    assert.ok(found, `none of ${NAMES.join(', ')} is installed`);
    return found;
}

function launch() {
    const asRoot = process.getuid() === 0 ? ['--no-sandbox'] : [];
    return chromium.launch({ executablePath: find(), timeout: START_MS,
        args: ['--disable-gpu', '--disable-dev-shm-usage', ...asRoot] });
}

/* In a page: io.connect() of 0.9 gives each transport a minute, whatever the page says. */
function waitForTransports() {
    const waiting = { 'connect timeout': 60000 };
    let io;
    Object.defineProperty(window, 'io', {
        get: () => io,
        set(library) {
            let connect;
            io = library;
            if (!io.connect)        /* what 0.9 is filled with comes later */
                Object.defineProperty(io, 'connect', { get: () => connect,
                    set(original) {
                        connect = (address, options) =>
                            original(address, { ...options, ...waiting });
                    } });
        },
    });
}

/*
 * A new page; options as for browser.newPage(). Clients of 0.9 in it are patient: the demo gives a
 * transport half a second and then takes the next, as the article's page does, and a busy machine
 * may need longer for a websocket.
 */
async function openPage(browser, options) {
    const page = await browser.newPage(options);
    await page.addInitScript(waitForTransports);
    return page;
}

module.exports = { MISSED_MS, launch, openPage };
