'use strict';
/*
 * What is said to many reaches each of them once, wherever they are and whatever their transport,
 * and nobody else; in the order in which one client says it.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, Witnesses } = require('../lib/cluster.js');
const { TRANSPORTS } = require('../lib/roamer.js');
const { assertComplete } = require('../lib/sequence.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');

const EACH = 10;        /* events of each speaker */
const END = 'the end';
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

const odd = (clients) => clients.filter((_, i) => i % 2 === 1);
const without = (clients, some) => clients.filter((client) => !some.includes(client));
const join = (clients, room, endpoint = '') =>
    Promise.all(clients.map((client) => client.ask('join', [room], { endpoint })));
const leave = (clients, room, endpoint = '') =>
    Promise.all(clients.map((client) => client.ask('leave', [room], { endpoint })));

/* Numbers that the listener heard of this speaker about this subject. */
function numbersOf(listener, speaker, subject, name, endpoint) {
    return listener.numbers(name, endpoint)
        .filter(({ subject: about, from, n }) =>
            about === subject && from === speaker.id && n !== END)
        .map(({ n }) => n);
}

let lastSubject = 0;

/*
 * Each speaker says something EACH times, by say(speaker, what), and then a word to everyone: who
 * has that has all that was before it. Each of `listeners` must have heard all of it, in order,
 * except of itself when `deaf`, and no other of `clients` any of it.
 */
async function converse({ clients, speakers = clients, listeners, say, name, endpoint = '',
    deaf = false }) {
    const subject = ++lastSubject;
    for (let n = 0; n < EACH; n++) {
        for (const speaker of speakers)
            say(speaker, { subject, from: speaker.id, n });
    }
    for (const speaker of speakers)
        speaker.emitEvent('broadcast', [{ subject, from: speaker.id, n: END }], endpoint);
    const ends = (client) => client.heard('broadcast', endpoint)
        .filter(([what]) => what.subject === subject && what.n === END).length;
    for (const client of clients)
        await client.until(() => ends(client) >= speakers.length, `hears ${subject} end`, 30000);
    for (const client of clients) {
        assert.strictEqual(ends(client), speakers.length, `${client}: last words`);
        for (const speaker of speakers) {
            const hears = listeners.includes(client) && !(deaf && client === speaker);
            assertComplete(numbersOf(client, speaker, subject, name, endpoint),
                hears ? EACH : 0, `${client} of ${speaker}`);
        }
    }
}

for (const n of [2, 4]) {
    describe(`clients of all transports on ${n} instances`, suite, () => {
        let cluster, clients, chatting;
        before(async () => {
            cluster = await startCluster(n);
            clients = (await Promise.all(TRANSPORTS.map(
                (transport) => cluster.crowd(transport, n)))).flat();
            chatting = clients.filter((_, i) => i % 3 !== 0);
            await Promise.all(chatting.map((client) => client.join('/chat')));
        });
        after(() => cluster.stop());

        test('to everyone', () => converse({ clients, listeners: clients, name: 'broadcast',
            say: (speaker, what) => speaker.emitEvent('broadcast', [what]) }));

        test('to everyone else', () => converse({ clients, listeners: clients, name: 'others',
            deaf: true, say: (speaker, what) => speaker.emitEvent('others', [what]) }));

        test('to a room, by anybody', async () => {
            const members = odd(clients);
            await join(members, 'red');
            await converse({ clients, listeners: members, name: 'room',
                say: (speaker, what) => speaker.emitEvent('room', ['red', what]) });
        });

        test('to the others in a room', async () => {
            const members = odd(clients);
            await join(members, 'red');
            await converse({ clients, listeners: members, name: 'room', deaf: true,
                say: (speaker, what) => speaker.emitEvent('room others', ['red', what]) });
        });

        test('to a room with one member', async () => {
            for (const [i, member] of clients.slice(0, 2 * n).entries()) {
                const room = `of one ${i}`;
                await join([member], room);
                await converse({ clients, listeners: [member], name: 'room',
                    speakers: clients.slice(-n),
                    say: (speaker, what) => speaker.emitEvent('room', [room, what]) });
            }
        });

        test('to a room that half of its members have left', async () => {
            const members = clients.slice(0, 2 * n + 2);
            await join(members, 'green');
            await leave(odd(members), 'green');
            await converse({ clients, listeners: without(members, odd(members)), name: 'room',
                say: (speaker, what) => speaker.emitEvent('room', ['green', what]) });
        });

        test('to a room that everybody has left', async () => {
            await join(clients, 'blue');
            await leave(clients, 'blue');
            await converse({ clients, listeners: [], name: 'room',
                say: (speaker, what) => speaker.emitEvent('room', ['blue', what]) });
        });

        test('to a room with a name of quotes, blanks, other letters', async () => {
            const room = ' "é€😀" \\ : / + \n';
            await join([clients[1], clients[n]], room);
            await converse({ clients, listeners: [clients[1], clients[n]], name: 'room',
                say: (speaker, what) => speaker.emitEvent('room', [room, what]) });
        });

        test('in a namespace: only there', async () => {
            await converse({ clients: chatting, listeners: chatting, name: 'others', deaf: true,
                endpoint: '/chat',
                say: (speaker, what) => speaker.emitEvent('others', [what], '/chat') });
            for (const client of without(clients, chatting))
                assert.strictEqual(client.heard('others', '/chat').length, 0);
        });

        test('a room of a namespace is not the room of that name elsewhere', async () => {
            const here = [clients[0], clients[1]], there = [chatting[1], chatting.at(-1)];
            await join(here, 'twin');
            await join(there, 'twin', '/chat');
            await converse({ clients, listeners: here, name: 'room',
                say: (speaker, what) => speaker.emitEvent('room', ['twin', what]) });
            await converse({ clients: chatting, listeners: there, name: 'room', endpoint: '/chat',
                say: (speaker, what) => speaker.emitEvent('room', ['twin', what], '/chat') });
        });

        test('a room called as a namespace is not that namespace', async () => {
            await join([clients[0]], '/chat');
            await converse({ clients, listeners: [clients[0]], name: 'room',
                say: (speaker, what) => speaker.emitEvent('room', ['/chat', what]) });
        });

        test('one speaker, several ways: one order', async () => {
            const [speaker, ...listeners] = clients;
            const story = new Map(listeners.map((listener) => [listener, []]));
            for (const listener of listeners) {
                listener.on('event', (name, args) => {
                    const what = args.at(-1);
                    if (what.mixed !== undefined)
                        story.get(listener).push(what.mixed);
                });
            }
            await join(listeners, 'mixed');
            const ways = ['broadcast', 'others', 'room', 'room others'];
            for (let i = 0; i < 40; i++) {
                const way = ways[i % ways.length];
                speaker.emitEvent(way, [...way.startsWith('room') ? ['mixed'] : [], { mixed: i }]);
            }
            for (const listener of listeners) {
                await listener.until(() => story.get(listener).length >= 40, 'hears it all');
                assertComplete(story.get(listener), 40, `${listener}`);
            }
        });
    });

    describe(`coming and going on ${n} instances`, suite, () => {
        let cluster, witnesses;
        before(async () => {
            cluster = await startCluster(n);
            witnesses = await Witnesses.of(cluster);
        });
        after(() => cluster.stop());

        for (const transport of TRANSPORTS) {
            test(`the last words of a ${transport} client are heard before it leaves`, async () => {
                const speaker = await cluster.roamer(transport);
                const seen = witnesses.clients.map(() => []);
                for (const [i, witness] of witnesses.clients.entries()) {
                    witness.on('event', (name, [first]) => {
                        if (first === speaker.id)
                            seen[i].push(name);
                    });
                }
                speaker.emitEvent('broadcast', [speaker.id]);
                speaker.say('0::');
                await speaker.ended();
                await witnesses.see(speaker.id, 'booted');
                assert.deepStrictEqual(seen, witnesses.clients.map(() => ['broadcast', 'left']));
            });

            test(`a ${transport} client that has left leaves its rooms`, async () => {
                const [member, stays] = await cluster.crowd(transport, 2);
                await join([member, stays], 'r');
                await member.leave();
                const [speaker] = witnesses.clients;
                speaker.emitEvent('room', ['r', 'to those who stay']);
                await stays.until(() => stays.heard('room').length > 0, 'hears it');
                await stays.ask('echo');
                assert.deepStrictEqual(stays.heard('room'), [['r', 'to those who stay']]);
                assert.strictEqual(member.heard('room').length, 0);
                await stays.leave();
            });

            test(`a ${transport} client that joins a room hears what is said then`, async () => {
                const members = await cluster.crowd(transport, 2 * n);
                const speaker = witnesses.clients.at(-1);
                for (const [i, member] of members.entries()) {
                    await join([member], 'late');
                    speaker.emitEvent('room', ['late', i]);
                    await speaker.ask('echo');
                }
                for (const [i, member] of members.entries()) {
                    await member.until(() => member.numbers('room').includes(members.length - 1),
                        'hears the last');
                    /* What was said just before may have been on its way still. */
                    assertComplete(member.numbers('room').map((number) => number - i)
                        .filter((number) => number >= 0), members.length - i, `${member}`);
                    await member.leave();
                }
            });
        }
    });
}
