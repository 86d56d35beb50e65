#include "store/memory.h"

#include "store/channels.h"
#include "store/clock.h"
#include "store/instances.h"

#include <stdlib.h>

enum {
    /* Of clients that have left: nobody here can ask for them, so the oldest go first. */
    MAX_ENDED_BYTES = 64 * 1024 * 1024,
    /* Expired data wait at least this long for the sweep, so that it frees many per turn. */
    SWEEP_MS = 100
};

static sio_memory_store *
of(sio_store *self)
{
    return (sio_memory_store *)(void *)self;
}

static sio_store_req *
memory_handshake_put(sio_store *self, sio_view id, sio_view data, uint64_t ttl_ms,
                     sio_store_put_cb cb, void *arg)
{
    cb(arg, sio_handshakes_put(of(self)->table, id, data, ttl_ms));
    return NULL;
}

static sio_store_req *
memory_handshake_take(sio_store *self, sio_view id, sio_store_take_cb cb, void *arg)
{
    sio_handshake *found = sio_handshakes_take(of(self)->table, id);

    if (found != NULL) {
        self->counters.hits++;
        cb(arg, SIO_OK, found->data);
    } else {
        self->counters.misses++;
        cb(arg, SIO_ERR_NOT_FOUND, (sio_view){NULL, 0});
    }
    free(found);
    return NULL;
}

/* --- Data of clients. --- */

/* A client whose data are still there. */
static sio_stored_client *
find_client(sio_store *self, sio_view id)
{
    sio_stored_client *c = sio_clients_find(of(self)->clients, id);

    return c != NULL && c->ended && c->expires_ms <= sio_now_ms() ? NULL : c;
}

static sio_store_req *
client_set(sio_store *self, sio_view id, sio_view key, sio_view value,
           const sio_store_client_limits *limits, sio_store_done_cb cb, void *arg)
{
    const sio_view text = {value.data != NULL ? value.data : "", value.len};

    cb(arg, sio_clients_set(of(self)->clients, id, key, text, limits));
    return NULL;
}

static sio_store_req *
client_get(sio_store *self, sio_view id, sio_view key, sio_store_value_cb cb, void *arg)
{
    const sio_stored_client *c = find_client(self, id);
    const sio_stored_value  *v = c != NULL ? sio_clients_get(c, key) : NULL;

    if (v != NULL)
        cb(arg, SIO_OK, v->text);
    else
        cb(arg, SIO_ERR_NOT_FOUND, (sio_view){NULL, 0});
    return NULL;
}

static sio_store_req *
client_has(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb, void *arg)
{
    const sio_stored_client *c = find_client(self, id);

    cb(arg, c != NULL && sio_clients_get(c, key) != NULL ? SIO_OK : SIO_ERR_NOT_FOUND);
    return NULL;
}

static sio_store_req *
client_del(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb, void *arg)
{
    sio_stored_client *c = find_client(self, id);

    cb(arg, c != NULL && sio_clients_del(of(self)->clients, c, key) ? SIO_OK : SIO_ERR_NOT_FOUND);
    return NULL;
}

static void
memory_arm(sio_memory_store *m, uint64_t now_ms)
{
    const sio_stored_client *first = sio_clients_next_ended(m->clients, NULL);
    const uint64_t           soonest_ms = now_ms + SWEEP_MS;
    struct timeval           wait;

    if (first == NULL)
        return;
    wait =
        sio_timeval_ms((first->expires_ms > soonest_ms ? first->expires_ms : soonest_ms) - now_ms);
    event_add(m->timer, &wait);
}

static void
on_memory_sweep(evutil_socket_t fd, short events, void *arg)
{
    sio_memory_store  *m = arg;
    const uint64_t     now_ms = sio_now_ms();
    sio_stored_client *c;

    (void)fd;
    (void)events;
    while ((c = sio_clients_next_ended(m->clients, NULL)) != NULL && c->expires_ms <= now_ms)
        sio_clients_drop(m->clients, c);
    memory_arm(m, now_ms);
}

static void
end_client(sio_memory_store *m, sio_stored_client *c, uint64_t ttl_ms)
{
    const uint64_t now_ms = sio_now_ms();

    if (ttl_ms == 0) {
        sio_clients_drop(m->clients, c);
        return;
    }
    sio_clients_end(m->clients, c, now_ms + ttl_ms);
    if (c == sio_clients_next_ended(m->clients, NULL))
        memory_arm(m, now_ms);
    while (sio_clients_ended_bytes(m->clients) > MAX_ENDED_BYTES)
        sio_clients_drop(m->clients, sio_clients_next_ended(m->clients, NULL));
}

static sio_store_req *
client_expire(sio_store *self, sio_view id, uint64_t ttl_ms, sio_store_done_cb cb, void *arg)
{
    sio_stored_client *c = sio_clients_find(of(self)->clients, id);

    if (c != NULL && !c->ended)
        end_client(of(self), c, ttl_ms);
    cb(arg, SIO_OK);
    return NULL;
}

static sio_store_req *
client_inherit(sio_store *self, sio_view id, sio_view from, sio_store_done_cb cb, void *arg)
{
    const sio_store_client_limits none = {.max_keys = SIZE_MAX, .max_bytes = SIZE_MAX};
    const sio_stored_client      *c = find_client(self, from);
    const bool                    is_new = sio_clients_find(of(self)->clients, id) == NULL;
    int                           rc = SIO_OK;

    if (c != NULL && is_new)
        for (sio_link *l = c->values.next; l != &c->values && rc == SIO_OK; l = l->next) {
            const sio_stored_value *v = SIO_CONTAINER(l, sio_stored_value, link);

            rc = sio_clients_set(of(self)->clients, id, v->key, v->text, &none);
        }
    cb(arg, rc);
    return NULL;
}

/* --- Instances: there is no other. --- */

static int
listen_to_nobody(sio_store *self, sio_view tag, const sio_store_ears *ears)
{
    (void)self;
    (void)tag;
    (void)ears;
    return SIO_OK;
}

static int
publish_to_nobody(sio_store *self, sio_view tag, sio_view bytes)
{
    (void)self;
    (void)tag;
    (void)bytes;
    return SIO_OK;
}

static void
forget_tag(sio_store *self, sio_view tag)
{
    (void)self;
    (void)tag;
}

static void
forget_session(sio_store *self, sio_view tag, sio_view id)
{
    (void)self;
    (void)tag;
    (void)id;
}

static sio_store_req *
list_nobody(sio_store *self, sio_store_list_cb cb, void *arg)
{
    (void)self;
    cb(arg, SIO_OK, NULL, 0);
    return NULL;
}

static sio_store_req *
nobody_is_there(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    (void)self;
    (void)tag;
    cb(arg, SIO_ERR_NOT_FOUND);
    return NULL;
}

static sio_store_req *
take_of_nobody(sio_store *self, sio_view tag, uint64_t data_ttl_ms, sio_store_list_cb cb, void *arg)
{
    (void)tag;
    (void)data_ttl_ms;
    return list_nobody(self, cb, arg);
}

static const struct sio_store_instance_ops alone_ops = {
    .listen = listen_to_nobody,
    .publish = publish_to_nobody,
    .touch = forget_tag,
    .remove = forget_tag,
    .list = list_nobody,
    .probe = nobody_is_there,
    .session_add = forget_session,
    .session_remove = forget_session,
    .lost_claim = nobody_is_there,
    .lost_check = nobody_is_there,
    .lost_take = take_of_nobody,
};

/* --- Life. --- */

void
sio_memory_store_fini(sio_memory_store *m)
{
    sio_handshakes_free(m->table);
    sio_clients_free(m->clients);
    sio_once_table_fini(&m->once);
    if (m->timer != NULL)
        event_free(m->timer);
}

static void
memory_store_free(sio_store *self)
{
    sio_memory_store_fini(of(self));
    free(self);
}

/* --- Channels: nobody else is there. --- */

static int
hear_nothing(sio_store *self, const char *const *names, const char *const *patterns,
             sio_store_heard heard, void *arg)
{
    (void)self;
    (void)names;
    (void)patterns;
    (void)heard;
    (void)arg;
    return SIO_OK;
}

static int
join_nothing(sio_store *self, sio_view name)
{
    (void)self;
    (void)name;
    return SIO_OK;
}

static void
leave_nothing(sio_store *self, sio_view name)
{
    (void)self;
    (void)name;
}

static void
count_nobody(sio_store *self, sio_view channel, sio_store_counted fn, void *arg, uint64_t number)
{
    (void)self;
    (void)channel;
    fn(arg, number, -1);
}

static const struct sio_store_channel_ops no_channels_ops = {
    .count = count_nobody,
    .hear = hear_nothing,
    .join = join_nothing,
    .leave = leave_nothing,
    .publish = publish_to_nobody,
};

static void
memory_handshake_limit(sio_store *self, size_t max_entries)
{
    sio_handshakes_set_max(of(self)->table, max_entries);
}

/* --- What is done once. --- */

static sio_store_req *
memory_once_claim(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms,
                  sio_store_once_cb cb, void *arg)
{
    sio_view  there = value;
    const int rc = sio_once_table_claim(&of(self)->once, key, &there, ttl_ms);

    cb(arg, rc, rc == SIO_ERR_FULL ? there : (sio_view){NULL, 0});
    return NULL;
}

static void
memory_once_put(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms)
{
    sio_once_table_put(&of(self)->once, key, value, ttl_ms);
}

static void
memory_once_drop(sio_store *self, sio_view key)
{
    sio_once_table_drop(&of(self)->once, key);
}

static const struct sio_store_once_ops memory_once_ops = {
    .claim = memory_once_claim,
    .put = memory_once_put,
    .drop = memory_once_drop,
};

const sio_store_ops sio_memory_store_ops = {
    .handshake_put = memory_handshake_put,
    .handshake_take = memory_handshake_take,
    .handshake_limit = memory_handshake_limit,
    .client_set = client_set,
    .client_get = client_get,
    .client_has = client_has,
    .client_del = client_del,
    .client_expire = client_expire,
    .client_inherit = client_inherit,
    .instances = &alone_ops,
    .channels = &no_channels_ops,
    .once = &memory_once_ops,
    .free = memory_store_free,
};

int
sio_memory_store_init(sio_memory_store *m, struct event_base *base,
                      const sio_handshakes_limits *limits)
{
    int rc;

    *m = (sio_memory_store){.store = {.settled = true, .ops = &sio_memory_store_ops}};
    if ((rc = sio_once_table_init(&m->once)) != SIO_OK)
        return rc;
    if ((m->timer = evtimer_new(base, on_memory_sweep, m)) == NULL)
        return SIO_ERR_NOMEM;
    if ((rc = sio_handshakes_new(&m->table, base, limits, &m->store.counters)) != SIO_OK)
        return rc;
    return sio_clients_new(&m->clients, &m->store.counters);
}

int
sio_memory_store_new(sio_store **out, struct event_base *base, const sio_handshakes_limits *limits)
{
    sio_memory_store *m = malloc(sizeof *m);
    int               rc;

    if (m == NULL)
        return SIO_ERR_NOMEM;
    if ((rc = sio_memory_store_init(m, base, limits)) == SIO_OK)
        *out = &m->store;
    else
        memory_store_free(&m->store);
    return rc;
}
