'use strict';
/*
 * attackers.js - strangers who take what they can get from a port, at a steady rate, until they are
 * told to stop. Whatever they are answered is fine with them.
 */

const crypto = require('node:crypto');
const engine = require('./engine.js');
const http = require('./http.js');
const sio = require('./sio09.js');
const ws = require('./ws.js');

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const TEXT = 'x'.repeat(100000);

/* Each from an address of its own, as a proxy that is trusted tells it. */
let nextAddress = 0;
function stranger() {
    nextAddress++;
    return { 'X-Forwarded-For': `203.0.${nextAddress >> 8 & 255}.${nextAddress & 255}` };
}

/* --- What one of them does once, with a connection it may keep for some seconds. --- */

async function handshakes(port) {
    const headers = stranger();
    for (let i = 0; i < 20; i++) {
        await http.get(port, engine.url({ EIO: 4, transport: 'polling' }), headers);
        await http.get(port, '/socket.io/1/?t=1', headers);
    }
}

async function longAuths(port) {
    const client = await new engine.Polling(port, 4).open(stranger());
    await client.post(`40{"a":"${TEXT.slice(0, 60000)}"}`);
    await client.post(`40{"a":"${TEXT}"}`);
}

async function stalledReaders(port) {
    const client = await engine.dial(port, 4);
    client.socket.on('error', () => {});
    client.socket.pause();
    for (let i = 0; i < 40; i++)
        client.send(`42["echo","${TEXT}"]`);
    await pause(4000);
    client.destroy();
}

async function slowBodies(port) {
    const connection = await http.connect(port);
    connection.socket.on('error', () => {});
    connection.write(http.format({ method: 'POST', target: engine.url({ EIO: 4,
        transport: 'polling', sid: 'x'.repeat(20) }), headers: { ...stranger(),
        'Content-Length': 900000 } }));
    for (let i = 0; i < 8 && !connection.closed; i++) {
        connection.write(TEXT.slice(0, 100));
        await pause(500);
    }
    connection.destroy();
}

async function garbage(port) {
    const client = await engine.dial(port, 4);
    client.socket.on('error', () => {});
    client.write(crypto.randomBytes(2000));
    await pause(100);
    client.destroy();
    const old = await sio.connect(port);
    old.socket.on('error', () => {});
    old.write(ws.frame(ws.OPCODE.TEXT, crypto.randomBytes(500)));
    await pause(100);
    old.destroy();
}

async function unknownIds(port) {
    for (const sid of [crypto.randomBytes(15).toString('base64url'), 'x'])
        await http.request(port, { method: 'POST', body: TEXT.repeat(9), headers: stranger(),
            target: engine.url({ EIO: 4, transport: 'polling', sid }) });
}

const KINDS = { handshakes, longAuths, stalledReaders, slowBodies, garbage, unknownIds };

/*
 * n of each kind, each at most once in everyMs. stop() resolves when all have left; done() tells
 * how often each kind has done what it does.
 */
function startAttackers(port, { n = 3, everyMs = 500 } = {}) {
    const counts = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, 0]));
    let goesOn = true;

    async function attack(kind) {
        while (goesOn) {
            await KINDS[kind](port).then(() => { counts[kind]++; }, () => {});
            await pause(everyMs);
        }
    }

    const all = Object.keys(KINDS).flatMap((kind) => Array.from({ length: n }, () => attack(kind)));
    return {
        done: () => counts,
        stop: () => {
            goesOn = false;
            return Promise.all(all);
        },
    };
}

module.exports = { startAttackers };
