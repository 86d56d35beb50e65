'use strict';
/*
 * server/manual/operations.md as a new operator reads it: its first configuration, and the files
 * for nginx and HAProxy, run as they stand there but for ports and places.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { LOCAL, startAdmin } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { Program, freePort, run, scratch } = require('../lib/program.js');
const { BROKER, REFERENCE, ROOT, writeConfig } = require('../lib/server.js');
const { env, ready, startRedis } = require('../lib/services.js');

const suite = { skip: REFERENCE && 'about our own program' };
const MANUAL = fs.readFileSync(path.join(ROOT, 'server/manual/operations.md'), 'utf8');
const NOBODY = 65534;
const PAGE = { Origin: 'https://www.example.org' };
const HANDSHAKE = '/socket.io/?EIO=4&transport=polling';

/* The first block of code in that language below a heading. */
function block(heading, language) {
    const [, section] = new RegExp(`\n## ${heading}\n([^]*?)\n## `).exec(MANUAL);
    const found = new RegExp('\n```' + language + '\n([^]*?)\n```\n').exec(section);
    assert.ok(found, `${language} below ${heading}`);
    return found[1];
}

function replace(text, ...pairs) {
    for (const [from, to] of pairs) {
        assert.ok(text.includes(from), from);
        text = text.replaceAll(from, to);
    }
    return text;
}

describe('the first steps of the manual', suite, () => {
    const config = JSON.parse(block('The first configuration', 'json'));
    let redis, broker, file;

    before(async () => {
        redis = await startRedis();
        process.env.REDIS_URL = redis.url;
        const socket = `unix:${path.join(scratch(), 'admin.sock')}`;
        /* It shall not go on by itself while it leaves. */
        Object.assign(config, { port: 0, 'drain delay': 3600, 'admin listen': [LOCAL, socket] });
        broker = await startAdmin({ config });
        file = writeConfig({ ...config, port: broker.port,
            'admin listen': [`127.0.0.1:${broker.admin}`, socket] });
    });
    after(async () => {
        delete process.env.REDIS_URL;
        broker.program.kill('SIGTERM');     /* it leaves; told again, it stops */
        await broker.program.said(/draining: SIGTERM\n/);
        await broker.stop();
        await redis.stop();
    });

    /* A proxy with that file, as nobody when root runs the tests. */
    async function start(name, text, command, port) {
        const folder = scratch(), conf = path.join(folder, `${name}.conf`);
        fs.writeFileSync(conf, text);
        const options = { cwd: folder, env };
        if (process.getuid() === 0) {
            fs.chownSync(folder, NOBODY, NOBODY);
            Object.assign(options, { uid: NOBODY, gid: NOBODY });
        }
        const [program, ...args] = command(folder, conf);
        const proxy = new Program(program, args, options);
        await ready(proxy, port);
        return proxy;
    }

    const served = async (port) => (await http.get(port, HANDSHAKE, PAGE)).status;

    async function assertAllGetThrough(port) {
        const { code, stdout } = await run(BROKER,
            ['check', '--config', file, '--live', `http://127.0.0.1:${port}`]);
        assert.strictEqual(code, 0, stdout);
        for (const way of ['polling', 'websocket', 'handshake of 0.9'])
            assert.match(stdout, new RegExp(`^ok .*:${port}: ${way}$`, 'm'));
    }

    test('the last command shows that it serves', async () => {
        const commands = block('The first configuration', 'sh');
        const [, line] = /^siobroker (listen .*)$/m.exec(commands);
        const { code, stdout, stderr } = await run(BROKER,
            replace(line, [':3100', `:${broker.port}`]).split(' '));
        assert.strictEqual(code, 0, stderr);
        assert.match(stdout, /^\{"type":"connect",.*\n\{"type":"event","name":"server",.*\n$/);
    });

    test('the commands before it ask what they say', async () => {
        const [, line] = /^ {4}siobroker (--config .* --check-config)'$/m
            .exec(block('The first configuration', 'sh'));
        const { code, stdout } = await run(BROKER,
            replace(line, ['/etc/siobroker/siobroker.json', file]).split(' '));
        assert.strictEqual(code, 0);
        assert.match(stdout, /: ok\n/);
    });

    test('nginx', async () => {
        const port = await freePort();
        const text = replace(block('Behind nginx or HAProxy', 'nginx'),
            ['listen 80;', `listen 127.0.0.1:${port};`], ['127.0.0.1:3100',
                `127.0.0.1:${broker.port}`]);
        const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) =>
            `${name}_temp_path ${name};`).join('\n');
        const nginx = await start('nginx',
            `pid nginx.pid;\nevents {}\nhttp {\naccess_log off;\n${temp}\n${text}\n}\n`,
            (folder, conf) => ['nginx', '-p', folder, '-e', 'error.log', '-c', conf,
                '-g', 'daemon off;'], port);
        await assertAllGetThrough(port);
        assert.strictEqual(await served(port), 200);
        await nginx.stop('SIGTERM');
    });

    test('HAProxy, which sends nobody new to an instance that drains', async () => {
        const port = await freePort();
        const text = replace(block('Behind nginx or HAProxy', 'haproxy'),
            ['bind :80\n', `bind 127.0.0.1:${port}\n`],
            ['127.0.0.1:3100', `127.0.0.1:${broker.port}`],
            [' port 9180\n', ` port ${broker.admin}\n`]);
        const haproxy = await start('haproxy', `${text}\n`,
            (folder, conf) => ['haproxy', '-db', '-f', conf], port);
        await eventually(async () => await served(port) === 200, 'it finds the instance');
        await assertAllGetThrough(port);
        const order = (target) => http.request(broker.admin, { method: 'POST', target, body: '' });
        await order('/drain');
        await eventually(async () => await served(port) === 503, 'it leaves the instance out');
        assert.strictEqual(await served(broker.port), 200);
        await order('/undrain');
        await eventually(async () => await served(port) === 200, 'it takes it back');
        await haproxy.stop('SIGTERM');
    });
});
