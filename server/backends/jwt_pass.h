/*
 * server/backends/jwt_pass.h - what a token lets its client do, and until when.
 *
 * The pass of a guard (siobroker.h): made when a client is let in, freed when its socket has left.
 */
#ifndef SIO_BACKENDS_JWT_PASS_H
#define SIO_BACKENDS_JWT_PASS_H

#include "protocol/jwt.h"
#include "server/base/env.h"

typedef struct sio_jwt_pass sio_jwt_pass;

/* A token is good for so much longer at most, so that not all clients come back at once. */
enum { SIO_JWT_PASS_MAX_JITTER_MS = 10000 };

/*
 * NULL: this token can not be used here: *why says so, or is NULL: no memory. nsp_name: "/" is the
 * default one.
 */
sio_jwt_pass *sio_jwt_pass_new(sio_env *env, const sio_jwt *token, const char *nsp_name,
                               const char **why);

void sio_jwt_pass_free(sio_jwt_pass *pass);

/* About as much memory as it takes. */
size_t sio_jwt_pass_bytes(const sio_jwt_pass *pass);

/* The claims of the token as a JSON object. As long as the pass. */
const char *sio_jwt_pass_claims(const sio_jwt_pass *pass);

/* Whose token it is; NULL: it does not say. As long as the pass. */
const char *sio_jwt_pass_user(const sio_jwt_pass *pass);

/* Its client is there: it is in its rooms, and its connection ends when the token has expired. */
void sio_jwt_pass_use(sio_jwt_pass *pass, sio_socket *socket);

/* It is good until then, whatever its token says: ms since 1970; UINT64_MAX: for ever. */
void sio_jwt_pass_prolong(sio_jwt_pass *pass, uint64_t ends_ms);

/* May its client send the event of that name? */
bool sio_jwt_pass_allows(const sio_jwt_pass *pass, sio_view event);

#endif
