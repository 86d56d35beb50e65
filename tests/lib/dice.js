'use strict';
/* dice.js - numbers that look random, and that a seed repeats (mulberry32). */

class Dice {
    constructor(seed) {
        this.state = seed;
    }

    float() {
        this.state = (this.state + 0x6d2b79f5) | 0;
        let x = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
        x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
        return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
    }

    below(n) {
        return Math.floor(this.float() * n);
    }

    chance(probability) {
        return this.float() < probability;
    }

    pick(list) {
        return list[this.below(list.length)];
    }

    bytes(n) {
        return Buffer.from(Array.from({ length: n }, () => this.below(256)));
    }
}

module.exports = { Dice };
