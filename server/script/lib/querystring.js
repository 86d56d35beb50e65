'use strict';
// Module "querystring".

function unescape(text) {
    try {
        return decodeURIComponent(text.replace(/\+/g, ' '));
    } catch {
        return text;
    }
}

exports.unescape = unescape;
exports.escape = encodeURIComponent;

exports.parse = exports.decode = function (text, between = '&', is = '=') {
    const parsed = Object.create(null);

    for (const part of String(text || '').split(between)) {
        if (part === '')
            continue;
        const at = part.indexOf(is);
        const name = unescape(at < 0 ? part : part.slice(0, at));
        const value = at < 0 ? '' : unescape(part.slice(at + is.length));

        if (name in parsed)
            parsed[name] = [].concat(parsed[name], value);
        else
            parsed[name] = value;
    }
    return parsed;
};

function asText(value) {
    return typeof value === 'string' ? value
        : ['number', 'boolean', 'bigint'].includes(typeof value) ? String(value) : '';
}

exports.stringify = exports.encode = (object, between = '&', is = '=') =>
    Object.keys(object || {}).flatMap((name) => [].concat(object[name]).map((value) =>
        encodeURIComponent(name) + is + encodeURIComponent(asText(value)))).join(between);
