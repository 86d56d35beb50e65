#!/usr/bin/env node
'use strict';
/*
 * tests/bench/replace/run.js - what a cluster of socket.io 4 for Node costs, and what ours costs in
 * its place.
 *
 *   node tests/bench/replace/run.js [CLIENTS [SECONDS]]
 *
 * Idle clients (5000) by websocket, half of them at each of two servers that share a Redis: memory
 * of both, and processor time in a while (30 s, in which each client answers a ping or more). Then
 * the same with two instances of siobroker that are members of such a cluster. SIOBROKER names the
 * program, build/siobroker by default.
 */

const path = require('node:path');
const { Crowd } = require('../../lib/crowd.js');
const { Program, processorMs, residentBytes } = require('../../lib/program.js');
const { startRedis } = require('../../lib/services.js');

process.env.SIOBROKER ||= path.join(__dirname, '../../../build/siobroker');
const { startBroker } = require('../../lib/server.js');

const [CLIENTS, SECONDS] = [Number(process.argv[2] || 5000), Number(process.argv[3] || 30)];

async function startNode(url, name) {
    const program = new Program(process.execPath, [path.join(__dirname, 'node.js'), url, name]);
    const [, port] = await program.said(/port (\d+)/);
    return { program, port: Number(port), stop: () => program.stop('SIGTERM') };
}

const startOurs = (url, name) => startBroker({ config: { name },
    args: ['--redis', url, '--dialect', 'node-4'] });

async function fill(port) {
    const crowd = new Crowd(port);
    await crowd.grow(CLIENTS / 2, 120000);
    return crowd;
}

async function measure(kind, start) {
    const redis = await startRedis();
    const servers = [await start(redis.url, `${kind}1`), await start(redis.url, `${kind}2`)];
    const pids = servers.map(({ program }) => program.pid);
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const empty = sum(pids.map(residentBytes));
    const crowds = [];
    for (const { port } of servers)
        crowds.push(await fill(port));
    const before = sum(pids.map(processorMs));
    await new Promise((resolve) => { setTimeout(resolve, 1000 * SECONDS); });
    const worked = sum(pids.map(processorMs)) - before;
    const full = sum(pids.map(residentBytes));
    console.log(`${kind.padEnd(10)} ${(empty / 2 ** 20).toFixed(0)} MB at start, ` +
        `${(full / 2 ** 20).toFixed(0)} MB with ${CLIENTS} clients ` +
        `(${((full - empty) / CLIENTS / 1024).toFixed(1)} KB each), ` +
        `${(worked / SECONDS / 10).toFixed(2)} % of a processor`);
    crowds.forEach((crowd) => crowd.leave());
    await Promise.all(servers.map((server) => server.stop()));
    await redis.stop();
}

measure('Node', startNode).then(() => measure('siobroker', startOurs)).then(() => process.exit());
