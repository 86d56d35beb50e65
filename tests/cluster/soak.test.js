'use strict';
/* The soak (soak.js) for half a minute, with one fault of each kind; times are not judged here. */

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { Program } = require('../lib/program.js');
const { NEEDS_CONTRACT } = require('../lib/server.js');

const SHORT = ['--minutes', '0.5', '--clients', '20', '--real', '8', '--attackers', '1',
    '--latency', '0'];
const MOST_MS = 150000;

test('clients lose nothing but by faults, among attackers', NEEDS_CONTRACT, async () => {
    const soak = new Program(process.execPath, [path.join(__dirname, 'soak.js'), ...SHORT]);
    soak.lastSignal = 'SIGTERM';    /* it ends what it has started */
    const { code } = await soak.ended(MOST_MS);
    assert.strictEqual(code, 0, soak.stdout + soak.stderr);
});
