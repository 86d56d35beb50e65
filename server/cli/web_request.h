/*
 * server/cli/web_request.h - one request on a connection, and its answer. Rule: HTTP/1.1 (RFC
 * 9112).
 */
#ifndef SIO_CLI_WEB_REQUEST_H
#define SIO_CLI_WEB_REQUEST_H

#include "protocol/buf.h"
#include "server/cli/stream.h"
#include "server/cli/web_url.h"

/* An answer of more than this is refused. */
enum { SIO_WEB_REQUEST_MAX_BYTES = 4 * 1024 * 1024 };

typedef struct {
    unsigned status;
    sio_view head; /* with the empty line; views the buffer it was read into, as the next does */
    sio_view rest; /* what has come after it */
} sio_web_answer;

/*
 * Connect to where the URL says, by TLS if it says so: then tls is needed. As sio_stream_open().
 */
int sio_web_request_connect(sio_stream *s, const sio_web_url *url, const sio_tls_client *tls,
                            unsigned patience_ms, sio_buf *error);

/* Say in a few words what is wrong; returns rc. */
int sio_web_request_fail(sio_buf *error, int rc, const char *what);

/*
 * Write a request. headers: whole lines, Host included, and what the body needs. SIO_OK, or error
 * says why not.
 */
int sio_web_request_send(sio_stream *s, const char *method, sio_view target, sio_view headers,
                         sio_view body, sio_buf *error);

/* Read the head of its answer: as the next, which does both. */
int sio_web_request_head(sio_stream *s, sio_buf *in, sio_web_answer *out, sio_buf *error);

/*
 * Write a request and read the head of its answer into *in, an empty buffer. headers: whole lines,
 * Host included. SIO_OK and *out, or a negative code and error says in a few words what is wrong.
 */
int sio_web_request_begin(sio_stream *s, const char *method, sio_view target, sio_view headers,
                          sio_buf *in, sio_web_answer *out, sio_buf *error);

/*
 * Read on, until the server closes the connection (so ask it to do that: "Connection: close"), or
 * Content-Length bytes have come. out->rest is the body then.
 */
int sio_web_request_finish(sio_stream *s, sio_buf *in, sio_web_answer *out, sio_buf *error);

/* Append how one may get in, if the answer says that one may not. */
void sio_web_request_hint(const sio_web_answer *answer, sio_buf *error);

/* The value of a header; empty when there is none. */
sio_view sio_web_request_header(const sio_web_answer *answer, sio_view name);

#endif
