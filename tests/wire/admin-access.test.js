'use strict';
/* Who may ask the admin listener, by which way; and what bad requests get. */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { REFERENCE, launchBroker } = require('../lib/server.js');
const { LOCAL, metrics, parseMetrics, startAdmin, valueOf } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { scratch } = require('../lib/program.js');

const suite = { skip: REFERENCE && 'about our own program' };
const MAX_CONNECTIONS = 32;

/* A refusal is one line of JSON that says why. */
function assertRefused(response, status, why = /./) {
    assert.strictEqual(response.status, status, response.text);
    assert.strictEqual(response.get('Content-Type'), 'application/json');
    assert.match(response.text, /^\{"error":"[^\n]+"\}\n$/);
    assert.match(JSON.parse(response.text).error, why);
}

describe('bad requests', suite, () => {
    let broker;

    before(async () => {
        broker = await startAdmin({ config: { 'admin hosts': ['broker.example'] } });
    });

    after(() => broker.stop());

    const ROWS = {
        'of a page': [{ target: '/metrics', headers: { Origin: 'http://[::1]' } }, 403, /pages/],
        'of a page without an origin': [{ target: '/livez', headers: { Origin: 'null' } }, 403],
        'for a foreign name': [{ target: '/metrics', host: 'evil.example' }, 403, /admin hosts/],
        'for a foreign name with our port': [{ target: '/', host: 'evil.example:9180' }, 403],
        'for a name that begins as an address': [{ target: '/', host: '127.0.0.1.evil.net' }, 403],
        'for a name like ours': [{ target: '/livez', host: 'xbroker.example' }, 403],
        'for no name': [{ target: '/livez', host: '' }, 403],
        'unknown path': [{ target: '/nothing' }, 404],
        'a path that goes on': [{ target: '/metrics/more' }, 404],
        'another method': [{ method: 'POST', target: '/metrics', body: '' }, 405, /Allow/],
        'a method that nobody has': [{ method: 'BREW', target: '/readyz' }, 405],
        'a body that is too large': [{ method: 'POST', target: '/metrics',
            headers: { 'Content-Length': '8193' } }, 413],
        'a head that is too large': [{ target: '/livez', headers: { X: 'x'.repeat(8192) } }, 431],
        'a target that is too large': [{ target: `/${'x'.repeat(9000)}` }, 414],
        'no HTTP': ['nonsense\r\n\r\n', 400],
        'a flash policy': ['<policy-file-request/>\0\r\n\r\n', 400],
        'a body that is no chunks': [{ method: 'POST', target: '/metrics', body: 'x\r\n',
            headers: { 'Transfer-Encoding': 'chunked' } }, 400],
    };

    for (const [name, [request, status, why]] of Object.entries(ROWS)) {
        test(`${name}: ${status}`, async () => {
            const refusals = async () => valueOf(await metrics(broker.admin), 'admin_refusals');
            const before = await refusals();
            assertRefused(await http.request(broker.admin, request), status, why);
            assert.strictEqual(await refusals() - before, 1);
        });
    }

    test('405 names the methods', async () => {
        const response = await http.request(broker.admin, { method: 'DELETE', target: '/livez' });
        assert.strictEqual(response.get('Allow'), 'GET, HEAD');
    });

    const OUR_NAMES = ['127.0.0.1', '127.0.0.1:9180', '[::1]', '[::1]:9180', 'localhost',
        'LocalHost:80', 'broker.example', 'Broker.Example:9180', '10.1.2.3'];
    for (const host of OUR_NAMES) {
        test(`Host: ${host} is ours`, async () => {
            const { status } = await http.request(broker.admin, { target: '/livez', host });
            assert.strictEqual(status, 200);
        });
    }

    test('HTTP/1.0 names no host', async () => {
        const { status } = await http.request(broker.admin,
            { target: '/livez', host: null, version: '1.0' });
        assert.strictEqual(status, 200);
    });

    test('half a request: 408 in time', async () => {
        const connection = await http.connect(broker.admin);
        const start = Date.now();
        const response = await connection.write('GET /livez HTTP/1.1\r\nHost: ').response();
        assertRefused(response, 408);
        const ms = Date.now() - start;
        assert.ok(ms > 4000, `${ms} ms`);
        connection.destroy();
    });

    test('an idle connection is closed', async () => {
        const connection = await http.connect(broker.admin);
        await connection.request({ target: '/livez' });
        await connection.end(9000);
    });

    test('one connection too many: 503, and the next one when others have gone', async () => {
        const connections = [];
        for (let i = 0; i < MAX_CONNECTIONS; i++) {
            connections.push(await http.connect(broker.admin));
            await connections.at(-1).request({ target: '/livez' });
        }
        const refused = async () => valueOf(await metricsOver(connections[0]), 'admin_refusals');
        const before = await refused();
        const { status } = await http.get(broker.admin, '/livez');
        assert.strictEqual(status, 503);
        assert.strictEqual(await refused() - before, 1);
        connections.pop().destroy();
        await eventually(async () => (await http.get(broker.admin, '/livez')).status === 200,
            'there is room again');
        for (const connection of connections)
            connection.destroy();
    });

    test('none of this counts as requests or connections of clients', async () => {
        const { requests, bad_requests: bad, connections, accepted } = await broker.counters();
        assert.deepStrictEqual({ requests, bad, connections, accepted },
            { requests: 0, bad: 0, connections: 0, accepted: 0 });
    });
});

async function metricsOver(connection) {
    return parseMetrics((await connection.request({ target: '/metrics' })).text);
}

describe('where it listens', suite, () => {
    test('nowhere, unless it is told to', async () => {
        const broker = await launchBroker({}).listening();
        assert.doesNotMatch(broker.log, /admin at/);
        await broker.stop();
    });

    test('at several addresses, IPv6 and a path', async () => {
        const file = path.join(scratch(), 'admin.sock');
        const broker = await startAdmin({
            listen: [LOCAL, '[::1]:0', 'localhost:0', `unix:${file}`] });
        assert.strictEqual(broker.admins.length, 4);
        assert.strictEqual((await http.get(broker.admins[0], '/livez')).status, 200);
        const six = await http.connect(broker.admins[1], '::1');
        assert.strictEqual((await six.request({ target: '/livez', host: '[::1]' })).status, 200);
        six.destroy();
        assert.strictEqual((await http.get(file, '/livez')).status, 200);
        await broker.stop();
    });

    test('the file of a unix socket is for owner and group, and is removed', async () => {
        const file = path.join(scratch(), 'admin.sock');
        const broker = await startAdmin({ listen: [`unix:${file}`] });
        assert.strictEqual(fs.statSync(file).mode & 0o777, 0o660);
        const { status } = await http.request(file, { target: '/livez', host: 'any.name' });
        assert.strictEqual(status, 200, 'no page of a browser gets there');
        await broker.stop();
        assert.strictEqual(fs.existsSync(file), false);
    });

    test('the file of a process that is dead is replaced', async () => {
        const file = path.join(scratch(), 'admin.sock');
        const first = await startAdmin({ listen: [`unix:${file}`] });
        await first.program.stop('SIGKILL');
        assert.strictEqual(fs.existsSync(file), true);
        const second = await startAdmin({ listen: [`unix:${file}`] });
        assert.strictEqual((await http.get(file, '/livez')).status, 200);
        await second.stop();
    });

    async function assertRefusesToStart(listen, pattern) {
        const broker = launchBroker({ config: { 'admin listen': [listen] } });
        const status = await broker.program.ended();
        assert.deepStrictEqual(status, { code: 1, signal: null });
        broker.program.assertNoSanitizerReport();
        assert.match(broker.log, pattern);
        assert.strictEqual(broker.log.match(/error/g).length, 1, 'said once');
    }

    test('the file of a living process stays: exit 1', async () => {
        const file = path.join(scratch(), 'admin.sock');
        const first = await startAdmin({ listen: [`unix:${file}`] });
        await assertRefusesToStart(`unix:${file}`, /can not listen on unix:.*a process listens/);
        assert.strictEqual((await http.get(file, '/livez')).status, 200);
        await first.stop();
    });

    test('a file that is no socket stays: exit 1', async () => {
        const file = path.join(scratch(), 'admin.sock');
        fs.writeFileSync(file, 'precious');
        await assertRefusesToStart(`unix:${file}`, /can not listen on unix:.*it is no socket/);
        assert.strictEqual(fs.readFileSync(file, 'utf8'), 'precious');
    });

    test('a folder that is not there: exit 1', () =>
        assertRefusesToStart('unix:/nowhere/admin.sock', /nowhere\/admin.sock: No such file/));

    test('a port that is taken: exit 1', async () => {
        const server = net.createServer();
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        await assertRefusesToStart(`127.0.0.1:${server.address().port}`, /can not listen .*in use/);
        server.close();
    });

    for (const bad of ['9180', '127.0.0.1', ':9180', 'a b:9180', '127.0.0.1:99999', '::1:9180',
        'unix:relative', 'unix:', `unix:/${'x'.repeat(107)}`]) {
        test(`${bad.slice(0, 30)} is no address: exit 2`, async () => {
            const broker = launchBroker({ config: { 'admin listen': [bad] } });
            const status = await broker.program.ended();
            assert.deepStrictEqual(status, { code: 2, signal: null });
            assert.match(broker.log, /"admin listen": must be a list of at most 8 of host:port/);
        });
    }

    test('a key that can be guessed: exit 2, and it is not shown', async () => {
        const broker = launchBroker({ config: { 'admin key': 'hunter2' } });
        assert.strictEqual((await broker.program.ended()).code, 2);
        assert.match(broker.log, /"admin key": must be 32 to 256 printable/);
        assert.doesNotMatch(broker.log, /hunter2/);
    });
});
