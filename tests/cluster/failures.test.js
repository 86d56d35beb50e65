'use strict';
/*
 * An instance is killed, or frozen, while clients are at work: the others announce the end of its
 * sessions in time, each once, and its clients come back to them.
 */

const assert = require('node:assert');
const { test, describe, before, after, afterEach } = require('node:test');
const { ask, connect, leave, leaveAll, revive, transportOf } = require('../lib/client.js');
const { startCluster, Witnesses } = require('../lib/cluster.js');
const { eventually } = require('../lib/deadline.js');
const { Load } = require('../lib/load.js');
const { TRANSPORTS } = require('../lib/roamer.js');
const { BETTER, NEEDS_CONTRACT } = require('../lib/server.js');
const { startNginx } = require('../lib/services.js');

const TIMEOUT_MS = 2000;            /* "instance timeout" */
const ANNOUNCED_MS = TIMEOUT_MS + 10000;
const CLIENTS = 12;                 /* of each transport behind nginx */
const EVERY_MS = 100;
const LOST = 'instance lost';
const suite = BETTER.skip ? BETTER : NEEDS_CONTRACT;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

after(leaveAll);

/* Real clients that are never quiet. */
class Crowd {
    constructor(clients) {
        this.clients = clients;
        this.timer = setInterval(() => {
            clients.forEach(revive);
            for (const client of clients)
                client.emit('echo', Date.now(), () => {});
        }, EVERY_MS).unref();
    }

    static async behind(nginx) {
        const connecting = ['websocket', 'xhr-polling'].flatMap((transport) =>
            Array.from({ length: CLIENTS }, () =>
                connect(nginx.port, { transports: [transport] })));
        return new Crowd(await Promise.all(connecting));
    }

    /* What each says about itself: { id, transport, server }. */
    async roll() {
        return (await Promise.all(this.clients.map((client) => ask(client, 'who')))).flat();
    }

    /* All are connected, to one of these servers. */
    settled(servers) {
        return Promise.all(this.clients.map((client) => eventually(async () => {
            /* A question that is lost with its session gets no answer. */
            const answer = await Promise.race([ask(client, 'who').catch(() => null), pause(1000)]);
            return answer && servers.includes(answer[0].server);
        }, `a client by ${transportOf(client)} is with ${servers}`, 30000)));
    }

    leave() {
        clearInterval(this.timer);
        leave(...this.clients);
    }
}

/* All of these sessions are announced as lost, in time, to each witness once, and no others. */
async function announced(witnesses, ids) {
    await eventually(() => ids.every((id) =>
        witnesses.reasons(id).every((reasons) => reasons.length > 0)),
    'all its sessions are announced', ANNOUNCED_MS);
    await witnesses.settle();
    for (const witness of witnesses.clients) {
        const lost = witness.heard('left').filter(([, reason]) => reason === LOST)
            .map(([id]) => id);
        assert.deepStrictEqual(lost.sort(), [...ids].sort());
    }
    witnesses.assertNoneTwice();
}

/* Sessions of all transports that begin at one instance and stay with it. */
const residents = (cluster, i) => Promise.all(TRANSPORTS.map(
    (transport) => cluster.local(i, transport)));

describe('one of three instances is killed', suite, () => {
    let cluster, nginx;
    before(async () => {
        cluster = await startCluster(3, { config: { 'instance timeout': TIMEOUT_MS / 1000 } });
        nginx = await startNginx(cluster.ports);
    });
    after(async () => {
        await nginx.stop();
        await cluster.stop();
    });

    const survivors = () => Witnesses.of(cluster, [0, 1]);

    /* Once it has come back, what is said anywhere is heard everywhere. */
    async function comesBack() {
        await cluster.start(2);
        await cluster.met();
        const witnesses = await Witnesses.of(cluster);
        await witnesses.settle();
        await Promise.all(witnesses.clients.map((witness) => witness.leave()));
    }

    afterEach(async () => {
        leaveAll();
        cluster.clear();
        if (cluster.instances[2].program.status !== null)
            await comesBack();
    });

    test('real clients behind nginx come back, the others announce its sessions', async () => {
        const witnesses = await survivors();
        const pulses = await Promise.all([0, 1].map(async (i) =>
            new Load(await cluster.local(i), EVERY_MS)));
        const crowd = await Crowd.behind(nginx);
        const before = await crowd.roll();
        for (const transport of ['websocket', 'xhr-polling']) {
            assert.strictEqual(before.filter((who) => who.transport === transport).length,
                CLIENTS);
        }
        const lost = before.filter(({ server }) => server === 'Server3').map(({ id }) => id);
        assert.ok(lost.length >= 2, 'some are with the third');
        await cluster.instances[2].program.stop('SIGKILL');
        await announced(witnesses, lost);
        await crowd.settled(['Server1', 'Server2']);
        for (const pulse of pulses)
            await pulse.assertServed();
        await comesBack();
        await announced(witnesses, lost);
        crowd.leave();
    });

    test('sessions of the others whose polls it held do not notice', async () => {
        const witnesses = await survivors();
        const roamer = await cluster.roamer('xhr-polling', { ports: cluster.ports.slice(0, 1) });
        /* nginx asks the next instance when a GET fails. */
        roamer.ports = [nginx.port];
        const load = new Load(roamer, EVERY_MS);
        await pause(300);
        await load.stop();
        await cluster.instances[2].program.stop('SIGKILL');
        const again = new Load(roamer, EVERY_MS);
        await pause(TIMEOUT_MS + 1000);
        await again.stop();
        await announced(witnesses, []);
        await roamer.leave();
    });

    test('every transport; also after Redis has lost its memory', async () => {
        const witnesses = await survivors();
        const doomed = await residents(cluster, 2);
        const safe = (await Promise.all([0, 1].map((i) => residents(cluster, i)))).flat();
        await cluster.redis.stop();
        await cluster.redis.start();
        await eventually(async () => (await cluster.redis.command('KEYS', '*sessions:*'))
            .split('\n').length >= 3, 'all have told Redis their sessions again', 20000);
        await witnesses.settle();
        await cluster.instances[2].program.stop('SIGKILL');
        await announced(witnesses, doomed.map((roamer) => roamer.id));
        for (const roamer of safe)
            assert.deepStrictEqual(await roamer.ask('echo', [1]), [1]);
    });

    test('a client that polls for a dead session is told to reconnect', async () => {
        const witnesses = await survivors();
        const orphan = await cluster.local(2, 'xhr-polling');
        orphan.ports = cluster.ports.slice(0, 2);
        await orphan.ask('echo');
        await orphan.sent();        /* a POST under way would be refused */
        await cluster.instances[2].program.stop('SIGKILL');
        assert.strictEqual(await orphan.ended(ANNOUNCED_MS), '7:::1+0');
        await announced(witnesses, [orphan.id]);
    });

    test('nothing of it is left in its rooms', async () => {
        const witnesses = await survivors();
        const [gone, stays] = [await cluster.local(2, 'xhr-polling'), await cluster.local(0)];
        for (const member of [gone, stays])
            await member.ask('join', ['r']);
        await cluster.instances[2].program.stop('SIGKILL');
        await announced(witnesses, [gone.id]);
        witnesses.clients[1].emitEvent('room', ['r', 'to those who stay']);
        await stays.until(() => stays.heard('room').length > 0, 'hears it');
        await witnesses.settle();
        assert.deepStrictEqual(stays.heard('room'), [['r', 'to those who stay']]);
    });

    test('all are killed: those that come next announce the sessions of all', async () => {
        const doomed = (await Promise.all([0, 1, 2].map((i) => residents(cluster, i)))).flat();
        for (const instance of cluster.instances)
            await instance.program.stop('SIGKILL');
        await Promise.all([0, 1, 2].map((i) => cluster.start(i)));
        const witnesses = await Witnesses.of(cluster);
        for (const { id } of doomed)
            await witnesses.see(id, LOST, ANNOUNCED_MS);
    });

    test('stopped in peace it announces its sessions itself, at once', async () => {
        const witnesses = await survivors();
        const leaving = await residents(cluster, 2);
        await cluster.instances[2].stop();
        for (const roamer of leaving)
            await witnesses.see(roamer.id, 'server shutting down');
        await comesBack();
        await announced(witnesses, []);
    });
});

describe('one of three instances is frozen', suite, () => {
    let cluster, witnesses, frozen;
    before(async () => {
        cluster = await startCluster(3, { config: { 'instance timeout': TIMEOUT_MS / 1000 } });
        witnesses = await Witnesses.of(cluster, [0, 1]);
        [, , frozen] = cluster.instances;
    });
    after(async () => {
        frozen.program.kill('SIGCONT');
        await cluster.stop();
    });

    test('for less than the instance timeout: nothing happens, nothing is lost', async () => {
        const roamers = (await Promise.all(TRANSPORTS.map(
            (transport) => cluster.crowd(transport, 3)))).flat();
        const loads = roamers.map((roamer) => new Load(roamer, EVERY_MS));
        const pulses = await Promise.all([0, 1].map(async (i) =>
            new Load(await cluster.local(i), EVERY_MS)));
        await pause(300);
        frozen.program.kill('SIGSTOP');
        witnesses.clients[0].emitEvent('broadcast', ['meanwhile']);
        await pause(TIMEOUT_MS / 2);
        frozen.program.kill('SIGCONT');
        await pause(300);
        for (const load of loads)
            await load.stop();
        for (const pulse of pulses)
            await pulse.assertServed();
        for (const roamer of roamers)
            await roamer.until(() => roamer.numbers('broadcast').includes('meanwhile'), 'heard it');
        await announced(witnesses, []);
        await Promise.all(roamers.map((roamer) => roamer.leave()));
    });

    test('for longer: declared lost, and when it goes on its clients reconnect', async () => {
        const clients = await Promise.all(['websocket', 'xhr-polling'].flatMap((transport) =>
            [1, 2, 3].map(() => connect(frozen.port, { transports: [transport] }))));
        const roamers = await residents(cluster, 2);
        const pulses = await Promise.all([0, 1].map(async (i) =>
            new Load(await cluster.local(i), EVERY_MS)));
        const lost = [...clients.map((client) => client.socket.sessionid),
            ...roamers.map((roamer) => roamer.id)];
        frozen.program.kill('SIGSTOP');
        await announced(witnesses, lost);
        frozen.program.kill('SIGCONT');
        for (const roamer of roamers)
            await roamer.ended();
        await eventually(() => clients.every((client) => client.socket.connected &&
            !lost.includes(client.socket.sessionid)), 'clients are back', 20000);
        for (const client of clients)
            assert.strictEqual((await ask(client, 'who'))[0].server, 'Server3');
        /* What it has said of those who were lost, it has said before this. */
        await (await Witnesses.of(cluster)).settle();
        await announced(witnesses, lost);
        for (const pulse of pulses)
            await pulse.assertServed();
        for (const client of clients)
            assert.ok(['websocket', 'xhr-polling'].includes(transportOf(client)));
        leave(...clients);
    });
});
