'use strict';
// Modules "@socket.io/redis-adapter" and "socket.io-redis": name the Redis that instances share.

const RedisStore = builtin('redis_store');
const {address} = builtin('redis_client');

function ofOptions(first, second) {
    const options = typeof first === 'object' ? first : {};
    const client = options.pubClient || options;

    return client.becomeAddress ? new RedisStore({redisPub: client, redisSub: options.subClient})
        : {redisUrl: address(typeof first === 'object' ? undefined : first, second, options)};
}

exports = module.exports = ofOptions;
exports.createAdapter = (pub, sub) => pub && pub.becomeAddress
    ? new RedisStore({redisPub: pub, redisSub: sub}) : ofOptions(pub);
