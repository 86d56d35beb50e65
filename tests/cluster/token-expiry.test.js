'use strict';
/* A backend ends the token of a client whose connection is on another instance. */

const assert = require('node:assert');
const { test, before, after } = require('node:test');
const { apiOf, done, findApi } = require('../lib/api.js');
const { eventually } = require('../lib/deadline.js');
const { begin, leaveAll } = require('../lib/modern.js');
const { REFERENCE, startBroker } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');
const { SECRET, makeKey, makeToken } = require('../lib/tokens.js');

const suite = { skip: REFERENCE };
let redis, brokers = [];

before(async () => {
    if (REFERENCE)
        return;
    redis = await startRedis();
    const start = (name) => startBroker({ config: { name, redis: redis.url, api: apiOf(),
        greeting: false, jwt: { secret: SECRET, namespaces: ['/', '/chat'] } } });
    brokers = await Promise.all([start('A'), start('B')]);
    for (const broker of brokers)
        await eventually(async () => (await broker.counters()).peers === 1, 'they know each other');
});
after(async () => {
    leaveAll();
    for (const broker of brokers)
        await broker.stop();
    if (redis)
        await redis.stop();
});

for (const namespace of ['/', '/chat'])
    test(`in ${namespace}`, suite, async () => {
        const token = await makeToken(await makeKey('HS256'), { exp: Date.now() / 1000 + 600 });
        const connect = async () => {
            const client = begin(brokers[0].port, { namespace, auth: { token },
                reconnection: false });
            await client.next('connect');
            return client;
        };
        const [client, other] = [await connect(), await connect()];
        const before = (await brokers[0].counters()).tokens_expired;
        const left = client.next('disconnect');
        const port = await findApi(brokers[1]);
        await done(port, 'set', { namespace, socket: client.id, expires: 1 });
        assert.strictEqual((await left)[0], 'transport close');
        assert.strictEqual((await brokers[0].counters()).tokens_expired, before + 1);
        const { sockets } = await done(port, 'sockets', { namespace });
        assert.deepStrictEqual(sockets.map(({ id }) => id), [other.id]);
        leaveAll();
    });
