/*
 * server/cluster/watch.h - is an instance still there that something here waits for?
 *
 * Nobody can tell a silent instance from a dead one, so it takes "instance timeout" until it is
 * lost (failure.h). But when a process ends its kernel closes its connections, and Redis knows at
 * once. So a peer that is silent while something here waits for it is looked for in Redis. One that
 * was there, and is found to have no connection any more for SIO_WATCH_GRACE_MS, is away: modules
 * give up what waits for it (module.h), so that clients learn within a second that they have to
 * reconnect. It is not declared lost by that: should it live, it only was cut off from Redis, and
 * its sessions with clients elsewhere know nothing of it.
 *
 * A living instance is connected again some 100 ms after a connection was lost, and it has two; so
 * neither an interrupted subscription nor a frozen process is taken for an end. Called by
 * cluster.c; sio_peers_await() is what begins it.
 */
#ifndef SIO_CLUSTER_WATCH_H
#define SIO_CLUSTER_WATCH_H

#include "server/cluster/peers.h"

enum {
    SIO_WATCH_QUIET_MS = 100, /* for so long a peer may be silent */
    SIO_WATCH_AGAIN_MS = 100, /* from one look to the next when it was not found */
    SIO_WATCH_GRACE_MS = 300  /* from the first of these to the last */
};

void sio_watch_init(sio_env *env);

/* A message to it has reached nobody. */
void sio_watch_doubt(sio_peer *peer);

/* It has spoken. */
static inline bool
sio_watch_is_doubted(const sio_peer *peer)
{
    return peer->away || peer->n_missed > 0;
}
void sio_watch_heard(sio_peer *peer);

/* Another instance has found it away. */
void sio_watch_hear(sio_env *env, sio_view tag);

/* This instance is connected anew: who was there before may not have come back yet. */
void sio_watch_up(sio_peer *peer);

/* At every beat of either: whoever was not seen so far is looked for, to be known if it ends. */
void sio_watch_beat(sio_peer *peer);

/* The server ends. */
void sio_watch_quit(sio_env *env);

#endif
