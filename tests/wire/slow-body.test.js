'use strict';
/* A body that comes slowly is taken; one that makes no progress, or hardly any, is late. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');

const TIMEOUT_MS = 1000, STEP_MS = 100, PIECE = 1000;
const CONFIG = { 'request timeout': TIMEOUT_MS / 1000, 'min body rate': 1000 };
const N_PIECES = 2 * TIMEOUT_MS / STEP_MS; /* so that all of it takes longer than that */

const FRAMINGS = {
    'with its length': { header: (length) => `Content-Length: ${length}`, piece: (text) => text,
        end: '' },
    'in chunks': { header: () => 'Transfer-Encoding: chunked',
        piece: (text) => `${text.length.toString(16)}\r\n${text}\r\n`, end: '0\r\n\r\n' },
};

/* The event echo with so many bytes, and where it comes back. */
const PROTOCOLS = {
    '0.9': async (port) => {
        const poller = await polling.connect(port, 'xhr-polling');
        return { target: poller.url, packet: (x) => `5:::{"name":"echo","args":["${x}"]}`,
            echoed: () => poller.poll() };
    },
    'Engine.IO': async (port) => {
        const session = await engine.poll(port, 4);
        return { target: engine.url(session.query), packet: (x) => `42["echo","${x}"]`,
            echoed: () => session.next() };
    },
};

async function begin(port, target, framing, length) {
    const connection = await http.connect(port);
    connection.write(`POST ${target} HTTP/1.1\r\nHost: a\r\n${framing.header(length)}\r\n\r\n`);
    return connection;
}

const OPTIONS = { skip: BETTER.skip || NEEDS_CONTRACT.skip, concurrency: true };

describe('slow bodies', OPTIONS, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true, config: CONFIG }); });
    after(() => broker.stop());

    for (const [protocol, open] of Object.entries(PROTOCOLS)) {
        for (const [name, framing] of Object.entries(FRAMINGS)) {
            test(`${protocol}, ${name}: progress is enough`, async () => {
                const { target, packet, echoed } = await open(broker.port);
                const text = packet('x'.repeat(N_PIECES * PIECE));
                const connection = await begin(broker.port, target, framing, text.length);
                for (let at = 0; at < text.length; at += PIECE) {
                    connection.write(framing.piece(text.slice(at, at + PIECE)));
                    await sleep(STEP_MS);
                }
                connection.write(framing.end);
                assert.strictEqual((await connection.response()).status, 200);
                await eventually(async () => (await echoed()).includes(text), 'the echo');
                connection.destroy();
            });

            test(`${protocol}, ${name}: a byte now and then is not`, async () => {
                const { target } = await open(broker.port);
                const connection = await begin(broker.port, target, framing, 10000);
                const drops = setInterval(() => connection.write(framing.piece('x')), STEP_MS);
                try {
                    assert.strictEqual((await connection.response()).status, 408);
                    await connection.end();
                } finally {
                    clearInterval(drops);
                    connection.destroy();
                }
            });

            test(`${protocol}, ${name}: nor is a good beginning`, async () => {
                const { target } = await open(broker.port);
                const connection = await begin(broker.port, target, framing, 500001);
                connection.write(framing.piece('x'.repeat(500000)));
                assert.strictEqual((await connection.response()).status, 408);
                connection.destroy();
            });
        }
    }
});
