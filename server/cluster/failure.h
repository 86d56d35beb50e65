/*
 * server/cluster/failure.h - instances that are gone without a word: the others, or this one.
 *
 * A silent instance is declared lost in the store. All survivors take its sessions out of its set
 * there, each session by one of them, and tell their application; so it matters not if one of them
 * dies, too. One that was frozen, and finds itself declared lost, ends its sessions and goes on
 * under a new name. Called by cluster.c.
 */
#ifndef SIO_CLUSTER_FAILURE_H
#define SIO_CLUSTER_FAILURE_H

#include "server/cluster/peers.h"

/* The peer is silent: declare it lost. It may be gone when this returns. */
void sio_failure_claim(sio_peer *peer);

/* At every beat: ask again for what the store did not answer. */
void sio_failure_beat(sio_env *env);

/* Has this instance been declared lost? Then it begins anew; otherwise it says again what it has. */
void sio_failure_check_self(sio_env *env);

/*
 * It has been, as Redis says; or as another instance says, which will not listen to this name again
 * even if Redis has forgotten why.
 */
void sio_failure_be_reborn(sio_env *env);

/* An instance that was declared lost speaks: let it know. */
void sio_failure_tell(sio_env *env, sio_view tag);

/* Forget what is going on. */
void sio_failure_quit(sio_env *env);

#endif
