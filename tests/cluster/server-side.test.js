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

describe('what an application says to itself', suite, () => {
    let cluster, clients;
    before(async () => {
        cluster = await startCluster(N, { args: ['--reach'] });
        clients = await Promise.all(cluster.ports.map((port) => connect(port)));
    });
    after(async () => {
        leave(...clients);
        await cluster.stop();
    });

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
