'use strict';
/* api.js - the HTTP API of a broker, as a backend uses it. */

const assert = require('node:assert');
const { launchBroker } = require('./server.js');
const http = require('./http.js');

const KEY = '0123456789abcdef0123456789abcdef';
const LOCAL = '127.0.0.1:0';

/* One key that is good for everything, as the setting "api" has it. */
const ALL = { name: 'all', key: KEY };

/* The setting "api". */
const apiOf = ({ keys = [ALL], listen = [LOCAL], ...more } = {}) => ({ listen, keys, ...more });

/* Where it is, as the log says it: a port, or the path of a unix socket. */
async function findApi(broker, n = 1) {
    await broker.program.until(() => [...broker.log.matchAll(/api at \S+\n/g)].length >= n,
        `says where ${n} listeners of the API are`);
    return [...broker.log.matchAll(/api at (?:http:\/\/\S*:(\d+)\/|unix:(\S+))\n/g)]
        .map(([, port, path]) => (path === undefined ? Number(port) : path))[0];
}

/* A broker with an API: `api` of the result is its port. Options are those of startBroker(). */
async function startApi({ config = {}, api, ...options } = {}) {
    const broker = launchBroker({ ...options, config: { api: apiOf(api), ...config } });
    broker.api = await findApi(broker);
    return broker.listening();
}

const auth = (key = KEY) => (key === null ? {} : { Authorization: `Bearer ${key}` });

/* Send a command, or anything else. Resolves with { status, body, response }. */
async function post(port, name, command, { key, headers = {}, method = 'POST', body } = {}) {
    const response = await http.request(port, {
        method, target: `/v1/${name}`,
        headers: { 'Content-Type': 'application/json', ...auth(key), ...headers },
        body: body !== undefined ? body : JSON.stringify(command),
    });
    assert.strictEqual(response.get('Content-Type'), 'application/json', response.head);
    assert.strictEqual(response.get('Cache-Control'), 'no-store');
    assert.match(response.text, /^\{[^]*\}\n$/);
    return { status: response.status, body: JSON.parse(response.text), response };
}

/* The result of a command that is done. */
async function done(port, name, command, options) {
    const { status, body } = await post(port, name, command, options);
    assert.strictEqual(status, 200, JSON.stringify(body));
    return body;
}

/* A refusal: one word, and one line for a person. */
function assertRefused({ status, body }, code, wanted, at) {
    assert.deepStrictEqual({ status, code: body.error && body.error.code, at: body.error.at },
        { status: wanted, code, at }, JSON.stringify(body));
    assert.match(body.error.message, /^[^\n]+$/);
}

module.exports = { ALL, KEY, LOCAL, apiOf, findApi, startApi, post, done, auth, assertRefused };
