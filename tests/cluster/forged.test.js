'use strict';
/* What others write to the Redis of a cluster: instances count it, drop it, and go on. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters, Witnesses } = require('../lib/cluster.js');
const { message, command } = require('../lib/cluster-message.js');
const { eventually } = require('../lib/deadline.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const LOST_SECONDS = 8;

/* Six bytes each, as the tags of instances, but of which none can be one. */
const NO_TAGS = ['ab\0cde', '\0\0\0\0\0\0', 'abcde\0', 'ab\ncde', 'ab cde', 'ab:cde', 'ab*cde',
    '\xff\xfe\xfd\xfc\xfb\xfa', '\xc3\xa9\xc3\xa9\xc3\xa9'];

/* Another one for each message: who is silent is soon lost, and not heard any more. */
let nStrangers = 0;
const stranger = () => `no${String(++nStrangers).padStart(4, '0')}`;

describe('two instances, and what a stranger writes to their Redis', suite, () => {
    let cluster, witnesses;
    before(async () => {
        cluster = await startCluster(2, { config: { 'instance timeout': LOST_SECONDS } });
        witnesses = await Witnesses.of(cluster);
    });
    after(() => cluster.stop());

    const publish = (channel, bytes) => command(cluster.redis, 'PUBLISH', `sio:${channel}`, bytes);
    const tags = async () =>
        (await cluster.redis.command('SMEMBERS', 'sio:instances')).split('\n');
    const bad = async (i) => (await counters(cluster.instances[i])).bad_messages;

    /* How many events the client at each instance has heard. */
    const heard = () => witnesses.clients.map((client) =>
        [...client.events.values()].reduce((n, events) => n + events.length, 0));

    /* What is sent is one bad message each, for every instance that hears it, and nothing more. */
    async function refused(n, send) {
        const heardBefore = heard();
        const before = await Promise.all(cluster.instances.map((_, i) => bad(i)));
        await send();
        for (const i of cluster.instances.keys())
            await eventually(async () => await bad(i) >= before[i] + n, 'has counted them');
        assert.deepStrictEqual(heard(), heardBefore);
        assert.deepStrictEqual(await Promise.all(cluster.instances.map((_, i) => bad(i))),
            before.map((count) => count + n));
        await witnesses.settle();
    }

    test('a message of an instance that no instance is', () => refused(NO_TAGS.length, async () => {
        for (const tag of NO_TAGS)
            await publish('cast', message('b', { f: tag }));
    }));

    test('a message to one of them, of the same', () => refused(NO_TAGS.length, async () => {
        for (const own of await tags())
            for (const tag of NO_TAGS)
                await publish(`to:${own}`, message('r', { f: tag, s: 1 }));
    }));

    test('a message that is about such an instance', () => refused(4 * NO_TAGS.length, async () => {
        for (const own of await tags())
            for (const tag of NO_TAGS)
                for (const kind of 'ogpi')
                    await publish(`to:${own}`, message(kind,
                        { f: stranger(), s: 1, o: tag, i: 'abcdefghij', c: 1, t: 'xhr-polling' }));
    }));

    test('bytes that are no message', () => refused(5, async () => {
        for (const bytes of ['', '\0', '2bf\x06abcdef.', '1bf\x06abcdef', '1\0f\x06abcdef.'])
            await publish('cast', bytes);
    }));

    test('events that no client could read', () => refused(6, async () => {
        for (const [e, v] of [['"x"', '[\xff]'], ['"x"', '["\xc3"]'], ['"x"', '[1'], ['"x"', '{}'],
            ['"\xff"', '[1]'], ['x', '[1]']])
            await publish('cast', message('c', { f: stranger(), T: 4, e, v }));
    }));

    test('rooms that have no name', () => refused(2, async () => {
        for (const e of ['a\0b', 'a\xffb'])
            await publish('cast', message('z', { f: stranger(), T: 1, e }));
    }));

    test('more instances than there can be: one that starts is not hidden by them', async () => {
        await cluster.redis.command('EVAL', `for i = 1, 1500 do redis.call('PUBLISH', 'sio:cast',
            '1bf\\6' .. string.format('inv%03x', i) .. '.') end return 1`, '0');
        for (const instance of cluster.instances)
            assert.ok((await counters(instance)).peers <= 1000);
        const third = await cluster.start(2);
        const client = await cluster.local(2);
        const begun = Date.now();
        await eventually(() => {
            client.emitEvent('broadcast', ['of a real one']);
            return witnesses.clients.every((witness) =>
                witness.numbers('broadcast').includes('of a real one'));
        }, 'both hear it', 1000 * LOST_SECONDS);
        witnesses.clients[0].emitEvent('broadcast', ['to a real one']);
        await client.until(() => client.numbers('broadcast').includes('to a real one'),
            'it hears them');
        assert.ok(Date.now() - begun < 500 * LOST_SECONDS, `after ${Date.now() - begun} ms`);
        await third.stop();
        cluster.instances.pop();
    });

    test('members of the set of instances that are none: one that starts lives', async () => {
        for (const member of [...NO_TAGS, '', 'short', 'x'.repeat(10000)])
            await command(cluster.redis, 'SADD', 'sio:instances', member);
        const third = await cluster.start(2);
        await eventually(async () => (await counters(third)).bad_messages === NO_TAGS.length,
            'has looked at the set');
        await cluster.met();
        const client = await cluster.local(2);
        client.emitEvent('broadcast', ['of the third']);
        for (const witness of witnesses.clients)
            await witness.until(() => witness.numbers('broadcast').includes('of the third'),
                'hears it');
        await third.stop();
        cluster.instances.pop();
        for (const member of NO_TAGS)
            await command(cluster.redis, 'SREM', 'sio:instances', member);
    });

    test('sessions of a lost instance that nobody can have had', async () => {
        const before = await Promise.all(cluster.instances.map((_, i) => bad(i)));
        await command(cluster.redis, 'SADD', 'sio:sessions:nobody', 'good session', 'bad\0session',
            '\0', '', 'x'.repeat(10000));
        await publish('cast', message('b', { f: 'nobody' }));
        await witnesses.see('good session', 'instance lost', 10000 + 1000 * LOST_SECONDS);
        const added = await Promise.all(cluster.instances.map(
            async (_, i) => await bad(i) - before[i]));
        assert.strictEqual(added[0] + added[1], 2);
        assert.deepStrictEqual(witnesses.reasons('bad'), [[], []]);
    });
});
