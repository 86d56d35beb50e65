'use strict';
/* htmlfile: one endless answer of script chunks (spec 2.5, 11). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');

const PREAMBLE = '<html><body><script>var _ = function (msg) { parent.s._(msg, document); };' +
    `</script>${' '.repeat(173)}`;

const script = (packets) =>
    `<script>_(${JSON.stringify(packets).replace(/\//g, '\\/')});</script>`;

/* Open the stream of a session; the head is .answer, the chunks are still to be read. */
async function stream(port, id, headers) {
    const connection = await http.connect(port);
    connection.write(http.format(
        { target: sio.transportUrl('htmlfile', id, 't=1'), headers }));
    connection.answer = await connection.head();
    connection.id = id;
    connection.next = async () => (await connection.chunk()).toString();
    return connection;
}

async function connect(port) {
    const connection = await stream(port, (await sio.handshake(port)).id);
    assert.strictEqual(await connection.next(), PREAMBLE);
    assert.strictEqual(await connection.next(), script('1::'));
    connection.greeting = await connection.next();
    return connection;
}

const post = (port, id, packets) => http.post(port,
    sio.transportUrl('htmlfile', id, 't=1'), packets, { 'Content-Type': 'text/plain' });

describe('htmlfile', () => {
    let broker;
    before(async () => {
        broker = await startBroker({ config: { name: 'Server1', 'heartbeat interval': 0.2,
            'heartbeat timeout': 3 } });
    });
    after(() => broker.stop());

    test('head, preamble, connect packet, greeting', async () => {
        const connection = await connect(broker.port);
        assert.deepStrictEqual(connection.answer.headers.slice(0, 4).map(([name]) => name),
            ['Content-Type', 'Connection', 'Transfer-Encoding', 'Date']);
        assert.strictEqual(connection.answer.get('Content-Type'), 'text/html; charset=UTF-8');
        assert.strictEqual(PREAMBLE.length, 256);
        assert.strictEqual(connection.greeting, script(
            `5:::{"name":"server","args":[{"server":"Server1","port":${broker.port}}]}`));
        connection.destroy();
    });

    test('a post is answered 1, and acknowledged on the stream', async () => {
        const connection = await connect(broker.port);
        const response = await post(broker.port, connection.id, sio.probe(1));
        assert.strictEqual(response.text, '1');
        assert.strictEqual(await connection.next(), script('6:::1'));
        connection.destroy();
    });

    test('heartbeats go down the stream; an answered one keeps it', async () => {
        const connection = await connect(broker.port);
        for (let i = 0; i < 20; i++) {      /* for longer than the timeout */
            assert.strictEqual(await connection.next(), script('2::'));
            await post(broker.port, connection.id, '2::');
        }
        connection.destroy();
    });

    test('an unanswered heartbeat ends it', async () => {
        const connection = await connect(broker.port);
        assert.strictEqual(await connection.next(), script('2::'));
        /* By the last chunk, or with the connection; before that there may be more beats. */
        const last = await connection.until(() => /^0\r\n\r\n$/m.test(connection.received) ||
            connection.closed || undefined, 'the end of the stream');
        assert.ok(last);
        connection.destroy();
        await sio.assertEnds(broker.port, connection.id);
    });

    test('0:: ends the stream, the connection stays usable', async () => {
        const connection = await connect(broker.port);
        await post(broker.port, connection.id, '0::');
        assert.strictEqual(await connection.next(), script('0::'));
        assert.strictEqual(await connection.next(), '');
        const next = await connection.request({ target: '/' });
        assert.strictEqual(next.text, 'Welcome to socket.io.');
        connection.destroy();
    });

    test('an unknown session is told to reconnect', async () => {
        const connection = await stream(broker.port, 'AAAAAAAAAAAAAAAAAAAA');
        assert.strictEqual(await connection.next(), PREAMBLE);
        assert.strictEqual(await connection.next(), script('7:::1+0'));
        assert.strictEqual(await connection.next(), '');
        connection.destroy();
    });

    test('the end of the connection ends the session', async () => {
        const connection = await connect(broker.port);
        connection.destroy();
        await sio.assertEnds(broker.port, connection.id);
    });

    test('a second stream takes over, the first is ended', BETTER, async () => {
        const first = await connect(broker.port);
        const second = await stream(broker.port, first.id);
        assert.strictEqual(await second.next(), PREAMBLE);
        for (let chunk; chunk !== '';)
            chunk = await first.next();
        await post(broker.port, first.id, sio.probe(1));
        let chunk = await second.next();
        if (chunk === script('2::'))
            chunk = await second.next();
        assert.strictEqual(chunk, script('6:::1'));
        first.destroy();
        second.destroy();
    });

    test('HTTP/1.0 gets the stream without chunks', BETTER, async () => {
        const { id } = await sio.handshake(broker.port);
        const connection = await http.connect(broker.port);
        connection.write(http.format({ target: sio.transportUrl('htmlfile', id), version: '1.0',
            host: null }));
        const head = await connection.head();
        assert.strictEqual(head.get('Transfer-Encoding'), undefined);
        const expected = PREAMBLE + script('1::');
        assert.strictEqual((await connection.read(expected.length)).toString(), expected);
        connection.destroy();
    });
});

describe('htmlfile with an application', () => {
    let broker;
    before(async () => {
        if (!NEEDS_CONTRACT.skip)
            broker = await startBroker({ contract: true });
    });
    after(() => broker && broker.stop());

    const ESCAPED = [
        ['a/b"<c>', '<script>_("3:::echo:a\\/b\\"<c>");</script>'],
        ['é€😀', '<script>_("3:::echo:é€😀");</script>'],
        ['</script>', '<script>_("3:::echo:<\\/script>");</script>'],
    ];
    for (const [text, chunk] of ESCAPED) {
        test(`echo of ${text}`, NEEDS_CONTRACT, async () => {
            const connection = await connect(broker.port);
            await post(broker.port, connection.id, `3:::${text}`);
            assert.strictEqual(await connection.next(), chunk);
            connection.destroy();
        });
    }

    test('a kick ends the stream', NEEDS_CONTRACT, async () => {
        const connection = await connect(broker.port);
        await post(broker.port, connection.id, '5:::{"name":"kick"}');
        assert.strictEqual(await connection.next(), script('0::'));
        assert.strictEqual(await connection.next(), '');
        connection.destroy();
    });
});
