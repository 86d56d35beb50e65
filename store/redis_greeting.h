/*
 * store/redis_greeting.h - what is said first on a connection to Redis.
 *
 * AUTH, SELECT, INFO replication, CLUSTER INFO, PING: what of these is needed.
 *
 * Called by store/redis_link.c. All of it is sent in one go. Until the last one is answered nobody
 * knows whether Redis lets us in, and is the one that is meant.
 */
#ifndef SIO_STORE_REDIS_GREETING_H
#define SIO_STORE_REDIS_GREETING_H

#include "store/redis_url.h"

#include <hiredis/async.h>

enum { SIO_REDIS_MAX_GREETINGS = 5 };

/* One of them is called, once, unless the connection ends first. */
typedef struct {
    void (*well)(void *arg);
    /* Redis has refused this command; text is what it says, without passwords. */
    void (*refused)(void *arg, const char *command, const char *text);
    /* It is not the one that is meant. */
    void (*wrong)(void *arg, const char *reason);
    void *arg;
} sio_redis_greeting_ears;

/* What Redis has to be. */
typedef enum {
    SIO_REDIS_ANY,
    SIO_REDIS_PRIMARY,        /* and no replica */
    SIO_REDIS_CLUSTER_PRIMARY /* of a Redis Cluster that is well */
} sio_redis_role;

/* Lives inside the connection's owner. */
typedef struct {
    redisAsyncContext      *ac; /* NULL: there is none */
    const sio_redis_url    *url;
    sio_redis_greeting_ears ears;
    const char             *sent[SIO_REDIS_MAX_GREETINGS]; /* names of the commands */
    size_t                  n_sent, n_answered;
} sio_redis_greeting;

/* url outlives the greeting. */
void sio_redis_greeting_begin(sio_redis_greeting *g, redisAsyncContext *ac,
                              const sio_redis_url *url, sio_redis_role role,
                              const sio_redis_greeting_ears *ears);

/* Has nothing been answered yet? */
bool sio_redis_greeting_is_unanswered(const sio_redis_greeting *g);

#endif
