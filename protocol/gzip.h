/*
 * protocol/gzip.h - the content coding gzip of HTTP.
 *
 * Called by server/assets/ for files, once at the start, and by server/transport/ for answers to
 * polls. Pure but for the memory of zlib. Rules: RFC 1952; RFC 9110 section 12.5.3.
 */
#ifndef SIO_PROTOCOL_GZIP_H
#define SIO_PROTOCOL_GZIP_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "protocol/view.h"

/*
 * Does a client that sent this Accept-Encoding ("": none) take gzip? As socket.io does, "gzip" is
 * looked for anywhere in it; but not when it is refused by its weight.
 */
bool sio_gzip_is_accepted(sio_view accept_encoding);

/*
 * Append plain, compressed: without name and time, as `gzip -n`, so the same bytes every time.
 * False when out of memory, or out has failed; what was appended by then is of no use.
 */
bool sio_gzip_add(sio_buf *out, sio_view plain);

#endif
