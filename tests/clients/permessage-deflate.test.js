'use strict';
/*
 * Compressed messages with real clients: those of socket.io that offer it, and ws on its own with a
 * session of 0.9. What the TCP connections have carried tells whether it was compressed.
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { BETTER, connect, leave, leaveAll, settle } = require('../lib/modern.js');
const { REFERENCE, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { event, within } = require('../lib/deadline.js');
const sio = require('../lib/sio09.js');

/* The one of socket.io-client 4.8. */
const WebSocket = require(require.resolve('ws',
    { paths: [path.dirname(require.resolve('socket.io-client-4'))] }));

const TEXT = JSON.stringify(Array.from({ length: 1000 },
    (_, i) => ({ id: i, name: `name ${i}`, text: 'é€😀' })));
const SMALL = TEXT.length / 2;  /* compressed it is much less than this, otherwise more */

const suite = { skip: NEEDS_CONTRACT.skip || (REFERENCE && 'the original knows no compression') };
/* What has to do with 0.9. */
const better = { skip: suite.skip || BETTER.skip };

/* Bytes that the connection of ws has carried while `during` ran: { read, written }. */
async function traffic(ws, during) {
    const { bytesRead, bytesWritten } = ws._socket;
    await during();
    return { read: ws._socket.bytesRead - bytesRead,
        written: ws._socket.bytesWritten - bytesWritten };
}

let broker;
before(async () => {
    if (!suite.skip)
        broker = await startBroker({ contract: true, config: { perMessageDeflate: true } });
});
after(async () => {
    leaveAll();
    if (broker)
        await broker.stop();
});

for (const version of ['1.7.4', '2.5.0', '3.1.3', '4.8.4']) {
    for (const way of ['websocket', 'upgrade']) {
        describe(`${version} by ${way}`, suite, () => {
            const here = (options) => connect(broker.port, { version, way, ...options });

            test('both directions', async () => {
                const client = await here({ perMessageDeflate: { threshold: 1024 } });
                const { ws } = client.engine.transport;
                const bytes = await traffic(ws, async () => {
                    assert.deepStrictEqual(await client.ask('echo', TEXT), [TEXT]);
                    assert.deepStrictEqual(await client.ask('echo', TEXT), [TEXT]);
                });
                assert.ok(bytes.read < SMALL && bytes.written < SMALL, JSON.stringify(bytes));
                await settle(client);
                leave(client);
            });

            test('bytes', async () => {
                const client = await here({ perMessageDeflate: { threshold: 0 } });
                const sent = Buffer.alloc(100000, 'bytes');
                let echoed;
                const bytes = await traffic(client.engine.transport.ws, async () => {
                    [echoed] = await client.ask('echo', sent);
                });
                assert.deepStrictEqual(Buffer.from(echoed), sent);
                assert.ok(bytes.read < SMALL && bytes.written < SMALL, JSON.stringify(bytes));
                leave(client);
            });

            test('compress(false) is for one message of the client', async () => {
                const client = await here({ perMessageDeflate: { threshold: 1024 } });
                const { ws } = client.engine.transport;
                const once = () => {
                    client.socket.compress(false);
                    return client.ask('echo', TEXT);
                };
                const plain = await traffic(ws, once);
                assert.ok(plain.written > TEXT.length && plain.read < SMALL,
                    JSON.stringify(plain));
                const again = await traffic(ws, () => client.ask('echo', TEXT));
                assert.ok(again.written < SMALL && again.read < SMALL, JSON.stringify(again));
                leave(client);
            });

            test('a client that does not want it', async () => {
                const client = await here({ perMessageDeflate: false });
                const bytes = await traffic(client.engine.transport.ws, () =>
                    client.ask('echo', TEXT));
                assert.ok(bytes.read > TEXT.length && bytes.written > TEXT.length,
                    JSON.stringify(bytes));
                leave(client);
            });
        });
    }
}

test('in one room with those who can not', better, async () => {
    const clients = await Promise.all([
        connect(broker.port, { version: '0.9.16' }),
        connect(broker.port, { version: '4.8.4', way: 'polling' }),
        connect(broker.port, { version: '4.8.4', way: 'websocket', perMessageDeflate: false }),
        ...['1.7.4', '2.5.0', '3.1.3', '4.8.4'].map((version) =>
            connect(broker.port, { version, way: 'websocket', perMessageDeflate: {} })),
    ]);
    for (const client of clients) {
        const all = Promise.all(clients.map((each) => each.next('broadcast')));
        client.emit('broadcast', TEXT);
        assert.deepStrictEqual(await all, clients.map(() => [TEXT]));
    }
    leave(...clients);
});

/* --- A session of 0.9 with ws, which holds us to the windows it has asked for. --- */

const OFFERS = [
    {},
    { serverNoContextTakeover: true, clientNoContextTakeover: true },
    { serverMaxWindowBits: 9 },
    { serverMaxWindowBits: 10, clientMaxWindowBits: 10 },
    { serverMaxWindowBits: 15, clientMaxWindowBits: 8 },
];
for (const offer of OFFERS) {
    test(`ws with ${JSON.stringify(offer)}`, better, async () => {
        const { id } = await sio.handshake(broker.port);
        const url = sio.transportUrl('websocket', id);
        const ws = new WebSocket(`ws://127.0.0.1:${broker.port}${url}`,
            { perMessageDeflate: { threshold: 0, ...offer } });
        const waiting = [];
        ws.on('message', (data) => waiting.shift()?.(String(data)));
        const next = () => within(new Promise((seen) => waiting.push(seen)), 'a message');
        const greeting = [next(), next()];
        await event(ws, 'open');
        assert.match(ws.extensions, /^permessage-deflate/);
        await Promise.all(greeting);
        for (const length of [1, 500, 512, 513, 1024, 2000, 20000, TEXT.length]) {
            const packet = `5:::${JSON.stringify({ name: 'echo', args: [TEXT.slice(0, length)] })}`;
            const echoed = next();
            ws.send(packet);
            assert.strictEqual(await echoed, packet);
        }
        ws.close();
        await event(ws, 'close');
    });
}
