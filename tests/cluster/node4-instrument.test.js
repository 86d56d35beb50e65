'use strict';
/*
 * A server of Node with instrument() of the Admin UI in development mode, which lists the sockets of
 * all servers for each page that connects, and ends itself if one of them does not answer.
 */

const assert = require('node:assert');
const { setTimeout: delay } = require('node:timers/promises');
const { test, after } = require('node:test');
const { HASH, USER, AdminClient, closeAll, instrument } = require('../lib/admin-ui.js');
const { startApi } = require('../lib/api.js');
const { eventually } = require('../lib/deadline.js');
const { connect, leave, leaveAll, settle } = require('../lib/modern.js');
const { NodeServer, assertHeard, record } = require('../lib/node4.js');
const { startRedis } = require('../lib/services.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const FROZEN_MS = 8000;

after(() => {
    closeAll();
    leaveAll();
});

/*
 * One that is a member has to be asked, so a page may come only before and after. Who only listens
 * is not waited for. (Node runs in this process: it would end with it.)
 */
for (const [dialect, members, comesMeanwhile] of [['node-4', 2, false], ['node-4-listen', 1, true]])
    test(`Node lives beside ${dialect}, frozen for 8 s`, suite, async () => {
        const redis = await startRedis();
        const node = await NodeServer.start(redis, 'Node', [], { requestsTimeout: 5000 });
        const quiet = instrument(node.io, { mode: 'development',
            auth: { type: 'basic', username: USER, password: HASH } });
        const our = await startApi({ config: { 'instance timeout': 60 },
            args: ['--redis', redis.url, '--dialect', dialect] });
        await eventually(async () => await node.io.of('/').adapter.serverCount() === members,
            'it is counted, or not');
        const clients = [await connect(node.port), await connect(our.port)];
        const lists = record(clients, 'numbered');
        const first = await AdminClient.open(node.port);
        const [sockets] = await first.told('all_sockets');
        assert.strictEqual(sockets.filter(({ nsp }) => nsp === '/').length, members);

        our.program.kill('SIGSTOP');
        const over = delay(FROZEN_MS);
        const later = comesMeanwhile && await AdminClient.open(node.port);
        await clients[0].ask('join', 'a room');
        node.io.emit('numbered', 1);
        await assertHeard(lists.slice(0, 1), [[1]], 'its own client, at once');
        if (later)
            await later.told('all_sockets');
        await over;
        our.program.kill('SIGCONT');

        assert.ok(first.socket.connected, 'the page is where it was');
        await assertHeard(lists, [[1]], 'nothing is lost');
        await settle(clients[0]);
        const [again] = await (await AdminClient.open(node.port)).told('all_sockets');
        assert.strictEqual(again.filter(({ nsp }) => nsp === '/').length, members);
        closeAll();
        leave(...clients);
        quiet();
        await our.stop();
        await node.stop();
        await redis.stop();
    });
