'use strict';
/* A session changes its transport and its instance; and what it costs the instances. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters, Witnesses } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { Poller } = require('../lib/polling.js');
const { TRANSPORTS } = require('../lib/roamer.js');
const { assertComplete } = require('../lib/sequence.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const LASTING = ['websocket', 'flashsocket', 'htmlfile'];
const HOPPERS = 5;
const ANSWERED = 15;      /* heartbeats: more than fit into the timeout */

/* Every transport follows every one, itself too; and the last is followed by the first. */
const EVERY_CHANGE = TRANSPORTS.flatMap((one, i) =>
    [one, ...TRANSPORTS.slice(i + 1).flatMap((another) => [one, another])]);

for (const n of [2, 3]) {
    describe(`changes of transport between ${n} instances`, suite, () => {
        let cluster, witnesses, ports;
        before(async () => {
            cluster = await startCluster(n);
            witnesses = await Witnesses.of(cluster);
            ({ ports } = cluster);
        });
        after(async () => {
            witnesses.assertNoneTwice();
            await cluster.stop();
        });

        test(`${EVERY_CHANGE.length} changes while events come: none lost or twice`, async () => {
            const speaker = await cluster.local(0);
            let said = 0, hopping = HOPPERS;
            /* All stages of one session. */
            const hop = async (_, i) => {
                const path = [...EVERY_CHANGE.slice(i * 5), ...EVERY_CHANGE.slice(0, i * 5 + 1)];
                const stages = [await cluster.roamer(path[0], { first: i })];
                const start = said;
                for (const transport of path.slice(1)) {
                    const stage = await stages.at(-1).change(transport);
                    cluster.roamers.add(stage);
                    stages.push(stage);
                    await stage.until(() => stage.heard('broadcast').length > 0,
                        `hears more after a change from ${stages.at(-2).transport}`);
                }
                hopping--;
                return { start, stages };
            };
            const hoppers = Promise.all(Array.from({ length: HOPPERS }, hop))
                .finally(() => { hopping = 0; });
            while (hopping > 0) {
                speaker.emitEvent('broadcast', [said++]);
                await speaker.ask('echo');
            }
            for (const { start, stages } of await hoppers) {
                const numbers = () => stages.flatMap((stage) => stage.numbers('broadcast'))
                    .filter(Number.isInteger);
                await stages.at(-1).until(() => numbers().includes(said - 1), 'hears the last');
                const [first] = numbers();
                assert.ok(first <= start + 1, `begins with ${first}, not ${start}`);
                assertComplete(numbers().map((number) => number - first), said - first,
                    stages.at(-1));
                await stages.at(-1).leave();
                await witnesses.see(stages[0].id, 'booted');
            }
        });

        test('a websocket takes over from a poll', async () => {
            for (const [one, two] of [[0, 1], [1, 0], [1, n - 1], [0, 0]]) {
                const { id } = await sio.handshake(ports[0]);
                const poller = new Poller(ports[one], 'xhr-polling', id);
                assert.strictEqual(await poller.poll(), '1::');
                await poller.poll();
                const poll = await poller.begin();
                await http.get(ports[one], '/');
                await poller.at(ports[one]).post('2::');
                const socket = await sio.upgrade(ports[two], id);
                assert.strictEqual(await poller.finish(poll), '8::');
                await sio.assertAlive(socket);
                socket.text('5:1+::{"name":"who"}');
                assert.match(await socket.message(), /"transport":"websocket"/);
                socket.text('0::');
                await witnesses.see(id, 'booted');
                socket.destroy();
            }
        });

        test('a poll takes over from a websocket, which is closed', async () => {
            for (const [one, two] of [[0, 1], [1, 0], [1, n - 1], [0, 0]]) {
                const { id } = await sio.handshake(ports[0]);
                const socket = await sio.upgrade(ports[one], id);
                assert.strictEqual(await socket.message(), '1::');
                await socket.message();
                const poller = new Poller(ports[two], 'xhr-polling', id);
                const poll = await poller.begin();
                await socket.closeCode();
                await poller.at(ports[one]).post('5:1+::{"name":"who"}');
                assert.match(await poller.finish(poll), /"transport":"xhr-polling"/);
                await poller.post('0::');
                assert.strictEqual(await poller.poll(), '0::');
                await witnesses.see(id, 'booted');
                socket.destroy();
            }
        });

        test('kicked between two polls, wherever it is: the next poll tells it', async () => {
            for (const [one, two] of [[0, 0], [1, 0], [1, n - 1], [n - 1, 1]]) {
                const { id } = await sio.handshake(ports[0]);
                const socket = await sio.upgrade(ports[one], id);
                await socket.message();
                await socket.message();
                const poller = new Poller(ports[two], 'xhr-polling', id);
                const poll = await poller.begin();
                await socket.closeCode();
                await poller.post(sio.probe(1));
                assert.match(await poller.finish(poll), /6:::1$/);
                await poller.post('5:::{"name":"kick"}');
                await witnesses.see(id, 'booted');
                assert.strictEqual(await poller.poll(), '0::');
            }
        });

        /* A session that ends at its owner while a request for it is on the way from here. */
        async function ending(i) {
            const { id } = await sio.handshake(ports[0]);
            const owner = ports[(i + 1) % n];
            const socket = await sio.upgrade(owner, id);
            await socket.message();
            return { id, port: ports[i % 2 === 0 ? 0 : n - 1],
                end: () => http.get(owner, `/socket.io/1//${id}/?disconnect=1`) };
        }
        const twenty = (act) => Promise.all(Array.from({ length: 20 }, (_, i) => act(i)));

        test('a poll that comes as the session ends is answered', () => twenty(async (i) => {
            const { id, port, end } = await ending(i);
            const poller = new Poller(port, 'xhr-polling', id);
            const poll = await poller.begin();
            await end();
            let body = await poller.finish(poll, 5000);
            while (!/0::|7:::1\+0/.test(body))
                body = await poller.poll(5000);
        }));

        test('a POST that comes as the session ends is answered', () => twenty(async (i) => {
            const { id, port, end } = await ending(i);
            await Promise.all([new Poller(port, 'xhr-polling', id).post(sio.probe(1)), end()]);
        }));

        test('a websocket that comes as the session ends is closed', () => twenty(async (i) => {
            const { id, port, end } = await ending(i);
            const [socket] = await Promise.all([sio.upgrade(port, id), end()]);
            await socket.end(5000);
        }));

        for (const transport of LASTING) {
            /* Opened by a poll at one instance, then with a lasting transport at another. */
            const settleAt = async (i) => {
                const roamer = await cluster.local(0, 'xhr-polling');
                roamer.ports = [ports[i]];
                return roamer.change(transport);
            };

            test(`a ${transport} elsewhere that ends, ends the session`, async () => {
                const stages = await Promise.all([0, 1, n - 1].map(settleAt));
                for (const stage of stages) {
                    (stage.socket || stage.stream).socket.end();
                    await eventually(() => witnesses.reasons(stage.id).flat().length > 0, 'left');
                    const [[reason]] = witnesses.reasons(stage.id);
                    assert.match(reason, /^socket (end|close)$/);
                    await witnesses.see(stage.id, reason);
                }
            });

            test(`a ${transport} elsewhere that is reset, ends the session`, async () => {
                const stage = await settleAt(1);
                (stage.socket || stage.stream).reset();
                await witnesses.see(stage.id, 'socket error');
            });
        }
    });
}

describe('heartbeats of lasting transports elsewhere', suite, () => {
    let cluster, witnesses;
    before(async () => {
        cluster = await startCluster(2,
            { config: { 'heartbeat interval': 0.3, 'heartbeat timeout': 4 } });
        witnesses = await Witnesses.of(cluster);
    });
    after(() => cluster.stop());

    test('answered they keep the session, unanswered they end it', async () => {
        await Promise.all(LASTING.map(async (transport) => {
            const roamer = await cluster.local(0, 'xhr-polling');
            roamer.ports = [cluster.ports[1]];
            const stage = await roamer.change(transport);
            const say = stage.say.bind(stage);
            let beats = 0;
            stage.say = (packet) => {
                if (++beats <= ANSWERED)
                    say(packet);
            };
            await eventually(() => beats > ANSWERED, 'more heartbeats');
            await witnesses.see(stage.id, 'heartbeat timeout');
        }));
    });
});

describe('who hears what', suite, () => {
    let cluster;
    before(async () => { cluster = await startCluster(4); });
    after(() => cluster.stop());

    test('traffic of one client goes to the instances that it uses, and no other', async () => {
        const heard = async () => {
            const all = await Promise.all(cluster.instances.map(counters));
            return all.map((each) => each.store.heard);
        };
        const roamer = await cluster.roamer('xhr-polling', { ports: cluster.ports.slice(0, 2) });
        const start = await heard();
        for (let i = 0; i < 300; i++)
            await roamer.ask('echo', [i]);
        const more = (await heard()).map((count, i) => count - start[i]);
        assert.ok(more[0] + more[1] >= 300, `heard: ${more}`);
        /* Those that have no part in it hear signs of life of the others. */
        assert.ok(more[2] < 60 && more[3] < 60, `heard: ${more}`);
        roamer.destroy();
    });
});
