/*
 * server/cli/http_client.h - HTTP as a client speaks it: one request on a connection.
 */
#ifndef SIO_CLI_HTTP_CLIENT_H
#define SIO_CLI_HTTP_CLIENT_H

#include "protocol/buf.h"
#include "server/cli/stream.h"

/* An answer of more than this is refused. */
enum { SIO_HTTP_CLIENT_MAX_BYTES = 4 * 1024 * 1024 };

typedef struct {
    unsigned status;
    sio_view head; /* with the empty line; views the buffer it was read into, as the next does */
    sio_view rest; /* what has come after it */
} sio_http_answer;

/*
 * Write a request and read the head of its answer into *in, an empty buffer. headers: whole lines,
 * Host included. SIO_OK and *out, or a negative code and error says in a few words what is wrong.
 */
int sio_http_client_ask(sio_stream *s, const char *method, sio_view target, sio_view headers,
                        sio_buf *in, sio_http_answer *out, sio_buf *error);

/*
 * Read on, until the server closes the connection (so ask it to do that: "Connection: close"), or
 * Content-Length bytes have come. out->rest is the body then.
 */
int sio_http_client_read_body(sio_stream *s, sio_buf *in, sio_http_answer *out, sio_buf *error);

/* The value of a header; empty when there is none. */
sio_view sio_http_client_header(const sio_http_answer *answer, sio_view name);

#endif
