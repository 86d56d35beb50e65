#include "server/backends/stream_acks.h"

#include <stdlib.h>

#include "protocol/result.h"

typedef struct {
    sio_link         link; /* in acks->batches */
    sio_stream_acks *acks;
    sio_link         entries;
    sio_store_req   *req;
} ack_batch;

static sio_stream_ack *
entry_of(sio_link *link)
{
    return SIO_CONTAINER(link, sio_stream_ack, link);
}

static void
move_first(sio_link *from, sio_link *to)
{
    sio_link *first = from->next;

    sio_link_remove(first);
    sio_link_append(to, first);
}

/* --- A batch. --- */

/* What is still in it is to be told again. */
static void
batch_free(ack_batch *b)
{
    sio_link_move(&b->acks->untold, &b->entries);
    sio_link_remove(&b->link);
    free(b);
}

static ack_batch *
batch_new(sio_stream_acks *a)
{
    ack_batch *b = calloc(1, sizeof *b);

    if (b == NULL)
        return NULL;
    b->acks = a;
    sio_link_init(&b->entries);
    sio_link_init(&b->link);
    sio_link_append(&a->batches, &b->link);
    return b;
}

static void
on_acknowledged(void *arg, int rc)
{
    ack_batch *b = arg;

    while (rc == SIO_OK && !sio_link_empty(&b->entries)) {
        sio_stream_ack *entry = entry_of(b->entries.next);

        sio_link_remove(&entry->link);
        b->acks->told(entry);
    }
    batch_free(b);
}

static void
batch_send(ack_batch *b, const sio_view *ids, size_t n)
{
    sio_store_req *req =
        sio_store_stream_acknowledge(b->acks->env->store, SIO_VIEW("commands"),
                                     SIO_VIEW("siobroker"), ids, n, on_acknowledged, b);

    if (req != NULL) /* else it is gone */
        b->req = req;
}

/* False: no memory, and nothing has happened. */
static bool
tell_some(sio_stream_acks *a, sio_link *entries)
{
    ack_batch *b = batch_new(a);
    sio_view   ids[SIO_STREAM_ACK_COUNT];
    size_t     n = 0;

    if (b == NULL)
        return false;
    for (; n < SIO_STREAM_ACK_COUNT && !sio_link_empty(entries); n++) {
        ids[n] = sio_view_of(entry_of(entries->next)->id);
        move_first(entries, &b->entries);
    }
    batch_send(b, ids, n);
    return true;
}

/* --- All of them. --- */

void
sio_stream_acks_init(sio_stream_acks *a, sio_env *env, void (*told)(sio_stream_ack *entry))
{
    *a = (sio_stream_acks){.env = env, .told = told};
    sio_link_init(&a->untold);
    sio_link_init(&a->batches);
}

void
sio_stream_acks_add(sio_stream_acks *a, sio_stream_ack *entry)
{
    sio_link_append(&a->untold, &entry->link);
}

/* What can not be told at once is untold again, so those that are now are told once. */
void
sio_stream_acks_flush(sio_stream_acks *a)
{
    sio_link now;

    sio_link_init(&now);
    sio_link_move(&now, &a->untold);
    while (!sio_link_empty(&now) && tell_some(a, &now))
        continue;
    sio_link_move(&a->untold, &now);
}

void
sio_stream_acks_close(sio_stream_acks *a)
{
    while (!sio_link_empty(&a->batches)) {
        ack_batch *b = SIO_CONTAINER(a->batches.next, ack_batch, link);

        sio_store_cancel(b->req);
        batch_free(b);
    }
}
