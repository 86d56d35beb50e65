'use strict';
/* The manual pages, and completion for shells: as "make man" has made them of the tables. */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { REFERENCE, ROOT, BROKER, writeConfig } = require('../lib/server.js');
const { startAdmin } = require('../lib/admin.js');
const { Program, run, freePort, scratch } = require('../lib/program.js');
const { startRedis } = require('../lib/services.js');

const suite = { skip: REFERENCE && 'about our own program' };

const MAN = path.join(ROOT, 'build/man');
const PAGES = ['siobroker.8', 'siobroker.conf.5', 'libsiobroker.3'];
const read = (...parts) => fs.readFileSync(path.join(...parts), 'utf8');

/* Run to the end, and well; what was printed. */
async function output(command, args, options) {
    const { code, stdout, stderr } = await run(command, args, options);
    assert.strictEqual(code, 0, `${command} ${args.join(' ')}: ${stderr}`);
    return stdout;
}

describe('manual pages', suite, () => {
    for (const page of PAGES) {
        test(`${page}: nothing to say for mandoc`, async () => {
            const { stdout, stderr } = await run('mandoc', ['-Tlint', path.join(MAN, page)]);
            /* Whether the pages of others are installed does not matter. */
            const said = (stdout + stderr).split('\n').filter((line) => line !== '' &&
                !/referenced manual not found|outdated mandoc\.db/.test(line));
            assert.deepStrictEqual(said, []);
            for (const [, name, section] of read(MAN, page).matchAll(/^\.Xr (\S+) (\d)/gm))
                if (/siobroker/.test(name))
                    assert.ok(PAGES.includes(`${name}.${section}`), name);
            assert.doesNotMatch(read(MAN, page), /^@/m, 'each part is filled in');
        });
    }

    const rendered = async (page) =>
        (await output('mandoc', ['-Tutf8', path.join(MAN, page)])).replace(/.\x08/g, '');

    test('siobroker(8) has every option and command', async () => {
        const page = await rendered('siobroker.8');
        const help = await output(BROKER, ['--help']);
        const options = [...help.matchAll(/^ {2}(?:-\w, | {4})(--[\w-]+)/gm)];
        assert.ok(options.length > 10);
        for (const [, option] of options)
            assert.ok(page.includes(option), option);
        const commands = [...help.matchAll(/^ {2}([a-z-]+)(?: [A-Z]+)? {2,}\S/gm)];
        assert.ok(commands.length > 10);
        for (const [, command] of commands)
            assert.match(page, new RegExp(`^ {5}siobroker ${command} \\[option`, 'm'));
    });

    test('siobroker.conf(5) has the options of socket.io 4', () => {
        const page = read(MAN, 'siobroker.conf.5');
        for (const [option, key] of [['"path"', 'resource'], ['"cors": {"origin": ...}',
            'cors origin'], ['"perMessageDeflate": true', 'perMessageDeflate']])
            assert.ok(page.includes(
                `.It Cm "${option.replaceAll('"', '""')}"\nis "${key}"\n`), option);
    });

    test('siobroker.conf(5) has every setting', async () => {
        const page = read(MAN, 'siobroker.conf.5');
        for (const { key } of JSON.parse(await output(BROKER, ['config-doc', '--format', 'json'])))
            assert.ok(page.includes(`\n.It Cm "${key}"\n`), key);
    });

    test('libsiobroker(3) has every function', async () => {
        const page = await rendered('libsiobroker.3');
        const names = [...read(ROOT, 'server/siobroker.map').matchAll(/^ *(sio_\w+);/gm)];
        assert.ok(names.length > 80);
        for (const [, name] of names)
            assert.match(page, new RegExp(`\\W${name}\\(`), name);
    });

    test('the program in libsiobroker(3) is that of README.md', () => {
        const [, code] = /^\.Sh EXAMPLES\n[^]*?^\.Bd .*\n([^]*?)^\.Ed$/m
            .exec(read(MAN, 'libsiobroker.3'));
        assert.ok(read(ROOT, 'README.md').includes(code.replaceAll('\\e', '\\')), code);
    });

    test('the file in siobroker.conf(5) is a configuration', async () => {
        const [, json] = /^\.Bd -literal.*\n(\{[^]*?\n\})\n\.Ed$/m
            .exec(read(MAN, 'siobroker.conf.5'));
        await output(BROKER, ['--check-config', '--config', writeConfig(json)]);
    });
});

describe('examples of siobroker(8)', suite, () => {
    let broker, redis;

    before(async () => {
        redis = await startRedis();
        broker = await startAdmin();
    });
    after(() => Promise.all([broker.stop(), redis.stop()]));

    const [, examples] = /^\.Sh EXAMPLES\n([^]*?)^\.Sh /m
        .exec(read(ROOT, 'server/manual/man/siobroker.8.in'));
    for (const [, line] of examples.matchAll(/^\.Dl siobroker (.*)$/gm)) {
        test(line, async () => {
            const port = await freePort();
            const real = { '127.0.0.1:3100': `127.0.0.1:${broker.port}`, 3101: port,
                '127.0.0.1:6379': `127.0.0.1:${redis.port}`,
                '127.0.0.1:9180': `127.0.0.1:${broker.admin}`,
                '/etc/siobroker/siobroker.json': writeConfig({ port }) };
            const args = Object.entries(real)
                .reduce((text, [usual, ours]) => text.replace(usual, ours), line).split(' ');
            const program = new Program(BROKER, args);
            if (args[0].startsWith('-')) {
                await program.said(/Server2 listening on/);
                program.kill('SIGTERM');
            }
            assert.deepStrictEqual(await program.ended(), { code: 0, signal: null },
                program.tail());
        });
    }
});

describe('completion', suite, () => {
    const COMMANDS = ['bench', 'check', 'completion', 'config-default', 'config-doc', 'drain',
        'emit', 'listen', 'log', 'manual', 'reload', 'status', 'token', 'top',
        'undrain'];

    /* What bash offers for the last of these words. */
    async function bash(words, options) {
        const script = `source "$1"; shift
            [[ $(complete -p siobroker) == *"-F _siobroker siobroker" ]] || exit 1
            COMP_WORDS=(siobroker "$@"); COMP_CWORD=$#
            _siobroker siobroker "$\{@: -1}" "$\{COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\\n' "$\{COMPREPLY[@]}"`;
        const file = path.join(ROOT, 'build/completion/siobroker');
        return (await output('bash', ['-c', script, 'bash', file, ...words], options))
            .split('\n').filter((word) => word !== '').sort();
    }

    test('bash: commands, options and values', async () => {
        const folder = scratch();
        fs.writeFileSync(path.join(folder, 'a file.json'), '');
        const at = { cwd: folder };
        assert.deepStrictEqual((await bash([''])).filter((w) => !w.startsWith('-')), COMMANDS);
        assert.deepStrictEqual(await bash(['con']), ['config-default', 'config-doc']);
        assert.deepStrictEqual(await bash(['--ho']), ['--host']);
        assert.deepStrictEqual(await bash(['--log-level', '']), ['0', '1', '2', '3']);
        assert.deepStrictEqual(await bash(['--log-level', '=']), ['0', '1', '2', '3']);
        assert.deepStrictEqual(await bash(['--log-level', '=', '2']), ['2']);
        assert.deepStrictEqual(await bash(['--port', '']), []);
        assert.deepStrictEqual(await bash(['--port', '1', 'che']), []);
        assert.deepStrictEqual(await bash(['--config', 'a'], at), ['a file.json']);
        assert.deepStrictEqual(await bash(['check', '-c', ''], at), ['a file.json']);
        assert.deepStrictEqual(await bash(['check', '--']),
            ['--ca', '--config', '--help', '--insecure', '--live', '--origin', '--strict']);
        assert.deepStrictEqual(await bash(['config-doc', '--format', '']), ['json', 'md', 'text']);
        assert.deepStrictEqual(await bash(['completion', 'z']), ['zsh']);
        assert.deepStrictEqual(await bash(['nonsense', '']), []);
    });

    /* What zsh is told about the last of these words: the arguments of its own functions. */
    async function zsh(words) {
        const script = `_arguments() { print -rl -- "$@" }
            _describe() { print -rl -- $\{(P)2} }
            file=$1; shift; words=(siobroker "$@"); CURRENT=$#words
            source $file`;
        return (await output('zsh', ['-fc', script, 'zsh',
            path.join(ROOT, 'build/completion/_siobroker'), ...words])).split('\n').slice(0, -1);
    }

    test('zsh: commands, options and values', async () => {
        assert.deepStrictEqual((await zsh([''])).map((line) => line.split(':')[0]), COMMANDS);
        const options = await zsh(['--']);
        assert.ok(options.some((line) => /^\(-c --config\)--config\[.*\]:FILE:_files$/.test(line)),
            options.join('\n'));
        assert.ok(options.some((line) => /^--log-level\[.*\]:N:\(0 1 2 3\)$/.test(line)));
        assert.ok((await zsh(['--port', '1', '--'])).some((line) => /^--redis\[/.test(line)));
        assert.ok((await zsh(['check', ''])).some((line) => /-s\[warnings count/.test(line)));
        assert.ok((await zsh(['log', ''])).includes('1:LEVEL:(0 1 2 3)'));
    });
});
