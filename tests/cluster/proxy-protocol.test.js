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
const { Program, freePort, scratch } = require('../lib/program.js');
const { DEADLINE_MS, ProxiedPair, testPair } = require('../lib/proxied-pair.js');
const { startBroker, NEEDS_CONTRACT } = require('../lib/server.js');
const { env, ready } = require('../lib/services.js');

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
        const pair = new ProxiedPair(
            (i, redis, port) => startBroker({ contract: true,
                config: { listen: [`127.0.0.1:${port} proxy`] },
                args: ['--name', `Server${i + 1}`, '--redis', redis.url] }),
            (brokers) => startProxy(kind, brokers.map((broker) => broker.port)));
        before(() => pair.start());
        after(() => pair.stop());

        testPair(pair, { tellsPort: true });

        test('clients of an instance that stops go to the other', async () => {
            await pair.stopFirst();
            await pair.startFirst();
        });

        test('no header was wrong, those of health checks included', async () => {
            for (const broker of pair.brokers) {
                const counters = await eventually(async () => {
                    const now = await broker.counters();
                    return (name.startsWith('nginx') || now.accepted >= 2) && now;
                }, 'health checks', DEADLINE_MS);
                assert.strictEqual(counters.bad_proxy_headers, 0, broker.log);
            }
        });
    });
}
