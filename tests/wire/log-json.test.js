'use strict';
/* The log as JSON: each line parses, whatever strangers do; its words are those of the manual. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const http = require('../lib/http.js');
const { REFERENCE, ROOT, startBroker } = require('../lib/server.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };
const read = (...names) => fs.readFileSync(path.join(ROOT, ...names), 'utf8');
const MEMBERS = ['time', 'level', 'event', 'instance', 'session', 'msg'];

/* The lines so far, each of them checked. */
function linesOf(broker) {
    return broker.log.split('\n').slice(0, -1).map((text) => {
        assert.match(text, /^[\x20-\x7e]+$/);
        const line = JSON.parse(text);
        const members = MEMBERS.filter((name) => name !== 'session' || 'session' in line);
        assert.deepStrictEqual(Object.keys(line), members, text);
        assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.match(line.level, /^(error|warn|info|debug)$/);
        return line;
    });
}

/* The line of that event that has said this. */
const said = (broker, event, pattern) => broker.program.until(
    () => linesOf(broker).find((line) => line.event === event && pattern.test(line.msg)),
    `says ${event}`);

describe('the log as JSON', suite, () => {
    let broker;
    const NAME = 'Server "1" \u00e9\u{1F600}\\';

    before(async () => {
        broker = await startBroker({ config: { name: NAME, 'log format': 'json', 'log level': 3,
            'log colors': true, 'log addresses': false } });
    });
    after(() => broker.stop());

    test('names the instance, the level and the event', async () => {
        const line = await said(broker, 'listening', /listening on/);
        assert.strictEqual(line.instance, NAME);
        assert.strictEqual(line.level, 'info');
        broker.program.kill('SIGUSR1');
        await said(broker, 'counters', /^counters \{/);
        broker.program.kill('SIGHUP');
        await said(broker, 'reloaded', /^reloaded/);
    });

    test('a session from its handshake to its end', async () => {
        const { id } = await sio.handshake(broker.port);
        const socket = await sio.upgrade(broker.port, id);
        await socket.message();
        socket.destroy();
        for (const event of ['handshake', 'session_opened', 'session_ended'])
            assert.strictEqual((await said(broker, event, /./)).session, id);
    });

    test('hostile names', async () => {
        for (const id of ['%22%7D%7B', '%5C', '%00', '%0a%7B%22a%22', '%ff%fe', '%F0%9F%98%80',
            "'\"\\{}[],:", '\u00ff\u00fe', 'x'.repeat(3000)]) {
            const connection = await http.connect(broker.port);
            connection.write(Buffer.from(
                `GET /socket.io/1/xhr-polling/${id} HTTP/1.1\r\nHost: a\r\n\r\n`, 'latin1'));
            await connection.head();
            connection.destroy();
        }
        assert.ok(linesOf(broker).length > 5);
    });

    test('an address is a network', async () => {
        await http.get(broker.port, '/socket.io/?EIO=4&transport=pigeon');
        const line = await said(broker, 'request_refused', /Transport unknown/);
        assert.match(line.msg, /^refused a request of 127\.0\.0\.0\/24: 400/);
    });
});

describe('the words of events', suite, () => {
    test('are those of the manual, and there are no others', () => {
        const words = [...read('server', 'base', 'log_event.c').matchAll(/\] = "(\w+)"/g)]
            .map(([, word]) => word);
        const [, table] = /\| `event` \| \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(
            read('server', 'manual', 'configuration.md'));
        const told = table.split('\n').flatMap((row) =>
            [...(row.split('|')[1] || '').matchAll(/`(\w+)`/g)].map(([, word]) => word));
        assert.ok(words.length > 25);
        assert.deepStrictEqual(told.sort(), words.sort());
    });
});
