/*
 * server/backends/stream_commands.h - commands that programs add to a stream in Redis.
 *
 * One instance at a time reads them, so that they are done in the order in which they were added:
 * the one that has the lease. It gives that up when it stops; when it is killed, or cut off,
 * another one gets it within SIO_STREAM_LEASE_MS and a beat. What was read and not acknowledged is
 * done first then, so a command may be done twice, unless it has an id. What becomes of an entry is
 * in stream_work.h.
 */
#ifndef SIO_BACKENDS_STREAM_COMMANDS_H
#define SIO_BACKENDS_STREAM_COMMANDS_H

#include "server/backends/stream_work.h"

enum {
    SIO_STREAM_LEASE_MS = 10000,
    SIO_STREAM_LEASE_MARGIN_MS = 2000, /* nothing is begun in the last part of it */
    SIO_STREAM_BEAT_MS = 2500
};

/* Zeroed: closed. */
typedef struct {
    sio_env           *env; /* NULL: closed */
    sio_stream_work    work;
    sio_stream_reader *reader; /* NULL: another instance reads, or nobody knows who does */
    char               holder[24];
    sio_store_req     *lease, *trim; /* asked for */
    uint64_t           asked_ms;     /* for the lease */
    bool               is_reading;   /* the reader has been told to read on */
    sio_timer          beat;
    bool               has_work; /* work is to be freed */
} sio_stream_commands;

/* Begin to ask for the lease. All outlive it but env->store: see _close(). */
void sio_stream_commands_open(sio_stream_commands *s, sio_env *env, sio_commands *commands,
                              sio_idempotency_quota *quota);

/* Nothing is begun any more, and the lease is another's. Before the store goes; may be repeated. */
void sio_stream_commands_close(sio_stream_commands *s);

/* After all commands have been forgotten. */
void sio_stream_commands_fini(sio_stream_commands *s);

#endif
