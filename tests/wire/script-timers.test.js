'use strict';
/*
 * Timers and what is put off, in scripts: the same program prints the same on Node.
 */

const assert = require('node:assert');
const { test } = require('node:test');
const { runInNode, runScript } = require('../lib/script.js');

const SAY = 'const say = (...words) => process.stdout.write(words.join(" ") + "\\n");\n';

async function sameAsNode(source) {
    const here = await runScript(SAY + source);
    const there = await runInNode(here.folder);
    assert.strictEqual(here.stdout, there.stdout, here.stderr);
    assert.strictEqual(here.code, there.code, here.stderr);
    assert.notStrictEqual(here.stdout, '');
}

const programs = {
    'ticks before promises, both before timers': `
        setTimeout(() => say('timeout'), 0);
        Promise.resolve().then(() => { say('promise'); process.nextTick(() => say('tick 3')); })
            .then(() => say('promise 2'));
        process.nextTick(() => {
            say('tick');
            Promise.resolve().then(() => say('promise 3'));
            process.nextTick(() => say('tick 2'));
        });
        queueMicrotask(() => say('microtask'));
        say('script');`,
    'timers of one time by their age': `
        for (const name of ['a1', 'a2', 'a3'])
            setTimeout(() => say(name), 500);
        for (const ms of [0, 1, undefined, -1, NaN, 'x', 3e9, 1.5])
            setTimeout(() => say(ms), ms);`,
    'what is put off runs between timers of one time': `
        for (const name of ['a', 'b'])
            setTimeout(() => {
                say(name);
                process.nextTick(() => say(name, 'tick'));
                Promise.resolve().then(() => say(name, 'promise'));
            }, 5);`,
    'setImmediate() of a timer comes before its next timer': `
        setTimeout(() => {
            setTimeout(() => say('timeout'), 0);
            setImmediate(() => say('immediate'));
            setImmediate(() => say('immediate 1'));
        }, 1);`,
    'clear, by object and by number': `
        const all = ['a', 'b', 'c', 'd'].map((name) => setTimeout(() => say(name), 5));
        clearTimeout(all[0]);
        clearTimeout(+all[1]);
        clearTimeout(String(Number(all[2])));
        clearTimeout(undefined);
        clearTimeout(null);
        clearTimeout({});
        clearTimeout(123456789);
        clearImmediate(setImmediate(() => say('not')));`,
    'an interval that ends itself': `
        let n = 0;
        const timer = setInterval(function (word) {
            say(word, ++n, this === timer);
            if (n === 3)
                clearInterval(timer);
        }, 2, 'time');`,
    'ref, unref, hasRef, refresh, close': `
        const gone = setTimeout(() => say('not'), 1000000).unref();
        say(gone.hasRef(), gone.ref().hasRef(), gone.unref() === gone);
        setInterval(() => say('not either'), 1000000).unref();
        const one = setTimeout(() => say('one'), 20);
        say(one.refresh() === one);
        setTimeout(() => say('not at all'), 5).close();`,
    'a timer that runs again by refresh()': `
        let n = 0;
        const timer = setTimeout(() => { say(++n); if (n < 3) timer.refresh(); }, 2);`,
    'timers/promises': `
        const { setTimeout: later, setImmediate: soon, setInterval: every } =
            require('timers/promises');
        (async () => {
            say(await later(2, 'value'), await soon('soon'));
            let n = 0;
            for await (const word of every(2, 'again')) {
                say(word);
                if (++n === 3)
                    break;
            }
            say(await require('util').promisify(setTimeout)(1, 'promisified'));
            say(require('timers').promises === require('node:timers/promises'));
        })();`,
    'a promise that is rejected, and caught in the same tick': `
        process.on('unhandledRejection', (reason) => say('unhandled', reason.message));
        const one = Promise.reject(new Error('one'));
        process.nextTick(() => one.catch(() => say('caught')));
        const two = Promise.reject(new Error('two'));
        Promise.resolve().then(() => {}).then(() => two.catch(() => say('caught two')));
        const three = Promise.reject(new Error('three'));
        setTimeout(() => three.catch(() => say('too late')), 1);`,
    'a tick that throws keeps nothing from running': `
        process.on('uncaughtException', (error) => say('uncaught', error.message));
        process.nextTick(() => { throw new Error('tick'); });
        process.nextTick(() => say('next tick'));`,
    'a microtask that throws': `
        process.on('uncaughtException', (error) => say('uncaught', error.message));
        queueMicrotask(() => { throw new Error('microtask'); });
        queueMicrotask(() => say('next microtask'));
        Promise.resolve().then(() => say('promise'));`,
    'timers that throw': `
        process.on('uncaughtException', (error) => say('uncaught', error.message));
        setTimeout(() => { throw new Error('timer'); }, 1);
        setTimeout(() => say('next timer'), 1);
        let n = 0;
        const timer = setInterval(() => {
            if (++n === 2)
                clearInterval(timer);
            throw new Error('interval ' + n);
        }, 5);`,
    'of what is no function': `
        for (const put of [setTimeout, setInterval, setImmediate, queueMicrotask, process.nextTick])
            for (const value of [undefined, null, 'text', 1])
                try {
                    put(value);
                } catch (error) {
                    say(error.name, error.code);
                }`,
    'the end: beforeExit, exit, exitCode': `
        let n = 0;
        process.on('beforeExit', (code) => {
            say('beforeExit', code);
            if (++n === 1)
                setTimeout(() => { say('once more'); process.exitCode = 3; }, 1);
        });
        process.on('exit', (code) => {
            say('exit', code);
            setTimeout(() => say('never'), 0);
            process.nextTick(() => say('never'));
        });`,
    'process.exit() in a timer, and what is not run then': `
        process.on('exit', (code) => { say('exit', code); process.exitCode = 9; });
        setTimeout(() => {
            process.nextTick(() => say('never'));
            try {
                process.exit(4);
            } finally {
                say('never');
            }
        }, 1);
        setTimeout(() => say('never'), 2);`,
    'process.exit() at the top level': `
        process.on('exit', (code) => say('exit', code));
        setTimeout(() => say('never'), 0);
        say('first');
        process.exit();
        say('never');`,
    'process.exit() in a listener of exit': `
        process.on('exit', (code) => { say('exit', code); process.exit(7); });
        process.on('exit', () => say('never'));
        process.exit(5);`,
};

for (const [name, source] of Object.entries(programs))
    test(name, () => sameAsNode(source));

test('timers by their time, whatever the order in which they are set', async () => {
    const { stdout, stderr } = await runScript(`${SAY}
        const now = () => Number(process.hrtime.bigint() / 1000000n);
        const fired = [];
        for (let i = 0; i < 500; i++) {
            const ms = (i * 7919) % 97 + 1;
            const timer = { from: now() + ms };
            const set = setTimeout(() => fired.push(timer), ms);
            timer.to = now() + ms;
            if (i % 5 === 0) {
                clearTimeout(set);
                i % 2 === 0 || (timer.to = Infinity, set.refresh());
            }
        }
        process.on('exit', () => say(fired.length, fired.every((timer, i) =>
            i === 0 || fired[i - 1].from <= timer.to)));`);
    assert.strictEqual(stdout, '400 true\n', stderr);
});

test('timers that are set again and again take no memory', async () => {
    const { stdout, code, stderr } = await runScript(`${SAY}
        const before = process.memoryUsage().heapUsed;
        for (let i = 0; i < 3000; i++)
            clearTimeout(setTimeout(() => {}, 100000));
        gc();
        say(process.memoryUsage().heapUsed - before < 100000);`);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'true\n');
});
