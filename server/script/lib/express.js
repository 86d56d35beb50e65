'use strict';
// Module "express" where no package of that name is found: what the examples of socket.io use of
// it, in the words of 2.x to 4.x. Written for siobroker; it has no templates, and no session.

const EventEmitter = builtin('events');
const http = builtin('http');
const bodies = builtin('express_body');
const old = builtin('express_old');
const {finish} = builtin('express_end');
const {prepareRequest} = builtin('express_request');
const {prepareResponse} = builtin('express_response');
const {Router, methods} = builtin('express_router');
const {serveFiles} = builtin('express_static');

const settings = {
    set(name, value) {
        if (arguments.length === 1)
            return this.settings[name];
        this.settings[name] = value;
        return this;
    },
    enable(name) { return this.set(name, true); },
    disable(name) { return this.set(name, false); },
    enabled(name) { return Boolean(this.settings[name]); },
    disabled(name) { return !this.settings[name]; },
    // 2.x and 3.x: configure([env, ...] fn)
    configure(...args) {
        const fn = args.pop();

        if (args.length === 0 || args.includes(this.settings.env))
            fn.call(this, this);
        return this;
    },
    engine() { return this; }, // of templates; it is res.render() that fails
};

const serving = {
    handle(req, res, done) {
        prepareRequest(req, res, this);
        prepareResponse(req, res, this);
        this.router_.handle(req, res, done || ((error) => finish(req, res, error, this)));
    },
    listen(...args) {
        this.server = http.createServer(this);
        return this.server.listen(...args);
    },
    address() { return this.server ? this.server.address() : null; },
    close(fn) { return this.server.close(fn); },
    // In 2.x it is what socket.io is given.
    serveSockets(io) { this.io = io; },
};

function express() {
    function app(req, res, next) { app.handle(req, res, next); }

    Object.assign(app, EventEmitter.prototype, settings, serving);
    app.settings = {env: process.env.NODE_ENV || 'development', etag: 'weak', 'json spaces': 0};
    app.locals = {settings: app.settings};
    app.router_ = new Router();
    app.router = (req, res, next) => next(); // 3.x has it where the routes are to be; here in order
    for (const word of ['use', 'all', 'route', 'param', ...methods])
        app[word] = function (...args) {
            if (word === 'get' && args.length === 1)
                return app.settings[args[0]];
            const made = app.router_[word](...args);

            return made === app.router_ ? app : made;
        };
    app.del = app.delete;
    return app;
}

// 2.x and 3.x: middleware may come at once.
function createServer(...layers) {
    const app = express();

    for (const fn of layers)
        if (typeof fn === 'function')
            app.use(fn);
    return app;
}

module.exports = Object.assign(express, old, bodies, {
    createServer, static: serveFiles,
    Router: (options) => {
        const router = new Router(options);
        const fn = (req, res, next) => router.handle(req, res, next);

        for (const word of ['use', 'all', 'route', 'param', ...methods])
            fn[word] = (...args) => {
                const made = router[word](...args);

                return made === router ? fn : made;
            };
        return fn;
    },
});
