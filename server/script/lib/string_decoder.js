'use strict';
// Module "string_decoder": text of bytes that come in pieces.

const {Buffer} = builtin('buffer');

// Bytes at the end that begin a character of UTF-8 without ending it.
function unfinished(bytes) {
    for (let n = 1; n <= Math.min(3, bytes.length); n++) {
        const byte = bytes[bytes.length - n];

        if (byte < 0x80)
            return 0;
        if (byte >= 0xc0)
            return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > n ? n : 0;
    }
    return 0;
}

exports.StringDecoder = class StringDecoder {
    constructor(encoding = 'utf8') {
        this.encoding = encoding;
        this.rest = Buffer.alloc(0);
    }
    write(bytes) {
        const all = Buffer.concat([this.rest, bytes]);
        const n = /^utf-?8$/i.test(this.encoding) ? unfinished(all) : 0;

        this.rest = all.subarray(all.length - n);
        return all.toString(this.encoding, 0, all.length - n);
    }
    end(bytes) {
        const text = (bytes ? this.write(bytes) : '') + this.rest.toString(this.encoding);

        this.rest = Buffer.alloc(0);
        return text;
    }
};
