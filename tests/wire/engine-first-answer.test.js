'use strict';
/*
 * Engine.IO: the first answer of a polling session is the open packet and nothing else, in every
 * form (1.3). Clients in other languages take its whole body for that packet; some of them are
 * here.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { startBroker } = require('../lib/server.js');
const engine = require('../lib/engine.js');
const http = require('../lib/http.js');
const { open } = require('../lib/tcp.js');
const { OPCODE, WsConnection, frame } = require('../lib/ws.js');

const OPEN = /^0\{"sid":"[\w-]{20}",[^{}]*\}$/;
const YEAST = 't=PZ3Q9_a';

describe('the first answer', () => {
    let broker, greeting;
    before(async () => {
        broker = await startBroker({ contract: true, config: { name: 'F' } });
        greeting = `42["server",{"server":"F","port":${broker.port}}]`;
    });
    after(() => broker.stop());

    const first = (query, headers) => http.get(broker.port,
        engine.url({ transport: 'polling', ...query }), headers);

    /* Whole requests as clients write them, on one connection. */
    async function say(connection, ...lines) {
        connection.write(`${lines.join('\r\n')}\r\n\r\n`);
        return connection.response();
    }

    const dial = () => open(broker.port, { Kind: WsConnection });
    const text = (packet) => frame(OPCODE.TEXT, packet);

    for (const query of [{ EIO: 4 }, { EIO: 4, b64: 1 }]) {
        test(`revision 4: ${JSON.stringify(query)}`, async () => {
            assert.match((await first(query)).text, OPEN);
        });
    }

    for (const query of [{ EIO: 3 }, { EIO: 3, b64: 1 }, { EIO: 2 }, {}]) {
        test(`revision 3: ${JSON.stringify(query)}: the rest is for the next poll`, async () => {
            const packets = engine.decode(3, await first(query));   /* in either framing */
            assert.strictEqual(packets.length, 1);
            assert.match(packets[0], OPEN);
            const { sid } = JSON.parse(packets[0].slice(1));
            const next = await first({ ...query, sid });
            assert.deepStrictEqual(engine.decode(3, next), ['40', greeting]);
        });
    }

    test('a script: likewise', async () => {
        const query = { EIO: 3, b64: 1, j: 0 };
        const unwrap = ({ text: script }) =>
            engine.decode(3, { get: () => '', text: JSON.parse(script.slice(10, -2)) });
        const packets = unwrap(await first(query));
        assert.strictEqual(packets.length, 1);
        assert.match(packets[0], OPEN);
        const { sid } = JSON.parse(packets[0].slice(1));
        assert.deepStrictEqual(unwrap(await first({ ...query, sid })), ['40', greeting]);
    });

    test('the rest is for the websocket, when that is opened instead', async () => {
        const client = await new engine.Polling(broker.port, 3).open();
        const socket = await engine.upgrade(broker.port, 3, { sid: client.opened.sid });
        await socket.send('2probe', '5');
        for (const packet of ['3probe', '40', greeting])
            assert.strictEqual(await socket.next(), packet);
        socket.destroy();
    });

    test('it comes before the answer to what is sent meanwhile', async () => {
        const client = await new engine.Polling(broker.port, 3, { b64: 1 }).open();
        await client.send('42["echo",1]');
        assert.deepStrictEqual(await client.get(), ['40', greeting, '42["echo",1]']);
    });

    /*
     * From the first brace of the body to the last is JSON; "5" without a probe; then reads "40".
     */
    test('elephant.io for PHP', async () => {
        const response = await first({ EIO: 2, t: 'PZ3Q9_a' });
        const body = response.text;
        const { sid } = JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1));
        const connection = await dial();
        const answer = await say(connection,
            `GET /socket.io/?EIO=2&transport=websocket&${YEAST}&sid=${sid} HTTP/1.1`,
            `Host: 127.0.0.1:${broker.port}`,
            'Upgrade: WebSocket', 'Connection: Upgrade',
            'Sec-WebSocket-Key: VyWpXmhnRPSVt5P4hQgXQQ==', 'Sec-WebSocket-Version: 13',
            'Origin: *');
        assert.strictEqual(answer.status, 101);
        connection.write(text('5'));
        assert.strictEqual(await connection.message(), '40');
        assert.strictEqual(await connection.message(), greeting);
        connection.destroy();
    });

    /* Reads one packet of the first answer, one of a second poll, then upgrades. */
    test('go-socket.io-client', async () => {
        const target = (query) => `/socket.io/?${query}`;
        const opened = await http.get(broker.port, target('EIO=3&transport=polling'));
        const [, packet] = /^\d+:(.*)$/s.exec(opened.text);
        const { sid } = JSON.parse(packet.slice(1));
        const joined = await http.get(broker.port,
            target(`EIO=3&sid=${sid}&transport=polling`));
        assert.strictEqual(engine.decode(3, joined)[0], '40');
        const socket = await engine.upgrade(broker.port, 3, { sid });
        await socket.send('2probe');
        assert.strictEqual(await socket.next(), '3probe');
        await socket.send('5');
        await engine.assertServed(socket);
        socket.destroy();
    });

    /* Looks for the id in what one read of 256 bytes brings; goes on on the same connection. */
    test('arduinoWebSockets for ESP8266 and ESP32', async () => {
        const connection = await dial();
        const rest = ['Origin: file://', 'User-Agent: arduino-WebSocket-Client'];
        const body = (await say(connection,
            'GET /socket.io/?EIO=3&transport=polling HTTP/1.1', `Host: 127.0.0.1:${broker.port}`,
            'Connection: keep-alive', ...rest)).text;
        const [, sid] = /"sid":"([^"]*)"/.exec(body.slice(0, 256));
        const answer = await say(connection,
            `GET /socket.io/?EIO=3&transport=websocket&sid=${sid} HTTP/1.1`,
            `Host: 127.0.0.1:${broker.port}`, 'Connection: Upgrade', 'Upgrade: websocket',
            'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: VyWpXmhnRPSVt5P4hQgXQQ==',
            'Sec-WebSocket-Protocol: arduino', ...rest);
        assert.strictEqual(answer.status, 101);
        connection.write(Buffer.concat([text('2probe'), text('5')]));
        for (const packet of ['3probe', '40', greeting])
            assert.strictEqual(await connection.message(), packet);
        connection.destroy();
    });

    /* Its requests to the byte: the key is the session id, the upgrade is completed by "52". */
    test('Socket.io-v1.x-Library for Arduino', async () => {
        const polling = await http.connect(broker.port);
        const body = (await say(polling, 'GET /socket.io/1/?transport=polling&b64=true HTTP/1.1',
            'Host: 127.0.0.1', 'Origin: Arduino')).text;
        const at = body.indexOf('sid') + 6;
        const sid = body.slice(at, body.indexOf('"', at));
        polling.destroy();
        const socket = await dial();
        const answer = await say(socket,
            `GET /socket.io/1/websocket/?transport=websocket&b64=true&sid=${sid} HTTP/1.1`,
            'Host: 127.0.0.1', 'Origin: ArduinoSocketIOClient', `Sec-WebSocket-Key: ${sid}`,
            'Sec-WebSocket-Version: 13', 'Upgrade: websocket', 'Connection: Upgrade');
        assert.strictEqual(answer.status, 101);
        assert.match(answer.head.split('\r\n')[3], /^Sec-WebSocket-Accept: .{28}$/);
        socket.write(frame(OPCODE.TEXT, '52', { mask: Buffer.from('0918') }));
        assert.strictEqual(await socket.message(), '40');
        assert.strictEqual(await socket.message(), greeting);
        socket.text('42["echo",{"a":"b"}]');
        assert.strictEqual(await socket.message(), '42["echo",{"a":"b"}]');
        socket.text('2');
        assert.strictEqual(await socket.message(), '3');
        socket.destroy();
    });
});
