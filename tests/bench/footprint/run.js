'use strict';
/*
 * tests/bench/footprint/run.js - what an idle client and a start cost.
 *
 *   node tests/bench/footprint/run.js [CONNECTIONS [FILE.js]]
 *
 * Resident bytes of a program that has just started and for each idle websocket, and the time from
 * exec to the first answered request. FILE.js: of that script, in the words of 0.9, which sends
 * each client an event. SIOBROKER names the program; build/siobroker by default.
 */
const { spawn } = require('child_process');
const net = require('net');
const path = require('path');
const { residentBytes } = require('../../lib/program.js');

const PROGRAM = process.env.SIOBROKER || path.join(__dirname, '../../../build/siobroker');
const CONNECTIONS = Number(process.argv[2] || 5000);
const SCRIPT = process.argv.slice(3);
const STARTS = 21;

function freePort() {
    return new Promise((resolve) => {
        const server = net.createServer().listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

/* One request on one connection; resolves with the answer's text, or null when refused. */
function ask(port, bytes, until) {
    return new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1');
        let text = '';
        socket.on('error', () => resolve(null));
        socket.on('connect', () => socket.write(bytes));
        socket.on('data', (data) => {
            text += data.toString('latin1');
            if (text.includes(until))
                resolve({ text, socket });
        });
    });
}

const handshake = (port) => ask(port, 'GET /socket.io/1/ HTTP/1.1\r\nHost: x\r\n\r\n', ':60:');

async function openWebsocket(port) {
    const answer = await handshake(port);
    const id = /([\w-]{20}):60:/.exec(answer.text)[1];
    answer.socket.destroy();
    return (await ask(port, `GET /socket.io/1/websocket/${id} HTTP/1.1\r\nHost: x\r\n` +
        'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n', '"args"')).socket;
}

async function start(args = []) {
    const port = await freePort();
    const began = process.hrtime.bigint();
    const program = spawn(PROGRAM, ['--port', String(port), '--log-level', '1', ...args, ...SCRIPT],
        { stdio: ['ignore', 'inherit', 'inherit'] });
    let answer = null;
    while (answer === null && program.exitCode === null)
        answer = await handshake(port);
    if (answer === null)
        throw new Error(`${PROGRAM} did not start`);
    answer.socket.destroy();
    return { program, port, startMs: Number(process.hrtime.bigint() - began) / 1e6 };
}

function stop({ program }) {
    return new Promise((resolve) => {
        program.on('exit', resolve);
        program.kill('SIGTERM');
    });
}

async function measureIdle() {
    const server = await start();
    const sockets = [];
    for (let i = 0; i < 100; i++) /* the first ones pay for tables and buffers */
        sockets.push(await openWebsocket(server.port));
    const before = residentBytes(server.program.pid);
    while (sockets.length < CONNECTIONS + 100)
        sockets.push(...await Promise.all(
            Array.from({ length: 50 }, () => openWebsocket(server.port))));
    const perConnection = (residentBytes(server.program.pid) - before) / (sockets.length - 100);
    sockets.forEach((socket) => socket.destroy());
    await stop(server);
    return perConnection;
}

async function main() {
    const starts = [];
    let resident = 0;
    for (let i = 0; i < STARTS; i++) {
        const server = await start();
        starts.push(server.startMs);
        resident = residentBytes(server.program.pid);
        await stop(server);
    }
    starts.sort((a, b) => a - b);
    console.log(`start to first answer, ms: median ${starts[STARTS >> 1].toFixed(1)}, ` +
        `slowest of ${STARTS} ${starts[STARTS - 1].toFixed(1)}`);
    console.log(`resident bytes of the program: ${resident}`);
    console.log(`resident bytes per idle websocket, ${CONNECTIONS} open: ` +
        (await measureIdle()).toFixed(0));
}

main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
