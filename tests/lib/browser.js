'use strict';
/* browser.js - a headless browser that is installed here; CHROMIUM names another one. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const START_MS = 60000;

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

module.exports = { launch };
