'use strict';
// Module "fs", as far as servers read and write files: each word with a callback, as ...Sync, and
// in fs.promises. All is done at once; a callback comes later all the same.

const {Buffer, asBuffer} = builtin('buffer');
const EventEmitter = builtin('events');
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
exports.constants = {F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1};

// The whole file in one piece: for pages, which are small.
exports.createReadStream = function (path, options) {
    const stream = new EventEmitter();
    const encoding = encodingOf(options);

    stream.setEncoding = stream.resume = () => stream;
    stream.pipe = function (target) {
        stream.on('data', (bytes) => target.write(bytes));
        stream.on('end', () => target.end());
        return target;
    };
    exports.readFile(path, encoding, function (error, bytes) {
        if (error) {
            stream.emit('error', error);
            return;
        }
        stream.emit('open', 0);
        stream.emit('data', bytes);
        stream.emit('end');
        stream.emit('close');
    });
    return stream;
};
