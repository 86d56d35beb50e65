'use strict';
// Commands of Redis, as clients of npm name them and take their arguments, and answers as they give
// them.

const {asBuffer} = builtin('buffer');

const GROUPS = ['acl', 'client', 'config', 'command', 'function', 'latency', 'memory', 'module',
    'object', 'pubSub', 'script', 'slowLog', 'xGroup', 'xInfo'];
const OF_PAIRS = ['HSET', 'HMSET', 'MSET', 'MSETNX', 'CONFIG', 'XADD'];
const OF_TRUTH = ['EXPIRE', 'EXPIREAT', 'PEXPIRE', 'PEXPIREAT', 'PERSIST', 'HEXISTS', 'HSETNX',
    'SETNX', 'MSETNX', 'SISMEMBER', 'SMOVE', 'MOVE', 'RENAMENX'];
const OF_NUMBERS = ['ZSCORE', 'ZINCRBY'];

// Words of a method: hSet is HSET, configGet is CONFIG GET, config_get, too.
exports.wordsOf = function (method) {
    const group = GROUPS.find((one) => method.startsWith(one) &&
        /^[A-Z]/.test(method.slice(one.length)));

    if (group !== undefined)
        return [group.toUpperCase(), method.slice(group.length).toUpperCase()];
    const withScores = /^(z.*)WithScores$/.exec(method);

    return [(withScores ? withScores[1] : method).toUpperCase()];
};

function isBytes(value) { return ArrayBuffer.isView(value); }

function word(value) {
    return isBytes(value) ? value : String(value);
}

// {EX: 5, NX: true} is EX 5 NX; of commands that take fields, {a: 1} is a 1.
function ofObject(name, object) {
    if (name === 'ZADD' && object.value !== undefined)
        return [word(object.score), word(object.value)];
    if (object instanceof Map)
        return [...object].flat().map(word);
    return Object.entries(object).flatMap(([key, value]) =>
        OF_PAIRS.includes(name) ? [key, word(value)]
            : value === true ? [key] : value === undefined || value === false ? []
                : [key, ...[].concat(value).map(word)]);
}

exports.flatten = (name, args) => args.flatMap(function one(value) {
    if (Array.isArray(value))
        return value.flatMap(one);
    if (typeof value === 'object' && value !== null && !isBytes(value) && !(value instanceof Date))
        return value.isOptions ? [] : ofObject(name, value);
    return [word(value)];
});

function pairs(list) {
    const object = {};

    for (let i = 0; i + 1 < list.length; i += 2)
        object[list[i]] = list[i + 1];
    return object;
}

// What Redis has answered, as clients of a style give it.
exports.answerOf = function (style, method, [name, sub], answer) {
    if (answer instanceof Error || answer === null)
        return answer;
    if (name === 'HGETALL' || (name === 'CONFIG' && sub === 'GET' && style === 'modern'))
        return style === 'old' && answer.length === 0 ? null : pairs(answer);
    if (style !== 'modern')
        return answer;
    if (OF_TRUTH.includes(name))
        return answer === 1;
    if (OF_NUMBERS.includes(name))
        return Number(answer);
    if (/WithScores$/.test(method))
        return Object.entries(pairs(answer)).map(([value, score]) =>
            ({value, score: Number(score)}));
    if (name === 'SCAN')
        return {cursor: Number(answer[0]), keys: answer[1]};
    return answer;
};
// keyPrefix: before the words that are names of keys.
const WITHOUT_KEYS = ['AUTH', 'CLIENT', 'COMMAND', 'CONFIG', 'DBSIZE', 'ECHO', 'EVAL', 'EVALSHA',
    'FLUSHALL', 'FLUSHDB', 'INFO', 'KEYS', 'PING', 'PUBLISH', 'RANDOMKEY', 'SCAN', 'SCRIPT',
    'SELECT', 'TIME', 'WAIT', 'XREAD', 'XREADGROUP'];
const OF_KEYS = ['DEL', 'EXISTS', 'MGET', 'PFCOUNT', 'PFMERGE', 'RENAME', 'RENAMENX', 'SDIFF',
    'SDIFFSTORE', 'SINTER', 'SINTERSTORE', 'SUNION', 'SUNIONSTORE', 'TOUCH', 'UNLINK', 'WATCH'];

exports.withPrefix = function (prefix, [name, ...args]) {
    const isKey = (i) => i === 0 || OF_KEYS.includes(name) ||
        (['MSET', 'MSETNX'].includes(name) && i % 2 === 0);

    return !prefix || WITHOUT_KEYS.includes(name) ? [name, ...args]
        : [name, ...args.map((one, i) => isKey(i) ? prefix + one : one)];
};

// Bytes are Buffers.
exports.buffered = function buffered(answer) {
    return isBytes(answer) ? asBuffer(answer) : Array.isArray(answer) ? answer.map(buffered)
        : answer;
};
exports.extraWords = (method) => /WithScores$/.test(method) ? ['WITHSCORES'] : [];
