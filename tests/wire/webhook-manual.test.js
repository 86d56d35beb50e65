'use strict';
/* The programs of server/manual/webhooks.md, as they stand there: they do what it says. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, after } = require('node:test');
const { connect, leave, leaveAll } = require('../lib/modern.js');
const { Program, freePort, scratch } = require('../lib/program.js');
const { REFERENCE, ROOT, startBroker } = require('../lib/server.js');
const { ready } = require('../lib/services.js');

const suite = { skip: REFERENCE && 'about our own program' };
const MANUAL = fs.readFileSync(path.join(ROOT, 'server/manual/webhooks.md'), 'utf8');
const COMMANDS = { python: (file) => ['python3', file], js: (file) => [process.execPath, file],
    php: (file, port) => ['php', '-S', `127.0.0.1:${port}`, file] };

after(leaveAll);

/* The first block in a language below a heading. */
function block(heading, language) {
    const section = MANUAL.split(/^## /m).find((part) => part.startsWith(heading));
    return new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(section)[1];
}

/* A block as a program, with this port instead of 8000. */
async function startBlock(heading, language, port) {
    const file = path.join(scratch(), `app.${language}`);
    fs.writeFileSync(file, block(heading, language).replaceAll('8000', String(port)));
    const [command, ...args] = COMMANDS[language](file, port);
    const program = new Program(command, args);
    await ready(program, port);
    return program;
}

/* The settings of a section, for this port, and a busy machine; the broker takes any port. */
function settings(heading, port) {
    const { port: usual, ...config } =
        JSON.parse(block(heading, 'json').replaceAll('8000', String(port)));
    const backends = config.backends.map((backend) => ({ ...backend, timeout: 30,
        'connect within': 40, 'retry for': 300 }));
    return { ...config, backends };
}

test('the first backend in five minutes', suite, async () => {
    const heading = 'A first backend in five minutes';
    const port = await freePort();
    let app = await startBlock(heading, 'python', port);
    const broker = await startBroker({ config: settings(heading, port) });
    const file = path.join(scratch(), 'client.js');
    fs.writeFileSync(file, `const io = require(${JSON.stringify(
        require.resolve('socket.io-client-4'))});\n${block(heading, 'js')}
        process.once('SIGUSR1', () => socket.emit('say', 'later', (a) => console.log(a)));`
        .replaceAll('3100', String(broker.port)));
    const client = new Program(process.execPath, [file]);
    await client.until(() => /^I am \S{20}\n(hi\nheard|heard\nhi)\n$/.test(client.stdout), 'talks');

    await app.stop('SIGKILL');
    client.kill('SIGUSR1');
    app = await startBlock(heading, 'python', port);
    await client.until(() => /\n(later\nheard|heard\nlater)\n$/.test(client.stdout), 'is heard');
    assert.strictEqual(client.stdout.match(/I am/g).length, 1, 'it stays connected');

    await client.stop('SIGKILL');
    await broker.stop();
    await app.stop('SIGKILL');
});

for (const language of Object.keys(COMMANDS)) {
    test(`one backend behind two instances, in ${language}`, suite, async () => {
        const heading = 'One backend behind two instances';
        const port = await freePort();
        const app = await startBlock(heading, language, port);
        assert.ok(block(heading, language).split('\n').length <= 16, 'some ten lines');
        const broker = await startBroker({ config: settings(heading, port) });
        const clients = await Promise.all(['0.9.16', '4.8.4'].map((version) =>
            connect(broker.port, { version })));
        for (const { greeting } of clients)
            assert.deepStrictEqual(greeting, { server: 'Server1', port: 3100 });
        leave(...clients);
        await broker.stop();
        await app.stop('SIGKILL');
    });
}
