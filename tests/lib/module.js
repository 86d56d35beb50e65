'use strict';
/*
 * module.js - applications on client-demo/backends/node, in this process, behind a broker.
 */

const http = require('node:http');
const { Server } = require('../../client-demo/backends/node');
const { KEY, apiOf, findApi } = require('./api.js');
const { SECRET, ENV } = require('./backend.js');
const { launchBroker } = require('./server.js');

/* An HTTP server that shows a page, as applications have one. */
async function listen(port = 0) {
    const server = http.createServer((request, response) => response.end('a page'));
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    return server;
}

/* Patient, as a busy machine may let clients wait. */
function backendOf(port, namespaces) {
    return { name: 'app', urls: [`http://127.0.0.1:${port}/siobroker`], namespaces,
        secret: 'env:HOOK_SECRET', timeout: 30, 'connect within': 40, 'retry for': 300 };
}

/*
 * application(io) behind a broker. begin() starts it again after end(), with nothing but what the
 * broker knows; complaints are what the broker has refused.
 */
class Behind {
    constructor(application, { namespaces = ['/'], options = {} } = {}) {
        this.application = application;
        this.namespaces = namespaces;
        this.options = options;
        this.complaints = [];
    }

    async start() {
        const server = await listen();
        this.hookPort = server.address().port;
        this.broker = launchBroker({ env: ENV, config: { api: apiOf(),
            backends: [backendOf(this.hookPort, this.namespaces)] } });
        this.api = await findApi(this.broker);
        this.run(server);
        await this.broker.listening();
        this.port = this.broker.port;
        return this;
    }

    run(server) {
        this.server = server;
        this.io = new Server(server, { ...this.options, broker: {
            url: `http://127.0.0.1:${this.api}`, key: KEY, secret: SECRET } });
        this.io.onComplaint((error) => this.complaints.push(error.message));
        this.application(this.io);
    }

    async begin() {
        this.run(await listen(this.hookPort));
    }

    async end() {
        await this.io.close();
    }

    async stop() {
        await this.broker.stop();
        await this.end();
    }
}

const behind = (application, options) => new Behind(application, options).start();

module.exports = { behind };
