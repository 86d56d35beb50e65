'use strict';
/*
 * proxy-header.js - headers of the PROXY protocol, as a proxy writes them ("The PROXY protocol,
 * versions 1 & 2", sections 2.1 and 2.2).
 */

const { isIPv6 } = require('node:net');

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const PROXY = 0x21, LOCAL = 0x20;
const UNSPEC = 0x00, TCP4 = 0x11, TCP6 = 0x21, UNIX = 0x31;
const CRC32C = 3;

/* Version 1: a line. */
function v1(address, port = 4711) {
    const [family, to] = isIPv6(address) ? ['TCP6', '::1'] : ['TCP4', '192.0.2.1'];
    return Buffer.from(`PROXY ${family} ${address} ${to} ${port} 443\r\n`, 'latin1');
}

/* The bytes of an address; groups of IPv6 may be left out by "::". */
function bytesOf(address) {
    if (!isIPv6(address))
        return Buffer.from(address.split('.').map(Number));
    const [front, back = ''] = address.split('::');
    const groups = (half) => half.split(':').filter((group) => group !== '');
    const [first, last] = [groups(front), groups(back)];
    const zeros = Array(8 - first.length - last.length).fill('0');
    return Buffer.concat([...first, ...zeros, ...last].map((group) => {
        const two = Buffer.alloc(2);
        two.writeUInt16BE(parseInt(group, 16));
        return two;
    }));
}

const tlv = (type, value) => Buffer.concat([Buffer.from([type, value.length >> 8,
    value.length & 255]), value]);

/* CRC32c of RFC 3720, appendix B.4. */
function crc32c(bytes) {
    let crc = 0xffffffff;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++)
            crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return (crc ^ 0xffffffff) >>> 0;
}

/*
 * Version 2.
 *   address, port   of the client; without one the header has none, as of family UNSPEC
 *   command         PROXY or LOCAL
 *   family, block   other than those of the address
 *   tlvs            what follows
 *   crc             end with a checksum
 */
function v2({ address, port = 4711, command = PROXY, family, block, tlvs = [], crc = false }) {
    const ports = Buffer.from([port >> 8, port & 255, 443 >> 8, 443 & 255]);
    const six = address !== undefined && isIPv6(address);
    if (family === undefined)
        family = address === undefined ? UNSPEC : six ? TCP6 : TCP4;
    if (block === undefined)
        block = address === undefined ? Buffer.alloc(0)
            : Buffer.concat([bytesOf(address), bytesOf(six ? '::1' : '192.0.2.1'), ports]);
    const rest = Buffer.concat([block, ...tlvs, ...(crc ? [tlv(CRC32C, Buffer.alloc(4))] : [])]);
    const header = Buffer.concat([SIGNATURE,
        Buffer.from([command, family, rest.length >> 8, rest.length & 255]), rest]);
    if (crc)
        header.writeUInt32BE(crc32c(header), header.length - 4);
    return header;
}

module.exports = { PROXY, LOCAL, UNSPEC, TCP4, TCP6, UNIX, v1, v2, tlv };
