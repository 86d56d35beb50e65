'use strict';
/*
 * A script with "workers": each of them runs the program, and to clients they are one server. That
 * workers serve clients at all is in workers.test.js, and how a master keeps them in wire/.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { LOCAL, getJson } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { begin, leaveAll } = require('../lib/modern.js');
const { childrenOf, freePort, scratch } = require('../lib/program.js');
const { makeRoamer } = require('../lib/roamer.js');
const { folderOf, listenScript, runScript, startScript } = require('../lib/script.js');
const { REFERENCE, writeConfig } = require('../lib/server.js');
const { WorkerPorts } = require('../lib/worker-ports.js');

const suite = { skip: REFERENCE && 'about our own program' };
const WORKERS = ['--workers', '3'];
const QUIET = writeConfig({ 'flash policy server': false });
const OPTIONS = ['--config', QUIET, ...WORKERS];
const VERSIONS = ['0.9.16', '4.8.4'];

/* Which worker it is, and how often somebody has asked it, are its own; the room is one. */
const APP = `
    const { Server } = require('socket.io');
    const io = new Server(80);
    const number = process.env.SIOBROKER_WORKER;
    let asked = 0;
    console.log('runs as ' + number);
    io.on('from a worker', (from) => io.local.emit('told', from));
    io.on('connection', (socket) => {
        socket.join('everybody');
        socket.emit('server', { server: 'script', port: 1 });
        socket.on('who', (ack) => ack(number, ++asked));
        socket.on('say', (text) => io.to('everybody').emit('said', text));
        socket.on('tell workers', () => io.serverSideEmit('from a worker', number));
        socket.on('count', async (ack) => ack((await io.fetchSockets()).length));
        socket.on('throw', () => { throw new Error('of worker ' + number); });
    });`;

const start = async (source = APP, options = []) => {
    const broker = await listenScript(source, { options: [...OPTIONS, ...options] });
    for (const number of [1, 2])
        await broker.program.said(new RegExp(`worker ${number} serves`));
    return broker;
};

const clientsOf = async (ports, versions = VERSIONS) => {
    const all = ports.flatMap((port) => versions.map((version) => begin(port,
        { version, transports: ['websocket'], 'connect timeout': 60000 })));
    await Promise.all(all.map((client) => client.next('server', 60000)));
    return all;
};

const times = (text, pattern) => [...text.matchAll(pattern)].length;

describe('the workers of a script are one server', suite, () => {
    let broker, ports, clients;

    before(async () => {
        broker = await start();
        ports = await WorkerPorts.start(broker.port, 3);
        clients = await clientsOf(ports.ports);
    });
    after(async () => {
        leaveAll();
        ports.stop();
        await broker.stop();
    });

    test('each runs the program, and has its own memory', async () => {
        const answers = [];
        for (const client of clients)
            answers.push(await client.ask('who'));
        const numbers = answers.map(([number]) => number);
        assert.deepStrictEqual([...new Set(numbers)].sort(), ['0', '1', '2']);
        assert.deepStrictEqual(answers.map(([, asked]) => asked), [1, 2, 1, 2, 1, 2]);
        assert.strictEqual(times(broker.program.stdout, /^runs as \d$/gm), 3);
    });

    test('clients of 0.9 and of 4 at every worker are in one room', async () => {
        for (const client of clients) {
            const heard = Promise.all(clients.map((one) => one.next('said')));
            client.emit('say', 'hello');
            assert.deepStrictEqual(await heard, clients.map(() => ['hello']));
        }
        for (const client of clients)
            assert.deepStrictEqual(await client.ask('count'), [clients.length]);
    });

    test('serverSideEmit() tells the others', async () => {
        const [[number]] = [await clients[0].ask('who')];
        const heard = Promise.all(clients.slice(2).map((one) => one.next('told')));
        clients[0].emit('tell workers');
        assert.deepStrictEqual(await heard, clients.slice(2).map(() => [number]));
    });

    for (const transport of ['xhr-polling', 'websocket'])
        test(`any request of a session may go to any worker: ${transport}`, async () => {
            const roamer = await makeRoamer(ports.ports, transport).connect();
            const [number, first] = await roamer.ask('who');
            for (let i = 1; i <= 6; i++)
                assert.deepStrictEqual(await roamer.ask('who'), [number, first + i]);
            await roamer.leave();
        });
});

describe('a worker of a script ends', suite, () => {
    test('its successor runs the program again', async () => {
        const broker = await start();
        const workers = childrenOf(broker.program.pid);
        const [client] = await clientsOf([broker.port], ['4.8.4']);
        const [number] = await client.ask('who');
        client.emit('throw');
        await broker.program.said(new RegExp(`Error: of worker ${number}`));
        await broker.program.said(new RegExp(`worker ${number} \\(process \\d+\\) has ended with ` +
            'status 1'));
        await broker.program.until(() => times(broker.program.stdout,
            new RegExp(`^runs as ${number}$`, 'gm')) === 2, 'runs it again');
        const now = childrenOf(broker.program.pid);
        assert.strictEqual(now.length, 3);
        assert.strictEqual(now.filter((pid) => workers.includes(pid)).length, 2);
        const [other] = await clientsOf([broker.port], ['4.8.4']);
        await eventually(async () => (await other.ask('count'))[0] === 2, 'both are there');
        leaveAll();
        await broker.stop();
    });

    test('one that fails at its start is begun again, less and less often', async () => {
        const flag = path.join(scratch(), 'broken');
        const broker = await start(`
            if (require('fs').existsSync(${JSON.stringify(flag)}))
                throw new Error('broken now');
            ${APP}`);
        fs.writeFileSync(flag, '');
        process.kill(childrenOf(broker.program.pid)[0], 'SIGKILL');
        await broker.program.said(/worker \d begins again in 1 s/);
        await broker.program.said(/worker \d begins again in 2 s/);
        assert.strictEqual(times(broker.log, /^Error: broken now$/gm), 2);
        fs.rmSync(flag);
        const { length } = broker.log;
        await broker.program.until(() => /worker \d serves/.test(broker.log.slice(length)),
            'serves again');
        await broker.stop();
    });

    test('the master is killed: its workers end, also one that does not listen', async () => {
        const broker = await listenScript(`
            setInterval(() => {}, 1000);
            if (process.env.SIOBROKER_WORKER !== '2')
                require('socket.io')(80);
            else
                console.log('does something else');`, { options: OPTIONS });
        await broker.program.said(/does something else/);
        const workers = childrenOf(broker.program.pid);
        assert.strictEqual(workers.length, 3);
        broker.program.kill('SIGKILL');
        await eventually(() => workers.every((pid) => !fs.existsSync(`/proc/${pid}`) ||
            /^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))), 'all end');
    });
});

describe('a script with workers at its start', suite, () => {
    const run = (source) => runScript(source, { options: OPTIONS });

    test('what it throws is told once, and the program ends', async () => {
        const { code, stderr } = await run(`require('socket.io')(0);
            throw new Error('at the start');`);
        assert.strictEqual(code, 1);
        assert.strictEqual(times(stderr, /^Error: at the start$/gm), 1, stderr);
        assert.match(stderr, /a worker has failed/);
    });

    test('a port in use is told once, and the program ends', async () => {
        const taken = net.createServer().listen(0);
        await new Promise((resolve) => taken.once('listening', resolve));
        const { port } = taken.address();
        const { code, stderr } = await run(`require('socket.io')(${port});`);
        taken.close();
        assert.strictEqual(code, 1);
        assert.strictEqual(times(stderr, /^Error: listen EADDRINUSE: address already in use :::/gm),
            1, stderr);
    });

    test('one that does nothing ends, as without them', async () => {
        const { code, stdout, stderr } = await run('console.log("it runs");');
        assert.deepStrictEqual([code, stdout, stderr.replace(/.* warn .*\n/g, '')],
            [0, 'it runs\n', '']);
    });

    test('"workers" and "admin listen" are not for the program to say', async () => {
        const inside = await runScript(`
            const http = require('http').createServer();
            http.on('error', ({ message }) => {
                console.log(message);
                process.exit(3);
            });
            require('socket.io')(http, { workers: 2 });
            http.listen(0);`);
        assert.strictEqual(inside.code, 3, inside.stderr);
        assert.match(inside.stdout, /"workers" are made before: /);
        const { code, stderr } = await run(
            "require('socket.io')(0, { 'admin listen': ['127.0.0.1:0'] });");
        assert.strictEqual(code, 1);
        assert.match(stderr, /TypeError: "admin listen": the master of the workers listens there/);
    });
});

describe('where a script with workers listens', suite, () => {
    /* As startScript() starts it, once `n` workers serve; without options that say a port. */
    const launch = async (source, n = 3) => {
        const program = startScript(source, { options: OPTIONS });
        for (let i = 1; i < n; i++)
            await program.said(new RegExp(`worker ${i} serves`));
        return program;
    };
    const stop = async (program) => {
        assert.deepStrictEqual(await program.stop(), { code: 0, signal: null }, program.tail());
        program.assertNoSanitizerReport();
    };
    const numbersAt = (at, n) => eventually(async () => {
        const numbers = await Promise.all(Array.from({ length: 20 },
            async () => (await http.get(at, '/')).text));
        return new Set(numbers).size === n && numbers;
    }, `${n} workers answer`);

    test('after a port in use at another one', async () => {
        const taken = net.createServer().listen(0);
        await new Promise((resolve) => taken.once('listening', resolve));
        const free = await freePort();
        const program = await launch(`
            const http = require('http').createServer((req, res) =>
                res.end(process.env.SIOBROKER_WORKER));
            http.on('error', ({ code }) => {
                console.log(code);
                http.listen(${free});
            });
            require('socket.io')(http);
            http.listen(${taken.address().port});`);
        taken.close();
        assert.strictEqual(program.stdout, 'EADDRINUSE\n'.repeat(3));
        await numbersAt(free, 3);
        await stop(program);
    });

    test('each at a port of its own, and all at one', async () => {
        const all = await freePort(), own = await freePort();
        const program = await launch(`
            const http = require('http');
            const answer = (req, res) => res.end(process.env.SIOBROKER_WORKER);
            require('socket.io')(http.createServer(answer).listen(${all}, '127.0.0.1'));
            http.createServer(answer).listen(${own} + 2 * process.env.SIOBROKER_WORKER);`);
        await numbersAt(all, 3);
        for (const i of [0, 1, 2])
            assert.deepStrictEqual([...new Set(await numbersAt(own + 2 * i, 1))], [String(i)]);
        await stop(program);
    });

    test('at a path', async () => {
        const folder = folderOf({ 'app.js': `
            const http = require('http').createServer((req, res) =>
                res.end(process.env.SIOBROKER_WORKER));
            require('socket.io')(http);
            http.listen(__dirname + '/front.sock');` });
        const program = await launch(fs.readFileSync(path.join(folder, 'app.js'), 'utf8'));
        const file = path.join(program.folder, 'front.sock');
        assert.ok(fs.statSync(file).isSocket());
        process.kill(childrenOf(program.pid)[0], 'SIGKILL');
        await program.said(/worker \d serves[^]*worker \d serves[^]*worker \d serves/);
        await stop(program);
        assert.ok(!fs.existsSync(file));
    });
});

describe('a program that makes its workers itself', suite, () => {
    const OF_NODE = `
        const cluster = require('node:cluster');
        if (cluster.isPrimary) {
            require('@socket.io/cluster-adapter').setupPrimary();
            for (let i = 0; i < 3; i++)
                cluster.fork();
        } else {
            const io = new (require('socket.io').Server)(80);
            io.adapter(require('@socket.io/cluster-adapter').createAdapter());
            io.on('connection', (socket) => {
                socket.emit('server');
                socket.on('who', (ack) => ack(cluster.worker.id, cluster.isMaster));
                socket.on('say', (text) => io.emit('said', text));
            });
        }`;

    test('runs unchanged with --workers', async () => {
        const broker = await start(OF_NODE);
        const ports = await WorkerPorts.start(broker.port, 3);
        const clients = await clientsOf(ports.ports);
        const ids = new Set();
        for (const client of clients) {
            const [id, isMaster] = await client.ask('who');
            assert.strictEqual(isMaster, false);
            ids.add(id);
        }
        assert.deepStrictEqual([...ids].sort(), [1, 2, 3]);
        const heard = Promise.all(clients.map((one) => one.next('said')));
        clients[0].emit('say', 'hello');
        assert.deepStrictEqual(await heard, clients.map(() => ['hello']));
        leaveAll();
        ports.stop();
        await broker.stop();
    });

    test('and without is told what to do', async () => {
        const { code, stderr } = await runScript(OF_NODE);
        assert.strictEqual(code, 1);
        assert.match(stderr, /Error: siobroker makes the processes .* start it with --workers N/);
    });
});

describe('what is said to the master', suite, () => {
    test('SIGTERM to all at once: each program is told once, and finishes', async () => {
        const broker = await start(`${APP}
            process.on('SIGTERM', () => {
                console.log('told ' + number);
                io.close(() => {
                    for (const end = Date.now() + 200; Date.now() < end;);
                    console.log('finished ' + number);
                });
            });`);
        for (const pid of childrenOf(broker.program.pid))
            process.kill(pid, 'SIGTERM');
        await broker.stop();
        const lines = broker.program.stdout.split('\n').filter((line) => /told|fini/.test(line));
        assert.deepStrictEqual(lines.sort(), ['finished 0', 'finished 1', 'finished 2', 'told 0',
            'told 1', 'told 2']);
    });

    test('drain, and undrain, by the admin listener; and reading the settings again', async () => {
        const config = writeConfig({ 'flash policy server': false, 'admin listen': [LOCAL],
            'drain delay': 60 });
        const broker = await listenScript(APP, { options: ['--config', config, ...WORKERS] });
        for (const number of [1, 2])
            await broker.program.said(new RegExp(`worker ${number} serves`));
        const [, port] = await broker.program.said(/admin at http:\/\/127\.0\.0\.1:(\d+)\//);
        const admin = Number(port);
        const [client] = await clientsOf([broker.port], ['4.8.4']);
        await eventually(async () => (await getJson(admin, '/status')).counters.sessions === 1,
            'the admin listener knows the session');
        assert.strictEqual((await http.post(admin, '/drain', '')).status, 200);
        assert.strictEqual((await getJson(admin, '/readyz')).status, 503);
        assert.strictEqual((await http.post(admin, '/undrain', '')).status, 200);
        assert.strictEqual((await getJson(admin, '/readyz')).status, 200);
        fs.writeFileSync(config, JSON.stringify({ 'flash policy server': false,
            'admin listen': [LOCAL] }));
        broker.program.kill('SIGHUP');
        await broker.program.said(/reloaded: "drain delay"/);
        assert.deepStrictEqual((await client.ask('count')), [1]);
        leaveAll();
        await broker.stop();
    });
});
