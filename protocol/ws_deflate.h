/*
 * protocol/ws_deflate.h - compressed WebSocket messages: the extension permessage-deflate.
 *
 * Called by server/ for upgrades and for messages of RFC 6455 connections, and by tests/fuzz/.
 * Pure but for the memory of zlib, which a sio_ws_deflate owns.
 *
 * No message refers to an earlier one, in either direction: the answer to an offer always says
 * "no context takeover". So a connection needs no memory of its own, one sio_ws_deflate serves
 * them all, and a message that many receive is compressed once.
 * Rule: RFC 7692 section 7.
 */
#ifndef SIO_PROTOCOL_WS_DEFLATE_H
#define SIO_PROTOCOL_WS_DEFLATE_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- What client and server agree on. --- */

enum { SIO_WS_DEFLATE_MIN_WINDOW_BITS = 8, SIO_WS_DEFLATE_MAX_WINDOW_BITS = 15 };

typedef struct {
    bool    is_accepted;
    uint8_t server_max_window_bits; /* the client inflates with no more; 0: it did not say, so 15 */
} sio_ws_deflate_terms;

/*
 * Read the value of a Sec-WebSocket-Extensions header of a request. The first offer that can be
 * accepted sets *terms; it is zeroed before the first header of a request, and then given with each
 * of them. Returns SIO_OK, accepted or not, or SIO_BAD when the value is not a list of extensions
 * (RFC 6455 section 9.1: the connection must not be opened).
 *
 * An offer is declined when it has a parameter that is unknown, there twice, or has a value that it
 * may not have. A limit on the window of the client is read and needs no answer.
 */
int sio_ws_deflate_read_offers(sio_view header, sio_ws_deflate_terms *terms);

/* Append the value of the header that accepts. */
void sio_ws_deflate_add_answer(const sio_ws_deflate_terms *terms, sio_buf *out);

/*
 * May a message of len bytes be sent compressed on these terms? sio_ws_deflate_message always uses
 * the largest window, but never refers back farther than a message is long: so a client with a
 * smaller window can read every message that fits into it. (zlib could not use one of 8 bits
 * anyway: it takes 9 instead, and does not say so.)
 */
bool sio_ws_deflate_allows(const sio_ws_deflate_terms *terms, size_t len);

/* --- Messages. --- */

typedef struct sio_ws_deflate sio_ws_deflate;

/* About 300 KB in all. NULL when out of memory. */
sio_ws_deflate *sio_ws_deflate_new(void);
void            sio_ws_deflate_free(sio_ws_deflate *z); /* NULL is allowed */

/*
 * Append the payload of a compressed frame for message. False, with the contents of out unchanged,
 * when it would not be shorter than message, or out has failed.
 */
bool sio_ws_deflate_message(sio_ws_deflate *z, sio_view message, sio_buf *out);

/*
 * Append the message of a compressed payload, its fragments joined. The limit of out bounds the
 * work too: nothing is inflated beyond some KB behind it. Returns
 *   SIO_OK
 *   SIO_TOO_LARGE   it does not fit into out, or payload is longer than zlib can take
 *   SIO_BAD         no deflate stream, or one that is cut short
 *   SIO_ERR_NOMEM
 * After a failure out has some of it. Whether text is UTF-8 is for the caller to check.
 */
int sio_ws_deflate_inflate_message(sio_ws_deflate *z, sio_view payload, sio_buf *out);

#endif
