'use strict';
/*
 * The description of the HTTP API (server/backends/openapi.json) is what the server does: paths,
 * members, results, errors.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const Ajv = require('ajv/dist/2020.js').default;
const { KEY, startApi, post, auth } = require('../lib/api.js');
const { eventually } = require('../lib/deadline.js');
const http = require('../lib/http.js');
const { connect, leaveAll } = require('../lib/modern.js');
const { NEEDS_CONTRACT, REFERENCE, ROOT, runBroker } = require('../lib/server.js');

const suite = { skip: (REFERENCE && 'about our own program') || NEEDS_CONTRACT.skip };
const FILE = path.join(ROOT, 'server/backends/openapi.json');
const TEXT = fs.readFileSync(FILE, 'utf8');
const API = JSON.parse(TEXT);
const { schemas } = API.components;
const CODES = schemas.Error.properties.error.properties.code;
const POSTS = Object.entries(API.paths).filter(([, { post: operation }]) => operation)
    .map(([target, { post: operation }]) => [target.replace('/v1/', ''), operation]);

const ajv = new Ajv({ strict: false });
ajv.addSchema(API, 'api');
const pointerOf = (ref) => `api${ref}`;

function assertValid(ref, value, what) {
    const validate = ajv.getSchema(pointerOf(ref));
    assert.ok(validate(value),
        `${what}: ${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`);
}

/* An answer is as the description says. */
function assertAnswer(operation, { status, body }, what) {
    const response = operation.responses[status] || operation.responses.default;
    const { content } = response.$ref ? API.components.responses.Error : response;
    assertValid(content['application/json'].schema.$ref, body, `${what}: ${status}`);
    if (status !== 200)
        assert.strictEqual(CODES['x-status'][body.error.code], status, what);
}

/* What is wrong for a member that may be null. */
const INSTEAD_OF_NULL = { user: 1, expires: '1' };

/* The schema of a member, without its reference. */
const memberOf = ({ $ref }) => schemas[$ref.split('/').pop()];

describe('openapi.json', suite, () => {
    let broker, client;
    before(async () => {
        broker = await startApi({ contract: true, args: ['--reach'], api: { keys: [
            { name: 'all', key: KEY },
            { name: 'slow', key: 'x'.repeat(32), may: ['emit'], 'max per second': 1 }] } });
        client = await connect(broker.port);
        client.on('question', (...args) => args.pop()('yes'));
    });
    after(async () => {
        leaveAll();
        await broker.stop();
    });

    test('is good OpenAPI, as an independent program sees it', async () => {
        const { Validator } = await import('@seriousme/openapi-schema-validator');
        const { valid, errors } = await new Validator().validate(TEXT);
        assert.ok(valid, JSON.stringify(errors));
    });

    test('is what the server hands out', async () => {
        const response = await http.get(broker.api, '/v1/openapi.json', auth());
        assert.strictEqual(response.get('Content-Type'), 'application/json');
        assert.deepStrictEqual(JSON.parse(response.text), API);
    });

    test('has each command, and no other', async () => {
        const { stdout } = await runBroker(['--help-config']);
        const [, list] = /"api\.keys\[\]\.may": .*\n +a list of (.*), each once/.exec(stdout);
        assert.deepStrictEqual(POSTS.map(([name]) => name).sort(),
            [...list.split(', '), 'batch'].sort());
        assert.deepStrictEqual(schemas.Batch.properties.commands.items.properties.do.enum.sort(),
            list.split(', ').sort());
    });

    test('has each error with its status, and no other', () => {
        const source = fs.readFileSync(path.join(ROOT, 'server/backends/api_error.c'), 'utf8');
        const errors = Object.fromEntries([...source.matchAll(/\{"(\w+)", (\d+)\}/g)]
            .map(([, code, status]) => [code, Number(status)]));
        assert.deepStrictEqual(CODES['x-status'], errors);
        assert.deepStrictEqual([...CODES.enum].sort(), Object.keys(errors).sort());
    });

    for (const [name, operation] of POSTS) {
        const { schema, example } = operation.requestBody.content['application/json'];

        test(`${name}: the examples are good, and do run`, async () => {
            assertValid(schema.$ref, example, 'the request');
            const ok = operation.responses[200].content['application/json'];
            assertValid(ok.schema.$ref, ok.example, 'the result');
            const answer = await post(broker.api, name, example);
            const wanted = { ack: 404, set: 404 }[name] || 200;     /* nobody has such an id */
            assert.strictEqual(answer.status, wanted);
            assertAnswer(operation, answer, name);
        });

        if (name === 'batch')
            continue;
        const members = schemas[schema.$ref.split('/').pop()].properties;

        test(`${name}: each member is taken, and one of a wrong type is not`, async () => {
            const whole = {};
            for (const [key, member] of Object.entries(members)) {
                [whole[key]] = memberOf(member).examples;
                assertValid(member.$ref, whole[key], key);
            }
            const answer = await post(broker.api, name, { ...whole, to: whole.to && 'nobody' });
            assert.notStrictEqual(answer.status, 400, JSON.stringify(answer.body));
            assertAnswer(operation, answer, name);
            for (const key of Object.keys(members)) {
                for (const wrong of [key === 'data' ? 1 : { x: 1 },
                    key in INSTEAD_OF_NULL ? INSTEAD_OF_NULL[key] : null]) {
                    if (key === 'data' && wrong === null)
                        continue;
                    assert.ok(!ajv.getSchema(pointerOf(members[key].$ref))(wrong), key);
                    const refused = await post(broker.api, name, { ...whole, [key]: wrong });
                    assert.deepStrictEqual([refused.status, refused.body.error.code,
                        refused.body.error.at], [400, 'bad_command', key]);
                    assertAnswer(operation, refused, `${name}.${key}`);
                }
            }
        });

        test(`${name}: what is missing or unknown is refused by both`, async () => {
            const required = schemas[schema.$ref.split('/').pop()].required;
            for (const key of required) {
                const { [key]: without, ...rest } = example;
                assert.ok(without !== undefined);
                assert.ok(!ajv.getSchema(pointerOf(schema.$ref))(rest));
                assert.strictEqual((await post(broker.api, name, rest)).body.error.at, key);
            }
            const more = { ...example, unheard: 1 };
            assert.ok(!ajv.getSchema(pointerOf(schema.$ref))(more));
            assert.strictEqual((await post(broker.api, name, more)).body.error.at, 'unheard');
        });
    }

    test('real results are as described', async () => {
        const { id } = client;
        const token = client.next('token');
        client.ask('token').catch(() => {});
        const commands = {
            emit: { to: id, name: 'x' }, ask: { name: 'question' }, join: { room: 'r' },
            ack: { ack: (await token)[0] }, set: { socket: id, user: 'u', data: { a: [1] } },
            sockets: {}, count: {}, rooms: {},
            batch: { commands: [{ do: 'sockets' }, { do: 'x' }, { do: 'rooms' }] },
            leave: { room: 'r' },
        };
        for (const [name, command] of Object.entries(commands)) {
            const answer = await post(broker.api, name, command);
            assert.strictEqual(answer.status, 200, name);
            assertAnswer(API.paths[`/v1/${name}`].post, answer, name);
        }
        const { text } = await http.get(broker.api, '/v1/whoami', auth());
        assertValid('#/components/schemas/Whoami', JSON.parse(text), 'whoami');
    });

    /* Those that have no cause here: no other instance, no Redis, and memory enough. */
    const ELSEWHERE = ['cluster_unavailable', 'out_of_memory', 'incomplete', 'busy', 'no_answer',
        'too_slow'];

    test('each error that can be caused here is as described', async () => {
        const seen = new Set();
        const see = (answer, what) => {
            assertAnswer(API.paths['/v1/emit'].post, answer, what);
            seen.add(answer.body.error.code);
        };
        const emit = { name: 'x' };
        const slow = { key: 'x'.repeat(32) };
        const id = { headers: { 'Idempotency-Key': 'error' } };
        see(await post(broker.api, 'emit', null, { body: '{' }), 'bad_json');
        see(await post(broker.api, 'emit', {}), 'bad_command');
        see(await post(broker.api, 'emit', emit, { headers: { 'Idempotency-Key': '' } }),
            'bad_request');
        see(await post(broker.api, 'emit', emit, { key: null }), 'unauthorized');
        see(await post(broker.api, 'count', {}, slow), 'forbidden');
        see(await post(broker.api, 'emit', { ...emit, namespace: '/x' }), 'unknown_namespace');
        see(await post(broker.api, 'ack', { ack: 'x' }), 'ack_unknown');
        see(await post(broker.api, 'set', { socket: 'x', user: 'x' }), 'socket_unknown');
        see(await post(broker.api, 'nothing', {}), 'not_found');
        see(await post(broker.api, 'emit', emit, { method: 'PUT' }), 'wrong_method');
        see(await post(broker.api, 'emit', { name: 'x'.repeat(1e6) }), 'too_large');
        see(await post(broker.api, 'emit', emit, { headers: { 'Content-Type': 'text/html' } }),
            'not_json');
        await post(broker.api, 'emit', emit, id);
        see(await post(broker.api, 'emit', { name: 'y' }, id), 'key_reused');
        const { status, text } = await http.request(broker.api,
            { method: 'POST', target: '/v1/emit', headers: auth() });
        see({ status, body: JSON.parse(text) }, 'length_required');
        see(await eventually(async () => {
            const answer = await post(broker.api, 'emit', emit, slow);
            return answer.status === 429 && answer;
        }, 'rate_limited'), 'rate_limited');
        const later = { headers: { 'Idempotency-Key': 'later' } };
        const ask = { name: 'nobody answers', timeout: 3000 };
        const { api_commands: commands } = await broker.counters();
        const first = post(broker.api, 'ask', ask, later);
        await eventually(async () => (await broker.counters()).api_commands > commands,
            'it is asked');
        see(await post(broker.api, 'ask', ask, later), 'in_progress');
        await first;
        assert.deepStrictEqual([...seen, ...ELSEWHERE].sort(), [...CODES.enum].sort());
    });
});
