'use strict';
/*
 * Servers of Node end over messages that they do not expect. Whatever applications pass to an
 * instance among them, it says nothing of that kind; and whatever is said to it, all live.
 *
 * FORGED_SECONDS: how long the second takes (4).
 */

const assert = require('node:assert');
const notepack = require('notepack.io');
const { test, describe, before, after } = require('node:test');
const { post, startApi } = require('../lib/api.js');
const { Dice } = require('../lib/dice.js');
const { connect, leave, leaveAll } = require('../lib/modern.js');
const { Beside, NodeServer, assertHeard, record, redisClient } = require('../lib/node4.js');
const { judge, judgeSharded, forge } = require('../lib/node4-judge.js');
const { eventually } = require('../lib/deadline.js');
const { Program, residentBytes } = require('../lib/program.js');
const { startRedis } = require('../lib/services.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const FORGED_MS = 1000 * Number(process.env.FORGED_SECONDS || 4);

after(leaveAll);

/* Everything that is published for Node, until stop(). */
async function tap(redis) {
    const client = await redisClient(redis);
    const heard = [];
    await client.pSubscribe('socket.io*', (payload, channel) =>
        heard.push([channel.toString(), payload]), true);
    return { heard, stop: () => client.disconnect() };
}

/* A word as redis-cli writes it, with escapes, as bytes. */
function unquote(word) {
    const plain = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };
    return Buffer.from(word.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex, letter) =>
        (hex ? String.fromCharCode(parseInt(hex, 16)) : plain[letter] ?? letter)), 'latin1');
}

/* The same of sharded channels. Who subscribes to one is counted as a server: so Redis tells. */
const SPUBLISH = /"SPUBLISH" "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"/gi;

async function tapSharded(redis) {
    const program = new Program('redis-cli', ['-p', String(redis.port), 'MONITOR']);
    await program.said(/OK/);
    return {
        get heard() {
            return [...program.stdout.matchAll(SPUBLISH)].map(([, channel, payload]) =>
                [unquote(channel).toString(), unquote(payload)]);
        },
        stop: () => program.stop('SIGTERM'),
    };
}

/* An entry of the stream as the message that it would be elsewhere. */
function messageOf(fields) {
    const entry = Object.fromEntries(Array.from({ length: fields.length / 2 }, (_, i) =>
        [fields[2 * i], fields[2 * i + 1]]));
    const { type, uid, nsp, data } = entry;
    return data.startsWith('{')
        ? Buffer.from(`{"type":${type},"uid":"${uid}","nsp":"${nsp}","data":${data}}`)
        : notepack.encode({ type: Number(type), uid, nsp,
            data: notepack.decode(Buffer.from(data, 'base64')) });
}

/* The same of a stream, and what is published beside it. */
async function tapStream(redis) {
    const published = await tap(redis);
    const client = await redisClient(redis);
    let isStopped = false;
    const readOn = async (id) => {
        const reply = await client.sendCommand(['XREAD', 'BLOCK', '100', 'STREAMS', 'socket.io',
            id]);
        const entries = reply?.[0][1] ?? [];
        for (const [, fields] of entries)
            published.heard.push(['socket.io#', messageOf(fields)]);
        return isStopped ? client.disconnect() : readOn(entries.at(-1)?.[0] ?? id);
    };
    const reading = readOn('0-0');
    return { heard: published.heard, stop: async () => {
        isStopped = true;
        await reading;
        await published.stop();
    } };
}

/* --- What an application may pass, as text: numbers that JavaScript does not write, too. --- */

const NAMES = ['ev', 'a b', '', 'connect', 'disconnect', 'connect_error', 'newListener',
    'disconnecting', 'removeListener', 'error', '€', '\\u0000', '\\ud800', 'x'.repeat(300)];
const ROOMS = ['r', '', '42', 'a#b', '*', '[x]', '?', '\\\\', '€', '\\u0000', 'x'.repeat(500), '/',
    '\\ud83d\\ude00'];
const NUMBERS = ['0', '-0', '1e400', '-1e400', '1e-400', '1.5', '4294967296', '-2147483649',
    '9007199254740993', '123456789012345678901234567890', '1E2'];

function json(dice, depth) {
    if (depth === 0 || dice.chance(0.4))
        return dice.pick(['null', 'true', `"${dice.pick(NAMES)}"`, dice.pick(NUMBERS),
            '{"_placeholder":true,"num":0}', '{"_placeholder":true,"num":9}']);
    const members = Array.from({ length: dice.below(4) }, () => json(dice, depth - 1));
    return dice.chance(0.5) ? `[${members}]`
        : `{${members.map((member) => `"${dice.pick(NAMES)}":${member}`)}}`;
}

const deep = (n) => '['.repeat(n) + ']'.repeat(n);
const list = (dice, values, max) => `[${Array.from({ length: dice.below(max + 1) },
    () => `"${dice.pick(values)}"`)}]`;

function whom(dice) {
    const to = dice.chance(0.5) ? `,"to":${list(dice, ROOMS, 3)}` : '';
    return to + (dice.chance(0.3) ? `,"except":${list(dice, ROOMS, 2)}` : '');
}

function command(dice) {
    const args = dice.chance(0.1) ? deep(dice.pick([10, 59, 60, 61, 64, 200, 900]))
        : `[${Array.from({ length: dice.below(4) }, () => json(dice, 3))}]`;
    const bytes = dice.chance(0.3)
        ? `,"attachments":[${Array.from({ length: dice.below(13) }, () => '"AQI="')}]` : '';
    const name = dice.chance(0.4) ? 'ev' : dice.pick(NAMES);
    const said = `"name":"${name}","args":${args}${bytes}${whom(dice)}`;
    switch (dice.below(8)) {
    case 0: return ['ask', `{${said},"timeout":20}`];
    case 1: return [dice.pick(['join', 'leave']),
        `{"room":${list(dice, ROOMS, 2)}${whom(dice)}}`];
    case 2: return ['disconnect', `{"to":"nowhere","close":${dice.chance(0.5)}}`];
    case 3: return [dice.pick(['sockets', 'count']), `{"timeout":20${whom(dice)}}`];
    case 4: return ['rooms', `{"timeout":20,"prefix":"${dice.pick(ROOMS)}"}`];
    default: return ['emit', `{${said},"volatile":${dice.chance(0.3)}}`];
    }
}

const KINDS = {
    'node-4': { listen: tap, decide: judge },
    'node-4-sharded': { options: { subscriptionMode: 'dynamic' }, listen: tapSharded, decide: judgeSharded },
    'node-4-streams': { options: { stream: {} }, listen: tapStream, decide: judgeSharded },
};

for (const [dialect, { options, listen, decide }] of Object.entries(KINDS)) {
    describe(`whatever applications pass with ${dialect}`, suite, () => {
        let redis, nodes, ours, clients, published;
        before(async () => {
            redis = await startRedis();
            nodes = [];
            for (const name of ['Node1', 'Node2'])
                nodes.push(await NodeServer.start(redis, name, [], options));
            published = await listen(redis);
            ours = await startApi({ args: ['--redis', redis.url, '--dialect', dialect] });
            clients = await Promise.all([...nodes, ours].map(({ port }) => connect(port)));
            await eventually(async () => await nodes[0].io.of('/').adapter.serverCount() === 3,
                'three servers');
        });
        after(async () => {
            leave(...clients);
            await ours.stop();
            await Promise.all(nodes.map((node) => node.stop()));
            await published.stop();
            await redis.stop();
        });

        test('servers of Node are told only what they can bear', async () => {
            const dice = new Dice(18);
            let nDone = 0, nRefused = 0;
            const marks = record(clients, 'mark');
            const passed = record(clients.slice(0, 2), 'ev');
            for (let i = 0; i < 500; i++) {
                const [name, body] = command(dice);
                const { status } = await post(ours.api, name, undefined, { body });
                assert.ok(status === 200 || (status >= 400 && status < 500), `${status}: ${body}`);
                if (status === 200)
                    nDone++;
                else
                    nRefused++;
            }
            await post(ours.api, 'emit', { name: 'mark', args: [1] });
            await assertHeard(marks, [[1]], 'all are there, and hear it');
            await eventually(() => published.heard.some(([, payload]) => payload.includes('mark')),
                'the last of it');
            const { heard } = published;
            assert.ok(heard.length > nDone / 2, 'it is told to others');
            for (const [channel, payload] of heard)
                assert.doesNotThrow(() => decide(channel, payload),
                    `${channel} ${payload.toString('hex')}`);
            assert.ok(nDone > 100 && nRefused > 50, `${nDone} done, ${nRefused} refused`);
            assert.ok(passed.every(({ length }) => length > 10), 'something gets through');
            assert.strictEqual((await nodes[0].io.fetchSockets()).length, 3);
        });
    });
}

/* Of what others than ours would hear nothing is forged: they could not bear it. */
describe('whatever is forged', suite, () => {
    let beside, clients, there, published;
    const NSP = '/dynamic-forged';
    const enter = () => connect(beside.our.port, { namespace: NSP });
    before(async () => {
        beside = await Beside.start({ dialect: 'node-4', nodes: 2, ours: 1 });
        clients = await Promise.all([beside.our, ...beside.nodes].map(({ port }) =>
            connect(port)));
        there = [await enter(), await enter()];
        await eventually(async () => await beside.members(NSP) === 1, 'it is subscribed');
        published = await tap(beside.redis);
    });
    after(async () => {
        leave(...clients, ...there);
        await published.stop();
        await beside.stop();
    });

    /* The channel on which ours alone is answered. */
    async function ownChannel() {
        const names = (await beside.redis.command('PUBSUB', 'CHANNELS',
            `socket.io-response#${NSP}#?*`)).split('\n');
        assert.strictEqual(names.length, 1);
        return names[0];
    }

    test('it lives, and so do all others', async () => {
        const own = await ownChannel();
        const uid = own.split('#')[2];
        const ways = [['event', `socket.io#${NSP}#`], ['event', `socket.io#${NSP}#r#`],
            ['event', 'socket.io#/#only ours#'], ['event', 'socket.io#emitter'],
            ['request', `socket.io-request#${NSP}#`], ['answer', `socket.io-response#${NSP}#`],
            ['answer', own], ['answer', `socket.io-response#/#${uid}#`]];
        const ourNode = await clients[0].ask('join', 'only ours');
        assert.ok(ourNode);
        const dice = new Dice(4);
        const forged = new Set();
        const before = residentBytes(beside.our.program.pid);
        const end = Date.now() + FORGED_MS;
        const judged = () => {
            for (const [channel, payload] of published.heard.splice(0)) {
                if (!forged.has(channel + payload.toString('hex')))
                    assert.doesNotThrow(() => judge(channel, payload),
                        `${channel} ${payload.toString('hex')}`);
            }
        };
        let n = 0;
        for (; Date.now() < end; n++) {
            const batch = Array.from({ length: 100 }, () => {
                const [kind, channel] = dice.pick(ways);
                const payload = forge(dice, kind, NSP, uid);
                forged.add(channel + payload.toString('hex'));
                return beside.client.publish(channel, payload);
            });
            await Promise.all(batch);
            there = await Promise.all(there.map(async (client) => {
                if (client.connected)
                    return client;
                leave(client);              /* somebody has forged that */
                return enter();
            }));
            if (n % 10 === 9) {             /* everyone is asked, and answers */
                const sockets = await beside.nodes[0].io.fetchSockets();
                assert.strictEqual(sockets.length, clients.length);
                judged();
                forged.clear();
            }
        }
        const marks = record(clients, 'mark');
        beside.nodes[1].io.emit('mark', 1);
        await assertHeard(marks, [[1]], 'what Node says');
        const broadcasts = record(clients, 'broadcast');
        clients[0].emit('broadcast', 2);
        await assertHeard(broadcasts, [[2]], 'what we say');
        const { bad_messages: bad } = await beside.our.counters();
        assert.ok(bad > n, `${bad} bad messages of ${100 * n}`);
        assert.strictEqual(beside.our.log.match(/says through Redis what is no/g).length, 1);
        const grown = residentBytes(beside.our.program.pid) - before;
        assert.ok(grown < 128 << 20, `grown by ${grown} bytes`);
    });
});
