'use strict';
/*
 * SIGUSR2 with Redis: the old program and the new one are two instances of a cluster, so clients
 * whose session is still in the old one are served through the new one, until their turn comes.
 */

const assert = require('node:assert');
const { test, before, after } = require('node:test');
const { BETTER, startBroker } = require('../lib/server.js');
const { Pool, TRANSPORTS, makeRoamer } = require('../lib/roamer.js');
const { startRedis } = require('../lib/services.js');
const { Successors } = require('../lib/successors.js');

let redis;
before(async () => {
    redis = await startRedis();
});
after(() => redis.stop());

/* No connection is kept: after the handover each request comes to the new program. */
function rover(port, transport) {
    const pool = new Pool();
    pool.close();
    return makeRoamer([port], transport, { pool }).connect();
}

for (const transport of TRANSPORTS.filter((name) => /polling/.test(name))) {
    test(`${transport}: nothing is lost until the old program sends the client away`, BETTER,
        async () => {
            const broker = await startBroker({ contract: true, config: { redis: redis.url,
                transports: TRANSPORTS, 'flash policy server': false, 'drain delay': 60 } });
            const line = new Successors(broker);
            const rovers = await Promise.all([1, 2, 3].map(() => rover(broker.port, transport)));
            const old = await line.next();
            const witness = await makeRoamer([broker.port], 'websocket').connect();
            for (let i = 0; i < 20; i++)
                for (const one of rovers)
                    assert.deepStrictEqual(await one.ask('echo', [i]), [i]);
            witness.emitEvent('broadcast', ['from the new one']);
            for (const one of rovers)
                await one.until(() => one.heard('broadcast').length === 1, 'hears it');
            process.kill(old, 'SIGTERM'); /* enough of it */
            for (const one of rovers)
                await one.ended();
            await line.gone(old);
            assert.deepStrictEqual(await witness.ask('echo', ['here']), ['here']);
            await witness.leave();
            process.kill(line.pid, 'SIGTERM');
            await line.said(/(draining: SIGTERM)/);
            await line.stop();
        });
}
