/*
 * server/backends/stream_sender.h - events of clients go to streams in Redis, where workers read
 * them.
 *
 * In place of the HTTP of hook_backend.c, for a backend with "stream". An event becomes an entry of
 * events:<backend>:<partition>; all of one socket are in one partition, and so in order. What all
 * groups have acknowledged is trimmed, again and again. What waits there is bounded: above it,
 * nothing is added, and events wait here.
 */
#ifndef SIO_BACKENDS_STREAM_SENDER_H
#define SIO_BACKENDS_STREAM_SENDER_H

#include "server/backends/event_queue.h"
#include "server/base/env.h"
#include "server/config/config.h"

enum {
    SIO_STREAM_SENDER_MAX_ADDING = 500, /* entries that Redis has not confirmed, at once */
    SIO_STREAM_SENDER_TRIM_MS = 1000,
    SIO_STREAM_SENDER_ALONE = 1000 /* entries that stay while there is no group */
};

typedef struct sio_stream_sender sio_stream_sender;

typedef struct {
    /* The only event of a batch was added; or it may be added later. Not in the call that sends. */
    void (*ended)(void *arg, sio_event_batch *batch, bool is_added);
    /* Redis answers again, or there is room again. */
    void (*works)(void *arg);
    void *arg;
} sio_stream_sender_ops;

/* cfg lives as long as the sender. SIO_OK or SIO_ERR_NOMEM. */
int sio_stream_sender_new(sio_stream_sender **out, sio_env *env, const sio_cfg_backend *cfg,
                          const sio_stream_sender_ops *ops);

/* Nothing is told any more; before the store goes. NULL is allowed. */
void sio_stream_sender_free(sio_stream_sender *s);

/* Add the event; batch->body has it, as JSON. False: no memory. */
bool sio_stream_sender_send(sio_stream_sender *s, sio_event_batch *batch);

/* Nobody waits for it any more; it may be added all the same. */
void sio_stream_sender_cancel(sio_stream_sender *s, sio_event_batch *batch);

#endif
