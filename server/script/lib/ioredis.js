'use strict';
// Module "ioredis": a client of Redis as that of npm.

const {Client, address} = builtin('redis_client');

class Redis extends Client {
    constructor(first, second, third) {
        const options = [third, second, first].find((one) => typeof one === 'object') || {};

        super(address(typeof first === 'object' ? undefined : first,
            typeof second === 'object' ? undefined : second, options), {...options, style: 'io'});
    }
}

module.exports = Redis;
Object.assign(Redis, {default: Redis, Redis,
    Cluster: function () { throw new Error('siobroker knows no cluster of Redis'); }});
