'use strict';
/* Connection state recovery as it stands on the wire (3.1), of us and of socket.io 4.8. */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const engine = require('../lib/engine.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const EVENT = /^42(\["(\w+)".*),"([^"]*)"\]$/;

/* An event without its offset, and that. */
function split(packet) {
    const match = EVENT.exec(packet);
    assert.ok(match, `no offset: ${packet}`);
    return { text: `42${match[1]}]`, name: match[2], offset: match[3] };
}

describe('coming back on the wire', NEEDS_CONTRACT, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true,
            config: { name: 'C', maxDisconnectionDuration: 60000 } });
    });
    after(() => broker.stop());

    const websocket = () => engine.connect(broker.port, 4);
    const polling = () => new engine.Polling(broker.port, 4).open();

    for (const [way, open, end] of [['websocket', websocket, (socket) => socket.destroy()],
        ['polling', polling, (client) => client.send('1')]]) {
        test(`${way}: a private id, offsets, and what was missed before the answer`, async () => {
            const witness = await websocket();
            await witness.send('40');
            const client = await open();
            await client.send('40');
            const answer = JSON.parse((await client.next()).slice(2));
            assert.deepStrictEqual(Object.keys(answer), ['sid', 'pid']);
            assert.match(answer.pid, engine.ID);
            assert.notStrictEqual(answer.pid, answer.sid);
            const greeting = split(await client.next());
            assert.strictEqual(greeting.text,
                `42["server",{"server":"C","port":${broker.port}}]`);
            await client.send('42["echo","é",1]', '42["echo"]');
            const first = split(await client.next());
            assert.strictEqual(first.text, '42["echo","é",1]');
            const second = split(await client.next());
            assert.strictEqual(second.text, '42["echo"]');
            assert.strictEqual(new Set([greeting, first, second]
                .map(({ offset }) => offset)).size, 3);
            await end(client);
            while (!(await witness.next()).startsWith(`42["left","${answer.sid}"`))
                continue;
            const auth = JSON.stringify({ pid: answer.pid, offset: first.offset, token: 1 });
            const again = await open();
            await again.send(`40${auth}`);
            /* The echo that it did not acknowledge by its offset, and that it has left. */
            assert.strictEqual(await again.next(), `42["echo","${second.offset}"]`);
            const left = split(await again.next());
            assert.strictEqual(left.text, `42["left","${answer.sid}","transport close"]`);
            assert.deepStrictEqual(await again.next(), `40${JSON.stringify(answer)}`);
            assert.strictEqual(split(await again.next()).name, 'server');
            await end(again);
            witness.destroy();
        });
    }

    test('acknowledgements and volatile events have no offset', async () => {
        const socket = await websocket();
        await socket.send('40');
        await socket.next();
        assert.strictEqual(split(await socket.next()).name, 'server');
        await socket.send('427["echo",1]');
        assert.strictEqual(await socket.next(), '437[1]');
        await socket.send('42["volatile",2]');
        assert.strictEqual(await socket.next(), '42["volatile",2]');
        await socket.send('42["ask",3]');
        assert.match(await socket.next(), /^42\d+\["question",3\]$/);
        socket.destroy();
    });
});
