/*
 * store/redis_primary.h - where the Redis may be that is the primary now.
 *
 * Filled in by store/redis_sentinel.c with what sentinels say, or by store/redis_cluster.c with
 * where a slot of Redis Cluster is, and read by store/redis_link.c, of
 * which there are several: each tries the places in their order until one says that it is the
 * primary. The order is by how likely that is: what the sentinels have just announced, and what has
 * been found to be the primary, comes first; the others stay, because one sentinel may know less
 * than another, or something wrong. Pure: no connections, no clock.
 */
#ifndef SIO_STORE_REDIS_PRIMARY_H
#define SIO_STORE_REDIS_PRIMARY_H

#include "protocol/list.h"
#include "store/redis_url.h"

enum { SIO_REDIS_MAX_PLACES = 8 }; /* one more, and the least likely is forgotten */

typedef struct {
    sio_redis_place places[SIO_REDIS_MAX_PLACES]; /* the most likely first */
    unsigned        n_places;
    const char     *fault; /* why there is no place; NULL: not all sentinels have been asked */
    bool            is_of_cluster; /* of Redis Cluster, which moves slots as well */
    sio_link        watchers;
} sio_redis_primary;

/* Embedded in whoever wants to know. What `changed` does at once may end no watcher. */
typedef struct {
    sio_link in_watchers;
    void (*changed)(void *arg); /* there is another place to try first, or the fault is known */
    void *arg;
} sio_redis_primary_watcher;

void sio_redis_primary_init(sio_redis_primary *p);

/* Is one more place that somebody has named: the last, unless it is known. Tells if it is first. */
void sio_redis_primary_add(sio_redis_primary *p, const sio_redis_place *place);

/* It is, or has become, the primary: the first. Tells, even if it was the first. */
void sio_redis_primary_announce(sio_redis_primary *p, const sio_redis_place *place);

/* It has said itself that it is the primary: the first. Tells nobody. */
void sio_redis_primary_confirm(sio_redis_primary *p, const sio_redis_place *place);

/* All sentinels have been asked in vain; fault is a constant. Tells, unless places are known. */
void sio_redis_primary_fail(sio_redis_primary *p, const char *fault);

/* Unwatching is harmless for one that is initialised (sio_link_init) and watches nothing. */
void sio_redis_primary_watch(sio_redis_primary *p, sio_redis_primary_watcher *watcher);
void sio_redis_primary_unwatch(sio_redis_primary_watcher *watcher);

#endif
