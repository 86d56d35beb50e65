'use strict';
// Settings of socket.io, of any generation, as siobroker has them.

// What a script has set is what it gets, whatever siobroker makes of it.
const values = new Map();

// Values that are objects of modules here.
const ofModules = {
    store(value) {
        if (value && value.redisUrl)
            set('redis', value.redisUrl);
    },
    adapter(value) { ofModules.store(value); },
    logger() {},
    static() {},
};

// What is here otherwise, and so makes no difference.
const MEANINGLESS = new Map(Object.entries({
    'browser client handler': 'the client is served by siobroker',
    'browser client cache': 'it always is',
    'destroy upgrade': 'foreign upgrades are refused',
    'log colors': 'the log has none',
    heartbeats: 'they are always on',
    'match origin protocol': 'see "origins"',
    wsEngine: 'websockets are those of siobroker',
    parser: 'packets are those of socket.io',
    cleanupEmptyChildNamespaces: 'empty ones are always removed',
    httpCompression: 'see "http compression"',
}));

function set(key, value) {
    if (key === 'admin listen' && native.worker() !== undefined)
        throw new TypeError('"admin listen": the master of the workers listens there; say it on ' +
            'the command line or in a file');
    values.set(key, value);
    if (Object.hasOwn(ofModules, key)) {
        ofModules[key](value);
        return;
    }
    if (native.isListening() && native.get(key) === undefined)
        return; // the script's own
    const json = JSON.stringify(value);
    const why = json === undefined ? `a ${typeof value} means nothing here` : native.set(key, json);

    if (why === undefined)
        return;
    if (MEANINGLESS.has(key))
        native.log(2, `"${key}" means nothing here: ${MEANINGLESS.get(key)}`);
    else if (json === undefined || native.isListening() || /unknown/.test(why))
        native.log(1, json === undefined || native.isListening() ? `"${key}": ${why}` : why);
    else
        throw new TypeError(why);
}

function get(key) {
    const json = native.get(key);

    return json === undefined ? undefined : JSON.parse(json);
}

exports.set = set;
exports.get = (key) => values.has(key) ? values.get(key) : get(key);
exports.getNative = get;
exports.applyOptions = function (options) {
    for (const key of Object.keys(options))
        if (options[key] !== undefined)
            set(key, options[key]);
};
