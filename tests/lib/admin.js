'use strict';
/*
 * admin.js - the admin listener of a broker: asking it, and reading its metrics strictly.
 */

const assert = require('node:assert');
const { launchBroker } = require('./server.js');
const http = require('./http.js');

const LOCAL = '127.0.0.1:0';

/* Where the listeners are, as the log says it: a port, or the path of a unix socket. */
async function findListeners(broker, n) {
    await broker.program.until(() => [...broker.log.matchAll(/admin at \S+\n/g)].length >= n,
        `says where ${n} admin listeners are`);
    return [...broker.log.matchAll(/admin at (?:http:\/\/\S*:(\d+)\/|unix:(\S+))\n/g)]
        .map(([, port, path]) => (path === undefined ? Number(port) : path));
}

/*
 * Start a broker with an admin listener: `admin` of the result is its port, `admins` are those of
 * all. It may not accept clients yet. Options are those of startBroker().
 *   listen  the setting "admin listen"
 */
async function launchAdmin({ config = {}, listen = [LOCAL], ...options } = {}) {
    const broker = launchBroker({ ...options, config: { 'admin listen': listen, ...config } });
    broker.admins = await findListeners(broker, listen.length);
    [broker.admin] = broker.admins;
    return broker;
}

async function startAdmin(options) {
    const broker = await launchAdmin(options);
    return broker.listening();
}

async function getJson(port, target, headers) {
    const response = await http.get(port, target, headers);
    assert.strictEqual(response.get('Content-Type'), 'application/json', response.head);
    assert.match(response.text, /^\{[^\n]*\}\n$/, 'one line');
    return { status: response.status, ...JSON.parse(response.text) };
}

/* --- Metrics. --- */

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|Inf)|NaN)$/;
const SUFFIXES = { gauge: [''], counter: [''], histogram: ['_bucket', '_sum', '_count'] };

function parseLabels(text) {
    const labels = {};
    while (text !== '') {
        const match = LABEL.exec(text);
        assert.ok(match, `labels: ${text}`);
        const [all, name, value, comma] = match;
        assert.ok(!Object.hasOwn(labels, name), `label twice: ${name}`);
        assert.ok(comma === '' || all.length < text.length, `comma at the end: ${text}`);
        labels[name] = value.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
        text = text.slice(all.length);
    }
    return labels;
}

function parseSample(line) {
    const match = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    assert.ok(match, `sample: ${line}`);
    const [, name, labels = '', value] = match;
    assert.match(name, NAME);
    assert.match(value, NUMBER);
    return { name, labels: parseLabels(labels), value: Number(value.replace('Inf', 'Infinity')) };
}

/* Buckets grow, the last is +Inf, and that is the count. Of each set of other labels. */
function assertHistogram(name, samples) {
    const sets = new Map();
    for (const sample of samples) {
        const { le, ...others } = sample.labels;
        const key = JSON.stringify(others);
        if (!sets.has(key))
            sets.set(key, { buckets: [] });
        const set = sets.get(key);
        if (sample.name === `${name}_bucket`)
            set.buckets.push([le, sample.value]);
        else
            set[sample.name.slice(name.length + 1)] = sample.value;
    }
    for (const { buckets, sum, count } of sets.values()) {
        const bounds = buckets.map(([le]) => Number(le.replace('Inf', 'Infinity')));
        const counts = buckets.map(([, n]) => n);
        assert.deepStrictEqual(bounds, [...bounds].sort((a, b) => a - b), name);
        assert.deepStrictEqual(counts, [...counts].sort((a, b) => a - b), name);
        assert.strictEqual(bounds.at(-1), Infinity);
        assert.strictEqual(counts.at(-1), count, name);
        assert.ok(sum >= 0, name);
        for (const [le] of buckets)
            assert.ok(/[.e+]/.test(le), `a bound that OpenMetrics writes otherwise: ${le}`);
    }
}

/*
 * The families of an exposition, by their names without "_total": { type, help, samples }. Throws
 * at everything that the format does not allow, and at what promtool would find fault with.
 */
function parseMetrics(text, { openMetrics = false } = {}) {
    const families = new Map(), seen = new Set();
    let family, name;
    assert.ok(text.endsWith('\n'), 'ends with a line end');
    const lines = text.slice(0, -1).split('\n');
    if (openMetrics)
        assert.strictEqual(lines.pop(), '# EOF');
    for (const line of lines) {
        const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
        if (comment !== null) {
            const [, word, whole, rest] = comment;
            if (word === 'HELP') {
                name = whole;
                assert.match(name, NAME);
                family = { help: rest, samples: [] };
                assert.ok(!/\\(?![\\n"])/.test(rest), `escapes of ${name}`);
            } else {
                assert.strictEqual(whole, name, 'TYPE follows HELP');
                assert.ok(Object.hasOwn(SUFFIXES, rest), rest);
                family.type = rest;
                const base = rest === 'counter' ? name.replace(/_total$/, '') : name;
                assert.ok(!families.has(base), `family twice: ${base}`);
                families.set(base, family);
                assert.strictEqual(rest === 'counter' && !openMetrics, /_total$/.test(name), name);
            }
            continue;
        }
        const sample = parseSample(line);
        const endings = openMetrics && family.type === 'counter' ? ['_total']
            : SUFFIXES[family.type];
        assert.ok(endings.some((ending) => sample.name === name + ending), `${line} of ${name}`);
        const key = `${sample.name} ${JSON.stringify(sample.labels)}`;
        assert.ok(!seen.has(key), `sample twice: ${line}`);
        seen.add(key);
        family.samples.push(sample);
        if (family.type === 'counter')
            assert.ok(sample.value >= 0, line);
    }
    for (const [base, { type, samples }] of families) {
        assert.ok(samples.length > 0, `${base} has samples`);
        if (type === 'histogram')
            assertHistogram(base, samples);
    }
    return families;
}

async function metrics(port) {
    const { status, text } = await http.get(port, '/metrics');
    assert.strictEqual(status, 200);
    return parseMetrics(text);
}

/* The sum of the samples of a family that have these labels; name without "siobroker_". */
function valueOf(families, name, labels = {}) {
    const family = families.get(`siobroker_${name}`);
    assert.ok(family, `there is ${name}`);
    const base = `siobroker_${name}`;
    const wanted = family.samples.filter((sample) =>
        [base, `${base}_total`, `${base}_count`].includes(sample.name) &&
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
    assert.ok(wanted.length > 0, `${name} has ${JSON.stringify(labels)}`);
    return wanted.reduce((sum, { value }) => sum + value, 0);
}

module.exports = { LOCAL, launchAdmin, startAdmin, getJson, parseMetrics, metrics, valueOf };
