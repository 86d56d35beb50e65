/*
 * server/cli/stream.h - one connection to a server, for a program that has nothing else to do: it
 * waits, but not longer than until a deadline.
 */
#ifndef SIO_CLI_STREAM_H
#define SIO_CLI_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/listen_address.h"
#include "server/cli/tls_client.h"

enum { SIO_STREAM_FOR_EVER = 0 };

typedef struct {
    int      fd;          /* -1: closed */
    SSL     *ssl;         /* NULL: it speaks no TLS */
    uint64_t deadline_ms; /* of sio_now_ms(); SIO_STREAM_FOR_EVER: none */
    bool     is_patient;  /* false: reading does not wait. Set by sio_stream_open */
} sio_stream;

/*
 * Connect, within patience_ms; that is the deadline of what follows, too, until it is set again. A
 * name that has several addresses is tried with each. SIO_OK, or SIO_ERR_SYS and error says why.
 */
int sio_stream_open(sio_stream *s, const sio_listen_address *at, unsigned patience_ms,
                    sio_buf *error);

/*
 * Speak TLS from now on, with a server that is called so. SIO_OK, or SIO_ERR_SYS and error says why
 * not.
 */
int sio_stream_secure(sio_stream *s, const sio_tls_client *tls, sio_view host, sio_buf *error);

/* Another deadline, from now on; SIO_STREAM_FOR_EVER: none. */
void sio_stream_allow(sio_stream *s, unsigned patience_ms);

/* SIO_OK when all of it is written; SIO_ERR_SYS and error says why not. */
int sio_stream_write(sio_stream *s, sio_view bytes, sio_buf *error);

/*
 * Append what comes, at least one byte. SIO_OK; SIO_PARTIAL: nothing is there, and the stream is
 * not patient; SIO_ERR_NOT_FOUND at the end of the stream; SIO_TOO_LARGE when `in` has failed;
 * SIO_ERR_SYS and error says why.
 */
int sio_stream_read(sio_stream *s, sio_buf *in, sio_buf *error);

/* Safe on one that is closed. */
void sio_stream_close(sio_stream *s);

#endif
