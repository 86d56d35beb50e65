'use strict';
/*
 * What is posted for a session that there is not stays where it came to, however much it is; and
 * what is posted for one that there is arrives.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster, counters } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { connect: connect09 } = require('../lib/polling.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const sio = require('../lib/sio09.js');
const ws = require('../lib/ws.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const MEGABYTE = 1000000 - 100;     /* nearly "maxPayload" and "destroy buffer size" */
const UNASKED = 4096;               /* as server/roaming/proxy_request.c has it */
const PATIENCE_MS = 30000;
const SEVEN = '7:::1+0';            /* 0.9: not known, reconnect */

const stranger = (id) => id.slice(0, 6) + 'x'.repeat(14);
const REVISIONS = ['0.9', 3, 4];

describe('bodies', suite, () => {
    let cluster;
    before(async () => { cluster = await startCluster(2); });
    after(() => cluster.stop());

    async function received() {
        const stats = await cluster.redis.command('INFO', 'stats');
        return Number(/total_net_input_bytes:(\d+)/.exec(stats)[1]);
    }

    /* Where a session of instance i would be posted to. */
    async function unknownTarget(revision, i) {
        if (revision === '0.9') {
            const { id } = await sio.handshake(cluster.ports[i]);
            return sio.transportUrl('xhr-polling', stranger(id));
        }
        const { query } = await new engine.Polling(cluster.ports[i], revision).open();
        return engine.url({ ...query, sid: stranger(query.sid) });
    }

    function assertUnknown(revision, response) {
        if (revision === '0.9')
            assert.deepStrictEqual([response.status, response.text], [200, '1']);
        else
            engine.assertRefused(response, 1);
    }

    const head = (target, n) => http.format({ method: 'POST', target,
        headers: { 'Content-Length': n } });

    for (const revision of REVISIONS) {
        for (const [i, where] of [[0, 'this instance'], [1, 'another']]) {
            /* 0.9: an instance reads what may be for a session that begins here */
            if (revision === '0.9' && i === 0)
                continue;
            test(`${revision}: an unknown id of ${where} is answered before its body is here`,
                async () => {
                    const target = await unknownTarget(revision, i);
                    const connection = await http.connect(cluster.ports[0]);
                    connection.write(head(target, MEGABYTE));
                    connection.write('x'.repeat(10));
                    const response = await connection.response({ ms: PATIENCE_MS });
                    assertUnknown(revision, response);
                    assert.match(response.get('Connection'), /close/i);
                    await connection.end();
                    connection.destroy();
                });
        }

    }

    for (const eio of [3, 4]) {
        test(`revision ${eio}: 900 KB, to a session of another instance`, async () => {
            const client = await engine.poll(cluster.ports[0], eio);
            client.port = cluster.ports[1];
            for (let n = 1; n <= 3; n++) {
                const packet = `42["echo","${`${n} `.padEnd(900000, 'x')}"]`;
                let heard;
                await client.send(packet);
                do
                    heard = await client.next();
                while (heard.length < 1000);    /* noops, clients that have left */
                assert.ok(heard === packet, heard.slice(0, 40));
            }
        });
    }

    test('0.9: 900 KB, to a session of another instance', async () => {
        const client = await connect09(cluster.ports[0], 'xhr-polling');
        client.at(cluster.ports[1]);
        for (let n = 1; n <= 3; n++) {
            const packet = `5:::{"name":"echo","args":["${`${n} `.padEnd(900000, 'x')}"]}`;
            let heard = [];
            await client.post(packet);
            while (!heard.includes(packet))
                heard = sio.unpack(await client.poll(PATIENCE_MS));
        }
    });

    for (const eio of [3, 4]) {
        test(`revision ${eio}: chunks in drops, to a session of another instance`, async () => {
            const client = await engine.poll(cluster.ports[0], eio);
            const body = engine.encode(eio, [`42["echo","${'y'.repeat(300000)}"]`]);
            const connection = await http.connect(cluster.ports[1]);
            connection.write(http.format({ method: 'POST', target: engine.url(client.query),
                headers: { 'Transfer-Encoding': 'chunked' } }));
            for (let at = 0; at < body.length; at += 50000) {
                const part = body.slice(at, at + 50000);
                connection.write(`${part.length.toString(16)}\r\n${part}\r\n`);
                await new Promise((resolve) => setTimeout(resolve, 5));
            }
            connection.write('0\r\n\r\n');
            assert.strictEqual((await connection.response()).text, 'ok');
            connection.write(http.format());        /* and the connection goes on */
            assert.strictEqual((await connection.response()).status, 200);
            connection.destroy();
            client.port = cluster.ports[1];
            assert.ok((await client.next()).length > 300000);
            await engine.assertServed(client);
        });
    }

    test('chunks become too large: 413, and the session at another instance goes on',
        async () => {
            const client = await engine.poll(cluster.ports[0], 4);
            const connection = await http.connect(cluster.ports[1]);
            connection.write(http.format({ method: 'POST', target: engine.url(client.query),
                headers: { 'Transfer-Encoding': 'chunked' } }));
            connection.write(`10\r\n${'y'.repeat(16)}\r\n`);
            await new Promise((resolve) => setTimeout(resolve, 50));
            connection.write('ffffff\r\n');
            assert.strictEqual((await connection.response()).status, 413);
            await connection.end();
            connection.destroy();
            client.port = cluster.ports[1];
            await engine.assertServed(client);
        });

    test('what is small goes at once: one message there, one back', async () => {
        const client = await engine.poll(cluster.ports[0], 4);
        client.port = cluster.ports[1];
        const published = async () => Number(/cmdstat_publish:calls=(\d+)/.exec(
            await cluster.redis.command('INFO', 'commandstats'))[1]);
        const most = async (n_bytes, n) => {
            const before = await published();
            for (let i = 0; i < n; i++)
                await client.send(`42["drop","${'z'.repeat(n_bytes - 12)}"]`);
            return (await published() - before) / n;
        };
        const [small, large] = [await most(UNASKED - 10, 100), await most(UNASKED + 100, 100)];
        assert.ok(large >= small + 1,
                `${small} messages for a small POST, ${large} for a large one`);
    });

    test('megabytes for unknown ids stay out of Redis, and nobody gets 503', async () => {
        const honest = await engine.poll(cluster.ports[0], 4);
        const before = await received();
        let n_posted = 0, is_over = false;
        const body = Buffer.alloc(MEGABYTE, 'x');

        async function attack(revision, owner, door) {
            const target = await unknownTarget(revision, owner);
            while (!is_over) {
                const connection = await http.connect(cluster.ports[door]);
                connection.write(Buffer.concat([head(target, body.length), body]));
                assertUnknown(revision, await connection.response({ ms: PATIENCE_MS }));
                connection.destroy();
                n_posted++;
            }
        }
        const attacks = [];
        for (const revision of REVISIONS)
            for (const door of [0, 1])
                for (let i = 0; i < 2; i++)
                    attacks.push(attack(revision, 1 - door, door));
        for (let n = 0; n < 100; n++) {
            honest.port = cluster.ports[n % 2];
            await engine.assertServed(honest);  /* "ok" to each POST: never 503 */
        }
        await eventually(() => n_posted > 100, 'the attack has done something', PATIENCE_MS);
        is_over = true;
        await Promise.all(attacks);
        const n_bytes = await received() - before;
        assert.ok(n_bytes < n_posted * 2000,
            `${n_bytes} bytes went through Redis for ${n_posted} POSTs of ${MEGABYTE} bytes`);
        for (const instance of cluster.instances)
            assert.strictEqual((await counters(instance)).backlog_full, 0);
    });

    test('0.9: what a websocket says for an unknown id stays out of Redis', async () => {
        const { id } = await sio.handshake(cluster.ports[1]);
        const before = await received();
        await Promise.all(Array.from({ length: 5 }, async () => {
            const socket = await sio.upgrade(cluster.ports[0], stranger(id));
            assert.strictEqual(socket.answer.status, 101);
            for (let i = 0; i < 20; i++)
                socket.write(ws.frame(ws.OPCODE.TEXT, `3:::${'x'.repeat(100000)}`));
            await socket.end(PATIENCE_MS);
            socket.destroy();
        }));
        assert.ok(await received() - before < 100000);
    });

    test('0.9: a websocket of another instance has its first words kept until it is known',
        async () => {
            const poller = await connect09(cluster.ports[0], 'xhr-polling');
            const socket = await sio.upgrade(cluster.ports[1], poller.id);
            const packets = Array.from({ length: 20 },
                (_, i) => `5:::{"name":"echo","args":["${i}"]}`);
            for (const packet of packets)
                socket.text(packet);
            const heard = [];
            while (heard.length < packets.length) {
                const message = await socket.message(PATIENCE_MS);
                assert.notStrictEqual(message, SEVEN);
                if (message.startsWith('5:::{"name":"echo"'))
                    heard.push(message);
            }
            assert.deepStrictEqual(heard, packets);
            socket.destroy();
        });
});
