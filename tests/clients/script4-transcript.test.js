'use strict';
/*
 * The contract application written for socket.io 4, unmodified on the original 4.8 and as a script
 * of siobroker: the same packets are said to both, and what they say is compared, byte by byte but
 * for ids. A step ends when its client has got the echo of a mark.
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe } = require('node:test');
const { Polling, connect } = require('../lib/engine.js');
const { BROKER, REFERENCE, startBroker } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };
const ORIGINAL = path.join(__dirname, '../lib/reference-modern.js');
const SCRIPT = path.join(__dirname, '../contract/script4');
const CONFIG = { name: 'C', pingInterval: 60000, pingTimeout: 60000 };

const OVER = {
    websocket: (port) => connect(port, 4),
    polling: (port) => new Polling(port, 4).open(),
};

const hex = (packet) => (typeof packet === 'string' ? packet : `<${packet.toString('hex')}>`);

class Recorder {
    constructor(port) {
        this.port = port;
        this.steps = [];
        this.masks = new Map([[`:${port}`, ':<port>']]);
        this.n = 0;
        this.clients = [];
    }

    /* A client in the default namespace. What it says before it is there would end it. */
    async join(name, over) {
        const client = await OVER[over](this.port);
        this.clients.push(client);
        await client.send('40{"name":"a"}');
        const lines = [name, await client.next()];
        this.steps.push(lines.map((line) => this.mask(line)));
        await this.gather('its greeting', client);
        return client;
    }

    end() {
        for (const client of this.clients)
            client.destroy?.();
    }

    mask(text) {
        for (const [, id] of text.matchAll(/"s?id":"([\w-]{20})"/g))
            this.masks.set(id, '<id>');
        for (const [secret, name] of this.masks)
            text = text.replaceAll(secret, name);
        return text;
    }

    async gather(name, client, before = []) {
        const mark = `42["echo","mark ${++this.n}"]`;
        await client.send(mark);
        const lines = [name, ...before];
        for (let packet; (packet = await client.next()) !== mark;) {
            lines.push(this.mask(this.note(hex(packet))));
        }
        this.steps.push(lines);
    }

    /* The id of a question is what the server likes; its answer has the same. */
    note(packet) {
        const [, begin, ack, rest] = /^(45\d-|42)(\d+)(\["question".*)$/.exec(packet) || [];
        if (ack === undefined)
            return packet;
        this.ack = ack;
        return `${begin}<ack>${rest}`;
    }

    async say(client, ...packets) {
        await client.send(...packets.map((packet) => (typeof packet === 'string'
            ? packet.replace('<ack>', this.ack) : packet)));
        const before = [];
        if (/^40\//.test(packets[0]))    /* the original takes its time */
            before.push(this.mask(await client.next()));
        await this.gather(packets.map(hex).join(' '), client, before);
    }
}

/* Packets of Socket.IO behind the 4 of Engine.IO; bytes are attachments of the packet before. */
const PACKETS = [
    ['42["echo"]'], ['42["echo",1,"a",null,[1,[2]],{"a":{"b":1}}]'], ['421["echo"]'],
    ['422["echo",1,"é€😀\\u2028"]'], ['42["echo",1,2.50,1e3,"\\u00e9\\/", {"b": 1}]'],
    ['42["broadcast",{"a":1}]'], ['42["others",1]'], ['423["join","r"]'], ['42["room","r",5]'],
    ['42["room others","r",5]'], ['424["leave","r"]'], ['42["room","r",6]'], ['42["volatile",1]'],
    ['425["set","k",{"v":1}]'], ['426["get","k"]'], ['427["get","none"]'], ['42["many",3]'],
    ['42["message","hello"]'], ['428["message","hello"]'], ['42["message",{"a":1}]'],
    ['429["who"]'], ['42["ask",7]'], ['43<ack>["an answer"]'],
    ['43<ack>["answered already"]'],
    ['42["unknown",1]'], ['42["join"]'], ['42["room"]'], ['42["connect_later"]'],
    ['4210["__proto__"]'], ['42["__proto__",1]'], ['42["constructor"]'], ['42["toString"]'],
    ['42["hasOwnProperty",1]'],
    ['451-["echo",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3])],
    ['452-11["echo",{"a":[{"_placeholder":true,"num":1}]},{"_placeholder":true,"num":0}]',
        Buffer.from([1]), Buffer.from([])],
    ['451-["ask",{"_placeholder":true,"num":0}]', Buffer.from([9])],
    ['461-<ack>["an answer",{"_placeholder":true,"num":0}]', Buffer.from([8, 9])],
    ['40/chat,{"token":1}'], ['42/chat,["echo",1]'], ['42/chat,12["who"]'],
    ['42/chat,["broadcast",{"a":1}]'], ['41/chat,'], ['40/auth,{"token":"secret"}'],
    ['40/auth2,'], ['40/err,'], ['41/auth,'], ['40/auth,{}'],
];

async function contract(recorder, over) {
    const client = await recorder.join('one', over);
    for (const packets of PACKETS)
        await recorder.say(client, ...packets);
    const other = await recorder.join('another', 'websocket');
    await recorder.say(client, '42["others","all"]', '42["broadcast","all"]');
    await recorder.gather('what the other gets', other);
    await recorder.say(other, '42["join","r"]', '42["room","r",1]');
    await recorder.say(client, '42["room","r",2]', '42["room others","r",3]');
    await recorder.gather('what the other gets in a room', other);
    await other.send('41');
    for (let packet; !/"left"/.test(packet);) {
        packet = await client.next();
        recorder.steps.push(['the other leaves', recorder.mask(packet)]);
    }
}

async function transcribe(file, over) {
    const broker = await startBroker({ file, config: CONFIG, env: { SIOBROKER: BROKER } });
    const recorder = new Recorder(broker.port);
    try {
        await contract(recorder, over);
    } catch (error) {
        error.message += `\n${JSON.stringify(recorder.steps.slice(-5))}\n${broker.program.tail()}`;
        throw error;
    } finally {
        recorder.end();
        await broker.stop();
    }
    return recorder.steps;
}

describe('the same packets to both', suite, () => {
    for (const over of Object.keys(OVER)) {
        test(`over ${over}`, async () => {
            const [original, ours] = [await transcribe(ORIGINAL, over),
                await transcribe(SCRIPT, over)];
            assert.ok(original.length >= PACKETS.length);
            assert.deepStrictEqual(ours, original);
        });
    }
});
