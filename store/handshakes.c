#include "store/handshakes.h"

#include "store/clock.h"

#include <stdlib.h>

enum {
    DEFAULT_ENTRIES = 100000,
    DEFAULT_BYTES = 64 * 1024 * 1024,
    /* Expired entries wait at least this long for the sweep, so that it frees many per turn. */
    SWEEP_MS = 100
};

struct sio_handshakes {
    sio_hash              by_id;
    sio_handshakes_limits limits;
    size_t                n_bytes; /* ids and data */
    sio_store_counters   *counters;
    struct event         *timer;     /* pending whenever the table is not empty */
    sio_link              by_expiry; /* first to expire first */
};

static sio_handshake *
handshake_of(sio_link *by_expiry)
{
    return SIO_CONTAINER(by_expiry, sio_handshake, by_expiry);
}

static size_t
handshakes_bytes_of(const sio_handshake *e)
{
    return e->node.key.len + e->data.len;
}

/* An entry is one piece of memory: the struct, the id, the data. */
static sio_handshake *
entry_new(sio_view id, sio_view data)
{
    sio_handshake *e = malloc(sizeof *e + id.len + data.len);
    char          *bytes;

    if (e == NULL)
        return NULL;
    bytes = (char *)(e + 1);
    memcpy(bytes, id.data, id.len);
    if (data.len > 0)
        memcpy(bytes + id.len, data.data, data.len);
    *e = (sio_handshake){.node.key = {bytes, id.len}, .data = {bytes + id.len, data.len}};
    sio_link_init(&e->by_expiry);
    return e;
}

static void
handshakes_detach(sio_handshakes *t, sio_handshake *e)
{
    sio_hash_remove(&t->by_id, &e->node);
    sio_link_remove(&e->by_expiry);
    t->n_bytes -= handshakes_bytes_of(e);
}

static void
attach(sio_handshakes *t, sio_handshake *e)
{
    sio_link *next = &t->by_expiry;

    while (next->prev != &t->by_expiry && handshake_of(next->prev)->expires_ms > e->expires_ms)
        next = next->prev;
    sio_link_append(next, &e->by_expiry);
    sio_hash_insert(&t->by_id, &e->node);
    t->n_bytes += handshakes_bytes_of(e);
}

/* --- Expiry. --- */

static void
handshakes_arm(sio_handshakes *t, uint64_t now_ms)
{
    const sio_handshake *first = sio_handshakes_next(t, NULL);
    const uint64_t       soonest_ms = now_ms + SWEEP_MS;
    uint64_t             due_ms;
    struct timeval       wait;

    if (first == NULL)
        return;
    due_ms = first->expires_ms > soonest_ms ? first->expires_ms : soonest_ms;
    wait = sio_timeval_ms(due_ms - now_ms);
    event_add(t->timer, &wait);
}

static void
on_handshakes_sweep(evutil_socket_t fd, short events, void *arg)
{
    sio_handshakes *t = arg;
    const uint64_t  now_ms = sio_now_ms();
    sio_handshake  *e;

    (void)fd;
    (void)events;
    while ((e = sio_handshakes_next(t, NULL)) != NULL && e->expires_ms <= now_ms) {
        handshakes_detach(t, e);
        free(e);
        t->counters->expired++;
    }
    handshakes_arm(t, now_ms);
}

/* --- The table. --- */

int
sio_handshakes_new(sio_handshakes **out, struct event_base *base,
                   const sio_handshakes_limits *limits, sio_store_counters *counters)
{
    sio_handshakes *t = calloc(1, sizeof *t);
    int             rc = SIO_ERR_NOMEM;

    if (t == NULL)
        return SIO_ERR_NOMEM;
    t->limits = *limits;
    if (t->limits.max_entries == 0)
        t->limits.max_entries = DEFAULT_ENTRIES;
    if (t->limits.max_bytes == 0)
        t->limits.max_bytes = DEFAULT_BYTES;
    t->counters = counters;
    sio_link_init(&t->by_expiry);
    if ((t->timer = evtimer_new(base, on_handshakes_sweep, t)) == NULL)
        goto fail;
    if ((rc = sio_hash_init(&t->by_id)) != SIO_OK)
        goto fail;
    *out = t;
    return SIO_OK;

fail:
    sio_handshakes_free(t);
    return rc;
}

void
sio_handshakes_set_max(sio_handshakes *t, size_t max_entries)
{
    t->limits.max_entries = max_entries;
}

void
sio_handshakes_free(sio_handshakes *t)
{
    sio_handshake *e;

    if (t == NULL)
        return;
    while ((e = sio_handshakes_next(t, NULL)) != NULL) {
        handshakes_detach(t, e);
        free(e);
    }
    sio_hash_fini(&t->by_id);
    if (t->timer != NULL)
        event_free(t->timer);
    free(t);
}

/* Expired or not. */
static sio_handshake *
lookup(const sio_handshakes *t, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&t->by_id, id);

    /* node is the first member */
    return (sio_handshake *)(void *)node;
}

int
sio_handshakes_put(sio_handshakes *t, sio_view id, sio_view data, uint64_t ttl_ms)
{
    const uint64_t now_ms = sio_now_ms();
    sio_handshake *e;

    sio_handshakes_drop(t, id);
    if (t->by_id.n_items >= t->limits.max_entries || id.len > t->limits.max_bytes - t->n_bytes ||
        data.len > t->limits.max_bytes - t->n_bytes - id.len) {
        t->counters->full++;
        return SIO_ERR_FULL;
    }
    if ((e = entry_new(id, data)) == NULL)
        return SIO_ERR_NOMEM;
    e->expires_ms = now_ms + ttl_ms;
    attach(t, e);
    if (e == sio_handshakes_next(t, NULL))
        handshakes_arm(t, now_ms);
    return SIO_OK;
}

sio_handshake *
sio_handshakes_find(const sio_handshakes *t, sio_view id)
{
    sio_handshake *e = lookup(t, id);

    return e != NULL && e->expires_ms > sio_now_ms() ? e : NULL;
}

sio_handshake *
sio_handshakes_take(sio_handshakes *t, sio_view id)
{
    sio_handshake *e = sio_handshakes_find(t, id);

    if (e != NULL)
        handshakes_detach(t, e);
    return e;
}

void
sio_handshakes_drop(sio_handshakes *t, sio_view id)
{
    sio_handshake *e = lookup(t, id);

    if (e != NULL) {
        handshakes_detach(t, e);
        free(e);
    }
}

sio_handshake *
sio_handshakes_next(const sio_handshakes *t, sio_handshake *after)
{
    const sio_link *l = after != NULL ? &after->by_expiry : &t->by_expiry;
    sio_link       *next = sio_link_next(&t->by_expiry, l);

    return next != NULL ? handshake_of(next) : NULL;
}
