'use strict';
/*
 * outbox.js - all that the application tells the broker, in the order in which it does.
 *
 * Applications rely on that order: who has just joined gets the history first and then what is
 * said after it, each once. So there is one queue for the whole process, and each entry begins when
 * the one before it has been done:
 *
 *   commands      travel together, up to 1,000 in a request; the next request waits for its answer
 *   acceptances   are answers to webhooks. Nothing says that the broker has read one, therefore the
 *                 API is asked whether the socket is there before anything follows
 *   questions     wait for clients, so nobody waits for their answers; but what follows waits until
 *                 the broker has surely read them
 */

const MAX_COMMANDS = 1000;
const MAX_BYTES = 900000;       /* of a request; "max body" of the API is 1,000,000 */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const ATTEMPTS = 3;             /* to find a socket that was accepted */

/* Asks for nothing: its answer tells that the broker has read what was sent before. */
const PROBE = { do: 'count', to: '-', local: true };

/* Why a command may come too late, which is nobody's fault. */
const LATE = new Set(['ack_unknown', 'socket_unknown', 'no_answer']);

const tooMuch = (name) => new Error(`the broker is away or slow: a "${name}" is dropped`);

class Outbox {
    /* complain(error) hears of what the broker has refused. */
    constructor(api, complain) {
        this.api = api;
        this.complain = complain;
        this.entries = [];
        this.n_bytes = 0;
        this.isWorking = false;
    }

    push(entry, bytes = 0) {
        this.entries.push({ waiters: [], bytes, ...entry });
        this.n_bytes += bytes;
        if (!this.isWorking) {
            this.isWorking = true;
            /* What the same turn says travels together. */
            setImmediate(() => this.work());
        }
    }

    command(command) {
        const text = JSON.stringify(command);
        if (this.hasRoom(text))
            this.push({ run: 'commands', text }, text.length);
        else
            this.complain(tooMuch(command.do));
    }

    hasRoom(text) {
        return this.n_bytes + text.length <= MAX_QUEUED_BYTES;
    }

    /* Resolves with the result, also of a question that clients answer. */
    ask(name, members) {
        const text = JSON.stringify(members);
        if (!this.hasRoom(text))
            return Promise.reject(tooMuch(name));
        return new Promise((resolve, reject) => {
            this.push({ run: 'questions', name, text, resolve, reject }, text.length);
        });
    }

    /*
     * send(): writes the answer that accepts the socket; resolves with false if nobody reads it.
     * Resolves with whether the socket is there.
     */
    accept(send, namespace, id) {
        return new Promise((resolve) => {
            this.push({ run: 'acceptances', send, namespace, id, resolve });
        });
    }

    /* Resolves when all that is there now has been done. */
    done() {
        const last = this.entries.at(-1) || this.last;
        return last && this.isWorking ? new Promise((resolve) => { last.waiters.push(resolve); })
            : Promise.resolve();
    }

    /* The first entries that can be done together. */
    take() {
        const { run } = this.entries[0];
        let n = 0;
        for (let bytes = 0; n < this.entries.length && n < MAX_COMMANDS; n++) {
            bytes += this.entries[n].bytes + 1;
            if (this.entries[n].run !== run || (n > 0 && bytes > MAX_BYTES))
                break;
        }
        return this.entries.splice(0, n);
    }

    async work() {
        while (this.entries.length > 0) {
            const taken = this.take();
            this.last = taken.at(-1);
            try {
                await this[this.last.run](taken);
            } catch (error) {
                this.complain(error);
            }
            for (const { bytes, waiters } of taken) {
                this.n_bytes -= bytes;
                waiters.forEach((resolve) => resolve());
            }
        }
        this.last = null;
        this.isWorking = false;
    }

    async batch(texts) {
        const { results } = await this.api.post('batch', `{"commands":[${texts.join()}]}`);
        return results;
    }

    async commands(taken) {
        for (const { error } of await this.batch(taken.map(({ text }) => text)))
            if (error && !LATE.has(error.code))
                this.complain(Object.assign(new Error(error.message), error));
    }

    async acceptances(taken) {
        const sent = await Promise.all(taken.map(({ send }) => send()));
        let missing = taken.filter((entry, i) => sent[i] || entry.resolve(false));
        for (let i = 0; i < ATTEMPTS && missing.length > 0; i++)
            missing = await this.find(missing);
        missing.forEach(({ resolve }) => resolve(false));
    }

    /* Tell those that are there; returns the others. */
    async find(missing) {
        const counts = await this.batch(missing.map(({ namespace, id }) =>
            JSON.stringify({ do: 'count', namespace, to: id })));
        const isThere = ({ sockets, error }) => sockets > 0 || error;
        missing.forEach(({ resolve }, i) => isThere(counts[i]) && resolve(true));
        return missing.filter((entry, i) => !isThere(counts[i]));
    }

    async questions(taken) {
        await Promise.all(taken.map(({ name, text, resolve, reject }) => new Promise((sent) => {
            this.api.post(name, text, sent).then(resolve, reject).finally(sent);
        })));
        await this.batch([JSON.stringify(PROBE)]);
    }
}

module.exports = { Outbox };
