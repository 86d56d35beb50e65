/*
 * server/backends/hook_backend.h - a backend that is told of events: its queue, and who sends it.
 *
 * Puts together what waits (event_queue.h), who is asked (endpoints.h), and how (hook_sender.h).
 * What an event says, and what its answer means, is known above: hooks.h.
 */
#ifndef SIO_BACKENDS_HOOK_BACKEND_H
#define SIO_BACKENDS_HOOK_BACKEND_H

#include "server/backends/event_queue.h"
#include "server/base/env.h"
#include "server/config/config.h"

typedef struct sio_hook_backend sio_hook_backend;

/* What came of an event. */
typedef struct {
    sio_event_fate fate;
    bool           is_refusal; /* by its status; answer is the whole body */
    sio_view       answer;     /* of DELIVERED: as of backend_answer.h, not read yet */
} sio_hook_result;

/* arg: of sio_hook_backend_new(). */
typedef struct {
    /* Append the event as JSON. */
    void (*add_json)(void *arg, sio_queued_event *event, sio_buf *out);
    /* The handshake of the client that the event is of, as JSON; NULL: it is not known any more. */
    const char *(*handshake)(void *arg, sio_queued_event *event);
    /* The event has left: it is its owner's again. */
    void (*done)(void *arg, sio_queued_event *event, const sio_hook_result *result);
    /* As of event_queue.h. */
    void (*hold)(void *arg, sio_event_line *line, bool is_full);
} sio_hook_backend_ops;

/*
 * cfg lives as long as the backend. SIO_OK, or SIO_ERR_CONFIG, SIO_ERR_SYS or SIO_ERR_NOMEM with
 * one line in error.
 */
int sio_hook_backend_new(sio_hook_backend **out, sio_env *env, const sio_cfg_backend *cfg,
                         const sio_hook_backend_ops *ops, void *arg, sio_buf *error);

/* Nothing is sent any more, and nobody told; events that come still count as not delivered. */
void sio_hook_backend_close(sio_hook_backend *b);

/* Events that are left are forgotten, and their number is in the log. NULL is allowed. */
void sio_hook_backend_free(sio_hook_backend *b);

const sio_cfg_backend *sio_hook_backend_cfg(const sio_hook_backend *b);

/* As of event_queue.h. */
int  sio_hook_backend_add(sio_hook_backend *b, sio_event_line *line, sio_queued_event *event);
void sio_hook_backend_withdraw(sio_hook_backend *b, sio_queued_event *connect);
void sio_hook_backend_drop(sio_hook_backend *b, sio_event_line *line);

/* Those of its endpoints that said that they are gone may be there again. */
void sio_hook_backend_revive(sio_hook_backend *b);

#endif
