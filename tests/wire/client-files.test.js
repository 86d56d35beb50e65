'use strict';
/* The browser client as the broker serves it (spec 7), against the files of the npm package. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const { test, describe, before, after } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { startBroker, BETTER } = require('../lib/server.js');
const http = require('../lib/http.js');

const DIST = path.join(path.dirname(require.resolve('socket.io-client/package.json')), 'dist');
const FIVE = ['websocket', 'flashsocket', 'htmlfile', 'xhr-polling', 'jsonp-polling'];
const ETAG = '0.9.16:9185197162875451971646982581044521885036510252188503';
const SCRIPT = 'application/javascript';
const FLASH = 'application/x-shockwave-flash';

const npm = (name) => fs.readFileSync(path.join(DIST, name));
const settings = (more) => ({ config: { transports: FIVE, 'flash policy server': false,
    'browser client directory': DIST, ...more } });

describe('the client as it is', () => {
    let broker;
    before(async () => { broker = await startBroker(settings()); });
    after(() => broker.stop());

    const FILES = [
        ['/socket.io/socket.io.js', 'socket.io.js', SCRIPT],
        ['/socket.io/socket.io.js?x=1', 'socket.io.js', SCRIPT],
        ['/socket.io/foo/socket.io.js', 'socket.io.js', SCRIPT],
        ['/socket.io/socket.io.js/', 'socket.io.js', SCRIPT],
        ['/socket.io/socket.io.v0.9.16.js', 'socket.io.js', SCRIPT],
        ['/socket.io/socket.io.vfoo', 'socket.io.js', SCRIPT],
        ['/socket.io/static/flashsocket/WebSocketMain.swf', 'WebSocketMain.swf', FLASH],
        ['/socket.io/static/flashsocket/WebSocketMainInsecure.swf', 'WebSocketMainInsecure.swf',
            FLASH],
    ];
    for (const [target, file, type] of FILES) {
        test(`GET ${target} is ${file}, byte for byte`, async () => {
            const response = await http.get(broker.port, target, { 'Accept-Encoding': 'gzip' });
            assert.strictEqual(response.status, 200);
            assert.strictEqual(response.get('Content-Type'), type);
            assert.strictEqual(response.get('Content-Encoding'), undefined);
            assert.strictEqual(response.get('Etag'), undefined);
            assert.strictEqual(Number(response.get('Content-Length')), npm(file).length);
            assert.ok(response.body.equals(npm(file)));
        });
    }

    test('POST works like GET', async () => {
        const response = await http.post(broker.port, '/socket.io/socket.io.js', 'x=1');
        assert.ok(response.body.equals(npm('socket.io.js')));
    });

    test('HEAD gives the headers only, and the connection goes on', async () => {
        const connection = await http.connect(broker.port);
        const head = await connection.request(
            { method: 'HEAD', target: '/socket.io/socket.io.js' });
        assert.strictEqual(head.status, 200);
        assert.strictEqual(Number(head.get('Content-Length')), npm('socket.io.js').length);
        const next = await connection.request({ target: '/' });
        assert.strictEqual(next.text, 'Welcome to socket.io.');
        connection.destroy();
    });

    test('a + build names its transports', async () => {
        const response = await http.get(broker.port, '/socket.io/socket.io+websocket.js');
        assert.strictEqual(response.status, 200);
        assert.match(response.text, /Socket\.IO\.js build:0\.9\.16/);
        assert.match(response.text, /transports\.push\('websocket'\)/);
    });

    for (const target of ['/socket.io/socket.io+bogus.js', '/socket.io/socket.io+websocket.foo']) {
        test(`GET ${target} is an error`, async () => {
            const response = await http.get(broker.port, target);
            assert.strictEqual(response.status, 500);
            assert.strictEqual(response.text,
                `Error serving static ${target.slice('/socket.io'.length)}`);
        });
    }

    test('only the files of the client are served', async () => {
        for (const target of ['/socket.io/socket.io.min.js', '/socket.io/../socket.io.js/../../x',
            '/socket.io/static/../../../etc/passwd']) {
            const response = await http.get(broker.port, target);
            assert.ok(!/root:|siobroker-tests/.test(response.text), target);
        }
    });

    test('a versioned name may be kept for years', async () => {
        const response = await http.get(broker.port, '/socket.io/socket.io.v0.9.16.js');
        assert.strictEqual(response.get('Cache-Control'),
            'private, x-gzip-ok="", max-age=315360000');
        const life = Date.parse(response.get('Expires')) - Date.parse(response.get('Date'));
        assert.ok(Math.abs(life - 315360000000) < 2000, response.get('Expires'));
    });
});

describe('the client minified, compressed, with an ETag', () => {
    let broker;
    before(async () => {
        broker = await startBroker(settings({ 'browser client minification': true,
            'browser client gzip': true, 'browser client etag': true }));
        /* The original compresses after the first request. */
        await eventually(async () => {
            const response = await http.get(broker.port, '/socket.io/socket.io.js',
                { 'Accept-Encoding': 'gzip' });
            return response.get('Content-Encoding') === 'gzip';
        }, 'a compressed answer');
    });
    after(() => broker.stop());

    const MIN = () => npm('socket.io.min.js');

    test('without Accept-Encoding: the minified file, byte for byte', async () => {
        const response = await http.get(broker.port, '/socket.io/socket.io.js');
        assert.strictEqual(response.get('Content-Encoding'), undefined);
        assert.ok(response.body.equals(MIN()));
    });

    for (const encodings of ['gzip', 'deflate, gzip;q=1.0, *;q=0.5', 'GZIP']) {
        test(`Accept-Encoding: ${encodings} gets gzip`, async () => {
            const response = await http.get(broker.port, '/socket.io/socket.io.js',
                { 'Accept-Encoding': encodings });
            assert.strictEqual(response.get('Content-Encoding'), 'gzip');
            assert.strictEqual(response.get('Vary'), 'Accept-Encoding');
            assert.strictEqual(response.body.readUInt32LE(4), 0, 'no time stamp');
            assert.ok(zlib.gunzipSync(response.body).equals(MIN()));
        });
    }

    test('flash is never compressed', async () => {
        const response = await http.get(broker.port,
            '/socket.io/static/flashsocket/WebSocketMain.swf', { 'Accept-Encoding': 'gzip' });
        assert.strictEqual(response.get('Content-Encoding'), undefined);
        assert.ok(response.body.equals(npm('WebSocketMain.swf')));
    });

    test('the ETag is that of the original', async () => {
        const response = await http.get(broker.port, '/socket.io/socket.io.js');
        assert.ok([ETAG, `"${ETAG}"`].includes(response.get('Etag')), response.get('Etag'));
        const swf = await http.get(broker.port,
            '/socket.io/static/flashsocket/WebSocketMain.swf');
        assert.ok(['0.9.16', '"0.9.16"'].includes(swf.get('Etag')), swf.get('Etag'));
    });

    const MATCHING = [[ETAG, {}], [`"${ETAG}"`, BETTER], [`W/"${ETAG}"`, BETTER],
        [`"other", "${ETAG}"`, BETTER], ['*', BETTER]];
    for (const [value, option] of MATCHING) {
        test(`If-None-Match: ${value.replace(ETAG, '<etag>')} gets 304`, option, async () => {
            const connection = await http.connect(broker.port);
            const response = await connection.request({ target: '/socket.io/socket.io.js',
                headers: { 'If-None-Match': value } });
            assert.strictEqual(response.status, 304);
            const next = await connection.request({ target: '/' });
            assert.strictEqual(next.text, 'Welcome to socket.io.', 'a 304 has no body');
            connection.destroy();
        });
    }

    test('another If-None-Match gets the file', async () => {
        const response = await http.get(broker.port, '/socket.io/socket.io.js',
            { 'If-None-Match': '"0.9.15"' });
        assert.strictEqual(response.status, 200);
    });

    test('a versioned name has no ETag', async () => {
        const response = await http.get(broker.port, '/socket.io/socket.io.v0.9.16.js');
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.get('Etag'), undefined);
    });

    test('a compressed file of a slow reader arrives whole', async () => {
        const connection = await http.connect(broker.port);
        connection.socket.pause();
        for (let i = 0; i < 50; i++)
            connection.write(http.format({ target: '/socket.io/socket.io.js' }));
        connection.socket.resume();
        for (let i = 0; i < 50; i++)
            assert.ok((await connection.response()).body.equals(MIN()));
        connection.destroy();
    });
});

describe('the client switched off', () => {
    test('its names are nothing special', async () => {
        const broker = await startBroker({ config: { 'browser client': false } });
        const response = await http.get(broker.port, '/socket.io/socket.io.js');
        assert.strictEqual(response.status, 200);
        assert.strictEqual(response.text, 'Welcome to socket.io.');
        await broker.stop();
    });

    test('a missing folder is a warning, not the end', BETTER, async () => {
        const broker = await startBroker({ config: {
            'browser client directory': '/nonexistent/folder' } });
        assert.match(broker.log, /warn.*\/nonexistent\/folder/);
        assert.match((await http.get(broker.port, '/socket.io/1/')).text, /:60:60:/);
        await broker.stop();
    });
});
