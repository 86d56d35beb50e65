'use strict';
/* stalled.js - clients that stop reading, until the kernel takes nothing more from the server. */

const fs = require('node:fs');

/* More than fits between two programs, of which one reads nothing: the rest waits in the server. */
const [, , MOST_TO_SEND] = fs.readFileSync('/proc/sys/net/ipv4/tcp_wmem', 'latin1').split(/\s+/);
const MORE_THAN_FITS = Number(MOST_TO_SEND) + 4e6;

/*
 * Stop to read on a connection, and let say() cause answers of so many bytes on it, until some of
 * them wait in the server. Returns how often say() was called.
 */
async function stall({ socket }, bytes, say) {
    const n = Math.ceil(MORE_THAN_FITS / bytes);
    socket.pause();
    for (let i = 0; i < n; i++)
        await say(i);
    return n;
}

module.exports = { MORE_THAN_FITS, stall };
