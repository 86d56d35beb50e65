/*
 * store/redis_route.h - where the slot of one key of Redis Cluster is, for connections that are for
 * this key.
 *
 * Called by store/redis_cluster.c, which knows the slots. Pure.
 */
#ifndef SIO_STORE_REDIS_ROUTE_H
#define SIO_STORE_REDIS_ROUTE_H

#include "protocol/list.h"
#include "store/redis_primary.h"
#include "store/redis_slots.h"

/* Embedded in whoever has such a connection. */
typedef struct {
    sio_link          in_routes;
    unsigned          slot;
    sio_redis_primary primary; /* for redis_link.h */
} sio_redis_route;

/* Be one of these routes, and know what is known by now. */
void sio_redis_route_join(sio_redis_route *route, sio_link *routes, const sio_redis_slots *slots,
                          sio_view key);
void sio_redis_route_leave(sio_redis_route *route);

/* Tell all who watch them, even where nothing is new: they may try again at once. */
void sio_redis_route_update_all(sio_link *routes, const sio_redis_slots *slots);

#endif
