/*
 * store/redis_bus.h - the connection on which an instance hears the others.
 *
 * Called by store/redis_instances.c. A connection of its own, because one that
 * subscribes can do nothing else (RESP2). It subscribes to the channel for all, to that of this
 * instance and to its partitions, and comes back by itself whenever it is lost or kicked out.
 * Silent towards the log and the counters: the connection for commands speaks for both.
 */
#ifndef SIO_STORE_REDIS_BUS_H
#define SIO_STORE_REDIS_BUS_H

#include "store/redis_key.h"
#include "store/redis_partitions.h"
#include "store/redis_primary.h"
#include "store/redis_tls.h"
#include "store/redis_url.h"

#include <event2/event.h>
#include <stdbool.h>

/* Without an answer to SUBSCRIBE, or without our own casts, for so long: connect again. */
enum { SIO_REDIS_BUS_SILENCE_MS = 5000 };

typedef struct sio_redis_bus sio_redis_bus;

typedef struct {
    struct event_base   *base;                               /* borrowed; outlives the bus */
    const sio_redis_url *url;                                /* copied */
    sio_redis_tls       *tls;                                /* likewise */
    sio_redis_primary   *primary;                            /* as of redis_link.h */
    sio_redis_key        cast;                               /* the channel for all */
    void (*message)(void *arg, bool direct, sio_view bytes); /* bytes live during the call */
    sio_redis_partitions *partitions;                        /* borrowed; outlive the bus */
    void (*up)(void *arg);                                   /* all channels are heard */
    void (*heard)(void *arg); /* all partitions that were joined meanwhile are, too */
    /* They are not any more, or one more attempt has failed. reason lives during the call. */
    void (*down)(void *arg, const char *reason);
    void *arg;
} sio_redis_bus_cfg;

/* Starts connecting in the next turn of the loop. SIO_OK or SIO_ERR_NOMEM. */
int sio_redis_bus_new(sio_redis_bus **out, const sio_redis_bus_cfg *cfg, const sio_redis_key *own);

/* No callback is called any more. NULL is allowed. Not from inside a callback. */
void sio_redis_bus_free(sio_redis_bus *bus);

/* Another own channel; the old one is deaf at once, and `up` comes when the new one is heard. */
void sio_redis_bus_move(sio_redis_bus *bus, const sio_redis_key *own);

/* Hear a partition that was joined just now, or not one that was left. */
void sio_redis_bus_join(sio_redis_bus *bus, unsigned number);
void sio_redis_bus_leave(sio_redis_bus *bus, unsigned number);

/* The other connection is there again: so may this one be. */
void sio_redis_bus_hurry(sio_redis_bus *bus);

bool sio_redis_bus_up(const sio_redis_bus *bus);

/*
 * For finding out that the bus is dead while commands work: something was published to all,
 * and Redis has confirmed it on the other connection. It has to be heard here then.
 */
void sio_redis_bus_cast_sent(sio_redis_bus *bus);
void sio_redis_bus_cast_confirmed(sio_redis_bus *bus);

#endif
