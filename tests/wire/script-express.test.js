'use strict';
/*
 * Module "express" of scripts: the same program answers as with express 4 of npm. What that has
 * answered is in express-answers.json, by request; EXPRESS_ANSWERS=write makes it anew, with a
 * NODE_PATH where express is.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const http = require('../lib/http.js');
const { BETTER } = require('../lib/server.js');
const { startScript } = require('../lib/script-both.js');

const PROGRAM = `
const express = require('express');
const app = express();
const path = require('path');
app.disable('x-powered-by');
app.set('port', 3);
app.use((req, res, next) => { res.set('X-First', req.path + ' ' + req.method); next(); });
app.get('/', (req, res) => res.send('<p>hé'));
app.get('/json', (req, res) => res.json({a: 1, b: ['é']}));
app.get('/obj', (req, res) => res.send({a: 1}));
app.get('/buf', (req, res) => res.send(Buffer.from('ab')));
app.get('/user/:id/:what?', (req, res) => res.send([req.params, req.query, req.path,
    req.originalUrl, req.baseUrl, req.hostname, app.get('port')]));
app.get('/files/*', (req, res) => res.json(req.params));
app.get('/re', (req, res) => res.redirect('/json'));
app.get('/re301', (req, res) => res.redirect(301, 'http://x/?a=é b'));
app.get('/st', (req, res) => res.status(418).send('tea'));
app.get('/sst', (req, res) => res.sendStatus(404));
app.get('/type', (req, res) => res.type('png').send(Buffer.from('x')));
app.get('/cookie', (req, res) => res.cookie('a', 'b c', {maxAge: undefined, httpOnly: true}).end());
app.get('/throw', (req, res) => { throw Object.assign(new Error('bad thing'), {status: 418}); });
app.get('/next', (req, res, next) => next(), (req, res) => res.send('second'));
app.get('/route', (req, res, next) => next('route'), (req, res) => res.send('never'));
app.get('/route', (req, res) => res.send('other'));
app.get('/file', (req, res) => res.sendFile(path.join(__dirname, 'pub', 'a.html')));
app.get('/rfile', (req, res) => res.sendFile('a.css', {root: path.join(__dirname, 'pub')}));
app.get('/nofile', (req, res) => res.sendFile(path.join(__dirname, 'none')));
app.get('/upfile', (req, res) => res.sendFile('../app.js', {root: path.join(__dirname, 'pub')}));
app.get('/relfile', (req, res) => {
    try { res.sendFile('x'); } catch (e) { res.send(e.message); }
});
app.get('/204', (req, res) => res.status(204).send('x'));
app.post('/body', express.json(), express.urlencoded({extended: true}),
    (req, res) => res.json(req.body));
app.all('/all', (req, res) => res.send(req.method));
const sub = express.Router();
sub.get('/x/:y', (req, res) => res.json([req.url, req.baseUrl, req.originalUrl, req.params]));
app.use('/sub', sub);
app.use('/static', express.static(path.join(__dirname, 'pub')));
app.use(express.static(path.join(__dirname, 'pub')));
app.use('/err', (req, res, next) => next(Object.assign(new Error('handled'), {status: 400})));
app.use((err, req, res, next) => err.message === 'handled'
    ? res.status(err.status).send('caught ' + err.message) : next(err));
const server = app.listen(0, '127.0.0.1', () =>
    process.stdout.write('port ' + server.address().port + '\\n'));
`;

const FILES = {
    'pub/a.html': '<p>a\n', 'pub/a.css': 'p{}\n', 'pub/a.js': 'x()\n', 'pub/.hid': 'secret\n',
    'pub/dir/index.html': '<p>dir\n', 'pub/empty/keep.txt': '',
};

const JSON_TYPE = 'application/json', FORM = 'application/x-www-form-urlencoded';
const post = (body, type) => ({ method: 'POST', target: '/body', body,
    headers: { 'Content-Type': type } });
const REQUESTS = [
    ...['/', '/json', '/obj', '/buf', '/user/a%20b?x=1&y=2', '/user/1/w', '/files/a/b', '/re',
        '/re301', '/st', '/sst', '/type', '/cookie', '/throw', '/next', '/route', '/file', '/rfile',
        '/nofile', '/upfile', '/relfile', '/204', '/all', '/sub/x/1?q', '/sub/none',
        '/static/a.html', '/a.js', '/a.css', '/dir', '/dir/', '/dir?x=1', '/empty/', '/.hid',
        '/../app.js', '/%2e%2e/app.js', '/..%2fapp.js', '/static/..%2f..%2fapp.js', '/%00', '/%zz',
        '/static', '/static/', '/nope<x>', '/err', '/user/%zz', '/a.html/'
    ].map((target) => ({ target })),
    ...['HEAD', 'POST', 'OPTIONS'].map((method) => ({ method, target: '/' })),
    { method: 'HEAD', target: '/a.html' }, { method: 'POST', target: '/a.html' },
    { method: 'DELETE', target: '/all' },
    post('{"a":1}', JSON_TYPE), post('5', JSON_TYPE), post(`"${'x'.repeat(200000)}"`, JSON_TYPE),
    post('a=1&b=x+y&c[d]=2&e[]=1&e[]=2', FORM), post('x', 'text/plain'),
];

/* Times of files, and what is said of the connection, are no answer of the program. */
const OF_THE_SERVER = new RegExp('^(date|connection|keep-alive|content-length|accept-ranges|' +
    'transfer-encoding|last-modified)$', 'i');

function summary({ status, reason, headers, text }) {
    const kept = headers.filter(([name]) => !OF_THE_SERVER.test(name))
        .map(([name, value]) => `${name.toLowerCase()}: ${value}`.replace(
            /^(etag: W\/"[0-9a-f]+)-[0-9a-f]{9,12}"$/, '$1"'));
    const body = text.replace(/<br> &nbsp; &nbsp;at[^<]*/g, '')
        .replace(/\/\S*\/siobroker-script-[^/]*/g, 'FOLDER');
    return { status, reason, headers: kept.sort(), text: body };
}

const ANSWERS = path.join(__dirname, 'express-answers.json');
const keyOf = ({ method = 'GET', target, body = '' }) =>
    `${method} ${target} ${body.length > 100 ? body.length : body}`;

if (process.env.EXPRESS_ANSWERS === 'write') {
    test('answers of express are written', async () => {
        const script = await startScript('node', PROGRAM, { files: FILES });
        const answers = {};
        for (const request of REQUESTS)
            answers[keyOf(request)] = summary(await http.request(script.port, request));
        fs.writeFileSync(ANSWERS, JSON.stringify(answers, null, 1) + '\n');
        await script.stop();
    });
}

describe('a program with module "express"', BETTER, () => {
    const answers = JSON.parse(fs.readFileSync(ANSWERS));
    let script;
    before(async () => { script = await startScript('siobroker', PROGRAM, { files: FILES }); });
    after(() => script.stop());

    for (const request of REQUESTS) {
        test(`answers ${keyOf(request)}`, async () => assert.deepStrictEqual(
            summary(await http.request(script.port, request)), answers[keyOf(request)]));
    }

    test('refuses JSON that is none', async () =>
        assert.strictEqual((await http.request(script.port, post('{bad', JSON_TYPE))).status, 400));

    for (const target of ['/a.html', '/json']) {
        test(`sends ${target} once`, async () => {
            const first = await http.get(script.port, target);
            const again = await http.get(script.port, target,
                { 'If-None-Match': first.get('ETag') });
            assert.deepStrictEqual([again.status, again.text], [304, '']);
            const other = await http.get(script.port, target, { 'If-None-Match': '"other"' });
            assert.deepStrictEqual([other.status, other.text], [200, first.text]);
        });
    }
});

const OLD = `
var express = require('express'), app = express.createServer();
var io = require('socket.io').listen(app);
app.configure(function () {
    app.use(express.logger());
    app.use(express.favicon());
    app.use(express.bodyParser());
    app.use(express.methodOverride());
    app.use(express.cookieParser());
    app.use(app.router);
    app.use(express.static(__dirname + '/pub'));
});
app.configure('production', function () { app.use(function () { throw new Error('never'); }); });
app.get('/', function (req, res) { res.sendfile(__dirname + '/pub/a.html'); });
app.post('/say', function (req, res) { res.send({said: req.body.text, key: req.cookies.key}); });
app.del('/say', function (req, res) { res.send('deleted'); });
app.get('/code', function (req, res) { res.send(404); });
app.get('/both', function (req, res) { res.send(403, 'no'); });
app.get('/page', function (req, res) { res.render('index'); });
app.use(express.errorHandler({dumpExceptions: true, showStack: true}));
app.listen(0, '127.0.0.1', function () {
    process.stdout.write('port ' + app.address().port + '\\n');
});
io.sockets.on('connection', function (socket) { socket.emit('news', {hello: 'world'}); });
`;

test('a program of the days of express 2 and 3', BETTER, async () => {
    const script = await startScript('siobroker', OLD, { files: FILES });
    const ask = async (options) => (await http.request(script.port, options)).text;
    const form = (body) => ({ method: 'POST', target: '/say', body,
        headers: { 'Content-Type': FORM, Cookie: 'key=a%20b' } });

    assert.strictEqual(await ask({}), '<p>a\n');
    assert.strictEqual(await ask({ target: '/a.css' }), 'p{}\n');
    assert.strictEqual(await ask(form('text=hi+there')), '{"said":"hi there","key":"a b"}');
    assert.strictEqual(await ask(form('_method=delete')), 'deleted');
    assert.strictEqual((await http.get(script.port, '/favicon.ico')).status, 204);
    assert.strictEqual(await ask({ target: '/code' }), 'Not Found');
    const both = await http.get(script.port, '/both');
    assert.deepStrictEqual([both.status, both.text], [403, 'no']);
    const page = await http.get(script.port, '/page');
    assert.strictEqual(page.status, 500);
    assert.match(page.text, /there are no templates here\. Send a file by res\.sendFile\(\)/);
    assert.match(await ask({ target: '/socket.io/1/' }), /:websocket,/);
    assert.match(script.program.stdout, /- - \[.*\] "POST \/say HTTP\/1\.1" 200 - /);
    await script.stop();
});

test('express of npm comes first where it is', BETTER, async () => {
    const script = await startScript('siobroker', `
        const app = require('express')();
        require('http').createServer(app).listen(0, '127.0.0.1', function () {
            process.stdout.write('port ' + this.address().port + '\\n');
        });`, { files: { 'node_modules/express/index.js':
        'module.exports = () => (req, res) => res.end("another");' } });
    assert.strictEqual((await http.get(script.port, '/')).text, 'another');
    await script.stop();
});
