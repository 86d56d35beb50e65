'use strict';
/*
 * The browser client of socket.io 4 as the broker serves it, against the files of the npm package,
 * and against the headers of the real socket.io 4.8 (its lib/index.js, "serve").
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const { test, describe, before, after } = require('node:test');
const { REFERENCE, runBroker, startBroker, writeConfig } = require('../lib/server.js');
const { scratch } = require('../lib/program.js');
const http = require('../lib/http.js');

const PACKAGE = path.resolve(path.dirname(require.resolve('socket.io-client-4')), '../..');
const { version } = JSON.parse(fs.readFileSync(path.join(PACKAGE, 'package.json')));
const npm = (name) => fs.readFileSync(path.join(PACKAGE, 'dist', name));

const SCRIPTS = ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js'];
const FILES = [...SCRIPTS, ...SCRIPTS.map((name) => `${name}.map`)];

/* A directory of client files, with these subfolders. */
function directory(folders) {
    const made = scratch();
    for (const [folder, from] of Object.entries(folders))
        fs.cpSync(from, path.join(made, folder), { recursive: true });
    return made;
}

const CLIENT_09 = path.join(path.dirname(require.resolve('socket.io-client/package.json')), 'dist');

describe('the client of socket.io 4', { skip: REFERENCE && 'the original has none' }, () => {
    let broker;
    before(async () => {
        const files = directory({ '.': CLIENT_09, 4: path.join(PACKAGE, 'dist') });
        broker = await startBroker({ config: { 'browser client directory': files,
            'browser client gzip': true } });
    });
    after(() => broker.stop());

    for (const name of FILES) {
        test(`4/${name} is that of the package, byte for byte`, async () => {
            const response = await http.get(broker.port, `/socket.io/4/${name}`);
            assert.strictEqual(response.status, 200);
            assert.strictEqual(response.get('Content-Type'), name.endsWith('.map')
                ? 'application/json; charset=utf-8' : 'application/javascript; charset=utf-8');
            assert.strictEqual(response.get('Cache-Control'), 'public, max-age=0');
            assert.strictEqual(response.get('ETag'), `"${version}"`);
            assert.strictEqual(response.get('Access-Control-Allow-Origin'), '*');
            assert.strictEqual(response.get('Content-Encoding'), undefined);
            assert.ok(response.body.equals(npm(name)));
        });
    }

    test('a query changes nothing', async () => {
        const response = await http.get(broker.port, '/socket.io/4/socket.io.js?t=1');
        assert.ok(response.body.equals(npm('socket.io.js')));
    });

    for (const name of SCRIPTS) {
        test(`4/${name} comes compressed to those who take it`, async () => {
            const response = await http.get(broker.port, `/socket.io/4/${name}`,
                { 'Accept-Encoding': 'gzip, deflate, br' });
            assert.strictEqual(response.get('Content-Encoding'), 'gzip');
            assert.strictEqual(response.get('Vary'), 'Accept-Encoding');
            assert.ok(zlib.gunzipSync(response.body).equals(npm(name)));
        });
    }

    test('who has it is told so, and the connection goes on', async () => {
        const connection = await http.connect(broker.port);
        for (const tag of [`"${version}"`, `W/"${version}"`]) {
            const { status, body } = await connection.request({
                target: '/socket.io/4/socket.io.min.js', headers: { 'If-None-Match': tag } });
            assert.strictEqual(status, 304);
            assert.strictEqual(body.length, 0);
        }
        const next = await connection.request({ target: '/socket.io/4/socket.io.min.js',
            headers: { 'If-None-Match': '"4.0.0"' } });
        assert.strictEqual(next.status, 200);
        connection.destroy();
    });

    test('the client of 0.9 is where it was', async () => {
        for (const target of ['/socket.io/socket.io.js', '/socket.io/socket.io.js.map',
            '/socket.io/foo/4/socket.io.js', '/socket.io/foo/socket.io.js']) {
            const { text } = await http.get(broker.port, target);
            assert.match(text, /Socket\.IO\.js build:0\.9/, target);
        }
    });

    for (const name of FILES.filter((file) => !/^socket\.io\.js/.test(file))) {
        test(`${name} is where servers of socket.io 4 have it, as those of 0.9 have none`,
            async () => {
                const response = await http.get(broker.port, `/socket.io/${name}`);
                assert.strictEqual(response.get('ETag'), `"${version}"`);
                assert.ok(response.body.equals(npm(name)));
            });
    }

    test('other names of the folder are nothing special', async () => {
        for (const name of ['socket.io.msgpack.min.js', '']) {
            const { status, text } = await http.get(broker.port, `/socket.io/4/${name}`);
            assert.strictEqual(status, 500, name);
            assert.strictEqual(text, 'Protocol version not supported.', name);
        }
    });
});

describe('the client of socket.io 4 in the first place', {
    skip: REFERENCE && 'the original has none' }, () => {
    let broker;
    before(async () => {
        const files = directory({ '.': CLIENT_09, 4: path.join(PACKAGE, 'dist') });
        broker = await startBroker({ config: { 'browser client directory': files,
            'browser client version': '4', 'browser client etag': true } });
    });
    after(() => broker.stop());

    for (const name of FILES) {
        test(`${name} is where servers of socket.io 4 have it`, async () => {
            const target = `/socket.io/${name}`;
            const response = await http.get(broker.port, target);
            assert.strictEqual(response.status, 200);
            assert.strictEqual(response.get('Content-Type'), name.endsWith('.map')
                ? 'application/json; charset=utf-8' : 'application/javascript; charset=utf-8');
            assert.strictEqual(response.get('Cache-Control'), 'public, max-age=0');
            assert.strictEqual(response.get('ETag'), `"${version}"`);
            assert.ok(response.body.equals(npm(name)));
            const again = await http.get(broker.port, target,
                { 'If-None-Match': response.get('ETag') });
            assert.strictEqual(again.status, 304);
            const folder = await http.get(broker.port, `/socket.io/4/${name}`);
            assert.ok(folder.body.equals(response.body));
        });
    }

    test('a query of Engine.IO changes nothing', async () => {
        const { body } = await http.get(broker.port,
            '/socket.io/socket.io.js?EIO=4&transport=polling');
        assert.ok(body.equals(npm('socket.io.js')));
    });

    test('the client of 0.9 is below any folder, and under its other names', async () => {
        for (const name of ['0.9/socket.io.js', 'socket.io.v0.9.16.js',
            'socket.io+websocket+xhr-polling.js']) {
            const { text } = await http.get(broker.port, `/socket.io/${name}`);
            assert.match(text, /Socket\.IO\.js build:0\.9/, name);
        }
    });
});

describe('the client of socket.io 4 that is not there', {
    skip: REFERENCE && 'the original has none' }, () => {
    const CASES = [['switched off', { 'browser client': false }],
        ['missing', { 'browser client directory': CLIENT_09 }]];
    for (const [what, config] of CASES) {
        test(`${what}: 404, not the one of 0.9`, async () => {
            const broker = await startBroker({ config });
            for (const name of ['4/socket.io.js', 'socket.io.min.js']) {
                const { status } = await http.get(broker.port, `/socket.io/${name}`);
                assert.strictEqual(status, 404, name);
            }
            await broker.stop();
        });

        test(`${what}, and asked for in the first place: likewise`, async () => {
            const broker = await startBroker({ config: { ...config,
                'browser client version': '4' } });
            const { status } = await http.get(broker.port, '/socket.io/socket.io.js');
            assert.strictEqual(status, 404);
            if (what === 'missing')
                assert.match(broker.log, /warn.*browser client of socket\.io 4 is off/);
            await broker.stop();
        });
    }

    test('there is no other one to choose', async () => {
        const { code, stderr } = await runBroker(['--config',
            writeConfig({ 'browser client version': '2' })]);
        assert.strictEqual(code, 2);
        assert.match(stderr, /"browser client version".*0\.9 or 4/);
    });
});
