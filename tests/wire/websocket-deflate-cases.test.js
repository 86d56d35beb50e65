'use strict';
/*
 * RFC 7692 case by case: what is offered and answered, and messages that are compressed, well or
 * badly. The numbers are those of the groups of the Autobahn test suite: 12 contents and sizes, 13
 * offers; and with 14, which it does not have, what a compressed message may be. Rows are those of
 * websocket-cases.test.js.
 */

const assert = require('node:assert');
const crypto = require('node:crypto');
const zlib = require('node:zlib');
const { test, describe, before, after } = require('node:test');
const { REFERENCE } = require('../lib/server.js');
const ws = require('../lib/ws.js');
const {
    CODE, LIMIT, OPEN, RSV1, OFFER, URL, assertAnswers, assertRow, blob, bytes, compressed,
    connect, cut, deflate, deflated, four, hex, more, ping, pong, sized, start, text, wire,
} = require('../lib/ws-cases.js');

const { PROTOCOL, BAD_DATA, TOO_BIG } = CODE;

/* --- Contents and sizes. --- */

const numbers = (n) => JSON.stringify(Array.from({ length: n / 8 }, (_, i) => [i, i * 7]));
const CONTENTS = {
    'JSON': (n) => text(four(numbers(n).slice(0, n - 1))),
    'one letter': sized,
    'Greek letters': (n) => text(four('κόσμε '.repeat(n / 8).slice(0, n / 2))),
    'random bytes': (n) => bytes(crypto.randomBytes(n)),
};
const SIZES = [];
for (const [name, make] of Object.entries(CONTENTS)) {
    for (const n of [16, 64, 256, 1024, 4096, 16384, 65536, 131072]) {
        const message = make(n);
        SIZES.push(['12', `${name}, ${n}: plain, compressed, in four pieces, and again`,
            [message, deflated(message), ...compressed(cut(message, n / 4)), deflated(message)],
            Array(4).fill(message)]);
    }
}

/* --- What a compressed message may be. --- */

const squeezed = (payload, options) => text(deflate(four(payload), options), RSV1);
const SHORT = deflate(four('Hello'));
const HEAD = text(SHORT.subarray(0, 3), { ...OPEN, ...RSV1 }), REST = SHORT.subarray(3);
const LONG = 'a long text that is worth to be referred back to, '.repeat(3);

const twoBlocks = Buffer.concat([
    zlib.deflateRawSync('4He', { finishFlush: zlib.constants.Z_FULL_FLUSH }),
    deflate(Buffer.from('llo'))]);
const lastBlock = Buffer.concat([zlib.deflateRawSync('4Hello'), hex('00')]);
/* As if the message before could be referred to, though the answer has said that it can not. */
const referringBack = deflate(four(LONG), { dictionary: four(LONG) });

const FORMS = [
    ['14.1', 'the shortest', [text(hex('32 f1 48 cd c9 c9 07 00'), RSV1)], [text('4Hello')]],
    ['14.1', 'among others', [squeezed('a'), text('4b'), squeezed('c')],
        [text('4a'), text('4b'), text('4c')]],
    ['14.1', 'bytes', [deflated(blob(300))], [blob(300)]],
    ['14.1', 'no bytes', [deflated(bytes())], [bytes()]],
    ['14.1', 'no payload, which is no deflate stream', [bytes('', RSV1)], [], BAD_DATA],
    ['14.1', 'the same twice', [squeezed(LONG), squeezed(LONG)],
        [text(four(LONG)), text(four(LONG))]],
    ['14.2', 'a stored block', [squeezed('a', { level: 0 })], [text('4a')]],
    ['14.2', 'fixed codes', [squeezed('a', { strategy: zlib.constants.Z_FIXED })], [text('4a')]],
    ['14.2', 'the best compression', [squeezed(LONG, { level: 9 })], [text(four(LONG))]],
    ['14.2', 'a small window', [squeezed(LONG, { windowBits: 9 })], [text(four(LONG))]],
    ['14.2', 'two blocks', [text(twoBlocks, RSV1)], [text('4Hello')]],
    ['14.2', 'a last block', [text(lastBlock, RSV1)], [text('4Hello')]],
    ['14.3', 'in two fragments', [HEAD, more(REST)], [text('4Hello')]],
    ['14.3', 'with empty fragments', [text('', { ...OPEN, ...RSV1 }), more(SHORT, OPEN), more()],
        [text('4Hello')]],
    ['14.3', 'a ping between fragments', [HEAD, ping('p'), more(REST)],
        [pong('p'), text('4Hello')]],
    ['14.3', 'UTF-8 over two fragments', compressed(cut(text('4κόσμε'), 4)), [text('4κόσμε')]],
    ['14.4', 'RSV1 of the second fragment', [HEAD, more(REST, RSV1)], [], PROTOCOL],
    ['14.4', 'RSV1 of the second fragment only', [text('4a', OPEN), more('b', RSV1)], [], PROTOCOL],
    ['14.4', 'RSV1 of a ping in between', [HEAD, ping('', RSV1), more(REST)], [], PROTOCOL],
    ['14.4', 'RSV1 and RSV2', [text(SHORT, { rsv: 6 })], [], PROTOCOL],
    ['14.4', 'RSV1 and RSV3', [text(SHORT, { rsv: 5 })], [], PROTOCOL],
    ['14.5', 'no deflate stream', [text(hex('ff ff ff ff'), RSV1)], [], BAD_DATA],
    ['14.5', 'bytes that are none', [bytes(hex('ff'), RSV1)], [], BAD_DATA],
    ['14.5', 'none behind a good message', [squeezed('a'), text(hex('ff'), RSV1)], [text('4a')],
        BAD_DATA],
    ['14.5', 'one that is cut short', [text(deflate(crypto.randomBytes(99)).subarray(0, 50), RSV1)],
        [], BAD_DATA],
    ['14.5', 'a stored block of a wrong length', [text(hex('00 05 00 05 00 34'), RSV1)], [],
        BAD_DATA],
    ['14.5', 'one that refers to nothing', [text(referringBack, RSV1)], [], BAD_DATA],
    ['14.5', 'one that refers to the message before', [squeezed(LONG), text(referringBack, RSV1)],
        [text(four(LONG))], BAD_DATA],
    ['14.6', 'what inflates to no UTF-8', [squeezed(hex('ff'))], [], BAD_DATA],
    ['14.6', 'what inflates to half a character', [squeezed(hex('e2 82'))], [], BAD_DATA],
    ['14.6', 'bytes that inflate to no UTF-8', [deflated(bytes(hex('ff')))], [bytes(hex('ff'))]],
    ['14.7', 'what inflates to the limit', [deflated(sized(LIMIT))], [sized(LIMIT)]],
    ['14.7', 'what inflates to a byte more', [deflated(sized(LIMIT + 1))], [], TOO_BIG],
    ['14.7', 'what inflates to much more', [deflated(blob(20 * LIMIT))], [], TOO_BIG],
    ['14.7', 'the same in pieces', compressed(cut(blob(20 * LIMIT), LIMIT)), [], TOO_BIG],
];

/* --- Offers. --- */

const NAME = 'permessage-deflate';
/* Of no message anything may be needed for a later one, in either direction. */
const ACCEPTED = `${NAME}; server_no_context_takeover; client_no_context_takeover`;

/* What is added to the answer. */
const GOOD_OFFERS = [
    [NAME, ''],
    [`${NAME}; client_no_context_takeover`, ''],
    [`${NAME}; server_no_context_takeover`, ''],
    [`${NAME}; client_no_context_takeover; server_no_context_takeover`, ''],
    [`${NAME}; client_max_window_bits`, ''],
    [`${NAME}; client_max_window_bits=8`, ''],
    [`${NAME}; client_max_window_bits=15`, ''],
    [`${NAME}; client_max_window_bits="10"`, ''],
    [`${NAME}; server_max_window_bits=8`, '; server_max_window_bits=8'],
    [`${NAME}; server_max_window_bits=9`, '; server_max_window_bits=9'],
    [`${NAME}; server_max_window_bits=15; client_max_window_bits`, '; server_max_window_bits=15'],
    [`${NAME}; server_max_window_bits="9"`, '; server_max_window_bits=9'],
    [`${NAME}; server_max_window_bits=7, ${NAME}`, ''],
    [`unheard-of; a=b, ${NAME}`, ''],
    [`  ${NAME}  ;client_max_window_bits , unheard-of`, ''],
];
/* The connection opens without compression. */
const DECLINED_OFFERS = [
    `${NAME}; server_max_window_bits`, `${NAME}; server_max_window_bits=7`,
    `${NAME}; server_max_window_bits=16`, `${NAME}; server_max_window_bits=09`,
    `${NAME}; client_max_window_bits=7`, `${NAME}; server_no_context_takeover=1`,
    `${NAME}; server_no_context_takeover; server_no_context_takeover`, `${NAME}; unheard_of`,
    'permessage-bzip2', 'x-webkit-deflate-frame', '',
];
/* No list of extensions: it does not open. */
const BAD_OFFERS = [
    `${NAME};`, `${NAME} client_max_window_bits`, `${NAME}; server_max_window_bits=`,
    `${NAME}; server_max_window_bits="8`, `${NAME}; =8`, `${NAME}, ;`,
];

const offering = (offer) => ({ 'Sec-WebSocket-Extensions': offer });
const MESSAGES = [sized(200), sized(10000)];

describe('RFC 7692', { skip: REFERENCE && 'the original knows no compression' }, () => {
    let broker;
    before(async () => { broker = await start(); });
    after(() => broker.stop());

    async function assertAgreed(offer, answer, messages) {
        const socket = await connect(broker.port, offering(offer));
        assert.strictEqual(socket.answer.get('Sec-WebSocket-Extensions'), answer);
        await assertAnswers(socket, wire(messages), MESSAGES, undefined,
            (to, all) => to.write(all));
    }

    for (const [number, what, frames, answers, code] of [...SIZES, ...FORMS])
        test(`${number} ${what}`, () => assertRow(broker.port, OFFER, frames, answers, code));

    for (const [offer, added] of GOOD_OFFERS) {
        test(`13 accepted: ${offer}`, () =>
            assertAgreed(offer, ACCEPTED + added, MESSAGES.map(deflated)));
    }

    for (const offer of DECLINED_OFFERS)
        test(`13 declined: "${offer}"`, () => assertAgreed(offer, undefined, MESSAGES));

    for (const offer of BAD_OFFERS) {
        test(`13 refused: ${offer}`, async () => {
            const refused = await ws.upgrade(broker.port, URL, offering(offer));
            assert.strictEqual(refused.answer.status, 400);
            refused.destroy();
        });
    }
});
