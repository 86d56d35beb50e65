'use strict';
/*
 * Modules of scripts, CommonJS and ES: the same files print the same on Node.
 */

const assert = require('node:assert');
const { test } = require('node:test');
const { runInNode, runScript } = require('../lib/script.js');

const SAY = `globalThis.say = (...words) => process.stdout.write(words.map((word) =>
    typeof word === 'string' ? word : JSON.stringify(word)).join(' ') + '\\n');\n`;

async function sameAsNode(files, { main = 'app.js', links } = {}) {
    const here = await runScript({ 'say.cjs': SAY, ...files }, { main, links });
    const there = await runInNode(here.folder, main);
    assert.strictEqual(here.stdout, there.stdout, here.stderr);
    assert.strictEqual(here.code, there.code, here.stderr);
    assert.notStrictEqual(here.stdout, '');
}

const app = (text) => `require('./say.cjs');\n${text}`;
/* What goes wrong, as code and first line. */
const TRY = `function attempt(fn) {
    try {
        say(fn());
    } catch (error) {
        say(error.name, error.code, error.message.split(/\\n| To see/)[0]);
    }
}\n`;

const cases = {
    'files, endings, folders, JSON': {
        'app.js': app(`say(require('./a'), require('./a.js'), require('./b'), require('./c'),
            require('./folder'), require('./folder/'), require('./data'), require('.'),
            require('./both'), require('./both/'), require('./c.cjs'), require('./sub/up'));`),
        'a.js': 'module.exports = "a";', 'b.json': '{"b": 1}', 'c.cjs': 'module.exports = "no";',
        'c.js': 'exports.c = 1;', 'folder/index.js': 'module.exports = __filename.slice(-15);',
        'data/index.json': [1, 2], 'index.js': 'module.exports = "index";', 'both.js':
        'module.exports = "file";', 'both/index.js': 'module.exports = "folder";',
        'sub/up.js': 'module.exports = require("..") + require("../a") + require("./../a");',
    },
    'what a module is given': {
        'app.js': app(`const path = require('path');
            say(this === module.exports, this === exports, typeof require, __filename ===
                path.join(__dirname, 'app.js'), require.main === module, module.id === '.' ||
                module.id === __filename, module.loaded, module.children.length, module.parent);
            say(module.paths[0] === path.join(__dirname, 'node_modules'));
            say(require('./other'));
            say(Object.keys(require.cache).map((file) => path.basename(file)));
            say(require.resolve('./other') === path.join(__dirname, 'other.js'),
                require.resolve('fs'), require.resolve('node:fs'));
            delete require.cache[require.resolve('./other')];
            say(require('./other').n, global.n);
            say(process.argv.length, process.argv[1] === __filename);
            say(require('fs') === require('node:fs'), typeof arguments, arguments.length);
            return;`),
        'other.js': `global.n = (global.n || 0) + 1;
            module.exports = {n, main: require.main === module, loaded: module.loaded};`,
    },
    'circles': {
        'app.js': app(`const a = require('./a'); say(a, require('./b'));`),
        'a.js': `exports.early = 1; const b = require('./b'); exports.late = b.sawEarly;`,
        'b.js': `const a = require('./a'); exports.sawEarly = a.early; exports.sawLate = a.late;`,
    },
    'packages: main, node_modules upwards, scopes, sub-paths': {
        'app.js': app(`say(require('one'), require('two'), require('@of/three'), require('one/sub'),
            require('one/lib/deep.js'), require('./in/side'), require('four'), require('five'));`),
        'node_modules/one/package.json': { main: 'lib/main' },
        'node_modules/one/lib/main.js': 'module.exports = "one";',
        'node_modules/one/lib/deep.js': 'module.exports = "deep";',
        'node_modules/one/sub.js': 'module.exports = "sub";',
        'node_modules/two/index.js': 'module.exports = "two";',
        'node_modules/@of/three/package.json': { main: './lib' },
        'node_modules/@of/three/lib/index.js': 'module.exports = require("inner");',
        'node_modules/@of/three/node_modules/inner.js': 'module.exports = "inner";',
        'in/side.js': 'module.exports = [require("one"), require("two")];',
        'in/node_modules/two/index.js': 'module.exports = "nearer";',
        'node_modules/four/package.json': { main: 'missing.js' },
        'node_modules/four/index.js': 'module.exports = "index all the same";',
        'node_modules/five.js': 'module.exports = "a file";',
    },
    'exports of package.json: conditions, sub-paths, patterns, imports, itself': {
        'app.js': app(`${TRY}
            say(require('a'), require('a/part'), require('a/features/x.js'), require('a/deep/1/y'),
                require('b'), require('c'), require('d'));
            attempt(() => require('a/lib/hidden.js'));
            attempt(() => require('a/nothing'));
            attempt(() => require('a/features/secret/z.js'));
            attempt(() => require('e'));
            import('a').then((all) => { say(all.default); return import('a/part'); })
                .then((all) => { say(all.default); return import('a/lib/hidden.js'); })
                .catch((error) => say(error.code));`),
        'node_modules/a/package.json': { name: 'a', main: 'not.js', imports: {
            '#inner': './lib/inner.js', '#in/*': { node: './lib/in-*.js' } },
        exports: { '.': { import: './lib/a.mjs', require: './lib/a.js' }, './part':
            { browser: './no.js', node: { import: './lib/part.mjs', default: './lib/part.js' } },
        './features/*.js': './lib/features/*.js', './features/secret/*': null,
        './deep/*/y': './lib/*/y.js' } },
        'node_modules/a/lib/a.js': 'module.exports = [require("#inner"), require("#in/x"), ' +
            'require("a/part")];',
        'node_modules/a/lib/a.mjs': 'export default "esm a";',
        'node_modules/a/lib/part.js': 'module.exports = "part";',
        'node_modules/a/lib/part.mjs': 'export default "esm part";',
        'node_modules/a/lib/inner.js': 'module.exports = "inner";',
        'node_modules/a/lib/in-x.js': 'module.exports = "in-x";',
        'node_modules/a/lib/hidden.js': '',
        'node_modules/a/lib/features/x.js': 'module.exports = "x";',
        'node_modules/a/lib/features/secret/z.js': '',
        'node_modules/a/lib/1/y.js': 'module.exports = "y";',
        'node_modules/b/package.json': { exports: './b.js' },
        'node_modules/b/b.js': 'module.exports = "b";',
        'node_modules/c/package.json': { exports: { require: ['./c.js', './no.js'] } },
        'node_modules/c/c.js': 'module.exports = "c";',
        'node_modules/d/package.json': { exports: { default: './d.cjs' } },
        'node_modules/d/d.cjs': 'module.exports = "d";',
        'node_modules/e/package.json': { exports: { './x': './x.js' } },
    },
    'names that mean nothing': {
        'app.js': app(`${TRY}
            attempt(() => require('./no'));
            attempt(() => require('no-such-package'));
            attempt(() => require('./folder'));
            attempt(() => require(''));
            attempt(() => require(undefined));
            attempt(() => require('no/sub'));
            try { require('./in/side'); } catch (error) {
                say(error.requireStack.map((file) => require('path').basename(file)));
            }
            attempt(() => require('./throws'));
            attempt(() => require('./throws'));
            attempt(() => require.resolve('./no'));`),
        'folder/readme.txt': '', 'in/side.js': 'require("./gone");',
        'throws.js': 'throw new RangeError("each time");',
    },
    'a first line for the shell, and a byte order mark': {
        'app.js': '#!/usr/bin/env siobroker\n' + app('say(require("./bom"), require("./bom2"));'),
        'bom.js': '\ufeffmodule.exports = "bom";', 'bom2.json': '\ufeff{"a": 1}',
    },
    'import: files, packages, our modules, node:': {
        'app.mjs': `import './say.cjs';
            import path, { join } from 'path';
            import * as os from 'node:os';
            import { EventEmitter } from 'events';
            import fs, { readFileSync, promises } from 'fs';
            import fallback, { named, other as renamed } from './lib/one.mjs';
            import common, { x } from './common.cjs';
            import data from './data.json' with { type: 'json' };
            import pack from 'pack';
            export const mine = 1;
            say(join('a', 'b') === path.join('a', 'b'), typeof os.hostname, typeof EventEmitter);
            say(fs.readFileSync === readFileSync, fs.promises === promises);
            say(fallback, named, renamed, common, x, data, pack);
            say(import.meta.url.startsWith('file:///'), import.meta.filename.endsWith('app.mjs'),
                import.meta.dirname + '/app.mjs' === import.meta.filename,
                import.meta.url === 'file://' + import.meta.filename, typeof require, typeof module,
                this === undefined);
            say(import.meta.resolve('./x.mjs') === import.meta.url.replace('app.mjs', 'x.mjs') ||
                'of a file that is not there');`,
        'lib/one.mjs': `import { two } from './two.mjs';
            export const named = two + 1; export { two as other }; export default 'fallback';`,
        'lib/two.mjs': 'export let two = 2;',
        'common.cjs': 'exports.x = 3; exports.y = 4;',
        'data.json': { a: [1] },
        'node_modules/pack/package.json': { type: 'module', main: 'main.js' },
        'node_modules/pack/main.js': 'export default "of a package";',
    },
    'live bindings, circles and order': {
        'app.mjs': `import './say.cjs'; import { n, add } from './counter.mjs'; import './a.mjs';
            say(n); add(); say(n);`,
        'counter.mjs': 'export let n = 0; export function add() { n++; }',
        'a.mjs': `import { b } from './b.mjs'; export const a = 'a'; say('a', b);`,
        'b.mjs': `import * as a from './a.mjs'; export const b = 'b';
            try { say(a.a); } catch (error) { say(error.name); }`,
    },
    'import(), top-level await, createRequire': {
        'app.mjs': `import './say.cjs';
            import { createRequire } from 'module';
            const one = await import('./one.mjs');
            say(one.default, one.slow, (await import('./one.mjs')) === one);
            await import('./no.mjs').catch((error) => say(error.code));
            await import('no-such').catch((error) => say(error.code));
            await import('./bad.mjs').catch((error) => say(error.name));
            await import('./throws.mjs').catch((error) => say(error.message));
            await import('./throws.mjs').catch((error) => say(error.message));
            await import('http://example.org/x.js').catch((error) => say(error.code));
            const require = createRequire(import.meta.url);
            say(require('./common.cjs'), require('path') === (await import('path')).default);
            const { default: fn } = await import('./common.cjs');
            say(fn === require('./common.cjs'));
            say(await Promise.resolve('end'));`,
        'one.mjs': `export const slow = await new Promise((resolve) =>
            setTimeout(resolve, 5, 'slow')); export default 1;`,
        'bad.mjs': 'export const a = ;', 'throws.mjs': 'throw new Error("thrown");',
        'common.cjs': 'module.exports = function () {};',
    },
    'import() in CommonJS': {
        'app.js': app(`import('./one.mjs').then((all) => {
                say(all.default, Object.keys(all));
                return import('./two.js');
            }).then((all) => { say(all.default); return import('fs'); })
            .then((all) => say(all.default === require('fs'), typeof all.existsSync));`),
        'one.mjs': 'export default 1; export const named = 2;', 'two.js': 'exports.two = 2;',
    },
    'require() of ES modules': {
        'app.js': app(`${TRY}
            say(require('./one.mjs').default, Object.keys(require('./one.mjs')));
            attempt(() => require('./waits.mjs'));
            attempt(() => require('./throws.mjs'));
            attempt(() => require('./two').x);`),
        'one.mjs': 'export default 1; export const named = 2;',
        'waits.mjs': 'await new Promise((resolve) => setTimeout(resolve, 1)); export default 1;',
        'throws.mjs': 'throw new TypeError("thrown");', 'two.js': 'export const x = 2;',
    },
    'what is in the file decides, and "type"': {
        'app.js': `import './say.cjs'; import one from './m/one.js'; import two from './c/two.js';
            say(one, two, import.meta.filename.slice(-6));`,
        'm/package.json': { type: 'module' }, 'm/one.js': 'export default typeof module;',
        'c/package.json': { type: 'commonjs' }, 'c/two.js': 'module.exports = typeof module;',
    },
};

for (const [name, files] of Object.entries(cases))
    test(name, () => sameAsNode(files, { main: files['app.mjs'] ? 'app.mjs' : 'app.js' }));

test('symbolic links mean what they point to', () => sameAsNode({
    'app.js': app(`say(require('linked') === require('./real/linked'), require('linked'),
        require('./alias') === require('./real/linked'));`),
    'real/linked/index.js': 'exports.dep = require("dep");',
    'real/node_modules/dep.js': 'module.exports = "beside the real one";',
    'node_modules/dep.js': 'module.exports = "beside the link";',
}, { links: { 'node_modules/linked': '../real/linked', 'alias.js': 'real/linked/index.js' } }));

test('the main file may be a link, too', () => sameAsNode({
    'real/app.js': 'require("../say.cjs"); say(require("./other"), __filename.slice(-12));',
    'real/other.js': 'module.exports = "beside the real one";',
}, { links: { 'app.js': 'real/app.js' } }));

test('import of what a module does not export', () => runScript({
    'app.mjs': 'import { nothing } from "./one.mjs";', 'one.mjs': 'export const some = 1;',
}, { main: 'app.mjs' }).then(({ code, stderr }) => {
    assert.strictEqual(code, 1);
    assert.match(stderr, /SyntaxError: .*nothing/);
    assert.match(stderr, /one\.mjs/);
}));

test('a top-level await that nothing can end', () => sameAsNode({
    'app.mjs': `import './say.cjs'; say('before'); await new Promise(() => {}); say('never');`,
}, { main: 'app.mjs' }));

test('import of the words of socket.io', async () => {
    const { code, stdout, stderr } = await runScript(`
        import { Server } from 'socket.io';
        import socketio from 'socket.io';
        process.stdout.write([typeof Server, typeof socketio, socketio.Server === Server].join());
    `, { main: 'app.mjs' });
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'function,function,true');
});
