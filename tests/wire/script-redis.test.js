'use strict';
/* Clients of Redis in scripts, by the words of each client of npm, with a real redis-server. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { DEADLINE_MS } = require('../lib/deadline.js');
const { Program, freePort, run, scratch } = require('../lib/program.js');
const { BROKER, REFERENCE } = require('../lib/server.js');
const { startRedis, makeRedis } = require('../lib/services.js');

const suite = { skip: REFERENCE && 'about our own program' };

function write(source) {
    const file = path.join(scratch(), 'app.js');
    fs.writeFileSync(file, source);
    return file;
}

/* Run a function of (port, tell) as a script to its end; what it tells, as a list. */
async function tells(port, fn, command = BROKER) {
    const file = write(`(${fn})(${port}, (...args) =>
        process.stdout.write(JSON.stringify(args) + '\\n'));`);
    const env = { ...process.env, NODE_PATH: path.join(__dirname, '../node_modules') };
    const { code, stdout, stderr } = await run(command, [file], { env });
    assert.strictEqual(code, 0, stdout + stderr);
    assert.doesNotMatch(stderr, /Sanitizer|runtime error/);
    return ordered(stdout.trimEnd().split('\n').map((line) => JSON.parse(line)));
}

/* What comes by two connections has no order: these are put behind the others. */
const UNORDERED = ['published', 'raw'];
const ordered = (list) => [...list.filter(([name]) => !UNORDERED.includes(name)),
    ...list.filter(([name]) => UNORDERED.includes(name))];

let redis;
before(async () => {
    if (!REFERENCE)
        redis = await startRedis();
});
after(() => redis?.stop());

/* The words that redis 0.7 has as well, which socket.io 0.9.16 brings. */
/* eslint-disable */
function old(port, tell) {
    const redis = require('redis');
    const client = redis.createClient(port, '127.0.0.1');
    const each = (list, then) => {
        const [[name, ...args], ...rest] = list;
        client[name](...args, (error, answer) => {
            tell(name, error && String(error.message).slice(0, 20), answer);
            if (rest.length > 0)
                each(rest, then);
            else
                then();
        });
    };
    each([['flushall'], ['set', 'k', 'v é'], ['get', 'k'], ['get', 'none'], ['incr', 'n'],
        ['incrby', 'n', 5], ['hmset', 'h', { a: '1', b: 'two' }], ['hgetall', 'h'],
        ['hset', 'h', 'c', 3], ['hget', 'h', 'c'], ['hgetall', 'none'], ['lpush', 'l', 'x'],
        ['lpush', 'l', 'y'], ['lrange', 'l', 0, -1], ['lrange', 'none', 0, -1], ['sadd', 's', 'a'],
        ['smembers', 's'], ['sismember', 's', 'a'], ['zadd', 'z', 1, 'one'],
        ['zrange', 'z', 0, -1, 'withscores'], ['mget', ['k', 'none']], ['exists', 'k'],
        ['del', 'k'], ['incr', 'h'], ['expire', 'n', 100], ['ttl', 'none'], ['type', 'z'],
        ['keys', 'h*']], () => {
        client.multi().set('m', 1).incr('m').get('m').exec((error, answers) => {
            tell('multi', error, answers);
            client.multi([['incr', 'm'], ['get', 'none']]).exec((error, answers) => {
                tell('multi of a list', error, answers);
                subscribe();
            });
        });
    });
    function subscribe() {
        const other = redis.createClient(port, '127.0.0.1');
        let n = 0;
        other.on('subscribe', (channel, count) => {
            tell('subscribe', channel, count);
            client.publish(channel, 'message é',
                (error, count) => tell('published', error, count));
        });
        other.on('psubscribe', (pattern, count) => {
            tell('psubscribe', pattern, count);
            client.publish('p.1', 'by a pattern');
        });
        other.on('message', (...args) => {
            tell('message', ...args);
            other.unsubscribe('c');
        });
        other.on('unsubscribe', (channel, count) => {
            tell('unsubscribe', channel, count);
            other.psubscribe('p.*');
        });
        other.on('pmessage', (...args) => {
            tell('pmessage', ...args);
            other.end();
            client.quit((error, answer) => tell('quit', error, answer));
        });
        client.on('end', () => tell('end'));
        other.subscribe('c');
    }
}

function modern(port, tell) {
    const { createClient, commandOptions } = require('redis');
    (async () => {
        const client = createClient({ url: `redis://127.0.0.1:${port}` });
        client.on('error', (error) => tell('error', error.message));
        for (const name of ['connect', 'ready', 'end'])
            client.on(name, () => tell(name));
        tell(client.isOpen, client.isReady);
        await client.connect();
        tell(client.isOpen, client.isReady);
        await client.flushAll();
        const asks = [['set', 'k', 'v', { EX: 100, NX: true }], ['set', 'k', 'w', { NX: true }],
            ['get', 'k'], ['get', 'none'], ['hSet', 'h', 'a', 1], ['hSet', 'h', { b: 2, c: 'x' }],
            ['hGetAll', 'h'], ['hGetAll', 'none'], ['hExists', 'h', 'a'], ['hDel', 'h', ['a', 'b']],
            ['lPush', 'l', ['x', 'y']], ['lRange', 'l', 0, -1], ['sAdd', 's', 'a'],
            ['sIsMember', 's', 'b'], ['zAdd', 'z', { score: 1.5, value: 'one' }],
            ['zAdd', 'z', [{ score: 2, value: 'two' }]], ['zRange', 'z', 0, -1],
            ['zRangeWithScores', 'z', 0, -1], ['zScore', 'z', 'one'], ['expire', 'k', 50],
            ['exists', ['k', 'none']], ['mGet', ['k', 'none']], ['incrBy', 'n', 4],
            ['sendCommand', ['STRLEN', 'k']], ['configGet', 'maxmemory'], ['ping']];
        for (const [name, ...args] of asks)
            tell(name, await client[name](...args));
        const bytes = await client.get(commandOptions({ returnBuffers: true }), 'k');
        tell('bytes', Buffer.isBuffer(bytes));
        tell('wrong', await client.incr('h').catch((error) => error.message));
        tell('multi', await client.multi().set('m', 1).incr('m').hGetAll('h').exec());
        tell('multi, wrong', await client.multi().incr('h').exec().then((all) =>
            all[0] instanceof Error, (error) => error.message));
        tell('many', (await Promise.all(Array.from({ length: 1000 }, () => client.incr('many'))))
            .every((n, i) => n === i + 1));

        const listener = client.duplicate();
        await listener.connect();
        const heard = new Promise((resolve) => listener.pSubscribe('p.*', (message, channel) => {
            tell('pattern', message, channel);
            resolve();
        }).then(() => client.publish('p.1', 'hello')));
        await heard;
        const hear = (done) => (message, channel) => {
            tell('channel', message, channel);
            if (channel === 'd')
                done();
        };
        const second = new Promise((resolve) => listener.subscribe(['c', 'd'], hear(resolve))
            .then(() => client.publish('c', '1')).then(() => client.publish('d', '2')));
        await second;
        await listener.unsubscribe('c');
        tell('nobody', await client.publish('c', '3'));
        await listener.quit();
        await client.quit();
        tell(client.isOpen, await client.get('k').catch((error) => error.message));
    })();
}

function io(port, tell) {
    const Redis = require('ioredis');
    (async () => {
        const client = new Redis(port, '127.0.0.1', { keyPrefix: 'pre:' });
        const forms = [new Redis({ port, host: '127.0.0.1', db: 1 }),
            new Redis(`redis://127.0.0.1:${port}/2`), new Redis.Redis(port)];
        for (const form of forms) {
            tell('form', await form.ping());
            form.disconnect();
        }
        tell(await client.flushall(), await client.set('k', 'v', 'EX', 10), await client.get('k'));
        tell(await client.hset('h', { a: 1, b: 2 }), await client.hgetall('h'),
            await client.hgetall('none'), await client.exists('k'));
        tell('error', await client.incr('h').catch(({ name, message }) => [name, message]));
        tell('pipeline', await client.pipeline().set('a', 1).get('a').exec());
        tell('multi', await client.multi().incr('a').incr('h').exec().then(
            (all) => all.map(([error, answer]) => [error && error.message, answer])));
        client.get('k', (error, answer) => tell('callback', error, answer));
        const other = client.duplicate();
        other.on('message', (channel, message) => {
            tell('message', channel, message);
            other.disconnect();
            client.quit().then((answer) => tell('quit', answer));
        });
        tell('subscribed', await other.subscribe('c', 'd'));
        client.publish('c', 'x');
        tell('raw', await client.call('ECHO', 'hi'));
    })();
}
/* eslint-enable */

describe('the words of a client', suite, () => {
    test('of redis 0.x to 3, as redis 0.7 on Node', async () => {
        const [theirs, ours] = [await tells(redis.port, old, process.execPath),
            await tells(redis.port, old)];
        assert.ok(theirs.length > 35);
        assert.deepStrictEqual(ours, theirs);
    });

    test('of redis 4', async () => {
        const WRONG = 'WRONGTYPE Operation against a key holding the wrong kind of value';
        assert.deepStrictEqual(await tells(redis.port, modern), [
            [false, false], ['connect'], ['ready'], [true, true],
            ['set', 'OK'], ['set', null], ['get', 'v'], ['get', null], ['hSet', 1], ['hSet', 2],
            ['hGetAll', { a: '1', b: '2', c: 'x' }], ['hGetAll', {}], ['hExists', true],
            ['hDel', 2],
            ['lPush', 2], ['lRange', ['y', 'x']], ['sAdd', 1], ['sIsMember', false], ['zAdd', 1],
            ['zAdd', 1], ['zRange', ['one', 'two']],
            ['zRangeWithScores', [{ value: 'one', score: 1.5 }, { value: 'two', score: 2 }]],
            ['zScore', 1.5], ['expire', true], ['exists', 1], ['mGet', ['v', null]], ['incrBy', 4],
            ['sendCommand', 1], ['configGet', { maxmemory: '0' }], ['ping', 'PONG'],
            ['bytes', true], ['wrong', WRONG], ['multi', ['OK', 2, { c: 'x' }]],
            ['multi, wrong', true], ['many', true], ['pattern', 'hello', 'p.1'],
            ['channel', '1', 'c'], ['channel', '2', 'd'], ['nobody', 0], ['end'],
            [false, 'The client is closed']]);
    });

    test('of ioredis', async () => {
        const WRONG = 'WRONGTYPE Operation against a key holding the wrong kind of value';
        assert.deepStrictEqual(await tells(redis.port, io), [
            ['form', 'PONG'], ['form', 'PONG'], ['form', 'PONG'], ['OK', 'OK', 'v'],
            [2, { a: '1', b: '2' }, {}, 1], ['error', ['ReplyError', WRONG]],
            ['pipeline', [[null, 'OK'], [null, '1']]], ['multi', [[null, 2], [WRONG, null]]],
            ['callback', null, 'v'], ['subscribed', 2], ['message', 'c', 'x'], ['quit', 'OK'],
            ['raw', 'hi']]);
    });
});

describe('a Redis that is not there', suite, () => {
    test('an error that nobody listens to ends the script', async () => {
        const port = await freePort();
        const file = write(`require('redis').createClient(${port}, '127.0.0.1');`);
        const { code, stderr } = await run(BROKER, [file]);
        assert.strictEqual(code, 1);
        assert.match(stderr,
            new RegExp(`Redis connection to 127.0.0.1:${port} failed - .*refused`));
        assert.doesNotMatch(stderr, /Sanitizer|runtime error/);
    });

    test('what is asked waits; a client comes back', async () => {
        const late = await makeRedis();
        const file = write(`const say = (...words) => process.stdout.write(words.join(' ') + '\\n');
            const client = require('redis').createClient(${late.port});
            client.on('error', (error) => say('error', error.code));
            client.on('ready', () => say('ready'));
            client.set('k', 'v', () => client.get('k', (error, answer) => say(answer)));
            const other = require('redis').createClient(${late.port});
            other.on('error', () => {});
            other.on('message', (channel, message) => say('message', message));
            other.subscribe('c', () => say('subscribed'));
            process.on('SIGTERM', () => { client.end(); other.end(); });`);
        const program = new Program(BROKER, [file], {});
        await program.until(({ stdout }) => /error ECONNREFUSED\n/.test(stdout), 'an error');
        await late.start();
        for (const what of [/ready\n/, /\nv\n/, /subscribed\n/])
            await program.until(({ stdout }) => what.test(stdout), String(what));
        await late.stop('SIGKILL');
        await program.until(({ stdout }) => /error CONNECTION_BROKEN\n/.test(stdout), 'the end');
        await late.start();
        await program.until(({ stdout }) => stdout.match(/ready\n/g).length === 2, 'ready again');
        const publish = async () => {
            while (!/message again/.test(program.stdout))
                await late.command('PUBLISH', 'c', 'again');
        };
        await Promise.race([publish(), new Promise((resolve, reject) => {
            setTimeout(() => reject(new Error('not heard')), DEADLINE_MS).unref();
        })]);
        program.kill('SIGTERM');
        assert.deepStrictEqual(await program.ended(), { code: 0, signal: null });
        assert.doesNotMatch(program.stderr, /Sanitizer|runtime error/);
        await late.stop();
    });
});

test('no client in the clear where TLS is asked for, none of sentinels or a cluster', suite, async () => {
    for (const url of ['rediss://127.0.0.1:1', 'redis-sentinel://127.0.0.1:1/main',
        'redis-cluster://127.0.0.1:1']) {
        const { code, stderr } = await run(BROKER,
            [write(`require('redis').createClient({url: '${url}'}).connect();`)]);
        assert.strictEqual(code, 1);
        assert.match(stderr, /own client of Redis speaks neither TLS nor to sentinels/);
    }
});
