'use strict';
/*
 * Webhooks: what backends are told, and what becomes of their answers. Each request is verified by
 * the library of Standard Webhooks (lib/backend.js).
 */

const assert = require('node:assert');
const { test, describe, after, afterEach } = require('node:test');
const { Webhook } = require('standardwebhooks');
const { Backend, settings, SECRET, ENV } = require('../lib/backend.js');
const { eventually, within } = require('../lib/deadline.js');
const { VERSIONS, begin, leave, leaveAll } = require('../lib/modern.js');
const { REFERENCE, runBroker, startBroker, writeConfig } = require('../lib/server.js');

const OLD_SECRET = 'whsec_YW4gb2xkIHNlY3JldCBvZiBiZWZvcmUgdGhlIG5ldw==';
const suite = { skip: REFERENCE };
const begun = [];

/* A broker with these backends: [answers, settings, options]. */
async function start(...all) {
    const backends = await Promise.all(all.map(([answers, , options]) =>
        new Backend(answers, options).start()));
    const broker = await startBroker({ env: { ...ENV, OLD_SECRET }, config: {
        backends: backends.map((backend, i) => settings(backend, all[i][1])) } });
    begun.push(broker, ...backends);
    return [broker, ...backends];
}

async function connect(broker, options) {
    const client = begin(broker.port, options);
    await client.next('connect');
    return client;
}

afterEach(async () => {
    leaveAll();
    const ended = begun.splice(0);
    for (const one of ended)
        await (one.stop && one.program ? one.stop() : one.end());
});
after(leaveAll);

describe('what a backend is told', suite, () => {
    test('of a client that connects, emits and leaves', async () => {
        const [broker, backend] = await start([{
            connect: () => ({ user: '42', data: { name: 'Ann' }, join: ['a', 'b'] }),
            event: () => ({ leave: 'b', ack: ['ok', 1] }),
        }, { 'pass headers': ['cookie'], headers: ['x-app: 1'] }]);
        const client = await connect(broker, { auth: { token: 'secret' }, query: { q: '1' },
            way: 'websocket', extraHeaders: { cookie: 'sid=1' } });
        assert.deepStrictEqual(await client.ask('say', 'hi', { n: 1.0 }), ['ok', 1]);
        const id = client.id;
        leave(client);
        const [left] = await backend.told('disconnect', 1);
        const [connected, said] = backend.events;

        assert.strictEqual(connected.type, 'connect');
        assert.match(connected.id, /^[\w-]{26}$/);
        assert.ok(Math.abs(Date.now() - connected.time) < 60000);
        assert.strictEqual(connected.namespace, '/');
        assert.deepStrictEqual(connected.socket,
            { id, address: connected.socket.address, transport: 'websocket' });
        assert.match(connected.socket.address, /127\.0\.0\.1$/);
        assert.deepStrictEqual(connected.auth, { token: 'secret' });
        assert.strictEqual(connected.query.q, '1');
        assert.strictEqual(connected.headers.cookie, 'sid=1');
        assert.match(connected.url, /^\/socket\.io\//);
        assert.strictEqual(connected.recovered, false);

        assert.strictEqual(said.type, 'event');
        assert.deepStrictEqual([said.name, said.args], ['say', ['hi', { n: 1 }]]);
        assert.deepStrictEqual([said.socket.user, said.socket.data], ['42', { name: 'Ann' }]);
        assert.match(said.ack, /^[\w-]+\.[\w-]+$/);

        assert.deepStrictEqual([left.socket.id, left.socket.user, left.socket.data],
            [id, '42', { name: 'Ann' }]);
        assert.deepStrictEqual(left.socket.rooms, ['user:42', 'a']);
        assert.match(left.reason, /client namespace disconnect|transport close/);

        for (const headers of backend.requests) {
            assert.strictEqual(headers['content-type'], 'application/json');
            assert.strictEqual(headers['siobroker-instance'], 'siobroker');
            assert.strictEqual(headers['siobroker-attempt'], '1');
            assert.strictEqual(headers['x-app'], '1');
            assert.match(headers['webhook-id'], /^msg_[\w-]{22}$/);
        }
        assert.strictEqual(backend.requests[0].cookie, 'sid=1');
        assert.strictEqual(backend.requests[1].cookie, 'sid=1');
    });

    test('attachments are base64, both ways', async () => {
        const [broker, backend] = await start([{
            event: ({ args, attachments }) => ({ ack: args, attachments }),
        }]);
        const client = await connect(broker);
        const bytes = Buffer.from([0, 1, 254, 255]);
        const [answer] = await client.ask('bytes', { file: bytes });
        assert.deepStrictEqual(answer.file, bytes);
        const [event] = backend.of('event');
        assert.deepStrictEqual(event.args, [{ file: { _placeholder: true, num: 0 } }]);
        assert.deepStrictEqual(event.attachments, [bytes.toString('base64')]);
    });

    test('headers of the client in each event, if a backend wants them', async () => {
        const [broker, backend, other] = await start(
            [{ event: () => ({ ack: [] }) }, { include: ['headers', 'rooms'], events: ['say'] }],
            [{ event: () => ({ ack: [] }) }, { name: 'other', lifecycle: false }]);
        const client = await connect(broker, { way: 'websocket',
            extraHeaders: { cookie: 'sid=1' } });
        await client.ask('say', 'hi');
        await client.ask('sing', 'la');
        leave(client);
        await backend.told('disconnect', 1);
        const [connected, said, left] = backend.events;
        assert.strictEqual(connected.headers.cookie, 'sid=1');
        assert.deepStrictEqual(said.headers, connected.headers);
        assert.deepStrictEqual(left.headers, connected.headers);
        assert.deepStrictEqual(said.socket.rooms, []);
        const [sung] = other.of('event');
        assert.deepStrictEqual([sung.headers, sung.socket.rooms], [undefined, undefined]);
    });

    test('what a client of 0.9 sends is an event like any other', async () => {
        const [broker, backend] = await start([{ event: ({ args }) => ({ ack: args }) }]);
        const client = await connect(broker, { version: '0.9.16' });
        assert.deepStrictEqual(await client.ask('say', 1), [1]);
        client.send('hello');
        await backend.told('event', 2);
        assert.deepStrictEqual(backend.of('event').map(({ name, args }) => [name, args]),
            [['say', [1]], ['message', ['hello']]]);
    });

    test('both secrets sign while one is replaced', async () => {
        const [broker, backend] = await start([{}, { 'old secret': 'env:OLD_SECRET' },
            { secret: OLD_SECRET }]);
        const fresh = new Webhook(SECRET);
        backend.intercept = (request, body) => {
            fresh.verify(body, request.headers);
            return false;
        };
        leave(await connect(broker));
        await backend.told('disconnect', 1);
        assert.strictEqual(backend.requests[0]['webhook-signature'].split(' ').length, 2);
    });
});

describe('what it answers', suite, () => {
    test('has at most 1,000 commands: of one more none is done', async () => {
        const command = { do: 'emit', to: 'everyone', name: 'done', args: [] };
        const [broker, backend] = await start([{
            connect: () => ({ join: 'everyone' }),
            event: ({ args: [n] }) => ({ do: Array(n).fill(command) }),
        }, { 'on failure': 'drop' }]);
        const client = await connect(broker);
        let n = 0;
        client.on('done', () => n++);
        for (const many of [1001, 10001])
            client.emit('do', many);
        await backend.told('event', 2);
        client.emit('do', 1000);
        await eventually(() => n === 1000, 'a thousand are done');
        client.emit('do', 1);
        await eventually(() => n === 1001, 'and nothing else');
        assert.strictEqual((await broker.counters()).bad_answers, 2);
    });

    test('is done in order, in rooms that were just joined', async () => {
        const [broker] = await start([{
            connect: ({ socket }) => ({ join: 'all',
                emit: [['first', socket.id], ['second']],
                do: [{ do: 'emit', to: 'all', name: 'third', args: [3] }] }),
            event: ({ name }) => (name === 'leave' ? { disconnect: true } : null),
        }]);
        const client = begin(broker.port, { way: 'websocket' });
        const heard = [];
        for (const name of ['first', 'second', 'third'])
            client.on(name, (...args) => heard.push([name, ...args]));
        await eventually(() => heard.length === 3, 'three events');
        assert.deepStrictEqual(heard, [['first', client.id], ['second'], ['third', 3]]);
        const left = client.next('disconnect');
        client.emit('leave');
        assert.deepStrictEqual((await left)[0], 'io server disconnect');
    });

    test('may let a client begin again, of any version', async () => {
        const [broker, backend] = await start([{
            event: ({ name }) => (name === 'who am I?' ? { disconnect: 'reconnect' } : null) }]);
        for (const version of Object.keys(VERSIONS)) {
            const client = await connect(broker, { version, transports: ['websocket'],
                'connect timeout': 30000 });
            const n = backend.of('connect').length;
            const back = client.next('connect');
            client.emit('who am I?');
            await back;
            await backend.told('connect', n + 1);
            leave(client);
        }
        await backend.told('disconnect', Object.keys(VERSIONS).length);
        assert.ok(backend.of('disconnect').some(({ reason }) => reason === 'backend restarted'));
    });

    test('a refusal is for good, with its words', async () => {
        const refusals = [{ error: { message: 'no', data: { code: 7 } } }, { accept: false }];
        const [broker, backend] = await start([{ connect: () => refusals.shift() }]);
        for (const [message, data] of [['no', { code: 7 }], ['unauthorized', undefined]]) {
            const client = begin(broker.port);
            const [error] = await client.refused();
            assert.deepStrictEqual([error.message, error.data], [message, data]);
            assert.ok(!client.socket.active);
        }
        assert.strictEqual(backend.of('disconnect').length, 0);
    });

    test('401 and 403 refuse, too', async () => {
        const [broker, backend] = await start([{}]);
        const answers = [[401, ''], [403, '{"error":{"message":"go"}}'], [403, '<html>']];
        backend.intercept = (request, body, response) => {
            const [status, text] = answers.shift();
            response.statusCode = status;
            response.end(text);
            return true;
        };
        for (const message of ['unauthorized', 'go', 'unauthorized']) {
            const client = begin(broker.port);
            const [error] = await client.refused();
            assert.strictEqual(error.message, message);
        }
    });

    test('nothing, in all its forms', async () => {
        const forms = [[204, ''], [200, ''], [200, 'null'], [200, '{}'],
            [200, '{"answers":[null]}'], [200, '{"answers":[{}]}'],
            [200, '{"answers":[{"join":null,"what":1}]}']];
        const [broker, backend] = await start([{}]);
        const n = forms.length;
        backend.intercept = (request, body, response) => {
            if (!body.includes('"type":"connect"'))
                return false;
            [response.statusCode] = forms[0];
            response.end(forms.shift()[1]);
            return true;
        };
        for (let i = 0; i < n; i++)
            begin(broker.port).on('connect', () => {});
        await eventually(async () => (await broker.counters()).sessions === n && forms.length === 0,
            'all are in');
        assert.strictEqual((await broker.counters()).bad_answers, 0);
    });

    test('what can not be read ends the connection, and the client comes back', async () => {
        const bad = ['{', '[]', '{"answers":[]}', '{"answers":[null,null]}', '{"answers":[7]}',
            '{"join":7}', '{"ack":{}}', '{"emit":[[1]]}', '{"do":[1]}', '{"user":7}',
            '{"data":[]}', '{"disconnect":"x"}'];
        const [broker, backend] = await start([{ event: () => ({ ack: ['ok'] }) }]);
        const client = await connect(broker);
        for (const text of bad) {
            backend.intercept = (request, body, response) => {
                if (!body.includes('"type":"event"'))
                    return false;
                response.end(text);
                backend.intercept = () => false;
                return true;
            };
            const left = client.next('disconnect'), back = client.next('connect');
            client.emit('say', text);
            assert.deepStrictEqual((await left)[0], 'transport close', text);
            await back;
            assert.deepStrictEqual(await client.ask('say'), ['ok'], text);
        }
        assert.strictEqual((await broker.counters()).bad_answers, bad.length);
    });

    test('commands that have a result are refused, and the rest is done', async () => {
        const [broker] = await start([{ event: () => ({
            do: [{ do: 'count' }, { do: 'nothing' }, { do: 'emit', name: 'done' }] }) }]);
        const client = await connect(broker);
        const done = client.next('done');
        client.emit('go');
        await done;
        assert.strictEqual((await broker.counters()).bad_answers, 2);
    });

    test('with "drop", the client stays and is not acknowledged', async () => {
        const [broker, backend] = await start([{ event: () => ({ ack: ['ok'] }) },
            { 'on failure': 'drop' }]);
        const client = await connect(broker);
        backend.intercept = (request, body, response) => {
            if (!body.includes('lost'))
                return false;
            response.statusCode = 400;
            response.end();
            return true;
        };
        client.emit('lost', () => assert.fail('acknowledged'));
        assert.deepStrictEqual(await client.ask('say'), ['ok']);
        assert.strictEqual((await broker.counters()).backend_given_up, 1);
        assert.strictEqual(client.connected, true);
    });
});

describe('which backend', suite, () => {
    test('the first one that wants an event hears it, or nobody', async () => {
        const [broker, orders, app] = await start(
            [{ event: () => ({ ack: ['orders'] }) },
                { name: 'orders', events: ['order:*', 'buy'], lifecycle: false }],
            [{ event: () => ({ ack: ['app'] }) }, { events: ['say', 'order:x'] }]);
        const client = await connect(broker);
        for (const [name, who] of [['order:x', 'orders'], ['buy', 'orders'], ['say', 'app']])
            assert.deepStrictEqual(await client.ask(name), [who]);
        client.emit('unknown', () => assert.fail('acknowledged'));
        assert.deepStrictEqual(await client.ask('say'), ['app']);
        assert.strictEqual((await broker.counters()).unrouted_events, 1);
        assert.strictEqual(orders.of('connect').length, 0);
        assert.strictEqual(app.of('connect').length, 1);
    });

    test('namespaces of a backend are there, and others are not', async () => {
        const [broker, backend] = await start([{}, { namespaces: ['/chat'] }]);
        const chat = await connect(broker, { namespace: '/chat' });
        assert.strictEqual(backend.of('connect')[0].namespace, '/chat');
        const [error] = await begin(broker.port, { namespace: '/other' }).refused();
        assert.match(error.message, /namespace/i);
        leave(chat);
    });
});

describe('a backend that fails', suite, () => {
    test('is asked again, under the same id', async () => {
        const ids = [];
        const [broker, backend] = await start([{ event: () => ({ ack: ['ok'] }) }]);
        const client = await connect(broker);
        backend.intercept = (request, body, response) => {
            ids.push([request.headers['webhook-id'], request.headers['siobroker-attempt'], body]);
            if (ids.length > 2)
                return false;
            response.statusCode = 500 + 3 * (ids.length - 1);
            response.end();
            return true;
        };
        assert.deepStrictEqual(await client.ask('say'), ['ok']);
        assert.deepStrictEqual(ids.map(([, attempt]) => attempt), ['1', '2', '3']);
        assert.strictEqual(new Set(ids.map(([id]) => id)).size, 1);
        assert.strictEqual(new Set(ids.map(([, , body]) => body)).size, 1);
        assert.strictEqual((await broker.counters()).backend_retries, 2);
    });

    test('an event that is given up ends the connection; no later one is delivered', async () => {
        const [broker, backend] = await start([{}, { 'retry for': 0 }]);
        const client = await connect(broker);
        backend.intercept = (request, body, response) => {
            if (!body.includes('"type":"event"'))
                return false;
            response.statusCode = 503;
            response.end();
            return true;
        };
        const back = client.next('connect');
        for (let i = 0; i < 5; i++)
            client.emit('say', i);
        await back;
        await backend.told('disconnect', 1);
        assert.strictEqual(backend.of('event').length, 0);
        assert.ok((await broker.counters()).backend_given_up >= 1);
    });

    test('with "at most once", what may have been read is not sent again', async () => {
        let n = 0;
        const [broker, backend] = await start([{}, { 'at most once': true, 'on failure': 'drop' }]);
        const client = await connect(broker);
        backend.intercept = (request, body) => {
            if (!body.includes('lost'))
                return false;
            n++;
            request.socket.destroy();
            return true;
        };
        client.emit('lost');
        await acknowledgedOrNot(client, backend);
        assert.strictEqual(n, 1);
    });

    test('one that never answers refuses nobody', async () => {
        const [broker, backend] = await start([{ connect: () => ({ emit: [['in']] }) },
            { 'connect within': 0.5, timeout: 0.2 }]);
        backend.intercept = () => true;
        const client = begin(broker.port);
        await eventually(async () => (await broker.counters()).turned_away >= 2, 'it came back');
        backend.intercept = () => false;
        await client.next('in');
    });

    test('a kept connection that closes costs nothing', async () => {
        const [broker, backend] = await start([{ event: ({ args }) => ({ ack: args }) }]);
        const client = await connect(broker);
        for (let i = 0; i < 30; i++) {
            if (i % 3 === 0)
                for (const connection of backend.connections)
                    connection.destroy();
            assert.deepStrictEqual(await client.ask('n', i), [i]);
        }
        assert.deepStrictEqual(backend.of('event').map(({ args }) => args[0]),
            Array.from({ length: 30 }, (_, i) => i));
    });

    /* What is told next comes after what was given up. */
    async function acknowledgedOrNot(client, backend) {
        client.emit('later');
        await eventually(() => backend.of('event').some(({ name }) => name === 'later'), 'later');
    }
});

describe('a backend that is slow', suite, () => {
    test('holds back its clients, and hears all in order', async () => {
        const N = 3000;
        let open;
        const opened = new Promise((resolve) => { open = resolve; });
        const [broker, backend] = await start([{ event: () => opened.then(() => null) },
            { 'max batch': 100, 'max events per socket': 50, timeout: 60 }]);
        const client = await connect(broker, { way: 'websocket' });
        const filler = 'x'.repeat(2000);
        for (let i = 0; i < N; i++)
            client.emit('n', i, filler);
        await eventually(async () => (await broker.counters()).backend_paused === 1, 'it is held');
        assert.ok((await broker.counters()).backend_queue <= 60);
        open();
        await within(backend.told('event', N), `${N} events`);
        assert.deepStrictEqual(backend.of('event').map(({ args }) => args[0]),
            Array.from({ length: N }, (_, i) => i));
        assert.strictEqual((await broker.counters()).backend_paused, 0);
        assert.strictEqual(client.connected, true);
    });

    test('one whose queue is full ends the connection that came last', async () => {
        let open;
        const opened = new Promise((resolve) => { open = resolve; });
        const [broker, backend] = await start([{ event: () => opened.then(() => null) },
            { 'max queued events': 5 }]);
        const client = await connect(broker);
        const left = client.next('disconnect');
        for (let i = 0; i < 10; i++)
            client.emit('n', i);
        assert.deepStrictEqual((await left)[0], 'transport close');
        assert.ok((await broker.counters()).backend_overloaded >= 1);
        open();
        await backend.told('disconnect', 1);
    });
});

describe('settings', suite, () => {
    const good = { name: 'app', urls: ['http://127.0.0.1:1/'] };
    const rows = [
        [{ urls: good.urls }, /"backends"\[0\]\."name"/],
        [{ ...good, name: 'App' }, /"backends"\[0\]\."name": must be 1 to 32/],
        [{ ...good, urls: ['http://u:p@a/'] }, /"backends"\[0\]\."urls": must be a list/],
        [{ ...good, timeout: 'x' }, /"backends"\[0\]\."timeout": must be a number of seconds/],
        [{ ...good, tiemout: 1 }, /unknown key; did you mean "timeout"/],
        [{ ...good, headers: ['content-type: x'] }, /"headers": must be/],
        [{ ...good, 'pass headers': ['Cookie'] }, /"pass headers": must be/],
        [{ ...good, 'max requests': 2 }, /"max connects": must not be more than/],
        [{ ...good, 'old secret': SECRET }, /needs a "secret" beside it/],
    ];
    for (const [backend, message] of rows)
        test(`refused: ${message}`, async () => {
            const { code, stderr } = await runBroker(['--check-config',
                '--config', writeConfig({ backends: [backend] })]);
            assert.match(stderr, message);
            assert.strictEqual(code, 2);
        });

    test('two that decide about a namespace', async () => {
        const { stderr } = await runBroker(['--check-config', '--config',
            writeConfig({ backends: [good, { ...good, name: 'other' }] })]);
        assert.match(stderr, /"app" and "other" share a namespace/);
    });

    test('advice, where others may read what is said to a backend', async () => {
        const near = ['http://127.0.0.1/', 'http://[::1]/', 'http://10.1.2.3/', 'http://app/',
            'http://[fd00::1]/', 'http://app.internal/', 'https://app.example/', 'unix:/s:/'];
        const far = ['http://192.0.2.1/', 'http://[2001:db8::1]/', 'http://app.example:8000/'];
        const { stdout, stderr } = await runBroker(['--check-config', '--config',
            writeConfig({ backends: [{ ...good, urls: [...near, ...far] }] })]);
        const lines = (stdout + stderr).split('\n').filter((line) => line.includes('not https'));
        const named = lines.map((line) => /"urls": (\S+) is not https/.exec(line)[1]);
        assert.deepStrictEqual(named, far);
    });
});
