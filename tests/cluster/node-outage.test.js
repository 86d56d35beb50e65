'use strict';
/*
 * Redis goes away and comes back in a mixed cluster: local clients are served throughout, and Node
 * hears then what it has missed - the sessions that ours has opened and ended meanwhile.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { ALL_NODE, MIXED, Member, Mixed, peer, redisCommand, settle } =
    require('../lib/mixed.js');

const suite = { skip: MIXED.skip || (ALL_NODE && 'the original does otherwise') };

describe('Redis restarted in a mixed cluster', suite, () => {
    let mixed, our, node;
    before(async () => {
        mixed = await Mixed.start();
        ({ our, node } = mixed);
    });
    after(() => mixed.stop());

    const tables = () => peer(node);

    test('what was missed is told again', async () => {
        const local = await Member.connect({ at: our, name: 'local' });
        const far = await Member.connect({ at: node, name: 'far' });
        const ended = await Promise.all(Array.from({ length: 20 },
            () => Member.connect({ at: our })));
        await local.ask('join', ['kept']);
        await eventually(async () => (await tables()).connected === 22, 'Node knows all of them');

        await mixed.redis.stop('SIGKILL');
        assert.deepStrictEqual(await local.ask('echo', [1]), [1]);
        for (const client of ended)
            client.leave();
        const opened = [];
        for (let i = 0; i < 20; i++) {
            opened.push(await Member.connect({ at: our }));
            await opened[i].ask('join', [`r${i % 2}`]);
        }
        await local.emit('broadcast', ['not lost here']);
        await local.until('5:::{"name":"broadcast","args":["not lost here"]}');

        await mixed.redis.start();
        await eventually(async () => {
            const { connected, handshaken, rooms } = await tables();
            return connected === 22 && handshaken === 22 && rooms['/kept'] === 1 &&
                rooms['/r0'] === 10 && rooms['/r1'] === 10 && rooms[''] === 22;
        }, 'Node knows who is there, and who is not', 20000).catch(async (error) => {
            error.message += `\n${JSON.stringify(await tables())}`;
            throw error;
        });
        await mixed.ready();
        await settle([local, far, ...opened], [local, far]);
        opened.concat(local).forEach((client) => client.leave());
        await eventually(async () => (await tables()).connected === 1, 'only far is left');
        far.leave();
    });

    test('a Node process that is thrown out of its subscriptions hears again', async () => {
        const local = await Member.connect({ at: our });
        const far = await Member.connect({ at: node });
        await redisCommand(mixed.redis, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
        await mixed.ready();
        await settle([local, far], [local, far]);
        local.leave();
        far.leave();
    });
});
