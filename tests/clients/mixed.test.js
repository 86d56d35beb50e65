'use strict';
/* Clients of all generations in one room: who speaks what makes no difference. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { VERSIONS, ORIGINAL, allNext, assertNo, connect, leave, leaveAll, settle } =
    require('../lib/modern.js');
const { eventually } = require('../lib/deadline.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const EACH = 40;
const TEXT = 'é€😀\u2028';

/* The original serves the others without 0.9, and garbles the text of 1.x. */
const TOGETHER = Object.keys(VERSIONS).filter((version) => !ORIGINAL ||
    !(VERSIONS[version].engine === 0 || VERSIONS[version].oldPayload));

/* Bytes as a client of 0.9 gets them, whose protocol has none: as strings of base64. */
function asSeenBy(client, value) {
    return client.kind.engine > 0 ? value : JSON.parse(JSON.stringify(value, (key, v) =>
        (v && v.type === 'Buffer' ? Buffer.from(v.data).toString('base64') : v)));
}

for (const way of ['polling', 'websocket', 'upgrade']) {
    describe(`${TOGETHER.join(', ')} by ${way}`, NEEDS_CONTRACT, () => {
        let broker, clients;
        before(async () => {
            /* 0.9 takes the first one; the others may have all of them. */
            const transports = { polling: ['xhr-polling'], websocket: ['websocket'],
                upgrade: ['websocket', 'xhr-polling'] }[way];
            broker = await startBroker({ contract: true, config: { name: 'C', transports } });
        });
        after(async () => {
            leaveAll();
            await broker.stop();
        });

        for (const namespace of ['', '/chat']) {
            const where = namespace || 'the default namespace';

            describe(`in ${where}`, () => {
                before(async () => {
                    clients = await Promise.all(TOGETHER.map((version) =>
                        connect(broker.port, { version, way, namespace })));
                    for (const client of clients) {
                        client.emit('join', 'r');
                        await settle(client);
                    }
                });
                after(() => leave(...clients || []));

                test('each gets the events of each, once, in the order of the sender', async () => {
                    const all = EACH * clients.length;
                    const seen = clients.map((client) => client.take('room', all));
                    for (let n = 0; n < EACH; n++) {
                        for (const client of clients)
                            client.emit('room', 'r', { from: client.version, n, TEXT });
                        await new Promise((resolve) => setTimeout(resolve, n % 3));
                    }
                    for (const [i, events] of (await Promise.all(seen)).entries()) {
                        for (const { version } of clients) {
                            const ofSender = events.map(([, data]) => data)
                                .filter(({ from }) => from === version);
                            assert.deepStrictEqual(ofSender, Array.from({ length: EACH },
                                (_, n) => ({ from: version, n, TEXT })),
                            `from ${version} to ${clients[i].version}`);
                        }
                    }
                });

                test('not the sender itself, when it means the others', async () => {
                    for (const sender of clients) {
                        const others = clients.filter((client) => client !== sender);
                        const seen = allNext(others, 'room');
                        sender.emit('room others', 'r', [sender.version, TEXT]);
                        for (const args of await seen)
                            assert.deepStrictEqual(args, ['r', [sender.version, TEXT]]);
                        await assertNo(sender, 'room');
                    }
                });

                test('bytes: as bytes, and as base64 for 0.9', async () => {
                    const data = [TEXT, { deep: [Buffer.from([0, 127, 255])] }, Buffer.alloc(0)];
                    for (const sender of clients.filter(({ kind }) => kind.engine > 0)) {
                        const seen = allNext(clients, 'room');
                        sender.emit('room', 'r', data);
                        for (const [i, args] of (await seen).entries())
                            assert.deepStrictEqual(args, ['r', asSeenBy(clients[i], data)],
                                `from ${sender.version} to ${clients[i].version}`);
                    }
                });

                test('nobody was disturbed', async () => {
                    for (const client of clients) {
                        await settle(client);
                        assert.ok(client.connected, client.version);
                    }
                });
            });
        }

        test('each hears that another leaves', async () => {
            const watchers = await Promise.all(TOGETHER.map((version) =>
                connect(broker.port, { version, way })));
            for (const version of TOGETHER) {
                const left = watchers.map(() => []);
                watchers.forEach((watcher, i) => watcher.on('left', (id) => left[i].push(id)));
                const leaver = await connect(broker.port, { version, way });
                const { id } = leaver;
                leave(leaver);
                await eventually(() => left.every((ids) => ids.includes(id)),
                    `all hear that ${version} has left`);
            }
            leave(...watchers);
        });
    });
}
