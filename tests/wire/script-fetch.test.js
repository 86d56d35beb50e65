'use strict';
/*
 * Requests of a script to other servers, by fetch() and http.request(): the same program on Node
 * and here gets the same, from a server of this test.
 */

const assert = require('node:assert');
const http = require('node:http');
const https = require('node:https');
const fs = require('node:fs');
const net = require('node:net');
const { once } = require('node:events');
const { after, before, test, describe } = require('node:test');
const { Authority } = require('../lib/certificates.js');
const { within } = require('../lib/deadline.js');
const { BETTER } = require('../lib/server.js');
const { RUNTIMES, runScript } = require('../lib/script-both.js');
const { freePort } = require('../lib/program.js');
const { runScript: runHere, startScript } = require('../lib/script.js');

/* What the server of this test answers to a path. */
const ANSWERS = {
    '/json': (req, res) => res.writeHead(200, { 'Content-Type': 'application/json' })
        .end('{"a":[1,"\u00e9"]}'),
    '/bytes': (req, res) => res.end(Buffer.from([0, 255, 1])),
    '/none': (req, res) => res.writeHead(204).end(),
    '/teapot': (req, res) => res.writeHead(418, 'Short and Stout',
        { 'Set-Cookie': ['a=1', 'b=2'], 'X-Two': ['x', 'y'] }).end('no coffee'),
    '/echo': async (req, res) => {
        const parts = [];
        for await (const part of req)
            parts.push(part);
        const { 'content-type': type, 'content-length': length, 'x-mine': mine } = req.headers;
        res.end(JSON.stringify({ method: req.method, type, length, mine,
            body: Buffer.concat(parts).toString('base64') }));
    },
    '/to': (req, res) => res.writeHead(Number(req.url.slice(4)), { Location: '../echo' })
        .end('gone'),
    '/round': (req, res) => res.writeHead(302, { Location: '/round' }).end(),
    '/parts': (req, res) => {
        for (let i = 0; i < 100; i++)
            res.write(`${i} `);
        res.end();
    },
    '/large': (req, res) => res.end(Buffer.alloc(17 * 1024 * 1024)),
    '/never': () => waits(),
    '/cut': (req, res) => {
        res.writeHead(200, { 'Content-Length': 100 });
        res.write('half', () => res.destroy());
    },
    '/target': (req, res) => res.end(req.url),
};

function answer(req, res) {
    const [, path] = /^(\/[a-z]*)/.exec(req.url);
    (ANSWERS[path] || ((_, none) => none.writeHead(404).end()))(req, res);
}

let server, port, closed;
let waits = () => {}; /* called when somebody waits for an answer that never comes */

before(async () => {
    server = http.createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address());
    closed = await freePort();
});
after(() => {
    server.closeAllConnections();
    server.close();
});

const SAY = 'const at = "http://127.0.0.1:" + process.argv[2]; const say = (...words) => ' +
    'console.log(...words);\n';

async function same(source, options = {}) {
    const said = {};
    for (const runtime of Object.keys(RUNTIMES)) {
        const { code, stdout, stderr } = await runScript(runtime, SAY + source,
            { args: [String(port), String(closed)], ...options });
        assert.strictEqual(code, 0, stderr);
        said[runtime] = stdout;
    }
    assert.strictEqual(said.siobroker, said.node);
    assert.notStrictEqual(said.node, '');
}

const FETCH = {
    'an answer has a status, headers and a body': `(async () => {
        const json = await fetch(at + '/json');
        say(json.ok, json.status, json.statusText, json.headers.get('Content-Type'), json.type,
            json.url === at + '/json', json.redirected, json.bodyUsed, await json.json(),
            json.bodyUsed);
        await json.text().catch((error) => say(error.name, error instanceof TypeError));
        const bytes = await (await fetch(new URL(at + '/bytes'))).arrayBuffer();
        say(bytes instanceof ArrayBuffer, [...new Uint8Array(bytes)]);
        const none = await fetch(at + '/none');
        say(none.status, none.body, JSON.stringify(await none.text()));
        const teapot = await fetch(at + '/teapot'), copy = teapot.clone();
        say(teapot.ok, teapot.status, teapot.statusText, teapot.headers.getSetCookie(),
            teapot.headers.get('x-two'), teapot.headers.has('X-TWO'), await teapot.text(),
            await copy.text());
        say((await fetch(at + '/missing')).status);
        say((await (await fetch(at + '/parts')).text()).length);
        say(await (await fetch(at + '/target/a b?c=\\u00e9&d="#hash')).text());
        await (await fetch(at + '/bytes')).json().catch((error) => say(error.name));
    })();`,
    'bodies of all kinds are sent': `(async () => {
        for (const init of [{}, {method: 'post', body: 'text \\u00e9'},
            {method: 'PUT', body: Buffer.from([0, 9])},
            {method: 'POST', body: new URLSearchParams({a: '1', b: 'x y'})}, {method: 'DELETE'},
            {method: 'POST', body: JSON.stringify({a: 1}),
                headers: {'content-type': 'application/json'}},
            {method: 'PATCH', body: new Uint8Array([1, 2, 3]).buffer}, {method: 'POST', body: ''},
            {headers: [['X-Mine', 'one']]}, {headers: new Headers({'x-mine': 'two'})}]) {
            const {length, ...is} = await (await fetch(at + '/echo', init)).json();
            say(is, init.body ? length : '');
        }
        const head = await fetch(at + '/json', {method: 'HEAD'});
        say(head.status, head.headers.get('content-type'), JSON.stringify(await head.text()));
        const request = new Request(at + '/echo', {method: 'POST', body: 'once',
            headers: {'x-mine': 'r'}});
        const {mine, body} = await (await fetch(request)).json();
        say(request.method, mine, body, request.bodyUsed);
    })();`,
    'redirects are followed': `(async () => {
        for (const status of [301, 302, 303, 307, 308])
            for (const method of ['GET', 'POST', 'PUT']) {
                const response = await fetch(at + '/to/' + status, {method,
                    headers: {'x-mine': 'm'}, body: method === 'GET' ? undefined : 'body'});
                const {length, ...is} = await response.json();
                say(status, response.redirected, response.url === at + '/to/echo', is);
            }
        const manual = await fetch(at + '/to/302', {redirect: 'manual'});
        say(manual.status, manual.headers.get('location'), await manual.text());
        for (const [path, redirect] of [['/to/302', 'error'], ['/round', 'follow']])
            await fetch(at + path, {redirect}).catch((error) => say(error.name, error.message,
                error.cause.message));
    })();`,
    'it can be ended': `(async () => {
        const controller = new AbortController();
        const ended = (error) => say(error.name, error.message, error.code,
            error === controller.signal.reason, error instanceof DOMException);
        const one = fetch(at + '/never', {signal: controller.signal}).catch(ended);
        say(controller.signal.aborted);
        controller.signal.addEventListener('abort', (event) => say(event.type,
            controller.signal.aborted));
        setTimeout(() => controller.abort(), 10);
        await one;
        controller.abort('again');
        await fetch(at + '/json', {signal: controller.signal}).catch(ended);
        await fetch(at + '/never', {signal: AbortSignal.timeout(20)}).catch((error) =>
            say(error.name, error.message, error.code));
        await fetch(at + '/never', {signal: AbortSignal.abort('mine')}).catch((error) =>
            say(error));
        const any = AbortSignal.any([new AbortController().signal, AbortSignal.timeout(20)]);
        await fetch(at + '/never', {signal: any}).catch((error) => say(error.name));
        const late = new AbortController();
        const fine = await fetch(at + '/json', {signal: late.signal});
        late.abort();
        say(fine.status);
    })();
    setTimeout(() => {}, 200);`,
    'what can not be asked is said': `(async () => {
        const bad = (error) => say(error.name, error.message, error.cause ? 'with a cause' : '');
        for (const [url, init] of [['nowhere', {}], [at, {method: 'GET', body: 'x'}],
            ['http://a:b@127.0.0.1/', {}]])
            await fetch(url, init).catch(bad);
        await fetch('http://127.0.0.1:' + process.argv[3] + '/').catch((error) => say(error.name,
            error.message, error.cause.code));
        await fetch(at + '/cut').then((r) => r.text()).catch((error) => say(error.name));
    })();`,
    'many at once all come to their end': `(async () => {
        const all = await Promise.all(Array.from({length: 200}, async (_, i) => (await (await fetch(
            at + '/echo', {method: 'POST', body: String(i)})).json()).body));
        say(all.length, all.every((one, i) => one === btoa(String(i))));
    })();`,
    'what a program makes itself': `(async () => {
        const headers = new Headers([['B', '2'], ['a', '1'], ['b', ' 3 ']]);
        headers.set('c', 4);
        headers.delete('A');
        say([...headers], [...headers.keys()], headers.get('b'), headers.get('none'));
        headers.forEach((value, name) => say(name, value));
        const made = new Response('text', {status: 201, headers: {'x-a': 'b'}});
        say(made.status, made.ok, made.headers.get('content-type'), made.headers.get('x-a'),
            await made.text());
        const json = Response.json({a: 1});
        say(json.headers.get('content-type'), await json.json());
        for (const bad of [() => new Headers({'a b': '1'}), () => new Headers({a: 'x\\ny'}),
            () => new Response('', {status: 99}), () => new Request('nowhere'),
            () => new AbortSignal()])
            try { bad(); } catch (error) { say(error.name); }
    })();`,
};

/* The end of a request is one of its socket in Node, too. */
const REQUESTS = {
    'http.get() and http.request()': `
        const http = require('http');
        function body(res, fn) {
            let text = '';
            res.setEncoding('utf8');
            res.on('data', (part) => { text += part; });
            res.on('end', () => fn(text));
        }
        http.get(at + '/teapot', (res) => body(res, (text) => {
            say(res.statusCode, res.statusMessage, res.headers['set-cookie'], res.headers['x-two'],
                res.httpVersion, text);
            const req = http.request({host: '127.0.0.1', port: process.argv[2], path: '/echo',
                method: 'POST', headers: {'X-Mine': 'mine', 'Content-Type': 'text/plain'}}, (res) =>
                body(res, (text) => { say(text.replace(/"length":"\\d+",/, '')); next(); }));
            req.on('finish', () => say('finish'));
            req.write('one ');
            req.end('two');
        }));
        function next() {
            const req = http.get({port: process.argv[3], host: '127.0.0.1'});
            req.on('error', (error) => { say(error.code); last(); });
        }
        function last() {
            const req = http.get(at + '/never', () => say('never'));
            req.on('error', (error) => say(error.message, error.code));
            req.setTimeout(20, () => { say('timeout'); req.destroy(); });
            for (const bad of ['https://127.0.0.1/', {path: '/a b'}])
                try { http.get(bad); } catch (error) { say(error.code, error.message); }
        }`,
};

describe('requests of a script', BETTER, () => {
    for (const [name, program] of Object.entries({ ...FETCH, ...REQUESTS }))
        test(name, () => same(program));

    test('https:// is trusted when its certificate is', async (t) => {
        const authority = await new Authority('fetch').begin();
        const { certificate, key } = await authority.vouchFor('localhost',
            'subjectAltName=DNS:localhost');
        const secure = https.createServer({ cert: fs.readFileSync(certificate),
            key: fs.readFileSync(key) }, answer).listen(0, '127.0.0.1');
        await once(secure, 'listening');
        t.after(() => secure.close());
        const url = `https://localhost:${secure.address().port}/json`;
        const source = `fetch('${url}').then(async (response) => {
            console.log(response.status, await response.json());
            require('https').get(response.url, (res) => { console.log(res.statusCode); });
        }).catch((error) => console.log(error.name, error.message, error.cause.code));`;
        const node = await runScript('node', source,
            { env: { NODE_EXTRA_CA_CERTS: authority.file } });
        const here = await runHere({ 'app.js': source,
            'settings.json': { 'outgoing ca': authority.file } },
        { options: ['--config', 'settings.json'] });
        assert.strictEqual(here.stdout, node.stdout, here.stderr);
        assert.match(node.stdout, /^200 /);
        const { stdout } = await runScript('siobroker', source);
        assert.strictEqual(stdout, 'TypeError fetch failed ERR_TLS\n');
    });

    test('an answer that is too large is none', async () => {
        const { stdout } = await runScript('siobroker', `${SAY}fetch(at + '/large').catch((error) =>
            say(error.message, error.cause.message.replace(/.*large: /, ''), error.cause.code));`,
        { args: [String(port)] });
        assert.strictEqual(stdout, 'fetch failed the answer is too large ERR_ANSWER_TOO_LARGE\n');
    });

    test('what is no HTTP is told, with the place that has asked', async (t) => {
        const noise = net.createServer((socket) => socket.on('error', () => {})
            .end('SSH-2.0-none\r\n')).listen(0, '127.0.0.1');
        await once(noise, 'listening');
        t.after(() => noise.close());
        const { code, stderr } = await runScript('siobroker',
            `\nconst url = 'http://127.0.0.1:${noise.address().port}/';\nfetch(url);`);
        assert.strictEqual(code, 1);
        assert.match(stderr, /TypeError: fetch failed\n( {4}at .*\n)* {4}at .*app\.js:3:\d+/);
        assert.match(stderr, /Error: GET http:.*: the answer is not one of HTTP/);
    });

    test('one that waits for an answer goes on; a SIGTERM ends it', async () => {
        const asked = new Promise((resolve) => { waits = resolve; });
        const program = startScript(`${SAY}fetch(at + '/never');`, { args: [String(port)] });
        await within(asked, 'the script asks');
        assert.deepStrictEqual(await program.stop('SIGTERM'), { code: 143, signal: null });
        program.assertNoSanitizerReport();
    });
});
