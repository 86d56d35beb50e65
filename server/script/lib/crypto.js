'use strict';
// Module "crypto", as far as servers make tokens and check signatures: by OpenSSL.

const {Buffer, asBuffer} = builtin('buffer');

// Of a secret. Those with two halves are not here, as packages find out by trying.
class KeyObject {
    #bytes;

    constructor(bytes) {
        this.#bytes = Buffer.from(bytes);
        this.type = 'secret';
    }
    get symmetricKeySize() { return this.#bytes.length; }
    export() { return Buffer.from(this.#bytes); }
}

function noKeyPair() {
    throw new Error('there are no public and private keys here: of signatures, HMAC alone');
}

const bytesOf = (value, encoding) => typeof value === 'string' ? Buffer.from(value, encoding) : value;

// What is fed piece by piece, and then made by C at once.
class Digest {
    constructor(make) {
        this.make = make;
        this.parts = [];
    }
    update(value, encoding) {
        if (this.parts === null)
            throw new Error('Digest already called');
        this.parts.push(Buffer.from(bytesOf(value, encoding)));
        return this;
    }
    digest(encoding) {
        if (this.parts === null)
            throw new Error('Digest already called');
        const made = asBuffer(new Uint8Array(this.make(Buffer.concat(this.parts))));

        this.parts = null;
        return encoding && encoding !== 'buffer' ? made.toString(encoding) : made;
    }
}

exports.createHash = (name) => new Digest((bytes) => native.digest(name, bytes, undefined));
exports.createHmac = (name, key) =>
    new Digest((bytes) => native.digest(name, bytes,
        key instanceof KeyObject ? key.export() : bytesOf(key)));
Object.assign(exports, {KeyObject, createPrivateKey: noKeyPair, createPublicKey: noKeyPair,
    createSecretKey: (value, encoding) => new KeyObject(bytesOf(value, encoding))});
exports.randomBytes = function (n, done) {
    const bytes = asBuffer(new Uint8Array(native.random(n)));

    if (done)
        process.nextTick(done, null, bytes);
    return bytes;
};
exports.randomFillSync = function (buffer, from = 0, n = buffer.byteLength - from) {
    const bytes = ArrayBuffer.isView(buffer)
        ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
        : new Uint8Array(buffer);

    bytes.set(new Uint8Array(native.random(n)), from);
    return buffer;
};
exports.getRandomValues = (array) => exports.randomFillSync(array);
exports.randomUUID = function () {
    const bytes = exports.randomBytes(16);

    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
exports.randomInt = (from, to) => to === undefined ? exports.randomInt(0, from)
    : from + Number(exports.randomBytes(8).readBigUInt64BE() % BigInt(to - from));
exports.timingSafeEqual = function (a, b) {
    if (a.length !== b.length)
        throw new RangeError('Input buffers must have the same byte length');
    let differs = 0;

    for (let i = 0; i < a.length; i++)
        differs |= a[i] ^ b[i];
    return differs === 0;
};
