/*
 * store/redis_greeting.h - what is said first on a connection to Redis: AUTH, SELECT, INFO, PING.
 *
 * Called by store/redis_link.c. All of it is sent in one go. Until the last one is answered nobody
 * knows whether Redis lets us in, and is the one that is meant.
 */
#ifndef SIO_STORE_REDIS_GREETING_H
#define SIO_STORE_REDIS_GREETING_H

#include "store/redis_url.h"

#include <hiredis/async.h>

enum { SIO_REDIS_MAX_GREETINGS = 4 };

/* One of them is called, once, unless the connection ends first. */
typedef struct {
    void (*well)(void *arg);
    /* Redis has refused this command; text is what it says, without passwords. */
    void (*refused)(void *arg, const char *command, const char *text);
    /* It is not the one that is meant. */
    void (*wrong)(void *arg, const char *reason);
    void *arg;
} sio_redis_greeting_ears;

/* Lives inside the connection's owner. */
typedef struct {
    redisAsyncContext      *ac; /* NULL: there is none */
    const sio_redis_url    *url;
    sio_redis_greeting_ears ears;
    const char             *sent[SIO_REDIS_MAX_GREETINGS]; /* names of the commands */
    size_t                  n_sent, n_answered;
} sio_redis_greeting;

/* url outlives the greeting. has_to_be_primary: a replica is the wrong one. */
void sio_redis_greeting_begin(sio_redis_greeting *g, redisAsyncContext *ac,
                              const sio_redis_url *url, bool has_to_be_primary,
                              const sio_redis_greeting_ears *ears);

/* Has nothing been answered yet? */
bool sio_redis_greeting_is_unanswered(const sio_redis_greeting *g);

#endif
