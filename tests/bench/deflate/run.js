'use strict';
/*
 * tests/bench/deflate/run.js - what permessage-deflate costs and saves, beside socket.io 4.8.
 *
 *   node tests/bench/deflate/run.js [CONNECTIONS]
 *
 * Resident bytes for each idle websocket that has agreed on it, of CONNECTIONS (5,000). Then a
 * broadcast of 4 KB of JSON to 200 receivers: processor time of the server, and bytes for each.
 */
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { residentBytes } = require('../../lib/program.js');
const { startBroker } = require('../../lib/server.js');
const engine = require('../../lib/engine.js');
const { OPCODE, frame, parseFrame } = require('../../lib/ws.js');

const ROOT = path.join(__dirname, '../../..');
const CONNECTIONS = Number(process.argv[2] || 5000);
const RECEIVERS = 200, WARM_UP = 50, BROADCASTS = 300;
const PROGRAMS = { siobroker: path.join(ROOT, 'build/contract-server'),
    'socket.io 4.8': path.join(ROOT, 'tests/lib/reference-modern.js') };
const OFFER = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
const TICKS = Number(execFileSync('getconf', ['CLK_TCK']));

/* People with what changes about them: each message as unlike the others as such data are. */
function makeMessage(seed) {
    const people = [];
    while (JSON.stringify(people).length < 4000) {
        const id = (seed * 17 + people.length * 7919) % 10007;
        people.push({ id, name: `user ${id * id}`, online: id % 3 === 0, score: id * 31.7 });
    }
    return `42["broadcast",${JSON.stringify(people)}]`;
}

/* User and system time so far. */
function processorMs(pid) {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS;
}

const start = (program, isOn) =>
    startBroker({ file: PROGRAMS[program], config: { perMessageDeflate: isOn } });

async function open(broker) {
    const socket = await engine.upgrade(broker.port, 4, {}, OFFER);
    socket.write(frame(OPCODE.TEXT, '40'));
    for (let i = 0; i < 3; i++) /* the handshake, the namespace, the greeting */
        await socket.next();
    return socket;
}

async function openMany(broker, n) {
    const sockets = [];
    while (sockets.length < n)
        sockets.push(...await Promise.all(Array.from({ length: 50 }, () => open(broker))));
    return sockets;
}

async function idleBytes(program, isOn) {
    const broker = await start(program, isOn);
    const sockets = await openMany(broker, 100); /* the first ones pay for tables and buffers */
    const before = residentBytes(broker.program.pid);
    sockets.push(...await openMany(broker, CONNECTIONS));
    const each = (residentBytes(broker.program.pid) - before) / (sockets.length - 100);
    sockets.forEach((socket) => socket.destroy());
    await broker.program.stop('SIGKILL');
    return each;
}

/* The next frame of each receiver; the bytes of the first. */
async function receive(receivers) {
    const frames = await Promise.all(receivers.map((receiver) => receiver.until(() => {
        const next = parseFrame(receiver.received);
        return next && receiver.take(next.raw.length);
    }, 'the broadcast')));
    return frames[0].length;
}

async function broadcast(program, isOn) {
    const broker = await start(program, isOn);
    const receivers = await openMany(broker, RECEIVERS);
    let bytes = 0, before;
    for (let i = 0; i < WARM_UP + BROADCASTS; i++) {
        if (i === WARM_UP) {
            bytes = 0;
            before = processorMs(broker.program.pid);
        }
        receivers[0].write(frame(OPCODE.TEXT, makeMessage(i)));
        bytes += await receive(receivers);
    }
    const ms = (processorMs(broker.program.pid) - before) / BROADCASTS;
    receivers.forEach((receiver) => receiver.destroy());
    await broker.program.stop('SIGKILL');
    return { ms, bytes: bytes / BROADCASTS };
}

async function main() {
    for (const isOn of [false, true]) {
        console.log(`resident bytes per idle websocket, ${CONNECTIONS} open, siobroker, ` +
            `${isOn ? 'on' : 'off'}: ${(await idleBytes('siobroker', isOn)).toFixed(0)}`);
    }
    for (const program of Object.keys(PROGRAMS)) {
        for (const isOn of [false, true]) {
            const { ms, bytes } = await broadcast(program, isOn);
            console.log(`broadcast of 4 KB to ${RECEIVERS}, ${program}, ${isOn ? 'on' : 'off'}: ` +
                `${ms.toFixed(2)} ms of processor, ${bytes.toFixed(0)} bytes each`);
        }
    }
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
