'use strict';
/*
 * held-redis.js - a way to a Redis on which subscriptions can be held back: who asks for one has
 * asked, and Redis has not heard of it yet, as in the moment when it is on its way.
 */

const net = require('node:net');
const { freePort } = require('./program.js');

class HeldRedis {
    constructor(redis) {
        this.redis = redis;
        this.isHeld = false;
        this.waiting = [];      /* to be said when they are let go */
        this.sockets = new Set();
    }

    async start() {
        const port = await freePort();
        this.server = net.createServer((client) => this.connect(client));
        await new Promise((resolve) => { this.server.listen(port, '127.0.0.1', resolve); });
        this.url = `redis://127.0.0.1:${port}`;
        return this;
    }

    connect(client) {
        const redis = net.connect(this.redis.port, '127.0.0.1');
        for (const [from, to] of [[client, redis], [redis, client]]) {
            this.sockets.add(from);
            from.on('error', () => to.destroy());
            from.on('close', () => to.destroy());
        }
        redis.on('data', (bytes) => client.write(bytes));
        client.on('data', (bytes) => {
            if (this.isHeld && bytes.includes('SUBSCRIBE'))
                this.waiting.push(() => redis.write(bytes));
            else
                redis.write(bytes);
        });
    }

    hold() {
        this.isHeld = true;
    }

    letGo() {
        this.isHeld = false;
        this.waiting.splice(0).forEach((say) => say());
    }

    stop() {
        this.server.close();
        this.sockets.forEach((socket) => socket.destroy());
    }
}

module.exports = { startHeldRedis: (redis) => new HeldRedis(redis).start() };
