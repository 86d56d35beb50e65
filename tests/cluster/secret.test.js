'use strict';
/*
 * Instances that share a secret, and a stranger who can write to their Redis, and read there: what
 * the stranger makes up is dropped, and so is what an instance has said before.
 */

const assert = require('node:assert');
const net = require('node:net');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters, Witnesses } = require('../lib/cluster.js');
const { message } = require('../lib/cluster-message.js');
const { eventually } = require('../lib/deadline.js');
const { KINDS, roam } = require('../lib/engine-roamer.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { freePort } = require('../lib/program.js');
const { TRANSPORTS } = require('../lib/roamer.js');

const SECRET = 'a secret-of-tests-0123456789'.slice(2);
const ANOTHER = 'another-secret-of-tests-0123456789';
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

/* Whoever can reach the Redis: hears all messages, and publishes any bytes. */
class Stranger {
    static async at(redis) {
        const stranger = new Stranger();
        stranger.heard = [];
        stranger.bytes = Buffer.alloc(0);
        stranger.ear = net.connect(redis.port, '127.0.0.1');
        stranger.ear.on('data', (data) => stranger.take(data));
        stranger.ear.write('PSUBSCRIBE sio:*\r\n');
        stranger.mouth = net.connect(redis.port, '127.0.0.1');
        stranger.answers = 0;
        stranger.mouth.on('data', (data) => {
            stranger.answers += data.toString('latin1').split('\r\n').length - 1;
        });
        await eventually(() => stranger.listens, 'the stranger listens');
        return stranger;
    }

    /* The words of what has come: pmessage, pattern, channel, bytes. */
    take(data) {
        this.bytes = Buffer.concat([this.bytes, data]);
        for (;;) {
            const words = this.parse();
            if (words === undefined)
                return;
            if (words[0].toString() === 'pmessage')
                this.heard.push({ channel: words[2].toString(), bytes: words[3] });
            else
                this.listens = true;
        }
    }

    parse() {
        const line = (at) => {
            const end = this.bytes.indexOf('\r\n', at);
            return end < 0 ? undefined : [this.bytes.toString('latin1', at, end), end + 2];
        };
        const words = [];
        let next = line(0), at;
        if (next === undefined)
            return undefined;
        const n = Number(next[0].slice(1));
        [, at] = next;
        while (words.length < n) {
            if ((next = line(at)) === undefined)
                return undefined;
            [, at] = next;
            if (next[0][0] === ':') {
                words.push(next[0]);
                continue;
            }
            const length = Number(next[0].slice(1));
            if (this.bytes.length < at + length + 2)
                return undefined;
            words.push(this.bytes.subarray(at, at + length));
            at += length + 2;
        }
        this.bytes = this.bytes.subarray(at);
        return words;
    }

    async publish(channel, bytes) {
        const before = this.answers;
        const word = (text) => Buffer.concat([Buffer.from(`$${text.length}\r\n`), text,
            Buffer.from('\r\n')]);
        this.mouth.write(Buffer.concat([Buffer.from('*3\r\n'), word(Buffer.from('PUBLISH')),
            word(Buffer.from(channel)), word(bytes)]));
        await eventually(() => this.answers > before, 'it is published');
    }

    leave() {
        this.ear.destroy();
        this.mouth.destroy();
    }
}

describe('three instances with a secret', suite, () => {
    let cluster, witnesses, stranger;
    before(async () => {
        cluster = await startCluster(3, { config: { 'cluster secret': SECRET } });
        witnesses = await Witnesses.of(cluster);
        stranger = await Stranger.at(cluster.redis);
    });
    after(async () => {
        stranger.leave();
        await cluster.stop();
    });

    const total = async (name) => (await Promise.all(cluster.instances.map(counters)))
        .reduce((sum, each) => sum + each[name], 0);
    const numbers = () => witnesses.clients.map((client) => client.numbers('broadcast').length);

    test('clients of all sorts roam as without', async () => {
        const roamers = await Promise.all([
            ...TRANSPORTS.map((transport, i) => cluster.roamer(transport, { first: i })),
            ...KINDS.map((kind, i) => roam(cluster, kind, { first: i }))]);
        for (const roamer of roamers)
            assert.deepStrictEqual(await roamer.ask('echo', [1]), [1]);
        await witnesses.settle();
        assert.strictEqual(await total('forged_messages'), 0);
        assert.strictEqual(await total('replayed_messages'), 0);
        for (const roamer of roamers)
            roamer.destroy();
    });

    test('what a stranger makes up is dropped, counted, and brings no instance', async () => {
        const before = await total('forged_messages');
        const heard = numbers();
        const tag = (await cluster.redis.command('SMEMBERS', 'sio:instances')).split('\n')[0];
        const event = { T: 4, e: '"broadcast"', v: '["made up"]' };
        const forged = [message('c', { f: tag, ...event }), message('c', { f: 'nobody', ...event }),
            message('q', { f: tag }), `2${'x'.repeat(24)}${message('c', { f: tag, ...event })}`,
            '2', ''];
        for (const bytes of forged)
            await stranger.publish('sio:cast', Buffer.from(bytes, 'latin1'));
        for (let i = 0; i < 1500; i++) {
            stranger.mouth.write(`*3\r\n$7\r\nPUBLISH\r\n$8\r\nsio:cast\r\n$16\r\n${
                message('b', { f: `i${String(i).padStart(5, '0')}` }).padEnd(16, '.')}\r\n`);
        }
        const n = 3 * (forged.length + 1500);
        await eventually(async () => await total('forged_messages') === before + n,
            'all are counted', 20000);
        await witnesses.settle();
        assert.deepStrictEqual(numbers(), heard.map((each) => each + 3));
        assert.strictEqual(await total('peers'), 6);
        for (const { program } of cluster.instances)
            assert.doesNotMatch(program.output, new RegExp(SECRET));
    });

    test('what an instance has said before is dropped, whoever hears it', async () => {
        const client = witnesses.clients[0];
        const before = await total('replayed_messages');
        stranger.heard.length = 0;
        client.emitEvent('broadcast', ['recorded']);
        await witnesses.settle();
        const recorded = stranger.heard.filter(({ channel, bytes }) =>
            channel === 'sio:cast' && bytes.includes('recorded'));
        assert.strictEqual(recorded.length, 1);
        for (const { channel, bytes } of stranger.heard.slice())
            await stranger.publish(channel, bytes);
        await eventually(async () => await total('replayed_messages') > before, 'they are counted');
        await witnesses.settle();
        for (const witness of witnesses.clients) {
            assert.strictEqual(witness.numbers('broadcast').filter((text) => text === 'recorded')
                .length, 1);
        }
        /* Not by one that has begun since, either. */
        const recordings = stranger.heard.filter(({ channel }) => channel === 'sio:cast');
        const fourth = await cluster.start(3);
        const late = await cluster.local(3);
        for (const { channel, bytes } of recordings)
            await stranger.publish(channel, bytes);
        client.emitEvent('broadcast', ['and now']);
        await late.until(() => late.numbers('broadcast').includes('and now'), 'hears news');
        assert.ok(!late.numbers('broadcast').includes('recorded'));
        await fourth.stop();
        cluster.instances.pop();
    });

    test('an instance without the secret, or with another, is alone', async () => {
        for (const config of [{}, { 'cluster secret': ANOTHER }]) {
            const before = await total('forged_messages');
            const lost = await total('lost_instances');
            const alone = await startBroker({ port: await freePort(), contract: true,
                config: { name: 'Alone', ...config }, args: ['--redis', cluster.redis.url] });
            await eventually(async () => await total('forged_messages') > before,
                'it is not believed');
            await eventually(() => /"cluster secret"/.test(cluster.instances[0].program.output),
                'a line says so');
            assert.strictEqual(await total('lost_instances'), lost);
            await alone.stop();
        }
        await witnesses.settle();
    });
});

test('a secret that is none, or that Node would have to know, is refused', suite, async () => {
    for (const [config, why] of [[{ 'cluster secret': 'short' }, /16 ASCII characters/],
        [{ 'cluster secret': SECRET, redis: 'redis://127.0.0.1:1', dialect: 'node-0.9' },
            /the other processes know no secret/]]) {
        await assert.rejects(startBroker({ config }), (error) => {
            assert.match(error.message, why);
            assert.ok(!error.message.includes(SECRET));
            return true;
        });
    }
});
