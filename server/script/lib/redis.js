'use strict';
// Module "redis": an address for RedisStore.

const EventEmitter = builtin('events');

exports.createClient = function (port = 6379, host = '127.0.0.1') {
    return Object.assign(new EventEmitter(), {port, host});
};
