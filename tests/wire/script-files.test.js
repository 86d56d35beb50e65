'use strict';
/* Module "fs" of scripts: what is wrong with a file is said in Node's words. */

const assert = require('node:assert');
const { test } = require('node:test');
const { BETTER } = require('../lib/server.js');
const { RUNTIMES, runScript } = require('../lib/script-both.js');

const PROGRAM = `
const fs = require('fs');
const said = (error) => console.log(error.code, error.errno, error.syscall, error.path, error.message);
for (const fn of [() => fs.readFileSync('/none'), () => fs.statSync('/none'),
    () => fs.readdirSync('/none'), () => fs.unlinkSync('/none'), () => fs.accessSync('/none'),
    () => fs.writeFileSync('/none/x', 'a'), () => fs.readdirSync(__filename),
    () => fs.readFileSync(__filename + '/x'), () => fs.readFileSync('/' + 'x'.repeat(300))]) {
    try {
        fn();
    } catch (error) {
        said(error);
    }
}
fs.readFile('/none', (error) => {
    said(error);
    fs.promises.readFile('/none').catch(said);
});
`;

test('errors of files are those of Node', BETTER, async () => {
    const printed = {};
    for (const runtime of Object.keys(RUNTIMES))
        printed[runtime] = (await runScript(runtime, PROGRAM)).stdout
            .replace(/\/\S*\/siobroker-script-[^/]*/g, 'FOLDER');
    assert.strictEqual(printed.siobroker, printed.node);
    assert.match(printed.node, /^ENOENT -2 open \/none ENOENT: no such file or directory/);
});
