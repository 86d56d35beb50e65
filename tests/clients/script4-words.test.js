'use strict';
/*
 * A script of siobroker beside the real socket.io 4.8: the same application, the same clients, and
 * the same answers.
 */

const http = require('node:http');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { Server } = require('socket.io-4');
const { allNext, begin, leaveAll } = require('../lib/modern.js');
const { REFERENCE, startBroker } = require('../lib/server.js');
const { compare, compareWords, connect } = require('../lib/words4.js');
const { application, more } = require('../contract/words4-more.js');

const suite = { skip: REFERENCE && 'about our own program' };

async function original() {
    const server = http.createServer();
    const io = new Server(server);
    application(io);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: server.address().port, stop: () => io.close() };
}

describe('the same application on socket.io 4.8 and as a script', suite, () => {
    const servers = [];
    before(async () => {
        servers.push(await original(),
            await startBroker({ args: [path.join(__dirname, '../contract/words4-script.js')] }));
    });
    after(async () => {
        leaveAll();
        await Promise.all(servers.map((server) => server.stop()));
    });
    compareWords(servers);

    for (const name of Object.keys(more)) {
        test(name, () => compare(servers, async (port) => {
            const [ann, bob] = [await connect(port, 'Ann'), await connect(port, 'Bob')];
            for (const client of [ann, bob]) {
                client.on('send error', (ack) => {
                    client.emit('error', { message: 'of a client', data: 1 });
                    ack('sent');
                });
            }
            const [answer] = await ann.ask('more', name);
            bob.disconnect();
            return answer;
        }));
    }

    test('dynamic namespaces', () => compare(servers, async (port) => {
        const join = (namespace, name) => begin(port, { namespace, auth: { name },
            way: 'websocket' });
        const ann = join('/room-1', 'Ann');
        const first = await ann.next('in a room');
        const bob = join('/room-1', 'Bob');
        const second = await allNext([ann, bob], 'in a room');
        const said = allNext([ann, bob], 'said');
        bob.emit('say', 'hello');
        const heard = [first, second, await said];
        for (const [namespace, name] of [['/room-1', 'Eve'], ['/room-x', 'Ann'], ['/of-Bob', 'Ann'],
            ['/none', 'Ann']]) {
            const [{ message }] = await join(namespace, name).refused();
            heard.push([namespace, name, message]);
        }
        for (const [namespace, name] of [['/of-Ann', 'Ann'], ['/later', 'Ann']])
            heard.push(await join(namespace, name).next('mine'));
        const watcher = await connect(port, 'Ann');
        heard.push(await watcher.ask('made'));
        return heard;
    }));
});
