'use strict';
// Modules "@socket.io/redis-adapter" and "socket.io-redis": name the Redis that instances share.

const RedisStore = builtin('redis_store');

exports = module.exports = (client) => new RedisStore({redisPub: client});
exports.createAdapter = (pub) => new RedisStore({redisPub: pub});
