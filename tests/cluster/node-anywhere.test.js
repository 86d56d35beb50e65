'use strict';
/*
 * Two of ours and two real socket.io 0.9.16 processes: the handshake, the session and the POSTs of
 * an htmlfile client at any three of them. And a polling client that leaves the process of its
 * session.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { ALL_NODE, MIXED, Member, Mixed, event } = require('../lib/mixed.js');
const { Poller } = require('../lib/polling.js');
const sio = require('../lib/sio09.js');

const suite = { skip: MIXED.skip || (ALL_NODE && 'the original does otherwise') };

describe('any three of four members', suite, () => {
    let mixed, members, witness, ourWitness;
    before(async () => {
        mixed = await Mixed.start({ ours: 2, nodes: 2 });
        members = [...mixed.ours, ...mixed.nodes];
        witness = await Member.connect({ at: mixed.nodes[0], name: 'witness' });
        ourWitness = await Member.connect({ at: mixed.ours[0], name: 'our witness' });
    });
    after(() => mixed.stop());

    /*
     * By this broadcast the process of the other has heard what was said about the session before.
     */
    async function isKnownTo(other, poller) {
        await poller.post(event('broadcast', [poller.id]));
        await other.until(event('broadcast', [poller.id]));
        while (!(await poller.poll()).includes(event('broadcast', [poller.id])));
    }

    const name = (broker) => (mixed.ours.includes(broker) ? `Ours${mixed.ours.indexOf(broker) + 1}`
        : `Node${mixed.nodes.indexOf(broker) + 1}`);

    /* From one Node process to another the race R1 is theirs. */
    const isOurs = (handshake, at) => mixed.ours.includes(handshake) || mixed.ours.includes(at) ||
        handshake === at;

    test('htmlfile: handshake, session and POSTs', async () => {
        const left = [];
        for (const handshake of members) {
            for (const at of members.filter((broker) => isOurs(handshake, broker))) {
                for (const posts of members) {
                    const client = await Member.connect({ handshake, at, posts,
                        transport: 'htmlfile', name: [handshake, at, posts].map(name).join(', ') });
                    assert.strictEqual((await client.ask('who', []))[0].server, name(at));
                    await client.say(sio.payload(['3:5::a', '3:6::b', event('echo', [1])]));
                    await client.until('5:::{"name":"echo","args":[1]}');
                    assert.deepStrictEqual(
                        client.lines.filter((l) => /^3|^6:::[56]$/.test(l)).sort(),
                        ['3:::echo:a', '3:::echo:b', '6:::5', '6:::6'], client.name);
                    assert.ok(client.lines.indexOf('3:::echo:a') <
                        client.lines.indexOf('3:::echo:b'));
                    await client.say('0::');
                    await eventually(() => client.ended, `the end: ${client.name}`);
                    assert.ok(client.lines.includes('0::'), client.name);
                    client.leave();
                    left.push(client.id);
                }
            }
        }
        for (const id of left)
            await witness.until(`5:::{"name":"left","args":["${id}","booted"]}`);
        assert.strictEqual(witness.heard('left').length, left.length, 'each once');
    });

    test('polls that reach Node: the client gets what waits, is told to reconnect', async () => {
        const [our] = mixed.ours;
        const [node] = mixed.nodes;
        for (const transport of ['xhr-polling', 'jsonp-polling']) {
            const { id } = await sio.handshake(our.port);
            const poller = new Poller(our.port, transport, id);
            assert.strictEqual(await poller.poll(), '1::');
            await isKnownTo(witness, poller);
            await poller.post(sio.payload([event('echo', ['é']), event('echo', [2])]));
            const stray = new Poller(node.port, transport, id);
            assert.strictEqual(await stray.poll(), ['5:::{"name":"echo","args":["é"]}',
                '5:::{"name":"echo","args":[2]}', '7:::1+0']
                .map((packet) => `\ufffd${packet.length}\ufffd${packet}`).join(''));
            assert.strictEqual(await stray.poll(), '7:::1+0');
            assert.strictEqual(await poller.poll(), '7:::1+0');
        }
    });

    test('polls of a session of Node that reach ours: told to reconnect', async () => {
        const [our] = mixed.ours;
        const [node] = mixed.nodes;
        const poller = new Poller(node.port, 'xhr-polling', (await sio.handshake(node.port)).id);
        assert.strictEqual(await poller.poll(), '1::');
        assert.match(await poller.poll(), sio.GREETING);
        await isKnownTo(ourWitness, poller);
        const stray = new Poller(our.port, 'xhr-polling', poller.id);
        assert.strictEqual(await stray.poll(), '7:::1+0');
        /* Its POSTs get to it from everywhere. */
        await stray.post(event('echo', [1], { id: '1+' }));
        await eventually(async () => (await poller.poll()).includes('6:::1+[1]'),
            'the acknowledgement');
    });

    test('polling goes on among ours, whichever of them is asked', async () => {
        const ports = mixed.ours.map(({ port }) => port);
        const { id } = await sio.handshake(ports[0]);
        const pollers = ports.map((port) => new Poller(port, 'xhr-polling', id));
        assert.strictEqual(await pollers[1].poll(), '1::');
        assert.match(await pollers[0].poll(), sio.GREETING);
        for (let i = 0; i < 10; i++) {
            await pollers[i % 2].post(event('echo', [i]));
            assert.strictEqual(await pollers[(i + 1) % 2].poll(),
                `5:::{"name":"echo","args":[${i}]}`);
        }
        await pollers[1].post('0::');
    });
});
