'use strict';
/*
 * Commands that programs add to a stream in Redis: done in order, by one instance at a time, once
 * for each id; and what can not be done is in nobody's way.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { begin, leave, leaveAll } = require('../lib/modern.js');
const { REFERENCE, runBroker, startBroker, writeConfig } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');

const suite = { skip: REFERENCE };
const DOES = /commands from the stream are done by this instance/;

const start = (redis, more) => startBroker({ config: { redis: redis.url, 'instance timeout': 2,
    api: { stream: true, 'max body': 4096 }, ...more } });

/* Add a command: an object, or a text; resolves with the id of its entry. */
const add = (redis, command, ...fields) => redis.command('XADD', 'sio:commands', '*', 'json',
    typeof command === 'string' ? command : JSON.stringify(command), ...fields);

/* Add n at once: emit "n", with its number, and with an id if `id` is a beginning of ids. */
const addMany = (redis, n, id = '') => redis.command('EVAL', `
    for i = 0, ARGV[1] - 1 do
        local id = ARGV[2] ~= '' and ',"id":"' .. ARGV[2] .. i .. '"' or ''
        redis.call('XADD', 'sio:commands', '*', 'json',
            '{"do":"emit","name":"n","args":[' .. i .. ']' .. id .. '}')
    end`, '0', String(n), id);

/* The entries of a stream, each an object of its fields, as redis-cli prints them to a pipe. */
async function entries(redis, stream) {
    const lines = (await redis.command('EVAL', `
        local all = {}
        for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
            local fields = {}
            for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
            all[#all + 1] = cjson.encode(fields)
        end
        return all`, '1', stream)).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line));
}

/* The result for whoever asked for it under this name, as many as n. */
async function replies(redis, name, n = 1) {
    await eventually(async () => (await entries(redis, `sio:replies:${name}`)).length >= n,
        `${n} results for ${name}`);
    return (await entries(redis, `sio:replies:${name}`)).map(
        ({ v, entry, json }) => ({ v, entry, result: JSON.parse(json) }));
}

async function listener(broker, name = 'n') {
    const client = begin(broker.port, { way: 'websocket' });
    const heard = [];
    client.on(name, (value) => heard.push(value));
    await client.next('connect');
    return { client, heard };
}

const numbers = (n) => Array.from({ length: n }, (_, i) => i);

describe('commands from a stream', suite, () => {
    let redis, broker;
    before(async () => {
        redis = await startRedis();
        broker = await start(redis);
        await broker.program.said(DOES);
    });
    after(async () => {
        leaveAll();
        await broker.stop();
        await redis.stop();
    });

    test('are done in their order, and forgotten', async () => {
        const { client, heard } = await listener(broker);
        await addMany(redis, 1000);
        await eventually(() => heard.length >= 1000, 'all are heard');
        assert.deepStrictEqual(heard, numbers(1000));
        await eventually(async () => (await redis.command('XPENDING', 'sio:commands', 'siobroker'))
            .startsWith('0'), 'all are acknowledged');
        await eventually(async () => Number(await redis.command('XLEN', 'sio:commands')) <= 100,
            'they are trimmed');
        leave(client);
    });

    test('have a result, for whoever wants one', async () => {
        const { client } = await listener(broker);
        client.on('question', (n, answer) => answer(n + 1));
        const entry = await add(redis, { do: 'ask', to: client.id, name: 'question', args: [41] },
            'reply', 'worker-1');
        const [reply] = await replies(redis, 'worker-1');
        assert.deepStrictEqual(reply, { v: '1', entry, result:
            { answers: [42], answered: 1, asked: 1, instances: 1, reached: 1 } });
        assert.ok(Number(await redis.command('PTTL', 'sio:replies:worker-1')) > 0);
        leave(client);
    });

    test('are done once for each id', async () => {
        const { client, heard } = await listener(broker, 'once');
        const command = { do: 'emit', name: 'once', args: [1], id: 'order-1' };
        await add(redis, command, 'reply', 'once');
        await add(redis, command, 'reply', 'once');
        await add(redis, { ...command, args: [2] }, 'reply', 'once');
        await add(redis, { do: 'emit', name: 'once', args: ['last'] }, 'reply', 'once');
        const results = (await replies(redis, 'once', 4)).map(({ result }) => result);
        assert.deepStrictEqual(results.slice(0, 2), [{ instances: 1 }, { instances: 1 }]);
        assert.strictEqual(results[2].error.code, 'key_reused');
        await eventually(() => heard.includes('last'), 'the last one is heard');
        assert.deepStrictEqual(heard, [1, 'last']);
        leave(client);
    });

    test('that can not be done are in nobody\'s way', async () => {
        const { client, heard } = await listener(broker, 'after');
        const { stream_dead: before } = await broker.counters();
        await redis.command('DEL', 'sio:commands:dead');
        const bad = ['{"do":', '[]', '{"do":"dance"}', '{"do":"emit"}',
            '{"do":"emit","name":"x","namespace":"/nowhere"}',
            `{"do":"emit","name":"x","args":["${'x'.repeat(5000)}"]}`];
        for (const text of bad)
            await add(redis, text);
        await redis.command('XADD', 'sio:commands', '*', 'text', 'no json');
        await add(redis, '{"do":"count"}', 'v', '2');
        await add(redis, '{"do":"count"}', 'reply', 'no blanks');
        await add(redis, { do: 'emit', name: 'after', args: [1] });
        await eventually(() => heard.length === 1, 'what comes behind them is done');
        await eventually(async () => (await entries(redis, 'sio:commands:dead')).length === 9,
            'the others are among the dead');
        const dead = await entries(redis, 'sio:commands:dead');
        assert.deepStrictEqual(dead.map(({ error, at }) => [error, at]), [['bad_json', ''],
            ['bad_command', ''], ['bad_command', 'do'], ['bad_command', 'name'],
            ['unknown_namespace', 'namespace'], ['too_large', ''], ['bad_command', ''],
            ['bad_command', ''], ['bad_command', '']]);
        assert.strictEqual(dead[2].json, '{"do":"dance"}');
        assert.ok(dead.every(({ v, entry, message }) => v === '1' && /^\d+-\d+$/.test(entry) &&
            message !== ''));
        assert.strictEqual((await broker.counters()).stream_dead, before + 9);
        leave(client);
    });

    test('go on when Redis is back', async () => {
        const { client, heard } = await listener(broker);
        await addMany(redis, 10);
        await eventually(() => heard.length >= 10, 'they are heard');
        await redis.stop('SIGKILL');
        await redis.start();    /* without its memory */
        await addMany(redis, 10);
        await eventually(() => heard.length >= 20, 'those after it are heard', 60000);
        assert.deepStrictEqual(heard, [...numbers(10), ...numbers(10)]);
        leave(client);
    });
});

test('streams need a Redis of our own', suite, async () => {
    for (const [config, why] of [
        [{ api: { stream: true } }, /"api"\."stream": needs "redis"/],
        [{ api: { stream: true }, redis: 'redis://127.0.0.1:1', dialect: 'node-0.9' },
            /"api"\."stream": is not for "dialect": "node-0.9"/]]) {
        const { code, stderr } = await runBroker(['--config', writeConfig(config)]);
        assert.strictEqual(code, 2);
        assert.match(stderr, why);
    }
});

describe('of two instances one reads commands', suite, () => {
    let redis, brokers;
    before(async () => {
        redis = await startRedis();
        brokers = [await start(redis, { name: 'A' })];
        await brokers[0].program.said(DOES);
        brokers.push(await start(redis, { name: 'B' }));
        for (const broker of brokers)
            await eventually(async () => (await broker.counters()).peers === 1, 'they have met');
    });
    after(async () => {
        leaveAll();
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    test('and the other one goes on when that is killed: each id once, in order', async () => {
        const { client, heard } = await listener(brokers[1]);
        const half = 300;
        await addMany(redis, half, 'a');
        await eventually(() => heard.length > 0, 'it has begun');
        brokers.shift().program.kill('SIGKILL');
        await addMany(redis, half, 'b');
        await eventually(() => heard.length >= 2 * half, () => `all are heard: ${heard.length}`,
            60000);
        assert.match(brokers[0].log, DOES);
        assert.deepStrictEqual(heard, [...numbers(half), ...numbers(half)]);
        leave(client);
    });

    test('and gives it up when it stops', async () => {
        const next = await start(redis, { name: 'C' });
        assert.doesNotMatch(next.log, DOES);
        await brokers.shift().stop();
        brokers.push(next);
        await next.program.said(DOES);
        const { heard } = await listener(next);
        await addMany(redis, 100);
        await eventually(() => heard.length >= 100, 'they are heard');
        assert.deepStrictEqual(heard, numbers(100));
    });
});
