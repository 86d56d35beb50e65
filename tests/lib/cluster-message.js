'use strict';
/*
 * cluster-message.js - messages as instances send them to each other (protocol/cluster_message.h),
 * and Redis commands with any bytes. For tests that are whoever can write to that Redis.
 *
 * Bytes are strings of characters up to U+00FF.
 */

const number = (n) => n < 0x80 ? String.fromCharCode(n)
    : String.fromCharCode(0x80 | n % 0x80) + number(Math.floor(n / 0x80));
const sized = (bytes) => number(bytes.length) + bytes;

/* Fields by their keys; a number, bytes, or for `p` a list of texts. */
function message(kind, fields) {
    const list = (texts) => texts.map((text) => number(2 * text.length) + text).join('');
    const value = (field) => typeof field === 'number' ? number(field)
        : Array.isArray(field) ? list(field) : field;
    return `1${kind}${Object.entries(fields).map(([key, field]) => key + sized(value(field)))
        .join('')}.`;
}

/* The words as literals of Lua: redis-cli takes no zero bytes. */
const literal = (bytes) => `"${[...bytes]
    .map((c) => `\\${String(c.charCodeAt(0)).padStart(3, '0')}`).join('')}"`;

/* Have Redis run the command. Resolves with what it answers, as redis-cli prints it. */
function command(redis, ...words) {
    return redis.command('EVAL', `return redis.call(${words.map(literal).join(',')})`, '0');
}

module.exports = { message, command };
