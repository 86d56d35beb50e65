'use strict';
/*
 * What the compiler and the linker do against an attacker is in the programs that are built: ours,
 * and in them libwebsockets. Looked at are those of "make", whatever else is under test.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe } = require('node:test');
const { ROOT } = require('../lib/server.js');
const { run } = require('../lib/program.js');

const PROGRAM = path.join(ROOT, 'build/siobroker');
const SHARED = path.join(ROOT, 'build/libsiobroker.so');
const OURS = path.join(ROOT, 'build/libsiobroker.a');
const THEIRS = path.join(ROOT, 'build/deps/lib/libwebsockets.a');

const X86 = process.arch === 'x64';
const suite = { skip: !fs.existsSync(PROGRAM) && 'build/siobroker is not built' };
const archives = [OURS, THEIRS].filter((file) => fs.existsSync(file));

async function readelf(...args) {
    const { code, stdout, stderr } = await run('readelf', ['--wide', ...args]);
    assert.strictEqual(code, 0, stderr);
    return stdout;
}

const count = (text, pattern) => (text.match(pattern) || []).length;

describe('what is loaded', suite, () => {
    for (const file of [PROGRAM, SHARED]) {
        const name = path.basename(file);

        test(`${name}: at a random address`, async () => {
            assert.match(await readelf('--file-header', file), /Type:\s+DYN/);
        });

        test(`${name}: tables of addresses can not be written once it runs`, async () => {
            assert.match(await readelf('--program-headers', file), /GNU_RELRO/);
            assert.match(await readelf('--dynamic', file), /BIND_NOW/);
        });

        test(`${name}: no memory can be written and executed`, async () => {
            const headers = await readelf('--program-headers', file);
            assert.match(headers, /GNU_STACK .* RW /);
            assert.strictEqual(count(headers, /(LOAD|GNU_STACK) .* RWE /g), 0, headers);
        });

        test(`${name}: copies into arrays are checked`, async () => {
            assert.match(await readelf('--dyn-syms', file), /UND __(mem|str|v?sn?printf)\w*_chk@/);
        });
    }
});

describe('what it is made of', suite, () => {
    for (const file of archives) {
        const name = path.basename(file);

        test(`${name}: functions with arrays look after their stack`, async () => {
            assert.ok(count(await readelf('--relocs', file), / __stack_chk_fail/g) > 50);
        });

        test(`${name}: each object says where jumps may lead`, { skip: !X86 && 'x86 only' },
            async (t) => {
                if (!await compilerHas('-fcf-protection'))
                    return t.skip('the compiler has no -fcf-protection');
                const objects = count(await readelf('--file-header', file), /ELF Header:/g);
                const notes = count(await readelf('--notes', file), /IBT, SHSTK/g);
                assert.ok(objects > 50);
                return assert.strictEqual(notes, objects);
            });

        test(`${name}: large frames touch each page`, { skip: !X86 && 'x86 only' }, async (t) => {
            if (!await compilerHas('-fstack-clash-protection'))
                return t.skip('the compiler has no -fstack-clash-protection');
            const { stdout } = await run('sh', ['-c',
                `objdump -d ${file} | grep -c 'or[qbl]* *$0x0,.*(%rsp)'`]);
            return assert.ok(Number(stdout) > 0, stdout);
        });
    }

    test('libwebsockets is built with the flags that we are', { skip:
        archives.length < 2 && 'it is the system\'s' }, () => {
        const ours = fs.readFileSync(path.join(ROOT, 'build/flags'), 'utf8');
        const theirs = fs.readFileSync(path.join(ROOT, 'build/deps/libwebsockets.flags'), 'utf8');
        for (const flag of theirs.trim().split(' '))
            assert.ok(ours.includes(flag), flag);
    });
});

async function compilerHas(flag) {
    const { code } = await run('sh', ['-c', `echo | cc -Werror ${flag} -x c -S -o /dev/null -`]);
    return code === 0;
}
