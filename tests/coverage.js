'use strict';
/*
 * tests/coverage.js - which lines of our files run; called by "make coverage".
 *
 *   node tests/coverage.js count FOLDER OUT.json
 *       adds up what programs whose objects are in FOLDER, built with --coverage, have left there
 *   node tests/coverage.js report FUZZERS.json TESTS.json
 *       a line for each file, the worst first: how much of it runs in the one, in the other and in
 *       both together, and which lines do in neither; then the sum
 *
 * A line of a header counts once, whoever includes it.
 */

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const OURS = ['protocol', 'store', 'server'];
const GOAL = 95;    /* per cent of each file */
const MANY = 1 << 28;

const isOurs = (file) => OURS.includes(file.split('/')[0]);

/* Those of sources that are still there. */
function objectsBelow(folder) {
    return OURS.flatMap((name) => fs.readdirSync(path.join(folder, name), { recursive: true })
        .filter((file) => file.endsWith('.gcno'))
        .filter((file) => fs.existsSync(path.join(name, file.replace(/gcno$/, 'c'))))
        .map((file) => path.join(folder, name, file)));
}

/* [[file, line, n], ...]: how often each line of an object ran, added up by all its programs. */
async function linesOf(object) {
    const { stdout } = await promisify(execFile)('gcov', ['--json-format', '--stdout', object],
        { maxBuffer: MANY });
    return JSON.parse(stdout).files.filter(({ file }) => isOurs(file)).flatMap(({ file, lines }) =>
        lines.map(({ line_number: line, count }) => [file, line, count]));
}

/* { file: { line: n } } */
async function count(folder) {
    const counts = {};
    const objects = objectsBelow(folder);
    const next = async () => {
        for (let object = objects.pop(); object !== undefined; object = objects.pop())
            for (const [file, line, n] of await linesOf(object)) {
                counts[file] ??= {};
                counts[file][line] = (counts[file][line] ?? 0) + n;
            }
    };
    await Promise.all(os.cpus().map(next));
    return counts;
}

/* "3-5 9": these numbers, in order. */
function ranges(numbers) {
    const found = [];
    for (const number of numbers) {
        const last = found.at(-1);
        if (last && last[1] === number - 1)
            last[1] = number;
        else
            found.push([number, number]);
    }
    return found.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(' ');
}

const share = (n, all) => `${(100 * n / all).toFixed(1).padStart(5)} %`;

function report(fuzzers, tests) {
    const rows = Object.keys(tests).map((file) => {
        const lines = Object.keys(tests[file]).map(Number).sort((a, b) => a - b);
        const runs = (counts) => lines.filter((line) => (counts[file]?.[line] ?? 0) > 0);
        const [byFuzzers, byTests] = [runs(fuzzers), runs(tests)].map((some) => new Set(some));
        const missed = lines.filter((line) => !byFuzzers.has(line) && !byTests.has(line));
        return { file, all: lines.length, fuzzers: byFuzzers.size, tests: byTests.size,
            both: lines.length - missed.length, missed };
    }).filter((row) => row.all > 0).sort((a, b) => a.both / a.all - b.both / b.all);
    const show = (row, file, rest) => console.log(`${String(row.all).padStart(5)}  ${
        ['fuzzers', 'tests', 'both'].map((key) => share(row[key], row.all)).join('  ')}  ${
        file}${rest}`);

    console.log('lines  fuzzers    tests     both  file');
    for (const row of rows)
        show(row, row.file, row.missed.length > 0 ? `: not ${ranges(row.missed)}` : '');
    const low = rows.filter((row) => 100 * row.both / row.all < GOAL).length;
    const sum = (key) => rows.reduce((n, row) => n + row[key], 0);
    console.log(`${low} of ${rows.length} files below ${GOAL} %`);
    show({ all: sum('all'), fuzzers: sum('fuzzers'), tests: sum('tests'), both: sum('both') },
        'all files', '');
}

async function main([verb, ...args]) {
    if (verb === 'count')
        fs.writeFileSync(args[1], JSON.stringify(await count(args[0])));
    else
        report(...args.map((file) => JSON.parse(fs.readFileSync(file, 'utf8'))));
}

main(process.argv.slice(2));
