'use strict';
/*
 * client-demo/backends/node beside the real socket.io 4.8: the same application, the same clients,
 * and the same answers. What can not be there says so.
 */

const assert = require('node:assert');
const http = require('node:http');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { Server } = require('socket.io-4');
const { leaveAll } = require('../lib/modern.js');
const { behind } = require('../lib/module.js');
const { REFERENCE } = require('../lib/server.js');
const { compareWords } = require('../lib/words4.js');
const { application } = require('../contract/words4.js');

const suite = { skip: REFERENCE && 'about our own program' };
const NAMESPACES = ['/', '/other', '/guarded'];

/* --- The two servers. --- */

async function original() {
    const server = http.createServer();
    const io = new Server(server);
    application(io);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: server.address().port, stop: () => io.close() };
}

describe('the same application on socket.io 4.8 and on the module', suite, () => {
    const servers = [];
    before(async () => {
        servers.push(await original(),
            await behind(application, { namespaces: NAMESPACES }));
    });
    after(async () => {
        leaveAll();
        assert.deepStrictEqual(servers[1].complaints, []);
        await Promise.all(servers.map((server) => server.stop()));
    });
    compareWords(servers);
});

describe('what is not there', suite, () => {
    const BROKER = { url: 'http://127.0.0.1:9', secret: 'whsec_AAAA' };
    const ours = require('../../client-demo/backends/node');

    test('says so', () => {
        const io = new ours.Server({ broker: BROKER });
        const socket = Object.create(ours.Socket.prototype);
        for (const use of [() => io.serverSideEmit('x'), () => io.serverSideEmitWithAck('x'),
            () => io.engine.clientsCount, () => io.adapter(), () => io.path('/x'),
            () => io.of(/x/), () => io.of(() => true), () => io.of('/x').serverSideEmit('x'),
            () => socket.client, () => socket.onAnyOutgoing(() => {})])
            assert.throws(use, /^Error: siobroker has no .*: ./);
        for (const option of ['adapter', 'parser', 'allowRequest']) {
            assert.throws(() => new ours.Server({ broker: BROKER, [option]: () => {} }),
                /^Error: siobroker has no option/);
        }
    });

    test('and nothing else is missing', () => {
        const { Namespace, Socket } = require('socket.io-4');
        const { BroadcastOperator, RemoteSocket } = require(
            path.join(path.dirname(require.resolve('socket.io-4')), 'broadcast-operator.js'));
        /* What is no word of applications: they are told so, or it begins with an underscore. */
        const INNER = new Set(['buildHandshake', 'registerAckCallback', 'packet', 'onevent', 'ack',
            'onack', 'ondisconnect', 'dispatch', 'run', 'notifyOutgoingListeners',
            'newBroadcastOperator', 'emitReserved', 'emitUntyped', 'extractFilename', 'initEngine',
            'attachServe']);
        const namesOfClass = (type) => {
            const names = new Set();
            for (let p = type.prototype; p !== Object.prototype; p = Object.getPrototypeOf(p))
                Object.getOwnPropertyNames(p).forEach((name) => names.add(name));
            return names;
        };
        /* These are members of each object instead. */
        const OWN = { Server: [], Namespace: [], Socket: ['rooms', 'conn', 'request'],
            BroadcastOperator: [], RemoteSocket: [] };
        for (const [name, type] of Object.entries({ Server, Namespace, Socket, BroadcastOperator,
            RemoteSocket })) {
            const known = namesOfClass(ours[name]);
            const missing = [...namesOfClass(type)].filter((one) => !known.has(one) &&
                !one.startsWith('_') && !INNER.has(one) && !OWN[name].includes(one));
            assert.deepStrictEqual(missing, [], name);
        }
    });
});
