/*
 * protocol/forwarded.h - what proxies tell of the client whose request they pass on.
 *
 * Called by server/http/client_address.c and tests/fuzz/. X-Forwarded-For, X-Forwarded-Proto and
 * Forwarded (RFC 7239) are lists: each proxy appends an element of its own to what it was sent.
 * Only the last element is that of the proxy in front of us; all others may be a client's
 * invention. So lists are read from their end, where nothing that stands before can change the
 * meaning.
 *
 * Pure: no I/O, no allocation, no globals; views point into the caller's text.
 */
#ifndef SIO_PROTOCOL_FORWARDED_H
#define SIO_PROTOCOL_FORWARDED_H

#include "protocol/view.h"

#include <stdint.h>

/* Who sent the request to the proxy. */
typedef struct {
    uint8_t  address[16]; /* in network order: the first n_bytes of it */
    uint8_t  n_bytes;     /* 4: IPv4, 16: IPv6, 0: no address is told */
    uint16_t port;        /* 0: not told */
} sio_forwarded_node;

/* One element of Forwarded, without what nobody here asks for ("by", "host", extensions). */
typedef struct {
    sio_forwarded_node from;  /* "for" */
    sio_view           proto; /* "http", "https", ...; empty when it is not told */
} sio_forwarded;

/*
 * Cut the last element off *list, with the comma before it. Returns the element without the blanks
 * around it; it may be empty. A comma between double quotes is part of an element.
 */
sio_view sio_forwarded_last(sio_view *list);

/*
 * Read a node: an element of X-Forwarded-For, or what "for" says.
 *
 * "203.0.113.9", "203.0.113.9:4711", "2001:db8::17", "[2001:db8::17]", "[2001:db8::17]:4711"; an
 * IPv6 address that holds an IPv4 one (::ffff:203.0.113.9) is that one. A port may be obfuscated
 * ("_x") and is then not told. Everything else is no address: "unknown", obfuscated names, host
 * names, addresses with a zone, a port that is none.
 * Rule: RFC 7239, 6; the bare IPv6 address is how X-Forwarded-For has it.
 */
sio_forwarded_node sio_forwarded_node_read(sio_view text);

/*
 * Read an element of Forwarded: pairs of name=value with ";" between them, blanks allowed around
 * it, names in any case. A value may be in double quotes; one that needs them and has none
 * (for=[::1]:80) is taken as well. What holds an escape is neither an address nor a scheme.
 *
 * An element that breaks this grammar, or names "for" or "proto" twice, tells nothing.
 * Rule: RFC 7239, 4.
 */
sio_forwarded sio_forwarded_read(sio_view element);

#endif
