/*
 * server/backends/backends.h - backends: programs of any language that drive the broker.
 *
 * They hold no connection of a client. An application on siobroker.h stands between: what it does
 * for them is in commands.h, how they reach it in api_routes.h, and how they are called in hooks.h.
 */
#ifndef SIO_BACKENDS_BACKENDS_H
#define SIO_BACKENDS_BACKENDS_H

#include "server/backends/api_access.h"
#include "server/backends/commands.h"
#include "server/backends/hooks.h"
#include "server/backends/idempotency.h"
#include "server/backends/jwt_gate.h"
#include "server/backends/outgoing.h"
#include "server/backends/stream_commands.h"
#include "server/http/side.h"

typedef struct sio_backends {
    sio_side              side; /* of the API */
    sio_api_access        access;
    sio_idempotency_quota quota;
    sio_commands          commands;
    sio_stream_commands   stream;
    sio_hooks             hooks;
    sio_holds             untold; /* each backend for which something waits has one */
    sio_jwt_gate          jwt;
    sio_outgoing_calls    outgoing;
    sio_link              requests;        /* to the API, that have no answer yet */
    size_t                n_request_bytes; /* of their bodies and commands */
    size_t                n_result_bytes;  /* of batches that are not at their end */
    bool                  is_closed;       /* nothing is begun any more */
} sio_backends;

/* *env->backends is zeroed. */
void sio_backends_init(sio_env *env);

/* Listen, and call, when the settings say so. SIO_OK, or a code with one line in error. */
int sio_backends_open(sio_env *env, sio_buf *error);

/* The settings are others now. */
void sio_backends_adjust(sio_env *env);

/*
 * The server begins to stop: what one instance does for all is for another one now. told is called
 * when nothing waits for a backend any more; now, if that is so already. It may be called again.
 */
void sio_backends_leave(sio_env *env, void (*told)(void *arg), void *arg);

/* Accept no more connections, and begin nothing. Before the store goes. */
void sio_backends_close(sio_env *env);

/* After all that could tell something has gone. */
void sio_backends_fini(sio_env *env);

#endif
