'use strict';
/*
 * The client for Python that Debian ships (python3-socketio-client; PyPI: socketIO-client),
 * which reads no polls but those in the binary framing of socket.io 1.x.
 */

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');
const { test, describe, before, after } = require('node:test');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const run = promisify(execFile);
const PYTHON = '/usr/bin/python3';          /* which finds Debian's packages */
const SCRIPT = path.join(__dirname, 'python-client.py');

describe("Debian's client for Python", NEEDS_CONTRACT, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true, config: { name: 'C' } }); });
    after(() => broker.stop());

    for (const [way, transport] of [['xhr-polling', 'polling'], ['websocket', 'websocket']]) {
        test(`echo and acknowledgement by ${way}`, async () => {
            const { stdout } = await run(PYTHON, ['-W', 'ignore', SCRIPT, broker.port, way],
                { timeout: 60000 });
            const { same, who: [who] } = JSON.parse(stdout);
            assert.strictEqual(same, true, stdout);
            assert.strictEqual(who.transport, transport);
            assert.strictEqual(who.server, 'C');
        });
    }
});
