'use strict';
// Module "stream": the class that old packages inherit from. Of the others it says that they are
// not there, when one is made.

const EventEmitter = builtin('events');

function Stream() { EventEmitter.call(this); }

Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype);
Stream.prototype.pipe = function (target) {
    this.on('data', (part) => {
        if (target.write(part) === false && this.pause) {
            this.pause();
            target.once('drain', () => this.resume());
        }
    });
    this.on('end', () => target.end());
    return target;
};

module.exports = Object.assign(Stream, {Stream});
for (const name of ['Duplex', 'PassThrough', 'Readable', 'Transform', 'Writable'])
    Stream[name] = function () {
        throw new Error(`stream.${name} is not there: there are streams in fs and http alone. ` +
            'What needs others can run in Node, as a backend: see backends.md in the manual');
    };
