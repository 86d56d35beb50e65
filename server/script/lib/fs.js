'use strict';
// Module "fs", as far as servers read and write files: each word with a callback, as ...Sync, and
// in fs.promises. All is done at once; a callback comes later all the same.

const {Buffer, asBuffer} = builtin('buffer');
const {ReadStream} = builtin('fs_stream');
const {nextTick} = builtin('timers');

const KIND = 0o170000, FOLDER = 0o040000, FILE = 0o100000;

class Stats {
    constructor({mode, size, mtimeMs}) {
        Object.assign(this, {mode, size, mtimeMs, mtime: new Date(mtimeMs)});
    }
    isFile() { return (this.mode & KIND) === FILE; }
    isDirectory() { return (this.mode & KIND) === FOLDER; }
    isSymbolicLink() { return false; }
}

function noEntry(what, path) {
    return Object.assign(new Error(`ENOENT: no such file or directory, ${what} '${path}'`),
        {code: 'ENOENT', errno: -2, syscall: what, path});
}

const encodingOf = (options) => typeof options === 'string' ? options : options && options.encoding;

function bytesToWrite(data, options) {
    const bytes = typeof data === 'string' ? Buffer.from(data, encodingOf(options) || 'utf8') : data;

    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

const now = {
    readFile(path, options) {
        const bytes = asBuffer(new Uint8Array(native.readFile(String(path))));
        const encoding = encodingOf(options);

        return encoding ? bytes.toString(encoding) : bytes;
    },
    writeFile(path, data, options) {
        native.writeFile(String(path), bytesToWrite(data, options), Boolean(options &&
            options.flag === 'a'));
    },
    appendFile(path, data, options) {
        native.writeFile(String(path), bytesToWrite(data, options), true);
    },
    stat(path) {
        const is = native.stat(String(path));

        if (is === undefined)
            throw noEntry('stat', path);
        return new Stats(is);
    },
    access(path) {
        if (native.stat(String(path)) === undefined)
            throw noEntry('access', path);
    },
    readdir(path) { return native.readFolder(String(path)).sort(); },
    unlink(path) { native.remove(String(path)); },
    realpath(path) {
        const is = native.realPath(String(path));

        if (is === undefined)
            throw noEntry('realpath', path);
        return is;
    },
};
now.lstat = now.stat;

exports.promises = {};
for (const word of Object.keys(now)) {
    exports[word + 'Sync'] = now[word];
    exports.promises[word] = async (...args) => now[word](...args);
    exports[word] = function (...args) {
        const done = args.pop();

        if (typeof done !== 'function')
            throw new TypeError('The "cb" argument must be of type function. Received ' +
                typeof done);
        try {
            const value = now[word](...args);

            nextTick(done, null, value);
        } catch (error) {
            nextTick(done, error);
        }
    };
}

exports.existsSync = (path) => native.stat(String(path)) !== undefined;
exports.exists = (path, done) => nextTick(done, exports.existsSync(path));
for (const word of ['chmod', 'chown', 'close', 'copyFile', 'cp', 'createWriteStream', 'fstat',
    'fsync', 'link', 'mkdir', 'mkdtemp', 'open', 'opendir', 'read', 'rename', 'rm', 'rmdir',
    'symlink', 'truncate', 'unwatchFile', 'utimes', 'watch', 'watchFile', 'write']) {
    const isMissing = (name) => function () {
        throw new Error(`fs.${name}() is not there. These are: ${Object.keys(now).join(', ')}, ` +
            'each with a callback, with Sync behind it, and in fs.promises; exists; ' +
            'createReadStream');
    };

    exports[word] = isMissing(word);
    if (!/create|watch/i.test(word))
        exports[word + 'Sync'] = isMissing(word + 'Sync');
}

exports.constants = {F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1};

exports.ReadStream = ReadStream;
exports.createReadStream = (path, options) => new ReadStream(path,
    typeof options === 'string' ? {encoding: options} : options || {}, exports.readFile);
