'use strict';
/* What a script prints, and how it shows values: what Node prints. */

const assert = require('node:assert');
const { after, test, describe } = require('node:test');
const { eventually } = require('../lib/deadline.js');
const { begin, leave, leaveAll } = require('../lib/modern.js');
const { listenScript } = require('../lib/script.js');
const { BETTER } = require('../lib/server.js');
const { RUNTIMES, runScript } = require('../lib/script-both.js');

after(leaveAll);

/* On a busy machine the broker says that the script keeps it waiting. */
const OF_THE_LOG = /^\d{4}-\d\d-\d\dT.*\n/gm;

async function same(source, adapt = (text) => text) {
    const said = {};
    for (const runtime of Object.keys(RUNTIMES)) {
        const { code, stdout, stderr } = await runScript(runtime, source);
        said[runtime] = { code, stdout: adapt(stdout), stderr: stderr.replace(OF_THE_LOG, '') };
    }
    assert.deepStrictEqual(said.siobroker, said.node);
    assert.strictEqual(said.node.code, 0, said.node.stderr);
    return said.node;
}

/* Of '%s' with a Date the versions of Node differ: 20.19.2 says what String() does, 20.20 does not. */
const PRINTS = `
console.log('one line'); console.log(); console.log(''); console.log('two\\nlines');
console.log('caf\\u00e9 \\u4e2d\\u6587 \\ud83d\\ude00 \\t tab'); console.info('info'); console.debug('debug');
console.error('error\\nof two'); console.warn('warn %d', 3); console.log('x'.repeat(70000));
console.log('%s is %d, %i, %f, %j, %o %O %%, %c.', 'a', '42', 3.9, '1.5', {a: 1}, 5, {b: {c: {}}},
    'css', 'more', {d: 1}, 5);
console.log('100%', 1, '%s'); console.log('%s'); console.log('%d %i', 'x', 'y'); console.log(5, 'a', {});
console.log('%s %s %s %s', null, undefined, Symbol('s'), 12n, -0);
console.log('%s', {toString() { return 'mine'; }}); console.log('%d', '');
class Shown { toString() { return 'shown'; } }
console.log('%s %s', new Shown(), [1, [2, [3]]]); console.log('a%sb%', 1); console.log('%x %s', 1);
console.assert(true, 'never'); console.assert(false); console.assert(false, 'it %s', 'fails', 1);
console.assert(0, {a: 1}); console.count(); console.count(); console.count('x'); console.countReset();
console.count(); console.group('outer'); console.log('in\\nside'); console.group();
console.error('deeper'); console.groupEnd(); console.log('out'); console.groupEnd(); console.groupEnd();
console.log('end'); console.dir({a: {b: {c: {d: 1}}}}, {depth: 0}); console.dir([1]);
process.stdout.write('no line end'); process.stdout.write(Buffer.from(' bytes\\n'));
process.stderr.write('to stderr\\n');
`;

const TABLES = `
console.table([{a: 1, b: 'x'}, {a: 22, c: true}]); console.table([[1, 2], [3, 4]]);
console.table([1, 'two', null]); console.table({x: {v: 1}, y: {v: [1, 2]}}); console.table('text');
console.table([{a: 1, b: 2}], ['b']); console.table(new Map([['k', 1], ['l', 'm']]));
console.table(new Set(['a', 'b'])); console.table([]); console.table([{n: {o: 1}}, 5]);
console.table([{w: '\\u4e2d\\u6587'}]);
`;

const VALUES = `
const show = (...values) => values.forEach((value) => console.log(value));
show(1, -0, NaN, 1e21, 12n, 'text', true, null, undefined, Symbol('s'), Symbol.iterator);
show(['a', "it's", 'say "it\\'s"', '\`', 'new\\nline', 'tab\\t', '\\u001b[1m', '\\\\', '\\u0000']);
show([], [1, 2, 3], [1, , 3], [, , ], [undefined, null], new Array(3), [[1, [2, [3, [4]]]]]);
show([1, 2, 3, 4, 5, 6, 7], Array.from({length: 30}, (_, i) => i * i));
show(Array.from({length: 120}, (_, i) => i), Array.from({length: 101}, (_, i) => 'item ' + i));
show(['apple', 'banana', 'cherry', 'dragonfruit', 'elderberry', 'fig', 'grape', 'honeydew']);
show(['a'.repeat(20), 'b', 'c', 'd', 'e', 'f', 'g'], [1.5, -2, 3, 1000, 5, 6, 7, 8]);
show({}, {a: 1}, {a: 1, b: 'two', c: [1, 2, 3]}, {a: {b: {c: {d: 1}}}}, {a: {b: {c: {}}}});
show({'a-b': 1, 'c d': 2, $x: 3, _y: 4, 5: 6, [Symbol('k')]: 7, "it's": 8});
show({aaaaaaaaaaaaaaaaaaaa: 'xxxxxxxxxxxxxxxxxxxx', bbbbbbbbbbbbbbbbbbbb: 'yyyyyyyyyyyyyyyyyyyyy'});
show({aaaaaaaaaaaaaaaaaaaa: 'xxxxxxxxxxxxxxxxxxxx', bbbbbbbbbbbbbbbbbbbb: 'yyyyyyyyyyy', c: 12});
show({list: [{id: 1, name: 'Ann', tags: ['a', 'b']}, {id: 2, name: 'Ben', tags: []}], n: 2});
show({a: 1, get b() { return 2; }, set b(v) {}, get c() { return 3; }, set d(v) {}});
show({f() {}, g: () => 1, h: class A {}, i: class B extends Array {}, j: function named() {},
    k: function () {}, async l() {}, *m() {}, n: Math.max, o: async () => 1});
show(function () {}, () => {}, class Foo {}, Object.assign(function f() {}, {a: 1}));
class Point { constructor(x, y) { this.x = x; this.y = y; } }
class Empty {} class Named extends Array {} class Old extends Map {}
show(new Point(1, 2), new Empty(), {p: new Point(1, {q: new Point(2, 3)})}, Named.from([1, 2]));
show(Object.create(null), Object.assign(Object.create(null), {a: 1}), Object.create({}), new Old());
show({[Symbol.toStringTag]: 'Tagged'}, Object.create(new Point(1, 2)));
show(new Map(), new Map([['a', 1], [{k: 1}, new Map([[1, 2]])]]), new Set(), new Set([1, 'a', [2]]));
show(new WeakMap(), new WeakSet(), Promise.resolve(4), new Promise(() => {}), Promise.resolve({a: 1}));
show(new Date(0), new Date(NaN), {d: new Date(1e12)}, /a+b/gi, [/x/], Object.assign(/y/, {z: 1}));
show(new Number(3), new String('abc'), new Boolean(false), [new Number(-0)], Object(Symbol('o')));
show(Buffer.from('hello'), [Buffer.from([1, 255])], Buffer.alloc(60), Buffer.alloc(0));
show(new Uint8Array([1, 2, 3]), new Float64Array(2), new Uint8Array(0), new ArrayBuffer(4));
show(new Uint16Array(10), {u: new Uint8Array(200)}, new DataView(new ArrayBuffer(2)) && 'view');
const circle = {name: 'c'}; circle.self = circle; circle.list = [circle, {circle}]; show(circle);
const a = {}, b = {a}; a.b = b; show(a, [a, b]);
show({text: 'a long text with several lines\\nthat is certainly longer than the line\\nof a screen'});
show({long: 'x'.repeat(100), other: 'y'}, ['x'.repeat(80)], 'z'.repeat(20000).length, ['z'.repeat(10001)]);
show({a: [{b: [{c: [{d: 1}]}]}]}, [{a: {b: 1}}], [[[[]]]], [[[[1]]]], {a: {}, b: [], c: new Map()});
(function () { show(arguments); })(1, 'two');
show({custom: {[Symbol.for('nodejs.util.inspect.custom')](depth) { return 'at ' + depth + '\\nand'; }}});
show({undefined, null: null, true: true, nested: {deep: {er: {and: {er: 1}}}}});
show(Object.assign([1, 2], {extra: 'key', '-1': 0}), [1.0, 'mixed', {a: 1}, [2], null, undefined, true]);
show({'\\u4e2d': '\\u4e2d\\u6587', emoji: ['\\ud83d\\ude00', '\\ud83d\\ude01', 'c', 'd', 'e', 'f', 'g']});
show(Array.from({length: 8}, (_, i) => ({id: i})), Array.from({length: 27}, (_, i) => 'ab'.repeat(i % 5)));
show([['a', 1], ['b', 2], ['c', 3], ['d', 4], ['e', 5], ['f', 6], ['g', 7]]);
show({socket: {id: 'abc', rooms: new Set(['abc', 'r']), handshake: {headers: {host: 'localhost:3000',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'}, query: {EIO: '4'}, time: 'now'}}});
const util = require('util');
show(util.inspect({a: {b: {c: {d: {}}}}}, {depth: null}), util.inspect('it'), util.inspect([1], false, 0));
show(util.inspect({b: 1, a: 2}, {sorted: true}), util.inspect({a: 1, b: {c: 2}}, {compact: false}));
show(util.inspect({a: 1, b: 2}, {breakLength: 5}), util.inspect([1, 2, 3, 4], {maxArrayLength: 2}));
show(util.inspect('abcdef', {maxStringLength: 3}), util.format('%s', 'x', 'y'), util.format(1, 2));
`;

/* A stack is QuickJS's own; what is before it is not. */
const ERRORS = `
const shown = (value) => require('util').inspect(value).replace(/(\\n\\s+at [^\\n{}]*)+/g, ' @');
for (const value of [new Error('plain'), new TypeError('typed'), Object.assign(new Error('coded'),
    {code: 'E', errno: -2}), {error: new Error('inside')}, [new Error('listed')],
    new Error('with', {cause: 'a text'}), Object.assign(new Error('named'), {name: 'Mine'}), new Error(),
    new (class MyError extends Error {})('mine')])
    console.log(shown(value));
const bare = new Error('bare'); bare.stack = undefined; console.log(shown(bare));
try { null.x; } catch (error) { console.log(error instanceof TypeError); }
`;

describe('what a script prints', BETTER, () => {
    test('comes out as from Node', () => same(PRINTS));
    /* Since Node 20 cells begin at the left, as here; before they were in the middle. */
    test('may be tables', () => same(TABLES, (text) => text.replace(/ +/g, ' ')));
    test('shows values as Node does', () => same(VALUES));
    test('shows errors as Node does, with stacks of its own', () => same(ERRORS));

    test('is there whatever the level of the log', async () => {
        const { stdout, stderr } = await runScript('siobroker', `
            const io = require('socket.io').listen(0);
            io.set('log level', 0);
            setTimeout(function () {
                console.log('said'); console.debug('and this'); console.error('told');
                process.exit(3);
            }, 1);`);
        assert.strictEqual(stdout, 'said\nand this\n');
        assert.match(stderr, /^told$/m);
    });

    test('has the columns of a table in line', async () => {
        const { stdout } = await runScript('siobroker',
            'console.table([{ a: 1, b: "x" }, { a: 22, c: true }]);');
        assert.deepStrictEqual(stdout.split('\n'), [
            '┌─────────┬────┬─────┬──────┐', '│ (index) │ a  │ b   │ c    │',
            '├─────────┼────┼─────┼──────┤', '│ 0       │ 1  │ \'x\' │      │',
            '│ 1       │ 22 │     │ true │', '└─────────┴────┴─────┴──────┘', '']);
    });

    test('tells times and traces', async () => {
        const { stdout, stderr } = await runScript('siobroker', `
            console.time(); console.timeLog('default', 'so far'); console.timeEnd();
            console.timeEnd('none'); console.trace('here %s', 1);`);
        assert.match(stdout, /^default: [\d.]+ms so far\ndefault: [\d.]+ms\n$/);
        assert.match(stderr, /^\(node:\d+\) Warning: No such label 'none' for console\.timeEnd\(\)$/m);
        assert.match(stderr, /^Trace: here 1\n {4}at .*app\.js:3:/m);
    });
});

test('a reader that has stopped does not hold the clients up', BETTER, async () => {
    const broker = await listenScript(`
        require('socket.io').listen(0).on('connection', (socket) => {
            socket.on('print', (n, fn) => {
                for (let i = 0; i < n; i++)
                    console.log('x'.repeat(1000));
                fn();
            });
            socket.on('echo', (value, fn) => fn(value));
        });`);
    const client = begin(broker.port, { way: 'websocket' });
    await client.next('connect');
    broker.program.child.stdout.pause();
    await client.ask('print', 2000); /* far more than a pipe takes */
    assert.deepStrictEqual(await client.ask('echo', 'here'), ['here']);
    await client.ask('print', 2000); /* and that it waits once only */
    broker.program.child.stdout.resume();
    await eventually(async () => {
        await client.ask('print', 1);
        return / \d+ pieces of what the script prints were lost: /.test(broker.program.stderr);
    }, 'what was lost is told');
    leave(client);
    await broker.stop();
});
