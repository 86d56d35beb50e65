'use strict';
/*
 * A script of siobroker beside the real socket.io 0.9.16: the same application, the same clients,
 * and the same answers.
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { ask, begin, leave, leaveAll } = require('../lib/client.js');
const { event, within } = require('../lib/deadline.js');
const { REFERENCE, startBroker } = require('../lib/server.js');
const { questions } = require('../contract/words09.js');

const { '0.9': DIFFERENCES, 4: OF_4 } = require('../contract/script-differences.json');

const suite = { skip: REFERENCE && 'about our own program' };
const ORIGINAL = path.join(__dirname, '../lib/reference-words09.js');
const SCRIPT = path.join(__dirname, '../contract/words09-script.js');

function join(port, name, options) {
    return begin(port, { query: `name=${name}`, transports: ['websocket'],
        'connect timeout': 60000, reconnect: false, ...options });
}

async function connect(port, name, options) {
    const client = join(port, name, options);
    await event(client, 'connect');
    return client;
}

/* What a client hears of the end of that one: those of the tests before may still be leaving. */
const endOf = (client, name) => within(new Promise((resolve) => {
    client.on('gone', (...args) => args[0] === name && resolve(args));
}), `the end of ${name}`);

/* All that a client hears of these events, until it is told the end. */
function record(client, names, isEnd) {
    const heard = [];
    const all = new Promise((resolve) => {
        for (const name of names) {
            client.on(name, (...args) => {
                heard.push([name, ...args]);
                if (isEnd(name, ...args))
                    resolve(heard);
            });
        }
    });
    return all;
}

/*
 * Run script(port) on both, one after the other, and hold ours against the other, or both against
 * what the list of differences says about the test.
 */
async function compare(servers, script, name) {
    const [theirs, ours] = [await script(servers[0].port), await script(servers[1].port)];
    leaveAll();
    const known = DIFFERENCES.find((one) => one.test === name && name !== undefined);
    if (known)
        assert.deepStrictEqual({ theirs: told(theirs), ours: told(ours) },
            { theirs: known.theirs, ours: known.ours });
    else
        assert.deepStrictEqual(ours, theirs);
}

/* As JSON has it. */
const told = (value) => JSON.parse(JSON.stringify(value));

describe('the same application on socket.io 0.9.16 and as a script', suite, () => {
    const servers = [];
    before(async () => {
        servers.push(await startBroker({ file: ORIGINAL }), await startBroker({
            args: ['--log-level', '2', SCRIPT] }));
    });
    after(async () => {
        leaveAll();
        await Promise.all(servers.map((server) => server.stop()));
    });

    for (const name of Object.keys(questions)) {
        test(name, () => compare(servers, async (port) => {
            const ann = await connect(port, 'Ann');
            return (await ask(ann, 'query', name))[0];
        }));
    }

    test('options', () => compare(servers, async (port) =>
        ask(await connect(port, 'Ann'), 'options')));

    test('authorization', () => compare(servers, async (port) => {
        const heard = [];
        for (const name of ['Eve', 'Fail'])
            heard.push(await event(join(port, name), 'error'));
        heard.push(await ask(await connect(port, 'Change'), 'me'),
            await ask(await connect(port, 'Ann'), 'me'));
        return heard;
    }));

    test('who gets what', () => compare(servers, async (port) => {
        const clients = [];
        for (const name of ['Ann', 'Bob', 'Cid'])
            clients.push(await connect(port, name));
        const [ann, bob, cid] = clients;
        await ask(ann, 'join', 'r');
        await ask(bob, 'join', 'r');
        await ask(cid, 'join', 'a');
        const all = clients.map((client) => record(client, ['told', 'message', 'error', 'connect'],
            (name, what) => what === 'end'));
        await ask(ann, 'tell', 'r', 'Bob');
        const heard = await Promise.all(all);
        for (const name of ['tell volatile', 'tell one']) {
            const told = event(ann, 'told');
            ann.emit(name);
            heard.push(await told);
        }
        return heard;
    }));

    test('arguments and acknowledgements', () => compare(servers, async (port) => {
        const client = await connect(port, 'Ann');
        client.on('question', (n, ack) => ack('a', { n }));
        const answered = event(client, 'answered'), arrived = event(client, 'arrived');
        client.emit('ask me');
        return [await ask(client, 'values'),
            await ask(client, 'values', null, true, 0.5, '', 'é', [], {}, [[1]], { a: { b: null } }),
            await ask(client, 'twice'), await answered, await ask(client, 'send me'),
            await arrived];
    }));

    test('messages', () => compare(servers, async (port) => {
        const client = await connect(port, 'Ann');
        const heard = [];
        for (const send of [() => client.send('text'), () => client.json.send({ a: 1 }),
            () => client.send('acknowledged', (...args) => heard.push(args)),
            () => client.json.send([1], (...args) => heard.push(args))]) {
            const got = event(client, 'got');
            send();
            heard.push(await got);
        }
        heard.push(await ask(client, 'values', 'last'));
        return heard;
    }));

    test('what is on the blacklist', () => compare(servers, async (port) => {
        const client = await connect(port, 'Ann');
        client.on('heard what is forbidden', () => assert.fail('it was heard'));
        client.emit('forbidden');
        return ask(client, 'values', 1);
    }));

    test('namespaces', () => compare(servers, async (port) => {
        const ann = await connect(port, 'Ann');
        const chat = ann.socket.of('/chat');
        const hello = event(chat, 'hello'), configured = event(chat, 'configured');
        chat.packet({ type: 'connect' });
        const heard = [await hello, await configured];
        const left = event(ann, 'left chat'), told = event(chat, 'disconnect');
        chat.emit('leave');
        heard.push(await left, await told, ann.socket.connected);
        const bob = await connect(port, 'Bob');
        const refused = event(bob.socket.of('/chat'), 'connect_failed');
        bob.socket.of('/chat').packet({ type: 'connect' });
        heard.push(await refused);
        return heard;
    }));

    const ways = {
        'a client that leaves': ({ bob }) => bob.disconnect(),
        'a client that is lost': ({ bob }) => bob.socket.transport.websocket.close(),
        'a client that is disconnected': ({ ann }) => ann.emit('kick', 'Bob2'),
    };
    for (const [i, [name, end]] of Object.entries(ways).entries()) {
        test(name, () => compare(servers, async (port) => {
            const ann = await connect(port, 'Ann'), bob = await connect(port, `Bob${i}`);
            const gone = endOf(ann, `Bob${i}`), told = event(bob, 'disconnect');
            end({ ann, bob });
            const heard = [await gone, await told];
            leave(bob);
            return heard;
        }, name));
    }
});

test('each difference has a reason', () => {
    for (const list of [DIFFERENCES, OF_4]) {
        for (const { test: name, what, why } of list)
            assert.ok((name || what) && why);
    }
});
