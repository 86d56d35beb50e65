'use strict';
// The class Headers of fetch(): names in small letters, in their order.

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const BAD_VALUE = /[\0\r\n]/;

function checked(what, name, value) {
    name = String(name);
    value = String(value).trim();
    if (!TOKEN.test(name))
        throw new TypeError(`Headers.${what}: ${name} is an invalid header name.`);
    if (BAD_VALUE.test(value) || /[^\0-\xff]/.test(value))
        throw new TypeError(`Headers.${what}: ${value} is an invalid header value.`);
    return [name.toLowerCase(), value];
}

class Headers {
    #values = new Map(); // by name: all of them

    constructor(from) {
        if (from === undefined || from === null)
            return;
        if (typeof from !== 'object')
            throw new TypeError('Headers constructor: what it is made of must be an object');
        for (const [name, value] of from[Symbol.iterator] ? from : Object.entries(from))
            this.append(name, value);
    }
    append(name, value) {
        const [key, text] = checked('append', name, value);

        this.#values.set(key, [...this.#values.get(key) || [], text]);
    }
    set(name, value) {
        const [key, text] = checked('set', name, value);

        this.#values.set(key, [text]);
    }
    get(name) {
        const values = this.#values.get(String(name).toLowerCase());

        return values === undefined ? null : values.join(', ');
    }
    has(name) { return this.#values.has(String(name).toLowerCase()); }
    delete(name) { this.#values.delete(String(name).toLowerCase()); }
    getSetCookie() { return [...this.#values.get('set-cookie') || []]; }
    * entries() {
        for (const name of [...this.#values.keys()].sort())
            if (name === 'set-cookie')
                for (const value of this.getSetCookie())
                    yield [name, value];
            else
                yield [name, this.get(name)];
    }
    * keys() {
        for (const [name] of this.entries())
            yield name;
    }
    * values() {
        for (const [, value] of this.entries())
            yield value;
    }
    forEach(fn, self) {
        for (const [name, value] of this.entries())
            fn.call(self, value, name, this);
    }
    [Symbol.iterator]() { return this.entries(); }
}

exports.Headers = Headers;
