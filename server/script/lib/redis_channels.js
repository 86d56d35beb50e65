'use strict';
// Publish and subscribe of a client of Redis: on a connection of its own.

const {Connection} = builtin('redis_connection');

class Channels {
    constructor(client) {
        this.client = client;
        this.connection = null;
        this.lists = {subscribe: new Map(), psubscribe: new Map()}; // functions, by name
        this.awaited = []; // orders that Redis has not confirmed: {names, done}
    }
    // subscribe(names..., fn) of old clients and ioredis; subscribe(names, listener) of redis 4
    order(verb, args) {
        const last = args[args.length - 1];
        const fn = typeof last === 'function' ? args.pop() : undefined;
        const isModern = this.client.style === 'modern';
        const names = args.filter((one) => typeof one !== 'boolean').flat().map(String);
        const kind = verb.replace('un', '');
        const isOn = kind === verb;
        const list = this.lists[kind];

        for (const name of isOn ? names : [])
            list.set(name, isModern ? [...(list.get(name) || []), fn] : []);
        return this.client.answered(isModern ? undefined : fn, (done) =>
            this.say(verb, isOn ? names : this.leave(list, names, isModern && fn), done));
    }
    // Which names nobody listens to any more.
    leave(list, names, fn) {
        return (names.length > 0 ? names : [...list.keys()]).filter(function (name) {
            const left = fn ? (list.get(name) || []).filter((one) => one !== fn) : [];

            if (left.length > 0)
                list.set(name, left);
            else
                list.delete(name);
            return left.length === 0;
        });
    }
    say(verb, names, done) {
        if (names.length === 0) {
            done(null, 0);
            return;
        }
        if (this.connection === null) {
            this.connection = new Connection(this.client.redisUrl, true,
                (what, more) => this.onConnection(what, more));
            this.connection.open();
        }
        if (!this.connection.isUp && verb.includes('un')) {
            done(null, 0); // it will not be subscribed to
            return;
        }
        this.awaited.push({verb, left: new Set(names), done});
        this.connection.send([verb.toUpperCase(), ...names]);
    }
    onConnection(what, more) {
        if (what === 'heard')
            this.hear(more);
        else if (what === 'up')
            for (const kind of ['subscribe', 'psubscribe'])
                if (this.lists[kind].size > 0)
                    process.nextTick(() => this.connection &&
                        this.connection.send([kind.toUpperCase(), ...this.lists[kind].keys()]));
    }
    hear([what, name, ...rest]) {
        if (what === 'message')
            this.tell(this.lists.subscribe.get(name), 'message', [name, rest[0]], [rest[0], name]);
        else if (what === 'pmessage')
            this.tell(this.lists.psubscribe.get(name), 'pmessage', [name, ...rest],
                [rest[1], rest[0]]);
        else
            this.confirm(what.replace('subscribed', 'subscribe'), name, rest[0]);
    }
    tell(listeners, event, args, ofListeners) {
        if (listeners === undefined)
            return;
        for (const fn of listeners)
            fn(...ofListeners);
        this.client.emit(event, ...args);
    }
    confirm(verb, name, n) {
        const i = this.awaited.findIndex((one) => one.verb === verb && one.left.has(name));

        this.client.emit(verb, name, n);
        if (i < 0)
            return;
        const order = this.awaited[i];

        order.left.delete(name);
        if (order.left.size === 0) {
            this.awaited.splice(i, 1);
            order.done(null, this.client.style === 'old' ? name : n);
        }
    }
    close() {
        if (this.connection !== null)
            this.connection.close();
        this.connection = null;
    }
}

exports.make = (client) => new Channels(client);
