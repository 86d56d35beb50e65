/*
 * server/backends/jwt_remote.h - a key set that somebody else publishes: it is asked for again and
 * again.
 *
 * At the start, then each "refresh"; sooner after a failure, or when a token names a key that is
 * not in it, but never more often than "refresh at most every", whatever tokens strangers show.
 */
#ifndef SIO_BACKENDS_JWT_REMOTE_H
#define SIO_BACKENDS_JWT_REMOTE_H

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/backends/http_client.h"
#include "server/base/env.h"
#include "server/config/config.h"

typedef struct sio_jwt_remote sio_jwt_remote;

/* set: what has come, valid during the call, not looked at yet. False: it is no key set. */
typedef bool (*sio_jwt_remote_fn)(void *arg, sio_view set);

/* What asks, as these settings say; for `siobroker check`, too. As sio_http_client_new(). */
int sio_jwt_remote_client_new(sio_http_client **out, const sio_http_loop *loop,
                              const sio_cfg_jwt *cfg, sio_buf *error);

/*
 * Begin to ask where env->cfg->jwt says. SIO_OK, or SIO_ERR_CONFIG or SIO_ERR_NOMEM with one line
 * in error.
 */
int sio_jwt_remote_new(sio_jwt_remote **out, sio_env *env, sio_jwt_remote_fn take, void *arg,
                       sio_buf *error);

/* Nobody is told any more. NULL is allowed. */
void sio_jwt_remote_free(sio_jwt_remote *r);

/* Somebody needs a newer set: ask for it as soon as that may be. */
void sio_jwt_remote_want(sio_jwt_remote *r);

#endif
