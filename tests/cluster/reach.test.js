'use strict';
/*
 * What an application asks of many sockets is about those of all instances: broadcasts with
 * acknowledgements, lists of sockets, moves. Also while Redis or an instance fails: then it is told
 * in time what is missing.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters } = require('../lib/cluster.js');
const { eventually, within } = require('../lib/deadline.js');
const { connect, leave, leaveAll } = require('../lib/modern.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const LONG_MS = 60000;
const VERSIONS = ['0.9.16', '1.7.4', '2.5.0', '4.8.4'];
const INSTANCE_TIMEOUT_S = 2;
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

const sorted = (values) => [...values].sort((a, b) => String(a).localeCompare(String(b)));
const numbers = (n) => Array.from({ length: n }, (_, i) => i);

/* What came of a question, as the application tells it. */
async function ask(client, name, to, ms, ...more) {
    const [answers, nAnswered, nAsked, nReached, nInstances] =
        await within(new Promise((resolve) => {
            client.emit(name, to, ms, ...more, (...told) => resolve(told));
        }), `${name} is told`, LONG_MS);
    assert.strictEqual(answers.length, nAnswered);
    return { answers, nAnswered, nAsked, nReached, nInstances };
}

const whole = (nSockets, nInstances) =>
    ({ nAnswered: nSockets, nAsked: nSockets, nReached: nInstances, nInstances });

function assertTold({ answers, ...told }, want, values) {
    assert.deepStrictEqual(told, want);
    if (values)
        assert.deepStrictEqual(sorted(answers), sorted(values));
}

const start = (n) => startCluster(n,
    { args: ['--reach'], config: { 'instance timeout': INSTANCE_TIMEOUT_S } });

/* Nothing is left of any question, on the instances that still run. */
const assertNothingLeft = (cluster) => Promise.all(cluster.instances
    .filter(({ program }) => program.status === null)
    .map((instance) => eventually(async () => (await counters(instance)).surveys === 0,
        `${instance.port} has no question left`)));

for (const n of [2, 3]) {
    describe(`${n} instances`, suite, () => {
        let cluster, clients;
        before(async () => {
            cluster = await start(n);
            clients = await Promise.all(cluster.ports.flatMap((port) =>
                VERSIONS.map((version) => connect(port, { version }))));
        });
        after(async () => {
            await assertNothingLeft(cluster);
            leave(...clients);
            await cluster.stop();
        });

        test('clients of all instances and revisions are asked', async () => {
            const asked = clients.map((client, i) => client.answer('question', i));
            const told = await ask(clients[0], 'survey', {}, LONG_MS, 'who?');
            assertTold(told, whole(clients.length, n), numbers(clients.length));
            for (const [value] of await Promise.all(asked))
                assert.strictEqual(value, 'who?');
        });

        test('many questions at a time, from all instances', async () => {
            const listeners = clients.map((client, i) => {
                const listener = (value, answer) => answer([i, value]);
                client.on('question', listener);
                return listener;
            });
            const told = await Promise.all(numbers(50).map((k) =>
                ask(clients[k % clients.length], 'survey', {}, LONG_MS, k)));
            for (const [k, one] of told.entries())
                assertTold(one, whole(clients.length, n), clients.map((_, i) => [i, k]));
            clients.forEach((client, i) => client.off('question', listeners[i]));
        });

        test('bytes in the answer of a client elsewhere', async () => {
            const member = clients.at(-1);
            await member.ask('join', 'bytes');
            const asked = member.answer('question', { bytes: Buffer.from('é€😀') });
            const told = await ask(clients[0], 'survey', { room: 'bytes' }, LONG_MS, 0);
            assertTold(told, whole(1, n),
                [{ bytes: Buffer.from('é€😀').toString('base64') }]);
            await asked;
        });

        test('one who does not answer is waited for until the time is up', async () => {
            const members = [clients[1], clients.at(-1)];
            await Promise.all(members.map((member) => member.ask('join', 'slow')));
            const heard = members[1].next('question');
            const asked = members[0].answer('question', 'here');
            const told = await ask(clients[0], 'survey', { room: 'slow' }, 500, 0);
            assertTold(told, { ...whole(2, n), nAnswered: 1 }, ['here']);
            await Promise.all([heard, asked]);
        });

        test('this instance alone', async () => {
            const own = clients.slice(0, VERSIONS.length);
            const told = await ask(clients[0], 'fetch', { local: true }, LONG_MS);
            assertTold(told, whole(own.length, 1));
        });

        test('sockets of all instances are listed', async () => {
            const room = 'list "é"';
            const members = [clients[0], clients[2], clients.at(-1)];
            await Promise.all(members.map((member) => member.ask('join', room)));
            const { answers, ...told } = await ask(clients[1], 'fetch', { room }, LONG_MS);
            assert.deepStrictEqual(told, whole(3, n));
            for (const member of members) {
                const [found] = answers.filter(({ id }) => id === member.id);
                assert.strictEqual(found.server, member.greeting.server);
                assert.ok(found.rooms.includes(room));
                assert.ok(Math.abs(Date.now() - found.connected) < 300000);
                assert.strictEqual(found.handshake.address.address, '127.0.0.1');
            }
            assertTold(await ask(clients[1], 'fetch', {}, LONG_MS), whole(clients.length, n));
        });

        test('sockets of all instances are moved', async () => {
            const size = async (room) =>
                (await ask(clients[0], 'fetch', { room }, LONG_MS)).nAnswered;
            const guests = await Promise.all(cluster.ports.map((port) => connect(port)));
            await Promise.all(guests.map((guest) => guest.ask('join', 'from')));
            await clients[0].ask('move', { room: 'from' }, 'join', 'to');
            assert.strictEqual(await size('to'), n);    /* the list comes behind the move */
            await clients[0].ask('move', { room: 'to' }, 'leave', 'from');
            assert.strictEqual(await size('from'), 0);
            const left = guests.map((guest) => guest.next('disconnect'));
            await clients[0].ask('move', { room: 'to' }, 'close');
            for (const [reason] of await Promise.all(left))
                assert.strictEqual(reason, 'io server disconnect');
            assert.strictEqual(await size('to'), 0);
            assert.ok(clients.every((client) => client.connected));
            leave(...guests);
        });
    });
}

describe('when something fails', suite, () => {
    let cluster, clients;
    before(async () => {
        cluster = await start(3);
        clients = await Promise.all(cluster.ports.map((port) => connect(port)));
    });
    after(async () => {
        await assertNothingLeft(cluster);
        leaveAll();
        await cluster.stop();
    });

    const kill = async (instance) => {
        instance.program.kill('SIGKILL');
        await instance.program.ended();
    };

    /* The others know that number 2 was killed, and then that it is there again, with a client. */
    async function revive() {
        for (const instance of cluster.instances.slice(0, 2)) {
            await eventually(async () => (await counters(instance)).peers === 1,
                `${instance.port} has lost the other`, 30000);
        }
        await cluster.start(2);
        await cluster.met();
        clients[2] = await connect(cluster.ports[2]);
    }

    test('an instance is killed before its client answers', async () => {
        const asked = clients.map((client) => client.next('question'));
        const told = ask(clients[0], 'survey', {}, LONG_MS, 0);
        const answers = (await Promise.all(asked)).map((args) => args.pop());
        await eventually(async () => (await counters(cluster.instances[2])).surveys === 1,
            'it waits for its client');
        answers[0](0);
        answers[1](1);
        await kill(cluster.instances[2]);
        leave(clients[2]);
        assertTold(await told, { ...whole(3, 3), nAnswered: 2 }, [0, 1]);
    });

    test('an instance is killed, and asked before that is known', async () => {
        await revive();
        leave(clients[2]);
        await kill(cluster.instances[2]);
        assertTold(await ask(clients[0], 'fetch', {}, LONG_MS),
            { ...whole(2, 3), nReached: 2 });
    });

    test('the one who asks is killed: nobody goes on waiting', async () => {
        await revive();
        const asked = clients[0].next('question');
        clients[2].emit('survey', {}, LONG_MS, 0, () => assert.fail('told by nobody'));
        await asked;
        leave(clients[2]);
        await kill(cluster.instances[2]);
        await assertNothingLeft(cluster);
    });

    test('an instance is frozen for a moment: its answer comes late, and is counted', async () => {
        const other = cluster.instances[1];
        const list = () => ask(clients[0], 'fetch', {}, 200);
        other.program.kill('SIGSTOP');
        assertTold(await list(), { ...whole(1, 2), nReached: 1 });
        other.program.kill('SIGCONT');
        await eventually(async () => (await counters(cluster.instances[0])).unasked_answers > 0,
            'the late answer');
        await eventually(async () => (await list()).nReached === 2, 'all are reached again');
    });

    test('Redis is away: told at once, by this instance alone', async () => {
        await cluster.redis.stop();
        await eventually(async () => !(await counters(cluster.instances[0])).store.connected,
            'it is known to be away');
        const asked = clients[0].answer('question', 'alone');
        assertTold(await ask(clients[0], 'survey', {}, LONG_MS, 0),
            { ...whole(1, 2), nReached: 1 }, ['alone']);
        await asked;
        await cluster.redis.start();
        await eventually(async () =>
            (await ask(clients[0], 'fetch', {}, 1000)).nReached === 2, 'all are reached again',
        30000);
    });
});
