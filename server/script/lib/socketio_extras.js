'use strict';
// Words of sockets that few scripts use: listeners of everything, and the store of 0.9.

// Listeners of all events: onAny(), offAny() and so on; the same of what is sent.
function addAny(Socket, list, names, count) {
    const add = (place) => function (fn) {
        if (this[list] === null)
            count(this, 1);
        this[list] = this[list] || [];
        this[list][place](fn);
        return this;
    };

    Socket.prototype[names.on] = add('push');
    Socket.prototype[names.prepend] = add('unshift');
    Socket.prototype[names.off] = function (fn) {
        const left = this[list] && fn ? this[list].filter((one) => one !== fn) : [];

        if (left.length === 0 && this[list] !== null)
            count(this, -1);
        this[list] = left.length > 0 ? left : null;
        return this;
    };
    Socket.prototype[names.list] = function () { return this[list] || []; };
}

// Data of a client of 0.9: set(key, value, fn) and so on. In Redis they are texts, as its store has
// them there; otherwise values, which live as long as the client.
function kept(socket) {
    return socket.session.values;
}
const storeWords = {
    set(key, value, fn = () => {}) {
        kept(this).set(String(key), this.server.hasRedis ? String(value) : value);
        if (this.server.hasRedis && this.connected)
            this.native.dataSet(String(key), String(value),
                (isDone) => fn(isDone ? null : new Error('not stored')));
        else
            fn(null);
        return this;
    },
    get(key, fn) {
        const here = () => kept(this).has(String(key)) ? kept(this).get(String(key)) : null;

        if (this.server.hasRedis && this.connected)
            this.native.dataGet(String(key), (isThere, text) => fn(null, isThere ? text : null));
        else
            fn(null, here() === undefined ? null : here());
        return this;
    },
    has(key, fn) {
        if (this.server.hasRedis && this.connected)
            this.native.dataHas(String(key), (isThere) => fn(null, isThere));
        else
            fn(null, kept(this).has(String(key)));
        return this;
    },
    del(key, fn = () => {}) {
        kept(this).delete(String(key));
        if (this.server.hasRedis && this.connected)
            this.native.dataDel(String(key), () => fn(null));
        else
            fn(null);
        return this;
    },
};

exports.extend = function (Socket) {
    addAny(Socket, 'incoming', {on: 'onAny', prepend: 'prependAny', off: 'offAny',
        list: 'listenersAny'}, () => {});
    addAny(Socket, 'outgoing', {on: 'onAnyOutgoing', prepend: 'prependAnyOutgoing',
        off: 'offAnyOutgoing', list: 'listenersAnyOutgoing'},
    (socket, n) => { socket.nsp.nOutgoing += n; });
    Object.assign(Socket.prototype, storeWords);
};
