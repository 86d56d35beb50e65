/*
 * server/backends/hook_sender.h - how the events of a queue get to a backend: a table of functions.
 *
 * Filled in by call_sender.c, whose backend is called and answers, and by stream_sender.c, whose
 * workers read a stream. hook_backend.c has the queue, chooses one by the settings, and knows no
 * more of it than this.
 */
#ifndef SIO_BACKENDS_HOOK_SENDER_H
#define SIO_BACKENDS_HOOK_SENDER_H

#include "protocol/buf.h"
#include "server/backends/answer_status.h"
#include "server/backends/event_queue.h"
#include "server/base/env.h"
#include "server/config/config.h"

/* What came of a batch. The views are borrowed for the call. */
typedef struct {
    sio_answer_status status;
    unsigned          retry_after_s; /* what the backend asks for; 0: nothing */
    const sio_view   *answers;       /* one for each event of the batch; NULL: there are none */
} sio_hook_sender_end;

/* What a sender gets from the backend that it is part of. It lives as long. */
typedef struct {
    sio_env               *env;
    const sio_cfg_backend *cfg;
    sio_backend_measures  *measures;
    /* Append the event as JSON. */
    void (*add_json)(void *arg, sio_queued_event *event, sio_buf *out);
    /* The handshake of the client that the event is of, as JSON; NULL: it is not known any more. */
    const char *(*handshake)(void *arg, sio_queued_event *event);
    /* A batch has ended: once for each that was sent, and not in the call that sends it. */
    void (*ended)(void *arg, sio_event_batch *batch, const sio_hook_sender_end *end);
    /* The endpoint works again, though nothing was sent: what waits need not wait any more. */
    void (*works)(void *arg, size_t endpoint);
    void *arg;
} sio_hook_sender_host;

typedef struct {
    /* SIO_OK; or SIO_ERR_CONFIG, SIO_ERR_SYS or SIO_ERR_NOMEM, with the reason in error. */
    int (*open)(void **out, const sio_hook_sender_host *host, sio_buf *error);
    /* All that was sent is cancelled before. Nothing is told any more. NULL is allowed. */
    void (*free)(void *self);
    /* Bounds of the queue that only this sender knows. */
    void (*adapt)(sio_event_limits *limits);
    /* The endpoints of such a backend: how many, and what the log calls one of them. */
    size_t (*n_endpoints)(const sio_cfg_backend *cfg);
    const char *(*endpoint_name)(const sio_cfg_backend *cfg, size_t endpoint);
    /* Make batch->body (and id), once: all attempts send the same. False: no memory. */
    bool (*write)(void *self, sio_event_batch *batch);
    /* Send it to its endpoint; batch->call is the sender's until it has ended. False: no memory. */
    bool (*send)(void *self, sio_event_batch *batch);
    /* Nobody waits for the end of one that was sent any more. */
    void (*cancel)(void *self, sio_event_batch *batch);
} sio_hook_sender_ops;

#endif
