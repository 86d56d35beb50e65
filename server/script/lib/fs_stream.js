'use strict';
// fs.createReadStream(): the file is read whole, and told in parts as they are taken.

const {Buffer} = builtin('buffer');
const EventEmitter = builtin('events');
const {StringDecoder} = builtin('string_decoder');
const {nextTick} = builtin('timers');

const PART = 65536;

class ReadStream extends EventEmitter {
    constructor(path, {start = 0, end = Infinity, encoding} = {}, readFile) {
        super();
        Object.assign(this, {path, bytesRead: 0, readable: true, destroyed: false});
        this.isPaused = () => this.waits;
        this.waits = false; // for resume()
        if (encoding)
            this.setEncoding(encoding);
        readFile(path, (error, bytes) => {
            if (this.destroyed)
                return;
            if (error) {
                this.destroy(error);
                return;
            }
            this.rest = bytes.subarray(start, end + 1);
            this.emit('open', 0);
            this.emit('ready');
            this.flow();
        });
    }
    setEncoding(encoding = 'utf8') {
        this.decoder = new StringDecoder(encoding);
        return this;
    }
    flow() {
        while (!this.waits && !this.destroyed && this.rest.length > 0) {
            const part = this.rest.subarray(0, PART);

            this.rest = this.rest.subarray(part.length);
            this.bytesRead += part.length;
            this.emit('data', this.decoder ? this.decoder.write(part) : Buffer.from(part));
        }
        if (this.waits || this.destroyed)
            return;
        this.readable = false;
        this.emit('end');
        this.destroy();
    }
    pause() {
        this.waits = true;
        return this;
    }
    resume() {
        if (this.waits)
            nextTick(() => this.flow());
        this.waits = false;
        return this;
    }
    pipe(target) {
        this.on('data', (part) => {
            if (target.write(part) === false) {
                this.pause();
                target.once('drain', () => this.resume());
            }
        });
        this.on('end', () => target.end());
        return target;
    }
    destroy(error) {
        if (this.destroyed)
            return this;
        this.destroyed = true;
        if (error)
            this.emit('error', error);
        this.emit('close');
        return this;
    }
}

exports.ReadStream = ReadStream;
