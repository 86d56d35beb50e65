'use strict';
// Which functions a request goes through: in the order they were added, by path and method.

const methods = ['get', 'post', 'put', 'delete', 'patch', 'options', 'head'];

const escape = (text) => text.replace(/[.+^${}|[\]\\]/g, '\\$&');

// '/a/:name(\\d+)?/*' and so on: {regexp, names}. isPrefix: what follows a '/' belongs to it too.
function compile(path, isPrefix) {
    if (path instanceof RegExp)
        return {regexp: path, names: []};
    const names = [];
    const text = path.replace(/\/+$/, '')
        .split(/(\/?:\w+(?:\([^)]*\))?\??|\*|\([^)]*\)\??)/).map(function (part, i) {
            if (i % 2 === 0)
                return escape(part).replace(/\\?\?/g, '?');
            if (part === '*') {
                names.push(names.filter((name) => /^\d+$/.test(name)).length + '');
                return '(.*)';
            }
            if (part[0] === '(')
                return part;
            const [, slash, name, pattern = '([^/]+?)', optional = ''] =
                /^(\/?):(\w+)(\([^)]*\))?(\?)?$/.exec(part);

            names.push(name);
            return `(?:${slash}${pattern})${optional}`;
        }).join('');

    return {names, regexp: new RegExp(`^${text}${isPrefix ? '(?=/|$)' : '/?$'}`, 'i')};
}

function decode(text) {
    try {
        return text === undefined ? undefined : decodeURIComponent(text);
    } catch {
        throw Object.assign(new URIError(`Failed to decode param '${text}'`), {status: 400});
    }
}

class Layer {
    constructor(path, method, fn, route) {
        Object.assign(this, {path, method, fn, route, isPrefix: method === null});
        this.patterns = [].concat(path).map((one) => compile(one, this.isPrefix));
    }
    // Parameters, and what of the path is its; null: it is not meant.
    match(path) {
        for (const {regexp, names} of this.patterns) {
            const found = regexp.exec(path);

            if (found)
                return {matched: found[0], params: Object.fromEntries(found.slice(1)
                    .map((value, i) => [names[i] || i, decode(value)])
                    .filter(([, value]) => value !== undefined))};
        }
        return null;
    }
    isFor(method) {
        return this.method === null || this.method === 'all' || this.method === method ||
            (this.method === 'get' && method === 'head');
    }
}

const pathOf = (url) => (url === '' ? '/' : url).replace(/[?#].*$/s, '');

class Router {
    constructor(options = {}) {
        this.layers = [];
        this.watched = new Map(); // by name of a parameter
        this.mergesParams = Boolean(options.mergeParams);
    }
    add(path, method, fns) {
        const flat = fns.flat(Infinity);
        const route = Symbol(String(path)); // what next('route') skips the rest of

        if (flat.length === 0)
            throw new TypeError(`${method === null ? 'app.use()' : `Route.${method}()`} requires ` +
                'a middleware function');
        for (const fn of flat) {
            if (typeof fn !== 'function' && !(fn && typeof fn.handle === 'function'))
                throw new TypeError(`Route.${method || 'use'}() requires a callback function but ` +
                    `got a ${Object.prototype.toString.call(fn)}`);
            this.layers.push(new Layer(path, method, typeof fn === 'function' ? fn
                : (req, res, next) => fn.handle(req, res, next), route));
        }
        return this;
    }
    use(...args) {
        const isPath = (one) => typeof one === 'string' || one instanceof RegExp ||
            (Array.isArray(one) && one.length > 0 && one.every(isPath));
        const path = isPath(args[0]) ? args.shift() : '/';

        return this.add(path, null, args);
    }
    all(path, ...fns) { return this.add(path, 'all', fns); }
    route(path) {
        const route = {};

        for (const word of ['all', ...methods])
            route[word] = (...fns) => {
                this.add(path, word, fns);
                return route;
            };
        return route;
    }
    param(name, fn) {
        for (const one of [].concat(name))
            this.watched.set(one, [...(this.watched.get(one) || []), fn]);
        return this;
    }

    // Each function calls the next one, with an error or without.
    handle(req, res, done) {
        const {baseUrl = '', url, params: outer = {}} = req;
        const allowed = new Set();
        const told = new Set(); // of the parameters
        let i = 0;
        let skipped = null; // by next('route')

        const restore = () => Object.assign(req, {baseUrl, url, params: outer});
        const next = (error) => {
            restore();
            if (error === 'route') {
                skipped = this.layers[i - 1].route;
                error = undefined;
            }
            if (error === 'router') {
                done();
                return;
            }
            try {
                step(error);
            } catch (another) {
                next(another);
            }
        };
        const step = (error) => {
            const method = req.method.toLowerCase(); // it may have been changed: methodOverride()

            req.next = next;
            while (i < this.layers.length) {
                const layer = this.layers[i++];
                const found = layer.route === skipped ? null : layer.match(pathOf(url));

                if (found && layer.method !== null)
                    allowed.add(layer.method);
                if (!found || !layer.isFor(method) || (layer.fn.length === 4) !== Boolean(error))
                    continue;
                skipped = null;
                this.enter(layer, found, req, {baseUrl, url, outer});
                this.tellParams(found.params, told, req, res, (wrong) => wrong ? next(wrong)
                    : error ? layer.fn(error, req, res, next) : layer.fn(req, res, next));
                return;
            }
            this.leave(error, method, allowed, res, done);
        };

        next();
    }
    // Below a prefix the rest of the path is all.
    enter(layer, {matched, params}, req, {baseUrl, url, outer}) {
        req.params = this.mergesParams ? {...outer, ...params} : params;
        if (!layer.isPrefix)
            return;
        const rest = url.slice(matched.length);

        req.params = {...outer, ...params};
        req.baseUrl = baseUrl + matched;
        req.url = rest[0] === '/' ? rest : '/' + rest;
    }
    tellParams(params, told, req, res, done) {
        const waiting = Object.keys(params).filter((name) => !told.has(name))
            .flatMap((name) => (this.watched.get(name) || []).map((fn) => [name, fn]));
        const more = (error) => {
            if (error || waiting.length === 0) {
                done(error);
                return;
            }
            const [name, fn] = waiting.shift();

            told.add(name);
            fn(req, res, more, params[name], name);
        };

        more();
    }
    leave(error, method, allowed, res, done) {
        if (error || method !== 'options' || allowed.size === 0) {
            done(error);
            return;
        }
        if (allowed.has('get'))
            allowed.add('head');
        const list = [...allowed].map((one) => one.toUpperCase()).join(',');

        res.setHeader('Allow', list);
        res.send(list);
    }
}

for (const method of methods)
    Router.prototype[method] = function (path, ...fns) { return this.add(path, method, fns); };

module.exports = {Router, methods};
