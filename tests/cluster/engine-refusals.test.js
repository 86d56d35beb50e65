'use strict';
/*
 * What a session of Engine.IO refuses, and how it ends: at another instance the answers are those
 * of its own, byte by byte.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startCluster } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const { OPCODE, frame } = require('../lib/ws.js');

const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;
const UPGRADE_TIMEOUT_MS = 6000;
const RESERVED = 11;    /* an opcode that means nothing */
const OCTETS = { 'Content-Type': 'application/octet-stream' };
const WEBSOCKET = { transport: 'websocket' };
const DOOR = ['at its instance', 'at another instance'];

/* All of an answer but the time. */
const whole = ({ head, text }) => `${head.replace(/\r\nDate: [^\r]*/, '')}\r\n\r\n${text}`;

describe('refusals', suite, () => {
    let cluster;
    before(async () => {
        cluster = await startCluster(2, { config: { cors: { origin: true, credentials: true },
            maxPayload: 20000, upgradeTimeout: UPGRADE_TIMEOUT_MS } });
    });
    after(() => cluster.stop());

    /* A client of the first instance. */
    const client = (eio = 4, query) => engine.poll(cluster.ports[0], eio, query);

    /* Its next requests come to instance i. */
    const at = (polling, i) => Object.assign(polling, { port: cluster.ports[i] });

    /* A poll that waits, and that the owner knows of: an answer to another request came later. */
    async function waiting(polling, i) {
        const connection = await http.connect(cluster.ports[i]);
        connection.write(http.format({ target: engine.url(polling.query) }));
        await http.get(cluster.ports[i], '/');
        at(polling, i);
        await polling.post(polling.eio === 3 ? '1:3' : '3');
        return connection;
    }

    const websocket = (polling, i, query = {}, headers = {}) => engine.upgrade(cluster.ports[i],
        polling.eio, { sid: polling.query.sid, ...query }, headers);

    /* scene(i) resolves with what it saw at instance i: the same at both. */
    function same(name, scene) {
        test(name, async () => {
            const here = await scene(0);
            assert.deepStrictEqual(await scene(1), here);
        });
    }

    const REQUESTS = {
        'a poll of another revision': [{ query: { EIO: 3 } }, /"code":3/],
        'a poll of no revision': [{ query: { EIO: 'x' } }, /"code":3/],
        'a POST of another revision': [{ method: 'POST', body: '3', query: { EIO: 3 } },
            /"code":3/],
        'a poll of another transport': [{ query: WEBSOCKET }, /"code":3/],
        'a POST of another transport': [{ method: 'POST', body: '3', query: WEBSOCKET },
            /"code":3/],
        'a transport that there is not': [{ query: { transport: 'x' } }, /"code":0/],
        'a body that is announced too large': [{ method: 'POST',
            headers: { 'Content-Length': 20001 } }, / 413 /],
        PUT: [{ method: 'PUT' }, / 405 /],
        HEAD: [{ method: 'HEAD' }, / 405 /],
        'a method, and another revision': [{ method: 'PUT', query: { EIO: 3 } }, / 405 /],
    };

    for (const [name, [request, expected]] of Object.entries(REQUESTS)) {
        same(`${name}; the session goes on`, async (i) => {
            const polling = at(await client(), i);
            const answer = whole(await polling.raw(request));
            assert.match(answer, expected);
            await engine.assertServed(polling);
            return answer;
        });

        same(`${name}, of a session that there is not`, async (i) => {
            const polling = at(await client(), i);
            polling.query.sid = polling.query.sid.slice(0, 6) + 'x'.repeat(14);
            return whole(await polling.raw(request));
        });
    }

    same('a page may read the refusal', async (i) => {
        const polling = at(await client(), i);
        const answer = whole(await polling.raw({ query: { EIO: 3 },
            headers: { Origin: 'http://page.example' } }));
        assert.match(answer, /Access-Control-Allow-Origin: http:\/\/page\.example/);
        return answer;
    });

    for (const sid of ['\0', 'x', 'zzzzzz', 'z'.repeat(20), 'z'.repeat(40)]) {
        same(`unknown everywhere: "${sid}"`, async (i) => {
            const polling = at(await client(), i);
            const requests = [{}, { method: 'POST', body: '3' }, { method: 'PUT' }];
            return Promise.all(requests.map(async (request) => {
                const answer = await polling.raw({ ...request, query: { sid } });
                engine.assertRefused(answer, 1);
                return whole(answer);
            }));
        });
    }

    for (const first of [0, 1]) {
        same(`a second GET, the first waits ${DOOR[first]}: the session is over`, async (i) => {
            const polling = await client();
            const poll = await waiting(polling, first);
            const second = whole(await at(polling, i).raw());
            assert.match(second, /^HTTP\/1.1 400 /);
            assert.strictEqual((await poll.response()).text, '1');
            poll.destroy();
            engine.assertRefused(await polling.raw(), 1);
            engine.assertRefused(await at(polling, 1 - i).raw(), 1);
            return second;
        });
    }

    same('a second POST while the first is on its way to its instance', async (i) => {
        const polling = await client();
        const first = await http.connect(cluster.ports[0]);
        first.write(http.format({ method: 'POST', target: engine.url(polling.query),
            headers: { 'Content-Length': 100, Expect: '100-continue' } }));
        await first.head();
        const second = whole(await at(polling, i).post('3'));
        assert.match(second, /^HTTP\/1.1 400 /);
        engine.assertRefused(await polling.raw(), 1);
        first.destroy();
        return second;
    });

    for (const [eio, body] of [[4, ''], [4, '42["echo",1]\x1eabc'], [4, '9'], [3, ''], [3, '4a']]) {
        same(`no payload of revision ${eio}: ${JSON.stringify(body)}`, async (i) => {
            const polling = at(await client(eio, { b64: 1 }), i);
            const answers = [await polling.post(body), await polling.raw()];
            assert.deepStrictEqual(answers.map(({ status }) => status), [200, 400]);
            return answers.map(whole);
        });
    }

    same('bytes for revision 4: the session is over', async (i) => {
        const polling = at(await client(), i);
        const answers = [await polling.post('42["echo",1]', OCTETS), await polling.raw()];
        assert.deepStrictEqual(answers.map(({ text }) => text),
            ['', '{"code":1,"message":"Session ID unknown"}']);
        return answers.map(whole);
    });

    same('a POST that is not UTF-8 is repaired', async (i) => {
        const polling = at(await client(), i);
        await polling.post(Buffer.from('42["echo","a\xffb"]', 'latin1'));
        return polling.next();
    });

    same('what the handshake said of b64 holds for every poll', async (i) => {
        const polling = at(await client(3, { b64: 1 }), i);
        delete polling.query.b64;
        const poll = await waiting(polling, i);
        const body = '42:451-["echo",{"_placeholder":true,"num":0}]10:b4AQIDBA==';
        await polling.post(body);
        const answer = await poll.response();
        assert.strictEqual(answer.text, body);
        poll.destroy();
        return whole(answer);
    });

    same('a POST that is cut ends the session', async (i) => {
        const polling = await client();
        const poll = await waiting(polling, 0);
        const post = await http.connect(cluster.ports[i]);
        post.write(http.format({ method: 'POST', target: engine.url(polling.query),
            headers: { 'Content-Length': 100, Expect: '100-continue' } }));
        await post.head();
        post.destroy();
        assert.strictEqual((await poll.response()).text, '1');
        poll.destroy();
        engine.assertRefused(await at(polling, i).post('3'), 1);
    });

    same('a GET that is cut ends the session', async (i) => {
        const polling = await client();
        (await waiting(polling, i)).destroy();
        const answer = await eventually(async () => {
            const response = await at(polling, i).raw({ method: 'PUT' });
            return response.status === 400 && response;
        }, 'the session is over');
        return whole(answer);
    });

    /* --- The end of a session: its poll waits here or there, as does the next one. --- */

    for (const eio of [3, 4]) {
        const body = (packet) => engine.encode(eio, [packet]);

        for (const next of [0, 1]) {
            same(`revision ${eio}: kicked, its next poll comes ${DOOR[next]}`, async (i) => {
                const polling = await client(eio);
                const poll = await waiting(polling, i);
                await polling.post(body('42["kick"]'));
                const told = await poll.response();
                assert.deepStrictEqual(engine.decode(eio, told), ['41']);
                poll.destroy();
                const last = await at(polling, next).raw();
                assert.deepStrictEqual(engine.decode(eio, last), ['6', '1']);
                engine.assertRefused(await polling.raw(), 1);
                return [whole(told), whole(last)];
            });
        }

        same(`revision ${eio}: kicked, no poll waits`, async (i) => {
            const polling = at(await client(eio), i);
            await polling.post(body('42["kick"]'));
            const polls = [await polling.raw(), await polling.raw(), await polling.raw()];
            assert.deepStrictEqual(polls.slice(0, 2).map((poll) => engine.decode(eio, poll)),
                [['41'], ['6', '1']]);
            return polls.map(whole);
        });

        same(`revision ${eio}: the client closes, its poll gets a noop`, async (i) => {
            const polling = await client(eio);
            const poll = await waiting(polling, i);
            const posted = await polling.post(body('1'));
            const told = await poll.response();
            assert.deepStrictEqual(engine.decode(eio, told), ['6']);
            poll.destroy();
            return [posted, told, await polling.raw()].map(whole);
        });

        same(`revision ${eio}: the server closes, its poll is told`, async (i) => {
            const polling = await client(eio);
            const poll = await waiting(polling, i);
            await polling.post(eio === 3 ? '1:9' : 'x');
            const told = await poll.response();
            assert.deepStrictEqual(engine.decode(eio, told), ['1']);
            poll.destroy();
            return whole(told);
        });
    }

    /* --- Upgrades. --- */

    const UPGRADES = {
        'of another revision': [{ EIO: 3 }, {}, /"code":3/],
        'of no revision': [{ EIO: 'x' }, {}, /"code":3/],
        'of another transport': [{ transport: 'polling' }, {}, /"code":3/],
        'without a key': [{}, { 'Sec-WebSocket-Key': null }, /"code":3/],
        'of another version': [{}, { 'Sec-WebSocket-Version': '12' }, /Version: 13/],
    };

    for (const [name, [query, headers, expected]] of Object.entries(UPGRADES)) {
        same(`an upgrade ${name}`, async (i) => {
            const polling = await client();
            const socket = await websocket(polling, i, query, headers);
            const unknown = await websocket(polling, i,
                { ...query, sid: polling.query.sid.slice(0, 6) + 'x'.repeat(14) }, headers);
            assert.match(whole(socket.answer), expected);
            await engine.assertServed(at(polling, i));
            return [socket, unknown].map(({ answer }) => whole(answer));
        });
    }

    for (const first of [0, 1]) {
        same(`a second websocket, the first is ${DOOR[first]}`, async (i) => {
            const polling = await client();
            const socket = await websocket(polling, first);
            await socket.send('2probe');
            assert.strictEqual(await socket.next(), '3probe');
            const second = await websocket(polling, i);
            assert.strictEqual(second.answer.status, 101);
            assert.strictEqual(await second.closeCode(), 1005);
            await socket.send('5');
            await engine.assertServed(socket);
            const third = await websocket(polling, i);
            assert.strictEqual(await third.closeCode(), 1005);
            const polls = [await at(polling, i).raw(), await polling.post('3')];
            for (const poll of polls)
                engine.assertRefused(poll, 3);
            await engine.assertServed(socket);
            socket.destroy();
            return [second.answer, third.answer, ...polls].map(whole);
        });

        same(`between probe and upgrade a GET is answered at once; the websocket is ${DOOR[first]}`,
            async (i) => {
                const polling = await client();
                const poll = await waiting(polling, i);
                const socket = await websocket(polling, first);
                await socket.send('2probe');
                assert.strictEqual(await socket.next(), '3probe');
                const answers = [await poll.response(), await polling.raw(), await polling.raw()];
                await polling.send('42["echo",1]');
                answers.push(await polling.raw(), await polling.raw());
                assert.deepStrictEqual(answers.map(({ text }) => text),
                    ['6', '6', '6', '42["echo",1]', '6']);
                poll.destroy();
                socket.destroy();
                return answers.map(whole);
            });
    }

    test('probe and upgrade back to back, and what follows them, in one write', async () => {
        const polling = await client();
        const poll = await waiting(polling, 1);
        const socket = await websocket(polling, 1);
        socket.write(Buffer.concat(['2probe', '5', '42["echo",1]'].map(
            (packet) => frame(OPCODE.TEXT, packet))));
        assert.strictEqual(await socket.next(), '3probe');
        assert.strictEqual(await socket.next(), '42["echo",1]');
        assert.strictEqual((await poll.response()).text, '6');
        poll.destroy();
        socket.destroy();
    });

    /* Then what follows the good ones is not heard, and the owner has the last word. */
    for (const last of ['an answer', 'nothing']) {
        same(`a rule is broken behind good messages: ${last} is told, and then the close`,
            async (i) => {
                const polling = await client();
                const socket = await websocket(polling, i);
                await socket.send('2probe');
                assert.strictEqual(await socket.next(), '3probe');
                await socket.send('5');
                await engine.assertServed(socket);
                const good = last === 'nothing' ? [] : [1, 2, 3].map((k) => `42["echo",${k}]`);
                socket.write(Buffer.concat([...good.map((packet) => frame(OPCODE.TEXT, packet)),
                    frame(RESERVED), frame(OPCODE.TEXT, '42["echo",4]')]));
                for (const packet of good)
                    assert.strictEqual(await socket.next(), packet);
                const code = await socket.closeCode();
                assert.strictEqual(code, 1002);
                engine.assertRefused(await at(polling, i).raw(), 1);
                return code;
            });
    }

    const LOSSES = {
        'something else first': (socket) => socket.send('4x'),
        'too large a message': (socket) => socket.send('x'.repeat(20001)),
        'the end of its connection': (socket) => socket.destroy(),
        'no upgrade in time': () => {},
    };

    for (const [name, lose] of Object.entries(LOSSES)) {
        same(`a websocket is given up (${name}): polls go on and wait, the next one may succeed`,
            async (i) => {
                const polling = await client();
                const socket = await websocket(polling, i);
                await socket.send('2probe');
                assert.strictEqual(await socket.next(), '3probe');
                await lose(socket);
                await socket.end();
                const next = await eventually(async () => {
                    const another = await websocket(polling, i);
                    await another.send('2probe');
                    return another.next().then(() => another, () => null);
                }, 'another websocket is admitted');
                next.destroy();
                const poll = await eventually(async () => {
                    const answer = await waiting(polling, i);
                    return answer.received.length === 0 && answer;
                }, 'a poll waits');
                await polling.send('42["echo",1]');
                const answer = await poll.response();
                assert.strictEqual(answer.text, '42["echo",1]');
                poll.destroy();
                return whole(answer);
            });
    }

    same('the session ends while a websocket is probed: it is closed at once', async (i) => {
        const polling = await client();
        const socket = await websocket(polling, i);
        await socket.send('2probe');
        assert.strictEqual(await socket.next(), '3probe');
        const start = Date.now();
        await polling.post('1');
        assert.strictEqual(await socket.closeCode(), 1005);
        assert.ok(Date.now() - start < UPGRADE_TIMEOUT_MS / 2, 'at once');
        return whole(await at(polling, i).raw());
    });

    for (const [how, last] of [['kick', ['41']], ['hang up', []]]) {
        const probed = async (i) => {
            const polling = await client();
            const socket = await websocket(polling, i);
            await socket.send('2probe');
            assert.strictEqual(await socket.next(), '3probe');
            await polling.send(`42["${how}"]`);
            return { polling: at(polling, i), socket };
        };

        same(`${how} while a websocket is probed: it is told when it takes over`, async (i) => {
            const { polling, socket } = await probed(i);
            await socket.send('5');
            for (const packet of last)
                assert.strictEqual(await socket.next(), packet);
            assert.strictEqual(await socket.closeCode(), 1005);
            const answer = await polling.raw();
            engine.assertRefused(answer, 1);
            return whole(answer);
        });

        same(`${how} while a websocket is probed: polls are told, then it is closed`, async (i) => {
            const { polling, socket } = await probed(i);
            if (last.length > 0)
                assert.deepStrictEqual(await polling.get(), last);
            assert.deepStrictEqual(await polling.get(), ['6', '1']);
            assert.strictEqual(await socket.closeCode(), 1005);
            const answer = await polling.raw();
            engine.assertRefused(answer, 1);
            return whole(answer);
        });
    }

    same('an upgraded websocket: what ends it ends the session', async (i) => {
        const codes = [];
        for (const last of ['1', '42["kick"]', 'x', 'x'.repeat(20001)]) {
            const polling = await client();
            const socket = await websocket(polling, i);
            await socket.send('2probe', '5');
            assert.strictEqual(await socket.next(), '3probe');
            await engine.assertServed(socket);
            await socket.send(last);
            if (last.includes('kick'))
                assert.strictEqual(await socket.next(), '41');
            codes.push(await socket.closeCode());
            await eventually(async () => (await polling.raw()).text.includes('"code":1'),
                'the session is over');
        }
        assert.deepStrictEqual(codes, [1005, 1005, 1005, 1009]);
        return codes;
    });

    test('a client of 0.9 does not get at such a session', async () => {
        const polling = await client();
        const { sid } = polling.query;
        for (const port of cluster.ports) {
            const target = `/socket.io/1/xhr-polling/${sid}`;
            assert.strictEqual((await http.get(port, target)).text, '7:::1+0');
            assert.strictEqual((await http.post(port, target, '5:::{"name":"kick"}')).text, '1');
        }
        await engine.assertServed(polling);
    });
});

test('an upgrade of an origin that is not admitted', suite, async () => {
    const headers = { Origin: 'http://good.example' };
    const elsewhere = { Origin: 'http://bad.example' };
    const cluster = await startCluster(2, { config: { origins: 'good.example:*' } });
    const polling = await new engine.Polling(cluster.ports[0], 4).open(headers);
    const sids = [polling.query.sid, polling.query.sid.slice(0, 6) + 'x'.repeat(14)];
    const seen = await Promise.all(cluster.ports.map((port) => Promise.all(sids.map(async (sid) =>
        whole((await engine.upgrade(port, 4, { sid }, elsewhere)).answer)))));
    assert.match(seen[0][0], /"code":4/);
    assert.match(seen[0][1], /"code":1/);
    assert.deepStrictEqual(seen[1], seen[0]);
    await cluster.stop();
});
