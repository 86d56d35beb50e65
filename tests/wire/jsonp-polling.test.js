'use strict';
/* The bytes of jsonp-polling answers, and what its posts may hold (spec 2.4). */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker, BETTER } = require('../lib/server.js');
const http = require('../lib/http.js');
const polling = require('../lib/polling.js');
const sio = require('../lib/sio09.js');

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

describe('answers of jsonp-polling', () => {
    let broker;
    before(async () => { broker = await startBroker(); });
    after(() => broker.stop());

    const freshUrl = async (query) =>
        sio.transportUrl('jsonp-polling', (await sio.handshake(broker.port)).id, query);

    test('headers of a poll, and never CORS', async () => {
        const response = await http.get(broker.port, await freshUrl('t=1&i=0'),
            { Origin: 'http://a.example' });
        assert.strictEqual(response.get('Content-Type'), 'text/javascript; charset=UTF-8');
        assert.strictEqual(response.get('Content-Length'), '15');
        assert.strictEqual(response.get('Connection').toLowerCase(), 'keep-alive');
        assert.strictEqual(response.get('X-XSS-Protection'), '0');
        assert.strictEqual(response.get('Access-Control-Allow-Origin'), undefined);
        assert.strictEqual(response.text, 'io.j[0]("1::");');
    });

    const INDEXES = [['i=4', 4], ['i=12', 12], ['', 0], ['i=', 0], ['i=x', 0], ['i=1x', 0],
        ['i=-1', 0]];
    for (const [query, index] of INDEXES) {
        test(`?${query} is index ${index}`, async () => {
            const response = await http.get(broker.port, await freshUrl(query));
            assert.strictEqual(response.text, `io.j[${index}]("1::");`);
        });
    }

    test('an unknown session gets the index too', async () => {
        const response = await http.get(broker.port,
            '/socket.io/1/jsonp-polling/AAAAAAAAAAAAAAAAAAAA?t=1&i=4');
        assert.strictEqual(response.text, 'io.j[4]("7:::1+0");');
    });

    test('the greeting is a JSON string', async () => {
        const poller = await polling.connect(broker.port, 'jsonp-polling');
        assert.match(poller.greeting, /^5:::\{"name":"server"/);
    });

    test('line separators are escaped', BETTER, async () => {
        const named = await startBroker({ config: { name: 'a\u2028b\u2029c"\\' } });
        const { url } = new polling.Poller(named.port, 'jsonp-polling',
            (await sio.handshake(named.port)).id);
        await http.get(named.port, url);
        const { text } = await http.get(named.port, url);
        assert.ok(!/[\u2028\u2029]/.test(text), text);
        assert.strictEqual(JSON.parse(polling.parseJsonp(text).slice(4)).args[0].server,
            'a\u2028b\u2029c"\\');
        await named.stop();
    });

    const JUNK = ['d=', 'd=1', 'd=[1]', 'd={}', 'd=null', 'd=%22', 'd=%22unfinished', 'x=1', '',
        'd', '=', '&&', 'd=%', 'd=%zz', `d=${'['.repeat(20000)}`];
    for (const body of JUNK) {
        /* Several of these kill the original (Q8, Q33). */
        test(`a post of ${JSON.stringify(body.slice(0, 20))} is answered 1 and dropped`, BETTER,
            async () => {
                const poller = await polling.connect(broker.port, 'jsonp-polling');
                const response = await http.post(broker.port, poller.url, body, FORM);
                assert.strictEqual(response.status, 200);
                assert.strictEqual(response.text, '1');
                await poller.post(sio.probe(1));
                assert.strictEqual(await poller.poll(), '6:::1');
            });
    }

    test('a form with "+" for blanks and other fields', async () => {
        const poller = await polling.connect(broker.port, 'jsonp-polling');
        await http.post(broker.port, poller.url,
            'a=b&d=%225%3A1%3A%3A%7B%5C%22name%5C%22%3A+%5C%22x%5C%22%7D%22&c=d', FORM);
        assert.strictEqual(await poller.poll(), '6:::1');
    });
});
