'use strict';
// The global Buffer, on Uint8Array, and module "buffer".

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...ALPHABET, '-', '_'].map((c, i) => [c, i < 64 ? i : i - 2]));

// --- Encodings: bytes of a text, and text of bytes. ---

function fromHex(text) {
    const n = text.length >> 1;
    const bytes = new Uint8Array(n);

    for (let i = 0; i < n; i++) {
        const value = parseInt(text.slice(2 * i, 2 * i + 2), 16);
        if (Number.isNaN(value))
            return bytes.subarray(0, i);
        bytes[i] = value;
    }
    return bytes;
}

function toHex(bytes) {
    let text = '';

    for (const byte of bytes)
        text += (byte < 16 ? '0' : '') + byte.toString(16);
    return text;
}

// Of both alphabets; what is in neither is skipped, as in Node.
function fromBase64(text) {
    const bytes = new Uint8Array(Math.ceil(text.length * 3 / 4));
    let n = 0, bits = 0, held = 0;

    for (const c of text) {
        if (c === '=')
            break;
        const value = VALUES.get(c);
        if (value === undefined)
            continue;
        held = (held << 6 | value) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[n++] = held >> bits & 0xff;
        }
    }
    return bytes.subarray(0, n);
}

function toBase64(bytes) {
    let text = '';

    for (let i = 0; i < bytes.length; i += 3) {
        const n = bytes.length - i;
        const three = bytes[i] << 16 | (n > 1 ? bytes[i + 1] << 8 : 0) | (n > 2 ? bytes[i + 2] : 0);

        text += ALPHABET[three >> 18] + ALPHABET[three >> 12 & 63] +
            (n > 1 ? ALPHABET[three >> 6 & 63] : '=') + (n > 2 ? ALPHABET[three & 63] : '=');
    }
    return text;
}

const toUrl = (text) => text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const fromUnits = (text, mask) => Uint8Array.from(text, (c) => c.charCodeAt(0) & mask);

function toLatin1(bytes, mask = 0xff) {
    let text = '';

    for (let i = 0; i < bytes.length; i += 4096)
        text += String.fromCharCode(...bytes.subarray(i, i + 4096).map((byte) => byte & mask));
    return text;
}

function fromUtf16(text) {
    const bytes = new Uint8Array(2 * text.length);

    for (let i = 0; i < text.length; i++) {
        bytes[2 * i] = text.charCodeAt(i) & 0xff;
        bytes[2 * i + 1] = text.charCodeAt(i) >> 8;
    }
    return bytes;
}

function toUtf16(bytes) {
    let text = '';

    for (let i = 0; i + 1 < bytes.length; i += 2)
        text += String.fromCharCode(bytes[i] | bytes[i + 1] << 8);
    return text;
}

const UTF8 = {
    from: (text) => new Uint8Array(native.bytesOfText(text)),
    to: (bytes) => native.textOfBytes(bytes.buffer, bytes.byteOffset, bytes.byteLength),
};
const LATIN1 = {from: (text) => Uint8Array.from(text, (c) => c.charCodeAt(0)), to: toLatin1};
const UTF16 = {from: fromUtf16, to: toUtf16};
const encodings = {
    'utf8': UTF8, 'utf-8': UTF8, 'latin1': LATIN1, 'binary': LATIN1,
    'ascii': {from: (text) => fromUnits(text, 0xff), to: (bytes) => toLatin1(bytes, 0x7f)},
    'hex': {from: fromHex, to: toHex},
    'base64': {from: fromBase64, to: toBase64},
    'base64url': {from: fromBase64, to: (bytes) => toUrl(toBase64(bytes))},
    'ucs2': UTF16, 'ucs-2': UTF16, 'utf16le': UTF16, 'utf-16le': UTF16,
};

function encodingOf(name = 'utf8') {
    const encoding = encodings[String(name).toLowerCase()];

    if (encoding === undefined)
        throw new TypeError(`Unknown encoding: ${name}`);
    return encoding;
}

// --- Buffer. ---

function asBuffer(bytes) {
    return Object.setPrototypeOf(bytes, Buffer.prototype);
}

class BufferClass extends Uint8Array {
    toString(encoding, from = 0, to = this.length) {
        return encodingOf(encoding).to(this.subarray(Math.max(0, from), to));
    }
    toJSON() { return {type: 'Buffer', data: [...this]}; }
    [Symbol.for('nodejs.util.inspect.custom')]() {
        return `<Buffer ${toHex(this.subarray(0, 50)).replace(/..\B/g, '$& ')}` +
            `${this.length > 50 ? ` ... ${this.length - 50} more bytes` : ''}>`;
    }
    slice(from, to) { return this.subarray(from, to); }
    equals(other) { return Buffer.compare(this, other) === 0; }
    compare(other) { return Buffer.compare(this, other); }
    copy(target, at = 0, from = 0, to = this.length) {
        const part = this.subarray(from, Math.min(to, from + target.length - at));

        target.set(part, at);
        return part.length;
    }
    write(text, at = 0, length = undefined, encoding = undefined) {
        if (typeof at === 'string')
            [at, encoding] = [0, at];
        else if (typeof length === 'string')
            [length, encoding] = [undefined, length];
        const bytes = encodingOf(encoding).from(text)
            .subarray(0, Math.min(this.length - at, length === undefined ? Infinity : length));

        this.set(bytes, at);
        return bytes.length;
    }
    fill(value, from = 0, to = this.length, encoding = 'utf8') {
        if (typeof value === 'string')
            value = encodingOf(encoding).from(value);
        if (typeof value === 'number' || value.length === 0) {
            super.fill(typeof value === 'number' ? value : 0, from, to);
            return this;
        }
        for (let i = from; i < to; i++)
            this[i] = value[(i - from) % value.length];
        return this;
    }
    indexOf(what, from = 0, encoding = 'utf8') {
        if (typeof what === 'number')
            return super.indexOf(what, from);
        const bytes = typeof what === 'string' ? encodingOf(encoding).from(what) : what;

        for (let i = from; i + bytes.length <= this.length; i++)
            if (bytes.every((byte, k) => this[i + k] === byte))
                return i;
        return -1;
    }
    includes(what, from, encoding) { return this.indexOf(what, from, encoding) >= 0; }
}

// readUInt16BE(at), writeInt32LE(value, at) and so on.
for (const [word, method, size] of [['UInt8', 'Uint8', 1], ['Int8', 'Int8', 1],
    ['UInt16', 'Uint16', 2], ['Int16', 'Int16', 2], ['UInt32', 'Uint32', 4], ['Int32', 'Int32', 4],
    ['Float', 'Float32', 4], ['Double', 'Float64', 8], ['BigInt64', 'BigInt64', 8],
    ['BigUInt64', 'BigUint64', 8]])
    for (const end of size === 1 ? [''] : ['BE', 'LE']) {
        const viewOf = (b) => new DataView(b.buffer, b.byteOffset, b.byteLength);
        const isLittle = end === 'LE';

        BufferClass.prototype[`read${word}${end}`] = function (at = 0) {
            return viewOf(this)[`get${method}`](at, isLittle);
        };
        BufferClass.prototype[`write${word}${end}`] = function (value, at = 0) {
            viewOf(this)[`set${method}`](at, value, isLittle);
            return at + size;
        };
    }

// Called by Uint8Array as well: subarray() makes new Buffer(its ArrayBuffer, from, length).
function Buffer(value, encoding, length) {
    return typeof value === 'number' ? Buffer.alloc(value) : Buffer.from(value, encoding, length);
}
Buffer.prototype = BufferClass.prototype;
Buffer.prototype.constructor = Buffer;
Object.setPrototypeOf(Buffer, Uint8Array);

Object.assign(Buffer, {
    poolSize: 8192,
    from(value, encoding, length) {
        if (typeof value === 'string')
            return asBuffer(encodingOf(encoding).from(value));
        if (value instanceof ArrayBuffer)
            return asBuffer(new Uint8Array(value, encoding, length));
        if (value && value.type === 'Buffer' && Array.isArray(value.data))
            return asBuffer(Uint8Array.from(value.data));
        if (typeof value === 'object' && value !== null)
            return asBuffer(Uint8Array.from(value));
        throw new TypeError('The first argument must be of type string or an instance of Buffer, ' +
            `ArrayBuffer, or Array or an Array-like Object. Received ${typeof value}`);
    },
    alloc(size, value, encoding) {
        const made = asBuffer(new Uint8Array(size));

        return value === undefined ? made : made.fill(value, 0, size, encoding);
    },
    allocUnsafe: (size) => asBuffer(new Uint8Array(size)),
    isBuffer: (value) => value instanceof Buffer,
    isEncoding: (name) => Object.hasOwn(encodings, String(name).toLowerCase()),
    byteLength: (value, encoding) => typeof value === 'string'
        ? encodingOf(encoding).from(value).length : value.byteLength,
    concat(list, length = list.reduce((n, one) => n + one.length, 0)) {
        const whole = Buffer.alloc(length);
        let at = 0;

        for (const one of list) {
            whole.set(one.subarray(0, length - at), at);
            at = Math.min(length, at + one.length);
        }
        return whole;
    },
    compare(a, b) {
        for (let i = 0; i < Math.min(a.length, b.length); i++)
            if (a[i] !== b[i])
                return a[i] < b[i] ? -1 : 1;
        return Math.sign(a.length - b.length);
    },
});
Buffer.allocUnsafeSlow = Buffer.allocUnsafe;
Buffer.of = (...bytes) => Buffer.from(bytes);

class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(text = '') { return UTF8.from(String(text)); }
}

class TextDecoder {
    get encoding() { return 'utf-8'; }
    decode(bytes = new Uint8Array(0)) {
        return UTF8.to(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes);
    }
}

module.exports = {Buffer, TextEncoder, TextDecoder, kMaxLength: 2 ** 31 - 1,
    atob: (text) => toLatin1(fromBase64(text)),
    btoa: (text) => toBase64(LATIN1.from(text)), asBuffer};
