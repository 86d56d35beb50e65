'use strict';
/*
 * htmlfile in a mixed cluster without affinity: the answer that never ends is at one member, the
 * POSTs of the client reach another. And what an application of Node does to a session of ours.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { ALL_NODE, MIXED, Member, Mixed, event, peer } = require('../lib/mixed.js');
const sio = require('../lib/sio09.js');

const BETTER = { skip: ALL_NODE && 'the original does otherwise' };
const TEXT = 'é😀 "\\\n\u2028 :+';

describe('POSTs at the other member', MIXED, () => {
    let mixed, our, node;
    before(async () => {
        mixed = await Mixed.start({ config: { 'heartbeat interval': 1, 'heartbeat timeout': 5 } });
        ({ our, node } = mixed);
    });
    after(() => mixed.stop());

    for (const [name, places] of [['at Node, for a session of ours', () => [our, node]],
        ['at ours, for a session of Node', () => [node, our]]]) {
        test(`${name}: every kind of packet`, async () => {
            const [at, posts] = places();
            const client = await Member.connect({ at, posts, transport: 'htmlfile' });
            assert.deepStrictEqual(await client.ask('echo', [TEXT, { a: [1, null] }]),
                [TEXT, { a: [1, null] }]);
            assert.deepStrictEqual(await client.ask('echo', []), []);
            await client.say(`3:77::${TEXT}`);
            await client.until(`3:::echo:${TEXT}`);
            await client.until('6:::77');
            assert.strictEqual(client.lines.filter((line) => line === '6:::77').length, 1);
            await client.say('4:::{"a":[1,null]}');
            await client.until('4:::{"a":[1,null]}');
            await client.emit('ask', [{ q: 1 }]);
            const question = await client.until((line) => line.includes('"name":"question"'));
            await client.say(`6:::${/^5:(\d+)/.exec(question)[1]}+["got",{"q":1}]`);
            await client.until('5:::{"name":"answer","args":["got",{"q":1}]}');
            await client.join('/chat');
            assert.deepStrictEqual(await client.ask('echo', [1], '/chat'), [1]);
            await client.say('0::/chat');
            await client.say('0::');
            await eventually(() => client.ended, 'the end');
            assert.ok(client.lines.includes('0::'));
            client.leave();
        });

        test(`${name}: several packets in one body keep their order`, async () => {
            const [at, posts] = places();
            const client = await Member.connect({ at, posts, transport: 'htmlfile' });
            for (let i = 0; i < 10; i++)
                await client.say(sio.payload(Array.from({ length: 10 },
                    (_, k) => event('echo', [i * 10 + k]))));
            await client.ask('echo', ['last']);
            assert.deepStrictEqual(client.heard('echo'), Array.from({ length: 100 }, (_, i) => i));
            client.leave();
        });

        test(`${name}: heartbeats keep it alive`, async () => {
            const [at, posts] = places();
            const client = await Member.connect({ at, posts, transport: 'htmlfile' });
            for (let beats = 0; beats < 7; beats++) {
                await client.until(() => client.lines.filter((l) => l === '2::').length > beats,
                    'a heartbeat');
                await client.say('2::');
            }
            assert.strictEqual(client.ended, false);
            await client.until(() => client.ended, 'the end when the client is silent');
            client.leave();
        });

        test(`${name}: ?disconnect at the other ends it, and everyone hears so once`, async () => {
            const [at, posts] = places();
            const witness = await Member.connect({ at: posts });
            for (const transport of ['websocket', 'htmlfile']) {
                const client = await Member.connect({ at, transport });
                await http.get(posts.port, `/socket.io/1//${client.id}/?disconnect=1`);
                await client.until('0::');
                await eventually(() => client.ended, 'the end');
                await witness.until(`5:::{"name":"left","args":["${client.id}","booted"]}`);
            }
            assert.strictEqual(witness.heard('left').length, new Set(witness.heard('left')).size);
            witness.leave();
        });
    }

    test('an application of Node kicks a session of ours', BETTER, async () => {
        const witness = await Member.connect({ at: node });
        for (const transport of ['websocket', 'htmlfile']) {
            const client = await Member.connect({ at: our, transport });
            await peer(node, 'kick', { id: client.id });
            await client.until('0::');
            await eventually(() => client.ended, 'the end');
            await witness.until(`5:::{"name":"left","args":["${client.id}","booted"]}`);
        }
        witness.leave();
    });

    test('what would end a Node process is not passed on', BETTER, async () => {
        const client = await Member.connect({ at: node, posts: our, transport: 'htmlfile' });
        for (const packet of ['5:::{"name":"__proto__","args":[1]}', '5:::{"name":"error"}',
            '5:::{"args":[1]}', '5:::null', '4:::bad', '6:::1+["x"]', '6:::x', '7:::1+0', '8::',
            '9:::x', '5:::{"name":"echo","args":{"length":1e9}}', '1::/__proto__', '3::__proto__:x',
            '1::constructor', '5:::{"name":"\\u005f_defineGetter__","args":["a",1]}',
            `5:::{"name":"echo","args":${'['.repeat(500)}${']'.repeat(500)}}`])
            await client.say(packet);
        for (const id of ['__proto__', 'propertyIsEnumerable'])
            await http.post(our.port, sio.transportUrl('htmlfile', id), '3:::x',
                { 'Content-Type': 'text/plain' });
        await http.get(our.port, '/socket.io/1//__proto__/?disconnect=1');
        assert.deepStrictEqual(await client.ask('echo', ['alive']), ['alive']);
        client.leave();
    });
});
