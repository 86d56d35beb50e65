'use strict';
/* Engine.IO: which requests are its own, and how their queries are read (1.1). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const ws = require('../lib/ws.js');

const OPEN3 = /^\d+:0\{"sid":"[\w-]{20}"/;
const OPEN4 = /^0\{"sid":"[\w-]{20}"/;
const HANDSHAKE09 = /^[\w-]{20}:\d+:\d+:websocket/;
const WELCOME = /^Welcome to socket\.io\.$/;

describe('what is for Engine.IO', () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    const body = async (target) => (await http.get(broker.port, target)).text;

    for (const [target, pattern] of [
        ['/socket.io?EIO=4&transport=polling', OPEN4],
        ['/socket.io/?EIO=4&transport=polling', OPEN4],
        ['/socket.io/1/?EIO=4&transport=polling', OPEN4],
        ['/socket.io/1/?transport=polling&b64=true', OPEN3],
        ['/socket.io/1?transport=polling', OPEN3],
        ['/socket.io/default/?EIO=3&transport=polling', OPEN3],
        ['/socket.io/default/?transport=polling', OPEN3],
        ['/socket.io/x/y/z/w?EIO=4&transport=polling', OPEN4],
        ['/socket.io//?EIO=4&transport=polling', OPEN4],
        ['/socket.io/4/?EIO=4&transport=polling', OPEN4],
        ['/socket.io/default/?EIO=4&transport=abc', /^\{"code":0,/],
        ['/socket.io/default/?transport=abc', /^\{"code":0,/],
        ['/socket.io/?sid=x', /^\{"code":0,/],
        ['/socket.io/default/?EIO=4&transport=polling&sid=x', /^\{"code":1,/],
        /* 0.9, whatever its application adds to the query */
        ['/socket.io/1/?t=1', HANDSHAKE09],
        ['/socket.io/1/?sid=x&t=1', HANDSHAKE09],
        ['/socket.io/1/?transport=tram&t=1', HANDSHAKE09],
        ['/socket.io/1/xhr-polling/?transport=tram', HANDSHAKE09],
        ['/socket.io/1/xhr-polling/0123456789abcdefghij?transport=polling', /^7:::1\+0$/],
        ['/socket.io/default/?sid=x', WELCOME],
        ['/socket.io/?a=b', WELCOME],
        ['/socket.iox/?EIO=4&transport=polling', WELCOME],
        ['/socket.iox?EIO=4&transport=polling', WELCOME],
        /* files */
        ['/socket.io/socket.io.js?EIO=4&transport=polling', /build:0\.9/],
        ['/socket.io/socket.io.esm.min.js?EIO=4&transport=polling', /Socket\.IO v4/],
        ['/socket.io/1/socket.io.js?EIO=4&transport=polling', /build:0\.9/],
        ['/socket.io/4/socket.io.min.js?EIO=4&transport=polling', /Socket\.IO v4/],
    ]) {
        test(target, async () => {
            assert.match((await body(target)).slice(0, 2000), pattern);
        });
    }

    test('a session does not mind by which path it is asked for', async () => {
        const client = await engine.poll(broker.port, 4);
        const elsewhere = engine.url(client.query, '/socket.io/1/');
        await http.post(broker.port, elsewhere, '42["echo",1]');
        assert.strictEqual(await body(engine.url(client.query, '/socket.io/x')), '42["echo",1]');
    });

    test('nor a body that is too large, or in pieces', async () => {
        const client = await engine.poll(broker.port, 4);
        const target = engine.url(client.query, '/socket.io/default/');
        const large = await http.request(broker.port, { method: 'POST', target,
            headers: { 'Content-Length': 1000001 } });
        assert.strictEqual(large.status, 413);
        assert.strictEqual(large.text, '');
        await engine.assertServed(client);
    });
});

describe('queries of Engine.IO', () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    const ask = (query) => http.get(broker.port, `/socket.io/?${query}`);

    for (const [query, pattern] of [
        ['EIO=4&transport=%70olling', OPEN4],
        ['EIO=4&transport=%70%6F%6c%6Cing', OPEN4],
        ['%45IO=4&%74ransport=polling', OPEN4],
        ['EIO=%34&transport=polling', OPEN4],
        ['EIO=4&transport=polling&sid=', OPEN4],
        ['EIO=4&transport=polling&sid', OPEN4],
        ['transport=polling&sid=&EIO=4', OPEN4],
        ['EIO=4&EIO=4&transport=polling', OPEN4],
        ['EIO=4&transport=polling&transport=polling', OPEN4],
        ['&&EIO=4&&&transport=polling&', OPEN4],
        /* what is not 4 is 3 */
        ['EIO=5&transport=polling', OPEN3],
        ['EIO=abc&transport=polling', OPEN3],
        ['EIO=&transport=polling', OPEN3],
        ['EIO=4+&transport=polling', OPEN3],
        ['EIO=3&EIO=4&transport=polling', OPEN3],
        ['EIO=3&transport=polling&j=%31', /^___eio\[1\]\(/],
        ['EIO=3&transport=polling&j=a%311b', /^___eio\[11\]\(/],
        /* no handshake: U+0000 in the query */
        ['EIO=3&transport=polling&j=a%3111b%00', /^\{"code":3,/],
        /* no transport that exists */
        ['EIO=4&transport=polling+', /^\{"code":0,/],
        ['EIO=4&transport=polling%00', /^\{"code":0,/],
        ['EIO=4&transport=%2570olling', /^\{"code":0,/],
        ['EIO=4&transport=a&transport=b', /^\{"code":0,/],
        ['EIO=4&transport=polling&transport=websocket', /^\{"code":0,/],
        ['EIO=4&transport=polling&transport=a', /^\{"code":0,/],
        /* no session that exists */
        ['EIO=4&transport=polling&sid=a&sid=b', /^\{"code":1,/],
        ['EIO=4&transport=polling&sid=%00', /^\{"code":1,/],
        [`EIO=4&transport=polling&sid=${'x'.repeat(1000)}`, /^\{"code":1,/],
    ]) {
        test(query.slice(0, 80), async () => {
            assert.match((await ask(query)).text, pattern);
        });
    }

    for (const eio of [3, 4]) {
        test(`revision ${eio}: a session id with every character escaped`, async () => {
            const client = await engine.poll(broker.port, eio);
            const escaped = [...client.opened.sid]
                .map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
            const query = `EIO=${eio}&transport=polling&sid=${escaped}`;
            const body = engine.encode(eio, ['42["echo",1]']);
            const posted = await http.post(broker.port, `/socket.io/?${query}`, body);
            assert.strictEqual(posted.text, 'ok');
            assert.strictEqual((await ask(query)).text, body);
            const socket = await ws.upgrade(broker.port,
                `/socket.io/?EIO=${eio}&transport=%77ebsocket&sid=${escaped}`);
            assert.strictEqual(socket.answer.status, 101);
            socket.text('2probe');
            assert.strictEqual(await socket.message(), '3probe');
            socket.destroy();
        });
    }

    test('an empty session id on an upgrade begins a session', async () => {
        const socket = await engine.upgrade(broker.port, 4, { sid: '' });
        assert.strictEqual(socket.answer.status, 101);
        assert.match(await socket.next(), OPEN4);
        socket.destroy();
    });

    test('a missing EIO refused: so are those that do not exist', async () => {
        const strict = await startBroker({ config: { 'refuse missing EIO': true } });
        for (const [eio, code] of [['EIO=4', 0], ['EIO=%33', 0], ['EIO=2', 0], ['EIO=5', 5],
            ['EIO=abc', 5], ['EIO=', 5], ['a=b', 5]]) {
            const response = await http.get(strict.port, `/socket.io/?${eio}&transport=polling`);
            if (code === 0)
                assert.strictEqual(response.status, 200, eio);
            else
                engine.assertRefused(response, code);
        }
        await strict.stop();
    });

    test('0.9: the callbacks of JSONP may be escaped, too', async () => {
        const handshake = (await http.get(broker.port, '/socket.io/1/?jsonp=%33&t=1')).text;
        assert.match(handshake, /^io\.j\[3\]\("[\w-]{20}:/);
        const [, id] = /"([\w-]{20}):/.exec(handshake);
        const poll = await http.get(broker.port, `/socket.io/1/jsonp-polling/${id}?t=1&i=%31%32`);
        assert.match(poll.text, /^io\.j\[12\]\("1::"\)/);
    });
});
