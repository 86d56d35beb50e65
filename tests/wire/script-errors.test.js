'use strict';
/*
 * What a script is told that goes wrong: file, line, what to do, and the exit status.
 */

const assert = require('node:assert');
const { after, test } = require('node:test');
const { begin, leaveAll } = require('../lib/modern.js');
const { listenScript, runInNode, runScript, startScript } = require('../lib/script.js');

const SAY = 'const say = (...words) => process.stdout.write(words.join(" ") + "\\n");\n';

after(leaveAll);

/*
 * Without an upgrade: a client whose server ends while it leaves its polls does not see that before
 * its ping timeout.
 */
async function enter(port) {
    const client = begin(port, { way: 'websocket' });
    await client.next('connect');
    return client;
}

async function fails(files, code, ...patterns) {
    const ended = await runScript(files);
    for (const pattern of patterns)
        assert.match(ended.stderr, pattern);
    assert.strictEqual(ended.code, code, ended.stderr);
    return ended;
}

async function sameAsNode(source) {
    const here = await runScript(SAY + source);
    const there = await runInNode(here.folder);
    assert.strictEqual(here.stdout, there.stdout, here.stderr);
    assert.strictEqual(here.code, there.code, here.stderr);
    assert.notStrictEqual(here.stdout, '');
}

/* --- What can not begin. --- */

test('a file that is not there', async () => {
    const { code, stderr } = await runScript({ 'other.js': '' });
    assert.strictEqual(stderr, 'siobroker: app.js: no such file\n');
    assert.strictEqual(code, 2);
});

test('a folder', async () => {
    const { code, stderr } = await runScript({ 'app.js/x': '' });
    assert.strictEqual(stderr, 'siobroker: app.js: a folder\n');
    assert.strictEqual(code, 2);
});

test('a mistake in the text: place, line, caret', async () => {
    const { stderr, code } = await runScript('var a = 1;\n\tvar b = (;\n');
    assert.match(stderr, /^app\.js:2:\d+: SyntaxError: .*\n\tvar b = \(;\n\t {9}\^\n$/);
    assert.strictEqual(code, 2);
});

test('a mistake in the first line has the right column', () =>
    fails('var b = ;', 2, /^app\.js:1:9: SyntaxError: .*\nvar b = ;\n {8}\^\n$/));

test('a mistake at the end', () => fails('function f() {\n', 2, /^app\.js:\d:\d+: SyntaxError/));

test('a mistake in a module that is required', () => fails({
    'app.js': 'require("./lib/part");', 'lib/part.js': 'let x = 1;\nlet x = 2;\n',
}, 2, /^lib\/part\.js:2:\d+: SyntaxError: /));

test('a mistake in JSON', () => fails({
    'app.js': 'require("./settings.json");', 'settings.json': '{\n    "a": 1,\n    b: 2\n}\n',
}, 2, /^settings\.json:3:\d+: SyntaxError: .*\n {4}b: 2\n +\^\n$/));

test('a mistake in package.json', () => fails({
    'app.js': 'require("pack");', 'node_modules/pack/package.json': '{"main": }',
}, 2, /^node_modules\/pack\/package\.json:1:\d+: SyntaxError: /));

test('a mistake in an ES module', async () => {
    const { stderr, code } = await runScript({
        'app.mjs': 'import "./part.mjs";', 'part.mjs': 'export const a = 1;\nexport const b = ;\n',
    }, { main: 'app.mjs' });
    assert.match(stderr, /^part\.mjs:2:18: SyntaxError: .*\nexport const b = ;\n {17}\^\n$/);
    assert.strictEqual(code, 2);
});

test('a mistake that the script catches is none of the program', () => sameAsNode(`
    require('fs').writeFileSync(__dirname + '/bad.js', 'var = 1;');
    try { require('./bad'); } catch (error) { say(error.name); }`));

/* --- Modules. --- */

test('a file that is required and not there: the require stack', async () => {
    const { folder, stderr } = await fails({
        'app.js': 'require("./lib/part");', 'lib/part.js': '\n\nrequire("./gone");',
    }, 1, /Error: Cannot find module '\.\/gone'\nRequire stack:\n/, /code: 'MODULE_NOT_FOUND'/);
    assert.ok(stderr.includes(`- ${folder}/lib/part.js\n- ${folder}/app.js\n`), stderr);
    assert.ok(stderr.startsWith(`${folder}/lib/part.js:3\nrequire("./gone");\n`), stderr);
});

test('a package that is not there: what is built in', () => fails('require("leftpad");', 1,
    /Error: Cannot find module 'leftpad'\nRequire stack:\n- \/.*\/app\.js\n/,
    /Built in are: .*\bevents, .*\bfs, .*\bsocket\.io\b/));

test('a module of Node that is not there: who needs it, and where to go', async () => {
    const { folder, stderr } = await fails({
        'app.js': 'require("database");',
        'node_modules/database/package.json': { main: 'lib/connect.js' },
        'node_modules/database/lib/connect.js': 'const net = require("net");',
    }, 1, /Cannot find module 'net'/, /backends\.md/);
    assert.ok(stderr.includes(`${folder}/node_modules/database/lib/connect.js needs the module ` +
        '"net" of Node'), stderr);
});

test('the same by import', async () => {
    const { code, stderr } = await runScript({ 'app.mjs': 'import net from "node:net";' },
        { main: 'app.mjs' });
    assert.match(stderr, /Cannot find package 'node:net' imported from \/.*\/app\.mjs/);
    assert.match(stderr, /app\.mjs needs the module "net" of Node/);
    assert.strictEqual(code, 1);
});

/* --- Errors that nobody catches. --- */

test('an uncaught exception: place, line, caret, stack', async () => {
    const { folder, stderr } = await fails(
        'const one = 1;\nfunction inner() {\n    throw new TypeError("wrong");\n}\ninner();\n', 1);
    const [place, line, caret, empty, head, first, second, end] = stderr.split('\n');
    assert.strictEqual(place, `${folder}/app.js:3`);
    assert.strictEqual(line, '    throw new TypeError("wrong");');
    assert.match(caret, /^ {4,}\^$/);
    assert.strictEqual(empty, '');
    assert.strictEqual(head, 'TypeError: wrong');
    assert.match(first, new RegExp(`^    at inner \\(${folder}/app\\.js:3:\\d+\\)$`));
    assert.match(second, new RegExp(`^    at ${folder}/app\\.js:5:\\d+$`));
    assert.strictEqual(end, '');
});

test('with what it has beside its stack, and its cause', () => fails(`
    throw Object.assign(new Error('outer', { cause: new RangeError('inner') }), { code: 'E' });`, 1,
/Error: outer\n {4}at .*app\.js:2:\d+ \{\n {2}code: 'E'\n\}\n/, /\[cause\]: RangeError: inner\n {4}at/));

test('in a timer, a promise, a tick', async () => {
    await fails('setTimeout(() => { null.x; }, 1);', 1, /\/app\.js:1\n.*\n +\^\n\nTypeError: /);
    await fails('(async () => { null.x; })();', 1, /\/app\.js:1\n.*\n +\^\n\nTypeError: /);
    await fails('process.nextTick(() => { null.x; });', 1, /\/app\.js:1\n.*\n +\^\n\nTypeError: /);
});

test('what is thrown need not be an error', async () => {
    await fails('throw "a text";', 1, /^Uncaught:\n'a text'\n$/);
    await fails('throw {a: 1};', 1, /^Uncaught:\n\{ a: 1 \}\n$/);
    await fails('throw null;', 1, /^Uncaught:\nnull\n$/);
    await fails('throw undefined;', 1, /^Uncaught:\nundefined\n$/);
    await fails('Promise.reject(5);', 1,
        /UnhandledPromiseRejection: .*The promise rejected with the reason "5"/);
    await fails('throw Object.defineProperty(new Error(), "stack", {get() { throw 1; }});', 1);
    await fails('throw new Proxy({}, {get() { throw 1; }});', 1);
});

for (const [name, source] of Object.entries({
    'uncaughtException goes on': `
        process.on('uncaughtException', (error, origin) => say(error.message, origin));
        setTimeout(() => say('goes on'), 5);
        Promise.reject(new Error('rejected'));
        throw new Error('thrown');`,
    'unhandledRejection goes on': `
        process.on('unhandledRejection', (reason, promise) => say(reason, promise === one));
        const one = Promise.reject('why');
        setTimeout(() => say('goes on'), 5);`,
    'an error in a listener of uncaughtException': `
        process.on('exit', (code) => say('exit', code));
        process.on('uncaughtException', () => { say('first'); throw new Error('second'); });
        setTimeout(() => say('never'), 5);
        throw new Error('one');`,
    'an error in a listener of unhandledRejection': `
        process.on('exit', (code) => say('exit', code));
        process.on('unhandledRejection', () => { say('first'); throw new Error('second'); });
        Promise.reject(new Error('one'));`,
    'exit is told of an uncaught exception': `
        process.on('exit', (code) => { say('exit', code); });
        process.on('uncaughtExceptionMonitor', (error, origin) => say(error.message, origin));
        throw new Error('one');`,
    'a recursion without end': `
        let n = 0;
        function again() { n++; again(); }
        try { again(); } catch (error) {
            say(error instanceof RangeError, error.name, error.message, n > 1000);
        }
        const deep = [];
        let at = deep;
        for (let i = 0; i < 100000; i++)
            at = at[0] = [];
        try { JSON.stringify(deep); } catch (error) { say(error.name); }
        say('goes on');`,
    'stacks: head, ten frames, limits': `
        function deep(n) { return n === 0 ? new Error('bottom') : deep(n - 1); }
        const lines = deep(30).stack.split('\\n');
        say(lines[0], lines.length, /^    at deep \\(.*app.js:3:\\d+\\)$/.test(lines[1]));
        Error.stackTraceLimit = 3;
        say(deep(30).stack.split('\\n').length);
        Error.stackTraceLimit = 0;
        say(deep(30).stack);
        Error.stackTraceLimit = Infinity;
        say(deep(30).stack.split('\\n').filter((line) => line.includes('at deep')).length);
        Error.stackTraceLimit = 10;
        class Own extends Error { constructor(text) { super(text); this.name = 'Own'; } }
        say(String(new Own('mine')));
        say(new RangeError().stack.split('\\n')[0], Object.keys(new Error('x')).length);
        try { null.x; } catch (error) { say(error.stack.split('\\n')[0].split(':')[0]); }
        try { JSON.parse('{'); } catch (error) { say(error.stack.split('\\n')[0].split(':')[0]); }`,
    'Error.captureStackTrace()': `
        function MyError(text) { this.message = text; Error.captureStackTrace(this, MyError); }
        MyError.prototype = Object.create(Error.prototype, {name: {value: 'MyError'}});
        function make() { return new MyError('mine'); }
        const lines = make().stack.split('\\n');
        say(lines[0], /^    at make \\(/.test(lines[1]), Object.keys(make()));
        const plain = {};
        Error.captureStackTrace(plain);
        say(plain.stack.split('\\n')[0], /app.js/.test(plain.stack.split('\\n')[1]));
        Error.prepareStackTrace = (error, sites) => sites;
        Error.captureStackTrace(plain);
        say(plain.stack[0].getFileName() === __filename, plain.stack[0].getLineNumber());
        Error.prepareStackTrace = undefined;`,
}))
    test(name, () => sameAsNode(source));

test('frames of what is built in are left out', async () => {
    const { stderr } = await fails(`const events = require('events');
        const emitter = new events();
        emitter.on('x', function listener() { [1].forEach(function each() { null.y; }); });
        emitter.emit('x');`, 1);
    assert.doesNotMatch(stderr, /siobroker:/);
    assert.match(stderr, /at each .*\n {4}at forEach \(<anonymous>\)\n {4}at listener .*\n/);
});

test('the first line has its own columns', () => fails('null.x;', 1, /app\.js:1:5\n/));

/* --- Memory. --- */

const FULL = ['--config', 'small.json'];
const small = (source) => runScript({ 'app.js': source,
    'small.json': { 'script max memory': 16777216 } }, { options: FULL });

test('out of memory, of many small things', async () => {
    const { code, stderr } = await small('const all = []; for (;;) all.push({ n: all.length });');
    assert.match(stderr, /InternalError: out of memory/);
    assert.strictEqual(code, 1);
});

test('out of memory, of one large thing, can be caught', async () => {
    const { code, stdout, stderr } = await small(`${SAY}
        for (const make of [() => new ArrayBuffer(20000000), () => 'x'.repeat(20000000),
            () => Buffer.alloc(20000000), () => new Array(5000000).fill(1),
            () => JSON.stringify(Array(3000000).fill('text'))])
            try { make(); } catch (error) { say(error.name, error.message); }
        say('goes on');`);
    assert.strictEqual(stdout, 'InternalError out of memory\n'.repeat(5) + 'goes on\n', stderr);
    assert.strictEqual(code, 0);
});

test('out of memory inside of what is built in', async () => {
    for (const call of ['fs.readFileSync("big")', 'fs.readFileSync("big", "latin1")',
        'JSON.parse("[" + "1,".repeat(4000000) + "1]")']) {
        const { code, stderr } = await small(`
            const fs = require('fs');
            if (${call.includes('big')}) {
                fs.writeFileSync('big', 'x'.repeat(3000000));
                for (let i = 0; i < 9; i++) fs.appendFileSync('big', 'x'.repeat(3000000));
            }
            const kept = ${call};`);
        assert.match(stderr, /InternalError: out of memory/, call);
        assert.strictEqual(code, 1, call);
    }
});

test('uncaughtException hears of it, and the script goes on', async () => {
    const { code, stdout, stderr } = await small(`${SAY}
        let all = [];
        process.on('uncaughtException', (error) => { all = []; say(error.name, error.message); });
        setTimeout(() => say('goes on'), 1);
        for (;;) all.push({ n: all.length });`);
    assert.match(stdout, /^InternalError out of memory\ngoes on\n$/, stderr);
    assert.strictEqual(code, 0);
});

/* --- What does not return. --- */

test('a handler that does not end: where it is; SIGTERM ends it, and the program', async () => {
    const program = startScript(`process.on('exit', () => process.stdout.write('exit\\n'));
        require('socket.io').listen(0);
        setTimeout(function later() {
            for (;;)
                Math.random();
        }, 1);`, { options: ['--port', '0'] });
    await program.said(/does not return.*: a timer for \d+ ms, at \/.*\/app\.js:[45]:/);
    assert.deepStrictEqual(await program.stop('SIGTERM'), { code: 0, signal: null });
    assert.match(program.stderr, /ended by a signal/);
    assert.strictEqual(program.stdout, 'exit\n');
    program.assertNoSanitizerReport();
});

test('"script warn after", and SIGINT', async () => {
    const program = startScript({ 'app.js': `
        function busy(until) { while (Date.now() < until); }
        busy(Date.now() + 300);
        process.stdout.write('began\\n');
        setTimeout(() => busy(Infinity), 1);`, 'slow.json': { 'script warn after': 3600000 } },
    { options: ['--config', 'slow.json'] });
    await program.said(/began/);
    assert.doesNotMatch(program.stderr, /does not return/);
    program.kill('SIGKILL');
    const other = startScript('for (;;) Math.random();', { options: [] });
    await other.said(/does not return.*: the start of the script for \d+ ms, at .*app\.js:1:/);
    assert.deepStrictEqual(await other.stop('SIGINT'), { code: 130, signal: null });
});

test('the event is named', async () => {
    const broker = await listenScript(`require('socket.io').listen(0).on('connection', (socket) =>
        socket.on('spin "it"', () => { for (;;) Math.random(); }));`);
    const client = await enter(broker.port);
    client.emit('spin "it"');
    await broker.program.said(
        /does not return.*: the event "spin "it"" for \d+ ms, at .*app\.js:2:/);
    await broker.stop();
});

/* --- Signals, and the end of clients. --- */

test('process.on("SIGTERM") comes in place of what is usual', async () => {
    const program = startScript(`
        process.on('SIGTERM', (name, number) => {
            process.stdout.write(name + ' ' + number + '\\n');
            if (process.listenerCount('SIGHUP') === 0)
                process.exit(3);
            process.removeAllListeners('SIGHUP');
        });
        process.on('SIGHUP', (name) => process.stdout.write(name + '\\n'));
        setInterval(() => {}, 1000);
        process.stdout.write('ready\\n');`);
    await program.said(/ready/);
    program.kill('SIGHUP');
    await program.said(/SIGHUP\n/);
    program.kill('SIGTERM');
    await program.said(/SIGTERM 15\n/);
    assert.deepStrictEqual(await program.stop('SIGTERM'), { code: 3, signal: null });
    program.assertNoSanitizerReport();
});

test('clients are told of an uncaught exception as at SIGTERM', async () => {
    const broker = await listenScript(`require('socket.io').listen(0).on('connection', (socket) =>
        socket.on('fail', () => { null.x; }));`);
    const client = await enter(broker.port);
    const gone = client.next('disconnect');
    client.emit('fail');
    await gone;
    assert.deepStrictEqual(await broker.program.ended(), { code: 1, signal: null });
    assert.match(broker.log, /app\.js:2\n.*\n +\^\n\nTypeError/);
    broker.program.assertNoSanitizerReport();
});
