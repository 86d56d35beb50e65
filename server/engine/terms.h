/*
 * server/engine/terms.h - what a client may rely on from the beginning of its session to its end.
 *
 * It was told the times of its handshake, and goes by them, whatever the settings say since. All
 * sessions that began under the same settings share one object.
 */
#ifndef SIO_ENGINE_TERMS_H
#define SIO_ENGINE_TERMS_H

#include <stddef.h>

typedef struct sio_env sio_env;

typedef struct sio_terms {
    size_t   n_refs;
    unsigned heartbeat_interval_ms; /* 0.9 */
    unsigned heartbeat_timeout_ms;
    unsigned close_timeout_ms;
    unsigned ping_interval_ms; /* Engine.IO */
    unsigned ping_timeout_ms;
    size_t   max_payload;
} sio_terms;

/* Those of a session that begins now, to be given back. NULL: no memory. */
sio_terms *sio_terms_take(sio_env *env);

/* The session has ended. NULL is allowed. */
void sio_terms_give_back(sio_terms *t);

/* The settings have changed: sessions that begin from now on have others. */
void sio_terms_renew(sio_env *env);

#endif
