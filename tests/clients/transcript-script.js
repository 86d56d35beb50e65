'use strict';
/*
 * transcript-script.js - the exchanges that transcript.test.js has with two servers: chapters, each
 * with the settings of its server and a script of steps (tests/lib/transcript.js).
 *
 * Sections are those of the 0.9 specification.
 */

const http = require('../lib/http.js');
const sio = require('../lib/sio09.js');
const ws = require('../lib/ws.js');
const { END, HtmlfileClient, PollingClient, WebsocketClient, join } =
    require('../lib/raw-clients.js');
const { FRAMING, answerLines, headLines } = require('../lib/transcript.js');

const ORIGIN = { Origin: 'http://example.org:81' };
const UNKNOWN = 'AAAAAAAAAAAAAAAAAAAA';
const POLLING = ['xhr-polling', 'jsonp-polling'];
const TRANSPORTS = ['websocket', 'flashsocket', 'htmlfile', ...POLLING];

const url = sio.transportUrl;
const event = (name, args, { id = '', nsp = '' } = {}) =>
    `5:${id}:${nsp}:${JSON.stringify({ name, args })}`;

/* --- Requests: 1.1, 1.2, 1.3. --- */

async function routes(t) {
    for (const target of ['', '/', '?x=1', '/0/', '/abc/', '/foo.js', '//1/', '/1/a/b/c/d', '/%31/',
        'foo', '/2/', '/static/flashsocket/other.swf', '/1/bogus/X', '/1/websocket/X',
        '/1/flashsocket/X'])
        await t.get(`/socket.io${target}`);
    await t.get('/SOCKET.IO/1/');
    for (const method of ['PUT', 'DELETE', 'OPTIONS'])
        await t.ask(`${method} to a transport`,
            { method, target: url('xhr-polling', UNKNOWN), headers: ORIGIN });
    await t.ask('HTTP/1.0', { target: '/socket.io/', version: '1.0', host: null });
}

/* A handshake's answer with its id masked. */
async function shake(t, name, options) {
    const lines = await t.request(options, FRAMING);
    t.step(name, lines.map((line) => line.replace(/(^|\(")[A-Za-z0-9_-]{20}(?=:)/, '$1<id>')));
}

async function handshake(t) {
    for (const target of ['/1', '/1/', '/01/', '/1.0/', '/1/websocket', '/1/websocket/',
        '/1/?t=1', '/1/?t=1&jsonp=3', '/1/?jsonp=x', '/1/?deny=1', '/1/?deny=1&jsonp=2',
        '/1/?fail=1', '/1/?fail=1&jsonp=0'])
        await shake(t, target, { target: `/socket.io${target}` });
    for (const method of ['POST', 'HEAD', 'OPTIONS'])
        await shake(t, method, { method, target: '/socket.io/1/' });
    for (const headers of [ORIGIN, { Origin: 'null' }, { Referer: 'http://example.org/x' }]) {
        const [[name, value]] = Object.entries(headers);
        await shake(t, `${name}: ${value}`, { target: '/socket.io/1/', headers });
    }
    for (const query of ['deny=1', 'fail=1', 'jsonp=1'])
        await shake(t, `${query} with an origin`,
            { target: `/socket.io/1/?${query}`, headers: ORIGIN });
    await shake(t, 'HTTP/1.0', { target: '/socket.io/1/', version: '1.0', host: null });
}

async function origins(t) {
    for (const headers of [{ Origin: 'http://foo.com' }, { Origin: 'https://foo.com' },
        { Origin: 'https://tls.com' }, { Origin: 'http://foo.com:81' },
        { Origin: 'http://bar.com:9' }, { Origin: 'http://zed.com:8080' },
        { Referer: 'http://bar.com/x' }, { Origin: 'null' }, { Origin: 'garbage' }, {}])
        await shake(t, JSON.stringify(headers), { target: '/socket.io/1/', headers });
    await shake(t, 'refused with jsonp', { target: '/socket.io/1/?jsonp=1' });

    const origin = { Origin: 'http://bar.com:9' };
    const { id } = await sio.handshake(t.port, 't=1', origin);
    const upgrade = (headers) => ({ target: url('websocket', id), headers: { Upgrade: 'websocket',
        Connection: 'Upgrade', 'Sec-WebSocket-Key': ws.SAMPLE_KEY, ...headers } });
    await t.ask('a websocket from elsewhere',
        upgrade({ 'Sec-WebSocket-Version': 13, Origin: 'http://foo.com:81' }));
    await t.ask('a websocket without an origin', upgrade({ 'Sec-WebSocket-Version': 13 }));
    await t.ask('a websocket of draft 8 from elsewhere',
        upgrade({ 'Sec-WebSocket-Version': 8, 'Sec-WebSocket-Origin': 'http://foo.com:81' }));
    await t.ask('a websocket', upgrade({ 'Sec-WebSocket-Version': 13, ...origin }));
}

/* --- The rows of the contract, over any transport. --- */

/*
 * An exchange that brings an event to be acknowledged: its id, which each server counts in its way.
 */
async function beAsked(t, client, packet) {
    await client.say(packet);
    const lines = await client.gather();
    const [head, id] = /5:(\d+)\+/.exec(lines.join('\n'));
    t.step(packet, lines.map((line) => line.replace(head, '5:<id>+')));
    return id;
}

async function rows(t, clients, nsp) {
    const [a, b, c] = clients;
    const others = [b, c];
    const say = (name, args, id) => {
        const packet = event(name, args, { id, nsp });
        return t.exchange(packet, packet, a, others);
    };

    await say('echo', ['a', 1, null, { b: [] }, 'é€😀\u2028"\\\n/']);
    await say('echo', ['a', 'é'], '1+');
    await say('echo', [], '2+');
    await say('echo', ['noack'], '3');
    await say('broadcast', [{ n: 1 }]);
    await say('others', ['x']);
    await say('join', ['r'], '4+');
    await t.exchange(`${nsp} b joins`, event('join', ['r'], { id: '5+', nsp }), b);
    await say('room', ['r', 1]);
    await say('room others', ['r', 2]);
    await t.exchange(`${nsp} c to the room`, event('room', ['r', 3], { nsp }), c, [a, b]);
    await t.exchange(`${nsp} b leaves`, event('leave', ['r'], { id: '6+', nsp }), b);
    await say('room', ['r', 4]);
    await say('room', ['nobody', 5]);
    await say('volatile', ['v']);
    const question = await beAsked(t, a, event('ask', [{ q: 1 }], { nsp }));
    await t.exchange(`${nsp} the answer`, `6::${nsp}:${question}+["got",{"q":1}]`, a);
    await say('many', [12]);
    await say('who', [], '11+');
    for (const packet of [`3::${nsp}:hello: é€😀\n\u2028`, `3:12:${nsp}:hi`, `3:13+:${nsp}:hi`,
        `4::${nsp}:{"a":[1,null]}`, `4:14:${nsp}:["é"]`, `4::${nsp}:5`])
        await t.exchange(packet, packet, a);
    await say('no such event', [1]);
    await say('disconnect', ['x']);
}

/* The rows about data of a client, which its namespaces share. */
async function store(t, transport) {
    const a = await join(t, transport, { name: 'a' });
    const b = await join(t, transport, { name: 'b' });
    await a.start();
    await b.start();
    for (const nsp of ['', '/chat']) {
        const say = (client, id, name, args) => t.exchange(`${id} ${client.name} ${nsp} ${name}`,
            event(name, args, { id, nsp }), client);
        if (nsp !== '') {
            await t.exchange(`a joins ${nsp}`, `1::${nsp}`, a);
            await t.exchange(`b joins ${nsp}`, `1::${nsp}`, b);
        }
        await say(a, '1+', 'get', ['nick']);
        await say(a, '2+', 'set', ['nick', `bob${nsp}`]);
        await say(a, '3+', 'get', ['nick']);
        await say(b, '4+', 'get', ['nick']);
        await say(a, '5+', 'set', ['n', { a: [1, 'é'] }]);
        await say(a, '6+', 'get', ['n']);
    }
    a.leave();
    b.leave();
}

async function contract(t, transport) {
    const clients = [];
    for (const name of ['a', 'b', 'c']) {
        clients.push(await join(t, transport, { name, query: 'token=secret' }));
        t.step(`${name} connects`, await clients.at(-1).start());
    }
    const [a, b, c] = clients;
    await rows(t, clients, '');
    for (const client of clients)
        await t.exchange(`${client.name} joins /chat`, '1::/chat', client);
    await rows(t, clients, '/chat');
    await t.exchange('/auth with the token', '1::/auth', a);
    await t.exchange('/err', '1::/err', a);
    await t.exchange('/nonexist', '1::/nonexist', a);
    await t.exchange('a leaves /chat', '0::/chat', a);
    await t.exchange('a in /chat after leaving it', event('echo', [1], { nsp: '/chat' }), a);
    await t.exchange('after a has left /chat', event('broadcast', [1], { nsp: '/chat' }), b,
        [a, c]);
    await t.exchange('b is kicked', event('kick', []), b, [a, c]);
    await t.exchange('c says goodbye', '0::', c, [a]);

    const d = await join(t, transport, { name: 'd', query: 'token=wrong' });
    t.step('d connects', await d.start());
    await t.exchange('/auth without the token', '1::/auth', d);
    await t.exchange('d joins /chat', '1::/chat', d);
    await t.exchange('d is kicked in /chat', event('kick', [], { nsp: '/chat' }), d, [a]);
    for (const client of [...clients, d])
        client.leave();
}

/* --- Packets that mean nothing, or little: 3.2, 6.1. --- */

async function oddities(t, transport) {
    const client = await join(t, transport);
    await client.start();
    for (const packet of ['8::', '9:::x', 'garbage', '5:::null', '5:::bad', '5:::[]', '7:::1+0',
        '2::', '2:::', '6:::1+["data1",2]', '6:::2', '6:::x', '3:a::x', '-1::', ':::',
        '3:1:/nonexist:x', '3::::x', '3::', '4:::bad', '4::', '3:01::y', '3:+::x',
        '5:1+::{"name":"echo"}', '5:2+::{"name":"echo","args":"text"}',
        '5:3+::{"name":"echo","args":{"0":1}}', '5:4+::{"name":"echo","args":null}',
        '5:5+::{"name":"echo","args":[]}',
        '5:::{"name":"message","args":["x"]}', '5:4:/chat:{"name":"echo","args":[1]}',
        '5:::{"name":"echo","args":[1,2.50,1e3,"\\u00e9\\/", {"b": 1}]}',
        '1::', '1::/chat', '1::/chat?x=1', '1::/chat:?x=1'])
        await t.exchange(packet, packet, client);
    await t.exchange('after /chat was joined twice', event('echo', [1], { nsp: '/chat' }), client);
    client.leave();
}

/* --- websocket: 2.1, 2.2. --- */

const FRAMES = [
    ['without a mask', ws.frame(1, '3:::a', { mask: false })],
    ['in fragments', ws.frame(1, '3::', { fin: false }), ws.frame(0, ':b')],
    ['in fragments, the first one empty', ws.frame(1, '', { fin: false }), ws.frame(0, '3:::c')],
    ['in fragments within a character', ws.frame(1, Buffer.from('3:::é').subarray(0, 5),
        { fin: false }), ws.frame(0, Buffer.from('é').subarray(1))],
    ['binary', ws.frame(2, '3:::d')],
    ['ping', ws.frame(9, 'beat')],
    ['pong', ws.frame(10, '')],
    ['close', ws.frame(8, ws.closePayload(1000))],
    ['with reserved bits', ws.frame(1, '3:::e', { rsv: 4 })],
];

async function frames(t) {
    const head = await join(t, 'websocket', { name: 'w' });
    t.step('upgrade', headLines(head.connection.answer, FRAMING));
    t.step('the first bytes', await head.bytes());
    for (const size of [125, 126, 65535, 65536, 65537]) {
        head.say(`3:::${'x'.repeat(size - '3:::echo:'.length)}`);
        t.step(`a frame of ${size} bytes`, await head.bytes());
    }
    head.leave();
    for (const [name, ...bytes] of FRAMES) {
        const client = await join(t, 'websocket');
        await client.start();
        bytes.forEach((frame) => client.connection.write(frame));
        if (name === 'ping')
            t.step(name, await client.bytes());
        else
            await t.gather(name, client);
        client.leave();
    }
}

async function upgrades(t) {
    const id = await t.session('id');
    const upgrade = (name, target, headers = {}) => t.ask(name, { target, headers: {
        Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': ws.SAMPLE_KEY,
        'Sec-WebSocket-Version': 13, ...headers } }, FRAMING);
    await upgrade('protocol 7', `/socket.io/7/websocket/${id}`);
    for (const draft of [7, 8])
        await upgrade(`draft ${draft}`, url('websocket', id), { 'Sec-WebSocket-Version': draft });
    await upgrade('flashsocket', url('flashsocket', id));
    await upgrade('a subprotocol and an extension', url('websocket', id),
        { 'Sec-WebSocket-Protocol': 'a, b', 'Sec-WebSocket-Extensions': 'permessage-deflate' });
    await upgrade('a later version', url('websocket', id), { 'Sec-WebSocket-Version': 14 });
    await upgrade('an empty key', url('websocket', id), { 'Sec-WebSocket-Key': '' });
    await upgrade('another protocol', url('websocket', id), { Upgrade: 'h2c' });
    await upgrade('an unknown transport', url('bogus', id));
    await upgrade('elsewhere', '/other');
    await upgrade('no id', '/socket.io/1/websocket');

    const unknown = await WebsocketClient.open(t.port, UNKNOWN, {});
    t.step('an unknown id', [...headLines(unknown.connection.answer), ...await unknown.gather()]);
    unknown.leave();
}

/* --- Polling: 2.3, 2.4. --- */

/* A body that comes in two pieces, cut within a character. */
async function cutInTwo(t, client) {
    const bytes = http.format({ method: 'POST', target: client.url, body: '3:::é',
        headers: { 'Content-Type': 'text/plain' } });
    const connection = await http.connect(t.port);
    connection.write(bytes.subarray(0, -1));
    await t.idle();
    connection.write(bytes.subarray(-1));
    await connection.response();
    connection.destroy();
    await t.gather('a character in two pieces', client);
}

async function polling(t, transport) {
    const client = await join(t, transport);
    const poll = { target: client.url };
    const post = (packets, headers = {}) => ({ method: 'POST', target: client.url,
        headers: { 'Content-Type': client.kind.type, ...headers },
        body: client.kind.encode(packets) });

    await t.ask('first poll', poll, FRAMING);
    await t.ask('second poll', { ...poll, headers: ORIGIN }, FRAMING);
    await t.ask('post', post('3:::one'), FRAMING);
    await t.ask('post with an origin', post(event('echo', ['é€😀\u2028']), ORIGIN), FRAMING);
    await t.ask('both as a payload', poll, FRAMING);
    t.step('idle poll', answerLines(await http.request(t.port, poll), FRAMING));
    await t.ask('empty post', post(''), FRAMING);
    for (const index of ['7', 'x', '']) {
        await client.post('3:::a');
        await t.ask(`i=${index}`, { target: url(transport, client.id, `t=1&i=${index}`) }, FRAMING);
    }
    t.step('one packet during a poll', await client.sayDuringPoll('3:::hello'));
    t.step('two packets during a poll', await client.sayDuringPoll('3:1+::hello'));
    t.step('a payload during a poll',
        await client.sayDuringPoll(sio.payload(['3:::a', '3:1::bé😀'])));
    t.step('volatile during a poll', await client.sayDuringPoll(event('volatile', ['v'])));
    t.step('many during a poll', await client.sayDuringPoll(event('many', [3])));
    for (const junk of ['\ufffd5\ufffd', '\ufffd\ufffd3:::a', '\ufffdx\ufffd3:::a',
        '\ufffd-1\ufffd3:::a', '\ufffd9\ufffd3:::a', '\ufffd5\ufffd3:::ajunk\ufffd5\ufffd3:::b'])
        await t.exchange(`payload ${junk}`, junk, client);

    if (transport === 'xhr-polling')
        await cutInTwo(t, client);
    t.step('kick during a poll', await client.sayDuringPoll(event('kick', [])));
    await t.ask('poll after the end', poll);
    await t.ask('post after the end', post('3:::x'), FRAMING);
    await t.ask('unknown id', { target: url(transport, UNKNOWN, 't=1&i=4') }, FRAMING);
}

async function earlyPost(t, transport) {
    const client = await join(t, transport);
    await client.post('3:::early');
    const first = await client.begin();
    await t.idle();
    t.step('the first poll after a post', await client.answered(first));
}

/* --- htmlfile: 2.5. --- */

async function htmlfile(t) {
    const client = await join(t, 'htmlfile');
    t.step('head', headLines(client.head, FRAMING));
    t.step('preamble', [client.preamble.trimEnd(), `${client.preamble.length} characters`]);
    const chunk = async () => (await client.connection.chunk()).toString();
    t.step('connect', [await chunk(), await chunk()]);
    for (const text of ['a/b"<c>', '</script>', 'é€😀\u2028']) {
        await client.say(`3:::${text}`);
        t.step(`echo ${text}`, [await chunk()]);
    }
    await t.ask('post', { method: 'POST', target: client.url, body: '2::', headers: ORIGIN },
        FRAMING);
    await t.exchange('goodbye', '0::', client);
    await t.gather('an unknown id', await HtmlfileClient.open(t.port, UNKNOWN, {}));
}

/* --- One session, several transports: 2.1. --- */

async function changes(t) {
    const first = await join(t, 'websocket', { name: 'first' });
    await first.start();
    const second = await WebsocketClient.open(t.port, first.id, { name: 'second' });
    await t.exchange('a second websocket', '3:::a', second);
    await t.idle();
    t.step('the first websocket', first.seen());
    const poller = await PollingClient.open(t.port, first.id, { transport: 'xhr-polling' });
    await poller.post('3:::between');
    await t.gather('a packet between transports', second);
    const pending = await poller.begin();
    await t.idle();
    await poller.post('3:::b');
    t.step('a poll takes over', [await poller.finish(pending)]);
    const abandoned = await poller.begin();
    await t.idle();
    const third = await WebsocketClient.open(t.port, first.id, { name: 'third' });
    await t.exchange('a websocket takes over', '3:::c', third);
    t.step('the abandoned poll', await poller.answered(abandoned));
    for (const client of [first, second, third])
        client.leave();
}

async function twoPolls(t) {
    const poller = await join(t, 'xhr-polling');
    await poller.start();
    const old = await poller.begin();
    await t.idle();
    t.step('the newer poll', await poller.sayDuringPoll('3:::a'));
    t.step('the older poll', await poller.answered(old));
    const cut = await poller.begin();
    await t.idle();
    cut.destroy();
    await t.idle();
    await poller.post('3:::lost?');
    await t.gather('after a poll was cut', poller);
}

/* --- Ways a session ends: 1.6, 5.2, 5.3, 5.4, as another client is told. --- */

async function ends(t) {
    const observer = await join(t, 'xhr-polling', { name: 'observer' });
    await observer.start();
    let n = 0;

    /* A new client, what ends it, what act() saw of that, and what the observer is told. */
    async function end(how, transport, act) {
        const client = await join(t, transport, { name: `client ${++n}` });
        await client.start();
        await observer.gather();
        const told = observer.pollUntil(/"left"/);
        await t.idle();
        const seen = await act(client) || [];
        t.step(`${transport}: ${how}`, [...seen, await told]);
        client.leave();
    }

    /* What comes until the connection ends. */
    async function untilEnd(client) {
        const lines = [];
        while (lines.at(-1) !== END) {
            await client.connection.until(({ received, closed }) =>
                received.length > 0 || closed || undefined, 'more');
            lines.push(...client.seen());
        }
        return lines;
    }

    for (const transport of TRANSPORTS)
        await end('0::', transport, (client) => { client.say('0::'); });
    for (const transport of ['websocket', 'htmlfile']) {
        await end('FIN', transport, (client) => { client.connection.socket.end(); });
        await end('reset', transport, (client) => { client.connection.reset(); });
        await end('an unanswered heartbeat', transport, untilEnd);
    }
    await end('a close frame', 'websocket', (client) => { client.connection.send(8); });
    for (const transport of POLLING)
        await end('no poll', transport, () => {});
    for (const target of [(id) => `/socket.io/1//${id}/?disconnect=1`,
        (id) => url('bogus', id, 'disconnect'), (id) => url('xhr-polling', id, 'disconnect=')])
        await end(target('id'), 'websocket', (client) => t.request({ target: target(client.id) }));
    await t.get(`/socket.io/1//${UNKNOWN}/?disconnect=1`);
}

/* --- What ends the original's process: section 10. Each needs a process of its own. --- */

const upgradeOf = (target) => ({ target, headers: { Upgrade: 'websocket', Connection: 'Upgrade',
    'Sec-WebSocket-Key': ws.SAMPLE_KEY, 'Sec-WebSocket-Version': 13 } });
const form = (id, body) => ({ method: 'POST', target: url('jsonp-polling', id, 't=1&i=0'), body,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });

const REQUESTS = {
    'Q7: an upgrade to a polling transport': (id) => upgradeOf(url('xhr-polling', id)),
    'Q32: an upgrade with ?disconnect': (id) => upgradeOf(url('websocket', id, 'disconnect=1')),
    'Q8: a form whose JSON is broken': (id) => form(id, 'd=%22abc'),
    'Q33: a form with a number': (id) => form(id, 'd=1'),
};
const FATAL_FRAMES = {
    'Q29: 10000 frames in one segment': () =>
        Buffer.concat(Array.from({ length: 10000 }, () => ws.frame(1, '2::', { mask: false }))),
    'Q30: a frame announced too large': () => Buffer.from('817f0000010000000000', 'hex'),
    'Q31: an event called __proto__': () => ws.frame(1, event('__proto__', [1])),
};

const HOSTILE = [
    ...Object.entries(REQUESTS).map(([name, request]) => ({ name, script: async (t) => {
        await t.ask('the answer', request(await t.session('id')));
        await t.fate();
    } })),
    ...Object.entries(FATAL_FRAMES).map(([name, bytes]) => ({ name, script: async (t) => {
        const client = await join(t, 'websocket');
        await client.start();
        client.connection.write(bytes());
        await t.gather('the answer', client);
        await t.fate();
    } })),
];

const CONFIG = { name: 'C', transports: TRANSPORTS, 'flash policy server': false };

const CHAPTERS = [
    /* Heartbeats are so slow that none is due while a client comes and ends, on any machine. */
    { name: 'ends', script: ends, config: { 'heartbeat interval': 6, 'heartbeat timeout': 12,
        'close timeout': 6 } },
    { name: 'routes', script: routes },
    { name: 'handshake', script: handshake },
    { name: 'origins', script: origins,
        config: { origins: ['foo.com:80', 'bar.com:*', '*:8080', 'tls.com:443'] } },
    ...TRANSPORTS.map((transport) => ({ name: `contract over ${transport}`,
        script: (t) => contract(t, transport) })),
    ...TRANSPORTS.map((transport) => ({ name: `odd packets over ${transport}`,
        script: (t) => oddities(t, transport) })),
    ...TRANSPORTS.map((transport) => ({ name: `session store over ${transport}`,
        script: (t) => store(t, transport) })),
    { name: 'frames', script: frames },
    { name: 'upgrades', script: upgrades },
    ...POLLING.map((transport) => ({ name: transport, script: (t) => polling(t, transport),
        config: { 'polling duration': 2 } })),
    ...POLLING.map((transport) => ({ name: `early post over ${transport}`,
        script: (t) => earlyPost(t, transport) })),
    { name: 'htmlfile', script: htmlfile },
    { name: 'changes', script: changes },
    { name: 'two polls', script: twoPolls },
    ...HOSTILE,
];

module.exports = { CHAPTERS, CONFIG };
