#include "store/bus.h"

#include <stdlib.h>
#include <unistd.h>

#include "store/bus_instances.h"
#include "store/bus_shared.h"
#include "store/bus_store.h"

/* --- Peers. --- */

static sio_bus_peer *
peer_of(sio_bus_link *l)
{
    return SIO_CONTAINER(l, sio_bus_peer, link);
}

static bool
on_frame(sio_bus_link *l, char kind, sio_view body)
{
    sio_bus_peer  *p = peer_of(l);
    sio_bus_store *b = p->store;

    if (kind == SIO_BUS_ANSWER)
        return sio_bus_peer_hear_answer(p, body);
    return sio_bus_instances_hear(b, p, kind, body) || sio_bus_shared_serve(b, p, kind, body);
}

/* The process has ended. Nobody finds it any more while those are told who waited for it. */
static void
on_closed(sio_bus_link *l)
{
    sio_bus_peer  *p = peer_of(l);
    sio_bus_store *b = p->store;

    sio_link_remove(&p->in_peers);
    sio_bus_link_fini(&p->link);
    if (b->heir == p)
        b->heir = NULL;
    sio_bus_peer_fail_all(p);
    sio_bus_instances_choose_heir(b);
    sio_bus_instances_settle(b);
    if (b->listens && p->is_known && b->ears.gone != NULL)
        b->ears.gone(b->ears.arg, (sio_view){p->tag, sizeof p->tag});
    free(p);
}

static const sio_bus_link_ears ears_of_links = {.frame = on_frame, .closed = on_closed};

int
sio_bus_add_peer(sio_store *store, unsigned number, int fd)
{
    sio_bus_store *b = sio_bus_store_of(store);
    sio_bus_peer  *p = calloc(1, sizeof *p);
    int            rc;

    if (p == NULL) {
        close(fd);
        return SIO_ERR_NOMEM;
    }
    p->store = b;
    p->number = number;
    sio_link_init(&p->questions);
    sio_link_init(&p->in_peers);
    rc = sio_bus_link_init(&p->link, b->base, fd, b->max_publish_bytes, &ears_of_links);
    if (rc != SIO_OK) {
        free(p);
        return rc;
    }
    sio_link_append(&b->peers, &p->in_peers);
    sio_bus_instances_greet(b, p);
    sio_bus_instances_choose_heir(b);
    return SIO_OK;
}

/* --- Life. --- */

static void
on_news(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    sio_bus_instances_tell_news(arg);
}

static void
on_wait(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    sio_bus_instances_go_on(arg);
}

static void
on_deadline(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    sio_bus_store_expire(arg);
}

static void
free_peers(sio_bus_store *b)
{
    while (!sio_link_empty(&b->peers)) {
        sio_bus_peer *p = sio_bus_store_peer_at(b->peers.next);

        sio_link_remove(&p->in_peers);
        sio_bus_peer_forget_all(p);
        sio_bus_link_fini(&p->link);
        free(p);
    }
}

static void
free_event(struct event *e)
{
    if (e != NULL)
        event_free(e);
}

static void
bus_free(sio_store *self)
{
    sio_bus_store *b = sio_bus_store_of(self);

    free_peers(b);
    sio_bus_instances_fini(b);
    sio_bus_estates_fini(&b->estates);
    free_event(b->news);
    free_event(b->wait_event);
    free_event(b->deadline);
    sio_memory_store_fini(&b->memory);
    free(b);
}

/* All that is this process's own is done as in memory. */
static void
set_operations(sio_bus_store *b)
{
    b->ops = sio_memory_store_ops;
    b->ops.handshake_take = sio_bus_shared_handshake_take;
    b->ops.client_inherit = sio_bus_shared_client_inherit;
    b->ops.once = &sio_bus_shared_once_ops;
    b->ops.instances = &sio_bus_instance_ops;
    b->ops.wills = &sio_bus_will_ops;
    b->ops.free = bus_free;
    b->memory.store.ops = &b->ops;
}

int
sio_bus_store_new(sio_store **out, const sio_bus_cfg *cfg)
{
    sio_bus_store *b = calloc(1, sizeof *b);
    int            rc;

    if (b == NULL)
        return SIO_ERR_NOMEM;
    sio_link_init(&b->peers);
    sio_link_init(&b->waits);
    sio_bus_estates_init(&b->estates);
    b->base = cfg->base;
    b->number = cfg->number;
    b->max_publish_bytes =
        cfg->max_publish_bytes != 0 ? cfg->max_publish_bytes : SIO_BUS_MAX_PUBLISH_BYTES;
    rc = sio_memory_store_init(&b->memory, cfg->base, &cfg->limits);
    set_operations(b);
    b->memory.store.settled = false;
    b->memory.store.has_others = b->memory.store.is_direct = true;
    b->memory.store.counters.connected = 1;
    b->news = event_new(cfg->base, -1, 0, on_news, b);
    b->wait_event = event_new(cfg->base, -1, 0, on_wait, b);
    b->deadline = evtimer_new(cfg->base, on_deadline, b);
    if (rc == SIO_OK && (b->news == NULL || b->wait_event == NULL || b->deadline == NULL))
        rc = SIO_ERR_NOMEM;
    if (rc != SIO_OK) {
        bus_free(&b->memory.store);
        return rc;
    }
    *out = &b->memory.store;
    return SIO_OK;
}
