'use strict';
// Module "redis": clients of Redis as those of npm, of 0.x to 3 with callbacks and of 4 with
// promises.

const {Client, address, generationOf} = builtin('redis_client');

// Arguments of createClient(): port, host, options; a URL; or options.
exports.createClient = function (first, second, third) {
    const isOfPort = first !== undefined && typeof first !== 'object';
    const options = isOfPort ? third || (typeof second === 'object' ? second : {}) : first || {};
    const isModern = generationOf('redis') === 'modern' || (generationOf('redis') === '' &&
        !isOfPort && (options.url !== undefined || options.socket !== undefined));

    return new Client(address(first, second, options), {...options,
        style: isModern ? 'modern' : 'old'});
};
exports.RedisClient = Client;
exports.createCluster = function () { throw new Error('siobroker knows no cluster of Redis'); };
exports.commandOptions = (options) => ({...options, isOptions: true});
exports.print = (error, reply) => console.log(error ? 'Error: ' + error : 'Reply: ' + reply);
exports.debug_mode = false;
