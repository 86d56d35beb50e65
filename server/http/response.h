/*
 * server/http/response.h - how the answer to an HTTP request is put together and sent.
 *
 * Called by every handler of a request. All answers are complete: status, headers in the order
 * that the handler wants, body with its length.
 */
#ifndef SIO_HTTP_RESPONSE_H
#define SIO_HTTP_RESPONSE_H

#include "protocol/buf.h"
#include "server/http/exchange.h"

/* Start an answer. Returns the buffer for the headers, to be used before anything else happens. */
sio_buf *sio_response_begin(sio_exchange *x, unsigned status);

/* The same with another text behind the status, which is a value of a field. */
sio_buf *sio_response_begin_as(sio_exchange *x, unsigned status, const char *reason);

/* Count an answer with that status; sio_response_begin() has done so. */
void sio_response_count(const sio_exchange *x, unsigned status);

void sio_response_header(sio_buf *head, const char *name, sio_view value);

/* Access-Control-Allow-Origin and -Credentials; nothing for an empty origin (section 1.2, 2). */
void sio_response_cors(sio_buf *head, sio_view origin);

/* The same in a refusal, for the origin of the request. Vary, since 404, 405 and 414 are cached. */
void sio_response_cors_of_refusal(const sio_exchange *x, sio_buf *head);

/*
 * Content-Length; what all answers have (Date, and that browsers take the type as it is said: much
 * of a body is what clients have sent); and Connection for whether the connection will be kept.
 */
void sio_response_content_length(sio_buf *head, size_t n_bytes);
void sio_response_common(sio_exchange *x, sio_buf *head);
void sio_response_date(sio_exchange *x, sio_buf *head); /* Date alone */
void sio_response_connection(sio_exchange *x, sio_buf *head);

/* Finish the headers, send them with the body, and go on to the next request. */
void sio_response_end(sio_exchange *x, sio_view body);

/* The same with a body in two parts, to spare its owner a copy. */
void sio_response_end_parts(sio_exchange *x, sio_view lead, sio_view body);

/* The usual answer in one call. content_type NULL: none, as the plain answers of 0.9. */
void sio_response_send(sio_exchange *x, unsigned status, const char *content_type, sio_view origin,
                       sio_view body);

/*
 * The same as Node sends what it was told no length of: in one chunk. HTTP/1.0 has none, and gets
 * the length. The body is not empty. Some clients of 0.9 find the answer to their handshake only
 * behind the line with the size of the chunk.
 */
void sio_response_as_node(sio_exchange *x, unsigned status, const char *content_type,
                          sio_view origin, sio_view body);

/* Append bytes as a chunk (RFC 9112, 7.1); they are not empty, as that is the last one. */
void sio_response_add_chunk(sio_buf *out, sio_view bytes);

#define SIO_ANSWER_LAST_CHUNK "0\r\n\r\n"

/* Count a request that is being refused, and log why. */
void sio_response_count_refusal(sio_exchange *x, unsigned status, const char *why);

/* Refuse a request: text/plain, counted and logged once, the connection stays usable. */
void sio_response_refuse(sio_exchange *x, unsigned status, const char *text);

#endif
