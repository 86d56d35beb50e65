'use strict';
/*
 * proxies.js - the proxies of server/manual/proxies.md with the files of client-demo/, on free
 * ports, each in a scratch folder of its own and as nobody when root runs the tests.
 */

const fs = require('node:fs');
const path = require('node:path');
const { Program, freePort, scratch } = require('./program.js');
const { env, ready, withPorts } = require('./services.js');

const FOLDER = path.resolve(__dirname, '../../client-demo/proxies');
const NOBODY = 65534;
const START_MS = 60000; /* Varnish has its file compiled */
const STOP_MS = 30000;  /* Apache gives its children ten seconds before it kills them */

/*
 * The command line of each, as its file tells it; what is added only keeps it in its folder.
 *   passesDrafts   does it let websockets through whose handshake is older than RFC 6455?
 */
const PROXIES = {
    nginx: {
        file: '../nginx.conf',
        command: (folder, file) => ['nginx', '-p', folder, '-e', 'error.log', '-c', file,
            '-g', 'daemon off;'],
        passesDrafts: true,
    },
    haproxy: {
        file: 'haproxy.cfg',
        command: (folder, file) => ['haproxy', '-db', '-f', file],
    },
    apache: {
        file: 'apache.conf',
        command: (folder, file) => ['apache2', '-d', folder, '-f', file, '-DFOREGROUND'],
        passesDrafts: true,
    },
    lighttpd: {
        file: 'lighttpd.conf',
        command: (folder, file) => ['lighttpd', '-D', '-f', file],
        passesDrafts: true,
    },
    caddy: {
        file: 'Caddyfile',
        command: (folder, file) => ['caddy', 'run', '--config', file, '--adapter', 'caddyfile'],
    },
    varnish: {
        file: 'default.vcl',
        command: (folder, file, port) => ['varnishd', '-F', '-n', path.join(folder, 'work'),
            '-T', 'none', '-a', `127.0.0.1:${port}`, '-f', file, '-p', 'pipe_timeout=90'],
        passesDrafts: true,
    },
};

/* Start one in front of the instances on these two ports; the result says where it listens. */
async function startProxy(name, [first, second]) {
    const { file, command } = PROXIES[name];
    const folder = scratch();
    const port = await freePort();
    const copy = path.join(folder, path.basename(file));
    fs.writeFileSync(copy, withPorts(fs.readFileSync(path.join(FOLDER, file), 'utf8'),
        { 3100: first, 3101: second, 3102: port }));
    const options = { cwd: folder, env: { ...env, HOME: folder, TMPDIR: folder } };
    if (process.getuid() === 0) {
        fs.chownSync(folder, NOBODY, NOBODY);
        Object.assign(options, { uid: NOBODY, gid: NOBODY });
    }
    const [program, ...args] = command(folder, copy, port);
    const proxy = new Program(program, args, options);
    proxy.lastSignal = 'SIGTERM';   /* SIGKILL would leave the children of some behind */
    await ready(proxy, port, START_MS);
    return { port, program: proxy, stop: () => proxy.stop('SIGTERM', STOP_MS) };
}

module.exports = { PROXIES, startProxy };
