'use strict';
/* Listeners with the word "proxy": each connection begins with a PROXY header. */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { launchAdmin, getJson } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { LOCAL, UNIX, v1, v2, tlv } = require('../lib/proxy-header.js');
const { Program, scratch } = require('../lib/program.js');
const { BROKER, REFERENCE, startBroker, runBroker, writeConfig } = require('../lib/server.js');
const { startRedis } = require('../lib/services.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };
const DEADLINE_MS = 30000;

const REQUEST = 'GET /socket.io/1/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const CLIENT = '203.0.113.9';

/* A broker with a listener for proxies, and one for others: .proxied and .direct. */
async function start(config = {}) {
    const admin = path.join(scratch(), 'admin.sock');
    const broker = await launchAdmin({ listen: [`unix:${admin}`],
        config: { listen: ['127.0.0.1:0 proxy', '127.0.0.1:0'], ...config } });
    await broker.listening();
    [broker.proxied, broker.direct] = broker.places;
    return broker;
}

/* Say these bytes, and end if asked to: all that is answered until the connection is over. */
async function answerTo(place, bytes, { ends = false } = {}) {
    const connection = await http.connect(place);
    connection.write(bytes);
    if (ends)
        connection.socket.end();
    try {
        return (await connection.end(DEADLINE_MS)).toString('latin1');
    } finally {
        connection.destroy();
    }
}

const withRequest = (header) => Buffer.concat([header, Buffer.from(REQUEST)]);

async function statusOf(place, header) {
    const answer = await answerTo(place, withRequest(header));
    return answer === '' ? 'closed' : Number(answer.split(' ')[1]);
}

const countersOf = async (broker) => (await getJson(broker.admins[0], '/status')).counters;
const badHeaders = async (broker) => (await countersOf(broker)).bad_proxy_headers;

/* Which address the client of a session has that begins with this header. */
async function addressFor(broker, header) {
    const connection = await http.connect(broker.proxied);
    connection.write(header);
    const answer = await connection.request({ target: '/socket.io/?EIO=4&transport=polling' });
    assert.strictEqual(answer.status, 200, answer.text);
    const { sid } = JSON.parse(answer.text.slice(1));
    const { sessions } = await getJson(broker.admins[0], '/sessions');
    connection.destroy();
    return sessions.find(({ id }) => id === sid).address;
}

for (const carrier of ['tcp', 'lws']) {
    describe(`a PROXY header, ${carrier}`, suite, () => {
        let broker;
        before(async () => { broker = await start({ carrier }); });
        after(() => broker.stop());

        test('the log says where it is expected', () =>
            assert.match(broker.log, /listening on 127.0.0.1 port \d+ \(proxy\), 127.0.0.1 port/));

        const HEADERS = {
            'v1': [v1(CLIENT), CLIENT],
            'v1, IPv6': [v1('2001:db8::17'), '2001:db8::17'],
            'v1, IPv4 as IPv6': [v1(`::ffff:${CLIENT}`), CLIENT],
            'v1, UNKNOWN': [Buffer.from('PROXY UNKNOWN\r\n'), '127.0.0.1'],
            'v1, UNKNOWN, 107 bytes': [Buffer.from(`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`),
                '127.0.0.1'],
            'v2': [v2({ address: CLIENT }), CLIENT],
            'v2, IPv6': [v2({ address: '2001:db8::17' }), '2001:db8::17'],
            'v2, LOCAL': [v2({ address: CLIENT, command: LOCAL }), '127.0.0.1'],
            'v2, unix': [v2({ family: UNIX, block: Buffer.alloc(216) }), '127.0.0.1'],
            'v2, UNSPEC': [v2({}), '127.0.0.1'],
            'v2 with TLVs': [v2({ address: CLIENT, tlvs: [tlv(1, Buffer.from('http/1.1')),
                tlv(0xe5, Buffer.alloc(300)), tlv(4, Buffer.alloc(0))] }), CLIENT],
            'v2 with a checksum': [v2({ address: CLIENT, crc: true }), CLIENT],
            'v2, 4096 bytes': [v2({ address: CLIENT, tlvs: [tlv(4, Buffer.alloc(4065))] }), CLIENT],
        };
        for (const [name, [header, address]] of Object.entries(HEADERS)) {
            test(`${name}: the client is ${address}`, async () =>
                assert.strictEqual(await addressFor(broker, header), address));
        }

        test('clients are served: 0.9 and Engine.IO, websocket and polling', async () => {
            const connection = await http.connect(broker.proxied);
            connection.write(v1(CLIENT));
            const { status, text } = await connection.request({ target: '/socket.io/1/' });
            assert.strictEqual(status, 200);
            const { id } = sio.parseHandshake(text);
            const socket = await sio.upgrade(broker.direct, id);
            assert.strictEqual(await socket.message(), '1::');
            socket.destroy();
            connection.destroy();
            (await engine.connect(broker.direct, 4)).destroy();
        });

        test('header and request in pieces of a byte', async () => {
            for (const header of [v1(CLIENT), v2({ address: CLIENT, crc: true })]) {
                const connection = await http.connect(broker.proxied);
                for (const byte of withRequest(header)) {
                    connection.write(Buffer.from([byte]));
                    await new Promise(setImmediate);
                }
                assert.strictEqual((await connection.response()).status, 200);
                connection.destroy();
            }
        });

        test('a second header is no request: 400', async () => {
            for (const header of [v1(CLIENT), v2({ address: CLIENT })])
                assert.strictEqual(await statusOf(broker.proxied,
                    Buffer.concat([header, header])), 400);
        });

        test('where it is not expected it is no request: 400', async () => {
            for (const header of [v1(CLIENT), v2({ address: CLIENT })])
                assert.strictEqual(await statusOf(broker.direct, header), 400);
        });

        const WRONG = {
            'none': Buffer.alloc(0),
            'v1, 108 bytes': Buffer.from(`PROXY UNKNOWN ${'f'.repeat(92)}\r\n`),
            'v1, LF alone': Buffer.from(`PROXY TCP4 ${CLIENT} 192.0.2.1 1 2\n`),
            'v2, 65,535 bytes': v2({ block: Buffer.alloc(65535) }),
            'v2, 4097 bytes': v2({ address: CLIENT, tlvs: [tlv(4, Buffer.alloc(4066))] }),
            'v2, too short for its family': v2({ family: 0x21, block: Buffer.alloc(12) }),
            'v2, a TLV longer than the rest': v2({ address: CLIENT,
                tlvs: [Buffer.from([4, 0, 2, 0])] }),
            'a hello of TLS': Buffer.from('160301020001fc0303', 'hex'),
        };
        for (const [name, header] of Object.entries(WRONG)) {
            test(`${name}: closed without a byte`, async () => {
                const before = await badHeaders(broker);
                assert.strictEqual(await statusOf(broker.proxied, header), 'closed');
                assert.strictEqual(await badHeaders(broker), before + 1);
            });
        }

        for (const [name, header] of [['v1', v1(CLIENT)], ['v2', v2({ address: CLIENT })]]) {
            test(`${name}, cut after each byte: closed without a byte`, async () => {
                const before = await badHeaders(broker);
                const lengths = Array.from({ length: header.length }, (_, i) => i);
                const answers = await Promise.all(lengths.map((n) =>
                    answerTo(broker.proxied, header.subarray(0, n), { ends: true })));
                assert.deepStrictEqual([...new Set(answers)], ['']);
                /* One that says nothing at all asks whether anybody listens. */
                assert.strictEqual(await badHeaders(broker), before + header.length - 1);
            });
        }
    });
}

describe('TLS that a proxy has ended', suite, () => {
    let broker, redis;
    before(async () => {
        redis = await startRedis();
        broker = await start({ redis: redis.url });
    });
    after(async () => {
        await broker.stop();
        await redis.stop();
    });

    /* "secure" of the handshake of a client that comes with this header. */
    async function isSecure(header, place = broker.proxied) {
        const connection = await http.connect(place);
        connection.write(header);
        const { text } = await connection.request({ target: '/socket.io/1/' });
        connection.destroy();
        const { id } = sio.parseHandshake(text);
        return JSON.parse(await redis.command('GET', `sio:hs:${id}`)).secure;
    }

    const ssl = (client) => tlv(0x20, Buffer.from([client, 0, 0, 0, 0]));

    test('a header of version 2 that says so: the handshake is "secure"', async () => {
        for (const crc of [false, true])
            assert.strictEqual(
                await isSecure(v2({ address: CLIENT, tlvs: [ssl(1)], crc })), true);
    });

    test('without it, or when it says no, it is not', async () => {
        assert.strictEqual(await isSecure(v2({ address: CLIENT })), false);
        assert.strictEqual(await isSecure(v2({ address: CLIENT, tlvs: [ssl(0)] })), false);
        assert.strictEqual(await isSecure(v1(CLIENT)), false);
        assert.strictEqual(await isSecure(Buffer.alloc(0), broker.direct), false);
    });
});

/* --- Every byte changed. --- */

/* As a reader of the specification would: is it a header, and that alone? */
function isLine(header) {
    const match = /^PROXY TCP4 (\S+) (\S+) (\d+) (\d+)\r\n$/.exec(header.toString('latin1'));
    return match !== null && match.slice(1, 3).every(net.isIPv4) &&
        match.slice(3).every((port) => Number(port) <= 65535 && !/^0./.test(port));
}

describe('each byte of a header changed', suite, () => {
    let broker;
    before(async () => { broker = await start(); });
    after(() => broker.stop());

    /* Each bit of each byte; wanted(header, place of the byte) says what has to come of it. */
    async function assertEach(header, wanted) {
        const before = await badHeaders(broker);
        let nClosed = 0;
        for (let bit = 1; bit < 256; bit *= 2) {
            const changed = Array.from(header, (byte, i) => {
                const copy = Buffer.from(header);
                copy[i] = byte ^ bit;
                return copy;
            });
            const seen = await Promise.all(changed.map((copy) => statusOf(broker.proxied, copy)));
            const want = changed.map((copy, i) => wanted(copy, i));
            assert.deepStrictEqual(seen, want);
            nClosed += want.filter((outcome) => outcome === 'closed').length;
        }
        assert.strictEqual(await badHeaders(broker), before + nClosed);
    }

    test('v1', () => assertEach(v1(CLIENT), (header) => (isLine(header) ? 200 : 'closed')));

    /*
     * A checksum finds all of it, unless it is a health check now, which nobody reads further, or
     * what is there is called something else than a checksum.
     */
    test('v2 with a checksum', () => assertEach(v2({ address: CLIENT, crc: true }),
        (header, i) => (i === 28 || (i === 12 && header[12] === LOCAL) ? 200 : 'closed')));

    /* Addresses and ports may be any. */
    test('v2', () => assertEach(v2({ address: CLIENT }), (header, i) =>
        (i >= 16 || (i === 12 && header[12] === LOCAL) ? 200 : 'closed')));
});

/* --- Who may come, and how many. --- */

describe('limits', suite, () => {
    test('three seconds for the header, and a counter', async () => {
        const broker = await start();
        const began = Date.now();
        const answers = await Promise.all([answerTo(broker.proxied, ''),
            answerTo(broker.proxied, 'PROXY TCP4 ')]);
        assert.deepStrictEqual(answers, ['', '']);
        assert.ok(Date.now() - began >= 2900);
        assert.strictEqual(await badHeaders(broker), 2);
        await broker.program.said(/closed a connection of 127.0.0.1: its PROXY header did not/);
        await broker.stop();
    });

    test('"proxy from": others are closed; it changes at once', async () => {
        const config = { listen: ['127.0.0.1:0 proxy'] };
        const file = writeConfig({ ...config, 'proxy from': ['10.0.0.0/8'] });
        const program = new Program(BROKER, ['--config', file]);
        const [, port] = await program.said(/listening on .*port (\d+)/);
        assert.strictEqual(await statusOf(Number(port), v1(CLIENT)), 'closed');
        await program.said(/warn +closed a connection of 127.0.0.1: it is not in "proxy from"/);
        fs.writeFileSync(file, JSON.stringify({ ...config, 'proxy from': ['loopback'] }));
        program.kill('SIGHUP');
        await program.said(/reloaded: "proxy from"/);
        assert.strictEqual(await statusOf(Number(port), v1(CLIENT)), 200);
        assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
    });

    test('"max connections per address" counts the claimed address', async () => {
        const broker = await start({ 'max connections per address': 2 });
        const held = [];
        const hold = async (header) => {
            const connection = await http.connect(broker.proxied);
            connection.write(header);
            const answer = await connection.request({ target: '/socket.io/1/' });
            held.push(connection);
            return answer.status;
        };
        assert.strictEqual(await hold(v1(CLIENT)), 200);
        assert.strictEqual(await hold(v2({ address: '::ffff:cb00:7109' })), 200);
        assert.strictEqual(await hold(v1(CLIENT)), 503);
        assert.strictEqual(await hold(v1('203.0.113.10')), 200);
        assert.strictEqual(await hold(v1('2001:db8::17')), 200);
        await broker.program.said(/refused a connection of 203.0.113.9: "max connections per/);
        held[0].destroy();
        await eventually(async () => await statusOf(broker.proxied, v1(CLIENT)) === 200,
            'there is room again', DEADLINE_MS);
        held.forEach((connection) => connection.destroy());
        assert.strictEqual(await badHeaders(broker), 0);
        await broker.stop();
    });

    test('1,000 addresses are 1,000 addresses', async () => {
        const broker = await start({ 'max sessions per address': 1, 'trust proxy': [] });
        const all = Array.from({ length: 1000 }, (_, i) => `198.51.${100 + (i >> 8)}.${i & 255}`);
        while (all.length > 0) {
            const statuses = await Promise.all(all.splice(0, 50).map((address) =>
                statusOf(broker.proxied, v2({ address }))));
            assert.deepStrictEqual([...new Set(statuses)], [200]);
        }
        assert.strictEqual(await statusOf(broker.proxied, v1('198.51.100.7')), 503);
        await broker.stop();
    });

    test('the client in the header is not believed to be a proxy', async () => {
        const broker = await start();
        const forged = 'GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n' +
            'X-Forwarded-For: 192.0.2.66\r\n\r\n';
        const connection = await http.connect(broker.proxied);
        connection.write(Buffer.concat([v1(CLIENT), Buffer.from(forged)]));
        assert.strictEqual((await connection.response()).status, 200);
        const { sessions } = await getJson(broker.admins[0], '/sessions');
        assert.strictEqual(sessions[0].address, CLIENT);
        connection.destroy();
        await broker.stop();
    });

    test('lines about it are ten a second', async () => {
        const broker = await start();
        await Promise.all(Array.from({ length: 40 }, () => statusOf(broker.proxied,
            Buffer.alloc(0))));
        await broker.program.said(/left out \d+ lines about connections without a PROXY header/,
            DEADLINE_MS);
        assert.strictEqual(await badHeaders(broker), 40);
        await broker.stop();
    });
});

describe('listeners with the word "proxy"', suite, () => {
    test('a unix socket may be one', async () => {
        const file = path.join(scratch(), 'front.sock');
        const broker = await start({ listen: [`unix:${file} proxy`] });
        assert.match(broker.log, /listening on unix:\S+ \(proxy\)\n/);
        assert.strictEqual(await statusOf(file, v1(CLIENT)), 200);
        assert.strictEqual(await statusOf(file, Buffer.alloc(0)), 'closed');
        await broker.stop();
    });

    test('and a socket of the service manager that is called so', async () => {
        const handOver = `import os,socket,sys
a=socket.socket();a.bind(('127.0.0.1',0));a.listen(9)
b=socket.socket();b.bind(('127.0.0.1',0));b.listen(9)
for i,s in ((3,os.dup(a.fileno())),(4,os.dup(b.fileno()))): os.dup2(s,i);os.set_inheritable(i,True)
os.environ.update(LISTEN_FDS='2',LISTEN_PID=str(os.getpid()),LISTEN_FDNAMES='web.socket:proxy')
os.execv(sys.argv[1],sys.argv[1:])`;
        const program = new Program('python3', ['-c', handOver, BROKER]);
        const [, direct, proxied] =
            await program.said(/listening on port (\d+), port (\d+) \(proxy\)\n/);
        assert.strictEqual(await statusOf(Number(direct), Buffer.alloc(0)), 200);
        assert.strictEqual(await statusOf(Number(proxied), v1(CLIENT)), 200);
        assert.strictEqual(await statusOf(Number(proxied), Buffer.alloc(0)), 'closed');
        assert.deepStrictEqual(await program.stop(), { code: 0, signal: null });
    });

    test('a network that is none: exit 2', async () => {
        const { code, stderr } = await runBroker(['--check-config', '--config',
            writeConfig({ 'proxy from': ['10.0.0.0/33'] })]);
        assert.strictEqual(code, 2);
        assert.match(stderr, /"proxy from": must be a list of addresses, networks/);
    });

    test('a stop does not wait for a header', async () => {
        const broker = await startBroker({ config: { listen: ['127.0.0.1:0 proxy'] } });
        const connection = await http.connect(broker.port);
        connection.write('PROXY ');
        await eventually(async () => (await broker.counters()).bytes_in > 0, 'it is read');
        broker.program.kill('SIGTERM');
        assert.deepStrictEqual(await broker.program.ended(), { code: 0, signal: null });
        assert.doesNotMatch(broker.log, /PROXY header did not come/, 'before its time was up');
        assert.strictEqual(await connection.end().then(String), '');
        connection.destroy();
    });
});
