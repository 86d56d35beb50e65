/*
 * protocol/eio3_client.h - what tells the clients of Engine.IO 3 apart.
 *
 * All of socket.io 1.0 to 2.5 say that they speak revision 3, or 2, but 1.x reads and writes
 * some of it otherwise, and a little of that shows in the query of each request:
 *
 *     client of             in its queries  a poll brings        its text in      on a
 *     socket.io                             (without b64 or j)   a text payload   websocket
 *     1.0, in a page        EIO=2           bytes                twice            twice
 *     1.0, in Node          t=<ms>-<n>      (has b64)            twice            twice
 *     1.1 to 1.3, a page    t=<ms>-<n>      bytes                twice            once
 *     1.1 to 1.3, in Node   t=<ms>-<n>      (has b64)            twice            once
 *     1.4 to 1.7            -               bytes or text        twice            once
 *     2.0 to 2.5            -               bytes or text        once             once
 *     not of JavaScript     -               bytes or text        once             once
 *     python3-socketio-     t=<ms>-<n>      bytes                (sends bytes)    once
 *         client of Debian
 *
 * "bytes" and "text" are the forms of eio3_payload.h. A page of 1.0 to 1.3 takes text, where it
 * could have had bytes, for an error and closes. "twice" is UTF-8 of UTF-8 (see
 * sio_utf8_repair_doubled); text in a payload of bytes is UTF-8, once, for all. t is there to make
 * each address another one: milliseconds and a counter up to 1.3, seven characters or so of
 * base64 since 1.4.
 *
 * Called by server/. Pure. Rule: engine.io-client 1.1.0 to 3.5.6, engine.io-parser 1.0.5 to
 * 2.2.1; the table is what their requests were on the wire, from Node and from Chromium.
 */
#ifndef SIO_PROTOCOL_EIO3_CLIENT_H
#define SIO_PROTOCOL_EIO3_CLIENT_H

#include "protocol/view.h"

typedef enum {
    SIO_EIO3_CLIENT_ANY, /* nothing tells */
    SIO_EIO3_CLIENT_1_3, /* of 1.0 to 1.3, or like them */
    SIO_EIO3_CLIENT_1_0,
} sio_eio3_client;

/* By the values of "EIO" and "t" in a query, as they are there; empty when absent. */
sio_eio3_client sio_eio3_client_of(sio_view eio, sio_view t);

#endif
