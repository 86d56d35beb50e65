'use strict';
/*
 * Text and bytes of the real clients since 1.0. What a client sends must be seen by others as it
 * was meant: an echo alone would prove nothing, since what a client garbles it often ungarbles.
 */

const assert = require('node:assert');
const crypto = require('node:crypto');
const { test, describe, before, after } = require('node:test');
const { inspect, isDeepStrictEqual } = require('node:util');
const { MODERN, VERSIONS, WAYS, ORIGINAL, allNext, connect, isSecretive, leave, leaveAll, settle } =
    require('../lib/modern.js');
const { BEHIND, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const TEXTS = ['é', 'ÿ', 'Ā', '€', '\u07ff\u0800', '日本語', '\ud7ff\ue000\uffff', '😀', '𐀀\u{10ffff}',
    'a\u2028b\u2029c', '\u0000\u001e\u007f\u0080\u009f', '\ud800 alone', 'alone \udfff',
    '\\n \\\\n \n \\u00e9', '</script>', '"', '\u00ff\u00fe', 'é€😀'.repeat(1000)];

const numbers = (n) => Array.from({ length: n }, (_, i) => i);

const bytes = (...values) => Buffer.from(values);
const ALL_BYTES = bytes(...numbers(256));
const TEXT_AND_BYTES = [bytes(1), 'é€😀', { 'ü': bytes(2) }];
const BINARY = [
    ['four bytes', [bytes(1, 2, 3, 4)]],
    ['no bytes', [bytes()]],
    ['all bytes', [ALL_BYTES]],
    ['bytes in objects and arrays', [{ a: [bytes(1), { b: bytes(2, 3) }], c: [bytes()] }]],
    ['bytes among other arguments', ['a', bytes(30), null, bytes(31), 7]],
    ['the same bytes twice', [ALL_BYTES, ALL_BYTES]],
    ['ten attachments', numbers(10).map((n) => bytes(n))],
    ['many bytes', [crypto.randomBytes(300000)]],
];

/* The difference of long values would be longer than anybody reads. */
function assertSame(got, wanted, what = 'not the same') {
    if (!isDeepStrictEqual(got, wanted))
        assert.fail(`${what}: ${inspect(got, BRIEF)} instead of ${inspect(wanted, BRIEF)}`);
}
const BRIEF = { depth: 8, maxStringLength: 100, maxArrayLength: 20 };

let broker, watcher;
before(async () => {
    if (NEEDS_CONTRACT.skip)
        return;
    broker = await startBroker({ contract: true, config: { name: 'C' } });
    watcher = await connect(broker.port, { version: '4.8.4', way: 'websocket' });
});
after(async () => {
    leaveAll();
    if (broker)
        await broker.stop();
});

/* The text of a version that the original does not understand by that way (spec 1.5). */
const garbles = (version, way) => ORIGINAL && (VERSIONS[version].oldFrames ||
    (VERSIONS[version].oldPayload && way === 'polling'));

for (const version of MODERN) {
    for (const way of Object.keys(WAYS)) {
        const text = { skip: garbles(version, way) && 'the original garbles it' };
        const acks = { skip: ORIGINAL && VERSIONS[version].packets === 3 &&
            'the original knows no protocol 3' };

        describe(`${version} by ${way}`, NEEDS_CONTRACT, () => {
            let client;
            before(async () => {
                client = await connect(broker.port, { version, way });
                if (!isSecretive(version, way))
                    return;
                const echoed = client.next('echo');
                client.emit('echo', 'À');       /* it shows how it encodes text */
                await echoed;
            });
            after(() => leave(client));

            /* What one broadcasts as both see it. */
            async function assertSeen(sender, data) {
                const seen = allNext([client, watcher], 'broadcast');
                sender.emit('broadcast', data);
                const [byClient, byWatcher] = await seen;
                assertSame(byClient, [data], `seen by ${version}`);
                assertSame(byWatcher, [data], 'seen by another');
            }

            for (const sender of ['client', 'another']) {
                const from = () => (sender === 'client' ? client : watcher);

                test(`text of ${sender}, one by one`, text, async () => {
                    for (const data of TEXTS)
                        await assertSeen(from(), data);
                });

                test(`text of ${sender}, in one burst`, text, async () => {
                    const seen = Promise.all([client, watcher].map((each) =>
                        each.take('broadcast', TEXTS.length)));
                    for (const data of TEXTS)
                        from().emit('broadcast', data);
                    for (const events of await seen)
                        assertSame(events, TEXTS.map((data) => [data]));
                });

                test(`bytes of ${sender}`, async () => {
                    for (const [, args] of BINARY)
                        await assertSeen(from(), args);
                });

                test(`bytes and text of ${sender}`, text, () => assertSeen(from(), TEXT_AND_BYTES));
            }

            test('text as the name of a room, as a key, in an acknowledgement', { skip: text.skip ||
                acks.skip }, async () => {
                assert.deepStrictEqual(await client.ask('join', 'Zimmer ü€😀'), ['Zimmer ü€😀']);
                const seen = client.next('room');
                watcher.emit('room', 'Zimmer ü€😀', 1);
                assert.deepStrictEqual(await seen, ['Zimmer ü€😀', 1]);
                assert.deepStrictEqual(await client.ask('set', 'ü€', 'é'), []);
                assert.deepStrictEqual(await client.ask('get', 'ü€'), ['é']);
                assertSame(await client.ask('echo', ...TEXTS), TEXTS);
            });

            for (const [name, args] of BINARY) {
                test(`${name}: echo, acknowledgement, question and answer`, acks, async () => {
                    const echoed = client.next('echo');
                    client.emit('echo', ...args);
                    assertSame(await echoed, args, 'echo');
                    assertSame(await client.ask('echo', ...args), args, 'acknowledgement');
                    const asked = client.answer('question', ...args);
                    const answered = client.next('answer');
                    client.emit('ask', args);
                    assertSame(await asked, [args], 'question');
                    const answer = await answered;
                    if (!BEHIND)    /* by the API, bytes in an answer are base64 */
                        assertSame(answer, args, 'answer');
                });
            }

            test('events with and without bytes keep their order', async () => {
                const sent = numbers(60).map((n) => (n % 3 ? [n, bytes(n)] : [n]));
                const seen = client.take('echo', sent.length);
                for (const args of sent)
                    client.emit('echo', ...args);
                assertSame(await seen, sent);
            });

            test('what looks like the mark of an attachment stays what it is', async () => {
                const mark = { _placeholder: true, num: 0 };
                const echoed = client.next('echo');
                client.emit('echo', mark);
                assert.deepStrictEqual(await echoed, [mark]);
            });

            test('a long text', async () => {
                await assertSeen(client, 'x'.repeat(900000));
                await assertSeen(watcher, 'y'.repeat(900000));
            });

            test('eleven attachments end the connection, and no other', async () => {
                const other = await connect(broker.port, { version, way, reconnection: false });
                const ended = other.next('disconnect');
                other.emit('echo', ...numbers(11).map((n) => bytes(n)));
                await ended;
                await settle(client);
                leave(other);
            });

            test('more than a payload may have ends the connection, and no other', async () => {
                const other = await connect(broker.port, { version, way, reconnection: false });
                const ended = other.next('disconnect');
                other.emit('echo', 'x'.repeat(1200000));
                await ended;
                await settle(client);
                leave(other);
            });
        });
    }
}

describe('other kinds of bytes', NEEDS_CONTRACT, () => {
    for (const version of MODERN.filter((name) => VERSIONS[name].packets === 5)) {
        test(`of ${version}: ArrayBuffer and views of one`, async () => {
            const client = await connect(broker.port, { version });
            const view = new Uint8Array(numbers(256)).subarray(10, 20);
            const whole = view.buffer;
            assert.deepStrictEqual(await client.ask('echo', view, whole),
                [Buffer.from(view), Buffer.from(numbers(256))]);
            leave(client);
        });
    }
});
