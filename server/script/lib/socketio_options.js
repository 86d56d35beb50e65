'use strict';
// Settings of socket.io, of any generation, as siobroker has them.

// Values that are objects of modules here.
const ofModules = {
    store(value) {
        if (value && value.redisUrl)
            set('redis', value.redisUrl);
    },
    adapter(value) { ofModules.store(value); },
    logger() {},
};

function set(key, value) {
    if (Object.hasOwn(ofModules, key)) {
        ofModules[key](value);
        return;
    }
    const json = JSON.stringify(value);
    const why = json === undefined ? `${key}: a ${typeof value} means nothing here`
        : native.set(key, json);

    if (why === undefined)
        return;
    if (json === undefined || /unknown/.test(why))
        native.log(1, why);
    else
        throw new TypeError(why);
}

exports.set = set;
exports.get = function (key) {
    const json = native.get(key);

    return json === undefined ? undefined : JSON.parse(json);
};
exports.applyOptions = function (options) {
    for (const key of Object.keys(options))
        if (options[key] !== undefined)
            set(key, options[key]);
};
