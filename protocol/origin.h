/*
 * protocol/origin.h - may a page of this origin open a session?
 *
 * Called by server/ at each handshake and upgrade. Pure: no I/O, no allocation, no globals.
 */
#ifndef SIO_PROTOCOL_ORIGIN_H
#define SIO_PROTOCOL_ORIGIN_H

#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Check origin (the text of the Origin header, or of Referer where the caller
 * allows that; have_origin is false when there is neither) against the setting
 * `origins`.
 *
 * An element is "host:port", "host:*", "*:port" or "*:*"; an IPv6 host is
 * "[::1]" or "::1"; case does not matter. "*:*" lets everything pass, a missing
 * origin included. Otherwise the origin must be "scheme://host[:port]", ended by
 * any of "/?#\" or its own end. Without a port it has port 80, and with https or
 * wss both 80 and 443.
 *
 * Two deliberate differences from the original. Elements are compared whole:
 * there, a setting given as one string is searched for substrings, so that
 * "foo.com:80" also admits "oo.com:8". And what is not such a URL ("null",
 * garbage) passes only "*:*": there it is port 80 of no host and matches "*:80".
 * Rule: socket.io 0.9.16, lib/manager.js, verifyOrigin.
 */
bool sio_origin_allowed(const sio_view *origins, size_t n_origins, bool have_origin,
                        sio_view origin);

#endif
