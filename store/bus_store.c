#include "store/bus_store.h"

#include "store/clock.h"

sio_bus_peer *
sio_bus_store_find(const sio_bus_store *b, sio_view tag)
{
    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next) {
        sio_bus_peer *p = sio_bus_store_peer_at(l);

        if (p->is_known && sio_view_eq(tag, (sio_view){p->tag, sizeof p->tag}))
            return p;
    }
    return NULL;
}

sio_bus_peer *
sio_bus_store_decider(const sio_bus_store *b)
{
    sio_bus_peer *first = NULL;
    unsigned      lowest = b->number;

    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next) {
        sio_bus_peer *p = sio_bus_store_peer_at(l);

        if (p->number < lowest) {
            first = p;
            lowest = p->number;
        }
    }
    return first;
}

/* How many steps it is to another number, upwards and then from the lowest on. */
static unsigned
steps_to(const sio_bus_store *b, unsigned number)
{
    return number - b->number - 1; /* a lower one wraps around, and comes last */
}

sio_bus_peer *
sio_bus_store_next(const sio_bus_store *b)
{
    sio_bus_peer *next = NULL;

    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next) {
        sio_bus_peer *p = sio_bus_store_peer_at(l);

        if (next == NULL || steps_to(b, p->number) < steps_to(b, next->number))
            next = p;
    }
    return next;
}

/* --- Deadlines. --- */

static void
set_deadline(sio_bus_store *b, uint64_t due_ms, uint64_t now_ms)
{
    const struct timeval wait = sio_timeval_ms(due_ms > now_ms ? due_ms - now_ms : 0);

    event_add(b->deadline, &wait);
}

void
sio_bus_store_await(sio_bus_store *b)
{
    const uint64_t now_ms = sio_now_ms();

    if (!event_pending(b->deadline, EV_TIMEOUT, NULL))
        set_deadline(b, now_ms + SIO_BUS_PATIENCE_MS, now_ms);
}

void
sio_bus_store_expire(sio_bus_store *b)
{
    const uint64_t now_ms = sio_now_ms();
    uint64_t       next_ms = UINT64_MAX;

    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next) {
        const uint64_t due_ms = sio_bus_peer_expire(sio_bus_store_peer_at(l), now_ms);

        next_ms = due_ms < next_ms ? due_ms : next_ms;
    }
    if (next_ms != UINT64_MAX)
        set_deadline(b, next_ms, now_ms);
}
