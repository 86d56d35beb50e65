'use strict';
/*
 * words4.js - the same words of socket.io 4 on two servers (contract/words4.js), with real clients,
 * and what they give compared. servers is a list of objects with a port, theirs first.
 */

const assert = require('node:assert');
const { test } = require('node:test');
const { within } = require('./deadline.js');
const { begin, leaveAll } = require('./modern.js');
const { questions } = require('../contract/words4.js');

async function connect(port, name, options) {
    const client = begin(port, { auth: { name }, way: 'websocket', ...options });
    client.on('question', (n, ack) => ack(`${name} ${n}`));
    client.on('several', (n, ack) => ack(n, [name], null, { n }));
    client.on('nothing', (ack) => ack());
    client.on('say it', (one) => client.emit(one));
    await client.next('connect');
    return client;
}

/* What a client hears of the end of that one: those of the tests before may still be leaving. */
const endOf = (client, name) => within(new Promise((resolve) => {
    client.on('gone', (...args) => args[0] === name && resolve(args));
}), `the end of ${name}`);

/* Run script(port) on both, one after the other, and hold ours against the other. */
async function compare(servers, script) {
    const [theirs, ours] = [await script(servers[0].port), await script(servers[1].port)];
    leaveAll();
    assert.deepStrictEqual(ours, theirs);
    return theirs;
}

/* Define the tests, in a describe() whose before() fills the list. */
function compareWords(servers) {
    for (const name of Object.keys(questions)) {
        test(name, () => compare(servers, async (port) => {
            const [ann, bob] = [await connect(port, 'Ann'), await connect(port, 'Bob')];
            const [answer] = await ann.ask('query', name);
            bob.disconnect();
            return answer;
        }));
    }

    test('arguments and acknowledgements', () => compare(servers, async (port) => {
        const client = await connect(port, 'Ann');
        const values = [null, true, 0.5, '', 'é', [], {}, [[1]], { a: { b: null } },
            new Date(0), Buffer.from([1, 2]), { bytes: Buffer.from('x'), list: [Buffer.alloc(0)] }];
        return [await client.ask('values'), await client.ask('values', ...values),
            await client.ask('twice'), await client.ask('connects')];
    }));

    test('middleware', () => compare(servers, async (port) => {
        const eve = begin(port, { auth: { name: 'Eve' } });
        const [error] = await eve.refused();
        const guarded = begin(port, { auth: { name: 'Ann' }, namespace: '/guarded' });
        const [closed] = await guarded.refused();
        const unknown = begin(port, { auth: { name: 'Ann' }, namespace: '/unknown' });
        const [invalid] = await unknown.refused();
        const ann = await connect(port, 'Ann');
        const complaint = ann.next('complaint');
        ann.emit('bad');
        return [error.message, error.data, closed.message, closed.data, invalid.message,
            await complaint];
    }));

    test('who gets what', () => compare(servers, async (port) => {
        const clients = [];
        for (const name of ['Ann', 'Bob', 'Cid', 'Dan'])
            clients.push(await connect(port, name));
        const [ann, bob, cid, dan] = clients;
        const heard = clients.map((client) => {
            const told = [];
            client.on('told', (what) => told.push(what));
            return told;
        });
        for (const [client, room] of [[ann, 'r'], [bob, 'r'], [cid, 'r'], [cid, 'quiet'],
            [dan, 'other room']])
            await client.ask('join', room);
        const end = clients.map((client) => new Promise((resolve) => {
            client.on('told', (what) => what === 'end' && resolve());
        }));
        ann.emit('tell', 'r');
        await Promise.all(end);
        return heard;
    }));

    test('namespaces', () => compare(servers, async (port) => {
        const ann = await connect(port, 'Ann');
        const other = ann.of('/other');
        const [name, rooms] = await other.next('hello');
        const gone = ann.next('gone from other'), told = other.next('disconnect');
        other.emit('leave');
        return [name, rooms, await gone, (await told)[0], ann.connected];
    }));

    const ways = {
        'a client that leaves': ({ bob }) => bob.disconnect(),
        'a client that is lost': ({ bob }) => bob.cut(),
        'a client that is disconnected': ({ ann }) => ann.emit('kick', 'Bob 2', false),
        'a client whose connection is closed': ({ ann }) => ann.emit('kick', 'Bob 3', true),
    };
    for (const [i, [name, end]] of Object.entries(ways).entries()) {
        test(name, () => compare(servers, async (port) => {
            const ann = await connect(port, 'Ann');
            const bob = await connect(port, `Bob ${i}`, { reconnection: false });
            const gone = endOf(ann, `Bob ${i}`), told = bob.next('disconnect');
            end({ ann, bob });
            return [await gone, (await told)[0]];
        }));
    }
}

module.exports = { connect, compare, compareWords };
