'use strict';
/*
 * The chat of the demo as a backend, in client-demo/backends/: Node, Python and PHP say the same to
 * the same clients, answer nobody but the broker, and may be restarted while everybody talks.
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, after } = require('node:test');
const { SECRET, ENV } = require('../lib/backend.js');
const { allNext, begin, leave, leaveAll } = require('../lib/modern.js');
const { Program, freePort } = require('../lib/program.js');
const { REFERENCE, ROOT, startBroker } = require('../lib/server.js');
const { ready } = require('../lib/services.js');

const FOLDER = path.join(ROOT, 'client-demo/backends');
const RECEIVERS = {
    'chat.js': (file, port) => [process.execPath, [file]],
    'chat.py': (file, port) => ['python3', [file]],
    'chat.php': (file, port) => ['php', ['-S', `127.0.0.1:${port}`, file]],
};
const TEXT = '<b>"é€😀"</b> \\ \u2028';
const LINES = Array.from({ length: 10 }, (_, i) => `line ${i}`);

after(leaveAll);

/* A receiver that serves at this port. It must be installed: if not, this says so and fails. */
async function startReceiver(file, port) {
    const [command, args] = RECEIVERS[file](path.join(FOLDER, file), port);
    const program = new Program(command, args,
        { env: { ...process.env, HOOK_SECRET: SECRET, PORT: String(port) } });
    await ready(program, port);
    return program;
}

/* Patient, as a busy machine may let each of them wait. */
function startServer(port) {
    return startBroker({ env: ENV, config: { name: 'Server1', backends: [{ name: 'chat',
        urls: [`http://127.0.0.1:${port}/`], include: ['rooms'], headers: ['X-Port: 3100'],
        secret: 'env:HOOK_SECRET', timeout: 30, 'connect within': 40, 'retry for': 300 }] } });
}

async function assertForgedIsRefused(port) {
    const { status } = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST',
        body: '{"events":[]}', headers: { 'webhook-id': 'msg_1', 'webhook-signature': 'v1,AAAA',
            'webhook-timestamp': String(Math.floor(Date.now() / 1000)) } });
    assert.strictEqual(status, 400);
}

/* Both are greeted, and join the room. */
async function meet(ann, bob) {
    assert.deepStrictEqual(await allNext([ann, bob], 'server'),
        [[{ server: 'Server1', port: 3100 }], [{ server: 'Server1', port: 3100 }]]);
    const joined = ann.take('joined', 2);
    assert.deepStrictEqual(await ann.ask('join', 'chat', 'Ann'), []);
    assert.deepStrictEqual(await bob.ask('join', 'chat', 'Bob'), []);
    assert.deepStrictEqual(await joined, [['Ann', 'chat'], ['Bob', 'chat']]);
}

async function talk(ann, bob) {
    const said = allNext([ann, bob], 'said');
    ann.emit('say', 'chat', TEXT);
    assert.deepStrictEqual(await said, [['Ann', 'chat', TEXT], ['Ann', 'chat', TEXT]]);
    const here = allNext([ann, bob], 'here');
    bob.emit('here', 'chat', 'client 0.9.16');
    assert.deepStrictEqual(await here, Array(2).fill(['Bob', 'chat', 'client 0.9.16']));
}

/* What is said wrongly, or in a room that one is not in, nobody hears. */
async function mumble(ann, bob) {
    const heard = bob.next('said');
    for (const args of [[], [7, {}], [null, []], ['', ''], ['chat'], ['chat', ''], ['other', 'x'],
        ['chat', 'x'.repeat(2001)]])
        ann.emit('say', ...args);
    for (const name of ['constructor', '__proto__', 'toString', 'leave', 'here', 'join'])
        ann.emit(name, 'other', '');
    ann.emit('say', 'chat', 'this');
    assert.deepStrictEqual(await heard, ['Ann', 'chat', 'this']);
}

/* What both say while it is away waits for it, in their order, and under their names. */
async function talkAway(ann, bob, receiver, restart) {
    const heard = ann.take('said', 2 * LINES.length);
    await receiver.stop('SIGKILL');
    for (const line of LINES) {
        ann.emit('say', 'chat', line);
        bob.emit('say', 'chat', line);
    }
    const next = await restart();
    const all = await heard;
    for (const name of ['Ann', 'Bob'])
        assert.deepStrictEqual(all.filter(([who]) => who === name),
            LINES.map((line) => [name, 'chat', line]));
    return next;
}

async function part(ann, bob) {
    const left = allNext([ann, bob], 'left');
    ann.emit('leave', 'chat');
    assert.deepStrictEqual(await left, [['Ann', 'chat'], ['Ann', 'chat']]);
    await ann.ask('join', 'chat', 'Ann');
    const gone = ann.next('left');
    leave(bob);
    const [name, room, reason] = await gone;
    assert.deepStrictEqual([name, room, typeof reason], ['Bob', 'chat', 'string']);
}

for (const file of Object.keys(RECEIVERS))
    test(file, { skip: REFERENCE && 'about our own program' }, async () => {
        const port = await freePort();
        let receiver = await startReceiver(file, port);
        await assertForgedIsRefused(port);

        const broker = await startServer(port);
        const ann = begin(broker.port, { way: 'websocket' });
        const bob = begin(broker.port, { version: '0.9.16', transports: ['websocket'],
            'connect timeout': 30000 });
        let n_ended = 0;
        for (const client of [ann, bob])
            client.on('disconnect', () => n_ended++);
        await meet(ann, bob);
        await talk(ann, bob);
        await mumble(ann, bob);
        receiver = await talkAway(ann, bob, receiver, () => startReceiver(file, port));
        assert.strictEqual(n_ended, 0);
        await part(ann, bob);
        leave(ann);
        await broker.stop();
        await receiver.stop('SIGKILL');
    });
