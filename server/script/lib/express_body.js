'use strict';
// express.json(), urlencoded(), text() and raw(): the body of a request, at most as long as told.

const querystring = builtin('querystring');
const {Buffer} = builtin('buffer');
const {failure} = builtin('express_end');

const UNITS = {b: 1, kb: 1024, mb: 1048576, gb: 1073741824};

function limitOf(limit = '100kb') {
    if (typeof limit === 'number')
        return limit;
    const [, n, unit = 'b'] = /^([\d.]+)\s*(b|kb|mb|gb)?$/i.exec(limit) || [null, 102400];

    return Math.floor(Number(n) * UNITS[unit.toLowerCase()]);
}

function readJson(bytes, {strict = true, reviver}) {
    const text = bytes.toString();

    if (text === '')
        return {};
    try {
        if (strict && !/^[\s]*[{[]/.test(text))
            throw new SyntaxError(`Unexpected token '${text.trim()[0]}', "${text}" is not valid ` +
                'JSON');
        return JSON.parse(text, reviver);
    } catch (error) {
        throw Object.assign(error, {status: 400, statusCode: 400, type: 'entity.parse.failed',
            body: text, expose: true});
    }
}

// a[b]=1, a[]=1: of "extended" forms, five deep as there.
function addField(object, name, value) {
    const [, first, rest] = /^([^[]*)((?:\[[^\]]*\])*)$/.exec(name) || [null, name, ''];
    const keys = [first, ...rest.slice(1, -1).split('][').slice(0, rest ? 5 : 0)];
    let at = object;

    keys.forEach(function (key, i) {
        const isLast = i === keys.length - 1;

        if (key === '__proto__' || at === undefined)
            at = undefined;
        else if (isLast && Array.isArray(at) && key === '')
            at.push(value);
        else if (isLast)
            at[key] = Object.hasOwn(at, key) ? [].concat(at[key], value) : value;
        else
            at = at[key] = Object.hasOwn(at, key) && typeof at[key] === 'object' ? at[key]
                : keys[i + 1] === '' ? [] : {};
    });
}

function readForm(bytes, {extended = true, parameterLimit = 1000}) {
    const text = bytes.toString();

    if (text.split('&').length > parameterLimit)
        throw failure(413, 'too many parameters', 'parameters.too.many');
    const fields = querystring.parse(text);

    if (!extended)
        return {...fields};
    const object = {};

    for (const name of Object.keys(fields))
        for (const value of [].concat(fields[name]))
            addField(object, name, value);
    return object;
}

// Middleware that reads bodies of a type.
const reader = (type, read) => (options = {}) => {
    const limit = limitOf(options.limit);

    return function parseBody(req, res, next) {
        req.body = req.body || {};
        if (req.wasRead || !req.is(options.type || type)) {
            next();
            return;
        }
        req.wasRead = true;
        const parts = [];

        req.on('data', (bytes) => parts.push(Buffer.from(bytes)));
        req.on('end', function () {
            const bytes = Buffer.concat(parts);

            try {
                if (bytes.length > limit)
                    throw failure(413, 'request entity too large', 'entity.too.large');
                req.body = read(bytes, options);
            } catch (error) {
                next(error);
                return;
            }
            next();
        });
    };
};

module.exports = {
    json: reader('application/json', readJson),
    urlencoded: reader('application/x-www-form-urlencoded', readForm),
    text: reader('text/plain', (bytes) => bytes.toString()),
    raw: reader('application/octet-stream', (bytes) => bytes),
};
