'use strict';
/*
 * A client that has lost its connection keeps what the server had asked it, and answers on the next
 * one. That must not be taken for the answer to what it was asked since.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { BETTER, VERSIONS, assertNo, connect, leave, leaveAll } = require('../lib/modern.js');
const { ON, comeBack, cut, join } = require('../lib/recovery.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

/* Lets the server ask a question; resolves with what answers it. */
async function beAsked(client, what) {
    const asked = client.next('question');
    client.emit('ask', what);
    const [data, answer] = await asked;
    assert.strictEqual(data, what);
    return answer;
}

async function reconnect(client) {
    const greeted = client.next('server');
    if (client.kind.engine > 0)
        client.engine.close();
    else
        client.socket.socket.transport.close();
    await greeted;
}

/* Asked again on the next connection, it answers both questions, the first one first. */
async function assertKeptApart(client, late) {
    const answer = await beAsked(client, 'second');
    const answered = client.next('answer');
    late('late');
    answer('in time');
    assert.strictEqual((await answered)[0], 'in time');
    await assertNo(client, 'answer');
}

describe('late answers', NEEDS_CONTRACT, () => {
    let brokers;
    before(async () => {
        brokers = await Promise.all(['A', 'B'].map((name) =>
            startBroker({ contract: true, config: { name, ...ON } })));
    });
    after(async () => {
        leaveAll();
        await Promise.all(brokers.map((broker) => broker.stop()));
    });

    for (const [version, { engine, packets }] of Object.entries(VERSIONS)) {
        test(`of ${version}, which reconnects`, packets > 3 ? {} : BETTER, async () => {
            const client = await connect(brokers[0].port, { version,
                ...engine > 0 && { way: 'websocket' } });
            const late = await beAsked(client, 'first');
            await reconnect(client);
            await assertKeptApart(client, late);
            leave(client);
        });
    }

    test('of one that recovers its state', async () => {
        const [client, witness] = [await join(brokers[0].port), await join(brokers[0].port)];
        const late = await beAsked(client, 'first');
        await cut(client, witness);
        await comeBack(client);
        assert.strictEqual(client.socket.recovered, true);
        await assertKeptApart(client, late);
        leave(client, witness);
    });

    /* Of two processes, both may have asked their first question. */
    test('of one that goes to another instance', BETTER, async () => {
        const client = await join(brokers[0].port);
        const late = await beAsked(client, 'first');
        await cut(client);
        await comeBack(client, brokers[1].port);
        await assertKeptApart(client, late);
        leave(client);
    });
});
