/*
 * protocol/sio09_target.h - what a raw request target means to Socket.IO 0.9.
 *
 * Called by server/ for every request, before anything else is decided, and by
 * tests/fuzz/. Pure: no I/O, no allocation, no globals.
 */
#ifndef SIO_PROTOCOL_SIO09_TARGET_H
#define SIO_PROTOCOL_SIO09_TARGET_H

#include "protocol/view.h"

#include <stdbool.h>

typedef enum {
    SIO09_PROTOCOL_NONE, /* missing, zero or not a number */
    SIO09_PROTOCOL_1,
    SIO09_PROTOCOL_OTHER /* any other number */
} sio09_protocol;

/* All views are parts of the target; they are empty when absent. */
typedef struct {
    bool           matched; /* the target is under the resource; otherwise nothing else is set */
    sio_view       path;    /* after the resource, before '?' */
    sio_view       query;   /* after the first '?' */
    sio09_protocol protocol;
    sio_view       transport; /* its name as sent: not checked against any list */
    sio_view       id;        /* session id */
} sio09_target;

/*
 * Match raw_target against resource ("/socket.io"): it must begin with it, byte
 * for byte, and may go on with anything ("/socket.iofoo" matches). Then split it:
 *
 *     resource "/" protocol ["/"] [transport] ["/"] [id] ["/"] ["?" query]
 *
 * Nothing is percent-decoded, and an empty transport ("/1//ID") keeps its place.
 * A path of another shape (empty, an empty protocol segment, more than three
 * segments) is a match without protocol, transport and id.
 *
 * The protocol segment is a number by the rules of JavaScript's Number(): "1",
 * "01", "1.0", "10e-1", "+1" and "0x1" are all 1. It is compared exactly, not
 * after rounding to a double: "0.99999999999999999999" is OTHER here.
 * Rule: socket.io 0.9.16, lib/manager.js, checkRequest.
 */
void sio09_target_parse(sio_view raw_target, sio_view resource, sio09_target *out);

#endif
