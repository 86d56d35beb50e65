'use strict';
/*
 * The backends to start from, in client-demo/backends/: each serves the same clients, answers
 * nobody but the broker, and may be restarted while they are connected.
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, after } = require('node:test');
const { SECRET, ENV } = require('../lib/backend.js');
const { begin, leave, leaveAll } = require('../lib/modern.js');
const { Program } = require('../lib/program.js');
const { REFERENCE, ROOT, startBroker } = require('../lib/server.js');

const FOLDER = path.join(ROOT, 'client-demo/backends');
const RECEIVERS = { 'app.js': process.execPath, 'app.py': 'python3' };

after(leaveAll);

async function startReceiver(file, port = 0) {
    const program = new Program(RECEIVERS[file], [path.join(FOLDER, file)],
        { env: { ...process.env, HOOK_SECRET: SECRET, PORT: String(port) } });
    const [, said] = await program.until(
        () => /listening on port (\d+)/.exec(program.stdout), 'says its port');
    return { program, port: Number(said) };
}

for (const file of Object.keys(RECEIVERS))
    test(file, { skip: REFERENCE }, async () => {
        let receiver = await startReceiver(file);
        const url = `http://127.0.0.1:${receiver.port}/`;
        const forged = await fetch(url, { method: 'POST', body: '{"events":[]}',
            headers: { 'webhook-id': 'msg_1', 'webhook-timestamp': String(Date.now() / 1000 | 0),
                'webhook-signature': 'v1,AAAA' } });
        assert.strictEqual(forged.status, 400);

        const broker = await startBroker({ env: ENV, config: { backends: [
            { name: 'app', urls: [url], secret: 'env:HOOK_SECRET' }] } });
        const ann = begin(broker.port), old = begin(broker.port, { version: '0.9.16' });
        const [[greeting]] = await Promise.all([ann.next('hello'), old.next('hello')]);
        assert.deepStrictEqual(greeting, { you: ann.id });
        const heard = old.next('said');
        assert.deepStrictEqual(await ann.ask('say', 'hi'), ['heard']);
        assert.deepStrictEqual(await heard, ['hi']);

        await receiver.program.stop('SIGKILL');
        const answer = old.ask('say', 'while it is away');
        receiver = await startReceiver(file, receiver.port);
        assert.deepStrictEqual(await answer, ['heard']);
        assert.strictEqual(ann.connected, true);
        leave(ann, old);
        await broker.stop();
        await receiver.program.stop('SIGKILL');
    });
