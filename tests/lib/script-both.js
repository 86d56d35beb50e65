'use strict';
/*
 * script-both.js - the same program in JavaScript, on Node and as a script of siobroker.
 *
 * A program that listens writes "port N\n" to its standard output when it does.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { Program, scratch } = require('./program.js');
const { follow } = require('./tcp.js');
const { BROKER } = require('./server.js');

/* What runs a script: the command with its first arguments. */
const RUNTIMES = { node: [process.execPath], siobroker: [BROKER] };

/* A folder with these files, by name. */
function folderOf(files) {
    const folder = scratch('siobroker-script-');
    for (const [name, content] of Object.entries(files)) {
        fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        fs.writeFileSync(path.join(folder, name), content);
    }
    return folder;
}

class Script {
    constructor(runtime, file, args = [], options = {}) {
        const [command, ...first] = RUNTIMES[runtime];
        this.runtime = runtime;
        this.program = new Program(command, [...first, file, ...args],
            { cwd: path.dirname(file), ...options });
    }
    async listening() {
        const [, port] = await this.program.said(/^port (\d+)$/m);
        this.port = Number(port);
        this.url = `http://127.0.0.1:${port}`;
        return this;
    }
    async stop() {
        if (this.program.status !== null)
            return;
        if (this.port)
            follow(this.port);
        const status = await this.program.stop('SIGTERM');
        this.program.assertNoSanitizerReport();
        if (this.runtime === 'siobroker')
            assert.deepStrictEqual(status, { code: 0, signal: null }, this.program.tail());
    }
}

/* Start one that listens; files: beside app.js, which is the source. */
function startScript(runtime, source, { args, files = {} } = {}) {
    const folder = folderOf({ ...files, 'app.js': source });
    return new Script(runtime, path.join(folder, 'app.js'), args).listening();
}

/* Run one to its end: { code, signal, stdout, stderr }. */
async function runScript(runtime, source, { args, files = {}, env } = {}) {
    const folder = folderOf({ ...files, 'app.js': source });
    const options = env && { env: { ...process.env, ...env } };
    const { program } = new Script(runtime, path.join(folder, 'app.js'), args, options);
    const status = await program.ended();
    program.assertNoSanitizerReport();
    return { ...status, stdout: program.stdout, stderr: program.stderr, folder };
}

module.exports = { RUNTIMES, folderOf, startScript, runScript };
