'use strict';
/*
 * attachments.js - bytes among arguments: in JSON they are texts in base64, apart from the
 * arguments, where {"_placeholder":true,"num":0} stands for the first of them.
 */

function bytesOf(value) {
    if (ArrayBuffer.isView(value))
        return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return value instanceof ArrayBuffer ? Buffer.from(value) : null;
}

const isObject = (value) => value !== null && typeof value === 'object';

/* Objects that say themselves what they are in JSON, like Date, are left to do that. */
function hasBytes(value) {
    if (!isObject(value))
        return false;
    if (bytesOf(value))
        return true;
    if (typeof value.toJSON === 'function')
        return false;
    return Object.values(value).some(hasBytes);
}

function takeOut(value, attachments) {
    const bytes = isObject(value) ? bytesOf(value) : null;
    if (bytes)
        return { _placeholder: true, num: attachments.push(bytes.toString('base64')) - 1 };
    if (!hasBytes(value))
        return value;
    if (Array.isArray(value))
        return value.map((element) => takeOut(element, attachments));
    return Object.fromEntries(Object.entries(value).map(
        ([key, member]) => [key, takeOut(member, attachments)]));
}

/* { args } for a command, with { attachments } if there are any. */
function pack(args) {
    if (!hasBytes(args))
        return { args };
    const attachments = [];
    return { args: takeOut(args, attachments), attachments };
}

function putIn(value, attachments) {
    if (!isObject(value))
        return value;
    if (value._placeholder === true && Number.isInteger(value.num) && value.num in attachments)
        return attachments[value.num];
    for (const key of Object.keys(value))
        value[key] = putIn(value[key], attachments);
    return value;
}

/* The arguments of an event, with its bytes as Buffers. */
function unpack({ args = [], attachments = [] }) {
    if (attachments.length === 0)
        return args;
    return putIn(args, attachments.map((text) => Buffer.from(text, 'base64')));
}

module.exports = { pack, unpack };
