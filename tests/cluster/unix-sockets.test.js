'use strict';
/* nginx in front of two instances that it reaches by unix sockets: clients of three generations. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const modern = require('../lib/modern.js');
const { run, scratch } = require('../lib/program.js');
const { DEADLINE_MS, ProxiedPair, testPair } = require('../lib/proxied-pair.js');
const { startBroker, NEEDS_CONTRACT } = require('../lib/server.js');
const { startNginx } = require('../lib/services.js');

const IS_ROOT = process.getuid() === 0;

/* As root: the brokers become nobody, who owns the sockets, and nginx is in that group. */
const RIGHTS = IS_ROOT ? { config: { user: 'nobody' }, env: { ASAN_OPTIONS: 'detect_leaks=0' } }
    : { config: {}, env: {} };

describe('nginx in front of two unix sockets', NEEDS_CONTRACT, () => {
    const folder = scratch();
    const files = [1, 2].map((i) => path.join(folder, `${i}.sock`));
    let user = '';
    const pair = new ProxiedPair(
        (i, redis) => startBroker({ contract: true, env: RIGHTS.env,
            config: { ...RIGHTS.config, listen: [`unix:${files[i]}`] },
            args: ['--name', `Server${i + 1}`, '--redis', redis.url] }),
        () => startNginx([3100, 3101], {
            edit: (text) => user + text.replaceAll('127.0.0.1:3100', `unix:${files[0]}`)
                .replaceAll('127.0.0.1:3101', `unix:${files[1]}`) }));
    before(async () => {
        if (IS_ROOT) {
            const group = (await run('id', ['-gn', 'nobody'])).stdout.trim();
            const id = async (flag) => Number((await run('id', [flag, 'nobody'])).stdout);
            fs.chownSync(folder, await id('-u'), await id('-g'));
            user = `user nobody ${group};\n`;
        }
        await pair.start();
    });
    after(() => pair.stop());

    testPair(pair);

    test('both are asked in turn', async () => {
        const greeted = new Set();
        for (let i = 0; i < 4; i++) {
            const client = await pair.connect(
                { version: '4.8.4', way: 'websocket', reconnection: false });
            greeted.add(client.greeting.server);
            modern.leave(client);
        }
        assert.deepStrictEqual([...greeted].sort(), ['Server1', 'Server2']);
    });

    test('clients of an instance that stops go to the other, and it comes back', async () => {
        await pair.stopFirst();
        assert.ok(!fs.existsSync(files[0]));
        await pair.startFirst();
        await eventually(async () => {
            const client = await pair.connect({ version: '4.8.4', way: 'websocket' });
            modern.leave(client);
            return client.greeting.server === 'Server1';
        }, 'nginx asks the first again', DEADLINE_MS);
    });
});
