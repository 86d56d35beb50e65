'use strict';
// A connection to Redis behind a client: what is asked before it is there waits.

const MAX_WAITING = 100000;

class Connection {
    // tell(what, more): "up"; "down", reason; "heard", [words]
    constructor(url, listens, tell) {
        this.url = url;
        this.listens = listens;
        this.tell = tell;
        this.waiting = [];
        this.nAwaited = 0;
        this.native = null;
        this.isUp = false;
    }
    open() {
        if (this.native !== null)
            return;
        native.wait(1); // the script goes on for it
        this.native = native.redis(this.url, this.listens,
            (what, more) => this.onNative(what, more));
    }
    onNative(what, more) {
        if (what === 'heard') {
            this.tell(what, more);
            return;
        }
        this.isUp = what === 'up';
        this.tell(what, more);
        if (this.isUp)
            for (const {words, fn, asBytes} of this.waiting.splice(0))
                this.send(words, fn, asBytes);
    }
    // fn(error, answer); of one that listens there is none.
    send(words, fn, asBytes = false) {
        if (!this.isUp) {
            if (this.waiting.length >= MAX_WAITING && fn)
                fn(new Error('too much waits for Redis'));
            else if (!this.listens) // it says anew what it listens to
                this.waiting.push({words, fn, asBytes});
            return;
        }
        this.nAwaited++;
        try {
            this.native.send(words, fn && ((error, answer) => {
                this.nAwaited--;
                fn(error, answer);
                this.closeWhenDone();
            }), asBytes);
        } catch (error) {
            this.nAwaited--;
            if (fn)
                fn(error);
        }
    }
    quit(fn) {
        this.done = fn;
        this.closeWhenDone();
    }
    closeWhenDone() {
        if (this.done && (this.listens || (this.nAwaited === 0 && this.waiting.length === 0))) {
            const {done} = this;

            this.done = undefined;
            this.close();
            done();
        }
    }
    close() {
        const left = this.waiting.splice(0);

        this.isUp = false;
        if (this.native !== null) {
            native.wait(-1);
            this.native.close();
            this.native = null;
        }
        for (const {fn} of left)
            if (fn)
                fn(new Error('The client is closed'));
    }
}

exports.Connection = Connection;
