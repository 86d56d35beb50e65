'use strict';
/*
 * What may wait for a client: whatever was accepted as a message fits, and so does a burst of some
 * megabytes for one that is between two polls, or pauses; one that is dead ends, by bytes and by
 * time.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { NEEDS_CONTRACT, startBroker } = require('../lib/server.js');
const { MORE_THAN_FITS, stall } = require('../lib/stalled.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { Poller, connect: connect09 } = require('../lib/polling.js');
const sio = require('../lib/sio09.js');
const ws = require('../lib/ws.js');

const MAX_PAYLOAD = 1000000;    /* and "destroy buffer size": the defaults */
const MIB = 1024 * 1024;

/* Packets of the contract, in each revision. */
const REVISION09 = {
    event: (name, ...args) => `5:::${JSON.stringify({ name, args })}`,
    news: '5:::{"name":"left"',
    goodbye: ['0::'],
};
const REVISION5 = {
    event: (name, ...args) => `42${JSON.stringify([name, ...args])}`,
    news: '42["left"',
    goodbye: ['41'],
};

/* --- Clients that ask for things, and read when they are told to. --- */

class Client {
    /* The next packet that is not news about others. */
    async next() {
        for (;;) {
            const packet = await this.take();
            if (!packet.startsWith(this.news))
                return packet;
        }
    }

    leave() {}
}

class Polling09 extends Client {
    async open(port) {
        Object.assign(this, REVISION09);
        this.poller = await connect09(port, 'xhr-polling');
        this.id = this.poller.id;
        this.waiting = [];      /* packets, the next one last */
        return this;
    }

    say(packet) {
        return this.poller.post(packet);
    }

    async take() {
        while (this.waiting.length === 0)
            this.waiting = sio.unpack(await this.poller.poll()).reverse();
        return this.waiting.pop();
    }
}

class Polling extends Client {
    async open(port, eio) {
        Object.assign(this, REVISION5);
        this.client = await engine.poll(port, eio);
        return this;
    }

    say(packet) {
        return this.client.send(packet);
    }

    take() {
        return this.client.next();
    }
}

class Websocket extends Client {
    async open(port, eio) {
        Object.assign(this, eio === 0 ? REVISION09 : REVISION5);
        this.socket = eio === 0 ? await sio.connect(port) : await engine.dial(port, eio);
        return this;
    }

    say(packet) {
        this.socket.write(ws.frame(ws.OPCODE.TEXT, packet));
    }

    take() {
        return this.socket.message();
    }

    leave() {
        this.socket.destroy();
    }
}

const POLLING = {
    'xhr-polling of 0.9': (port) => new Polling09().open(port),
    'polling of 2.x': (port) => new Polling().open(port, 3),
    'polling of 4.x': (port) => new Polling().open(port, 4),
};
const WEBSOCKETS = {
    'a websocket of 0.9': (port) => new Websocket().open(port, 0),
    'a websocket of 2.x': (port) => new Websocket().open(port, 3),
    'a websocket of 4.x': (port) => new Websocket().open(port, 4),
};

/* Texts that differ, of so many bytes. */
const texts = (n, bytes) => Array.from({ length: n }, (_, i) => `${i} `.padEnd(bytes, 'x'));

/* These are the next packets, and the client is still served. */
async function assertEchoes(client, list, name = 'echo') {
    for (const [i, text] of list.entries())
        assert.ok(await client.next() === client.event(name, text), `${name} ${i}`);
    await client.say(client.event('echo', 'served'));
    assert.strictEqual(await client.next(), client.event('echo', 'served'));
}

/*
 * The witness, of 0.9, hears why sessions end; resolves when this one has, and nothing before it.
 */
async function assertGivenUp(witness, id) {
    for (;;) {
        const packet = await witness.message();
        if (packet === REVISION09.event('left', id, 'slow consumer'))
            return;
        assert.doesNotMatch(packet, /slow consumer/);
    }
}

describe('with the default bounds', NEEDS_CONTRACT, () => {
    let broker;
    before(async () => { broker = await startBroker({ contract: true }); });
    after(() => broker.stop());

    for (const [name, open] of Object.entries(POLLING)) {
        for (const [what, n, bytes] of [['two events of 600 KB', 2, 600000],
            ['events of 4.5 MB', 5, 900000]]) {
            test(`${name}: ${what} between two polls`, async () => {
                const client = await open(broker.port);
                const list = texts(n, bytes);
                for (const text of list)
                    await client.say(client.event('echo', text));
                await assertEchoes(client, list);
            });
        }

        test(`${name}: an event of the size of a message, behind a small one`, async () => {
            const client = await open(broker.port);
            const large = 'x'.repeat(MAX_PAYLOAD - client.event('echo', '').length - 10);
            await client.say(client.event('echo', 'small'));
            await client.say(client.event('echo', large));
            await assertEchoes(client, ['small', large]);
        });

        test(`${name}: 60,000 small events between two polls`, async () => {
            const client = await open(broker.port);
            await client.say(client.event('many', 60000));
            for (let i = 0; i < 60000; i++)
                assert.strictEqual(await client.next(), client.event('seq', i));
        });

        test(`${name}: all of it comes before the goodbye`, async () => {
            const client = await open(broker.port);
            const list = texts(5, 900000);
            for (const text of list)
                await client.say(client.event('echo', text));
            await client.say(client.event('kick'));
            for (const [i, text] of list.entries())
                assert.ok(await client.next() === client.event('echo', text), `echo ${i}`);
            assert.deepStrictEqual([await client.next()], client.goodbye);
        });
    }

    for (const [name, open] of Object.entries(WEBSOCKETS)) {
        /* Stop to read until megabytes wait in the server, and a second longer. */
        const paused = async () => {
            const client = await open(broker.port);
            const list = texts(Math.ceil((MORE_THAN_FITS + 4 * MIB) / 900000), 900000);
            client.socket.socket.pause();
            for (const text of list)
                client.say(client.event('echo', text));
            return { client, list };
        };

        test(`${name}: a burst while it pauses for a second`, async () => {
            const { client, list } = await paused();
            await new Promise((resolve) => setTimeout(resolve, 1000));
            client.socket.socket.resume();
            await assertEchoes(client, list);
            client.leave();
        });

        test(`${name}: the same, of what others say`, async () => {
            const sender = await engine.dial(broker.port, 4);
            const client = await open(broker.port);
            const list = texts(Math.ceil((MORE_THAN_FITS + 4 * MIB) / 900000), 900000);
            client.socket.socket.pause();
            for (const text of list)
                sender.send(REVISION5.event('others', text));
            await engine.assertServed(sender);
            await new Promise((resolve) => setTimeout(resolve, 1000));
            client.socket.socket.resume();
            await assertEchoes(client, list, 'others');
            client.leave();
            sender.destroy();
        });

        test(`${name}: all of it comes before the goodbye`, async () => {
            const { client, list } = await paused();
            client.say(client.event('kick'));
            await new Promise((resolve) => setTimeout(resolve, 500));
            client.socket.socket.resume();
            for (const [i, text] of list.entries())
                assert.ok(await client.next() === client.event('echo', text), `echo ${i}`);
            assert.deepStrictEqual([await client.next()], client.goodbye);
            assert.notStrictEqual(await client.socket.closeCode(), null);
        });
    }

    test('htmlfile: all of it comes before the end of the page', async () => {
        const { event } = REVISION09;
        const { id } = await sio.handshake(broker.port);
        const poster = new Poller(broker.port, 'xhr-polling', id);
        const page = await http.connect(broker.port);
        poster.url = sio.transportUrl('htmlfile', poster.id);
        page.write(http.format({ target: poster.url }));
        const head = await page.head();
        const n = await stall(page, 900000,
            (i) => poster.post(event('echo', `${i} `.padEnd(900000, 'x'))));
        await poster.post(event('kick'));
        page.socket.resume();
        const body = (await page.chunkedBody(head)).toString();
        for (let i = 0; i < n; i++)
            assert.ok(body.includes(`"${i} xxx`), `echo ${i}`);
        assert.ok(body.endsWith('<script>_("0::");</script>'));
        page.destroy();
    });

    test('a websocket that is not read ends at "max queued bytes"', async () => {
        const witness = await sio.connect(broker.port);
        const client = await sio.connect(broker.port);
        const text = 'x'.repeat(900000);
        client.socket.pause();
        for (let bytes = 0; bytes < MORE_THAN_FITS + 20 * MIB; bytes += text.length)
            client.text(REVISION09.event('echo', text));
        await assertGivenUp(witness, client.id);
        client.destroy();
        witness.destroy();
    });

    test('a client that polls no more ends at "max queued bytes"', async () => {
        const witness = await sio.connect(broker.port);
        const client = await POLLING['xhr-polling of 0.9'](broker.port);
        for (const text of texts(20, 900000))
            await client.say(client.event('echo', text));
        await assertGivenUp(witness, client.id);
        assert.strictEqual(await client.next(), '7:::1+0');
        witness.destroy();
    });
});

describe('over "slow consumer bytes" for "slow consumer timeout"', NEEDS_CONTRACT, () => {
    let broker, witness;
    before(async () => {
        broker = await startBroker({ contract: true, config: { 'slow consumer timeout': 1.5 } });
        witness = await sio.connect(broker.port);
    });
    after(() => broker.stop());

    async function waiting(list) {
        const client = await POLLING['xhr-polling of 0.9'](broker.port);
        for (const text of list)
            await client.say(client.event('echo', text));
        return client;
    }

    test('the session ends, while others go on: who has less, and who catches up', async () => {
        const little = texts(1, 900000), much = texts(3, 900000);
        const less = await waiting(little);
        const lively = await waiting(much);
        await assertEchoes(lively, much);
        await assertGivenUp(witness, (await waiting(much)).id);
        await assertEchoes(less, little);
        await assertEchoes(lively, []);
        assert.strictEqual((await broker.counters()).slow_consumers, 1);
    });

    test('small packets count with what they take', async () => {
        const client = await waiting([]);
        await client.say(client.event('many', 12000));
        await assertGivenUp(witness, client.id);
    });

    test('a websocket that is not read', async () => {
        const client = await sio.connect(broker.port);
        const text = 'x'.repeat(900000);
        await stall(client, text.length, () => client.text(REVISION09.event('echo', text)));
        await assertGivenUp(witness, client.id);
        client.destroy();
    });
});
