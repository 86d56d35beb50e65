/*
 * tests/bench/load/stream.h - non-blocking TCP connections under one epoll.
 *
 * Called by client.c and polling09.c, which own the streams, and by run.c, which waits for them.
 */
#ifndef LOAD_STREAM_H
#define LOAD_STREAM_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/bench/load/buffer.h"

typedef struct stream stream;

/* What all streams of one epoll share. */
typedef struct {
    int    epoll;   /* -1 before stream_loop_init */
    char  *scratch; /* what is read lands here first */
    size_t size;
} stream_loop;

/*
 * Bytes have come, all that were not used before and the new ones; valid until it returns, and may
 * be changed. Returns how many were used; the rest comes again with the next ones. It may close the
 * stream, and open it again; then the result does not matter.
 */
typedef size_t (*stream_data_fn)(stream *s, char *data, size_t len);

/* The connection is over, and already closed: why is static text or strerror()'s. */
typedef void (*stream_closed_fn)(stream *s, const char *why);

/* Lives in its owner. All zero except fd, which is -1, is a closed one. */
struct stream {
    int              fd;
    struct in_addr   from;       /* where it comes from; all zero: the kernel may choose */
    uint32_t         events;     /* what epoll watches for */
    uint32_t         generation; /* counts the times it was closed */
    bool             paused;
    buffer           in, out;
    stream_loop     *loop;
    stream_data_fn   on_data;
    stream_closed_fn on_closed;
    void            *owner;
};

/* 0, or -1 and errno. */
int  stream_loop_init(stream_loop *loop);
void stream_loop_fini(stream_loop *loop);

/*
 * Begin to connect a closed stream; what is put into s->out goes when that is done. 0, or -1 and
 * errno, and then it is closed. Never calls back.
 */
int stream_open(stream *s, stream_loop *loop, const struct sockaddr_in *to);

/* Send what is in s->out as far as it goes now; calls on_closed when the connection has failed. */
void stream_flush(stream *s);

/* Read no more, and let the kernel keep little; or read again. */
void stream_pause(stream *s, bool paused);

/* What epoll has reported for this stream. Calls on_data and on_closed. */
void stream_ready(stream *s, uint32_t events);

/* Close without calling back. A closed one may be closed again. */
void stream_close(stream *s);

#endif
