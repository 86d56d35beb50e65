'use strict';
// Module "socket.io/lib/stores/redis": names the Redis that instances share.

module.exports = function RedisStore(options = {}) {
    const clients = [options.redisPub, options.redisSub, options.redisClient]
        .filter((client) => client && client.becomeAddress);

    this.redisUrl = clients.map((client) => client.becomeAddress())[0] || 'redis://127.0.0.1:6379';
};
module.exports.Store = module.exports;
