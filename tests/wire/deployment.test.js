'use strict';
/* What operators get ready-made is true: the dashboard, the alerts, the manifests of Kubernetes. */

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { yaml } = require('playwright-core/lib/utilsBundle');    /* the parser that it has within */
const { metrics, startAdmin } = require('../lib/admin.js');
const { eventually } = require('../lib/deadline.js');
const { run } = require('../lib/program.js');
const { BROKER, REFERENCE, NEEDS_CONTRACT, ROOT, writeConfig } = require('../lib/server.js');
const http = require('../lib/http.js');
const { tlsConfig } = require('../lib/certificates.js');
const { startRedis } = require('../lib/services.js');

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };
const read = (...names) => fs.readFileSync(path.join(ROOT, ...names), 'utf8');
const SHARE = ['server', 'admin', 'share'];
const ALERTS = path.join(ROOT, ...SHARE, 'alerts.yml');

/* Every document of a file; throws at what is no YAML. */
function parseAll(text) {
    return yaml.parseAllDocuments(text).map((document) => {
        assert.deepStrictEqual([...document.errors, ...document.warnings], []);
        return document.toJSON();
    });
}

/* --- Metrics. --- */

/*
 * The series of an instance that has Redis: { type, labels } of each name that an expression may
 * use; of a histogram these are its buckets, sum and count.
 */
async function readSeries(port) {
    const series = new Map();
    for (const { type, samples } of (await metrics(port)).values())
        for (const { name, labels } of samples) {
            const known = series.get(name) || { type, labels: new Set(['job', 'instance']) };
            Object.keys(labels).forEach((label) => known.labels.add(label));
            series.set(name, known);
        }
    return series;
}

/* Whether an expression asks for what is there, and asks it as its kind wants to be asked. */
function assertTrue(expr, series) {
    const names = [...expr.matchAll(/\b(?:siobroker|process)_[a-z0-9_]+/g)];
    assert.notStrictEqual(names.length, 0, expr);
    const labels = new Set(['job', 'instance']);
    for (const { 0: name, index } of names) {
        const known = series.get(name);
        assert.ok(known, `there is ${name}`);
        known.labels.forEach((label) => labels.add(label));
        const isRate = /(?:rate|increase)\($/.test(expr.slice(0, index));
        assert.strictEqual(isRate, known.type !== 'gauge', `${name} is a ${known.type}: ${expr}`);
    }
    for (const [, list] of expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g))
        for (const label of list.split(/, */))
            assert.ok(labels.has(label), `${label} in ${expr}`);
}

describe('the dashboard and the alerts', suite, () => {
    const dashboard = JSON.parse(read(...SHARE, 'grafana.json'));
    const { groups } = parseAll(read(...SHARE, 'alerts.yml'))[0];
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    /* What a panel would say nothing about: Prometheus has the first itself. */
    const WITHOUT_PANEL = ['process_start_time_seconds', 'process_virtual_memory_bytes'];
    let redis, broker, series;

    before(async () => {
        redis = await startRedis();
        const config = { backends: [{ name: 'worker', stream: true, namespaces: ['/work'] }],
            ...await tlsConfig() };
        broker = await startAdmin({ contract: true, config, args: ['--redis', redis.url] });
        await redis.command('XGROUP', 'CREATE', 'sio:events:worker:0', 'mails', '0', 'MKSTREAM');
        series = await eventually(async () => {
            const all = await readSeries(broker.admin);
            return all.has('siobroker_stream_group_unread') && all;
        }, 'a group of workers');
    });
    after(async () => {
        await broker.stop();
        await redis.stop();
    });

    test('every panel shows what there is', () => {
        assert.ok(panels.length > 30, `${panels.length}`);
        for (const { targets } of panels)
            for (const { expr } of targets)
                assertTrue(expr, series);
    });

    test('its rows are about all that there is', () => {
        assert.deepStrictEqual(
            dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title),
            ['Clients', 'Traffic', 'Latency', 'Trouble', 'Cluster', 'Redis', 'Backends',
                'TLS', 'Process']);
        const names = new Set([...JSON.stringify(dashboard).matchAll(
            /\b(?:siobroker|process)_[a-z0-9_]+/g)].map(([name]) => name));
        assert.deepStrictEqual([...series.keys()].filter((name) =>
            !/_(?:sum|count)$/.test(name) && !names.has(name)).sort(), WITHOUT_PANEL);
    });

    test('a panel names its series by labels that are left', () => {
        for (const { title, targets } of panels)
            for (const { expr, legendFormat } of targets) {
                const [, by] = /\bby \((?:le, )?(\w+)\)/.exec(expr);
                const used = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
                assert.deepStrictEqual(used, [by], title);
            }
    });

    test('its variables are there, and used', () => {
        const text = JSON.stringify(panels);
        const names = dashboard.templating.list.map(({ name }) => name);
        for (const name of names)
            assert.match(text, new RegExp(`\\$\\{?${name}\\b`), name);
        for (const [, name] of text.matchAll(/\$\{?(\w+)/g))
            assert.ok(names.includes(name) || name === '__rate_interval', name);
    });

    test('no panel lies on another, and each has a number of its own', () => {
        const taken = new Set();
        for (const { title, gridPos: { x, y, w, h } } of dashboard.panels) {
            assert.ok(x + w <= 24, title);
            for (let i = 0; i < w * h; i++) {
                const place = `${x + (i % w)},${y + Math.floor(i / w)}`;
                assert.ok(!taken.has(place), title);
                taken.add(place);
            }
        }
        assert.strictEqual(new Set(dashboard.panels.map(({ id }) => id)).size,
            dashboard.panels.length);
    });

    test('every alert asks for what there is, and says what it means', () => {
        const rules = groups.flatMap((group) => group.rules);
        assert.ok(rules.length >= 10);
        for (const { alert, expr, labels, annotations } of rules) {
            assert.match(alert, /^Siobroker[A-Za-z]+$/);
            /* changes() is for a gauge, increase() and rate() for counters. */
            assertTrue(expr, series);
            assert.match(labels.severity, /^(info|warning|critical)$/);
            assert.match(annotations.summary, /\{\{ \$labels\.instance \}\}/);
            assert.ok(annotations.description.length > 20, alert);
        }
        assert.strictEqual(new Set(rules.map(({ alert }) => alert)).size, rules.length);
    });

    const promtool = spawnSync('promtool', ['--version']).status === 0;
    test('promtool finds no fault', { skip: !promtool && 'promtool is not installed' }, () => {
        const { status, stderr } = spawnSync('promtool', ['check', 'rules', ALERTS],
            { encoding: 'utf8' });
        assert.strictEqual(status, 0, stderr);
    });
});

/* --- Containers. --- */

describe('the image', suite, () => {
    const lines = read('client-demo', 'Dockerfile').replace(/^#.*\n/gm, '')
        .replaceAll('\\\n', ' ').split('\n');
    const last = (word) => lines.findLast((line) => line.startsWith(`${word} `))
        .slice(word.length + 1);

    test('is made of what there is', () => {
        const copied = lines.filter((line) => /^COPY (?!--from)/.test(line))
            .flatMap((line) => line.split(' ').slice(1, -1));
        assert.ok(copied.length > 5);
        for (const name of copied)
            assert.ok(fs.existsSync(path.join(ROOT, name)), name);
    });

    test('has the libraries that the program loads', async () => {
        const { code, stdout } = await run('readelf', ['-d', path.join(ROOT, 'build/siobroker')]);
        assert.strictEqual(code, 0);
        const packages = last('RUN').split(/\s+/);
        const loaded = [...stdout.matchAll(/\(NEEDED\).*\[lib(\w+)[-.\w]*\.so/g)]
            .map(([, name]) => name.replace('crypto', 'ssl').replace('_', '-'));
        assert.ok(loaded.length > 4, stdout);
        for (const name of [...loaded, 'curl'])
            assert.ok(/^(c|m|pthread)$/.test(name) || packages.some((one) =>
                one.startsWith(`lib${name}`) || one.startsWith(`${name}lib`)), name);
    });

    test('is what the manifests of Kubernetes run, and stops as they stop it', () => {
        const { spec } = parseAll(read('client-demo', 'kubernetes', 'siobroker.yaml'))
            .find(({ kind }) => kind === 'Deployment').spec.template;
        assert.strictEqual(last('ENTRYPOINT'), JSON.stringify(
            [spec.containers[0].command[0]]));
        const { runAsUser, runAsGroup } = spec.securityContext;
        assert.strictEqual(last('USER'), `${runAsUser}:${runAsGroup}`);
        assert.strictEqual(last('STOPSIGNAL'), 'SIGTERM');
        const ports = spec.containers[0].ports.map(({ containerPort }) => containerPort);
        assert.strictEqual(last('EXPOSE'), ports.join(' '));
    });
});

/* --- Kubernetes. --- */

describe('the manifests of Kubernetes', suite, () => {
    const all = parseAll(read('client-demo', 'kubernetes', 'siobroker.yaml'));
    const of = (kind) => all.find((object) => object.kind === kind);
    const pod = of('Deployment').spec.template;
    const [container] = pod.spec.containers;
    const config = JSON.parse(of('ConfigMap').data['siobroker.json']);

    test('are objects with a kind, a version and a name', () => {
        assert.deepStrictEqual(all.map(({ kind }) => kind),
            ['ConfigMap', 'Deployment', 'Service', 'PodDisruptionBudget']);
        for (const { apiVersion, metadata } of all) {
            assert.match(apiVersion, /^([a-z]+\/)?v1$/);
            assert.strictEqual(metadata.name, 'siobroker');
        }
    });

    test('choose the pods that there are', () => {
        for (const selector of [of('Deployment').spec.selector.matchLabels,
            of('Service').spec.selector, of('PodDisruptionBudget').spec.selector.matchLabels])
            assert.deepStrictEqual(selector, pod.metadata.labels);
    });

    test('have a configuration that the program takes, and its options', async () => {
        const file = writeConfig(config);
        const [name, ...args] = container.command.map((word) =>
            word.replace(/^\/etc\/.*\.json$/, file));
        assert.strictEqual(name, 'siobroker');
        const { code, stdout, stderr } = await run(BROKER, [...args, '--check-config'],
            { env: { ...process.env, REDIS_URL: 'redis://:secret@redis:6379/0' } });
        assert.strictEqual(code, 0, stdout + stderr);
        for (const { name: variable } of container.env)
            assert.ok(JSON.stringify([config, container.command]).includes(variable), variable);
    });

    test('open the ports that it listens at', () => {
        const ports = Object.fromEntries(
            container.ports.map(({ name, containerPort }) => [name, containerPort]));
        assert.deepStrictEqual(ports, { clients: config.port,
            admin: Number(/:(\d+)$/.exec(config['admin listen'][0])[1]) });
        assert.strictEqual(of('Service').spec.ports[0].targetPort, 'clients');
        assert.strictEqual(pod.metadata.annotations['prometheus.io/port'], String(ports.admin));
    });

    test('ask for health where it is', async () => {
        const broker = await startAdmin();
        for (const probe of [container.readinessProbe, container.livenessProbe]) {
            assert.strictEqual(probe.httpGet.port, 'admin');
            assert.strictEqual((await http.get(broker.admin, probe.httpGet.path)).status, 200);
        }
        await broker.stop();
    });

    test('leave it the time that it takes to go', () => {
        const shutdown = config['shutdown timeout'] || 2.5;
        assert.ok(pod.spec.terminationGracePeriodSeconds >=
            config['drain delay'] + config['drain time'] + shutdown);
        const { maxUnavailable } = of('Deployment').spec.strategy.rollingUpdate;
        assert.strictEqual(maxUnavailable, 0);
    });
});
