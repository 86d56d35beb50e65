/*
 * server/backends/jwt_gate.h - tokens (JWT) that clients have to show: the setting "jwt".
 *
 * An application on siobroker.h: the guard of all namespaces. A client whose token is not good is
 * refused for good, and told why in one word. But as long as nobody knows whether it is good, since
 * the keys can not be had, its connection is closed and it comes back by itself.
 */
#ifndef SIO_BACKENDS_JWT_GATE_H
#define SIO_BACKENDS_JWT_GATE_H

#include "protocol/list.h"
#include "server/backends/jwt_keyring.h"
#include "server/backends/jwt_remote.h"
#include "server/base/env.h"

enum { SIO_JWT_GATE_MAX_WAITING = 1000 }; /* clients, for keys */

/* Zeroed: closed. */
typedef struct {
    sio_env        *env; /* NULL: it is not there */
    sio_jwt_keyring ring;
    sio_jwt_remote *remote; /* NULL: the keys are in the settings */
    sio_link        waiting;
    unsigned        n_waiting;
} sio_jwt_gate;

/*
 * Read the keys, and stand there, if the settings say so. *g is zeroed, or was open before. SIO_OK,
 * or a code with one line in error.
 */
int sio_jwt_gate_open(sio_jwt_gate *g, sio_env *env, sio_buf *error);

/*
 * The settings were read again. Keys that are none leave the old ones in use, and a line says so.
 * Once open it stays so: that settings forget it must not let everybody in.
 */
void sio_jwt_gate_adjust(sio_jwt_gate *g, sio_env *env);

/* Who waits is turned away. */
void sio_jwt_gate_close(sio_jwt_gate *g);

/* All sessions have ended. *g is zeroed. */
void sio_jwt_gate_fini(sio_jwt_gate *g);

/* The claims of a client, of its pass (siobroker.h); NULL: it has shown no token. */
const char *sio_jwt_gate_claims(const sio_jwt_gate *g, const void *pass);

/* Its user, likewise; NULL also: the token does not say. */
const char *sio_jwt_gate_user(const sio_jwt_gate *g, const void *pass);

#endif
