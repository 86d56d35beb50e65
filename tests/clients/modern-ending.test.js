'use strict';
/*
 * How connections of the real clients since 1.0 live and end: heartbeats, the reasons that both
 * sides are told, and what comes after.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { MODERN, ORIGINAL, VERSIONS, connect, leave, leaveAll, settle } =
    require('../lib/modern.js');
const { DEADLINE_MS, eventually, within } = require('../lib/deadline.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

/* Short, but not so short that a busy machine misses one. */
const CONFIG = { name: 'C', pingInterval: 300, pingTimeout: 5000 };
const LOST = ['transport close', 'transport error'];

/* With an upgrade the original stops to watch whether a client of revision 3 sends heartbeats. */
const FORGETS = (version, way) => ({ skip: ORIGINAL && way === 'upgrade' &&
    VERSIONS[version].engine === 3 && 'the original never gives up' });

after(leaveAll);

/* The reason that everyone is told when the one with this id has left. */
function leftBecause(watcher, id) {
    return within(new Promise((resolve) => {
        watcher.on('left', (who, reason) => who === id && resolve(reason));
    }), `${id} has left`);
}

/* From now on the client says nothing and waits for nothing, like one whose network is gone. */
function silence(client) {
    const { engine } = client;
    engine.sendPacket = engine._sendPacket = () => {};
    engine.off('heartbeat');
    engine.onHeartbeat = () => {};
    clearTimeout(engine.pingTimeoutTimer);
}

/* They mostly wait. */
describe('a connection', { ...NEEDS_CONTRACT, concurrency: 6 }, () => {
    for (const version of MODERN) {
        for (const way of ['polling', 'websocket', 'upgrade']) {
            describe(`of ${version} by ${way}`, () => {
                let broker, watcher;
                before(async () => {
                    broker = await startBroker({ contract: true, config: CONFIG });
                    watcher = await connect(broker.port, { version: '4.8.4', way: 'websocket' });
                });
                after(async () => {
                    leave(watcher);
                    await broker.stop();
                });

                const here = (options) => connect(broker.port, { version, way, ...options });

                test('it leaves', async () => {
                    const client = await here();
                    const left = leftBecause(watcher, client.id);
                    const ended = client.next('disconnect');
                    client.disconnect();
                    assert.strictEqual((await ended)[0], 'io client disconnect');
                    /* Versions 1.0 drop what waits to be sent, the packet that says so among it. */
                    assert.match(await left, VERSIONS[version].oldFrames
                        ? /^(client namespace disconnect|transport close)$/
                        : /^client namespace disconnect$/);
                    leave(client);
                });

                test('it is sent away, and does not come back', async () => {
                    const client = await here();
                    const left = leftBecause(watcher, client.id);
                    const ended = client.next('disconnect');
                    client.emit('kick');
                    assert.strictEqual((await ended)[0], 'io server disconnect');
                    assert.strictEqual(await left, 'server namespace disconnect');
                    leave(client);
                });

                test('heartbeats keep it', async () => {
                    const client = await here();
                    const beats = client.countBeats();
                    let ended = null;
                    client.on('disconnect', (reason) => { ended = reason; });
                    await eventually(() => beats() >= 5 || ended, 'five heartbeats');
                    assert.strictEqual(ended, null);
                    await settle(client);
                    leave(client);
                });

                test('without heartbeats it is given up', FORGETS(version, way), async () => {
                    const client = await here({ reconnection: false });
                    const left = leftBecause(watcher, client.id);
                    silence(client);
                    assert.strictEqual(await left, 'ping timeout');
                    leave(client);
                });

                test('a broken connection: both are told, and it comes back as another',
                    { skip: way === 'polling' && 'it has none that could break' }, async () => {
                        const client = await here();
                        const first = client.id;
                        const left = leftBecause(watcher, first);
                        const ended = client.next('disconnect');
                        const greeted = client.next('server');
                        client.cut();
                        const [reason] = await ended;
                        assert.ok(LOST.includes(reason), reason);
                        assert.ok(LOST.includes(await left), await left);
                        await greeted;
                        assert.notStrictEqual(client.id, first);
                        await settle(client);
                        leave(client);
                    });
            });
        }
    }
});

describe('the server', NEEDS_CONTRACT, () => {
    for (const version of MODERN) {
        for (const way of ['polling', 'websocket', 'upgrade']) {
            test(`starts again, and ${version} finds it by ${way}`, async () => {
                const first = await startBroker({ contract: true, args: ['--name', 'before'] });
                const client = await connect(first.port, { version, way });
                const ended = client.next('disconnect');
                const greeted = client.next('server', 2 * DEADLINE_MS);
                await first.stop();
                const [reason] = await ended;
                assert.ok(LOST.includes(reason), reason);
                const second = await startBroker({ contract: true, port: first.port,
                    args: ['--name', 'after'] });
                assert.deepStrictEqual(await greeted, [{ server: 'after', port: first.port }]);
                leave(client);
                await second.stop();
            });
        }
    }

    test('a hundred clients of all versions at once', async () => {
        const broker = await startBroker({ contract: true });
        const clients = await Promise.all(Array.from({ length: 100 }, (_, i) =>
            connect(broker.port, { version: MODERN[i % MODERN.length] })));
        assert.strictEqual(new Set(clients.map(({ id }) => id)).size, clients.length);
        const versions5 = clients.filter(({ version }) => VERSIONS[version].packets === 5);
        assert.ok(versions5.every(({ id, engine }) => id !== engine.id));
        leave(...clients);
        await broker.stop();
    });
});
