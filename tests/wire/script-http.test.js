'use strict';
/* Module "http" of scripts: the same program on Node and here gives the same answers. */

const assert = require('node:assert');
const fs = require('node:fs');
const https = require('node:https');
const { test, describe, before, after } = require('node:test');
const { authorityFile, tlsConfig } = require('../lib/certificates.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { freePort } = require('../lib/program.js');
const { runScript: runHere } = require('../lib/script.js');
const { BETTER } = require('../lib/server.js');
const { RUNTIMES, startScript, runScript } = require('../lib/script-both.js');

/* Each path is a function of what a program does with a request. */
const PAGES = `
const http = require('http');
const events = [];
const say = (...words) => events.push(words.join(' '));
const tell = (error) => error.name + ' ' + error.code + ': ' + error.message;
function attempt(fn) {
    try {
        fn();
        return 'ok';
    } catch (error) {
        return tell(error);
    }
}
const pages = {
    '/plain'(req, res) { res.writeHead(200); res.end('hello'); },
    '/typed'(req, res) { res.writeHead(200, {'Content-Type': 'text/html'}); res.end('<p>h\\u00e9'); },
    '/reason'(req, res) { res.writeHead(404, 'Not At All', {'X-A': 1}); res.end(); },
    '/list'(req, res) { res.writeHead(200, ['X-A', '1', 'X-B', '2']); res.end(); },
    '/set'(req, res) {
        res.statusCode = 201;
        res.setHeader('X-Kept', 'a');
        res.setHeader('x-gone', 'b');
        res.removeHeader('X-Gone');
        res.setHeader('Set-Cookie', ['a=1', 'b=2']);
        res.end([res.getHeader('x-kept'), res.hasHeader('X-GONE'), res.headersSent,
            JSON.stringify(res.getHeaders())].join('|'));
    },
    '/buffer'(req, res) {
        res.setHeader('X-Latin', 'caf\\u00e9');
        res.end(Buffer.from([0, 1, 255]));
    },
    '/base64'(req, res) { res.write('aGk=', 'base64'); res.end('ff00', 'hex'); },
    '/parts'(req, res) { res.write('one '); res.write(Buffer.from('two ')); res.end('three'); },
    '/told'(req, res) {
        res.writeHead(200, {'Content-Length': 6});
        res.write('abc');
        res.end('def');
    },
    '/empty'(req, res) { res.end(); },
    '/204'(req, res) { res.writeHead(204); res.end('never'); },
    '/304'(req, res) { res.writeHead(304, {ETag: '"x"'}); res.end(); },
    '/304w'(req, res) { res.writeHead(304); res.write('never'); res.end(); },
    '/500'(req, res) { res.writeHead(500); res.end('no'); },
    '/413'(req, res) { res.writeHead(413); res.end(); },
    '/close'(req, res) { res.setHeader('Connection', 'close'); res.end('bye'); },
    '/headtold'(req, res) { res.writeHead(200, {'Content-Length': 77}); res.end(); },
    '/later'(req, res) { setTimeout(() => res.end('later'), 5); },
    '/promise': async (req, res) => { await null; res.end('promise'); },
    '/asked'(req, res) {
        res.end(JSON.stringify([req.method, req.url, req.httpVersion, req.headers,
            req.rawHeaders, req.socket.remoteAddress.replace('::ffff:', ''),
            req.connection === req.socket, req.complete]));
    },
    '/body'(req, res) {
        let text = '';
        req.on('data', (bytes) => { text += bytes.toString('hex'); });
        req.on('end', () => res.end(req.method + ' ' + text));
    },
    '/text'(req, res) {
        let text = '';
        req.setEncoding('utf8');
        req.on('data', (part) => { text += typeof part + part; });
        req.on('end', () => res.end(text));
    },
    '/late-listener'(req, res) {
        setTimeout(() => {
            let text = '';
            req.on('data', (part) => { text += part; }).on('end', () => res.end('late ' + text));
        }, 5);
    },
    '/paused'(req, res) {
        let text = '';
        req.on('data', (part) => { text += part; });
        req.pause();
        req.on('end', () => res.end('paused ' + text));
        setTimeout(() => { text += req.isPaused() + ' '; req.resume(); }, 5);
    },
    async '/iterated'(req, res) {
        let text = '';
        for await (const part of req)
            text += part;
        res.end('iterated ' + text);
    },
    '/ignored'(req, res) { res.end('body ignored'); },
    '/piped'(req, res) { req.pipe(res); },
    '/twice'(req, res) {
        const said = [];
        res.writeHead(200);
        said.push(attempt(() => res.setHeader('a', 'b')),
            attempt(() => res.removeHeader('a')), res.headersSent);
        res.end(said.join('|'));
    },
    '/head-twice'(req, res) {
        res.writeHead(200);
        res.end(attempt(() => res.writeHead(201)));
    },
    '/wrong'(req, res) {
        res.end([attempt(() => res.setHeader('a b', '1')), attempt(() => res.setHeader('a', 'x\\ny')),
            attempt(() => res.setHeader('a', undefined)), attempt(() => res.writeHead(99)),
            attempt(() => res.writeHead(200, 'a\\nb')), res.statusMessage = 'Wrong',
            attempt(() => res.write(5)),
            attempt(() => res.write({})), attempt(() => res.write(null)),
            attempt(() => res.end(true)), res.headersSent].join('|'));
    },
    '/end-twice'(req, res) {
        res.on('error', (error) => say(tell(error)));
        res.end('once');
        res.end();
        res.write('more');
    },
    '/events'(req, res) {
        res.on('finish', () => say('finish', res.writableFinished, res.finished));
        res.on('close', () => say('close'));
        res.end('ok', () => say('ended'));
        say('called', res.writableEnded, res.writableFinished);
    },
    '/said'(req, res) { res.end(events.join('|')); events.length = 0; },
    '/chained'(req, res) { res.writeHead(202, {a: 'b'}).end('chained'); },
    '/large'(req, res) { res.end('x'.repeat(9000000)); },
    '/stream'(req, res) {
        let n = 0;
        (function more() {
            while (n++ < 30)
                if (!res.write('y'.repeat(100000))) {
                    res.once('drain', more);
                    return;
                }
            res.end();
        })();
    },
};
const server = http.createServer((req, res) => {
    const fn = pages[req.url.split('?')[0]];
    if (fn) {
        fn(req, res);
    } else {
        res.writeHead(404, {'Content-Type': 'text/plain'});
        res.end(http.STATUS_CODES[404] + ' ' + req.url);
    }
});
server.listen(0, '127.0.0.1', () => {
    const {address, family, port} = server.address();
    process.stdout.write('address ' + address + ' ' + family + ' ' + server.listening + '\\n');
    process.stdout.write('port ' + port + '\\n');
});
`;

const BODY = 'a=1&b=\u00e9';
const post = (target, body = BODY) => ({ method: 'POST', target, body });

const REQUESTS = [
    ...['/plain', '/typed', '/reason', '/list', '/set', '/buffer', '/base64', '/parts', '/told',
        '/empty', '/204', '/304', '/304w', '/500', '/413', '/close', '/later', '/promise',
        '/twice', '/wrong', '/chained', '/nowhere?x=%20y', '/'].map((target) => ({ target })),
    ...['/plain', '/parts', '/told', '/headtold', '/empty'].map((target) =>
        ({ method: 'HEAD', target })),
    { target: '/plain', version: '1.0' }, { target: '/parts', version: '1.0' },
    { target: '/asked?q=a%20b&q=c', headers: { 'X-a': '1', 'x-A': '2', Cookie: 'a=1',
        cookie: 'b=2', 'User-Agent': 'one', 'user-agent': 'two', 'X-Latin': 'caf\u00e9' } },
    ...['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'].map((method) =>
        ({ method, target: '/asked' })),
    { method: 'OPTIONS', target: '*' },
    post('/body'), post('/body', ''), { target: '/body' }, post('/text'), post('/late-listener'),
    post('/paused'), post('/iterated'), post('/ignored'), post('/piped'),
    { method: 'PUT', target: '/body', body: '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
        headers: { 'Transfer-Encoding': 'chunked' } },
];

/*
 * What is said of the connection and of the length is the server's affair (it tells the length also
 * where Node has begun to send in chunks); so is the order.
 */
const OF_THE_SERVER = /^(date|connection|keep-alive|content-length|transfer-encoding)$/i;

function summary({ status, reason, headers, text, body }) {
    return { status, reason, headers: headers.filter(([name]) => !OF_THE_SERVER.test(name))
        .map(([name, value]) => `${name.toLowerCase()}: ${value}`).sort(),
    text, hex: body.toString('hex', 0, 40), length: body.length };
}

describe('a program with module "http"', BETTER, () => {
    const scripts = {};
    before(async () => {
        for (const runtime of Object.keys(RUNTIMES))
            scripts[runtime] = await startScript(runtime, PAGES);
    });
    after(async () => {
        for (const script of Object.values(scripts))
            await script.stop();
    });
    const both = async (ask) => {
        const [node, here] = [await ask(scripts.node), await ask(scripts.siobroker)];
        assert.deepStrictEqual(here, node);
        return here;
    };

    test('knows where it listens', () =>
        both(({ program }) => /^address .*$/m.exec(program.stdout)[0]));

    for (const request of REQUESTS) {
        test(`answers ${request.method || 'GET'} ${request.target} ${request.version || ''}`, () =>
            both(async ({ port }) => summary(await http.request(port, request))));
    }

    test('answers many on one connection, in order', () => both(async ({ port }) => {
        const connection = await http.connect(port);
        const targets = ['/later', '/plain', '/parts', '/204', '/nowhere', '/told'];
        for (const target of targets)
            connection.write(http.format({ target }));
        const texts = [];
        for (let i = 0; i < targets.length; i++)
            texts.push((await connection.response()).text);
        connection.destroy();
        return texts;
    }));

    for (const target of ['/events', '/end-twice']) {
        test(`hears of ${target} what Node tells`, () => both(async ({ port }) => {
            const { text } = await http.get(port, target);
            const said = await http.get(port, '/said');
            return [text, said.text];
        }));
    }

    for (const target of ['/large', '/stream']) {
        test(`may answer at length: ${target}`, () => both(async ({ port }) => {
            const { text } = await http.get(port, target);
            return [text.length, [...new Set(text)].join('')];
        }));
    }

    test('does not mind who goes', async () => {
        const { port } = scripts.siobroker;
        for (const target of ['/later', '/stream', '/large', '/plain']) {
            const connection = await http.connect(port);
            connection.write(http.format({ target }));
            connection.destroy();
        }
        assert.strictEqual((await http.get(port, '/plain')).text, 'hello');
    });

    /* Node 18 lets it pass as long as nothing has been sent. */
    test('is told that a head was sent twice', async () => {
        assert.strictEqual((await http.get(scripts.siobroker.port, '/head-twice')).text,
            'Error ERR_HTTP_HEADERS_SENT: Cannot write headers after they are sent to the client');
    });

    test('leaves the path of socket.io to the broker', async () => {
        const { port } = scripts.siobroker;
        assert.strictEqual((await http.get(port, '/socket.io/')).text, 'Welcome to socket.io.');
        assert.match((await http.get(port, '/socket.io/1/')).text, /:websocket,/);
    });
});

const STREAM = `
const http = require('http');
http.createServer((req, res) => {
    req.on('close', () => process.stdout.write('request closed ' + req.aborted + '\\n'));
    res.on('close', () => process.stdout.write('answer closed ' + res.writableFinished + '\\n'));
    res.write('begun');
}).listen(0, '127.0.0.1', function () {
    process.stdout.write('port ' + this.address().port + '\\n');
});`;

const BUSY = `
const http = require('http');
const server = http.createServer();
server.on('error', (error) => {
    process.stdout.write(JSON.stringify([error.message, error.code, error.errno, error.syscall,
        error.address, error.port]).replaceAll(process.argv[2], 'PORT') + '\\n');
    server.listen(0, '127.0.0.1', () => {
        process.stdout.write('now it does\\n');
        server.close(() => process.stdout.write('closed\\n'));
        server.on('close', () => process.stdout.write('event close\\n'));
    });
});
server.listen(process.argv[2], '127.0.0.1');
`;

const OLD = `
var http = require('http'), app = http.createServer(handler);
var io = require('socket.io').listen(app);
app.listen(Number(process.argv[2]), '127.0.0.1');
io.set('log level', 1);
function handler(req, res) { res.writeHead(200); res.end('page'); }
io.sockets.on('connection', function (socket) { socket.emit('server', {server: 'one'}); });
`;

const NEW = `
const { createServer } = require('http');
const { Server } = require('socket.io');
const server = createServer((req, res) => res.end('page'));
const io = new Server(server);
io.on('connection', (socket) => socket.emit('server', {server: 'one'}));
server.listen(0, () => process.stdout.write('port ' + server.address().port + '\\n'));
`;

describe('a server of a script', BETTER, () => {
    test('is told of a client that goes, as in Node', async () => {
        const said = {};
        for (const runtime of Object.keys(RUNTIMES)) {
            const script = await startScript(runtime, STREAM);
            const connection = await http.connect(script.port);
            connection.write(http.format());
            await connection.head();
            connection.destroy();
            await eventually(() => /answer closed/.test(script.program.stdout) &&
                /request closed/.test(script.program.stdout), 'it is told');
            said[runtime] = script.program.stdout.match(/^.* closed .*$/mg).sort();
            await script.stop();
        }
        assert.deepStrictEqual(said.siobroker, said.node);
    });

    test('may try another port when the first is taken', async () => {
        const taken = await startScript('node', PAGES);
        const said = {};
        for (const runtime of Object.keys(RUNTIMES)) {
            const { code, stdout } = await runScript(runtime, BUSY,
                { args: [String(taken.port)] });
            assert.strictEqual(code, 0);
            said[runtime] = stdout;
        }
        await taken.stop();
        assert.deepStrictEqual(said.siobroker, said.node);
        assert.match(said.node, /EADDRINUSE/);
    });

    test('ends with words of Node when nobody minds that the port is taken', async () => {
        const taken = await startScript('node', PAGES);
        for (const runtime of Object.keys(RUNTIMES)) {
            const { code, stderr } = await runScript(runtime,
                `require('http').createServer().listen(${taken.port}, '127.0.0.1');`);
            assert.strictEqual(code, 1);
            assert.match(stderr,
                /Error: listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+/);
        }
        await taken.stop();
    });

    test('has one port or several, all for the same', async () => {
        const script = await startScript('siobroker', `
            const http = require('http');
            const two = http.createServer((req, res) => res.end('two'));
            require('socket.io').listen(0).sockets.on('connection', () => {});
            two.listen(0, '127.0.0.1', function () {
                process.stdout.write('port ' + this.address().port + '\\n');
            });`);
        const [, first, second] = await script.program.said(
            /listening on port (\d+), 127\.0\.0\.1 port (\d+)/);
        for (const port of [first, second].map(Number)) {
            assert.strictEqual((await http.get(port, '/')).text, 'two');
            assert.match((await http.get(port, '/socket.io/1/')).text, /:websocket,/);
        }
        await script.stop();
    });

    for (const [era, source, target, pattern] of [
        ['0.9', OLD, '/socket.io/1/', /:websocket,/],
        ['4', NEW, '/socket.io/?EIO=4&transport=polling', /^0\{"sid":/]]) {
        test(`serves a page beside socket.io in the words of ${era}`, async () => {
            const script = await startScript('siobroker', era === '4' ? source : source.replace(
                "'127.0.0.1');", "'127.0.0.1', function () { process.stdout.write('port ' + " +
                    "app.address().port + '\\n'); });"), { args: ['0'] });
            assert.strictEqual((await http.get(script.port, '/any/where')).text, 'page');
            assert.match((await http.get(script.port, target)).text, pattern);
            await script.stop();
        });
    }

    for (const [what, source, words] of [
        ['a wrong port', 'require("http").createServer().listen(70000)',
            /RangeError.*options\.port should be >= 0 and < 65536/]]) {
        test(`says what to do instead of ${what}`, async () => {
            const { code, stderr } = await runScript('siobroker', source);
            assert.strictEqual(code, 1);
            assert.match(stderr, words);
        });
    }
});

describe('https of a script', BETTER, () => {
    let files, ca;
    before(async () => {
        const { tls: [{ certificate, key }] } = await tlsConfig();
        files = { 'cert.pem': fs.readFileSync(certificate, 'utf8'),
            'key.pem': fs.readFileSync(key, 'utf8') };
        ca = fs.readFileSync(await authorityFile());
    });

    const ask = (port, path = '/') => new Promise((resolve, reject) => {
        https.get({ port, host: '127.0.0.1', path, ca, agent: false }, (res) => {
            let text = '';
            res.on('data', (part) => { text += part; });
            res.on('end', () => resolve(text));
        }).on('error', reject);
    });
    const READ = `const fs = require('fs');
        const files = {key: fs.readFileSync('key.pem'), cert: fs.readFileSync('cert.pem')};`;

    test('is beside http, and each has its own requests', async () => {
        for (const runtime of Object.keys(RUNTIMES)) {
            const [port, plain] = [await freePort(), await freePort()];
            const script = await startScript(runtime, `${READ}
                const answer = (name) => (req, res) => res.end(name + ' ' + req.socket.encrypted);
                let n = 0;
                const up = () => { if (++n === 2) process.stdout.write('port ${port}\\n'); };
                require('http').createServer(answer('plain')).listen(${plain}, '127.0.0.1', up);
                require('https').createServer(files, answer('secure')).listen(${port}, '127.0.0.1',
                    up);`, { files });
            assert.strictEqual(await ask(port), 'secure true');
            assert.strictEqual((await http.get(plain, '/')).text, 'plain undefined');
            await script.stop();
        }
    });

    for (const [era, source] of [
        ['0.9', `require('socket.io').listen(port, files).set('log level', 2);`],
        ['4', `const server = require('https').createServer(files).listen(port, '127.0.0.1');
            new (require('socket.io').Server)(server);`]])
        test(`carries socket.io in the words of ${era}`, async () => {
            const port = await freePort();
            const script = await startScript('siobroker', `${READ} const port = ${port};\n${source}
                setTimeout(() => process.stdout.write('port ${port}\\n'), 1);`, { files });
            await script.program.said(/listening on .*\(tls\)/);
            assert.match(await ask(port, '/socket.io/?EIO=4&transport=polling'), /^0\{"sid":/);
            await script.stop();
        });

    test('does not go with --port, which would be without TLS', async () => {
        const { code, stderr } = await runHere({ ...files, 'app.js':
            `${READ} require('https').createServer(files).listen(80);` },
        { options: ['--port', '0'] });
        assert.strictEqual(code, 1);
        assert.match(stderr, /Error: --port .* without TLS.*say its port in the program/);
    });

    for (const [what, options, words] of [
        ['no certificate', '{key: "x"}', /https\.createServer\(\): there is no "cert"/],
        ['a key that is none', '{key: "x", cert: "y"}', /tls/i],
        ['requestCert', '{key: "x", cert: "y", requestCert: true}', /setting "tls client"/]])
        test(`says what is wrong with ${what}`, async () => {
            const { code, stderr } = await runScript('siobroker',
                `require("https").createServer(${options}).listen(0);`);
            assert.strictEqual(code, 1);
            assert.match(stderr, words);
        });
});
