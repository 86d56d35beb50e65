#!/usr/bin/env node
'use strict';
/*
 * modern.js - the contract application on the real socket.io 4.8: on Node with its http server and
 * ws, on Bun with Bun's own server and @socket.io/bun-engine. Command line as siobroker's, as far
 * as the benches use it: --port --name --redis --config.
 */

const fs = require('node:fs');
const http = require('node:http');
const { parseArgs } = require('node:util');
const { contract } = require('../../contract/application4.js');
const { Server } = require('socket.io-4');

function parse() {
    const { values } = parseArgs({ options: {
        port: { type: 'string', default: '0' }, name: { type: 'string', default: 'rival' },
        redis: { type: 'string' }, config: { type: 'string' },
    } });
    const config = values.config ? JSON.parse(fs.readFileSync(values.config, 'utf8')) : {};
    const engine = Object.fromEntries(['pingInterval', 'pingTimeout']
        .filter((key) => key in config).map((key) => [key, config[key]]));
    return { ...values, engine };
}

async function adapter(url) {
    const { createAdapter } = require('@socket.io/redis-adapter');
    const { createClient } = require('redis');
    const publisher = createClient({ url });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    return createAdapter(publisher, subscriber);
}

/* Each resolves with the port. */

function serveOnNode(io, port, engine) {
    const server = http.createServer();
    io.attach(server, { allowEIO3: true, ...engine });
    return new Promise((resolve) => {
        server.listen(port, '127.0.0.1', () => resolve(server.address().port));
    });
}

function serveOnBun(io, port, options) {
    const { Server: Engine } = require('@socket.io/bun-engine');
    const engine = new Engine({ path: '/socket.io/', ...options });
    io.bind(engine);
    return Bun.serve({ port, hostname: '127.0.0.1', ...engine.handler() }).port;
}

async function main() {
    const { port, name, redis, engine } = parse();
    const io = new Server(redis ? { adapter: await adapter(redis) } : {});
    let bound = 0;
    contract(io, name, () => bound);
    bound = await (process.versions.bun ? serveOnBun : serveOnNode)(io, Number(port), engine);
    console.error(`info  listening on port ${bound}`);
}

main();
