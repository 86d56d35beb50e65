/*
 * server/engine/engine.h - what all sessions of a server share.
 */
#ifndef SIO_ENGINE_ENGINE_H
#define SIO_ENGINE_ENGINE_H

#include "server/engine/laggards.h"
#include "server/engine/send_queue.h"
#include "store/hash.h"

enum { SIO_MAX_WATCHERS = 4 };

typedef struct sio_engine {
    sio_env                  *env;
    sio_hash                  sessions; /* id -> sio_session, those opened here */
    sio_send_queue_limits     queue_limits;
    sio_laggards              laggards;
    struct sio_terms         *terms;   /* of sessions that begin now; NULL: not made yet */
    unsigned                  n_fresh; /* of Engine.IO that nothing came for yet, by their weight */
    const struct sio_watcher *watchers[SIO_MAX_WATCHERS + 1]; /* ended by NULL */
} sio_engine;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_engine_fini() is still allowed. */
int  sio_engine_init(sio_env *env);
void sio_engine_fini(sio_env *env);

/* End all sessions at once, without a goodbye: their clients are to come back. */
void sio_engine_end_sessions(sio_env *env, const char *reason);

#endif
