'use strict';
/* load.js - a client that asks at a steady rate, whatever happens, and must get every answer. */

const assert = require('node:assert');
const { within } = require('./deadline.js');
const { assertComplete } = require('./sequence.js');

const PATIENCE_MS = 120000;
const SERVED_MS = 1000;

class Load {
    /* Begin to ask, each everyMs. */
    constructor(roamer, everyMs) {
        this.roamer = roamer;
        this.asked = 0;
        this.answered = [];
        this.slowestMs = 0;
        this.everyMs = everyMs;
        this.lastMs = Date.now();
        this.latestMs = 0;          /* how late a question was asked, at most: the machine's load */
        this.failure = null;
        this.under = new Set();     /* questions without an answer yet */
        this.timer = setInterval(() => this.ask(), everyMs).unref();
    }

    ask() {
        if (this.failure !== null)
            return;
        const start = Date.now();
        this.latestMs = Math.max(this.latestMs, start - this.lastMs - this.everyMs);
        this.lastMs = start;
        const question = this.roamer.ask('echo', [this.asked++], { ms: PATIENCE_MS })
            .then(([number]) => {
                this.answered.push(number);
                this.slowestMs = Math.max(this.slowestMs, Date.now() - start);
            }, (error) => {
                this.failure = this.failure || error;
            })
            .finally(() => this.under.delete(question));
        this.under.add(question);
    }

    /* Ask no more. All that was asked must be answered: once, in order. */
    async stop(ms = 30000) {
        clearInterval(this.timer);
        await within(Promise.all(this.under), `${this.roamer}: all answers`, ms,
            () => `; ${this.answered.length} of ${this.asked} came`);
        assert.ifError(this.failure);
        assertComplete(this.answered, this.asked, `${this.roamer}: answers`);
        return this;
    }

    /*
     * The same for one who is served by its own instance, which never lets it wait. On a busy
     * machine all are late: this program, the instance, and a proxy between them.
     */
    async assertServed() {
        await this.stop();
        assert.ok(this.slowestMs < SERVED_MS + 4 * this.latestMs,
            `${this.roamer} waited ${this.slowestMs} ms, asked up to ${this.latestMs} ms late`);
    }
}

module.exports = { Load };
