'use strict';
/*
 * lacking.js - what socket.io has and an application behind the broker can not have. It is said so
 * where it is used, rather than that something is undefined.
 */

const BROKER = 'clients are connected to the broker';
const ONE = 'there are no other processes of this application to tell';
const SETTING = 'it is a setting of the broker';

const LACKING = {
    Server: {
        serverSideEmit: ONE, serverSideEmitWithAck: ONE, engine: BROKER, bind: BROKER,
        onconnection: BROKER, attachApp: 'only HTTP servers of Node are served',
        adapter: BROKER, serveClient: SETTING, path: SETTING, connectTimeout: SETTING,
    },
    Namespace: { serverSideEmit: ONE, serverSideEmitWithAck: ONE },
    Socket: {
        client: BROKER,
        onAnyOutgoing: 'the broker sends what is broadcast', prependAnyOutgoing: 'as onAnyOutgoing',
        offAnyOutgoing: 'as onAnyOutgoing', listenersAnyOutgoing: 'as onAnyOutgoing',
    },
};
const OPTIONS = { adapter: BROKER, parser: BROKER, allowRequest: 'use middleware, or the broker' };

const lacks = (what, why) => new Error(`siobroker has no ${what}: ${why}`);

/* Let each of these names throw where it is used. */
function declare(type) {
    for (const [name, why] of Object.entries(LACKING[type.name])) {
        Object.defineProperty(type.prototype, name, { configurable: true,
            get() { throw lacks(`${type.name}.${name}`, why); } });
    }
}

/* Throw if the options of a server ask for more than settings. */
function checkOptions(options) {
    for (const [name, why] of Object.entries(OPTIONS)) {
        if (options[name] !== undefined)
            throw lacks(`option "${name}"`, why);
    }
}

module.exports = { checkOptions, declare, lacks };
