'use strict';
/*
 * certificates.js - an authority of one's own, and what it vouches for, made by openssl(1).
 *
 * They are made anew for each run, so that none is ever too old.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { run, scratch } = require('./program.js');

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

class Authority {
    constructor(name) {
        this.folder = scratch();
        this.name = name;
    }

    at(name) {
        return path.join(this.folder, name);
    }

    async openssl(...args) {
        const { code, stderr } = await run('openssl', args);
        assert.strictEqual(code, 0, `openssl ${args.join(' ')}: ${stderr}`);
    }

    async begin() {
        this.file = this.at('ca.pem');
        await this.openssl('req', '-x509', '-subj', `/CN=${this.name}`, '-days', '2', ...NEW_KEY,
            '-keyout', this.at('ca.key'), '-out', this.file);
        return this;
    }

    /*
     * { certificate, key }, which are paths. extension: as of openssl, "subjectAltName=..."; days:
     * that it is good for, -1: it has expired.
     */
    async vouchFor(name, extension = 'basicConstraints=CA:FALSE', days = 2) {
        const [key, request, certificate] =
            ['key', 'csr', 'pem'].map((ending) => this.at(`${name}.${ending}`));
        fs.writeFileSync(this.at('extension'), extension);
        await this.openssl('req', '-subj', `/CN=${name}`, ...NEW_KEY, '-keyout', key,
            '-out', request);
        await this.openssl('x509', '-req', '-in', request, '-CA', this.file,
            '-CAkey', this.at('ca.key'), '-CAcreateserial', '-days', String(days),
            '-extfile', this.at('extension'), '-out', certificate);
        return { certificate, key };
    }
}

/*
 * Settings of a broker with a listener for TLS, on a free port: { listen, tls }, for the names. One
 * authority, of this file, vouches for all of a process.
 */
let shared;

async function authorityFile() {
    shared ??= new Authority('siobroker tests').begin();
    return (await shared).file;
}

async function tlsConfig({ names = ['localhost'], listen = ['127.0.0.1:0 tls'] } = {}) {
    await authorityFile();
    const authority = await shared;
    const tls = [];
    for (const name of names)
        tls.push(await authority.vouchFor(name,
            `subjectAltName=DNS:${name},IP:127.0.0.1`));
    return { listen, tls };
}

module.exports = { Authority, authorityFile, tlsConfig };
