'use strict';
/*
 * One of ours beside a real socket.io 0.9.16 process: the handshake on either, the session on the
 * other, over each transport that lasts. Polling has to stay where it began (spec 8.6).
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { ALL_NODE, LASTING, MIXED, Member, Mixed, event, peer } = require('../lib/mixed.js');
const { Poller, connect } = require('../lib/polling.js');
const sio = require('../lib/sio09.js');
const ws = require('../lib/ws.js');
const { open } = require('../lib/tcp.js');

const ROUNDS = Number(process.env.MIXED_RACE_ROUNDS || 100);
const BETTER = { skip: ALL_NODE && 'the original does otherwise' };

describe('sessions in a mixed cluster', MIXED, () => {
    let mixed, our, node;
    before(async () => {
        mixed = await Mixed.start();
        ({ our, node } = mixed);
    });
    after(() => mixed.stop());

    const pairs = () => [['ours', 'Node', our, node], ['Node', 'ours', node, our]];

    for (const transport of LASTING) {
        test(`${transport}: handshake on one, session on the other, both ways`, async () => {
            for (const [, , handshake, at] of pairs()) {
                const query = 'token=secret';
                const member = await Member.open({ handshake, at, transport, query });
                await member.until((line) => line.includes('"name":"server"'), 'the greeting');
                assert.strictEqual(member.lines[0], '1::');
                const [{ server, transport: name }] = await member.ask('who', []);
                assert.deepStrictEqual([server, name],
                    [at === node ? 'Node1' : 'Ours1', transport]);
                /* The query of the handshake is known where the session is. */
                await member.say('1::/auth');
                await member.until((line) => line.startsWith('5::/auth:{"name":"welcome"'));
                member.leave();
            }
        });
    }

    test('a handshake of Node with U+0000 in its query is none for ours', BETTER, async () => {
        const { id } = await sio.handshake(node.port, 'token=secret%00x');
        const socket = await sio.upgrade(our.port, id);
        assert.strictEqual(await socket.message(), '7:::1+0');
        socket.destroy();
    });

    test('polling that stays on one member', async () => {
        for (const broker of [our, node]) {
            for (const transport of ['xhr-polling', 'jsonp-polling']) {
                const poller = await connect(broker.port, transport);
                await poller.post(event('echo', ['é'], { id: '1+' }));
                assert.strictEqual(await poller.poll(), '6:::1+["é"]');
                await poller.post('0::');
            }
        }
    });

    test('polling: handshake on one, all that follows on the other', async () => {
        for (const [, , handshake, at] of pairs()) {
            const { id } = await sio.handshake(handshake.port);
            const poller = new Poller(at.port, 'xhr-polling', id);
            assert.strictEqual(await eventually(async () => {
                const body = await poller.poll();
                return body !== '7:::1+0' && body;
            }, 'a session'), '1::');
            assert.match(await poller.poll(), sio.GREETING);
            await poller.post(event('echo', [1], { id: '1+' }));
            assert.strictEqual(await poller.poll(), '6:::1+[1]');
            await poller.post('0::');
        }
    });

    /* Handshake on one, upgrade on the other: the first packet of the websocket. */
    async function race(from, to) {
        const socket = await open(to.port, { Kind: ws.WsConnection });
        const { id } = await sio.handshake(from.port);
        socket.write(ws.upgradeRequest(sio.transportUrl('websocket', id)));
        assert.strictEqual((await socket.response()).status, 101);
        const first = await socket.message();
        socket.destroy();
        return first;
    }

    test(`0 of ${ROUNDS} immediate upgrades are refused, both ways`, BETTER, async () => {
        for (const [from, to, handshake, at] of pairs()) {
            let refused = 0;
            for (let i = 0; i < ROUNDS; i++)
                refused += await race(handshake, at) !== '1::';
            assert.strictEqual(refused, 0, `from ${from} to ${to}`);
        }
    });

    test('a handshake opens one session: ours does not serve it if Node does', BETTER, async () => {
        for (const [, , handshake] of pairs()) {
            const witness = await Member.connect({ handshake: our, at: our });
            const member = await Member.connect({ handshake, at: node });
            await member.emit('broadcast', [member.id]);
            /* What Node had said before has been heard, too: that it opened the session. */
            await witness.until((packet) => packet.includes(member.id), 'hears of it');
            const late = await sio.upgrade(our.port, member.id);
            assert.strictEqual(await late.message(), '7:::1+0');
            witness.leave();
            late.destroy();
            await member.ask('echo', [1]);
            member.leave();
        }
    });

    test('an id that nobody made is refused after the wait for its handshake', BETTER, async () => {
        const socket = await sio.upgrade(our.port, 'AAAAAAAAAAAAAAAAAAAA');
        assert.strictEqual(await socket.message(), '7:::1+0');
        socket.destroy();
    });

    test('handshakes that nobody uses are forgotten by Node', BETTER, async () => {
        for (let i = 0; i < 10; i++)
            await sio.handshake(our.port);
        await eventually(async () => (await peer(node)).handshaken >= 10, 'Node knows them');
        /* It sweeps by the mark of their issue, after 30 seconds; the mark has to be there. */
        const { id } = await sio.handshake(our.port);
        const socket = await sio.upgrade(node.port, id);
        assert.strictEqual(await socket.message(), '1::');
        socket.destroy();
    });
});
