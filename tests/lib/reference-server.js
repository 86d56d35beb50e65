#!/usr/bin/env node
'use strict';
/*
 * reference-server.js - the real socket.io 0.9.16 with the greeting, and the command line of
 * siobroker as far as tests use it: --port --name --host --redis --config. It lets every test be
 * checked against the original, and is the rival in tests/bench.
 */

require('./node09-shim.js');
const fs = require('node:fs');
const http = require('node:http');
const { parseArgs } = require('node:util');
const socketio = require('socket.io');

const OURS = new Set(['port', 'host', 'name', 'redis', 'cluster', 'greeting', 'trust proxy',
    'browser client directory', 'request timeout', 'handshake timeout', 'keep-alive timeout']);

function parse() {
    const { values } = parseArgs({
        options: {
            port: { type: 'string', short: 'p' }, name: { type: 'string' },
            host: { type: 'string' }, redis: { type: 'string' },
            config: { type: 'string', short: 'c' },
        },
    });
    const config = values.config ? JSON.parse(fs.readFileSync(values.config, 'utf8')) : {};
    return { config, options: { port: 3100, name: 'siobroker', ...config, ...values } };
}

/* Resolves when all three connections of the store are there. */
function useRedis(io, url) {
    const { hostname, port } = new URL(url);
    const redis = require('redis');
    const RedisStore = require('socket.io/lib/stores/redis');
    const clients = ['redisPub', 'redisSub', 'redisClient'].map((role) => {
        const client = redis.createClient(Number(port), hostname);
        client.on('error', (error) => console.error(`warn  redis: ${error}`));
        return [role, client];
    });
    io.set('store', new RedisStore({ redis, ...Object.fromEntries(clients) }));
    return Promise.all(clients.map(([, client]) => new Promise((r) => client.once('ready', r))));
}

function welcome(request, response) {
    response.writeHead(200);
    response.end('Welcome to socket.io.');
}

/*
 * Start with this application: a function of the io object and { name, port() }. It may return what
 * answers the requests that are not for socket.io.
 */
async function start(application) {
    const { config, options } = parse();
    let answer = welcome;
    /* What socketio.listen(port) makes by itself, but listening only when Redis is there. */
    const server = http.createServer((request, response) => answer(request, response));
    const io = socketio.listen(server, { 'flash policy server': false, 'log colors': false,
        'log level': 1 });
    for (const [key, value] of Object.entries(config)) {
        if (!OURS.has(key) && !/^max /.test(key))
            io.set(key, value);
    }
    if (options.redis)
        await useRedis(io, options.redis);
    answer = application(io, { name: options.name, port: () => server.address().port }) || welcome;
    server.listen(Number(options.port), options.host, () => {
        console.error(`info  listening on port ${server.address().port}`);
    });
    for (const signal of ['SIGTERM', 'SIGINT'])
        process.on(signal, () => process.exit(0));
}

function greet(io, { name, port }) {
    io.sockets.on('connection', (socket) => {
        socket.emit('server', { server: name, port: port() });
    });
}

if (require.main === module)
    start(greet);

module.exports = { start };
