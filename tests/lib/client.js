'use strict';
/* client.js - the real socket.io-client 0.9.16 as a test uses it. */

const io = require('socket.io-client');
const { event, within } = require('./deadline.js');

const OPTIONS = { 'force new connection': true, 'connect timeout': 5000,
    'reconnection delay': 50, 'reconnection limit': 500, 'max reconnection attempts': 100 };

/* Who has not left yet. What a failed test forgets would reconnect for ever: see leaveAll(). */
const begun = new Set();

/* All transports of a connection, which namespaces share: one of before may still get an answer. */
const used = new WeakMap();

function note(connection) {
    const { getTransport } = connection;
    const transports = new Set();
    used.set(connection, transports);
    connection.getTransport = (...args) => {
        const transport = getTransport.apply(connection, args);
        if (transport)
            transports.add(transport);
        return transport;
    };
}

/* A client that has begun to connect; transports: with these, in place of all that it has. */
function begin(port, { scheme = 'http', namespace = '', query = '', transports,
    ...options } = {}) {
    const client = io.connect(`${scheme}://127.0.0.1:${port}${namespace}${query && `?${query}`}`,
        { ...OPTIONS, ...options });
    /* As an option, they would be merged into the list that all clients share. */
    if (transports)
        client.socket.options.transports = transports;
    note(client.socket);
    begun.add(client);
    return client;
}

/*
 * A connected client that has its greeting, in .greeting. The demo's greeting follows the connect
 * packet so closely that the listener must be there from the start.
 */
async function connect(port, options) {
    const client = begin(port, options);
    const greeting = event(client, 'server');
    [client.greeting] = await greeting;
    return client;
}

/* Emit with an acknowledgement; resolves with its arguments. */
function ask(client, ...args) {
    return within(new Promise((resolve) => {
        client.emit(...args, (...answer) => resolve(answer));
    }), `acknowledgement of ${JSON.stringify(args)}`);
}

/* Disconnect for good. */
function leave(...clients) {
    for (const client of clients) {
        begun.delete(client);
        client.socket.options.reconnect = false;
        client.socket.reconnecting = false;     /* one that is at it would go on */
        if (!client.socket.transport)   /* never had one: refused */
            continue;
        client.socket.disconnect();
        /* They would start timers of a minute again when the answer to a last request comes. */
        for (const transport of used.get(client.socket)) {
            transport.clearCloseTimeout();
            transport.setCloseTimeout = () => {};
        }
        clearTimeout(client.socket.heartbeatTimeoutTimer);
        client.socket.setHeartbeatTimeout = () => {};
    }
}

/* For an after hook at the end of each test file. */
const leaveAll = () => leave(...begun);

/*
 * Connect one again that has given up, as its application has to. When 0.9.16 hears that its
 * session is unknown while a POST is under way, it buffers its goodbye to that session and says it
 * to the next one, which then ends as it was asked to: it sees "booted" and stays away.
 */
function revive(client) {
    const { connected, connecting, reconnecting } = client.socket;
    if (begun.has(client) && !connected && !connecting && !reconnecting)
        client.socket.reconnect();
}

const transportOf = (client) => client.socket.transport && client.socket.transport.name;

module.exports = { io, begin, connect, ask, leave, leaveAll, revive, transportOf };
