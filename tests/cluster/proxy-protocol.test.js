'use strict';
/*
 * Real proxies that pass on connections as they are, with a PROXY header before them: HAProxy with
 * either version of it, and the stream module of nginx. Two instances are behind each.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const modern = require('../lib/modern.js');
const { Program, freePort, scratch } = require('../lib/program.js');
const { startBroker, NEEDS_CONTRACT } = require('../lib/server.js');
const { env, ready, startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const DEADLINE_MS = 30000;
const CLIENT_ADDRESS = '127.0.0.2';

const CLIENTS = [
    { version: '0.9.16', transports: ['websocket'] },
    { version: '0.9.16', transports: ['xhr-polling'] },
    { version: '2.5.0', way: 'upgrade' },
    { version: '4.8.4', way: 'websocket' },
    { version: '4.8.4', way: 'polling' },
];

/* As in server/manual/proxies.md. Health checks have a header, too: LOCAL, or UNKNOWN. */
const haproxy = (word) => ({
    command: (folder, file) => ['haproxy', '-db', '-f', file],
    conf: (port, [first, second]) => `
defaults
    mode tcp
    timeout connect 2s
    timeout client 90s
    timeout server 90s
    retries 2
    option redispatch 1
frontend clients
    bind 127.0.0.1:${port}
    default_backend instances
backend instances
    balance roundrobin
    default-server ${word} check-send-proxy check inter 1s fall 2 rise 1
    server one 127.0.0.1:${first}
    server two 127.0.0.1:${second}
`,
});

const nginx = {
    command: (folder, file) => ['nginx', '-p', folder, '-e', 'error.log', '-c', file,
        '-g', 'daemon off;'],
    conf: (port, [first, second]) => `
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
worker_processes 1;
pid nginx.pid;
events {
    worker_connections 4096;
}
stream {
    upstream instances {
        server 127.0.0.1:${first} fail_timeout=2s;
        server 127.0.0.1:${second} fail_timeout=2s;
    }
    server {
        listen 127.0.0.1:${port};
        proxy_pass instances;
        proxy_protocol on;
        proxy_connect_timeout 2s;
        proxy_timeout 90s;
    }
}
`,
};

const PROXIES = { 'haproxy, send-proxy': haproxy('send-proxy'),
    'haproxy, send-proxy-v2': haproxy('send-proxy-v2'), 'nginx, proxy_protocol': nginx };

async function startProxy({ command, conf }, ports) {
    const folder = scratch();
    const port = await freePort();
    const file = path.join(folder, 'proxy.conf');
    fs.writeFileSync(file, conf(port, ports));
    fs.chmodSync(folder, 0o755);
    const [program, ...args] = command(folder, file);
    const proxy = new Program(program, args, { cwd: folder, env });
    proxy.lastSignal = 'SIGTERM';
    await ready(proxy, port, DEADLINE_MS);
    return { port, stop: () => proxy.stop('SIGTERM', DEADLINE_MS) };
}

for (const [name, kind] of Object.entries(PROXIES)) {
    describe(`${name} in front of two instances`, NEEDS_CONTRACT, () => {
        let redis, brokers, proxy;
        const start = (server, port = 0) => startBroker({ contract: true,
            config: { listen: [`127.0.0.1:${port} proxy`] },
            args: ['--name', server, '--redis', redis.url] });
        before(async () => {
            redis = await startRedis();
            brokers = await Promise.all(['Server1', 'Server2'].map((server) => start(server)));
            proxy = await startProxy(kind, brokers.map((broker) => broker.port));
        });
        after(async () => {
            modern.leaveAll();
            await proxy?.stop();
            await Promise.all(brokers.map((broker) => broker.stop()));
            await redis.stop();
        });

        for (const options of CLIENTS) {
            test(`${options.version}, ${options.way || options.transports}`, async () => {
                const client = await modern.connect(proxy.port, options);
                await modern.settle(client);
                modern.leave(client);
            });
        }

        test('the client has its own address, whatever it says', async () => {
            for (let i = 0; i < 4; i++) {
                const connection = await http.connect(proxy.port, '127.0.0.1', CLIENT_ADDRESS);
                const answer = await connection.request({ target: '/socket.io/1/' });
                connection.destroy();
                const { id } = sio.parseHandshake(answer.text);
                const record = JSON.parse(await redis.command('GET', `sio:hs:${id}`));
                assert.strictEqual(record.address.address, CLIENT_ADDRESS);
                assert.ok(record.address.port > 0);
            }
        });

        test('clients of an instance that stops go to the other', async () => {
            const clients = await Promise.all(CLIENTS.map((options) =>
                modern.connect(proxy.port, options)));
            const [{ port }] = brokers;
            await brokers[0].stop();
            for (const client of clients) {
                const [{ server }] = await eventually(
                    () => client.connected && client.ask('who').catch(() => false),
                    `${client.version} is served`, DEADLINE_MS);
                assert.strictEqual(server, 'Server2');
            }
            modern.leave(...clients);
            brokers[0] = await start('Server1', port);
        });

        test('no header was wrong, those of health checks included', async () => {
            for (const broker of brokers) {
                const counters = await eventually(async () => {
                    const now = await broker.counters();
                    return (name.startsWith('nginx') || now.accepted >= 2) && now;
                }, 'health checks', DEADLINE_MS);
                assert.strictEqual(counters.bad_proxy_headers, 0, broker.log);
            }
        });
    });
}
