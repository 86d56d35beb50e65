#!/usr/bin/env node
'use strict';
/*
 * module-contract.js - the contract application (CONTRACT.md) on client-demo/backends/node, behind
 * a broker that this program starts: SIOBROKER, or the one that was built. The command line is that
 * of siobroker as far as tests use it: --port --name --config. The application is the very function
 * that runs on the real socket.io 4.8 (contract/application4.js). With
 * CONTRACT_SERVER=tests/lib/module-contract.js the tests of clients have this as their server.
 */

const fs = require('node:fs');
const { parseArgs } = require('node:util');
const socketio = require('../../client-demo/backends/node');
const { KEY, apiOf, findApi } = require('./api.js');
const { SECRET, ENV } = require('./backend.js');
const { Program, freePort } = require('./program.js');
const { BROKER, Broker, writeConfig } = require('./server.js');
const { contract } = require('../contract/application4.js');

const NAMESPACES = ['/', '/chat', '/auth', '/err'];

function parse() {
    const { values: { config, port = '3100', ...args } } = parseArgs({ options: {
        port: { type: 'string', short: 'p' }, name: { type: 'string' },
        config: { type: 'string', short: 'c' } } });
    return { port, settings: { name: 'siobroker', ...args,
        ...(config ? JSON.parse(fs.readFileSync(config, 'utf8')) : {}), ...args } };
}

/* A backend is patient here: a busy machine may let it wait. */
const backendOf = (port) => ({ name: 'contract', urls: [`http://127.0.0.1:${port}/siobroker`],
    namespaces: NAMESPACES, secret: 'env:HOOK_SECRET', 'max batch': 50, timeout: 30,
    'connect within': 40 });

async function main() {
    const { port, settings } = parse();
    const hookPort = await freePort();
    const file = writeConfig({ ...settings, api: apiOf(), backends: [backendOf(hookPort)] });
    const broker = new Broker(BROKER, ['--port', port, '--config', file],
        { env: { ...process.env, ...ENV } });
    const api = await findApi(broker);
    const io = socketio(hookPort, { broker: { url: `http://127.0.0.1:${api}`, key: KEY,
        secret: SECRET } });
    io.onComplaint(({ message }) => console.error(`siobroker: ${message}`));
    await broker.listening();
    contract(io, settings.name, () => broker.port);
    console.error(`info  listening on port ${broker.port}`);
    for (const signal of ['SIGTERM', 'SIGINT'])     /* in place of what program.js does */
        process.removeAllListeners(signal).on(signal, async () => {
            await broker.stop();
            process.exit(0);
        });
}

main();
