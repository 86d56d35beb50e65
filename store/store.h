/*
 * store/store.h - what the instances of a cluster share.
 *
 * Called by server/. Implementations: store/memory.h (one instance), store/redis.h (several)
 * and store/bus.h (several processes of one host). They share handshakes: one instance answers the
 * handshake request, and any other may be asked for the connection that follows
 * it, at once (spec/socketio-0.9.md, race R1). They keep what applications store
 * about a client (section 8.4). And they carry what instances have to tell each
 * other (store/instances.h) and other programs (store/channels.h), on the same object.
 *
 * Everything runs on the event loop of the caller; nothing here blocks and
 * nothing may be called from another thread.
 *
 * How an operation ends. Each takes a callback, which is called exactly once:
 *   - before the operation returns; it then returns NULL, and whatever the
 *     callback destroyed is gone by then; or
 *   - later, from the event loop; it then returns a request, which belongs to
 *     the store and is valid until the callback is called or the request is
 *     cancelled, whichever is first.
 * A callback may start operations and cancel other requests. It may not free the
 * store.
 */
#ifndef SIO_STORE_STORE_H
#define SIO_STORE_STORE_H

#include "protocol/histogram.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest id, in bytes. Ids of our own are about 20; longer ones come only from strangers. */
enum { SIO_STORE_MAX_ID = 128 };

/* Severity of a line given to a log callback; the numbers are those of socket.io 0.9. */
enum { SIO_STORE_ERROR = 0, SIO_STORE_WARN = 1, SIO_STORE_INFO = 2, SIO_STORE_DEBUG = 3 };

/* text: one line without line end, valid during the call. */
typedef void (*sio_store_log)(void *arg, int level, const char *text);

typedef struct sio_store     sio_store;
typedef struct sio_store_req sio_store_req;

/* Since the start of the store, except where "now" is said. */
typedef struct {
    uint64_t puts;
    uint64_t takes;
    uint64_t hits;        /* takes that found data */
    uint64_t misses;      /* takes that did not */
    uint64_t expired;     /* handshakes of this instance whose time ran out */
    uint64_t full;        /* puts refused because the table was full */
    uint64_t unavailable; /* operations answered without Redis, those of `timeouts` included */
    uint64_t timeouts;    /* of these, the ones that waited for Redis in vain */
    uint64_t reconnects;  /* connections after the first one */
    uint64_t pending;     /* now: commands that Redis has not answered yet */
    uint64_t connected;   /* now: 1 while Redis answers (each node of it), else 0 */
    uint64_t moves;       /* to another Redis, which is the primary now */
    uint64_t redirects;   /* commands that a node of Redis Cluster has sent to another one */
    /*
     * now: clients that have set something here and whose data have not begun to expire by
     * themselves
     */
    uint64_t data_clients;
    uint64_t publishes;       /* messages to other instances that were sent */
    uint64_t published_bytes; /* of these, without their names */
    uint64_t publishes_lost;  /* not sent, or sent and the connection lost before Redis answered */
    uint64_t tail_gaps;       /* times that a stream may have been trimmed before it was read */
    uint64_t heard;           /* messages of instances, this one's own casts included */

    sio_histogram command_us; /* from a command to the reply of Redis */

    uint64_t away; /* now: connections for commands that are not there; `connected` is told by it */
} sio_store_counters;

/*
 * SIO_OK: every instance can take it from now on.
 * SIO_ERR_UNAVAILABLE: only this instance can take it; go on serving.
 * SIO_ERR_FULL: too many handshakes wait to be used; refuse the client.
 * SIO_TOO_LARGE: the id is longer than SIO_STORE_MAX_ID, or empty.
 * SIO_ERR_NOMEM.
 */
typedef void (*sio_store_put_cb)(void *arg, int rc);

/*
 * SIO_OK: it was there, and nobody else gets it. data is valid during the call.
 * SIO_ERR_NOT_FOUND: never put, expired, taken already, or held by an instance
 * that cannot be asked now. data is empty.
 */
typedef void (*sio_store_take_cb)(void *arg, int rc, sio_view data);

/*
 * Make a handshake known to every instance for ttl_ms (> 0) from now. id and
 * data are copied; data may hold any bytes. An id that exists is replaced.
 */
sio_store_req *sio_store_handshake_put(sio_store *store, sio_view id, sio_view data,
                                       uint64_t ttl_ms, sio_store_put_cb cb, void *arg);

/* Take a handshake out: of all takes of one id, on all instances, one gets it. */
sio_store_req *sio_store_handshake_take(sio_store *store, sio_view id, sio_store_take_cb cb,
                                        void *arg);

/* --- Data of clients: values by key, for each id. --- */

/* What one client may have, of which the caller decides; keys count as bytes too. */
typedef struct {
    size_t max_keys;
    size_t max_bytes;
} sio_store_client_limits;

/*
 * set: SIO_OK, SIO_ERR_FULL (over the limits; the old value stays).
 * has, del: SIO_OK (it is, or was, there), SIO_ERR_NOT_FOUND.
 * Each also SIO_ERR_NOMEM, and SIO_ERR_UNAVAILABLE: Redis has not answered; what it
 * was sent it may still do.
 */
typedef void (*sio_store_done_cb)(void *arg, int rc);

/*
 * SIO_OK, SIO_ERR_NOT_FOUND, SIO_ERR_UNAVAILABLE, SIO_ERR_NOMEM. value is empty unless
 * SIO_OK, and valid until the callback returns or starts an operation of this store.
 */
typedef void (*sio_store_value_cb)(void *arg, int rc, sio_view value);

/*
 * id, key and value are copied and may hold any bytes; key and value may be empty.
 * The limits are those of what this instance has set. With an id that is longer
 * than SIO_STORE_MAX_ID or empty: SIO_TOO_LARGE.
 */
sio_store_req *sio_store_client_set(sio_store *store, sio_view id, sio_view key, sio_view value,
                                    const sio_store_client_limits *limits, sio_store_done_cb cb,
                                    void *arg);

sio_store_req *sio_store_client_get(sio_store *store, sio_view id, sio_view key,
                                    sio_store_value_cb cb, void *arg);
sio_store_req *sio_store_client_has(sio_store *store, sio_view id, sio_view key,
                                    sio_store_done_cb cb, void *arg);
sio_store_req *sio_store_client_del(sio_store *store, sio_view id, sio_view key,
                                    sio_store_done_cb cb, void *arg);

/*
 * The client has left, and nobody sets anything for its id any more: its data live
 * on for ttl_ms, with 0 they go at once. Nothing is done for a client that has set
 * nothing here. SIO_OK, or SIO_ERR_UNAVAILABLE: it is done when Redis is back.
 */
sio_store_req *sio_store_client_expire(sio_store *store, sio_view id, uint64_t ttl_ms,
                                       sio_store_done_cb cb, void *arg);

/*
 * The client with this id has come instead of `from`, who has left, and gets a copy of the data
 * that still live on; not when it has data of its own. SIO_OK also when there is nothing to get.
 * Failures are those of set.
 */
sio_store_req *sio_store_client_inherit(sio_store *store, sio_view id, sio_view from,
                                        sio_store_done_cb cb, void *arg);

/*
 * The callback of req will not be called any more. NULL is allowed. The work
 * itself is not undone: a handshake may have been put, or taken and lost.
 */
void sio_store_cancel(sio_store_req *req);

/*
 * Call fn once, as soon as it is known whether other instances can be reached; maybe before this
 * returns. Until then operations are answered as if they could not. One fn for a store.
 */
void sio_store_on_settled(sio_store *store, void (*fn)(void *arg), void *arg);

/* Valid as long as the store. */
const sio_store_counters *sio_store_get_counters(const sio_store *store);

/* From now on this instance keeps at most so many handshakes; none is thrown out for that. */
void sio_store_handshake_limit(sio_store *store, size_t max_entries);

/*
 * Cancel what is pending (no callback is called), close, free. NULL is allowed.
 * Not from inside a callback of this store.
 */
void sio_store_free(sio_store *store);

/*
 * For implementations: each puts a sio_store first in its own struct, and a
 * sio_store_req first in what it returns. The functions above have checked the
 * id and count puts and takes; hits, misses and the rest are counted below.
 */
typedef struct {
    sio_store_req *(*handshake_put)(sio_store *self, sio_view id, sio_view data, uint64_t ttl_ms,
                                    sio_store_put_cb cb, void *arg);
    sio_store_req *(*handshake_take)(sio_store *self, sio_view id, sio_store_take_cb cb, void *arg);
    void (*handshake_limit)(sio_store *self, size_t max_entries);
    sio_store_req *(*client_set)(sio_store *self, sio_view id, sio_view key, sio_view value,
                                 const sio_store_client_limits *limits, sio_store_done_cb cb,
                                 void *arg);
    sio_store_req *(*client_get)(sio_store *self, sio_view id, sio_view key, sio_store_value_cb cb,
                                 void *arg);
    sio_store_req *(*client_has)(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb,
                                 void *arg);
    sio_store_req *(*client_del)(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb,
                                 void *arg);
    sio_store_req *(*client_expire)(sio_store *self, sio_view id, uint64_t ttl_ms,
                                    sio_store_done_cb cb, void *arg);
    sio_store_req *(*client_inherit)(sio_store *self, sio_view id, sio_view from,
                                     sio_store_done_cb cb, void *arg);
    const struct sio_store_instance_ops  *instances;  /* store/instances.h */
    const struct sio_store_will_ops      *wills;      /* store/wills.h; NULL: nobody inherits */
    const struct sio_store_partition_ops *partitions; /* store/partitions.h; NULL: there are none */
    const struct sio_store_channel_ops   *channels;   /* store/channels.h */
    const struct sio_store_once_ops      *once;       /* store/once.h */
    const struct sio_store_stream_ops    *streams;    /* store/streams.h; NULL: there are none */
    const struct sio_store_lease_ops     *leases;     /* store/lease.h; NULL: nobody gets any */
    void (*free)(sio_store *self);
} sio_store_ops;

struct sio_store {
    const sio_store_ops *ops;
    sio_store_counters   counters;
    void (*on_settled)(void *arg); /* NULL: nobody waits */
    void *settled_arg;
    bool  settled;
    bool  has_others; /* there may be other instances */
    bool  is_direct;  /* they are linked to each other: see store/instances.h */
};

/* Not empty, and not longer than SIO_STORE_MAX_ID. */
static inline bool
sio_store_id_usable(sio_view id)
{
    return id.len > 0 && id.len <= SIO_STORE_MAX_ID;
}

/* For implementations: it is known now; only the first time counts. */
void sio_store_settle(sio_store *store);

struct sio_store_req {
    void (*cancel)(sio_store_req *req);
};

#endif
