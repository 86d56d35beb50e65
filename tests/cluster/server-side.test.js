'use strict';
/*
 * What socket.io 4 has beside events, among several instances and with real clients:
 * serverSideEmit, and namespaces that are made as clients ask for them.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters } = require('../lib/cluster.js');
const { event, eventually, within } = require('../lib/deadline.js');
const { begin, connect, leave } = require('../lib/modern.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const N = 3;

/* All that a client hears of an event, in order. */
function listen(client, name) {
    const heard = [];
    client.on(name, (...args) => heard.push(args));
    return heard;
}

let cluster, clients;

/* A cluster of its own for each: instances are killed in one of them. */
function startAndStop() {
    before(async () => {
        cluster = await startCluster(N, { args: ['--reach'] });
        clients = await Promise.all(cluster.ports.map((port) => connect(port)));
    });
    after(async () => {
        leave(...clients);
        await cluster.stop();
    });
}

describe('what an application says to itself', suite, () => {
    startAndStop();

    test('all other instances hear it, once each, in order', async () => {
        const heard = clients.map((client) => listen(client, 'told'));
        for (let i = 0; i < 20; i++)
            await clients[0].ask('tell', { i, text: 'é"\\' });
        const want = Array.from({ length: 20 }, (_, i) => [{ i, text: 'é"\\' }]);
        for (let i = 1; i < N; i++) {
            await eventually(() => heard[i].length >= want.length, `instance ${i} hears all`);
            assert.deepStrictEqual(heard[i], want);
        }
        /* What the first one would have said to itself came before this. */
        await clients[1].ask('tell', 'last');
        await eventually(() => heard[0].length > 0, 'the first one hears the second');
        assert.deepStrictEqual(heard[0], [['last']]);
    });
});

/* [answers, n_answered, n_asked, n_reached, n_instances] */
describe('what an application asks itself', suite, () => {
    const LONG_MS = 600000;
    startAndStop();

    test('all others answer', async () => {
        for (let i = 0; i < N; i++) {
            const others = ['Server1', 'Server2', 'Server3'].filter((_, j) => j !== i);
            const [answers, ...counts] = await clients[i].ask('ask', 'who', LONG_MS);
            assert.deepStrictEqual([answers.sort(), counts], [others, [2, 2, 3, 3]]);
        }
    });

    test('an answer may come later', async () => {
        const held = [1, 2].map((i) => clients[i].next('held'));
        const asked = clients[0].ask('ask', 'hold', LONG_MS);
        await Promise.all(held);
        clients[1].emit('release');
        clients[2].emit('release');
        const [answers, ...counts] = await asked;
        assert.deepStrictEqual([answers.sort(), counts],
            [['Server2', 'Server3'], [2, 2, 3, 3]]);
    });

    test('who does not answer in time is missing', async () => {
        const held = [1, 2].map((i) => clients[i].next('held'));
        const asked = clients[0].ask('ask', 'hold', 1000);
        await Promise.all(held);
        assert.deepStrictEqual(await asked, [[], 0, 0, 1, 3]);
        clients[1].emit('release');
        clients[2].emit('release');
    });

    /* The last one: it does not come back. */
    test('an instance that is killed while it should answer is not waited for', async () => {
        const held = [1, 2].map((i) => clients[i].next('held'));
        const asked = clients[0].ask('ask', 'hold', LONG_MS);
        await Promise.all(held);
        clients[1].emit('release');
        leave(clients[2]);
        await cluster.instances[2].program.stop('SIGKILL');
        assert.deepStrictEqual(await asked, [['Server2'], 1, 1, 2, 3]);
    });
});

describe('namespaces that clients ask for', suite, () => {
    let cluster;
    before(async () => { cluster = await startCluster(2, { args: ['--reach'] }); });
    after(() => cluster.stop());

    for (const version of ['0.9.16', '1.0.6', '1.7.4', '2.5.0', '3.1.3', '4.8.4']) {
        test(`a client of ${version}`, async () => {
            const name = `/dynamic-${version}`;
            const client = await connect(cluster.ports[0], { version, namespace: name });
            assert.deepStrictEqual(client.greeting, name);
            const [answer] = await client.ask('echo', 'x');
            assert.strictEqual(answer, 'x');
            leave(client);
        });
    }

    for (const version of ['1.7.4', '2.5.0', '4.8.4']) {
        test(`a name that is not known, and one not admitted: ${version}`, async () => {
            const refused = async (namespace, query) => {
                const client = begin(cluster.ports[0], { version, namespace, query });
                const name = version === '4.8.4' ? 'connect_error' : 'error';
                const [error] = await within(event(client.socket, name), 'it is refused');
                leave(client);
                return error.message || error;
            };
            assert.strictEqual(await refused('/static-1', {}), 'Invalid namespace');
            assert.strictEqual(await refused('/dynamic-1', { unwanted: 1 }), 'not you');
        });
    }

    test('they are gone with their last clients, and can be asked for again', async () => {
        const again = async () => {
            const clients = await Promise.all(['0.9.16', '4.8.4'].map((version) =>
                connect(cluster.ports[0], { version, namespace: '/dynamic-again' })));
            leave(...clients);
            await eventually(async () => (await counters(cluster.instances[0])).sessions === 0,
                'all have left');
        };
        await again();
        await again();
        assert.strictEqual((await counters(cluster.instances[0])).refused_namespaces, 0);
    });

    test('clients of both instances are in the same one', async () => {
        const clients = await Promise.all(cluster.ports.map((port) =>
            connect(port, { namespace: '/dynamic-both' })));
        for (const [i, client] of clients.entries())
            assert.deepStrictEqual(await client.ask('echo', i), [i]);
        leave(...clients);
    });
});
