'use strict';
/*
 * Two running socket.io 0.9.16 processes behind nginx are replaced by ours, one at a time, as
 * server/manual/clusters.md says: with clients connected throughout, who hear each other before, in
 * between and after.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { ask, begin, leave, leaveAll } = require('../lib/client.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { ALL_NODE, MIXED, Member, Mixed, startNode, startOurs } = require('../lib/mixed.js');
const { connect: connectPoller } = require('../lib/polling.js');
const { startNginx } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const CLIENTS = Number(process.env.MIXED_CLIENTS || 20);
const suite = { skip: MIXED.skip || (ALL_NODE && 'the original loses R1') };

/* A real client behind nginx that counts its greetings and writes down which numbers it hears. */
async function listener(nginx) {
    const client = begin(nginx.port, { transports: ['websocket'] });
    Object.assign(client, { heard: [], greetings: 0 });
    client.on('broadcast', ({ n }) => client.heard.push(n));
    client.on('server', () => { client.greetings++; });
    client.on('error', (reason) => { client.refused = reason || 'error'; });
    await eventually(() => client.greetings > 0 || client.refused, 'a greeting');
    return client;
}

/* The name of the process that has its session. */
const placeOf = async (client) => (await ask(client, 'who'))[0].server;

/* Numbers to everyone, through a connection of its own to that member, until it is stopped. */
async function ticker(at, from) {
    const member = await Member.connect({ at });
    const tick = { next: from };
    let stopped = false;
    const done = (async () => {
        while (!stopped) {
            await member.emit('broadcast', [{ n: tick.next++ }]);
            await member.ask('echo', [tick.next]);
        }
        member.leave();
    })();
    tick.stop = () => { stopped = true; return done; };
    return tick;
}

describe('replacing a cluster of Node', suite, () => {
    let mixed, nginx, clients, a, b;
    before(async () => {
        mixed = await Mixed.start({ ours: 0, nodes: 2 });
        [a, b] = mixed.nodes;
        [a.name, b.name] = ['Node1', 'Node2'];
        nginx = await startNginx([a.port, b.port]);
        clients = [];
        await addListeners(true);
    });
    after(async () => {
        leaveAll();
        await nginx.stop();
        await mixed.stop();
    });

    /*
     * Requests go to the two in turn: one more after every other client, and each gets half. While
     * both are Node, some upgrades that follow at once are refused (R1), and their clients left
     * out.
     */
    async function addListeners(mayBeRefused = false) {
        for (let i = 0; i < CLIENTS; i++) {
            const client = await listener(nginx);
            if (!mayBeRefused)
                assert.strictEqual(client.refused, undefined);
            if (client.refused)
                leave(client);
            else
                clients.push(client);
            if (i % 2 === 0)
                await http.get(nginx.port, '/socket.io/');
        }
    }

    const everyone = (is, what) => eventually(() => clients.every(is), what, 20000)
        .catch((error) => {
            error.message += `\n${JSON.stringify(clients.map((c) => [c.socket.connected,
                c.greetings, c.heard.length, c.heard.at(-1)]))}`;
            throw error;
        });

    async function allHear(at, from) {
        const tick = await ticker(at, from);
        await everyone((client) => client.heard.at(-1) >= from, 'everyone hears what is said');
        await tick.stop();
        return tick.next + 1000;
    }

    /* Nobody has a number twice; who stayed connected has them all. */
    function assertComplete(from, to, stayed) {
        const all = Array.from({ length: to - from }, (_, i) => from + i);
        for (const client of clients) {
            const heard = client.heard.filter((n) => n >= from && n < to);
            assert.deepStrictEqual(heard, all.filter((n) => heard.includes(n)), 'once, in order');
            if (stayed.includes(client))
                assert.deepStrictEqual(heard, all);
        }
    }

    /* nginx leaves a server that was away out for two seconds. */
    const isInTurn = (name) => eventually(async () => {
        const client = await listener(nginx);
        const place = await placeOf(client);
        leave(client);
        await http.get(nginx.port, '/socket.io/');
        return place === name;
    }, `nginx asks ${name}`);

    /* Stop one, start ours in its place; those whose sessions the other one has notice nothing. */
    async function replace(old, other, name, from) {
        const places = await Promise.all(clients.map(placeOf));
        const stayed = clients.filter((_, i) => places[i] === other.name);
        const greetings = stayed.map((client) => client.greetings);
        assert.ok(stayed.length > 0 && stayed.length < clients.length, `both: ${places}`);
        const tick = await ticker(other, from);
        await old.stop();
        const gone = tick.next;
        await everyone((client) => client.heard.at(-1) > gone, 'all are connected again');
        const started = await startOurs(mixed.redis, name, mixed.config, old.port);
        started.name = name;
        mixed.ours.push(started);
        await mixed.ready();
        await isInTurn(name);
        await tick.stop();
        await everyone((client) => client.heard.at(-1) === tick.next - 1, 'the last number');
        assert.deepStrictEqual(stayed.map((client) => client.greetings), greetings,
            'they stayed connected');
        assertComplete(from, tick.next, stayed);
        return [started, tick.next + 1000];
    }

    test('one process at a time', async () => {
        let next = await allHear(a, 0);
        const [first, second] = [a, b];
        [a, next] = await replace(first, second, 'Ours1', next);

        /* New clients come in through either, and all hear each other. */
        await addListeners();
        next = await allHear(a, next);
        next = await allHear(b, next);

        [b, next] = await replace(second, a, 'Ours2', next);
        await addListeners();
        assert.strictEqual(new Set(await Promise.all(clients.map(placeOf))).size, 2);
        next = await allHear(a, next);
        await allHear(b, next);
    });

    test('a polling client of the replaced process is told to reconnect, at once or soon',
        async () => {
            const node = await startNode(mixed.redis, 'Node3', mixed.config);
            const poller = await connectPoller(node.port, 'xhr-polling');
            await node.stop();
            const ours = await startOurs(mixed.redis, 'Ours3', mixed.config, node.port);
            mixed.ours.push(ours);
            assert.strictEqual(await poller.poll(), '7:::1+0');
            const again = await connectPoller(node.port, 'xhr-polling');
            assert.match(again.greeting, sio.GREETING);
            await again.post('0::');
        });
});
