'use strict';
/*
 * Rooms and broadcasts between ours and real socket.io 0.9.16: each member of the room gets each
 * event exactly once, in the order of its sender, and nobody else gets any.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { ALL_NODE, MIXED, Member, Mixed, peer, settle } = require('../lib/mixed.js');

const EVENTS = Number(process.env.MIXED_EVENTS || 200);
const BETTER = { skip: ALL_NODE && 'the original does otherwise' };
const NAMES = ['r', 'r1/r2', 'chat', 'chat/r', 'é😀', 'a"b\\c', ' \u2028\n', '__proto__', '0'];

describe('rooms in a mixed cluster', MIXED, () => {
    let mixed, members, a, b, c, d;
    before(async () => {
        mixed = await Mixed.start({ ours: 2, nodes: 2 });
        const places = [...mixed.ours, ...mixed.nodes];
        members = await Promise.all(places.map((at, i) => Member.connect(
            { at, transport: ['websocket', 'htmlfile'][i % 2], name: 'abcd'[i] })));
        [a, b, c, d] = members;
        for (const member of members)
            await member.join('/chat');
    });
    after(async () => {
        members.forEach((member) => member.leave());
        await mixed.stop();
    });

    const counts = (name, value, nsp) => members.map((member) =>
        member.heard(name, nsp).filter((data) => data === value).length);

    for (const nsp of ['', '/chat']) {
        test(`"${nsp}": broadcast and others, from each`, async () => {
            for (const [i, sender] of members.entries()) {
                const value = `${nsp} from ${sender.name}: é😀\u2028"\\`;
                await sender.emit('broadcast', [value], { nsp });
                await sender.emit('others', [value], { nsp });
                await settle(members, [sender], nsp);
                assert.deepStrictEqual(counts('broadcast', value, nsp), [1, 1, 1, 1]);
                assert.deepStrictEqual(counts('others', value, nsp),
                    members.map((_, k) => Number(k !== i)));
            }
        });

        test(`"${nsp}": room and room others, from each`, async () => {
            await a.ask('join', ['r'], nsp);
            await c.ask('join', ['r'], nsp);
            for (const [i, sender] of members.entries()) {
                const value = `${nsp} in r from ${sender.name}`;
                await sender.emit('room', ['r', value], { nsp });
                await sender.emit('room others', ['r', `${value}, others`], { nsp });
                await settle(members, [sender], nsp);
                assert.deepStrictEqual(counts('room', value, nsp), [1, 0, 1, 0]);
                assert.deepStrictEqual(counts('room', `${value}, others`, nsp),
                    [Number(i !== 0), 0, Number(i !== 2), 0]);
            }
            await a.ask('leave', ['r'], nsp);
            for (const sender of [b, d]) {
                await sender.emit('room', ['r', `${nsp} a has left, ${sender.name}`], { nsp });
                await settle(members, [sender], nsp);
                assert.deepStrictEqual(
                    counts('room', `${nsp} a has left, ${sender.name}`, nsp), [0, 0, 1, 0]);
            }
            await c.ask('leave', ['r'], nsp);
        });
    }

    /*
     * Room "chat" of the default namespace and namespace "/chat" have one key on the wire (Q17).
     * Ours keeps them apart; Node does not, so that who leaves one has left the other.
     */
    test('names of rooms that look like something else', async () => {
        for (const nsp of ['', '/chat']) {
            for (const room of NAMES) {
                const inRoom = nsp === '' && room === 'chat' ? [b] : [b, c];
                for (const member of inRoom)
                    await member.ask('join', [room], nsp);
                for (const sender of [a, d]) {
                    const value = `${nsp} "${room}" ${sender.name}`;
                    await sender.emit('room', [room, value], { nsp });
                    await settle(members, [sender], nsp);
                    for (const member of inRoom)
                        assert.deepStrictEqual(member.heard('room', nsp)
                            .filter((data) => data === value), [value], member.name);
                }
                for (const member of inRoom)
                    await member.ask('leave', [room], nsp);
            }
        }
    });

    test(`${EVENTS} events of each at once: complete, in order, once`, async () => {
        const numbers = Array.from({ length: EVENTS }, (_, i) => i);
        await Promise.all(members.map(async (sender) => {
            for (const i of numbers)
                await sender.emit('broadcast', [[sender.name, i]]);
        }));
        await settle(members, members);
        for (const member of members) {
            const heard = member.heard('broadcast').filter(Array.isArray);
            for (const sender of members)
                assert.deepStrictEqual(heard.filter(([name]) => name === sender.name)
                    .map(([, i]) => i), numbers, `${member.name} from ${sender.name}`);
        }
    });

    test('an application of Node excepts several, joins others, and speaks to one', BETTER,
        async () => {
            const node = mixed.nodes[0];
            await peer(node, 'except', { ids: `${a.id},${d.id}`, data: 'x' });
            await peer(node, 'join', { id: b.id, room: 'made by Node' });
            await peer(node, 'emit', { id: a.id, name: 'direct', data: 'to a' });
            await a.until('5:::{"name":"direct","args":["to a"]}');
            await c.emit('room', ['made by Node', 'y']);
            await settle(members, [c]);
            assert.deepStrictEqual(counts('except', 'x'), [0, 1, 1, 0]);
            assert.deepStrictEqual(counts('room', 'y'), [0, 1, 0, 0]);
            await peer(node, 'leave', { id: b.id, room: 'made by Node' });
            await c.emit('room', ['made by Node', 'z']);
            await settle(members, [c]);
            assert.deepStrictEqual(counts('room', 'z'), [0, 0, 0, 0]);
        });

    test('both Node processes live', async () => {
        for (const node of mixed.nodes)
            assert.ok((await peer(node)).nodeId >= 0);
    });
});
