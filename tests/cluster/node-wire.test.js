'use strict';
/*
 * What ours tells Node through Redis: channels, envelopes and their order are those of section 8.3,
 * but for three things. The record of a handshake is told once at connect, not twice. There is no
 * `open` after the first and no `close`: they would make every Node process subscribe and keep
 * packets that it never sends. And the end of a session is told (`disconnect`), which Node knows to
 * take but does not say.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { ALL_NODE, MIXED, Member, Mixed, Monitor, peer } = require('../lib/mixed.js');
const { Poller } = require('../lib/polling.js');
const sio = require('../lib/sio09.js');

const suite = { skip: MIXED.skip || (ALL_NODE && 'the original does otherwise') };
const ID = 'AAAAAAAAAAAAAAAAAAAA';

describe('what Redis is told', suite, () => {
    let mixed, our, node, monitor, nodeId;
    before(async () => {
        mixed = await Mixed.start();
        ({ our, node } = mixed);
        ({ nodeId } = await peer(node));
        monitor = await Monitor.start(mixed.redis);
    });
    after(async () => {
        monitor.stop();
        await mixed.stop();
    });

    /* What ours has published since the last time, up to a message that matches. */
    async function told(last) {
        const ours = () => monitor.published((id) => String(id) !== String(nodeId));
        await eventually(() => ours().some(last), 'the last message').catch((error) => {
            error.message += `\n${JSON.stringify(ours(), null, 2)}`;
            throw error;
        });
        const messages = ours();
        monitor.commands.length = 0;
        return messages;
    }

    const ended = (id) => ([channel, first]) => channel === 'disconnect' && first === id;

    test('a websocket session from handshake to end', async () => {
        const client = await Member.connect({ at: our });
        const { id } = client;
        await client.ask('join', ['r1']);
        await client.ask('leave', ['r1']);
        await client.emit('broadcast', ['m']);
        await client.until('5:::{"name":"broadcast","args":["m"]}');
        await client.emit('room others', ['r1', 'é"']);
        await client.join('/chat');
        await client.ask('join', ['r'], '/chat');
        await client.emit('room', ['r', 1], { nsp: '/chat' });
        await client.say('0::/chat');
        await client.ask('set', ['nick', 'bob']);
        client.leave();
        const messages = await told(ended(id));
        const [, , record] = messages[0];
        const { issued, ...used } = record;
        assert.strictEqual(typeof issued, 'number');
        assert.deepStrictEqual(Object.keys(record),
            ['headers', 'address', 'time', 'query', 'url', 'xdomain', 'secure', 'issued']);
        const end = messages.slice(0, -1);      /* `left` is told before it is over */
        assert.deepStrictEqual(end, [
            ['handshake', id, record],
            ['open', id],
            ['connect', id],
            ['handshake', id, used],
            ['join', id, ''],
            ['join', id, '/r1'],
            ['leave', id, '/r1'],
            ['dispatch', '', '5:::{"name":"broadcast","args":["m"]}', null, []],
            ['dispatch', '/r1', '5:::{"name":"room","args":["r1","é\\""]}', null, [id]],
            ['handshake', id, used],
            ['join', id, '/chat'],
            ['join', id, '/chat/r'],
            ['dispatch', '/chat/r', '5::/chat:{"name":"room","args":["r",1]}', null, []],
            ['leave', id, '/chat'],
            ['dispatch', '', `5:::{"name":"left","args":["${id}","socket end"]}`, null, []],
        ]);
    });

    test('a polling session tells no more than another one', async () => {
        const { id } = await sio.handshake(our.port);
        const poller = new Poller(our.port, 'xhr-polling', id);
        await poller.poll();
        await poller.poll();
        for (let i = 0; i < 5; i++) {
            await poller.post(`5:1+::{"name":"echo","args":[${i}]}`);
            await poller.poll();
        }
        await poller.post('0::');
        const messages = await told(ended(id));
        assert.deepStrictEqual(messages.map(([channel]) => channel),
            ['handshake', 'open', 'connect', 'handshake', 'join', 'dispatch', 'disconnect']);
    });

    test('the handshake is told before it is answered', async () => {
        const { id } = await sio.handshake(our.port);
        const client = await Member.connect({ at: our });
        client.leave();
        const messages = await told(ended(client.id));
        assert.deepStrictEqual(messages[0].slice(0, 2), ['handshake', id]);
    });

    test('POSTs and ?disconnect of sessions elsewhere', async () => {
        const client = await Member.connect({ at: node, posts: our, transport: 'htmlfile' });
        const { id } = client;
        await client.say('5:9::{"name":"echo","args":[1]}');
        await client.say('3:1+:/chat:x');
        await client.say('2::');
        await http.get(our.port, `/socket.io/1//${id}/?disconnect=1`);
        await eventually(() => client.ended, 'the end');
        assert.deepStrictEqual(await told(([channel]) => channel === `disconnect-force:${id}`), [
            [`dispatch:${id}`, '6:::9'],
            [`message:${id}`, { type: 'event', endpoint: '', id: '9', ack: true, name: 'echo',
                args: [1] }],
            [`message:${id}`, { type: 'message', endpoint: '/chat', id: '1', ack: 'data',
                data: 'x' }],
            [`heartbeat-clear:${id}`],
            [`disconnect-force:${id}`],
        ]);
        client.leave();
    });

    test('an unknown id at ours is not told to anybody but where it is asked for', async () => {
        const socket = await sio.upgrade(our.port, ID);
        assert.strictEqual(await socket.message(), '7:::1+0');
        socket.destroy();
        const client = await Member.connect({ at: our });
        client.leave();
        const messages = await told(ended(client.id));
        assert.ok(!JSON.stringify(messages).includes(ID));
    });
});
