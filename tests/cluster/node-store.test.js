'use strict';
/*
 * The data of clients: ours and Node use the same hash, with the bare session id as its key (8.4).
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { ALL_NODE, MIXED, Member, Mixed, peer, redisCommand } = require('../lib/mixed.js');

const BETTER = { skip: ALL_NODE && 'the original does otherwise' };

describe('client data in a mixed cluster', MIXED, () => {
    let mixed, our, node, redis;
    before(async () => {
        mixed = await Mixed.start();
        ({ our, node, redis } = mixed);
    });
    after(() => mixed.stop());

    test('what ours has set is where Node looks for it', async () => {
        const client = await Member.connect({ at: our });
        await client.ask('set', ['nick', 'bob']);
        assert.strictEqual(await redisCommand(redis, 'TYPE', client.id), 'hash');
        assert.match(await redisCommand(redis, 'HGET', client.id, 'nick'), /bob/);
        assert.strictEqual(await redisCommand(redis, 'TTL', client.id), '-1');
        client.leave();
    });

    test('what Node has set, ours finds', BETTER, async () => {
        const client = await Member.connect({ at: our });
        /* The contract keeps JSON, so that is what the other process writes. */
        await peer(node, 'set', { id: client.id, key: 'nick', value: '"é😀"' });
        await eventually(async () => (await client.ask('get', ['nick']))[0] === 'é😀', 'the value');
        client.leave();
    });

    test('at the end it lives on for 15 seconds', async () => {
        const client = await Member.connect({ at: our });
        await client.ask('set', ['nick', 'bob']);
        client.leave();
        await eventually(async () => {
            const ttl = Number(await redisCommand(redis, 'TTL', client.id));
            return ttl > 10 && ttl <= 15;
        }, 'an expiry');
    });

    test('the keys of ours for handshakes and instances have their prefix', BETTER, async () => {
        const client = await Member.connect({ at: our });
        const keys = (await redisCommand(redis, 'KEYS', '*')).split('\n').filter(Boolean);
        for (const key of keys)
            assert.match(key, /^(sio:|[A-Za-z0-9_-]{20}$)/);
        client.leave();
    });
});
