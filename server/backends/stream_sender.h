/*
 * server/backends/stream_sender.h - events of clients go to streams in Redis, where workers read
 * them: a backend with "stream".
 *
 * An event becomes an entry of events:<backend>:<partition>; all of one socket are in one
 * partition, and so in order. What all groups have acknowledged is trimmed, again and again. What
 * waits there is bounded: above it, nothing is added, and events wait here.
 */
#ifndef SIO_BACKENDS_STREAM_SENDER_H
#define SIO_BACKENDS_STREAM_SENDER_H

#include "server/backends/hook_sender.h"

enum {
    SIO_STREAM_SENDER_MAX_ADDING = 500, /* entries that Redis has not confirmed, at once */
    SIO_STREAM_SENDER_TRIM_MS = 1000,
    SIO_STREAM_SENDER_ALONE = 1000 /* entries that stay while there is no group */
};

extern const sio_hook_sender_ops sio_stream_sender;

#endif
