'use strict';
/*
 * Behind nginx: requests that it may read in one way and we in another (lib/http-cases.js). One
 * that comes in is one that is answered, and nobody gets the answer to another.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { BAD, GOOD, MARK } = require('../lib/http-cases.js');
const http = require('../lib/http.js');
const { BETTER, startBroker } = require('../lib/server.js');
const { startNginx } = require('../lib/services.js');

const VICTIMS = 3;

/* What a connection is sent until it ends, or has been silent for a moment. */
async function answersTo(port, bytes) {
    const connection = await http.connect(port);
    connection.socket.on('error', () => {});
    connection.write(Buffer.from(bytes, 'latin1'));
    const answers = [];
    try {
        for (;;)
            answers.push(await connection.response({ ms: answers.length === 0 ? 5000 : 100 }));
    } catch (error) {
        assert.ok(answers.length > 0, error);
    }
    connection.destroy();
    return answers;
}

describe('through nginx', BETTER, () => {
    let broker, nginx, last = 1000;
    before(async () => {
        broker = await startBroker();
        nginx = await startNginx([broker.port, broker.port],
            { edit: (text) => text.replace(/^ *limit_(req|conn) .*$/gm, '') });
    });
    after(async () => {
        await nginx.stop();
        await broker.stop();
    });

    /* Each on a connection of its own; nginx sends them on over those that it has kept. */
    async function assertOthersServed() {
        await Promise.all(Array.from({ length: VICTIMS }, async () => {
            const mark = ++last;
            const { text } = await http.get(nginx.port, `/socket.io/1/?jsonp=${mark}`);
            assert.ok(text.startsWith(`io.j[${mark}](`), text);
        }));
    }

    for (const [what, bytes] of [...BAD, ...GOOD]) {
        if (what === 'HTTP/0.9')
            continue;       /* nginx answers with a page, and no head */
        test(what, async () => {
            /* with a path that nginx sends on to us */
            const there = bytes.replace(/^(\r?\n?\w+ )\/ /, '$1/socket.io/ ');
            const before = await broker.counters();
            const answers = await answersTo(nginx.port, there);
            const { requests, bad_requests: bad } = await broker.counters();
            /* one that is refused for what it asks for is counted as both */
            const n = Math.max(requests - before.requests, bad - before.bad_requests);
            /* nginx may take what comes behind a good request for the next one, as it should */
            const isTwo = answers.some(({ text }) => text.startsWith(`io.j[${MARK}]`));
            assert.ok(n <= answers.length, `${n} requests, ${answers.length} answers`);
            assert.ok(answers.length <= (isTwo ? 2 : 1),
                answers.map(({ head, text }) => `${head}\n\n${text}`).join('\n---\n'));
            await assertOthersServed();
        });
    }
});
