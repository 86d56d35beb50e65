'use strict';
// Module "socket.io/lib/stores/redis": names the Redis that instances share.

module.exports = function RedisStore(options = {}) {
    const client = options.redisClient || options.redisPub || {};
    const {host, port} = client.connectionOption || client;

    this.redisUrl = `redis://${host || '127.0.0.1'}:${port || 6379}`;
};
module.exports.Store = module.exports;
