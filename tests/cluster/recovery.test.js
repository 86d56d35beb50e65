'use strict';
/*
 * Connection state recovery over several instances: a client that has lost its connection comes
 * back to another instance than the one that has its state, and is who it was all the same.
 *
 * The original can not do that without an adapter that keeps everything in Redis or MongoDB.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { counters, startCluster } = require('../lib/cluster.js');
const { eventually, within } = require('../lib/deadline.js');
const { ORIGINAL, leave, leaveAll } = require('../lib/modern.js');
const { ON, comeBack, cut, join, secrets, these } = require('../lib/recovery.js');
const { NEEDS_CONTRACT } = require('../lib/server.js');

const suite = ORIGINAL ? { skip: 'the original has one instance here' } : NEEDS_CONTRACT;
const numbers = (n) => Array.from({ length: n }, (_, i) => i);

/* The sum of a counter over all instances. */
async function sum(cluster, name) {
    const all = await Promise.all(cluster.instances.map(counters));
    return all.reduce((total, { [name]: n }) => total + n, 0);
}

for (const n of [2, 3]) {
    describe(`coming back to another of ${n} instances`, suite, () => {
        let cluster, others;
        const port = (i) => cluster.ports[i % n];
        before(async () => {
            cluster = await startCluster(n, { config: ON, args: ['--reach'] });
            await cluster.met();
            others = await Promise.all(cluster.ports.map((to) => join(to)));
        });
        after(async () => {
            leaveAll();
            await cluster.stop();
        });

        /* All that was sent before is everywhere: so is what each says now. */
        let last = 0;
        async function spread() {
            const mark = `mark ${++last}`;
            const heard = others.map(({ socket }) => new Promise((resolve) => {
                let missing = n;
                socket.on('broadcast', function listener(data) {
                    missing -= data === mark;
                    if (missing > 0)
                        return;
                    socket.off('broadcast', listener);
                    resolve();
                });
            }));
            others.forEach((other) => other.emit('broadcast', mark));
            await within(Promise.all(heard), `${mark} is everywhere`);
        }

        for (const way of ['websocket', 'polling']) {
            test(`by ${way}: its id, its rooms, its data, and what was missed`, async () => {
                const client = await join(port(0), { way });
                const { id } = client;
                await client.ask('join', 'mine');
                await client.ask('set', 'nick', 'bob');
                await client.ask('data', { name: 'Ann \u00e9' });
                await cut(client, others[0]);
                for (const i of numbers(20))
                    others[0].emit('room', 'mine', i);
                others[0].emit('room', 'foreign', 'no');
                others[1].emit('room', 'mine', Buffer.from('é'));
                others[1].emit('room', id, 'alone');
                await spread();
                const seen = await comeBack(client, port(1));
                assert.strictEqual(client.socket.recovered, true);
                assert.strictEqual(client.id, id);
                const missed = these(seen, 'room');
                const text = missed.filter(([, data]) => !Buffer.isBuffer(data));
                assert.deepStrictEqual(text.filter(([, data]) => data !== 'alone'),
                    numbers(20).map((i) => ['mine', i]));
                assert.deepStrictEqual(text.filter(([room]) => room === id), [[id, 'alone']]);
                assert.deepStrictEqual(missed.filter(([, data]) => Buffer.isBuffer(data)),
                    [['mine', Buffer.from('é')]]);
                assert.deepStrictEqual(these(seen, 'server')[0][0].port, port(1));
                assert.deepStrictEqual(await client.ask('get', 'nick'), ['bob']);
                const [[listed]] = await client.ask('fetch', { room: id }, 5000);
                assert.deepStrictEqual(listed.data, [{ name: 'Ann \u00e9' }]);
                const again = client.next('room');
                others[0].emit('room', 'mine', 'again');
                assert.strictEqual((await again)[1], 'again');
                leave(client);
            });
        }

        test('around and around, with something missed or with nothing', async () => {
            const client = await join(port(0));
            const { id } = client;
            await client.ask('set', 'nick', 'bob');
            for (const i of numbers(4 * n)) {
                await cut(client, others[0]);
                if (i % 3)
                    others[i % n].emit('broadcast', i);
                await spread();
                const seen = await comeBack(client, port(i + 1));
                assert.strictEqual(client.socket.recovered, true, `round ${i}`);
                assert.strictEqual(client.id, id);
                assert.deepStrictEqual(these(seen, 'broadcast')
                    .filter(([data]) => Number.isInteger(data)), i % 3 ? [[i]] : []);
            }
            assert.deepStrictEqual(await client.ask('get', 'nick'), ['bob']);
            leave(client);
        });

        test('while all instances send, nothing is lost and nothing comes twice', async () => {
            const client = await join(port(0));
            const { id } = client;
            const seen = others.map(() => []);
            client.socket.on('broadcast', (data) => seen[data[0]].push(data[1]));
            let sent = 0;
            const timer = setInterval(() => {
                others.forEach((other, i) => other.emit('broadcast', [i, sent]));
                sent++;
            }, 1);
            for (const i of numbers(10 * n)) {
                await eventually(() => seen.every((list) => list.at(-1) > sent - 20),
                    'it is up to date');
                const ended = client.next('disconnect');
                if (i % 2)
                    client.cut();   /* in the middle of what is under way */
                else
                    client.engine.close();
                await ended;
                await eventually(async () => await sum(cluster, 'recoverable') === 1,
                    'the server knows');
                const connected = client.next('connect');
                client.socket.io.uri = `http://127.0.0.1:${port(i + 1)}`;
                client.socket.connect();
                await connected;
                assert.strictEqual(client.socket.recovered, true, `round ${i}`);
                assert.strictEqual(client.id, id);
            }
            clearInterval(timer);
            await eventually(() => seen.every((list) => list.at(-1) === sent - 1), 'has all');
            for (const list of seen)
                assert.deepStrictEqual(list, numbers(sent).slice(list[0]));
            leave(client);
        });

        test('of two who come at different instances the first is the one', async () => {
            for (const i of numbers(5)) {
                const client = await join(port(i));
                const { id } = client;
                await cut(client, others[0]);
                const auth = secrets(client);
                const two = await Promise.all([join(port(i + 1), { auth }),
                    join(port(i + (i % 2 ? 0 : 1)), { auth })]);
                assert.deepStrictEqual(two.map((one) => one.id === id).sort(), [false, true]);
                leave(client, ...two);
            }
        });

        test('private ids that look as if another instance had given them', async () => {
            const client = await join(port(0));
            await cut(client, others[0]);
            const { pid, offset } = secrets(client);
            for (const auth of [{ pid: `${pid.slice(0, 6)}AAAAAAAAAAAAAA`, offset },
                { pid, offset: 'nothing' }, { pid: pid.slice(0, 6), offset }]) {
                const stranger = await join(port(1), { auth });
                assert.strictEqual(stranger.socket._pid === pid, false);
                leave(stranger);
            }
            await comeBack(client, port(1));
            assert.strictEqual(client.socket.recovered, true);
            leave(client);
        });

        test('who is gone for good leaves nothing', async () => {
            const client = await join(port(0));
            await cut(client, others[0]);
            await comeBack(client, port(1));
            await cut(client, others[0]);
            await comeBack(client, port(2));
            leave(client, ...others.splice(0));
            await eventually(async () => await sum(cluster, 'sessions') === 0, 'all have left');
            assert.strictEqual(await sum(cluster, 'forwards'), 0);
        });
    });
}

describe('when the instance that has the state is not there', suite, () => {
    let cluster;
    before(async () => {
        cluster = await startCluster(2, { config: { ...ON, 'instance timeout': 2 } });
        await cluster.met();
    });
    after(async () => {
        leaveAll();
        for (const instance of cluster.instances)
            instance.program.kill('SIGCONT');
        await cluster.stop();
    });

    for (const [what, go] of [['stopped', (instance) => instance.stop()],
        ['killed', (instance) => instance.program.stop('SIGKILL')],
        ['frozen', (instance) => instance.program.kill('SIGSTOP')]]) {
        test(`${what}: a new connection, soon`, async () => {
            const client = await join(cluster.ports[0]);
            await cut(client);
            await eventually(async () => (await counters(cluster.instances[0])).recoverable > 0,
                'the state is kept');
            await go(cluster.instances[0]);
            await comeBack(client, cluster.ports[1]);
            assert.strictEqual(client.socket.recovered, false);
            leave(client);
            cluster.instances[0].program.kill('SIGCONT');
            if (what !== 'frozen')
                await cluster.start(0);
            await cluster.met();
        });
    }
});
