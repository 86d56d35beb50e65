'use strict';
/* Globals of scripts that stand alone: the same program on Node and here prints the same. */

const assert = require('node:assert');
const { test } = require('node:test');
const { BETTER } = require('../lib/server.js');
const { RUNTIMES, runScript } = require('../lib/script-both.js');

const CLONING = `
const shared = {n: 1};
const value = {a: [1, , 3], shared, again: shared, date: new Date(5), pattern: /x+/gi,
    map: new Map([[shared, new Set([shared, 'x'])]]), bytes: new Uint8Array([1, 2, 3]).subarray(1),
    buffer: Buffer.from('hey'), boxed: Object('text'), none: undefined, nothing: null, big: 12n,
    error: new RangeError('out'), made: new (class Made { x = 1; })()};
value.itself = value;
const copy = structuredClone(value);
copy.error.stack = '';
console.log(copy);
console.log(copy !== value, copy.itself === copy, copy.shared === copy.again,
    copy.map.has(copy.shared), copy.map.get(copy.shared).has(copy.shared),
    copy.bytes.buffer === value.bytes.buffer, copy.bytes.byteOffset, copy.error instanceof RangeError);
shared.n = 2;
console.log(copy.shared.n);
for (const bad of [() => {}, Symbol('s'), {in: function named() {}}, new WeakMap(),
    Promise.resolve()]) {
    try {
        structuredClone(bad);
    } catch (error) {
        console.log(error.name, error.code, error.message);
    }
}
`;

for (const [name, program] of Object.entries({ structuredClone: CLONING }))
    test(`${name} is that of Node`, BETTER, async () => {
        const printed = {};
        for (const runtime of Object.keys(RUNTIMES))
            printed[runtime] = (await runScript(runtime, program)).stdout;
        assert.strictEqual(printed.siobroker, printed.node);
        assert.notStrictEqual(printed.node, '');
    });
