'use strict';
/*
 * server.js - one broker process under test.
 *
 * SIOBROKER names the program (default: the sanitizer build, else the plain one), CONTRACT_SERVER
 * the contract application. Set them to tests/lib/reference-server.js and reference-contract.js to
 * run a test against the real socket.io 0.9.16: what the original does otherwise is skipped then.
 * CARRIER is the setting "carrier" of all brokers, where a test does not say otherwise. TLS is a
 * folder with certificate.pem and key.pem: then all brokers speak TLS, and tcp.js does with them.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { DEADLINE_MS } = require('./deadline.js');
const { Program, run, scratch } = require('./program.js');
const { follow, speakTls } = require('./tcp.js');

const ROOT = path.resolve(__dirname, '../..');

function locate(variable, name) {
    if (process.env[variable])
        return path.resolve(process.env[variable]);
    return ['build/asan', 'build'].map((folder) => path.join(ROOT, folder, name))
        .find((file) => fs.existsSync(file));
}

const BROKER = locate('SIOBROKER', 'siobroker');
const CONTRACT = locate('CONTRACT_SERVER', 'contract-server');
const CHAT = locate('CHAT_SERVER', 'chat');
const CARRIER = process.env.CARRIER;
const { TLS } = process.env;
const REFERENCE = /reference-server/.test(BROKER || '');

/* Is the application behind the broker, on the module for Node? See module-contract.js. */
const BEHIND = /module-contract/.test(CONTRACT || '');

/* Options of test(): what we promise beyond, or unlike, the original. */
const BETTER = { skip: REFERENCE && 'the original does otherwise' };
/* Options of test() that need the contract application. */
const NEEDS_CONTRACT = { skip: CONTRACT === undefined && 'build/contract-server is not built' };

class Broker {
    constructor(file, args, options) {
        this.program = new Program(file, args, options);
    }

    /* Then `places` is where: ports, and paths of unix sockets. `port` is the first of them. */
    async listening() {
        const [, where] = await this.program.said(/listening on (.*(?:port \d+|unix:\/).*)\n/,
            3 * DEADLINE_MS);
        this.places = where.split(', ').map((place) => /unix:(\S+)/.exec(place)?.[1] ??
            Number(/port (\d+)/.exec(place)[1]));
        [this.port] = this.places;
        where.split(', ').forEach((place, i) => speakTls(this.places[i], /\btls\)/.test(place)));
        return this;
    }

    get log() {
        return this.program.stderr;
    }

    /* Its counters, as it writes them to its log when asked. */
    async counters() {
        const before = this.log.length;
        this.program.kill('SIGUSR1');
        const [, json] = await this.program.until(
            () => /counters (\{.*\})\n/.exec(this.log.slice(before)), 'writes its counters');
        return JSON.parse(json);
    }

    /* End it as an operator would, and hold it to a clean end. */
    async stop() {
        if (this.program.status !== null)
            return;
        this.places?.forEach(follow);
        const status = await this.program.stop('SIGTERM');
        this.program.assertNoSanitizerReport();
        assert.deepStrictEqual(status, { code: 0, signal: null }, this.program.tail());
    }
}

function writeConfig(config) {
    const file = path.join(scratch(), 'config.json');
    fs.writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config, null, 4));
    return file;
}

function overTls(port) {
    return { listen: [`*:${port} tls`],
        tls: [{ certificate: path.join(TLS, 'certificate.pem'), key: path.join(TLS, 'key.pem') }] };
}

/*
 * Start a broker.
 *   config    settings for its configuration file
 *   port      default 0: any free one, see .port of the result; not with the setting "listen"
 *   args      more of the command line
 *   contract  start the contract application instead
 *   file      start this program instead
 */
function launchBroker({ config, port = 0, args = [], contract = false,
    file = contract ? CONTRACT : BROKER, env = {} } = {}) {
    assert.ok(file, 'no program to test: build it, or set SIOBROKER');
    if (TLS !== undefined && typeof config !== 'string')
        config = { ...overTls(port), ...config };
    const all = config?.listen === undefined ? ['--port', String(port), ...args] : [...args];
    if (CARRIER !== undefined && typeof config !== 'string')
        config = { carrier: CARRIER, ...config };
    if (config !== undefined)
        all.push('--config', writeConfig(config));
    return new Broker(file, all, { env: { ...process.env, ...env } });
}

/* The same, and wait until it accepts connections. */
function startBroker(options) {
    return launchBroker(options).listening();
}

/* Run the program to its end with these arguments: { code, signal, stdout, stderr }. */
function runBroker(args) {
    return run(BROKER, args);
}

module.exports = {
    ROOT, BROKER, Broker, CONTRACT, CHAT, REFERENCE, BEHIND, BETTER, NEEDS_CONTRACT,
    launchBroker, startBroker, runBroker, writeConfig,
};
