'use strict';
// Module "https": servers with a key and a certificate, and requests.

const {Buffer} = builtin('buffer');
const http = builtin('http');

// What is told by settings of siobroker, since all ports of a program share it.
const ELSEWHERE = {pfx: '"tls", with files in PEM', passphrase: '"tls", with a key that has none',
    requestCert: '"tls client"', SNICallback: '"tls", a list', ciphers: '"tls ciphers"',
    minVersion: '"tls min version"'};

// One or several, each a text or bytes in PEM.
function fileOf(what, ...contents) {
    const parts = contents.flat().filter((one) => one !== undefined && one !== null);

    if (parts.length === 0)
        throw new Error(`https.createServer(): there is no "${what}"`);
    return native.openAnonymous(Buffer.concat(parts.map((one) =>
        Buffer.concat([Buffer.from(one), Buffer.from('\n')]))));
}

class Server extends http.Server {
    constructor(options, handler) {
        super(handler);
        const wrong = Object.keys(ELSEWHERE).find((key) => options && options[key]);

        if (wrong)
            throw new Error(`https.createServer(): "${wrong}" is not there: see the setting ` +
                ELSEWHERE[wrong]);
        const {key, cert, ca} = typeof options === 'object' && options ? options : {};

        this.isSecure = true;
        this.tls = {certificate: fileOf('cert', cert, ca), key: fileOf('key', key)};
    }
}

module.exports = {
    Server, Agent: http.Agent, globalAgent: http.globalAgent,
    createServer: (options, handler) => new Server(options, handler),
    request: (...args) => new http.ClientRequest('https:', args),
    get: (...args) => module.exports.request(...args).end(),
};
