'use strict';
/*
 * A server of socket.io 4 for Node and ours behind one nginx, which sends each client to the same
 * of them: 300 sessions by each transport hear 200 numbered events. Nothing is lost or doubled.
 *
 * SESSIONS: another number of them.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll } = require('../lib/modern.js');
const { Beside } = require('../lib/node4.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const { startNginx } = require('../lib/services.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const SESSIONS = Number(process.env.SESSIONS || 300);
const EVENTS = 200;
const AT_ONCE = 25;

after(leaveAll);

const byClient = (text) => text.replace('upstream websocket {', '$&\n        hash $arg_client;');

describe('sessions at Node and at ours', suite, () => {
    let beside, nginx;
    before(async () => {
        beside = await Beside.start({ dialect: 'node-4', nodes: 1, ours: 1 });
        nginx = await startNginx([beside.node.port, beside.our.port], { edit: byClient });
    });
    after(async () => {
        await nginx.stop();
        await beside.stop();
    });

    async function listener(i, way) {
        const client = await connect(nginx.port, { way, query: { client: `${way}${i}` } });
        client.heard = { Node: [], Ours1: [] };
        client.on('broadcast', ([from, n]) => client.heard[from].push(n));
        return client;
    }

    /* Half of the numbers are said by Node, half by a client of ours. */
    async function say(speaker) {
        for (let n = 0; n < EVENTS / 2; n++) {
            beside.node.io.emit('broadcast', ['Node', n]);
            speaker.emit('broadcast', ['Ours1', n]);
            if (n % 10 === 9)
                await speaker.ask('echo', n);
        }
    }

    for (const way of ['websocket', 'polling']) {
        test(`by ${way}`, { timeout: 280000 }, async () => {
            const clients = [];
            for (let i = 0; i < SESSIONS; i += AT_ONCE)
                clients.push(...await Promise.all(Array.from(
                    { length: Math.min(AT_ONCE, SESSIONS - i) }, (_, k) => listener(i + k, way))));
            const places = clients.map(({ greeting }) => greeting.server);
            assert.deepStrictEqual([...new Set(places)].sort(), ['Node1', 'Ours1']);
            const speaker = await connect(beside.our.port);
            await say(speaker);
            const all = Array.from({ length: EVENTS / 2 }, (_, n) => n);
            await eventually(() => clients.every(({ heard }) => heard.Node.length >= all.length &&
                heard.Ours1.length >= all.length), 'everyone has heard as many', 120000);
            for (const { heard } of clients)
                assert.deepStrictEqual(heard, { Node: all, Ours1: all });
            assert.ok(clients.every(({ socket }) => socket.connected));
            leave(speaker, ...clients);
        });
    }
});
