'use strict';
/*
 * Connection state recovery through the real client 4.8: who loses its connection and comes back in
 * time is who it was, and has missed nothing. The same script runs against socket.io 4.8 itself.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { BETTER, WAYS, begin, connect, leave, leaveAll, settle } = require('../lib/modern.js');
const { ON, comeBack, cut, join, secrets, these, withoutOffset } = require('../lib/recovery.js');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const numbers = (n) => Array.from({ length: n }, (_, i) => i);

describe('clients that come back', NEEDS_CONTRACT, () => {
    let broker, other;
    before(async () => {
        broker = await startBroker({ contract: true, config: { name: 'C', ...ON } });
        other = await join(broker.port);
    });
    after(async () => {
        leaveAll();
        await broker.stop();
    });

    for (const way of Object.keys(WAYS)) {
        test(`by ${way}: the same id, and what was missed, in order, once`, async () => {
            const client = await join(broker.port, { way });
            const { id } = client;
            await cut(client, other);
            for (const n of numbers(20))
                other.emit('broadcast', n);
            await settle(other);
            const seen = await comeBack(client);
            assert.strictEqual(client.socket.recovered, true);
            assert.strictEqual(client.id, id);
            assert.deepStrictEqual(these(seen, 'broadcast'), numbers(20).map((n) => [n]));
            assert.deepStrictEqual((await client.ask('who'))[0].id, id);
            leave(client);
        });
    }

    test('the application is told of it as of any other', async () => {
        const client = await join(broker.port);
        await cut(client, other);
        const seen = await comeBack(client);
        assert.deepStrictEqual(these(seen, 'server'),
            [[{ server: 'C', port: broker.port }]]);
        leave(client);
    });

    test('again and again, with something missed or with nothing', async () => {
        const client = await join(broker.port);
        const { id } = client;
        for (const n of numbers(10)) {
            await cut(client, other);
            if (n % 3)
                other.emit('broadcast', n);
            await settle(other);
            const seen = await comeBack(client);
            assert.strictEqual(client.socket.recovered, true);
            assert.strictEqual(client.id, id);
            assert.deepStrictEqual(these(seen, 'broadcast'), n % 3 ? [[n]] : []);
        }
        leave(client);
    });

    test('rooms, and only their events', async () => {
        const client = await join(broker.port);
        await client.ask('join', 'mine');
        await client.ask('join', 'left');
        await client.ask('leave', 'left');
        const { id } = client;
        await cut(client, other);
        other.emit('room', 'mine', 1);
        other.emit('room', 'left', 2);
        other.emit('room', 'foreign', 3);
        other.emit('room', id, 4);
        await settle(other);
        const seen = await comeBack(client);
        assert.deepStrictEqual(these(seen, 'room'), [['mine', 1], [id, 4]]);
        const again = client.next('room');
        other.emit('room', 'mine', 5);
        assert.deepStrictEqual(withoutOffset(await again), ['mine', 5]);
        leave(client);
    });

    test('its own broadcasts to others do not come back to it', async () => {
        const client = await join(broker.port);
        const told = other.next('others');
        client.emit('others', 'x');
        await told;
        other.socket.emit('others', 'y');
        await settle(other);
        await settle(client);
        await cut(client, other);
        const seen = await comeBack(client);
        assert.deepStrictEqual(these(seen, 'others'), []);
        leave(client);
    });

    test('bytes', async () => {
        const client = await join(broker.port);
        await cut(client, other);
        other.emit('broadcast', { a: Buffer.from([1, 2]), b: [Buffer.from('é')] });
        await settle(other);
        const seen = await comeBack(client);
        assert.deepStrictEqual(these(seen, 'broadcast'),
            [[{ a: Buffer.from([1, 2]), b: [Buffer.from('é')] }]]);
        leave(client);
    });

    test('what the server sent, and the client did not get', async () => {
        const client = await join(broker.port);
        await settle(client);
        const seen = [];
        client.socket.onAny((...args) => seen.push(args));
        /* The rest is on the way when the third is handled: the connection is cut there. */
        client.socket.on('seq', (n) => n === 2 && client.cut());
        const left = other.next('left');
        client.emit('many', 10);
        await client.next('disconnect');
        await left;
        client.socket.off('seq');
        const rest = await comeBack(client);
        assert.strictEqual(client.socket.recovered, true);
        assert.deepStrictEqual([...these(seen, 'seq'), ...these(rest, 'seq')],
            numbers(10).map((n) => [n]));
        leave(client);
    });

    test('each namespace by itself', async () => {
        const client = await join(broker.port);
        const chat = client.of('/chat');
        await chat.next('welcome');
        await chat.ask('join', 'r');
        const ids = [client.id, chat.id];
        await cut(client, other);
        const friend = await join(broker.port, { namespace: '/chat' });
        friend.emit('room', 'r', 'there');
        other.emit('broadcast', 'here');
        await Promise.all([settle(friend), settle(other)]);
        const joined = comeBack(chat);
        const seen = await comeBack(client);
        assert.deepStrictEqual(these(seen, 'broadcast'), [['here']]);
        assert.deepStrictEqual(these(await joined, 'room'), [['r', 'there']]);
        assert.deepStrictEqual([client.id, chat.id], ids);
        leave(client, friend);
    });

    test('stored data', BETTER, async () => {
        const client = await join(broker.port);
        await client.ask('set', 'nick', 'bob');
        await cut(client, other);
        await comeBack(client);
        assert.deepStrictEqual(await client.ask('get', 'nick'), ['bob']);
        await cut(client, other);
        await comeBack(client);
        assert.deepStrictEqual(await client.ask('get', 'nick'), ['bob']);
        leave(client);
    });

    test('namespace authorization is for newcomers', async () => {
        const auth = { token: 'secret' };
        const client = await join(broker.port, { namespace: '/auth', auth });
        const { id } = client;
        const base = client.of('');
        await base.next('server');
        await cut(base, other);
        client.socket.auth = {};
        const connected = client.next('connect');
        client.socket.connect();
        await connected;
        assert.strictEqual(client.id, id);
        leave(client);
    });

    test('who says goodbye, or is disconnected, does not come back', async () => {
        for (const go of [(client) => client.disconnect(), (client) => client.emit('kick')]) {
            const client = await join(broker.port);
            const { id } = client;
            const ended = client.next('disconnect');
            const left = other.next('left');
            go(client);
            await Promise.all([ended, left]);
            await comeBack(client);
            assert.strictEqual(client.socket.recovered, false);
            assert.notStrictEqual(client.id, id);
            leave(client);
        }
    });

    test('a private id or an offset that nobody gave', async () => {
        const client = await join(broker.port);
        const { id } = client;
        await cut(client, other);
        const { pid, offset } = secrets(client);
        const forged = [{ pid: 'x', offset }, { pid: `${pid}x`, offset }, { pid, offset: 'x' },
            { pid, offset: `${offset}0000` }, { pid, offset: `0${offset}` }, { pid, offset: '' },
            { pid, offset: 'x'.repeat(1000) }, { pid: 'x'.repeat(1000), offset }, { pid },
            { offset }, { pid: 1, offset }, { pid, offset: [offset] }, { pid: null, offset: null },
            { pid: '__proto__', offset }];
        for (const auth of forged) {
            const stranger = await join(broker.port, { auth });
            assert.notStrictEqual(stranger.id, id, JSON.stringify(auth));
            leave(stranger);
        }
        await comeBack(client);
        assert.strictEqual(client.id, id);
        leave(client);
    });

    test('in another namespace it is nobody', async () => {
        const client = await join(broker.port);
        const { id } = client;
        await cut(client, other);
        const stranger = await join(broker.port, { namespace: '/chat', auth: secrets(client) });
        assert.notStrictEqual(stranger.id, id);
        leave(stranger, client);
    });

    test('of two who come with one private id the first is the one', BETTER, async () => {
        const client = await join(broker.port);
        const { id } = client;
        await client.ask('join', 'two');
        await cut(client, other);
        const auth = secrets(client);
        const two = await Promise.all([join(broker.port, { auth }), join(broker.port, { auth })]);
        assert.deepStrictEqual(two.map((one) => one.id === id).sort(), [false, true]);
        assert.notStrictEqual(two[0].socket._pid, two[1].socket._pid);
        leave(...two);
    });

    test('clients of other revisions get what they always got', async () => {
        const old = await connect(broker.port, { version: '2.5.0', way: 'websocket' });
        const seen = old.next('broadcast');
        other.emit('broadcast', 1);
        const args = await seen;
        if (!BETTER.skip)
            assert.deepStrictEqual(args, [1]);
        leave(old);
    });
});

describe('too late', NEEDS_CONTRACT, () => {
    /* The original looks once a minute for offsets; it knows at once that the time is over. */
    test('who comes after the time is new', async () => {
        const broker = await startBroker({ contract: true,
            config: { maxDisconnectionDuration: 100 } });
        const client = await join(broker.port);
        const { id } = client;
        await cut(client);
        await new Promise((resolve) => setTimeout(resolve, 500));
        await comeBack(client);
        assert.strictEqual(client.socket.recovered, false);
        assert.notStrictEqual(client.id, id);
        leave(client);
        await broker.stop();
    });

    test('without the setting there is nothing of it', async () => {
        const broker = await startBroker({ contract: true, config: {} });
        const client = await join(broker.port);
        assert.strictEqual(client.socket._pid, undefined);
        const echoed = client.next('echo');
        client.emit('echo', 1);
        assert.deepStrictEqual(await echoed, [1]);
        leave(client);
        await broker.stop();
    });
});

describe('not skipping namespace authorization', NEEDS_CONTRACT, () => {
    let broker;
    before(async () => {
        broker = await startBroker({ contract: true, config: { ...ON, skipMiddlewares: false } });
    });
    after(async () => {
        leaveAll();
        await broker.stop();
    });

    test('who may not come in any more does not come back, and who may does', async () => {
        const client = await join(broker.port, { namespace: '/auth', auth: { token: 'secret' } });
        const other = await join(broker.port);
        const { id } = client;
        const base = client.of('');
        await base.next('server');
        await cut(base, other);
        const auth = secrets(client);
        const refused = begin(broker.port, { namespace: '/auth', way: 'websocket', auth,
            reconnection: false });
        await refused.refused();
        const accepted = await join(broker.port, { namespace: '/auth',
            auth: { token: 'secret', ...auth } });
        assert.strictEqual(accepted.id, id);
        leave(refused, accepted, client, other);
    });
});
