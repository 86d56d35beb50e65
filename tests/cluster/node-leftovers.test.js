'use strict';
/*
 * Sessions of ours that have come and gone leave nothing in a Node process: no entry in its tables,
 * no subscription, no listener. (Its own sessions do, and those of its like: 8.5, Q3, Q4.)
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { ALL_NODE, LASTING, MIXED, Member, Mixed, peer, redisCommand, tablesOf } =
    require('../lib/mixed.js');
const { connect } = require('../lib/polling.js');
const sio = require('../lib/sio09.js');

const SESSIONS = Number(process.env.MIXED_SESSIONS || 60);
const suite = { skip: MIXED.skip || (ALL_NODE && 'the original does otherwise') };

describe('a Node process beside ours', suite, () => {
    let mixed, our, node, empty;
    before(async () => {
        mixed = await Mixed.start({ config: { 'close timeout': 4 } });
        ({ our, node } = mixed);
        const first = await Member.connect({ at: our });     /* whatever is made once */
        await first.ask('join', ['r']);
        first.leave();
        await eventually(async () => (await peer(node)).handshaken === 0, 'an empty table');
        empty = await tablesOf(node);
    });
    after(() => mixed.stop());

    const clean = () => eventually(async () => JSON.stringify(await tablesOf(node)) ===
        JSON.stringify(empty), 'tables as before').catch(async (error) => {
        error.message += `\nbefore ${JSON.stringify(empty)}\nnow ${
            JSON.stringify(await tablesOf(node))}`;
        throw error;
    });

    const nodeKnows = (n, what, ms) => eventually(async () =>
        (await peer(node)).connected === n, what, ms);

    const ENDS = {
        'the connection is cut': (client) => client.leave(),
        goodbye: (client) => client.say('0::'),
        kicked: (client) => client.emit('kick', []),
        '?disconnect at ours': (client) => http.get(our.port,
            `/socket.io/1//${client.id}/?disconnect=1`),
        '?disconnect at Node': (client) => http.get(node.port,
            `/socket.io/1//${client.id}/?disconnect=1`),
        'kicked by Node': (client) => peer(node, 'kick', { id: client.id }),
    };

    test(`${SESSIONS} sessions over each lasting transport, in every way to end`, async () => {
        for (let i = 0; i < SESSIONS; i++) {
            const [end] = Object.values(ENDS).slice(i % Object.keys(ENDS).length);
            await Promise.all(LASTING.map(async (transport) => {
                const client = await Member.connect({ at: our, transport });
                await client.ask('join', [`r${i}`]);
                await client.join('/chat');
                await client.ask('join', ['x'], '/chat');
                await end(client);
                if (end !== ENDS['the connection is cut'])
                    await eventually(() => client.ended, `the end of session ${i}`);
                client.leave();
            }));
        }
        /* Handles that its application has asked for are Node's own business. */
        await clean();
    });

    test('ids that nobody knows leave nothing', async () => {
        await Promise.all(Array.from({ length: 20 }, async (_, i) => {
            const id = `NoSuchSession${String(i).padStart(7, '0')}`;
            const socket = await sio.upgrade(our.port, id);
            assert.strictEqual(await socket.message(), '7:::1+0');
            socket.destroy();
            await http.post(our.port, sio.transportUrl('xhr-polling', id), '3:5::x',
                { 'Content-Type': 'text/plain' });
        }));
        assert.deepStrictEqual(await tablesOf(node), empty);
    });

    /* From here on Node has something left: the session of the speaker is its own. */
    test('sessions by polling, with broadcasts between their polls', async () => {
        const speaker = await Member.connect({ at: node });
        const pollers = [];
        for (let i = 0; i < 20; i++)
            pollers.push(await connect(our.port, 'xhr-polling'));
        for (let i = 0; i < 50; i++)
            await speaker.emit('broadcast', [i]);
        for (const poller of pollers) {
            const bodies = [];
            while (bodies.join('').split('"broadcast"').length <= 50) {
                bodies.push(await poller.poll());
                assert.notStrictEqual(bodies.at(-1), '7:::1+0', 'it is not known any more');
            }
        }
        assert.strictEqual((await peer(node)).closed, empty.closed, 'Node keeps no packets');
        for (const poller of pollers.slice(0, 10))
            await poller.post('0::');       /* the others run into the close timeout */
        await nodeKnows(1, 'only the speaker is left');
        speaker.leave();
        await nodeKnows(0, 'nobody is left');
    });

    /* One more of ours ends in some way, when Node has heard of its sessions. */
    async function endsWithSessions(end) {
        const { connected } = await peer(node);
        const other = await mixed.add();
        const clients = await Promise.all(LASTING.map((transport) =>
            Member.connect({ at: other, transport })));
        await nodeKnows(connected + clients.length, 'the word of its sessions');
        await end(other);
        await nodeKnows(connected, 'the end of its sessions', 30000);
        clients.forEach((client) => client.leave());
    }

    test('an instance that stops leaves nothing', () =>
        endsWithSessions((other) => other.stop()));

    test('an instance that is killed leaves nothing', () =>
        endsWithSessions((other) => other.program.stop('SIGKILL')));

    test('Redis has no channel for a session of ours', async () => {
        const client = await Member.connect({ at: our });
        const channels = await redisCommand(mixed.redis, 'PUBSUB', 'CHANNELS');
        assert.ok(!channels.includes(client.id), channels);
        client.leave();
    });
});
