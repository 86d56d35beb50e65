'use strict';
/*
 * transcript-differences.js - where we answer otherwise than socket.io 0.9.16, on purpose: the
 * steps of these chapters of transcript-script.js, what each side says there (first the original),
 * and the section of the 0.9 specification whose "Better:" asks for it, or the document that
 * decided it. ofBytes: only where the application is written in C, and sees texts, not values.
 */

const TRANSPORTS = ['websocket', 'flashsocket', 'htmlfile', 'xhr-polling', 'jsonp-polling'];
const WEBSOCKETS = ['websocket', 'flashsocket'];
const POLLING = ['xhr-polling', 'jsonp-polling'];
const over = (chapter, transports) => transports.map((name) => `${chapter} over ${name}`);

const CLOSED = ['(closed without an answer)'];
const UNANSWERED = ['(no answer)'];
const TEXT = 'Content-Type: text/plain';

const refusal = (text) => ['400 Bad Request', TEXT, text];
const refusedUpgrade = (text, ...headers) => ['400 Bad Request', TEXT, ...headers,
    `Content-Length: ${text.length}`, 'Date: <date>', 'Connection: keep-alive', text];
const READABLE = ['Access-Control-Allow-Origin: http://example.org:81',
    'Access-Control-Allow-Credentials: true'];
const NOT_ALLOWED = ['405 Method Not Allowed', TEXT, ...READABLE, 'Allow: GET, POST, OPTIONS',
    'Method not allowed.'];
const CHUNKED = ['Date: <date>', 'Connection: keep-alive', 'Transfer-Encoding: chunked'];
const FORBIDDEN = ['403 Forbidden', TEXT, 'Origin not allowed.'];
const NEEDS_UPGRADE = 'This transport needs a websocket upgrade.';

const left = (name, reason) => `5:::{"name":"left","args":["<${name}>",${JSON.stringify(reason)}]}`;
const greeting = '5:::{"name":"server","args":[{"server":"C","port":<port>}]}';
const seq = (n) => `5:::{"name":"seq","args":[${n}]}`;
const framed = (...packets) => packets.map((p) => `\ufffd${p.length}\ufffd${p}`).join('');

const posted = (...headers) => ['200 OK', 'Content-Length: 1',
    'Content-Type: text/plain; charset=UTF-8', ...READABLE, ...headers, 'Date: <date>',
    'Connection: keep-alive', '1'];
const jsonp = (length, packets) => ['200 OK', 'Content-Type: text/javascript; charset=UTF-8',
    `Content-Length: ${length}`, 'Connection: Keep-Alive', 'X-XSS-Protection: 0', 'Date: <date>',
    `io.j[0](${packets});`];

const who = (transport, nsp = '') =>
    [`6::${nsp}:11+[{"id":"<a>","transport":"${transport}","server":"C"}]`];

/* --- HTTP. --- */

const REQUESTS = [
    {
        section: 'server/manual/configuration.md',
        why: 'a refusal is a complete answer, which a proxy can pass on',
        where: ['routes'],
        steps: {
            'GET /socket.io/1/bogus/X': [CLOSED, refusal('Transport unknown or not enabled.')],
            'GET /socket.io/1/websocket/X': [CLOSED, refusal(NEEDS_UPGRADE)],
            'GET /socket.io/1/flashsocket/X': [CLOSED, refusal(NEEDS_UPGRADE)],
        },
    }, {
        section: '1.1',
        why: 'methods that make no sense are answered 405, OPTIONS gets its CORS answer',
        where: ['routes'],
        steps: {
            'PUT to a transport': [UNANSWERED, NOT_ALLOWED],
            'DELETE to a transport': [UNANSWERED, NOT_ALLOWED],
            'OPTIONS to a transport': [UNANSWERED,
                ['200 OK', ...READABLE, 'Allow: GET, POST, OPTIONS', '(no body)']],
        },
    }, {
        section: 'RFC 9112, 9.6',
        why: 'a client of HTTP/1.0 can tell a whole answer from one that was cut',
        where: ['handshake'],
        steps: {
            'HTTP/1.0': [['200 OK', TEXT, 'Date: <date>', 'Connection: close',
                `<id>:60:60:${TRANSPORTS}`], ['200 OK', TEXT, 'Date: <date>', 'Connection: close',
                `Content-Length: ${20 + `:60:60:${TRANSPORTS}`.length}`,
                `<id>:60:60:${TRANSPORTS}`]],
        },
    }, {
        section: '1.3',
        why: 'an https origin without a port is also port 443',
        where: ['origins'],
        steps: {
            '{"Origin":"https://tls.com"}': [
                ['403 Forbidden', TEXT, ...CHUNKED, 'handshake bad origin'],
                ['200 OK', TEXT, 'Access-Control-Allow-Origin: https://tls.com',
                    'Access-Control-Allow-Credentials: true', ...CHUNKED,
                    `<id>:60:60:${TRANSPORTS}`]],
        },
    }, {
        section: 'server/manual/configuration.md',
        why: 'a refusal is a complete answer, which a proxy can pass on',
        where: ['origins'],
        steps: {
            'a websocket from elsewhere': [CLOSED, FORBIDDEN],
            'a websocket without an origin': [CLOSED, FORBIDDEN],
            'a websocket of draft 8 from elsewhere': [CLOSED, FORBIDDEN],
        },
    }, {
        section: 'server/manual/configuration.md',
        why: 'a refusal is a complete answer, which a proxy can pass on',
        where: ['upgrades'],
        steps: {
            'a later version': [CLOSED, refusedUpgrade(
                'Sec-WebSocket-Version missing or not supported.', 'Sec-WebSocket-Version: 13')],
            'an empty key': [CLOSED, refusedUpgrade('Sec-WebSocket-Key missing or not valid.')],
            'another protocol': [CLOSED, refusedUpgrade(NEEDS_UPGRADE)],
            'an unknown transport': [CLOSED, refusedUpgrade('Transport unknown or not enabled.')],
            elsewhere: [CLOSED, refusedUpgrade('No websocket here.')],
        },
    }, {
        section: 'server/manual/configuration.md',
        why: 'the original upgrades, only to say at once that it does not know the session',
        where: ['upgrades'],
        steps: {
            'no id': [['101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade',
                'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', '(no body)'],
            refusedUpgrade('Session id missing.')],
        },
    },
];

/* --- The contract, and packets that mean little. --- */

const PACKETS = [
    {
        section: '3.1',
        why: 'a reason outside the table is not the word "undefined"',
        where: over('contract', TRANSPORTS),
        steps: { '/err': [['7::/err:undefined'], ['7::/err']] },
    }, {
        section: '6.1',
        why: 'packets to a namespace that the client has left are dropped',
        where: over('contract', TRANSPORTS),
        steps: {
            'a in /chat after leaving it': [['5::/chat:{"name":"echo","args":[1]}'], []],
        },
    }, {
        section: '2.2',
        why: 'a close frame ends a websocket',
        where: over('contract', WEBSOCKETS),
        steps: {
            'b is kicked': [
                ['0::', '(end)', `a gets ${left('b', 'booted')}`, `c gets ${left('b', 'booted')}`],
                ['0::', '(close 1000)', '(end)', `a gets ${left('b', 'booted')}`,
                    `c gets ${left('b', 'booted')}`]],
            'c says goodbye': [['0::', '(end)', `a gets ${left('c', 'booted')}`],
                ['0::', '(close 1000)', '(end)', `a gets ${left('c', 'booted')}`]],
            'd is kicked in /chat': [['0::', '(end)', `a gets ${left('d', 'booted')}`],
                ['0::', '(close 1000)', '(end)', `a gets ${left('d', 'booted')}`]],
        },
    }, {
        section: '5.4',
        why: 'the end that no poll could tell is told to the next one; its reason has a name',
        where: over('contract', POLLING),
        steps: {
            'b is kicked': [
                ['7:::1+0', '(end)', `a gets ${left('b', null)}`, `c gets ${left('b', null)}`],
                ['0::', '(end)', `a gets ${left('b', 'booted')}`, `c gets ${left('b', 'booted')}`]],
            'c says goodbye': [['7:::1+0', '(end)', `a gets ${left('c', 'booted')}`],
                ['0::', '(end)', `a gets ${left('c', 'booted')}`]],
            'd is kicked in /chat': [['7:::1+0', '(end)', `a gets ${left('d', null)}`],
                ['0::', '(end)', `a gets ${left('d', 'booted')}`]],
        },
    }, {
        section: '6.2',
        why: 'the transport is called what it is called in URLs',
        where: over('contract', ['jsonp-polling']),
        steps: {
            '5:11+::{"name":"who","args":[]}': [who('jsonppolling'), who('jsonp-polling')],
            '5:11+:/chat:{"name":"who","args":[]}':
                [who('jsonppolling', '/chat'), who('jsonp-polling', '/chat')],
        },
    }, {
        section: 'server/README, Decisions',
        why: 'JSON is checked and travels as it came, it is not written anew',
        ofBytes: true,
        where: over('odd packets', TRANSPORTS),
        steps: {
            '5:::{"name":"echo","args":[1,2.50,1e3,"\\u00e9\\/", {"b": 1}]}':
                [['5:::{"name":"echo","args":[1,2.5,1000,"é/",{"b":1}]}'],
                    ['5:::{"name":"echo","args":[1,2.50,1e3,"\\u00e9\\/", {"b": 1}]}']],
        },
    }, {
        section: '5.1',
        why: 'connecting to the default namespace again is nothing',
        where: over('odd packets', TRANSPORTS),
        steps: { '1::': [['1::', greeting], []] },
    }, {
        section: '6.1',
        why: 'joining twice is only confirmed again, and nothing is done twice after it',
        where: over('odd packets', TRANSPORTS),
        steps: {
            '1::/chat:?x=1': [['1::/chat',
                '5::/chat:{"name":"welcome","args":[{"namespace":"/chat"}]}'], ['1::/chat']],
            'after /chat was joined twice': [['5::/chat:{"name":"echo","args":[1]}',
                '5::/chat:{"name":"echo","args":[1]}'], ['5::/chat:{"name":"echo","args":[1]}']],
        },
    },
];

/* --- Transports. --- */

const CHANNELS = [
    {
        section: '2.2',
        why: 'frames are those of RFC 6455: length of 65536, ping and pong, close with close',
        where: ['frames'],
        steps: {
            'a frame of 65536 bytes': [['817e0000333a3a3a6563686f3a78787878787878 (65540 bytes)'],
                ['817f0000000000010000333a3a3a6563686f3a78 (65546 bytes)']],
            ping: [['c28a00 (3 bytes)'], ['8a0462656174 (6 bytes)']],
            pong: [['(end)'], []],
            close: [['(end)'], ['(close 1000)', '(end)']],
            'with reserved bits': [['(end)'], ['(close 1002)', '(end)']],
        },
    }, {
        section: '2.2',
        why: 'the bytes of fragments are joined before they are text',
        where: ['frames'],
        steps: {
            'in fragments within a character': [['3:::echo:\ufffd\ufffd'], ['3:::echo:é']],
        },
    }, {
        section: '2.2',
        why: 'a close frame ends a websocket',
        where: ['upgrades'],
        steps: {
            'an unknown id': [['101 Switching Protocols', 'Upgrade: websocket',
                'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', '7:::1+0', '(end)'],
            ['101 Switching Protocols', 'Upgrade: websocket',
                'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', '7:::1+0', '(close 1000)',
                '(end)']],
        },
    }, {
        section: '2.3, 0.9.17',
        why: 'as the versions after 0.9.16',
        where: POLLING,
        steps: { 'post with an origin': [posted(), posted('X-XSS-Protection: 0')] },
    }, {
        section: '2.3, 0.9.17',
        why: 'as the versions after 0.9.16',
        where: ['htmlfile'],
        steps: { post: [posted(), posted('X-XSS-Protection: 0')] },
    }, {
        section: 'server/README, a turn',
        why: 'what is emitted in one turn of the loop answers a poll together, not the first alone',
        where: POLLING,
        steps: {
            'two packets during a poll': [['3:::echo:hello', '6:::1+["got","hello"]'],
                [framed('3:::echo:hello', '6:::1+["got","hello"]')]],
            'a payload during a poll': [['3:::echo:a', '6:::1', '3:::echo:bé😀'],
                [framed('3:::echo:a', '6:::1', '3:::echo:bé😀')]],
            'many during a poll': [[seq(0), seq(1), seq(2)], [framed(seq(0), seq(1), seq(2))]],
        },
    }, {
        section: '2.3',
        why: 'the pieces of a body are joined before they are text',
        where: ['xhr-polling'],
        steps: { 'a character in two pieces': [['3:::echo:\ufffd\ufffd'], ['3:::echo:é']] },
    }, {
        section: '2.3',
        why: 'a post before the first poll leaves the connect packet for that poll',
        where: over('early post', POLLING),
        steps: { 'the first poll after a post': [UNANSWERED, ['1::']] },
    }, {
        section: '2.4',
        why: 'line separators are escaped: they end a line of a script',
        where: ['jsonp-polling'],
        steps: {
            'both as a payload': ['\u2028', '\\u2028'].map((separator) => jsonp(
                separator.length === 1 ? 91 : 94, `"${framed('3:::echo:one')}\ufffd36\ufffd5:::` +
                `{\\"name\\":\\"echo\\",\\"args\\":[\\"é€😀${separator}\\"]}"`)),
        },
    }, {
        section: '2.4',
        why: 'line separators are escaped: they end a line of a script',
        where: ['htmlfile'],
        steps: {
            'echo é€😀\u2028': [['<script>_("3:::echo:é€😀\u2028");</script>'],
                ['<script>_("3:::echo:é€😀\\u2028");</script>']],
        },
    }, {
        section: '2.1',
        why: 'what a new transport takes over from is told: a noop, or a close',
        where: ['changes'],
        steps: {
            'the first websocket': [[], ['(close 1000)', '(end)']],
            'the abandoned poll': [UNANSWERED, ['8::']],
        },
    }, {
        section: '2.1',
        why: 'what a new transport takes over from is told: a noop, or a close',
        where: ['two polls'],
        steps: { 'the older poll': [UNANSWERED, ['8::']] },
    }, {
        section: '2.3',
        why: 'a poll that the client cut takes nothing with it',
        where: ['two polls'],
        steps: { 'after a poll was cut': [[], ['3:::echo:lost?']] },
    },
];

/* --- Ends, of sessions and of the original. --- */

const ENDS = [
    {
        section: '2.2',
        why: 'a reset ends the session at once',
        where: ['ends'],
        steps: {
            'websocket: reset': [[left('client 7', 'close timeout')],
                [left('client 7', 'socket error')]],
            'htmlfile: reset': [[left('client 10', 'close timeout')],
                [left('client 10', 'socket error')]],
        },
    }, {
        section: '5.3',
        why: 'beats keep their interval while one is unanswered',
        where: ['ends'],
        steps: {
            'websocket: an unanswered heartbeat': [
                ['2::', '(end)', left('client 8', 'heartbeat timeout')],
                ['2::', '2::', '(close 1000)', '(end)', left('client 8', 'heartbeat timeout')]],
            'htmlfile: an unanswered heartbeat': [
                ['2::', '(end)', left('client 11', 'heartbeat timeout')],
                ['2::', '2::', '(end)', left('client 11', 'heartbeat timeout')]],
        },
    }, {
        section: '5.4',
        why: 'the reason has a name',
        where: ['ends'],
        steps: {
            'websocket: a close frame': [[left('client 12', null)],
                [left('client 12', 'socket close')]],
        },
    }, {
        section: '10, Q7',
        why: 'never die',
        where: ['Q7: an upgrade to a polling transport'],
        steps: {
            'the answer': [CLOSED, refusal('This transport takes no upgrade.')],
            'the process': [['it dies'], ['it goes on']],
        },
    }, {
        section: '10, Q32',
        why: 'never die',
        where: ['Q32: an upgrade with ?disconnect'],
        steps: {
            'the answer': [CLOSED, refusal('An upgrade can not disconnect.')],
            'the process': [['it dies'], ['it goes on']],
        },
    }, {
        section: '10, Q8 and Q33',
        why: 'a body that is no text is ignored',
        where: ['Q8: a form whose JSON is broken', 'Q33: a form with a number'],
        steps: { 'the process': [['it dies'], ['it goes on']] },
    }, {
        section: '10, Q29',
        why: 'frames are read in a loop, not by recursion',
        where: ['Q29: 10000 frames in one segment'],
        steps: { 'the answer': [['(end)'], []], 'the process': [['it dies'], ['it goes on']] },
    }, {
        section: '10, Q30',
        why: 'a frame over the limit is refused with 1009',
        where: ['Q30: a frame announced too large'],
        steps: { 'the answer': [['(end)'], ['(close 1009)', '(end)']] },
    },
];

module.exports = [...REQUESTS, ...PACKETS, ...CHANNELS, ...ENDS];
