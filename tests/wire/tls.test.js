'use strict';
/* TLS, as openssl(1) and Node see it: certificates, versions, tickets, and what goes wrong. */

const assert = require('node:assert');
const { X509Certificate } = require('node:crypto');
const fs = require('node:fs');
const nodeHttp = require('node:http');
const nodeTls = require('node:tls');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { LOCAL, getJson, metrics, startAdmin, valueOf } = require('../lib/admin.js');
const { Authority, authorityFile, tlsConfig } = require('../lib/certificates.js');
const { eventually, within } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { childrenOf, run, scratch } = require('../lib/program.js');
const { BROKER, NEEDS_CONTRACT, REFERENCE, launchBroker, runBroker, startBroker, writeConfig } =
    require('../lib/server.js');
const tcp = require('../lib/tcp.js');
const ws = require('../lib/ws.js');

const KEY = 'a-key-of-thirty-two-characters-00';

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };

/* What `openssl s_client` says of a connection that it closes at once. */
async function client(port, ...args) {
    const { stdout, stderr } = await run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`,
        '-no_ign_eof', ...args]);
    return stdout + stderr;
}

/* A connection of Node, once its handshake is complete. */
function connect(port, options = {}) {
    return within(new Promise((resolve, reject) => {
        const socket = nodeTls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false,
            ...options });
        socket.once('error', reject);
        socket.once('secureConnect', () => resolve(socket));
    }), `TLS with port ${port}`);
}

/* How a request there is answered, and the session that the connection may be resumed with. */
async function ask(port, options) {
    const socket = await connect(port, options);
    const resumed = socket.isSessionReused();
    let session, text = '';
    socket.on('session', (data) => {
        session = data;
    });
    socket.on('data', (bytes) => {
        text += bytes;
    });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await within(new Promise((resolve) => {
        socket.once('close', resolve);
        socket.once('end', () => {
            session ??= socket.getSession(); /* of TLS 1.2, which has it at once */
        });
    }), 'the end of a connection');
    return { resumed, session, text };
}

const subjectOf = async (port, options) => {
    const socket = await connect(port, options);
    const { subject: { CN } } = socket.getPeerCertificate();
    socket.destroy();
    return CN;
};

describe('TLS', suite, () => {
    let broker, config, plain;

    before(async () => {
        config = await tlsConfig({ names: ['a.example', '*.b.example', 'c.b.example'],
            listen: ['127.0.0.1:0 tls', '127.0.0.1:0'] });
        broker = await startAdmin({ config, contract: true });
        [, plain] = broker.places;
    });

    after(() => broker.stop());

    const failures = async (reason) =>
        valueOf(await metrics(broker.admin), 'tls_failures', { reason });

    for (const version of ['TLSv1.2', 'TLSv1.3'])
        test(`${version} is spoken`, async () => {
            const said = await client(broker.port, `-${version.toLowerCase().replace('.', '_')
                .replace('v', '')}`);
            assert.match(said, new RegExp(`New, ${version}, Cipher is`));
        });

    for (const [what, args, reason, alert] of [
        ['TLS 1.0', ['-tls1', '-cipher', 'ALL@SECLEVEL=0'], 'version', /alert protocol version/],
        ['TLS 1.1', ['-tls1_1', '-cipher', 'ALL@SECLEVEL=0'], 'version', /alert protocol version/],
        ['a cipher without forward secrecy', ['-tls1_2', '-cipher', 'AES128-GCM-SHA256'], 'cipher',
            /alert handshake failure/],
        ['a cipher in CBC', ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA'], 'cipher',
            /alert handshake failure/],
        ['HTTP/2 alone', ['-alpn', 'h2'], 'alpn', /alert no application protocol/],
    ])
        test(`${what}: an alert, and counted`, async () => {
            const before = await failures(reason);
            assert.match(await client(broker.port, ...args), alert);
            assert.strictEqual(await failures(reason), before + 1);
        });

    test('HTTP/1.1 is chosen, where somebody asks', async () => {
        assert.match(await client(broker.port, '-alpn', 'h2,http/1.1'), /ALPN protocol: http\/1.1/);
        assert.match(await client(broker.port), /No ALPN negotiated/);
    });

    for (const [servername, subject] of [['a.example', 'a.example'], ['A.Example', 'a.example'],
        ['x.b.example', '*.b.example'], ['c.b.example', 'c.b.example'],
        ['y.x.b.example', 'a.example'], ['else.example', 'a.example'], [undefined, 'a.example']])
        test(`who asks for ${servername} is shown ${subject}`, async () => {
            assert.strictEqual(await subjectOf(broker.port, { servername }), subject);
        });

    test('the chain is good for who knows the authority', async () => {
        const ca = fs.readFileSync(await authorityFile());
        const socket = await connect(broker.port, { servername: 'a.example', ca,
            rejectUnauthorized: true });
        assert.ok(socket.authorized);
        socket.destroy();
    });

    test('the same sessions beside a port without TLS', async () => {
        tcp.speakTls(broker.port, true);
        const secure = await engine.connect(broker.port, 4);
        const other = await engine.connect(plain, 4);
        for (const socket of [secure, other]) {
            await engine.join(socket);
            await engine.assertServed(socket);
            socket.destroy();
        }
    });

    test('HTTP without it: 400', async () => {
        const before = await failures('plain');
        tcp.speakTls(broker.port, false);
        for (const method of ['GET', 'OPTIONS', 'DELETE']) {
            const response = await http.request(broker.port, { method });
            assert.strictEqual(response.status, 400);
            assert.match(response.text, /speaks TLS/);
        }
        tcp.speakTls(broker.port, true);
        assert.strictEqual(await failures('plain'), before + 3);
    });

    test('TLS where none is spoken: 400', async () => {
        assert.match(await client(plain), /wrong version number|http request|packet length/i);
    });

    test('days are in /status and metrics', async () => {
        const { certificates } = await getJson(broker.admin, '/status');
        assert.deepStrictEqual(certificates.map(({ names }) => names[0]),
            ['a.example', '*.b.example', 'c.b.example']);
        const ends = valueOf(await metrics(broker.admin),
            'certificate_end_timestamp_seconds', { certificate: 'a.example', place: '0' });
        assert.strictEqual(ends * 1000, certificates[0].ends);
        assert.ok([1, 2].includes(certificates[0].days), `${certificates[0].days}`);
        assert.match(broker.log, /warn +the certificate of a\.example expires in [12] days?\n/);
    });

    test('a session is resumed by its ticket', async () => {
        for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
            const first = await ask(broker.port, { maxVersion });
            assert.strictEqual(first.resumed, false);
            const second = await ask(broker.port, { maxVersion, session: first.session });
            assert.strictEqual(second.resumed, true, maxVersion);
            const third = await ask(broker.port, { maxVersion, session:
                second.session || first.session });
            assert.strictEqual(third.resumed, true, maxVersion);
            assert.match(third.text, /^HTTP\/1\.1 200 /);
        }
        assert.ok((await broker.counters()).tls_resumed >= 4);
    });
});

describe('handshakes', suite, () => {
    test('one that is not complete in time ends', async () => {
        const broker = await startAdmin({
            config: { ...await tlsConfig(), 'request timeout': 0.3 } });
        tcp.speakTls(broker.port, false);
        const half = await tcp.open(broker.port);
        half.write(Buffer.from('1603010200010001fc0303', 'hex'));
        await half.end();
        await eventually(async () => valueOf(await metrics(broker.admin), 'tls_failures',
            { reason: 'timeout' }) === 1, 'is counted');
        const { tls_failures: all, tls_shaking: now } = await broker.counters();
        assert.deepStrictEqual([all, now], [1, 0]);
        await broker.stop();
    });

    test('the log says why one has failed', async () => {
        const broker = await startBroker({ config: await tlsConfig() });
        tcp.speakTls(broker.port, false);
        assert.strictEqual((await http.get(broker.port, '/')).status, 400);
        await broker.program.until(() =>
            /no TLS with 127\.0\.0\.1: it speaks HTTP without TLS\n/.exec(broker.log), 'says why');
        await broker.stop();
    });

    test('"tls strict names"', async () => {
        const broker = await startBroker({ config: { ...await tlsConfig({ names: ['a.example'] }),
            'tls strict names': true } });
        assert.match(await client(broker.port, '-servername', 'b.example'),
            /tlsv1 unrecognized name/);
        assert.match(await client(broker.port, '-noservername'), /tlsv1 unrecognized name/);
        assert.strictEqual(await subjectOf(broker.port, { servername: 'a.example' }), 'a.example');
        await broker.stop();
    });

    test('"tls min version", "tls ciphers"', async () => {
        const config = await tlsConfig();
        const strict = await startBroker({ config: { ...config, 'tls min version': '1.3' } });
        assert.match(await client(strict.port, '-tls1_2'), /alert protocol version/);
        assert.match(await client(strict.port, '-tls1_3'), /New, TLSv1.3/);
        await strict.stop();
        const lax = await startBroker({ config: { ...config, 'tls ciphers': 'DEFAULT' } });
        assert.match(await client(lax.port, '-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA'),
            /Cipher is ECDHE-ECDSA-AES128-SHA\n/);
        await lax.stop();
    });
});

describe('tickets', suite, () => {
    const SECRET = 'a secret of instances';

    async function pair(settings) {
        const config = await tlsConfig();
        return Promise.all(settings.map((more) => startBroker({ config: { ...config, ...more } })));
    }

    for (const key of ['tls ticket secret', 'cluster secret'])
        test(`instances with the same "${key}" know those of each other`, async () => {
            const words = 'sixteen-characters';
            const [a, b] = await pair([{ [key]: words }, { [key]: words }]);
            for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
                const { session } = await ask(a.port, { maxVersion });
                assert.ok((await ask(b.port, { maxVersion, session })).resumed, maxVersion);
            }
            await Promise.all([a.stop(), b.stop()]);
        });

    test('others do not, and begin anew', async () => {
        const [a, b] = await pair([{}, {}]);
        const { session } = await ask(a.port);
        const answer = await ask(b.port, { session });
        assert.strictEqual(answer.resumed, false);
        assert.match(answer.text, /^HTTP\/1\.1 200 /);
        await Promise.all([a.stop(), b.stop()]);
    });

    test('workers have one that is made up together, and so has who takes the place of one',
        async () => {
            const broker = await startBroker({ config: { ...await tlsConfig(), workers: 3 } });
            const { session } = await ask(broker.port);
            const askOften = async () => {
                for (let i = 0; i < 12; i++)
                    assert.ok((await ask(broker.port, { session })).resumed, `connection ${i}`);
            };
            await askOften();
            for (const pid of childrenOf(broker.program.pid))
                process.kill(pid, 'SIGKILL');
            await broker.program.until(() => [...broker.log.matchAll(/worker \d serves/g)]
                .length === 3, 'others serve');
            await askOften();
            await broker.stop();
        });

    test('a secret is never shown', async () => {
        const broker = await startAdmin({ config: { ...await tlsConfig(),
            'tls ticket secret': SECRET.replaceAll(' ', '-') } });
        const { text } = await http.get(broker.admin, '/status');
        assert.ok(text.includes('"tls ticket secret":"***"'), text);
        assert.ok(!text.includes(SECRET.replaceAll(' ', '-')));
        await broker.stop();
    });
});

/* --- Certificates of clients. --- */

describe('certificates of clients', suite, () => {
    let authority, alice, mallory;

    before(async () => {
        authority = await new Authority('clients').begin();
        alice = await authority.vouchFor('alice',
            'subjectAltName=email:alice@shop.example,URI:urn:shop:7');
        mallory = await (await new Authority('clients').begin()).vouchFor('mallory');
    });

    const shown = ({ certificate, key }) =>
        ({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) });

    const start = async (mode, more = {}) => startAdmin({ ...more, config: { ...await tlsConfig(),
        'tls client': mode, 'tls client ca': authority.file, ...more.config } });

    test('"require": nobody comes in without a good one', async () => {
        const broker = await start('require');
        const files = ({ certificate, key }) => ['-cert', certificate, '-key', key];
        for (const version of ['-tls1_2', '-tls1_3']) {
            assert.match(await client(broker.port, version, '-ign_eof'),
                /alert (?:certificate required|handshake failure)/);
            assert.match(await client(broker.port, version, '-ign_eof', ...files(mallory)),
                /alert unknown ca/);
        }
        const { text } = await ask(broker.port, shown(alice));
        assert.match(text, /^HTTP\/1\.1 200 /);
        assert.strictEqual(valueOf(await metrics(broker.admin), 'tls_failures',
            { reason: 'client' }), 4);
        await broker.stop();
    });

    /* What a backend is told of a client that comes with these options. */
    async function told(broker, requests, options) {
        const socket = await connect(broker.port, options);
        const n = requests.length;
        socket.write('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\n' +
            'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
        await within(new Promise((resolve) => {
            socket.once('data', resolve);
        }), 'the answer to an upgrade');
        socket.write(ws.frame(ws.OPCODE.TEXT, '40'));
        await eventually(() => requests.length > n, 'the backend is called');
        const [event] = JSON.parse(requests[n].body).events;
        return { socket, tls: event.tls };
    }

    test('"request": a backend is told, and decides', async () => {
        const requests = [];
        const server = nodeHttp.createServer((request, response) => {
            let body = '';
            request.on('data', (bytes) => {
                body += bytes;
            });
            request.on('end', () => {
                requests.push({ body });
                response.end('{}');
            });
        });
        server.unref();
        await new Promise((resolve) => {
            server.listen(0, '127.0.0.1', resolve);
        });
        const url = `http://127.0.0.1:${server.address().port}/`;
        const broker = await start('request', { config: { 'admin key': KEY, backends:
            [{ name: 'app', urls: [url], lifecycle: true }] } });
        const good = await told(broker, requests, { servername: 'localhost', ...shown(alice) });
        const { sha256, expires, ...rest } = good.tls.certificate;
        assert.deepStrictEqual(rest, { verified: true, error: null, subject: 'CN=alice',
            issuer: 'CN=clients', names: ['email:alice@shop.example', 'URI:urn:shop:7'] });
        assert.strictEqual(sha256,
            new X509Certificate(shown(alice).cert).fingerprint256.replaceAll(':', '')
                .toLowerCase());
        assert.ok(expires > Date.now());
        assert.strictEqual(good.tls.version, 'TLSv1.3');
        assert.strictEqual(good.tls.name, 'localhost');
        const bad = await told(broker, requests, shown(mallory));
        assert.strictEqual(bad.tls.certificate.verified, false);
        assert.match(bad.tls.certificate.error, /unable to (?:get local issuer|verify)|signature/);
        const none = await told(broker, requests, {});
        assert.strictEqual(none.tls.certificate, null);
        const { sessions } = await getJson(broker.admin, '/sessions',
            { Authorization: `Bearer ${KEY}` });
        assert.deepStrictEqual(sessions.map(({ certificate }) => certificate).sort(),
            ['CN=alice', undefined, undefined]);
        [good, bad, none].forEach(({ socket }) => socket.destroy());
        await broker.stop();
        server.close();
    });

    test('a ticket counts no more once somebody else vouches', async () => {
        const broker = await start('require');
        const { session } = await ask(broker.port, shown(alice));
        assert.ok((await ask(broker.port, { session, ...shown(alice) })).resumed);
        await broker.stop();
        const other = await startBroker({ config: { ...await tlsConfig(), 'tls client': 'require',
            'tls client ca': await authorityFile(), 'tls ticket secret': 'sixteen-characters' } });
        const same = await startBroker({ config: { ...await tlsConfig(), 'tls client': 'require',
            'tls client ca': authority.file, 'tls ticket secret': 'sixteen-characters' } });
        const mine = await ask(same.port, shown(alice));
        assert.match(mine.text, /^HTTP\/1\.1 200 /);
        const asked = await ask(other.port, { session: mine.session, ...shown(alice) })
            .catch(({ message }) => ({ text: message, resumed: false }));
        assert.strictEqual(asked.resumed, false);
        assert.doesNotMatch(asked.text, /^HTTP/);
        await Promise.all([same.stop(), other.stop()]);
    });
});

/* --- The files. --- */

describe('new certificates at SIGHUP', suite, () => {
    let authority, folder, broker, file;
    const paths = () => ({ certificate: path.join(folder, 'a.pem'),
        key: path.join(folder, 'a.key') });

    async function install(name) {
        const made = await authority.vouchFor(name);
        fs.copyFileSync(made.certificate, paths().certificate);
        fs.copyFileSync(made.key, paths().key);
    }

    async function reload() {
        const from = broker.log.length;
        broker.program.kill('SIGHUP');
        const [, text] = await broker.program.until(() =>
            /(reloaded: .*|not reloaded.*)\n/.exec(broker.log.slice(from)), 'reloads');
        return text;
    }

    before(async () => {
        authority = await new Authority('reload').begin();
        folder = scratch();
        await install('first');
        file = writeConfig({ listen: ['127.0.0.1:0 tls'], tls: [paths()] });
        broker = await startBroker({ config: { listen: ['127.0.0.1:0 tls'], tls: [paths()] } });
    });

    after(() => broker.stop());

    test('for new connections; 500 that are open do not notice', async () => {
        const clients = [];
        for (let i = 0; i < 50; i++)
            clients.push(...await Promise.all(Array.from({ length: 10 },
                () => connect(broker.port))));
        const heard = clients.map((socket) => new Promise((resolve, reject) => {
            socket.once('data', (bytes) => resolve(String(bytes)));
            socket.once('close', () => reject(new Error('closed')));
        }));
        for (const name of ['second', 'third', 'fourth']) {
            await install(name);
            assert.match(await reload(), /^reloaded: /);
            assert.strictEqual(await subjectOf(broker.port), name);
        }
        for (const socket of clients)
            socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        for (const text of await within(Promise.all(heard), 'all are answered'))
            assert.match(text, /^HTTP\/1\.1 200 /);
        assert.ok(clients.every((socket) => socket.getPeerCertificate().subject.CN === 'first'));
        for (const socket of clients)
            socket.destroy();
    });

    for (const [what, spoil, why] of [
        ['is missing', () => fs.unlinkSync(paths().certificate), /a\.pem: No such file/],
        ['is empty', () => fs.writeFileSync(paths().key, ''), /a\.key: is empty/],
        ['is half written', () => fs.truncateSync(paths().certificate, 100),
            /a\.pem: has no certificate in PEM/],
        ['is the key of another', async () => {
            const { key } = await authority.vouchFor('other');
            fs.copyFileSync(key, paths().key);
        }, /a\.key: is not the key of the certificate/],
    ])
        test(`a file ${what}: all stays, and the log says why`, async () => {
            await install('good');
            assert.match(await reload(), /^reloaded: /);
            await spoil();
            const text = await reload();
            assert.match(text, /^not reloaded, all stays as it is: "tls"\[0\]: /);
            assert.match(text, why);
            assert.strictEqual(await subjectOf(broker.port), 'good');
        });

    test('the same is found before a start', async () => {
        await install('good');
        const good = await runBroker(['--config', file, '--check-config']);
        assert.strictEqual(good.code, 0, good.stderr);
        fs.writeFileSync(paths().key, '');
        const checked = await runBroker(['--config', file, '--check-config']);
        assert.strictEqual(checked.code, 2);
        assert.match(checked.stderr, /^.*: "tls"\[0\]: .*a\.key: is empty\n$/);
        const started = await run(BROKER, ['--config', file]);
        assert.strictEqual(started.code, 1);
        assert.match(started.stderr, /"tls"\[0\]: .*a\.key: is empty\n/);
        await install('good');
    });

    test('a key that everybody may read: a warning', async () => {
        fs.chmodSync(paths().key, 0o644);
        const { stdout, stderr } = await runBroker(['--config', file, '--check-config']);
        assert.match(stdout + stderr, /a\.key is a private key and every user may read it/);
        fs.chmodSync(paths().key, 0o600);
    });
});

describe('settings that make no sense', suite, () => {
    for (const [config, why] of [
        [{ listen: ['127.0.0.1:0 tls'] }, /"tls": must have a certificate/],
        [{ tls: [{ certificate: '/a' }] }, /"tls"\[0\]\."key"/],
        [{ 'tls client': 'require' }, /"tls client ca": must be set/],
        [{ 'tls client': 'perhaps' }, /"tls client": must be off, request, or require/],
        [{ 'tls min version': '1.1' }, /"tls min version": must be 1\.2 or 1\.3/],
        [{ 'tls ciphers': 'NONSENSE' }, /"tls ciphers": must be a list/],
        [{ 'tls ticket secret': 'short' }, /"tls ticket secret": must be 1 to 4 words/],
    ])
        test(JSON.stringify(config), async () => {
            const broker = launchBroker({ config });
            const status = await broker.program.ended();
            assert.strictEqual(status.code, 2);
            assert.match(broker.log, why);
        });

    test(`an admin listener beside it, at ${LOCAL}, speaks none`, async () => {
        const broker = await startAdmin({ config: await tlsConfig() });
        assert.strictEqual((await http.get(broker.admin, '/livez')).status, 200);
        await broker.stop();
    });
});
