/*
 * server/handler/handshake_headers.h - the headers of a request, as the record of a handshake has
 * them.
 *
 * Called by handshake_data.c. Pure.
 */
#ifndef SIO_HANDLER_HANDSHAKE_HEADERS_H
#define SIO_HANDLER_HANDSHAKE_HEADERS_H

#include "protocol/buf.h"
#include "protocol/http_request.h"

/*
 * Append an object: names in lower case, in the order of their first appearance, and each once; the
 * values of a repeated one are joined by ", " (RFC 9110, 5.3). What is not UTF-8 becomes U+FFFD.
 * Failure is out->failed.
 */
void sio_handshake_headers(const sio_http_request *head, sio_buf *out);

#endif
