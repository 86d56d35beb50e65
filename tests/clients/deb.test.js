'use strict';
/*
 * The Debian packages as "make deb" leaves them: what is in them, whether lintian has something to
 * say, and whether what was unpacked works. tests/deb installs them in a clean root.
 */

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before } = require('node:test');
const { connect, leave } = require('../lib/client.js');
const http = require('../lib/http.js');
const { Program, scratch } = require('../lib/program.js');
const { ROOT } = require('../lib/server.js');

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const TOOLS = ['dpkg-buildpackage', 'dh', 'lintian', 'pkg-config'].filter((tool) => !has(tool));

const FOLDER = path.join(scratch(), 'deb');
const UNPACKED = scratch();
const CC = (process.env.CC || 'cc').split(' ');

function sh(command, args, options) {
    const result = spawnSync(command, args, { encoding: 'utf8', cwd: ROOT, ...options });
    assert.strictEqual(result.status, 0,
        `${command} ${args.join(' ')}: ${result.error || ''}\n${result.stdout}${result.stderr}`);
    return result.stdout;
}

const find = (start, end) => path.join(FOLDER, fs.readdirSync(FOLDER)
    .find((name) => name.startsWith(`${start}_`) && name.endsWith(end)));

describe('Debian packages', { skip: TOOLS.length > 0 && `no ${TOOLS.join()}` }, () => {
    const multiarch = () => sh('dpkg-architecture', ['-qDEB_HOST_MULTIARCH']).trim();

    before(() => {
        sh('make', ['deb', `DEB_FOLDER=${FOLDER}`],
            { env: { ...process.env, DEBEMAIL: 'nobody@debian.org', MAKEFLAGS: '' } });
        for (const name of ['siobroker', 'libsiobroker0', 'libsiobroker-dev'])
            sh('dpkg-deb', ['-x', find(name, '.deb'), UNPACKED]);
    });

    test('lintian finds neither errors nor warnings', () => {
        const { stdout, status } = spawnSync('lintian', ['--allow-root', '--fail-on',
            'error,warning', find('siobroker', '.changes')], { encoding: 'utf8' });
        assert.doesNotMatch(stdout, /^[EW]: /m);
        assert.strictEqual(status, 0, stdout);
    });

    test('each file is where it belongs', () => {
        const lib = `usr/lib/${multiarch()}`;
        const files = {
            siobroker: ['usr/bin/siobroker', 'etc/siobroker/siobroker.json',
                'etc/default/siobroker', 'usr/lib/sysusers.d/siobroker.conf',
                'usr/share/siobroker/browser-client/socket.io.js',
                'usr/share/man/man8/siobroker.8.gz', 'usr/share/man/man5/siobroker.conf.5.gz',
                'usr/share/bash-completion/completions/siobroker',
                'usr/share/zsh/vendor-completions/_siobroker',
                'usr/share/doc/siobroker/manual/operations.md.gz',
                'usr/share/doc/siobroker/examples/nginx.conf',
                'usr/share/doc/siobroker/examples/siobroker.yaml',
                'usr/share/doc/siobroker/copyright'],
            libsiobroker0: [`${lib}/libsiobroker.so.0`],
            'libsiobroker-dev': ['usr/include/siobroker.h', `${lib}/libsiobroker.a`,
                `${lib}/libsiobroker.so`, `${lib}/pkgconfig/siobroker.pc`,
                'usr/share/man/man3/libsiobroker.3.gz'],
        };
        for (const [name, wanted] of Object.entries(files)) {
            const there = sh('dpkg-deb', ['--fsys-tarfile', find(name, '.deb')],
                { encoding: 'buffer', maxBuffer: 1 << 28 });
            const list = sh('tar', ['-t'], { input: there }).split('\n');
            for (const file of wanted)
                assert.ok(list.includes(`./${file}`), `${name}: ${file}`);
            assert.ok(!list.some((file) => /\/usr\/local\//.test(file)));
        }
        assert.deepStrictEqual(sh('dpkg-deb', ['-I', find('siobroker', '.deb'), 'conffiles'])
            .trim().split('\n').sort(),
        ['/etc/default/siobroker', '/etc/siobroker/siobroker.json']);
    });

    test('the units start what is installed', () => {
        const folder = ['usr/lib/systemd/system', 'lib/systemd/system']
            .map((name) => path.join(UNPACKED, name)).find((name) => fs.existsSync(name));
        for (const unit of ['siobroker.service', 'siobroker@.service']) {
            const text = fs.readFileSync(path.join(folder, unit), 'utf8');
            assert.match(text, /^ExecStart=\/usr\/bin\/siobroker --config \/etc\/siobroker\//m);
            assert.doesNotMatch(text, /usr\/local|useradd/);
        }
    });

    test('the library tells since when it has each function', () => {
        const names = [...fs.readFileSync(path.join(ROOT, 'server/siobroker.map'), 'utf8')
            .matchAll(/^ *(sio_\w+);/gm)].map(([, name]) => name).sort();
        const symbols = [...sh('dpkg-deb', ['-I', find('libsiobroker0', '.deb'), 'symbols'])
            .matchAll(/^ (sio_\w+)@SIOBROKER_0 \d/gm)].map(([, name]) => name).sort();
        assert.deepStrictEqual(symbols, names);
    });

    test('the program runs with the file of the package', async () => {
        const program = new Program(path.join(UNPACKED, 'usr/bin/siobroker'), ['--port', '0',
            '--config', portless(path.join(UNPACKED, 'etc/siobroker/siobroker.json'))]);
        const [, port] = await program.said(/listening on 127\.0\.0\.1 port (\d+)/);
        assert.strictEqual((await http.get(Number(port), '/socket.io/socket.io.js')).status, 200);
        assert.deepStrictEqual(await program.stop('SIGTERM'), { code: 0, signal: null });
    });

    /* The same file, with a socket for those who run it that is not the machine's. */
    function portless(file) {
        const copy = path.join(scratch(), 'siobroker.json');
        const config = JSON.parse(fs.readFileSync(file, 'utf8'));
        assert.strictEqual(config.host, '127.0.0.1');
        assert.match(config['admin listen'][0], /^unix:\/run\/siobroker\//);
        fs.writeFileSync(copy, JSON.stringify({ ...config,
            'admin listen': [`unix:${scratch()}/admin.sock`] }));
        return copy;
    }

    for (const link of ['shared', 'static']) {
        test(`a program is linked with the ${link} library`, async () => {
            const lib = path.join(UNPACKED, 'usr/lib', multiarch());
            const flags = sh('pkg-config', ['--cflags', '--libs',
                ...(link === 'static' ? ['--static'] : []), 'siobroker'],
            { env: { ...process.env, PKG_CONFIG_SYSROOT_DIR: UNPACKED,
                PKG_CONFIG_LIBDIR: path.join(lib, 'pkgconfig') } }).trim().split(/\s+/)
                .map((flag) => (link === 'static' && flag === '-lsiobroker'
                    ? '-l:libsiobroker.a' : flag));
            const program = path.join(UNPACKED, `app1-${link}`);
            sh(CC[0], [...CC.slice(1), '-o', program, 'client-demo/app1.c', ...flags]);
            const app = new Program(program, ['--port', '0'],
                { env: { ...process.env, LD_LIBRARY_PATH: lib } });
            const [, port] = await app.said(/listening on .*port (\d+)/);
            const client = await connect(Number(port));
            assert.deepStrictEqual(client.greeting, { server: 'Server1', port: 3100 });
            leave(client);
            assert.deepStrictEqual(await app.stop('SIGTERM'), { code: 0, signal: null });
        });
    }
});
