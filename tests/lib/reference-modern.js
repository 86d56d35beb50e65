#!/usr/bin/env node
'use strict';
/*
 * reference-modern.js - the contract application (CONTRACT.md) on the real socket.io 4.8, which
 * serves clients of revision 3 too (allowEIO3). The command line is that of siobroker as far as
 * tests use it: --port --name --config --suite. With CONTRACT_SERVER=tests/lib/reference-modern.js
 * the tests of modern clients check themselves against the original.
 */

const fs = require('node:fs');
const http = require('node:http');
const { parseArgs } = require('node:util');
const { Server } = require('socket.io-4');
const application = require('../contract/application4.js');

/* Our settings, and what they are called there. The others are about us alone. */
const SETTINGS = { allowEIO3: 'allowEIO3', allowUpgrades: 'allowUpgrades',
    'engine transports': 'transports', pingInterval: 'pingInterval', pingTimeout: 'pingTimeout',
    upgradeTimeout: 'upgradeTimeout', connectTimeout: 'connectTimeout',
    maxPayload: 'maxHttpBufferSize', perMessageDeflate: 'perMessageDeflate' };

function parse() {
    const { values } = parseArgs({
        options: {
            port: { type: 'string', short: 'p', default: '3100' }, name: { type: 'string' },
            config: { type: 'string', short: 'c' }, suite: { type: 'boolean' },
            host: { type: 'string' }, redis: { type: 'string' },
        },
    });
    const config = values.config ? JSON.parse(fs.readFileSync(values.config, 'utf8')) : {};
    const engine = { allowEIO3: true };
    for (const [ours, theirs] of Object.entries(SETTINGS)) {
        if (config[ours] !== undefined)
            engine[theirs] = config[ours];
    }
    const { maxDisconnectionDuration, skipMiddlewares = true } = config;
    const server = maxDisconnectionDuration
        ? { connectionStateRecovery: { maxDisconnectionDuration, skipMiddlewares } } : {};
    return { engine, server, suite: values.suite, port: Number(values.port),
        name: values.name || config.name || 'siobroker' };
}

/* What the official test suites expect, with their timers. */
function suite(io, server) {
    const { Server: Engine } = require('engine.io');
    const timers = { pingInterval: 300, pingTimeout: 200, maxHttpBufferSize: 1000000 };
    application.suite(io);
    const engine = new Engine({ allowEIO3: true, ...timers });
    engine.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
    engine.attach(server, { path: '/engine.io/' });
    return { allowEIO3: false, connectTimeout: 1000, ...timers };
}

function main() {
    const { engine, server: options, suite: isSuite, port, name } = parse();
    const server = http.createServer((request, response) => {
        response.end('Welcome to socket.io.');
    });
    const io = new Server(options);
    if (isSuite)
        Object.assign(engine, suite(io, server));
    else
        application.contract(io, name, () => server.address().port);
    io.attach(server, { ...engine, allowRequest: ({ _query: query }, decide) =>
        decide(null, !query.deny && !query.fail) });
    server.listen(port, () => {
        console.error(`info  listening on port ${server.address().port}`);
    });
    for (const signal of ['SIGTERM', 'SIGINT'])
        process.on(signal, () => io.close(() => process.exit(0)));
}

main();
