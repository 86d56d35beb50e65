'use strict';
/*
 * script.js - programs for `siobroker FILE.js`, written into a folder of their own; and the same on
 * Node, for what both have to do.
 */

const fs = require('node:fs');
const path = require('node:path');
const { Program, run, scratch } = require('./program.js');
const { BROKER, Broker } = require('./server.js');

/* A folder with these files, by their names: texts, or objects for JSON; links: {name: target}. */
function folderOf(files, links = {}) {
    const folder = fs.realpathSync(scratch());
    for (const [name, content] of Object.entries(files)) {
        const file = path.join(folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    }
    for (const [name, target] of Object.entries(links)) {
        fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        fs.symlinkSync(target, path.join(folder, name));
    }
    return folder;
}

/*
 * Run app.js of these files, or `main`, to its end: { code, signal, stdout, stderr, folder }.
 *   options   of siobroker, before the file
 *   args      behind it
 */
async function runScript(files, { main = 'app.js', options = [], args = [], links } = {}) {
    const folder = folderOf(typeof files === 'string' ? { [main]: files } : files, links);
    const ended = await run(BROKER, [...options, main, ...args], { cwd: folder });
    return { ...ended, folder };
}

/* The same on Node, in the same folder: what it prints. */
function runInNode(folder, main = 'app.js') {
    return run(process.execPath, ['--no-warnings', main], { cwd: folder });
}

/* Start it and leave it running: a Program. */
function startScript(files, { main = 'app.js', options = [], args = [] } = {}) {
    const folder = folderOf(typeof files === 'string' ? { [main]: files } : files);
    const program = new Program(BROKER, [...options, main, ...args], { cwd: folder });
    program.folder = folder;
    return program;
}

/* The same of one that listens on any free port: a Broker. */
function listenScript(files, { main = 'app.js', options = [] } = {}) {
    const folder = folderOf(typeof files === 'string' ? { [main]: files } : files);
    return new Broker(BROKER, ['--port', '0', '--host', '127.0.0.1', ...options, main],
        { cwd: folder }).listening();
}

module.exports = { folderOf, runScript, runInNode, startScript, listenScript };
