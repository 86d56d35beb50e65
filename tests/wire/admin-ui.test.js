'use strict';
/* The Admin UI: who gets in, what bad input gets, what commands may do, and its page. */

const assert = require('node:assert');
const zlib = require('node:zlib');
const { test, describe, before, after, afterEach } = require('node:test');
const { HASH, PASSWORD, SETTINGS, USER, AdminClient, closeAll } = require('../lib/admin-ui.js');
const { eventually, event } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { connect, leaveAll } = require('../lib/modern.js');
const { NEEDS_CONTRACT, REFERENCE, runBroker, startBroker, writeConfig } =
    require('../lib/server.js');
const { startRedis } = require('../lib/services.js');
const { connect: connectRaw } = require('../lib/engine.js');

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };
const WRONG = 'invalid credentials';
const CROWDED = /^too many attempts/;

afterEach(() => {
    closeAll();
    leaveAll();
});

const start = (settings = {}, rest = {}) => startBroker({ contract: true,
    config: { 'admin ui': { ...SETTINGS, ...settings }, ...rest } });

describe('who gets in', suite, () => {
    let broker;
    before(async () => { broker = await start(); });
    after(() => broker.stop());

    test('the password gives a session, and the session is enough', async () => {
        const admin = await AdminClient.open(broker.port);
        const [session] = await admin.told('session');
        assert.match(session, /^[0-9a-f]{16}$/);
        const again = await AdminClient.open(broker.port, { sessionId: session });
        await again.told('config');
        assert.deepStrictEqual(again.all('session'), []);
        const polling = await AdminClient.open(broker.port, { sessionId: session },
            { transports: ['polling'] });
        await polling.told('config');
    });

    const BAD = {
        'nothing': {},
        'no session, as a page does that is loaded': { sessionId: null },
        'a session that nobody has': { sessionId: '0123456789abcdef' },
        'a session of another form': { sessionId: '*' },
        'a session that is no text': { sessionId: { length: 16 } },
        'a wrong password': { username: USER, password: 'nope' },
        'no password': { username: USER },
        'an empty password': { username: USER, password: '' },
        'the hash for a password': { username: USER, password: HASH },
        'another user': { username: 'root', password: PASSWORD },
        'a user in capitals': { username: 'ADMIN', password: PASSWORD },
        'types that are wrong': { username: ['admin'], password: { a: 1 } },
        'a password of 60,000 bytes': { username: USER, password: 'x'.repeat(60000) },
    };
    for (const [what, auth] of Object.entries(BAD))
        test(`refused: ${what}`, async () => {
            const message = await eventually(async () => {
                const said = await AdminClient.refused(broker.port, auth);
                return !CROWDED.test(said) && said;
            }, 'the attempt before is over');
            assert.strictEqual(message, WRONG);
        });

    test('an auth object that is no object, or without end, costs only its client', async () => {
        for (const auth of ['[]', '"x"', '{"username":', `{"username":"${'x'.repeat(70000)}"}`]) {
            const client = await connectRaw(broker.port, 4);
            await client.send(`40/admin,${auth}`);
            client.destroy();
        }
        assert.strictEqual(await AdminClient.refused(broker.port,
            { username: 'x'.repeat(70000) }), 'auth is too long');
        await (await AdminClient.open(broker.port)).told('config');
    });

    test('one attempt from an address at a time; a wrong one takes a second', async () => {
        const began = Date.now();
        const wrong = { username: USER, password: 'nope' };
        const before_ = (await broker.counters()).admin_ui_refusals;
        const said = await Promise.all(Array.from({ length: 5 },
            () => AdminClient.refused(broker.port, wrong)));
        assert.deepStrictEqual(said.filter((why) => why === WRONG).length, 1, said.join());
        assert.strictEqual(said.filter((why) => CROWDED.test(why)).length, 4, said.join());
        assert.ok(Date.now() - began >= 900, `${Date.now() - began} ms`);
        assert.strictEqual((await broker.counters()).admin_ui_refusals, before_ + 5);
        await (await AdminClient.open(broker.port)).told('config');
    });

    test('a client that goes before it is answered is forgotten', async () => {
        for (let i = 0; i < 20; i++) {
            const admin = new AdminClient(broker.port, { username: USER, password: `${i}` });
            await event(admin.socket.io, 'open');
            admin.close();
        }
        await eventually(() => AdminClient.open(broker.port).catch(() => false), 'another gets in');
    });

    test('a client of 0.9 has no words to log in with', async () => {
        const client = await connect(broker.port, { version: '0.9.16' });
        const admin = client.of('/admin');
        await Promise.any([admin.next('connect_failed'), admin.next('error')]);
        assert.ok(client.connected);
    });
});

describe('settings', suite, () => {
    const REFUSED = {
        'no auth': [{ mode: 'production' }, /"admin ui"\."auth": must be said/],
        'basic without a password': [{ mode: 'production', auth: 'basic', username: 'a' },
            /needs "username" and "password"/],
        'a password that is no hash': [{ password: 'changeit' }, /"password".* bcrypt hash/],
        'a hash that takes minutes': [{ password: HASH.replace('$04$', '$20$') },
            /cost of 04 to 14/],
        'a hash that is short': [{ password: HASH.slice(0, -1) }, /bcrypt hash/],
        'the default namespace': [{ namespace: '/' }, /namespace/],
        'a page like the resource': [{ ...SETTINGS, page: '/socket.io/' }, /"page"/],
        'another mode': [{ mode: 'verbose' }, /production or development/],
    };
    for (const [what, [settings, why]] of Object.entries(REFUSED))
        test(`refused: ${what}`, async () => {
            const { code, stderr } = await runBroker(['--port', '0', '--config',
                writeConfig({ 'admin ui': settings })]);
            assert.notStrictEqual(code, 0);
            assert.match(stderr, why);
            assert.ok(!stderr.includes(HASH.slice(8)), 'a hash is not told');
        });

    test('off: neither namespace nor page', async () => {
        const broker = await startBroker({ contract: true });
        assert.strictEqual(await AdminClient.refused(broker.port), 'Invalid namespace');
        const response = await http.get(broker.port, '/admin/');
        assert.ok(!response.text.includes('Admin UI'));
        await broker.stop();
    });

    test('announce: the namespace lets nobody in', async () => {
        const broker = await start({ mode: 'announce' });
        assert.strictEqual(await AdminClient.refused(broker.port),
            'the Admin UI is not served here');
        assert.ok(!(await http.get(broker.port, '/admin/')).text.includes('Admin UI'));
        await broker.stop();
    });

    test('none: anybody, and the log says so', async () => {
        const broker = await start({ auth: 'none' });
        const admin = await AdminClient.open(broker.port, {});
        await admin.told('config');
        assert.deepStrictEqual(admin.all('session'), []);
        assert.match(broker.log, /"admin ui"\."auth" is none/);
        await broker.stop();
    });

    test('production: figures alone', async () => {
        const broker = await start({ mode: 'production' });
        const admin = await AdminClient.open(broker.port);
        const [config] = await admin.told('config');
        assert.deepStrictEqual(config.supportedFeatures.slice(-1), ['AGGREGATED_EVENTS']);
        const client = await connect(broker.port);
        client.emit('echo', 1);
        await admin.told('server_stats', (stats) => stats.clientsCount === 2 &&
            stats.aggregatedEvents.some(({ type }) => type === 'packetsIn'));
        assert.deepStrictEqual([...new Set(admin.heard.map(({ name }) => name))].sort(),
            ['config', 'server_stats', 'session']);
        await broker.stop();
    });
});

describe('commands', suite, () => {
    let broker, admin;
    before(async () => { broker = await start(); });
    after(() => broker.stop());

    const done = async () => (await broker.counters()).admin_ui_commands;
    const refused = async () => (await broker.counters()).admin_ui_refusals;

    test('join, emit to the room, leave, disconnect', async () => {
        admin = await AdminClient.open(broker.port);
        const [a, b] = [await connect(broker.port), await connect(broker.port)];
        const [idOfA, idOfB] = [a.id, b.id];
        const heard = [];
        for (const [i, client] of [a, b].entries())
            client.on('news', (...args) => heard.push([i, ...args]));
        admin.emit('join', '/', 'r', idOfA);
        await admin.told('room_joined', (nsp, room, id) => room === 'r' && id === idOfA);
        admin.emit('emit', '/', 'r', 'news', 1, Buffer.from('x'));
        admin.emit('emit', '/', null, 'news', 2);
        await eventually(() => heard.length === 3, 'the news');
        assert.deepStrictEqual(heard.map(([i, n]) => `${i}:${n}`).sort(), ['0:1', '0:2', '1:2']);
        assert.deepStrictEqual(heard.find(([, n]) => n === 1)[2], Buffer.from('x'));
        admin.emit('leave', '/', 'r');
        await admin.told('room_left', (nsp, room, id) => room === 'r' && id === idOfA);
        admin.emit('_disconnect', '/', false, idOfB);
        await admin.told('socket_disconnected', (nsp, id) => id === idOfB);
        assert.ok(a.connected);
        assert.strictEqual(await done(), 5);
    });

    const BAD = [
        ['join'], ['join', '/'], ['join', '/', ''], ['join', '/', 5], ['join', '/', ['r']],
        ['join', '/nowhere', 'r'], ['join', {}, 'r'], ['join', null, 'r'], ['join', '/', 'r', 7],
        ['join', '/', 'r', { a: 1 }], ['join', '/', 'r'.repeat(5000)],
        ['join', '/', 'r', 'f'.repeat(5000)], ['join', '/', 'nul\u0000'],
        ['join', '/', 'r', 'n\u0000'],
        ['leave', '/'], ['leave', '/nowhere', 'r'], ['leave', '/', { r: 1 }],
        ['_disconnect'], ['_disconnect', '/'], ['_disconnect', '/', 'yes'], ['_disconnect', '/', 1],
        ['_disconnect', '/nowhere', true], ['_disconnect', '/', true, ['a']],
        ['emit'], ['emit', '/'], ['emit', '/', null], ['emit', '/', null, 5],
        ['emit', '/', null, { a: 1 }], ['emit', '/nowhere', null, 'x'], ['emit', '/', 3, 'x'],
        ['emit', Buffer.from('x'), null, 'x'], ['emit', '/', Buffer.from('x'), 'x'],
    ];
    test('of wrong types, for no namespace, or without what they need are refused', async () => {
        admin = await AdminClient.open(broker.port);
        const client = await connect(broker.port);
        const [before_, doneBefore] = [await refused(), await done()];
        for (const command of BAD)
            admin.emit(...command);
        await eventually(async () => await refused() >= before_ + BAD.length,
            async () => `${await refused()}`);
        assert.strictEqual(await refused(), before_ + BAD.length);
        assert.strictEqual(await done(), doneBefore);
        assert.ok(client.connected && admin.socket.connected);
    });

    test('an unknown room or id is nobody', async () => {
        admin = await AdminClient.open(broker.port);
        const client = await connect(broker.port);
        const before_ = await done();
        admin.emit('_disconnect', '/', true, 'nobody');
        admin.emit('join', '/', 'x', 'nobody');
        await eventually(async () => await done() === before_ + 2, 'both are done');
        assert.ok(client.connected);
    });

    test('others than clients of the Admin UI can not give them', async () => {
        const client = await connect(broker.port);
        const before_ = await done();
        client.emit('_disconnect', '/', true);
        client.emit('join', '/', 'x', client.id);
        assert.deepStrictEqual(await client.ask('echo', 1), [1]);
        assert.strictEqual(await done(), before_);
    });

    test('readonly: no features, and none is done', async () => {
        const other = await start({ readonly: true });
        const reader = await AdminClient.open(other.port);
        const client = await connect(other.port);
        const [config] = await reader.told('config');
        assert.deepStrictEqual(config.supportedFeatures, ['AGGREGATED_EVENTS', 'ALL_EVENTS']);
        for (const command of [['join', '/', 'r'], ['leave', '/', 'r'], ['_disconnect', '/', true],
            ['emit', '/', null, 'x']])
            reader.emit(...command);
        await eventually(async () => (await other.counters()).admin_ui_refusals === 4, 'refusals');
        assert.strictEqual((await other.counters()).admin_ui_commands, 0);
        assert.ok(client.connected);
        await other.stop();
    });
});

describe('limits of development mode', suite, () => {
    test('events of a second, their length, and sockets that are listed', async () => {
        const broker = await start({ 'max events per second': 50, 'max sockets': 3 });
        const clients = await Promise.all(Array.from({ length: 5 }, () => connect(broker.port)));
        const admin = await AdminClient.open(broker.port);
        const [sockets] = await admin.told('all_sockets');
        assert.strictEqual(sockets.length, 3);
        await clients[0].ask('echo', 'x'.repeat(10000));
        const [, , long] = await admin.told('event_received', (nsp, id) => id === clients[0].id);
        assert.deepStrictEqual(long, ['echo', '(10008 bytes)']);
        for (let i = 0; i < 1000; i++)
            clients[1].emit('echo', i);
        await clients[1].ask('echo', 'end');
        await eventually(async () => (await broker.counters()).admin_ui_dropped > 0, 'dropped');
        assert.ok(admin.socket.connected);
        await broker.stop();
    });

    test('nobody looks: nothing is told, and nothing counted', async () => {
        const broker = await start({ 'max events per second': 1 });
        const admin = await AdminClient.open(broker.port);
        await admin.told('server_stats');
        admin.close();
        await eventually(async () => (await broker.counters()).sessions === 0, 'it has gone');
        const client = await connect(broker.port);
        const dropped = () => broker.counters().then((counters) => counters.admin_ui_dropped);
        await eventually(async () => {
            const before_ = await dropped();
            for (let i = 0; i < 20; i++)
                await client.ask('echo', i);
            return await dropped() === before_;
        }, 'it does not look any more');
        await broker.stop();
    });
});

describe('several instances', suite, () => {
    let redis, brokers;
    before(async () => {
        redis = await startRedis();
        brokers = await Promise.all(['Server1', 'Server2'].map((name) => startBroker({
            contract: true, config: { name, 'admin ui': SETTINGS },
            args: ['--redis', redis.url] })));
        await Promise.all(brokers.map((broker) => eventually(
            async () => (await broker.counters()).peers === 1, 'they know each other')));
    });
    after(async () => {
        await Promise.all(brokers.map((broker) => broker.stop()));
        await redis.stop();
    });

    test('one view of all, and a session that is good on each', async () => {
        const admin = await AdminClient.open(brokers[0].port);
        const [session] = await admin.told('session');
        await eventually(() => admin.servers.size === 2, () => `${[...admin.servers.keys()]}`);
        const left = await redis.command('TTL', `sio:client:socket.io-admin#${session}`);
        assert.ok(Number(left) > 86300 && Number(left) <= 86400, left);
        const client = await connect(brokers[1].port);
        const who = client.id;
        await admin.told('socket_connected', (socket) => socket.id === who);
        await client.ask('echo', 7);
        await admin.told('event_received', (nsp, id, args) => id === who && args[1] === 7);
        const other = await AdminClient.open(brokers[1].port, { sessionId: session });
        const [sockets] = await other.told('all_sockets');
        const listed = sockets.find(({ id }) => id === who);
        assert.strictEqual(listed.transport, 'websocket');
        assert.strictEqual(listed.clientId.length, 12);
        assert.deepStrictEqual(listed.data, {});
        assert.ok(sockets.some(({ id, nsp }) => nsp === '/admin' && id === admin.socket.id));
        other.emit('_disconnect', '/', true, who);
        await admin.told('socket_disconnected', (nsp, id) => id === who);
    });

    test('forged messages in Redis cost nothing', async () => {
        const admin = await AdminClient.open(brokers[0].port);
        await admin.told('config');
        const channels = await redis.command('PUBSUB', 'CHANNELS', '*');
        for (const channel of channels.split('\n').filter((name) => name !== ''))
            for (const payload of ['', 'x', '/admin', '["siobroker:admin_ui_watched"]'])
                await redis.command('PUBLISH', channel, payload);
        await redis.command('HSET', 'sio:client:socket.io-admin#0123456789abcdef', 'proof',
            'f'.repeat(64));
        assert.strictEqual(await AdminClient.refused(brokers[0].port,
            { sessionId: '0123456789abcdef' }), WRONG);
        await eventually(() => admin.servers.size === 2, 'both are still there');
    });
});

describe('workers', suite, () => {
    test('one view of all, and a session that is good at each', async () => {
        const broker = await start({}, { workers: 2 });
        const admin = await AdminClient.open(broker.port);
        const [session] = await admin.told('session');
        await eventually(() => admin.servers.size === 2, () => `${[...admin.servers.keys()]}`);
        const clients = await Promise.all(Array.from({ length: 6 }, () => connect(broker.port)));
        for (const client of clients)
            await admin.told('socket_connected', (socket) => socket.id === client.id);
        await Promise.all(clients.map(async () => {
            const again = await AdminClient.open(broker.port, { sessionId: session });
            const [sockets] = await again.told('all_sockets');
            for (const client of clients)
                assert.ok(sockets.some(({ id }) => id === client.id));
        }));
        await broker.stop();
    });
});

describe('the page', suite, () => {
    let broker;
    before(async () => { broker = await start(); });
    after(() => broker.stop());

    test('index, files beside it, and what they are', async () => {
        const page = await http.get(broker.port, '/admin/');
        assert.strictEqual(page.status, 200);
        assert.match(page.get('Content-Type'), /^text\/html/);
        assert.strictEqual(page.get('X-Frame-Options'), 'DENY');
        const names = [...page.text.matchAll(/(?:src|href)="((?:js|css|favicon)[^"]*)"/g)]
            .map(([, name]) => name);
        assert.ok(names.length >= 5, page.text);
        for (const name of names) {
            const file = await http.get(broker.port, `/admin/${name}`);
            assert.strictEqual(file.status, 200, name);
            assert.match(file.get('Content-Type'), /javascript|css|png/);
            const again = await http.get(broker.port, `/admin/${name}?x=1`,
                { 'If-None-Match': file.get('ETag') });
            assert.strictEqual(again.status, 304);
        }
        const zipped = await http.get(broker.port, '/admin/', { 'Accept-Encoding': 'gzip' });
        assert.strictEqual(zlib.gunzipSync(zipped.body).toString(), page.text);
    });

    const ROWS = {
        'without the slash': ['GET', '/admin', 301],
        'no such file': ['GET', '/admin/x.js', 404],
        'a folder': ['GET', '/admin/js/', 404],
        'a way out': ['GET', '/admin/../siobroker', 404],
        'an encoded way out': ['GET', '/admin/%2e%2e/etc/passwd', 404],
        'a map': ['GET', '/admin/js/app.js.map', 404],
        'another method': ['DELETE', '/admin/', 405],
        'a head': ['HEAD', '/admin/', 200],
    };
    for (const [what, [method, target, status]] of Object.entries(ROWS))
        test(what, async () => {
            const response = await http.request(broker.port, { method, target });
            assert.strictEqual(response.status, status, response.text);
            if (status === 301)
                assert.strictEqual(response.get('Location'), '/admin/');
        });

    test('a path that begins alike is not it', async () => {
        const response = await http.get(broker.port, '/administration');
        assert.ok(!response.text.includes('Admin UI'));
    });
});
