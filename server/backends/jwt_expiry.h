/*
 * server/backends/jwt_expiry.h - a backend says until when a client's token is good: "expires" of
 * the command "set".
 *
 * The socket may be on another instance, which is told by an event of inner_events.h.
 */
#ifndef SIO_BACKENDS_JWT_EXPIRY_H
#define SIO_BACKENDS_JWT_EXPIRY_H

#include <stdint.h>

#include "server/base/env.h"
#include "server/siobroker.h"

/* Hear what other instances say. False: no memory. */
bool sio_jwt_expiry_open(sio_env *env);

/*
 * The token of that socket expires then: seconds since 1970, UINT64_MAX: never. Nothing happens if
 * it has shown none. True, or false: no memory.
 */
bool sio_jwt_expiry_set(sio_env *env, sio_namespace *nsp, const char *id, uint64_t expires_s);

#endif
