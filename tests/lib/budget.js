'use strict';
/*
 * budget.js - strangers who take memory, and an honest client that is served all the while. Memory
 * is that of the plain build.
 */

const fs = require('node:fs');
const path = require('node:path');
const { DEADLINE_MS } = require('./deadline.js');
const engine = require('./engine.js');
const { residentBytes } = require('./program.js');
const { REFERENCE, ROOT, startBroker } = require('./server.js');

const PLAIN = path.join(ROOT, 'build', 'contract-server');
const MEMORY = { skip: REFERENCE ? 'about our own program'
    : !fs.existsSync(PLAIN) && 'needs the plain build' };

const MB = 1e6;
const from = (address) => ({ 'X-Forwarded-For': address });
const STRANGER = from('203.0.113.66'), HONEST = from('198.51.100.7');

/* A polling session that has joined, all of its requests from there. */
async function join(port, headers, auth = '') {
    const client = new engine.Polling(port, 4);
    await client.open(headers);
    await client.send(`40${auth}`);
    return client;
}

/* With state recovery, what is echoed has an offset behind it. */
async function assertEchoed(client) {
    await client.send('42["echo","here"]');
    while (!(await client.next()).startsWith('42["echo","here"'));
}

/*
 * The honest client came first, and is served when all is over. The attack is given the broker and
 * a function that tells how many bytes it has more than before.
 */
async function withHonest(config, attack) {
    const broker = await startBroker({ contract: true, file: PLAIN,
        config: { ...config, pingTimeout: 10 * DEADLINE_MS } });    /* it does not poll meanwhile */
    const honest = await join(broker.port, HONEST);
    const before = residentBytes(broker.program.pid);
    try {
        await attack(broker, () => residentBytes(broker.program.pid) - before);
        await assertEchoed(honest);
    } finally {
        await broker.stop();
    }
}

module.exports = { HONEST, MB, MEMORY, STRANGER, assertEchoed, from, join, withHonest };
