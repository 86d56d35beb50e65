'use strict';
/* SIGHUP: the settings are read again, all of them or none. */

const assert = require('node:assert');
const fs = require('node:fs');
const { test, describe, before, after } = require('node:test');
const { authorityFile, tlsConfig } = require('../lib/certificates.js');
const { eventually, within } = require('../lib/deadline.js');
const { BROKER, REFERENCE, runBroker, startBroker, writeConfig } = require('../lib/server.js');
const { LOCAL, getJson, startAdmin } = require('../lib/admin.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { run } = require('../lib/program.js');
const sio = require('../lib/sio09.js');

const suite = { skip: REFERENCE && 'about our own program' };

/* A broker whose file can be written anew. */
class Reloadable {
    static async start(config = {}, args = []) {
        const file = writeConfig(config);
        const broker = await startBroker({ args: [...args, '--config', file] });
        return Object.assign(new Reloadable(), { broker, file, port: broker.port });
    }

    write(config) {
        fs.writeFileSync(this.file, typeof config === 'string' ? config : JSON.stringify(config));
    }

    /* What the log says of the next reload: { changed, kept, failed, text }. */
    async reload(config) {
        if (config !== undefined)
            this.write(config);
        const { program } = this.broker;
        const from = this.broker.log.length;
        program.kill('SIGHUP');
        const text = await program.until(() => {
            const said = this.broker.log.slice(from).replace(/\x1b\[\d+m/g, '');
            return /^\S+ \S+ +(reloaded: |not reloaded).*\n/m.test(said) && said;
        }, 'reloads');
        const keys = (pattern) => [...((pattern.exec(text) || ['', ''])[1]).matchAll(/"([^"]+)"/g)]
            .map(([, key]) => key);
        return { text, changed: keys(/reloaded: (.*)/), kept: keys(/warn +(.*): changes only by/),
            failed: (/not reloaded, all stays as it is: (.*)/.exec(text) || [])[1] };
    }

    stop() {
        return this.broker.stop();
    }
}

/* --- Every setting. --- */

/*
 * { key, allowed, initial, when } of each, as --help-config prints them; but for those in objects.
 */
async function settings() {
    const { stdout } = await runBroker(['--help-config']);
    return [...stdout.matchAll(/^ {2}"([^".]+)": .*\n {6}(.*); default (.*); (changes .*)$/gm)]
        .map(([, key, allowed, initial, when]) => ({ key, allowed, initial, when }));
}

/* Values for those whose range does not tell any, and those that have to go with others. */
const OTHERS = {
    port: 1, host: '127.0.0.1', carrier: 'lws', name: 'another', resource: '/another',
    user: 'nobody', group: 'nogroup', sandbox: 'auto', transports: ['websocket'],
    origins: ['a.example:*'], blacklist: ['x'],
    'cors origin': ['https://a.example'], 'cors methods': ['GET'],
    'cors allowed headers': ['x-a'], 'cors exposed headers': ['x-b'],
    'cookie name': 'io', 'cookie path': '/a', 'cookie domain': 'a.example',
    'cookie same site': 'none', 'cookie priority': 'high',
    'trust proxy': ['10.0.0.0/8'], 'proxy from': ['10.0.0.0/8'],
    'client address header': 'X-Real-IP',
    'heartbeat interval': 24, 'heartbeat timeout': 61, 'engine transports': ['websocket'],
    'engine echo': '/echo', redis: 'redis://127.0.0.1:1', 'redis ca': '/ca.pem',
    'redis certificate': '/redis.pem', 'redis key': '/redis.key',
    'redis server name': 'redis.example', cluster: 'another',
    'cluster secret': '0123456789abcdef', dialect: 'node-0.9', 'node key': 'chat', 'node stream': 'chat',
    'node session key': 'left:', 'node version': 3, 'python channel': 'another',
    'browser client version': '4',
    'browser client directory': '/nowhere',
    'log level': 3, 'log sessions': ['abc'], 'log colors': true, 'log format': 'json',
    'outgoing ca': '/ca.pem',
    'user limit': 'newest', 'tls min version': '1.3', 'tls ciphers': 'ECDHE+AESGCM',
    'tls ticket secret': '0123456789abcdef', 'tls client': 'request',
    'admin listen': ['127.0.0.1:0'], 'admin hosts': ['a.example'],
    'admin key': '0123456789abcdef0123456789abcdef',
    backends: [{ name: 'app', urls: ['http://127.0.0.1:1/'] }],
};
const WITH = { group: { user: 'nobody' }, dialect: { redis: 'redis://127.0.0.1:1' } };

/* Those that name files, which have to be there. */
async function addFiles() {
    OTHERS.tls = (await tlsConfig()).tls;
    OTHERS['tls client ca'] = await authorityFile();
    WITH['tls client'] = { 'tls client ca': OTHERS['tls client ca'] };
}

function another({ key, allowed, initial }) {
    if (key in OTHERS)
        return OTHERS[key];
    if (allowed === 'true or false')
        return initial !== 'true';
    const [, min, max] = /from ([\d.e+]+) to ([\d.e+]+)/.exec(allowed) || [];
    assert.ok(min !== undefined, `no other value is known for "${key}": ${allowed}`);
    return Number(initial) + 1 <= Number(max) ? Number(initial) + 1 : Number(min);
}

describe('every setting', suite, () => {
    let it;
    before(async () => {
        await addFiles();
        it = await Reloadable.start({ 'log colors': false });
    });
    after(() => it.stop());

    test('in an object, each when --help-config says so', async () => {
        const listen = ['127.0.0.1:0'];
        const keys = [{ name: 'a', key: '0123456789abcdef0123456789abcdef' }];
        const steps = [
            [{ keys }, ['api"."keys'], []],
            [{ keys: [{ ...keys[0], may: ['emit'] }], 'max body': 2000 },
                ['api"."keys', 'api"."max body'], []],
            [{ listen, keys }, ['api"."keys', 'api"."max body'], ['api"."listen']],
            [{}, ['api"."keys'], []],
        ];
        for (const [api, changed, kept] of steps) {
            const { text } = await it.reload({ 'log colors': false, api });
            assert.ok(text.includes(`reloaded: ${changed.map((key) => `"${key}"`).join(', ')}\n`),
                text);
            assert.strictEqual(text.includes(`"${kept}": changes only by a restart`),
                kept.length > 0, text);
        }
        await it.reload({ 'log colors': false });
    });

    test('changes when --help-config says so', async () => {
        const { reloads: earlier } = await it.broker.counters();
        const all = await settings();
        assert.ok(all.length > 90, `${all.length}`);
        for (const setting of all) {
            const { key, when } = setting;
            /* One value; nothing would be seen; the command line has a port (listen.test.js). */
            if (['heartbeats', 'log', 'port', 'listen'].includes(key))
                continue;
            const base = { 'log colors': false };
            const from0 = when.includes('from 0');
            const { changed, kept, text } = await it.reload(
                { ...base, ...WITH[key], [key]: another(setting) });
            const may = !from0 && !when.includes('restart');
            const own = (list) => list.filter((k) => !(k in (WITH[key] || {})));
            assert.deepStrictEqual({ changed: own(changed), kept: own(kept) },
                { changed: may ? [key] : [], kept: may ? [] : [key] }, text);
            const back = await it.reload(base);
            assert.deepStrictEqual(own(back.changed), may ? [key] : [], back.text);
        }
        const { reloads } = await it.broker.counters();
        assert.strictEqual(reloads - earlier, 2 * (all.length - 4));
    });
});

/* --- What is wrong changes nothing. --- */

describe('what --check-config would refuse', suite, () => {
    const WRONG = {
        'an unknown key': { 'max rooms': 7, 'heartbeat intervall': 1 },
        'a wrong type': { 'max rooms': 7, 'heartbeat interval': 'abc' },
        'out of range': { 'max rooms': 0 },
        'rules across keys': { 'max rooms': 7, 'heartbeat interval': 70 },
        'half a file': '{ "max rooms": 7, "log',
        'an empty file': '',
        'a list': '[]',
    };
    for (const [name, config] of Object.entries(WRONG)) {
        test(`${name}: the same words, and all stays`, async () => {
            const it = await Reloadable.start({ 'max rooms': 5 });
            const { failed } = await it.reload(config);
            const { stderr } = await runBroker(['--config', it.file, '--check-config']);
            assert.strictEqual(failed, stderr.trimEnd());
            const { changed } = await it.reload({ 'max rooms': 5 });
            assert.deepStrictEqual(changed, []);
            const { reloads, failed_reloads: failures } = await it.broker.counters();
            assert.deepStrictEqual({ reloads, failures }, { reloads: 1, failures: 1 });
            await it.stop();
        });
    }

    test('the file is gone', async () => {
        const it = await Reloadable.start();
        fs.rmSync(it.file);
        assert.match((await it.reload()).failed, /config\.json: No such file/);
        await it.stop();
    });

    test('the file can not be read', async () => {
        const it = await Reloadable.start();
        fs.rmSync(it.file);
        if (process.getuid() === 0)
            fs.mkdirSync(it.file);      /* root reads everything else */
        else
            fs.writeFileSync(it.file, '{}', { mode: 0 });
        assert.match((await it.reload()).failed, /config\.json: .*(directory|Permission)/);
        await it.stop();
    });

    test('the command line stays on top', async () => {
        const it = await Reloadable.start({ 'log level': 1 }, ['--log-level', '2']);
        assert.deepStrictEqual((await it.reload({ 'log level': 0 })).changed, []);
        await it.stop();
    });
});

/* --- The environment. --- */

describe('--env-prefix', suite, () => {
    const env = { SIO_TEST_LOG_LEVEL: '1', SIO_TEST_MAX_ROOMS: '7' };
    const of = (file, ...args) => ['--port', '0', '--config', file, ...args];
    const setting = async (broker, key) =>
        (await getJson(broker.admin, '/status')).settings[key];

    test('wins over the file, also after a reload; the command line wins over it', async () => {
        const broker = await startAdmin({ listen: [LOCAL], env,
            args: ['--env-prefix', 'SIO_TEST_', '--log-level', '2'],
            config: { 'max rooms': 5, 'max sessions': 1000 } });
        assert.strictEqual(await setting(broker, 'max rooms'), 7);
        assert.strictEqual(await setting(broker, 'max sessions'), 1000);
        fs.writeFileSync(broker.program.child.spawnargs.at(-1),
            JSON.stringify({ 'max rooms': 6, 'max sessions': 2000, 'admin listen': [LOCAL] }));
        broker.program.kill('SIGHUP');
        await broker.program.said(/info +reloaded: "max sessions"\n/);
        assert.strictEqual(await setting(broker, 'max rooms'), 7);
        assert.strictEqual(await setting(broker, 'max sessions'), 2000);
        await broker.stop();
    });

    test('nothing is taken without it', async () => {
        const broker = await startAdmin({ env });
        assert.strictEqual(await setting(broker, 'max rooms'), undefined);
        await broker.stop();
    });

    test('what is wrong is one line, and status 2', async () => {
        const file = writeConfig({});
        for (const [more, prefix, pattern] of [
            [{ SIO_TEST_MAX_ROMS: '1' }, 'SIO_TEST_',
                /^environment: "SIO_TEST_MAX_ROMS": no setting .* mean SIO_TEST_MAX_ROOMS\?\n$/],
            [{ SIO_TEST_MAX_ROOMS: 'x' }, 'SIO_TEST_',
                /^environment: "SIO_TEST_MAX_ROOMS": "max rooms": must be an integer .*\n$/],
            [{}, 'sio_', /^environment: --env-prefix must be of capitals, digits and _, .*\n$/],
            [{}, '', /^environment: --env-prefix must be/]]) {
            const { code, stderr } = await run(BROKER, of(file, '--env-prefix', prefix),
                { env: { ...process.env, ...more } });
            assert.match(stderr, pattern);
            assert.strictEqual(code, 2);
        }
    });
});

/* --- What has changed counts. --- */

describe('at once', suite, () => {
    const session = async (port) => (await sio.connect(port));
    const status = async (port, target, headers) =>
        (await http.get(port, target, headers)).status;

    test('"max connections" below what there are: nobody is thrown out, nobody comes in',
        async () => {
            const it = await Reloadable.start();
            const clients = [await session(it.port), await session(it.port)];
            await it.reload({ 'max connections': 1 });
            assert.strictEqual(await status(it.port, '/'), 503);
            for (const client of clients)
                await sio.assertAlive(client);
            await it.reload({});
            assert.strictEqual(await status(it.port, '/'), 200);
            clients.forEach((client) => client.destroy());
            await it.stop();
        });

    test('"max connections per address" counts those that are there', async () => {
        const it = await Reloadable.start();
        const clients = [await session(it.port), await session(it.port)];
        await it.reload({ 'max connections per address': 2 });
        assert.strictEqual(await status(it.port, '/'), 503);
        clients.pop().destroy();
        await eventually(async () => await status(it.port, '/') === 200, 'one has left');
        await it.reload({});
        await it.reload({ 'max connections per address': 1 });
        assert.strictEqual(await status(it.port, '/'), 503);
        clients.pop().destroy();
        await it.stop();
    });

    test('"max sessions per address", "max unused handshakes"', async () => {
        const it = await Reloadable.start();
        await sio.handshake(it.port);
        await it.reload({ 'max sessions per address': 1, 'trust proxy': [] });
        assert.strictEqual(await status(it.port, '/socket.io/1/'), 503);
        await it.reload({ 'max unused handshakes': 1 });
        await sio.handshake(it.port);
        assert.strictEqual((await it.broker.counters()).evicted, 1);
        await it.stop();
    });

    test('"max client bytes"', async () => {
        const it = await Reloadable.start();
        const client = await session(it.port);
        await it.reload({ 'max client bytes': 1 });
        await client.end();
        assert.strictEqual((await it.broker.counters()).evicted, 1);
        await it.stop();
    });

    test('"origins"', async () => {
        const it = await Reloadable.start();
        const origin = { Origin: 'http://a.example' };
        const poll = '/socket.io/?EIO=4&transport=polling';
        assert.strictEqual(await status(it.port, '/socket.io/1/', origin), 200);
        await it.reload({ origins: ['b.example:*'] });
        assert.strictEqual(await status(it.port, '/socket.io/1/', origin), 403);
        const b = await http.get(it.port, poll, { Origin: 'http://b.example' });
        assert.strictEqual(b.get('Access-Control-Allow-Origin'), 'http://b.example');
        await it.stop();
    });

    test('the options of socket.io 4, an object at once', async () => {
        const it = await Reloadable.start({ cors: { origin: 'http://a.example', maxAge: 5 } });
        const poll = '/socket.io/?EIO=4&transport=polling';
        const b = { Origin: 'http://b.example' };
        assert.strictEqual((await http.get(it.port, poll, b)).get('Access-Control-Allow-Origin'),
            undefined);
        const { changed } = await it.reload({ cors: { origin: ['http://b.example'] } });
        assert.deepStrictEqual(changed, ['cors origin', 'cors max age']);
        assert.strictEqual((await http.get(it.port, poll, b)).get('Access-Control-Allow-Origin'),
            'http://b.example');
        const { failed } = await it.reload({ cors: { origin: ['http://a.example'], orgin: 1 } });
        assert.match(failed, /"cors"\."orgin": unknown key; did you mean "origin"\?/);
        assert.strictEqual((await http.get(it.port, poll, b)).get('Access-Control-Allow-Origin'),
            'http://b.example');
        await it.stop();
    });

    test('"greeting"', async () => {
        const it = await Reloadable.start();
        await it.reload({ greeting: false });
        const { id } = await sio.handshake(it.port);
        const socket = await sio.upgrade(it.port, id);
        assert.strictEqual(await socket.message(), '1::');
        await sio.assertAlive(socket);
        await it.reload({});
        (await session(it.port)).destroy();
        socket.destroy();
        await it.stop();
    });

    test('"log sessions": all lines of some, whatever the level', async () => {
        const it = await Reloadable.start({ 'log level': 2 });
        const clients = [await session(it.port), await session(it.port)];
        const [one, other] = clients.map(({ id }) => id);
        await it.reload({ 'log level': 2, 'log sessions': [one.slice(0, 12)] });
        clients.forEach((client) => client.text('no packet'));
        await eventually(async () => (await it.broker.counters()).bad_packets === 2, 'both');
        assert.match(it.broker.log, new RegExp(`debug .*session ${one}: `));
        assert.doesNotMatch(it.broker.log, new RegExp(`debug .*session ${other}: `));
        clients.forEach((client) => client.destroy());
        await it.stop();
    });

    test('"log", "log rate"', async () => {
        const it = await Reloadable.start({ 'log rate': 1 });
        it.write({ log: false });
        it.broker.program.kill('SIGHUP');
        await eventually(async () => {
            const before = it.broker.log.length;
            (await sio.connect(it.port)).destroy();
            await http.get(it.port, '/');
            return it.broker.log.length === before;
        }, 'silence');
        assert.deepStrictEqual((await it.reload({})).changed, ['log']);
        await it.stop();
    });

    test('"shutdown timeout", "drain time"', async () => {
        const it = await Reloadable.start({ 'drain time': 3600 });
        const clients = [await session(it.port), await session(it.port)];
        await it.reload({ 'drain time': 0 });
        const begun = Date.now();
        it.broker.program.kill('SIGTERM');
        await it.broker.program.ended();
        assert.ok(Date.now() - begun < 20000);
        clients.forEach((client) => client.destroy());
    });
});

describe('for new clients', suite, () => {
    test('times: who was told others keeps them', async () => {
        const it = await Reloadable.start();
        const old = await engine.connect(it.port, 4);
        await old.send('40');
        await it.reload({ pingInterval: 200, pingTimeout: 200 });
        const fresh = await engine.connect(it.port, 4);
        assert.strictEqual(fresh.opened.pingInterval, 200);
        assert.strictEqual(fresh.opened.pingTimeout, 200);
        let packet;
        do
            packet = await fresh.next();
        while (packet !== '2');
        await fresh.end();      /* it has not answered: by now the old one had to, if it were so */
        await old.send('42["x"]');
        await assert.rejects(old.until(() => (old.closed ? true : undefined), 'its end', 1000),
            /not within/);
        old.destroy();
        await it.stop();
    });

    test('0.9: timeouts of the handshake', async () => {
        const it = await Reloadable.start();
        const old = await sio.connect(it.port);
        await it.reload({ 'heartbeat interval': 0.2, 'heartbeat timeout': 0.4,
            'close timeout': 30 });
        const { text } = await sio.handshake(it.port);
        assert.match(text, /:0\.4:30:/);
        const fresh = await sio.connect(it.port);
        assert.strictEqual(await fresh.message(), '2::');
        await fresh.end();
        await sio.assertAlive(old);
        old.destroy();
        await it.stop();
    });

    test('"transports", with the policy of flash, and what the script offers', async () => {
        const it = await Reloadable.start({ 'flash policy port': 0 });
        await it.reload({ 'flash policy port': 0, transports: ['flashsocket', 'xhr-polling'] });
        assert.deepStrictEqual((await sio.handshake(it.port)).transports,
            ['flashsocket', 'xhr-polling']);
        const [, port] = await it.broker.program.said(/flash policy on port (\d+)/);
        const policy = await http.connect(Number(port));
        assert.match((await policy.end()).toString(), /cross-domain-policy/);
        await it.reload({ 'flash policy port': 0 });
        await assert.rejects(http.connect(Number(port)));
        await it.stop();
    });

    test('"maxDisconnectionDuration" from 0 only by a restart, off at once', async () => {
        const it = await Reloadable.start({ maxDisconnectionDuration: 1000 });
        assert.deepStrictEqual((await it.reload({})).changed, ['maxDisconnectionDuration']);
        assert.deepStrictEqual((await it.reload({ maxDisconnectionDuration: 1000 })).kept,
            ['maxDisconnectionDuration']);
        await it.stop();
    });
});

describe('under load', suite, () => {
    test('50 reloads, and no client notices', async () => {
        const it = await Reloadable.start();
        const clients = await Promise.all(Array.from({ length: 20 }, () => sio.connect(it.port)));
        let isOver = false;
        const asking = clients.map(async (client) => {
            while (!isOver)
                await sio.assertAlive(client);
        });
        const coming = (async () => {
            while (!isOver)
                (await sio.connect(it.port)).destroy();
        })();
        for (let i = 0; i < 50; i++) {
            const { failed, changed } = await it.reload(i % 5 === 4 ? '{' :
                { 'max rooms': 100 + i, blacklist: [`b${i}`], origins: ['*:*', `h${i}.example:*`],
                    'close timeout': 61 + i });
            assert.strictEqual(failed !== undefined, i % 5 === 4);
            assert.strictEqual(changed.length, i % 5 === 4 ? 0 : 4);
        }
        isOver = true;
        await Promise.all([...asking, coming]);
        clients.forEach((client) => client.destroy());
        await it.stop();
    });
});
