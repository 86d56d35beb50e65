'use strict';
/* nginx in front of two instances that it reaches by unix sockets: clients of three generations. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const modern = require('../lib/modern.js');
const { run, scratch } = require('../lib/program.js');
const { startBroker, NEEDS_CONTRACT } = require('../lib/server.js');
const { startRedis, startNginx } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const DEADLINE_MS = 30000;
const IS_ROOT = process.getuid() === 0;

const CLIENTS = [
    { version: '0.9.16', transports: ['websocket'] },
    { version: '0.9.16', transports: ['xhr-polling'] },
    { version: '2.5.0', way: 'upgrade' },
    { version: '4.8.4', way: 'websocket' },
    { version: '4.8.4', way: 'polling' },
];

/* As root: the brokers become nobody, who owns the sockets, and nginx is in that group. */
const RIGHTS = IS_ROOT ? { config: { user: 'nobody' }, env: { ASAN_OPTIONS: 'detect_leaks=0' } }
    : { config: {}, env: {} };

describe('nginx in front of two unix sockets', NEEDS_CONTRACT, () => {
    let redis, files, brokers, nginx;
    const start = (i) => startBroker({ contract: true, env: RIGHTS.env,
        config: { ...RIGHTS.config, listen: [`unix:${files[i]}`] },
        args: ['--name', `Server${i + 1}`, '--redis', redis.url] });
    before(async () => {
        const folder = scratch();
        files = [1, 2].map((i) => path.join(folder, `${i}.sock`));
        let user = '';
        if (IS_ROOT) {
            const group = (await run('id', ['-gn', 'nobody'])).stdout.trim();
            const id = async (flag) => Number((await run('id', [flag, 'nobody'])).stdout);
            fs.chownSync(folder, await id('-u'), await id('-g'));
            user = `user nobody ${group};\n`;
        }
        redis = await startRedis();
        brokers = await Promise.all([start(0), start(1)]);
        nginx = await startNginx([3100, 3101], {
            edit: (text) => user + text.replaceAll('127.0.0.1:3100', `unix:${files[0]}`)
                .replaceAll('127.0.0.1:3101', `unix:${files[1]}`) });
    });
    after(async () => {
        modern.leaveAll();
        await nginx?.stop();
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    for (const options of CLIENTS) {
        test(`${options.version}, ${options.way || options.transports}`, async () => {
            const client = await modern.connect(nginx.port, options);
            await modern.settle(client);
            modern.leave(client);
        });
    }

    test('both are asked in turn', async () => {
        const greeted = new Set();
        for (let i = 0; i < 4; i++) {
            const client = await modern.connect(nginx.port,
                { version: '4.8.4', way: 'websocket', reconnection: false });
            greeted.add(client.greeting.server);
            modern.leave(client);
        }
        assert.deepStrictEqual([...greeted].sort(), ['Server1', 'Server2']);
    });

    test('both believe nginx who the client is', async () => {
        for (let i = 0; i < 4; i++) {
            const connection = await http.connect(nginx.port, '127.0.0.1', '127.0.0.2');
            const answer = await connection.request({ target: '/socket.io/1/' });
            connection.destroy();
            const { id } = sio.parseHandshake(answer.text);
            const record = JSON.parse(await redis.command('GET', `sio:hs:${id}`));
            assert.strictEqual(record.address.address, '127.0.0.2');
        }
    });

    test('clients of an instance that stops go to the other, and it comes back', async () => {
        const clients = await Promise.all(CLIENTS.map((options) =>
            modern.connect(nginx.port, options)));
        await brokers[0].stop();
        assert.ok(!fs.existsSync(files[0]));
        for (const client of clients) {
            const [{ server }] = await eventually(
                () => client.connected && client.ask('who').catch(() => false),
                `${client.version} is served`, DEADLINE_MS);
            assert.strictEqual(server, 'Server2');
        }
        modern.leave(...clients);
        brokers[0] = await start(0);
        await eventually(async () => {
            const client = await modern.connect(nginx.port, { version: '4.8.4', way: 'websocket' });
            modern.leave(client);
            return client.greeting.server === 'Server1';
        }, 'nginx asks the first again', DEADLINE_MS);
    });
});
