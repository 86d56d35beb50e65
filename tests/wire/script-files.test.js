'use strict';
/* Module "fs" of scripts: what is wrong with a file is said in Node's words. */

const assert = require('node:assert');
const { test } = require('node:test');
const { BETTER } = require('../lib/server.js');
const http = require('../lib/http.js');
const { RUNTIMES, runScript, startScript } = require('../lib/script-both.js');

/* More than one write takes, in characters of several bytes. */
const LARGE = 'a caf\u00e9, '.repeat(300000);

const PROGRAM = `
const fs = require('fs');
const said = (error) => console.log(error.code, error.errno, error.syscall, error.path, error.message);
for (const fn of [() => fs.readFileSync('/none'), () => fs.statSync('/none'),
    () => fs.readdirSync('/none'), () => fs.unlinkSync('/none'), () => fs.accessSync('/none'),
    () => fs.writeFileSync('/none/x', 'a'), () => fs.readdirSync(__filename),
    () => fs.readFileSync(__filename + '/x'), () => fs.readFileSync(__dirname),
    () => fs.readFileSync('/' + 'x'.repeat(300))]) {
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

test('a file goes to an answer by createReadStream()', BETTER, async () => {
    for (const runtime of Object.keys(RUNTIMES)) {
        const script = await startScript(runtime, `
            const fs = require('fs');
            require('http').createServer((req, res) => {
                const options = req.url === '/part' ? { start: 2, end: 4 } : undefined;
                const stream = fs.createReadStream(req.url === '/none' ? '/none' : 'file', options);
                stream.on('error', (error) => { res.statusCode = 404; res.end(error.message); });
                stream.on('open', () => res.setHeader('X-Opened', 'yes'));
                if (req.url === '/text') {
                    let text = '';
                    stream.setEncoding('utf8');
                    stream.on('data', (part) => { text += typeof part === 'string' ? part : '?'; });
                    stream.on('end', () => res.end(text));
                } else {
                    stream.pipe(res);
                }
            }).listen(0, '127.0.0.1', function () {
                process.stdout.write('port ' + this.address().port + '\\n');
            });`, { files: { file: LARGE } });
        const whole = await http.get(script.port, '/whole');
        assert.strictEqual(whole.text, LARGE);
        assert.strictEqual(whole.get('x-opened'), 'yes');
        assert.strictEqual((await http.get(script.port, '/part')).text, LARGE.slice(2, 5));
        assert.strictEqual((await http.get(script.port, '/text')).text, LARGE);
        const none = await http.get(script.port, '/none');
        assert.strictEqual(none.status, 404);
        assert.match(none.text, /^ENOENT: no such file or directory, open '\/none'$/);
        await script.stop();
    }
});

test('words that are not there say which are', BETTER, async () => {
    const { code, stderr } = await runScript('siobroker',
        '\nrequire("fs").watchFile("app.js", () => {});');
    assert.strictEqual(code, 1);
    assert.match(stderr, /Error: fs\.watchFile\(\) is not there\. These are: readFile, .*Stream/);
    assert.match(stderr, /at .*app\.js:2:/);
});
