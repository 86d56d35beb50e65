/*
 * store/redis_link.h - one connection to Redis that is always there or on its way back.
 *
 * Called by store/redis_client.c and store/redis_bus.c. Connects in the background, logs in,
 * selects the database, makes sure that the server answers, and only then says that it is up. When
 * the connection is lost or refused it tries again by itself, after 100 ms, doubling to 5 s, with
 * jitter; connections that do not last 5 s count as attempts. An outage is logged once when it
 * begins and once when it is over.
 *
 * With sentinels, and for a slot of Redis Cluster, it connects to where the primary is, and makes sure that it is the primary. As
 * soon as they announce another one it goes there.
 *
 * hiredis writes to its socket in a way that raises SIGPIPE when the server has
 * gone: the program has to ignore that signal.
 */
#ifndef SIO_STORE_REDIS_LINK_H
#define SIO_STORE_REDIS_LINK_H

#include "store/redis_events.h"
#include "store/redis_primary.h"
#include "store/redis_replies.h"
#include "store/redis_tls.h"
#include "store/redis_url.h"
#include "store/store.h"

#include <event2/event.h>
#include <hiredis/async.h>

typedef struct sio_redis_link sio_redis_link;

typedef struct {
    struct event_base   *base; /* borrowed; outlives the link */
    const sio_redis_url *url;  /* copied */
    /* Where to connect; borrowed, outlives the link. NULL: where the URL says. */
    sio_redis_primary     *primary;
    sio_redis_tls         *tls;  /* borrowed, outlives the link; NULL: none */
    sio_redis_replies_form form; /* of what is asked for */
    void (*up)(void *arg);       /* commands are accepted from now on; may send some */
    /* The connection was lost, or an attempt to make one has failed. May be NULL. */
    void (*down)(void *arg, const char *reason);
    /* It is known now whether Redis can be used; may be called again. May be NULL. */
    void (*settled)(void *settled_arg);
    sio_store_log log; /* NULL: silent */
    void         *arg, *settled_arg, *log_arg;
    /* Counts reconnects, moves and connected; borrowed, outlives the link. NULL: nobody counts. */
    sio_store_counters *counters;
} sio_redis_link_cfg;

/* Make a link that starts connecting in the next turn of the loop. SIO_OK or SIO_ERR_NOMEM. */
int sio_redis_link_new(sio_redis_link **out, const sio_redis_link_cfg *cfg);

/*
 * Close and free; NULL is allowed. Replies that are awaited are given up first:
 * their hiredis callbacks get NULL. Not from inside a hiredis callback.
 */
void sio_redis_link_free(sio_redis_link *link);

/*
 * The connection, or NULL while the link is not up. Borrow it for one call: it
 * is gone after the next turn of the loop. Never free or disconnect it.
 */
redisAsyncContext *sio_redis_link_context(sio_redis_link *link);

/*
 * From now on, until the connection ends, all that Redis says on it goes to fn, and hiredis calls
 * nobody back: for what it does not understand. The link is up, and nothing is awaited. reply lives
 * during the call, which may do anything but free the link.
 */
void sio_redis_link_take(sio_redis_link *link, sio_redis_taken fn, void *arg);

/* After that: send a command. False: no memory. */
bool sio_redis_link_send(sio_redis_link *link, int argc, const char **argv, const size_t *len);

/*
 * Send what was asked on it now, before anything else that this turn sends. Does nothing while the
 * link is not up.
 */
void sio_redis_link_flush(sio_redis_link *link);

/* With a primary: at which of several servers it was up last, "host:port". Else "". */
const char *sio_redis_link_where(const sio_redis_link *link);

/* It is likely that the server is there: do not wait for the end of the pause between attempts. */
void sio_redis_link_hurry(sio_redis_link *link);

/* The server is connected but has not answered in time: the outage begins, the connection stays. */
void sio_redis_link_silent(sio_redis_link *link);

/* It answered after all. */
void sio_redis_link_heard(sio_redis_link *link);

/*
 * A command was refused with this error. If that tells that this is not the one any more that is
 * meant, and somebody tells which one is, the connection is dropped.
 */
void sio_redis_link_refused(sio_redis_link *link, const char *error);

/*
 * Close and connect again later; awaited replies are given up (NULL) before this
 * returns, unless it is called from inside a hiredis callback (then right after).
 */
void sio_redis_link_drop(sio_redis_link *link, const char *reason);

#endif
