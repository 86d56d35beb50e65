'use strict';
/*
 * The policy of Flash players: on its own port to everyone, on the HTTP port to those who ask
 * (2.6).
 */

const assert = require('node:assert');
const net = require('node:net');
const { test, describe, before, after } = require('node:test');
const { REFERENCE, startBroker } = require('../lib/server.js');
const http = require('../lib/http.js');

const OURS = { skip: REFERENCE && 'about our own program' };

const policy = (rules) => '<?xml version="1.0"?><!DOCTYPE cross-domain-policy SYSTEM ' +
    '"http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd"><cross-domain-policy>' +
    rules.map(([domain, ports]) => `<allow-access-from domain="${domain}" to-ports="${ports}"/>`)
        .join('') + '</cross-domain-policy>';

/* Everything that a connection gets until its end, after it has sent `request`. */
function exchange(port, request) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.write(request));
        let text = '';
        socket.on('data', (data) => { text += data; });
        socket.on('end', () => resolve(text));
        socket.on('error', reject);
    });
}

const policyPort = (broker) => Number(/flash policy on port (\d+)/.exec(broker.program.stderr)[1]);

describe('flash policy', OURS, () => {
    const transports = ['websocket', 'flashsocket'];
    const config = { transports, 'flash policy port': 0 };
    let broker;
    before(async () => { broker = await startBroker({ config }); });
    after(() => broker.stop());

    test('its port answers everyone at once, 206 bytes for all origins', async () => {
        const text = await exchange(policyPort(broker), '');
        assert.strictEqual(text, policy([['*', '*']]));
        assert.strictEqual(text.length, 206);
    });

    test('the HTTP port answers those who ask', async () => {
        assert.strictEqual(await exchange(broker.port, '<policy-file-request/>\0'),
            policy([['*', '*']]));
    });

    /* Another request is answered in between, so what was written has been read. */
    async function inPieces(port, pieces) {
        const connection = await http.connect(port);
        for (const piece of pieces) {
            connection.write(piece);
            await http.get(port, '/');
        }
        return connection;
    }

    for (const pieces of [['<policy-file-', 'request/>\0'], ['<', 'policy-file-request/>\0'],
        ['<policy-file-request/>', '\0'], [...'<policy-file-request/>\0']]) {
        test(`in pieces: ${JSON.stringify(pieces)}`, async () => {
            const connection = await inPieces(broker.port, pieces);
            assert.strictEqual((await connection.end()).toString(), policy([['*', '*']]));
            connection.destroy();
        });
    }

    for (const pieces of [['<policy-file-', 'quest/>\0'], ['<', 'html>\r\n'], ['<<policy'],
        ['<policy-file-request/>', 'x']]) {
        test(`what may become it, and does not: ${JSON.stringify(pieces)}: 400`, async () => {
            const connection = await inPieces(broker.port, pieces);
            assert.strictEqual((await connection.response()).status, 400);
            connection.destroy();
        });
    }

    test('the rest of it never comes: 408', async () => {
        const hasty = await startBroker({ config: { ...config, 'request timeout': 0.2 } });
        const connection = await inPieces(hasty.port, ['<policy-file-']);
        assert.strictEqual((await connection.response()).status, 408);
        connection.destroy();
        await hasty.stop();
    });

    test('something like it is not a request: 400', async () => {
        assert.ok(/^HTTP\/1\.1 400 /.test(await exchange(broker.port, '<policy-file-request/>\n')));
    });

    test('each origin of the setting has its rule', async () => {
        const strict = await startBroker({
            config: { ...config, origins: ['example.org:80', '*:8080'] } });
        assert.strictEqual(await exchange(policyPort(strict), ''),
            policy([['example.org', '80'], ['*', '8080']]));
        await strict.stop();
    });

    test('without flashsocket the HTTP port knows no policy: 400', async () => {
        const plain = await startBroker({ config: { 'flash policy server': true } });
        assert.ok(/^HTTP\/1\.1 400 /.test(await exchange(plain.port, '<policy-file-request/>\0')));
        await plain.stop();
    });

    test('a port that is taken is a warning: the broker serves without', async () => {
        const second = await startBroker({
            config: { ...config, 'flash policy port': policyPort(broker) } });
        assert.ok(/warn .*no flash policy: .*in use/.test(second.program.stderr),
            second.program.stderr);
        assert.strictEqual((await http.get(second.port, '/socket.io/1/')).status, 200);
        await second.stop();
    });
});
