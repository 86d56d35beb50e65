'use strict';
/*
 * sequence.js - numbered events: which were lost, doubled, or came in another order than they were
 * sent.
 */

const assert = require('node:assert');

/* What became of the numbers 0 to n-1, told by those that arrived, in their order. */
function judge(arrived, n) {
    const seen = new Set();
    const doubled = [], reordered = [], strange = [];
    let highest = -1;
    for (const number of arrived) {
        if (!Number.isInteger(number) || number < 0 || number >= n)
            strange.push(number);
        else if (seen.has(number))
            doubled.push(number);
        else if (number < highest)
            reordered.push(number);
        seen.add(number);
        highest = Math.max(highest, number);
    }
    const lost = Array.from({ length: n }, (_, i) => i).filter((number) => !seen.has(number));
    return { lost, doubled, reordered, strange };
}

const shorten = (numbers) => (numbers.length <= 10 ? numbers.join(' ')
    : `${numbers.slice(0, 9).join(' ')} ... ${numbers.at(-1)}`);

/* "2 lost (4 5), 1 doubled (7)"; empty when everything is right. */
function describeFaults(verdict) {
    return Object.entries(verdict).filter(([, numbers]) => numbers.length > 0)
        .map(([fault, numbers]) => `${numbers.length} ${fault} (${shorten(numbers)})`).join(', ');
}

/* 0 to n-1 have arrived, each once, in order. */
function assertComplete(arrived, n, what) {
    const faults = describeFaults(judge(arrived, n));
    assert.ok(faults === '', `${what}: of ${n}, ${faults}`);
}

/* Those that arrived did so once and in order; how many are missing. */
function assertNoneTwice(arrived, n, what) {
    const { lost, ...others } = judge(arrived, n);
    const faults = describeFaults(others);
    assert.ok(faults === '', `${what}: of ${n}, ${faults}`);
    return lost.length;
}

module.exports = { judge, describeFaults, assertComplete, assertNoneTwice };
