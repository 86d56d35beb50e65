'use strict';
/*
 * A backend that is away for 20 s, while 1,000 clients want to connect and others are connected,
 * real ones of all generations among both. A backend that does not answer refuses nobody: clients
 * are held, their events wait in their order, and all goes on when it is back.
 */

const assert = require('node:assert');
const { test, before, after } = require('node:test');
const { Backend, settings, ENV } = require('../lib/backend.js');
const { Crowd } = require('../lib/crowd.js');
const { eventually } = require('../lib/deadline.js');
const { begin, connect, leaveAll } = require('../lib/modern.js');
const { REFERENCE, startBroker } = require('../lib/server.js');

const VERSIONS = ['0.9.16', '1.7.4', '2.5.0', '3.1.3', '4.8.4'];
const N_EACH = 5;               /* real clients of each, connected and not yet */
const N_EVENTS = 20;            /* of each that is connected */
const N_CLIENTS = 1000;         /* that want to connect meanwhile */
const AWAY_MS = 20000, BACK_MS = 60000;

/* What lib/client.js makes shorter: a client of 0.9 that is held for longer gives up. */
const USUAL = { '0.9.16': { 'connect timeout': 10000 } };

const greeting = (event) => ({ emit: [['server', { server: 'A', id: event.socket.id }]] });
const real = (fn) =>
    VERSIONS.flatMap((version) => Array.from({ length: N_EACH }, () => fn(version)));

let backend, broker, crowd;

before(async () => {
    backend = new Backend({ connect: greeting, event: ({ args }) => ({ ack: args }) });
    await backend.start();
    broker = await startBroker({ env: ENV, config: {
        backends: [settings(backend, { 'max batch': 20 })] } });
    crowd = new Crowd(broker.port);
});
after(async () => {
    crowd.leave();
    leaveAll();
    await broker.stop();
    await backend.end();
});

/* What tells a client that it is not wanted, and that it does not come back from by itself. */
function countRefusals(client, refusals) {
    for (const name of ['connect_failed', 'error'])
        client.on(name, (error) => refusals.push(`${client.version} ${name} ${error}`));
    client.on('connect_error', (error) => {
        if (error.data !== undefined || !client.socket.active)
            refusals.push(`${client.version} ${error.message}`);
    });
}

test('nobody is refused, and nothing is lost', { skip: REFERENCE }, async () => {
    const inside = await Promise.all(real((version) => connect(broker.port, { version })));
    const ends = [];
    for (const client of inside)
        client.on('disconnect', (reason) => ends.push(`${client.version} ${reason}`));
    const before = backend.events.length;

    await backend.stop();
    const answers = inside.map(() => []);
    inside.forEach((client, who) => {
        for (let i = 0; i < N_EVENTS; i++)
            client.emit('count', i, (answer) => answers[who].push(answer));
    });
    const outside = real((version) => begin(broker.port, { version, ...USUAL[version] }));
    const refusals = [];
    outside.forEach((client) => countRefusals(client, refusals));
    crowd.begin(N_CLIENTS - outside.length);
    const greeted = new Set();
    outside.forEach((client) => client.on('server', () => greeted.add(client)));
    await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
    assert.strictEqual(greeted.size + crowd.at(), 0);
    assert.strictEqual(backend.events.length, before);
    const { turned_away: turnedAway } = await broker.counters();
    assert.ok(turnedAway > 0, 'clients were held only for "connect within"');

    await backend.start();
    await eventually(() => greeted.size === outside.length && crowd.at() === crowd.members.length,
        'all are in', BACK_MS);
    assert.deepStrictEqual(refusals, []);
    assert.deepStrictEqual([crowd.refused, crowd.disconnects, crowd.refusals.size], [0, 0, 0]);

    const inOrder = Array.from({ length: N_EVENTS }, (_, i) => i);
    await eventually(() => answers.every((of) => of.length === N_EVENTS), 'all are acknowledged');
    answers.forEach((of) => assert.deepStrictEqual(of, inOrder));
    assert.deepStrictEqual(ends, []);
    for (const client of inside) {
        const told = backend.of('event', client.greeting.id);
        assert.deepStrictEqual(told.map(({ args }) => args[0]), inOrder, client.version);
    }
    const counters = await broker.counters();
    assert.strictEqual(counters.backend_given_up, 0);
    assert.strictEqual(counters.backend_queue, 0);
});
