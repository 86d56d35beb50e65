'use strict';
/*
 * Polls that are cut, superseded or never come, and sessions that change their transport, with each
 * request at an instance of the test's choice.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, Witnesses } = require('../lib/cluster.js');
const http = require('../lib/http.js');
const { Poller } = require('../lib/polling.js');
const { assertComplete } = require('../lib/sequence.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const POLLING = ['xhr-polling', 'jsonp-polling'];
const HANGERS = 10;
const KICK = '5:::{"name":"kick"}';

/* The packets of a poll, but the news about other sessions. */
const packetsOf = (body) => sio.unpack(body)
    .filter((packet) => !/^5:::\{"name":"(left|broadcast)"/.test(packet));

/* All packets of the polls that follow, up to one that matches. */
async function pollUntil(poller, last) {
    const packets = [];
    while (!packets.some((packet) => last.test(packet)))
        packets.push(...packetsOf(await poller.poll()));
    return packets;
}

/* A session whose handshake was made at one instance and that polls at others: greeted. */
async function begin(transport, home, ...others) {
    const poller = new Poller(home, transport, (await sio.handshake(home)).id);
    assert.deepStrictEqual(await pollUntil(poller.at(others[0]), /1::/), ['1::']);
    await pollUntil(poller.at(others.at(-1)), sio.GREETING);
    return poller;
}

/*
 * A poll that the owner of the session knows of. What one instance tells another stays in order, so
 * when it has a POST that went the same way, it has the poll.
 */
async function beginAt(poller, port) {
    const poll = await poller.at(port).begin();
    await http.get(port, '/');
    await poller.post('2::');
    return poll;
}

/* Both transports at the same time, each alone on its instances. */
describe('polling at three instances', { ...suite, concurrency: true }, () => {
    const alone = { concurrency: 1 };
    for (const transport of POLLING) {
        describe(transport, alone, () => {
            poll(transport);
            pollInHaste(transport);
        });
    }
});

function poll(transport) {
    describe('with time', () => {
        let cluster, witnesses, A, B, C;
        before(async () => {
            cluster = await startCluster(3);
            witnesses = await Witnesses.of(cluster);
            [A, B, C] = cluster.ports;
        });
        after(async () => {
            witnesses.assertNoneTwice();
            await cluster.stop();
        });

        test('what comes after a cut poll waits for the next one', async () => {
            const poller = await begin(transport, A, B, C);
            for (let i = 0; i < 30; i++) {
                const cut = await beginAt(poller, cluster.ports[i % 3]);
                if (i % 2 === 0)
                    cut.reset();
                else
                    cut.destroy();
                await http.get(poller.port, '/');
                await poller.at(cluster.ports[(i >> 1) % 3]).post(sio.probe(i));
                const packets = await pollUntil(poller.at(cluster.ports[(i + 1) % 3]), /^6:/);
                assert.deepStrictEqual(packets.filter((packet) => packet !== '8::'), [`6:::${i}`]);
            }
        });

        test('a second poll supersedes the first, wherever they are', async () => {
            const poller = await begin(transport, A, B);
            let number = 0;
            for (const [one, two] of [[A, B], [B, A], [B, C], [C, C], [A, A]]) {
                const first = await beginAt(poller, one);
                const second = await beginAt(poller, two);
                assert.strictEqual(await poller.finish(first), '8::');
                await poller.at(C).post(sio.probe(++number));
                assert.strictEqual(await poller.finish(second), `6:::${number}`);
            }
        });

        test('two polls at once: none is forgotten, and nothing doubled', async () => {
            const poller = await begin(transport, A, B);
            const packets = [];
            let posted = 0;
            for (let i = 0; i < 30; i++) {
                const polls = await Promise.all([B, C].map((port) => poller.at(port).begin()));
                /* One supersedes the other, or it comes when that has been answered already. */
                let answered = false;
                const bodies = Promise.all(polls.map((poll) => poller.finish(poll)))
                    .finally(() => { answered = true; });
                while (!answered)
                    await poller.at(A).post(sio.probe(posted++));
                packets.push(...(await bodies).flatMap(packetsOf));
            }
            await poller.post(sio.probe(posted));
            packets.push(...await pollUntil(poller, new RegExp(`^6:::${posted}$`)));
            const numbers = packets.filter((packet) => packet !== '8::')
                .map((packet) => Number(packet.slice(4))).sort((a, b) => a - b);
            assertComplete(numbers, posted + 1, 'acknowledgements');
        });

        test('POSTs to one instance, polls at another', async () => {
            for (const [posts, polls] of [[A, B], [B, A], [B, C], [B, B]]) {
                const poller = await begin(transport, A, polls);
                for (let i = 0; i < 50; i++) {
                    const poll = await poller.at(polls).begin();
                    await poller.at(posts).post(sio.probe(i));
                    assert.strictEqual(await poller.finish(poll), `6:::${i}`);
                }
            }
        });

        test('a POST before the first poll', async () => {
            const { id } = await sio.handshake(A);
            const poller = new Poller(B, transport, id);
            await poller.post(sio.probe(1));
            const packets = await pollUntil(poller.at(C), /^6:/);
            assert.deepStrictEqual([packets[0], packets.length], ['1::', 3]);
            assert.match(packets[1], sio.GREETING);
        });

        for (const where of ['the same', 'another']) {
            test(`kicked without a poll: ${where} instance tells it`, async () => {
                const poller = await begin(transport, A, B);
                await poller.at(B).post(KICK);
                await witnesses.see(poller.id, 'booted');
                assert.strictEqual(await poller.at(where === 'another' ? C : B).poll(), '0::');
            });
        }

        test('kicked by a POST at one instance, during a poll at another', async () => {
            const poller = await begin(transport, A, B);
            const poll = await beginAt(poller, B);
            await poller.at(C).post(KICK);
            assert.strictEqual(await poller.finish(poll), '0::');
            await witnesses.see(poller.id, 'booted');
            const bodies = await Promise.all(cluster.ports.map((port) => poller.at(port).poll()));
            for (const body of bodies)
                assert.match(body, /^(7:::1\+0|0::)$/);
        });

        test('?disconnect at one instance, during a poll at another', async () => {
            for (const [polls, asks] of [[A, B], [B, A], [B, C], [C, C]]) {
                const poller = await begin(transport, A, B);
                const poll = await beginAt(poller, polls);
                await http.get(asks, `/socket.io/1//${poller.id}/?disconnect=1`);
                assert.strictEqual(await poller.finish(poll), '0::');
                await witnesses.see(poller.id, 'booted');
            }
        });

        test('an id that nobody made is refused by all, also in the form of ours', async () => {
            const { id } = await sio.handshake(A);
            const strange = [`${id.slice(0, 12)}AAAAAAAA`, `AAAAAA${id.slice(6)}`, 'A'.repeat(20)];
            await Promise.all(cluster.ports.flatMap((port) => strange.map(async (unknown) => {
                const poller = new Poller(port, transport, unknown);
                assert.strictEqual(await poller.poll(), '7:::1+0');
                await poller.post(sio.probe(1));
            })));
        });
    });
}

function pollInHaste(transport) {
    describe('with short times', () => {
        let cluster, witnesses, A, B, C;
        before(async () => {
            cluster = await startCluster(3,
                { config: { 'polling duration': 0.5, 'close timeout': 5 } });
            witnesses = await Witnesses.of(cluster);
            [A, B, C] = cluster.ports;
        });
        after(async () => {
            witnesses.assertNoneTwice();
            await cluster.stop();
        });

        test('a poll elsewhere is answered after the polling duration', async () => {
            const poller = await begin(transport, A, B);
            assert.deepStrictEqual(await pollUntil(poller.at(C), /^8::$/), ['8::']);
        });

        test('a session that polls elsewhere only, stays', async () => {
            const poller = await begin(transport, A, B);
            for (let i = 0; i < 12; i++)    /* for longer than the close timeout */
                await pollUntil(poller.at(i % 2 ? B : C), /^8::$/);
            assert.deepStrictEqual(witnesses.reasons(poller.id), [[], [], []]);
            await poller.post(sio.probe(1));
            assert.deepStrictEqual(await pollUntil(poller, /^6:/), ['6:::1']);
        });

        test('who does not poll again leaves, once', async () => {
            const gone = await Promise.all(Array.from({ length: HANGERS },
                (_, i) => begin(transport, A, [A, B, C][i % 3])));
            for (const poller of gone)
                await witnesses.see(poller.id, 'close timeout');
        });

        test('who cuts its last poll leaves, once', async () => {
            const gone = [];
            for (const port of [A, B, C, B]) {
                const poller = await begin(transport, A, B);
                (await beginAt(poller, port)).destroy();
                gone.push(poller);
            }
            for (const poller of gone)
                await witnesses.see(poller.id, 'close timeout');
        });

        test('who never polls was never there', async () => {
            const { id } = await sio.handshake(A);
            await begin(transport, A, B).then((other) => witnesses.see(other.id, 'close timeout'));
            assert.deepStrictEqual(witnesses.reasons(id), [[], [], []]);
        });
    });
}
