/*
 * store/redis_cluster.h - the nodes of redis-cluster://: who has which slot, and a connection for
 * commands to each primary.
 *
 * Called by store/redis.c. The map is asked of one node after the other (CLUSTER SLOTS): at the
 * start of the seeds in the address, then of whoever is known. It is asked again when something is
 * wrong (a connection is lost, a command is sent elsewhere or refused), at most ten times a second,
 * and otherwise now and then.
 *
 * What instances tell and know of each other is in one slot, the home. It has connections of its
 * own, which follow its primary (redis_primary.h); those here are for all other keys. So can any
 * connection that is for one key: see _follow().
 *
 * Rule: "Redis cluster specification", "Redirection and resharding".
 */
#ifndef SIO_STORE_REDIS_CLUSTER_H
#define SIO_STORE_REDIS_CLUSTER_H

#include "store/redis_client.h"
#include "store/redis_route.h"

typedef struct sio_redis_cluster sio_redis_cluster;

typedef struct {
    struct event_base   *base;                       /* borrowed; outlives the cluster */
    const sio_redis_url *url;                        /* with seeds; borrowed, outlives it as well */
    sio_redis_tls       *tls;                        /* likewise; NULL: none */
    sio_view             home;                       /* a key in the slot of the home */
    size_t               max_pending;                /* of each node, as of redis_client.h */
    void (*up)(void *arg, sio_redis_client *client); /* a node takes commands (again) */
    void (*settled)(void *arg); /* it is known now which nodes can be used; may be called again */
    void               *arg;
    sio_store_log       log; /* NULL: silent */
    void               *log_arg;
    sio_store_counters *counters; /* borrowed, outlives it */
} sio_redis_cluster_cfg;

/* Starts connecting in the next turn of the loop. SIO_OK or SIO_ERR_NOMEM. */
int sio_redis_cluster_new(sio_redis_cluster **out, const sio_redis_cluster_cfg *cfg);

/* After all who follow a route. NULL is allowed. Not from inside a hiredis callback. */
void sio_redis_cluster_free(sio_redis_cluster *c);

/* Where the home is. Lives as long as the cluster. */
sio_redis_primary *sio_redis_cluster_home(sio_redis_cluster *c);

/* Is the key in the slot of the home? */
bool sio_redis_cluster_is_home(const sio_redis_cluster *c, sio_view key);

/* The connection to who has this key; NULL: nobody has, or there is no memory for one. */
sio_redis_client *sio_redis_cluster_client(const sio_redis_cluster *c, sio_view key);

/* Keep the route up to date, until sio_redis_route_leave(). */
void sio_redis_cluster_follow(sio_redis_cluster *c, sio_redis_route *route, sio_view key);

/* The connections of the home are there, or are not: then it may be elsewhere. */
void sio_redis_cluster_note_home(sio_redis_cluster *c, bool is_up);

/* Some connection that follows a route is lost: it may be elsewhere. */
void sio_redis_cluster_look(sio_redis_cluster *c);

/* Is it known of all nodes whether they can be used? */
bool sio_redis_cluster_is_settled(const sio_redis_cluster *c);

#endif
