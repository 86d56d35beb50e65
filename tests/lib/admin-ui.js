'use strict';
/*
 * admin-ui.js - clients of the Admin UI of socket.io 4, which hear what its page hears, and the
 * real instrument() of its npm package.
 */

const assert = require('node:assert');
const path = require('node:path');
const bcrypt = require('bcryptjs');
const { io } = require('socket.io-client-4');
const { eventually, event } = require('./deadline.js');
const { ROOT } = require('./server.js');

const USER = 'admin';
const PASSWORD = 'changeit';
/* Of the least cost that is allowed: tests need not be slow. */
const HASH = bcrypt.hashSync(PASSWORD, 4);
const SETTINGS = { mode: 'development', auth: 'basic', username: USER, password: HASH };

/*
 * The part for servers, of the package whose page is served (client-demo/browser-client.sh). It
 * says its figures for ever; what is returned ends that.
 */
function instrument(...args) {
    const ui = require(path.join(ROOT,
        'build/deps/browser-client/node_modules/@socket.io/admin-ui'));
    const { setInterval: original } = global;
    const timers = [];
    global.setInterval = (...rest) => {
        timers.push(original(...rest));
        return timers.at(-1);
    };
    try {
        ui.instrument(...args);
    } finally {
        global.setInterval = original;
    }
    return () => timers.forEach(clearInterval);
}

const begun = new Set();

/* One that connects as the page does; `heard` has everything that it is told, in order. */
class AdminClient {
    constructor(port, auth = { username: USER, password: PASSWORD }, options = {}) {
        this.heard = [];
        this.socket = io(`http://127.0.0.1:${port}/admin`, { auth, forceNew: true,
            reconnection: false, transports: ['websocket'], ...options });
        this.socket.onAny((name, ...args) => this.heard.push({ name, args }));
        begun.add(this);
    }

    /* Logged in. */
    static async open(...args) {
        const admin = new AdminClient(...args);
        const refused = event(admin.socket, 'connect_error').then(([error]) => error, () => {});
        const error = await Promise.race([refused, event(admin.socket, 'connect')]);
        assert.ok(!(error instanceof Error), error?.message);
        return admin;
    }

    /* Not let in: why, as the page is told. */
    static async refused(...args) {
        const admin = new AdminClient(...args);
        admin.socket.on('connect', () => admin.heard.push('connected'));
        const [error] = await event(admin.socket, 'connect_error');
        admin.close();
        assert.deepStrictEqual(admin.heard, []);
        return error.message;
    }

    all(name) {
        return this.heard.filter((said) => said.name === name).map(({ args }) => args);
    }

    /* The first of that name which condition() takes; its arguments. */
    told(name, condition = () => true) {
        return eventually(() => this.all(name).find((args) => condition(...args)),
            () => `"${name}"; it was told ${JSON.stringify(this.heard).slice(0, 4000)}`);
    }

    /* All servers whose figures it has heard, by their id. */
    get servers() {
        return new Map(this.all('server_stats').map(([stats]) => [stats.serverId, stats]));
    }

    emit(...args) {
        this.socket.emit(...args);
    }

    close() {
        begun.delete(this);
        this.socket.disconnect();
    }
}

function closeAll() {
    for (const admin of [...begun])
        admin.close();
}

module.exports = { USER, PASSWORD, HASH, SETTINGS, AdminClient, closeAll, instrument };
