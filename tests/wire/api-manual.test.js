'use strict';
/* What server/manual/backends.md says to type is what it says that comes of it. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { findApi, post } = require('../lib/api.js');
const http = require('../lib/http.js');
const { connect, leaveAll } = require('../lib/modern.js');
const { REFERENCE, ROOT, launchBroker, writeConfig } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };
const MANUAL = fs.readFileSync(path.join(ROOT, 'server/manual/backends.md'), 'utf8');

/* { headers, json, name, answer } of each curl command, and the line after it. */
const COMMANDS = [...MANUAL.matchAll(
    /^\$ curl ([^]*?)127\.0\.0\.1:3180\/v1\/(\w+)\n(.*)\n/gm)]
    .map(([, options, name, answer]) => ({ name, answer,
        json: /--json '([^']*)'/.exec(options)[1],
        headers: Object.fromEntries([...options.matchAll(/-H '([^:]+): ([^']+)'/g)]
            .map(([, header, value]) => [header, value])) }));

describe('the manual', suite, () => {
    let broker, client, key;
    before(async () => {
        const [, json] = /^```json\n([^]*?)```/m.exec(MANUAL);
        const config = JSON.parse(json);
        const [{ key: place }] = config.api.keys;
        key = 'k'.repeat(32);
        const file = writeConfig(`${key}\n`);
        config.api.keys[0].key = place.replace('api.key', file);
        config.api.listen = config.api.listen.map((at) => at.replace('3180', '0'));
        broker = launchBroker({ config });
        broker.api = await findApi(broker);
        await broker.listening();
        client = await connect(broker.port);
        client.on('question', (text, answer) => answer('yes'));
    });
    after(async () => {
        leaveAll();
        await broker.stop();
    });

    test('has commands', () => assert.ok(COMMANDS.length >= 7, `${COMMANDS.length}`));

    for (const { name, json, headers, answer } of COMMANDS) {
        test(`${name} ${json.slice(0, 60)}`, async () => {
            const { body } = await post(broker.api, name, null, { key, headers, body: json });
            assert.deepStrictEqual(body, JSON.parse(answer));
        });
    }

    test('names each error with its status, as openapi.json does', async () => {
        const { text } = await http.get(broker.api, '/v1/openapi.json',
            { Authorization: `Bearer ${key}` });
        const { code } = JSON.parse(text).components.schemas.Error.properties.error.properties;
        const table = /\| status \| `code` \|[^]*?\n\n/.exec(MANUAL)[0];
        const errors = [...table.matchAll(/^\| (\d{3}) \| ([^|]*) \|/gm)].flatMap(
            ([, status, codes]) => [...codes.matchAll(/`(\w+)`/g)].map(
                ([, word]) => [word, Number(status)]));
        assert.deepStrictEqual(Object.fromEntries(errors), code['x-status']);
    });
});
