/*
 * store/redis_connection.h - one connection of hiredis on the event loop: its replies are looked at
 * (redis_replies.h), and with TLS there is a relay (redis_tls.h).
 *
 * Called by store/redis_link.c. hiredis objects are freed only by hiredis or by _close(), and a
 * connection counts only as long as `ac` here points to it: that one comparison covers late
 * callbacks, frees inside callbacks, and failed connects.
 */
#ifndef SIO_STORE_REDIS_CONNECTION_H
#define SIO_STORE_REDIS_CONNECTION_H

#include "store/redis_replies.h"
#include "store/redis_tls.h"
#include "store/redis_url.h"

#include <event2/event.h>
#include <hiredis/async.h>

typedef struct {
    /* From now on commands can be sent. */
    void (*open)(void *arg);
    /*
     * It could not be made, or has ended, other than by _close(). reason lives during the call.
     * was_cut: the other side has hung up, and nobody here knows why.
     */
    void (*ended)(void *arg, const char *reason, bool was_cut);
    void *arg;
} sio_redis_connection_ears;

/* Lives inside its owner, and stays where it is. */
typedef struct {
    struct event_base        *base;
    sio_redis_tls            *tls; /* NULL: none */
    sio_redis_replies_form    form;
    sio_redis_connection_ears ears;
    char                      host[SIO_REDIS_MAX_HOST + 1]; /* for whom its certificate has to be */
    redisAsyncContext        *ac;                           /* NULL: there is none */
    sio_redis_relay          *relay;                        /* with TLS, as long as ac */
    sio_redis_replies         replies;
} sio_redis_connection;

/* base and tls outlive it. */
void sio_redis_connection_init(sio_redis_connection *c, struct event_base *base, sio_redis_tls *tls,
                               sio_redis_replies_form form, const sio_redis_connection_ears *ears);
void sio_redis_connection_fini(sio_redis_connection *c);

/*
 * Begin to connect: to an address, of this host; or to the unix socket at path. False: it could
 * not, and `ended` has been called.
 */
bool sio_redis_connection_open(sio_redis_connection *c, const char *address,
                               const sio_redis_place *place);
bool sio_redis_connection_open_unix(sio_redis_connection *c, const char *path);

/* Let go of it. What is awaited is given up: its callbacks get NULL, when `ac` is NULL already. */
void sio_redis_connection_close(sio_redis_connection *c);

/* It is made, and TLS has not agreed on anything yet. */
bool sio_redis_connection_awaits_tls(const sio_redis_connection *c);

#endif
