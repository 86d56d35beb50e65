'use strict';
/*
 * RFC 6455 case by case. The numbers are those of the groups of the Autobahn test suite that ask
 * the same: 1 framing, 2 pings, 3 reserved bits, 4 opcodes, 5 fragments, 6 UTF-8, 7 closing, 9
 * large messages, 10 many fragments. Group 8, masks and lengths, it does not have.
 *
 * A row is: number, what it shows, the frames that are sent, the frames that come back, and the
 * code with which the server closes. Without a code the connection lives on. Texts begin with "4",
 * as that makes them messages of Engine.IO.
 *
 * Each row is run on a connection without compression, on one that has agreed on it and does not
 * use it, and, where there is a message to compress, with all of them compressed.
 */

const { test, describe, before, after } = require('node:test');
const { REFERENCE } = require('../lib/server.js');
const { closePayload } = require('../lib/ws.js');
const {
    CODE, LIMIT, OPEN, BARE, IN_16, IN_64, OFFER, assertRow, blob, bytes, close, closeWith,
    compressed, cut, four, hex, kind, more, part, ping, pong, sized, start, text,
} = require('../lib/ws-cases.js');

const { NORMAL, PROTOCOL, NO_STATUS, BAD_DATA, TOO_BIG } = CODE;
const KB = 1024;

const FRAMING = [
    ['1.2', 'no bytes', [bytes()], [bytes()]],
    ['1.3', 'a mask of zeros', [text('4a', { mask: Buffer.alloc(4) })], [text('4a')]],
    ['1.3', 'text and bytes by turns', [text('4a'), bytes('b'), text('4c'), bytes()],
        [text('4a'), bytes('b'), text('4c'), bytes()]],
];
for (const n of [1, 125, 126, 127, 128, 65535, 65536]) {
    FRAMING.push(['1.1', `a text of ${n} bytes`, [sized(n)], [sized(n)]],
        ['1.2', `${n} bytes`, [blob(n)], [blob(n)]]);
}

const each = (make, n = 10) => Array.from({ length: n }, (_, i) => make(`4: number ${i}`));
FRAMING.push(['1.3', 'a hundred texts', each(text, 100), each(text, 100)]);

const PINGS = [
    ['2.1', 'a ping without payload', [ping()], [pong()]],
    ['2.2', 'a ping with text', [ping('Hello, world!')], [pong('Hello, world!')]],
    ['2.3', 'a ping with bytes that are no text', [ping(hex('00 ff fe fd fc fb 00 ff'))],
        [pong(hex('00 ff fe fd fc fb 00 ff'))]],
    ['2.4', 'a ping of 125 bytes', [ping('*'.repeat(125))], [pong('*'.repeat(125))]],
    ['2.5', 'a ping of 126 bytes', [ping('*'.repeat(126))], [], PROTOCOL],
    ['2.5', 'a ping of 64 KB', [ping('*'.repeat(64 * KB))], [], PROTOCOL],
    ['2.7', 'a pong without payload', [pong()], []],
    ['2.8', 'a pong with payload', [pong('unsolicited')], []],
    ['2.8', 'a pong of 126 bytes', [pong('*'.repeat(126))], [], PROTOCOL],
    ['2.9', 'a pong, then a ping', [pong('unsolicited'), ping('a')], [pong('a')]],
    ['2.10', 'ten pings', each(ping), each(pong)],
    ['2.12', 'what came before a ping is answered before it', [text('4a'), ping('b'), text('4c')],
        [text('4a'), pong('b'), text('4c')]],
];

const RESERVED_BITS = [];
for (const rsv of [1, 2, 3, 4, 5, 6, 7]) {
    /* Once compression is agreed on, the highest says that a message is; these are not. */
    const status = rsv === 4 ? { plain: PROTOCOL, agreed: BAD_DATA } : PROTOCOL;
    const name = `bits ${rsv.toString(2).padStart(3, '0')}`;
    RESERVED_BITS.push(
        ['3.1', `${name} of a text`, [text('4a', { rsv })], [], status],
        ['3.2', `${name} of the second text`, [text('4a'), text('4b', { rsv }), ping()],
            [text('4a')], status],
        ['3.5', `${name} of bytes`, [bytes(hex('ff'), { rsv })], [], status],
        ['3.6', `${name} of a ping`, [ping('a', { rsv })], [], PROTOCOL],
        ['3.7', `${name} of a close`, [close(closePayload(NORMAL), { rsv })], [], PROTOCOL],
        ['3.8', `${name} of a continuation`, [text('4a', OPEN), more('b', { rsv })], [], PROTOCOL]);
}

const OPCODES = [];
for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    const bad = kind(opcode);
    OPCODES.push(
        ['4.1', `${opcode}`, [bad()], [], PROTOCOL],
        ['4.1', `${opcode} with payload`, [bad('reserved')], [], PROTOCOL],
        ['4.2', `${opcode} behind a good message`, [text('4a'), bad(), ping()], [text('4a')],
            PROTOCOL],
        ['4.2', `${opcode} inside a message`, [text('4a', OPEN), bad(), more('b')], [], PROTOCOL]);
}

const FRAGMENTS = [
    ['5.1', 'a ping in two', [ping('a', OPEN), more('b')], [], PROTOCOL],
    ['5.2', 'a pong in two', [pong('a', OPEN), more('b')], [], PROTOCOL],
    ['5.2', 'a close in two', [close(hex('03'), OPEN), more(hex('e8'))], [], PROTOCOL],
    ['5.3', 'a text in two', [text('4a', OPEN), more('b')], [text('4ab')]],
    ['5.4', 'bytes in two', [bytes('a', OPEN), more('b')], [bytes('ab')]],
    ['5.5', 'a text in single bytes', cut(text('4fragments'), 1), [text('4fragments')]],
    ['5.6', 'a ping between two', [text('4a', OPEN), ping('p'), more('b')],
        [pong('p'), text('4ab')]],
    ['5.7', 'a pong between two', [text('4a', OPEN), pong('p'), more('b')], [text('4ab')]],
    ['5.8', 'a close between two', [text('4a', OPEN), closeWith(NORMAL), more('b')], [], NORMAL],
    ['5.9', 'a continuation of nothing', [more('a')], [], PROTOCOL],
    ['5.10', 'an open continuation of nothing', [more('a', OPEN)], [], PROTOCOL],
    ['5.11', 'a continuation of a whole message', [text('4a'), more('b')], [text('4a')], PROTOCOL],
    ['5.12', 'an empty continuation of nothing', [more()], [], PROTOCOL],
    ['5.13', 'a continuation of nothing, then a text', [more('a'), text('4b')], [], PROTOCOL],
    ['5.14', 'a message that begins with one', [more('a', OPEN), text('4b')], [], PROTOCOL],
    ['5.15', 'a message, then one that begins with one',
        [text('4a', OPEN), more('b'), more('c', OPEN), text('4d')], [text('4ab')], PROTOCOL],
    ['5.16', 'a text inside a text', [text('4a', OPEN), text('4b')], [], PROTOCOL],
    ['5.17', 'bytes inside a text', [text('4a', OPEN), bytes('b')], [], PROTOCOL],
    ['5.17', 'a text inside bytes', [bytes('a', OPEN), text('4b')], [], PROTOCOL],
    ['5.18', 'an open text inside a text', [text('4a', OPEN), text('4b', OPEN)], [], PROTOCOL],
    ['5.19', 'pings between five', [text('4a', OPEN), more('b', OPEN), ping('1'), more('c', OPEN),
        more('d', OPEN), ping('2'), more('e')], [pong('1'), pong('2'), text('4abcde')]],
    ['5.20', 'empty ones at both ends',
        [text('', OPEN), more('4a', OPEN), more('', OPEN), more()], [text('4a')]],
    ['5.20', 'all empty', [bytes('', OPEN), more('', OPEN), more()], [bytes()]],
    ['5.20', 'of two messages', [text('4a', OPEN), more('b'), bytes('c', OPEN), more('d')],
        [text('4ab'), bytes('cd')]],
];

/* What text may hold. */
const GOOD_UTF8 = {
    'Greek': 'κόσμε', 'all lengths': '$¢€𐍈', 'line ends': '\r\n\u0085\u2028\u2029',
    'U+0000': '\0', 'U+007F': '\x7f', 'U+0080': '\x80', 'U+07FF': '\u07ff', 'U+0800': '\u0800',
    'U+1000': '\u1000', 'U+D7FF': '\ud7ff', 'U+E000': '\ue000', 'U+FEFF': '\ufeff',
    'U+FFFD': '\ufffd', 'U+FFFE': '\ufffe', 'U+FFFF': '\uffff', 'U+10000': '\u{10000}',
    'U+1FFFE': '\u{1fffe}', 'U+1FFFF': '\u{1ffff}', 'U+3FFFF': '\u{3ffff}', 'U+40000': '\u{40000}',
    'U+FFFFF': '\u{fffff}', 'U+100000': '\u{100000}', 'U+10FFFE': '\u{10fffe}',
    'U+10FFFF': '\u{10ffff}',
};
/* Bytes that it may not. */
const BAD_UTF8 = {
    'a continuation byte': '80', 'the last one': 'bf', 'two of them': '80 bf',
    'seven of them': '80 bf 80 bf 80 bf 80',
    'a lead byte of two': 'c2', 'the last one of two': 'df', 'a lead byte of three': 'e2',
    'two bytes of three': 'e2 82', 'the last two of three': 'ef bf', 'a lead byte of four': 'f0',
    'two bytes of four': 'f0 90', 'three bytes of four': 'f0 90 8d', 'lead bytes only': 'c2 e2 f0',
    'five bytes': 'f8 88 80 80 80', 'six bytes': 'fc 84 80 80 80 80', 'FE': 'fe', 'FF': 'ff',
    'FE FE FF FF': 'fe fe ff ff',
    'U+002F in two bytes': 'c0 af', 'U+002F in three': 'e0 80 af', 'U+002F in four': 'f0 80 80 af',
    'U+002F in five': 'f8 80 80 80 af', 'U+002F in six': 'fc 80 80 80 80 af',
    'U+007F in two bytes': 'c1 bf', 'U+07FF in three': 'e0 9f bf', 'U+FFFF in four': 'f0 8f bf bf',
    'U+0000 in two bytes': 'c0 80', 'U+0000 in three': 'e0 80 80', 'U+0000 in four': 'f0 80 80 80',
    'U+D800': 'ed a0 80', 'U+DB7F': 'ed ad bf', 'U+DB80': 'ed ae 80', 'U+DBFF': 'ed af bf',
    'U+DC00': 'ed b0 80', 'U+DFFF': 'ed bf bf', 'U+10000 as surrogates': 'ed a0 80 ed b0 80',
    'U+110000': 'f4 90 80 80', 'U+13FFFF': 'f4 bf bf bf', 'U+140000': 'f5 80 80 80',
    'U+1FFFFF': 'f7 bf bf bf', 'one of three characters': 'e2 82 ac 80 e2 82 ac',
};
const UTF8 = [];
for (const [name, string] of Object.entries(GOOD_UTF8)) {
    const message = text(four(string));
    UTF8.push(['6.2', `${name}, whole`, [message], [message]],
        ['6.2', `${name}, in single bytes`, cut(message, 1), [message]]);
}
for (const [name, digits] of Object.entries(BAD_UTF8)) {
    const message = text(hex(`34 61 ${digits} 62`));
    UTF8.push(['6.3', `${name}, whole`, [message], [], BAD_DATA],
        ['6.3', `${name}, in single bytes`, cut(message, 1), [], BAD_DATA]);
}
for (const digits of ['c2', 'e2', 'e2 82', 'f0', 'f0 90', 'f0 90 8d']) {
    const message = text(hex(`34 ${digits}`));
    UTF8.push(['6.3', `${digits} at the end`, [message], [], BAD_DATA],
        ['6.3', `${digits} at the end, in single bytes`, cut(message, 1), [], BAD_DATA]);
}
/* Nothing that may follow makes these good. */
UTF8.push(
    ['6.4', 'an open fragment', [text(hex('34 ff'), OPEN)], [], BAD_DATA],
    ['6.4', 'the second of three', [text('4κόσμε', OPEN), more(hex('f4 90 80 80'), OPEN)], [],
        BAD_DATA],
    ['6.4', 'a character that its second byte spoils',
        [text(hex('34 f4'), OPEN), more(hex('90'), OPEN)], [], BAD_DATA],
    ['6.4', 'a surrogate over two', [text(hex('34 ed'), OPEN), more(hex('a0'), OPEN)], [],
        BAD_DATA],
    ['6.4', 'behind a ping', [text(hex('34 c3'), OPEN), ping('p'), more('a', OPEN)], [pong('p')],
        BAD_DATA],
    ['6.4', 'behind a good message', [text('4a'), text(hex('34 80'), OPEN)], [text('4a')],
        BAD_DATA],
    ['6.4', 'the beginning of a frame of 100 bytes', [part('81 e4 00000000 34 ff')], [], BAD_DATA],
    ['6.4', 'bytes may be anything', [bytes(hex('ff'), OPEN), more(hex('c0 80'))],
        [bytes(hex('ff c0 80'))]]);

const CLOSING = [
    ['7.1', 'a message, then a close', [text('4a'), closeWith(NORMAL)], [text('4a')], NORMAL],
    ['7.1', 'two closes', [closeWith(1001), closeWith(NORMAL)], [], 1001],
    ['7.1', 'a ping behind a close', [closeWith(NORMAL), ping()], [], NORMAL],
    ['7.1', 'a message behind a close', [closeWith(NORMAL), text('4a')], [], NORMAL],
    ['7.1', 'a violation behind a close', [closeWith(NORMAL), more()], [], NORMAL],
    ['7.1', 'a close inside a message', [text('4a', OPEN), closeWith(NORMAL)], [], NORMAL],
    ['7.1', '64 KB, a close, a ping', [sized(64 * KB), closeWith(NORMAL), ping()],
        [sized(64 * KB)], NORMAL],
    ['7.3', 'without payload', [close()], [], NO_STATUS],
    ['7.3', 'with one byte', [close('a')], [], PROTOCOL],
    ['7.3', 'with a code', [closeWith(NORMAL)], [], NORMAL],
    ['7.3', 'with a reason', [closeWith(NORMAL, 'Hello, world!')], [], NORMAL],
    ['7.3', 'with 125 bytes', [closeWith(NORMAL, '*'.repeat(123))], [], NORMAL],
    ['7.3', 'with 126 bytes', [closeWith(NORMAL, '*'.repeat(124))], [], PROTOCOL],
    ['7.5', 'with a reason beyond ASCII', [closeWith(NORMAL, 'κόσμε')], [], NORMAL],
];
for (const digits of ['ff', 'ce ba ed a0 80', 'e2 82', 'c0 80', 'f4 90 80 80'])
    CLOSING.push(['7.5', `with the reason ${digits}`, [close(hex(`03e8${digits}`))], [], BAD_DATA]);
for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000,
    3999, 4000, 4999])
    CLOSING.push(['7.7', `code ${code}`, [closeWith(code)], [], code]);
for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 65535])
    CLOSING.push(['7.9', `code ${code}`, [closeWith(code)], [], PROTOCOL]);
CLOSING.push(['7.9', 'a bad code with a bad reason', [close(hex('03e7 ff'))], [], PROTOCOL]);

const MASKS_AND_LENGTHS = [
    ['8.1', 'a text without a mask', [text('4a', BARE)], [], PROTOCOL],
    ['8.1', 'bytes without a mask', [bytes('a', BARE)], [], PROTOCOL],
    ['8.1', 'a ping without a mask', [ping('', BARE)], [], PROTOCOL],
    ['8.1', 'a close without a mask', [close('', BARE)], [], PROTOCOL],
    ['8.1', 'a continuation without a mask', [text('4a', OPEN), more('b', BARE)], [], PROTOCOL],
    ['8.1', 'the second message', [text('4a'), text('4b', BARE)], [text('4a')], PROTOCOL],
    ['8.1', 'the header of 64 KB', [part('81 7f 0000000000010000')], [], PROTOCOL],
    ['8.2', '0 bytes in 16 bits', [bytes('', IN_16)], [], PROTOCOL],
    ['8.2', '0 bytes in 64 bits', [bytes('', IN_64)], [], PROTOCOL],
    ['8.2', '2 bytes in 16 bits', [text('4a', IN_16)], [], PROTOCOL],
    ['8.2', '125 bytes in 16 bits', [{ ...sized(125), ...IN_16 }], [], PROTOCOL],
    ['8.2', '125 bytes in 64 bits', [{ ...sized(125), ...IN_64 }], [], PROTOCOL],
    ['8.2', '126 bytes in 64 bits', [{ ...sized(126), ...IN_64 }], [], PROTOCOL],
    ['8.2', '65,535 bytes in 64 bits', [part('82 ff 000000000000ffff 00000000')], [], PROTOCOL],
    ['8.2', 'a ping in 16 bits', [ping('a', IN_16)], [], PROTOCOL],
    ['8.2', 'a continuation', [text('4a', OPEN), more('b', IN_16)], [], PROTOCOL],
    ['8.2', 'the second message', [text('4a'), text('4b', IN_16)], [text('4a')], PROTOCOL],
    ['8.3', '2^63 bytes', [part('81 ff 8000000000000000 00000000')], [], PROTOCOL],
    ['8.3', '2^63 - 1 bytes', [part('81 ff 7fffffffffffffff 00000000')], [], TOO_BIG],
];

const LARGE = [
    ['9.4', '64 KB in pieces of 64 bytes', cut(blob(64 * KB), 64), [blob(64 * KB)]],
    ['9.7', '200 texts of 1 KB', Array(200).fill(sized(KB)), Array(200).fill(sized(KB))],
    ['9.8', '200 times 1 KB', Array(200).fill(blob(KB)), Array(200).fill(blob(KB))],
    ['9.9', 'a byte over the limit', [sized(LIMIT + 1)], [], TOO_BIG],
    ['9.9', 'a byte over it, in pieces', cut(blob(LIMIT + 1), 64 * KB), [], TOO_BIG],
    ['9.9', 'the header of it', [part('81 ff 0000000000100001 00000000')], [], TOO_BIG],
    ['9.9', 'behind a good message', [text('4a'), blob(LIMIT + 1)], [text('4a')], TOO_BIG],
    ['10.1', '64 KB in pieces of 1,300 bytes', cut(sized(64 * KB), 1300), [sized(64 * KB)]],
];
for (const n of [64 * KB, 256 * KB, LIMIT]) {
    LARGE.push(['9.1', `a text of ${n / KB} KB`, [sized(n)], [sized(n)]],
        ['9.2', `${n / KB} KB`, [blob(n)], [blob(n)]],
        ['9.3', `a text of ${n / KB} KB in pieces of 64 KB`, cut(sized(n), 64 * KB), [sized(n)]],
        ['9.4', `${n / KB} KB in pieces of 4 KB`, cut(blob(n), 4 * KB), [blob(n)]]);
}

const GROUPS = {
    'framing': FRAMING, 'pings and pongs': PINGS, 'reserved bits': RESERVED_BITS,
    'opcodes': OPCODES, 'fragments': FRAGMENTS, 'UTF-8': UTF8, 'closing': CLOSING,
    'masks and lengths': MASKS_AND_LENGTHS, 'large messages': LARGE,
};

describe('RFC 6455', { skip: REFERENCE && 'the original is no Engine.IO' }, () => {
    let broker;
    before(async () => { broker = await start(); });
    after(() => broker.stop());

    function testRow([number, what, frames, answers, status]) {
        const { plain, agreed } = typeof status === 'object' ? status
            : { plain: status, agreed: status };
        const squeezed = compressed(frames);

        test(`${number} ${what}`, () => assertRow(broker.port, {}, frames, answers, plain));
        test(`${number} ${what}, compression agreed on`, () =>
            assertRow(broker.port, OFFER, frames, answers, agreed));
        if (squeezed !== undefined) {
            test(`${number} ${what}, compressed`, () =>
                assertRow(broker.port, OFFER, squeezed, answers, agreed));
        }
    }

    for (const [name, rows] of Object.entries(GROUPS))
        describe(name, () => rows.forEach(testRow));
});
