/*
 * server/cluster/failure.h - instances that are gone without a word: the others, or this one.
 *
 * A silent instance is declared lost in the store. All survivors take its sessions out of its set
 * there, each session by one of them, and tell their application; so it matters not if one of them
 * dies, too. One that was frozen, and finds itself declared lost, ends its sessions and goes on
 * under a new name: that is cluster.c, which calls all of this.
 */
#ifndef SIO_CLUSTER_FAILURE_H
#define SIO_CLUSTER_FAILURE_H

#include "server/cluster/peers.h"

/* The peer is silent: declare it lost. It may be gone when this returns. */
void sio_failure_claim(sio_peer *peer);

/* At every beat: ask again for what the store did not answer. */
void sio_failure_beat(sio_env *env);

/*
 * Has this instance been declared lost, as Redis says? Then cluster->declared_lost is called;
 * otherwise modules hear SIO_CLUSTER_CONFIRMED.
 */
void sio_failure_check_self(sio_env *env);

/* The answer is not wanted any more: it would be about an old name. */
void sio_failure_forget_check(sio_env *env);

/* An instance that was declared lost speaks: let it know. */
void sio_failure_tell(sio_env *env, sio_view tag);

/* Forget what is going on. */
void sio_failure_quit(sio_env *env);

#endif
