/*
 * store/handshakes.h - bounded table of handshakes that expire.
 *
 * The whole of the memory store, and the local copies of the Redis store. One
 * libevent timer per table frees what expired; an expired entry is never found,
 * whether or not the timer has got to it.
 */
#ifndef SIO_STORE_HANDSHAKES_H
#define SIO_STORE_HANDSHAKES_H

#include "protocol/list.h"
#include "protocol/view.h"
#include "store/hash.h"
#include "store/store.h"

#include <event2/event.h>
#include <stdbool.h>

typedef struct sio_handshakes sio_handshakes;

typedef struct {
    sio_hash_node node;       /* private; node.key is the id */
    sio_link      by_expiry;  /* private */
    uint64_t      expires_ms; /* on the clock of store/clock.h */
    sio_view      data;
    bool          shared; /* false at first; the Redis store notes here that Redis has it */
} sio_handshake;

/* What the table may hold; a put that would pass one of them is refused. 0 means the default. */
typedef struct {
    size_t max_entries; /* 100,000 */
    size_t max_bytes;   /* ids and data together; 64 MiB */
} sio_handshakes_limits;

/*
 * An empty table. base and counters are borrowed and outlive the table, which
 * counts `full` and `expired`. Returns SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS.
 */
int sio_handshakes_new(sio_handshakes **out, struct event_base *base,
                       const sio_handshakes_limits *limits, sio_store_counters *counters);

/* Another limit of entries; those that are there stay until their time is over. */
void sio_handshakes_set_max(sio_handshakes *t, size_t max_entries);

/* Frees the entries too. NULL is allowed. */
void sio_handshakes_free(sio_handshakes *t);

/*
 * Store a copy for ttl_ms, in place of one with the same id. Returns SIO_OK,
 * SIO_ERR_FULL (one with the same id is then gone) or SIO_ERR_NOMEM. Constant
 * time as long as all ttls are alike.
 */
int sio_handshakes_put(sio_handshakes *t, sio_view id, sio_view data, uint64_t ttl_ms);

/*
 * NULL when absent or expired. The entry stays the table's: valid until the next turn of the loop.
 */
sio_handshake *sio_handshakes_find(const sio_handshakes *t, sio_view id);

/* As _find, and out of the table: the caller owns it and calls free(). */
sio_handshake *sio_handshakes_take(sio_handshakes *t, sio_view id);

/* Take and free. Absent is fine. */
void sio_handshakes_drop(sio_handshakes *t, sio_view id);

/* Walk over all, first to expire first: NULL gives the first, and NULL comes after the last. */
sio_handshake *sio_handshakes_next(const sio_handshakes *t, sio_handshake *after);

#endif
