/*
 * server/backends/jwt_keyring.h - the keys that tokens may be signed with.
 */
#ifndef SIO_BACKENDS_JWT_KEYRING_H
#define SIO_BACKENDS_JWT_KEYRING_H

#include "protocol/jwt.h"
#include "server/base/jws_key.h"
#include "server/config/texts.h"

enum {
    SIO_JWT_KEYRING_MAX_KEYS = 64,
    SIO_JWT_KEYRING_MAX_TRIES = 8 /* for a token: each may take 100 us */
};

/* Zeroed: empty. */
typedef struct {
    sio_jws_key *keys[SIO_JWT_KEYRING_MAX_KEYS];
    size_t       n;
} sio_jwt_keyring;

void sio_jwt_keyring_fini(sio_jwt_keyring *ring);

/* One secret in place of all there was. SIO_OK or SIO_ERR_NOMEM. */
int sio_jwt_keyring_take_secret(sio_jwt_keyring *ring, sio_view secret);

/*
 * The keys of a set in place of all there were. Those for something else are left out; strict: one
 * that is broken or too weak refuses the set, otherwise it is left out as well. SIO_OK; or SIO_BAD,
 * with one line in error, and all is as before: also when none is left.
 */
int sio_jwt_keyring_take_set(sio_jwt_keyring *ring, sio_view set, bool strict, sio_buf *error);

typedef enum {
    SIO_JWT_SIGNED,
    SIO_JWT_FORGED,     /* or its algorithm is not that of its key, or not allowed */
    SIO_JWT_UNKNOWN_KEY /* that it names: it may be a new one */
} sio_jwt_signer;

/*
 * Has one of the keys signed the token? Of those that it names, or that have no name: the key
 * decides the algorithm. algorithms: those that may be; none: all.
 */
sio_jwt_signer sio_jwt_keyring_check(const sio_jwt_keyring *ring, const sio_texts *algorithms,
                                     const sio_jwt *token);

#endif
