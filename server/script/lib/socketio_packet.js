'use strict';
// Arguments as JSON with their attachments, and back.

const {asBuffer} = builtin('buffer');

const RESERVED = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener',
    'removeListener']);

exports.refuseReserved = function (name) {
    if (RESERVED.has(name))
        throw new Error(`"${String(name)}" is a reserved event name`);
};

const FLAGS = exports.FLAGS = {volatile: 1, noCompress: 2, local: 4};

// As bytes are met while JSON is made, they go to this list.
let collected = null;

function bytesOf(value) {
    if (value instanceof ArrayBuffer)
        return new Uint8Array(value);
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function placeholder(value) {
    collected.push(bytesOf(value));
    return {_placeholder: true, num: collected.length - 1};
}

function replace(key, value) {
    const is = this[key]; // before toJSON()

    return is instanceof ArrayBuffer || ArrayBuffer.isView(is) ? placeholder(is) : value;
}

function mayHoldBytes(args) {
    for (let i = 0; i < args.length; i++)
        if (typeof args[i] === 'object' && args[i] !== null)
            return true;
    return false;
}

// {json, attachments}: attachments are undefined when there are none. Arguments that are no objects
// stay as they are, and native_content.c makes JSON of them.
exports.encode = (args) =>
    mayHoldBytes(args) ? encodeObjects(args) : {json: args, attachments: undefined};

function encodeObjects(args) {
    collected = [];
    try {
        const json = JSON.stringify(args, replace);

        return {json, attachments: collected.length > 0 ? collected : undefined};
    } finally {
        collected = null;
    }
}
exports.jsonOf = (value) => encodeObjects([value]).json.slice(1, -1);

function restore(value, attachments) {
    if (typeof value !== 'object' || value === null)
        return value;
    if (value._placeholder === true && attachments[value.num] !== undefined)
        return asBuffer(attachments[value.num]);
    for (const key of Object.keys(value))
        value[key] = restore(value[key], attachments);
    return value;
}

exports.decode = (args, attachments) =>
    attachments === undefined ? args : restore(args, attachments);

exports.flagsOf = (flags) => (flags.volatile ? FLAGS.volatile : 0) |
    (flags.compress === false ? FLAGS.noCompress : 0) | (flags.local ? FLAGS.local : 0);
