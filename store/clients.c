#include "store/clients.h"

#include <stdlib.h>

struct sio_clients {
    sio_hash            by_id;
    sio_store_counters *counters;
    size_t              n_ended_bytes;
    sio_link            ended; /* first to expire first */
};

/* --- Values. --- */

static sio_stored_value *
value_new(sio_view key, sio_view text)
{
    const size_t      n_kept = text.data != NULL ? text.len : 0;
    sio_stored_value *v = malloc(sizeof *v + key.len + n_kept);
    char             *bytes;

    if (v == NULL)
        return NULL;
    bytes = (char *)(v + 1);
    if (key.len > 0)
        memcpy(bytes, key.data, key.len);
    if (n_kept > 0)
        memcpy(bytes + key.len, text.data, n_kept);
    sio_link_init(&v->link);
    v->key = (sio_view){bytes, key.len};
    v->text = (sio_view){text.data != NULL ? bytes + key.len : NULL, text.len};
    return v;
}

static size_t
clients_bytes_of(const sio_stored_value *v)
{
    return v->key.len + v->text.len;
}

static sio_stored_value *
find_value(const sio_stored_client *c, sio_view key)
{
    for (sio_link *l = c->values.next; l != &c->values; l = l->next) {
        sio_stored_value *v = SIO_CONTAINER(l, sio_stored_value, link);

        if (sio_view_eq(v->key, key))
            return v;
    }
    return NULL;
}

const sio_stored_value *
sio_clients_get(const sio_stored_client *c, sio_view key)
{
    return find_value(c, key);
}

static void
remove_value(sio_clients *t, sio_stored_client *c, sio_stored_value *v)
{
    sio_link_remove(&v->link);
    c->n_keys--;
    c->n_bytes -= clients_bytes_of(v);
    if (c->ended)
        t->n_ended_bytes -= clients_bytes_of(v);
    free(v);
}

bool
sio_clients_del(sio_clients *t, sio_stored_client *c, sio_view key)
{
    sio_stored_value *v = find_value(c, key);

    if (v != NULL)
        remove_value(t, c, v);
    return v != NULL;
}

/* May a client that has so much set this as well? */
static bool
fits(size_t n_keys, size_t n_bytes, sio_view key, sio_view text,
     const sio_store_client_limits *limits)
{
    return n_keys < limits->max_keys && n_bytes <= limits->max_bytes &&
           key.len <= limits->max_bytes - n_bytes &&
           text.len <= limits->max_bytes - n_bytes - key.len;
}

static int
set_value(sio_clients *t, sio_stored_client *c, sio_view key, sio_view text,
          const sio_store_client_limits *limits)
{
    sio_stored_value *old = find_value(c, key), *v;

    if (c->ended ||
        !fits(c->n_keys - (old != NULL), c->n_bytes - (old != NULL ? clients_bytes_of(old) : 0),
              key, text, limits))
        return SIO_ERR_FULL;
    if ((v = value_new(key, text)) == NULL)
        return SIO_ERR_NOMEM;
    if (old != NULL)
        remove_value(t, c, old);
    sio_link_append(&c->values, &v->link);
    c->n_keys++;
    c->n_bytes += clients_bytes_of(v);
    return SIO_OK;
}

/* --- Clients. --- */

sio_stored_client *
sio_clients_find(const sio_clients *t, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&t->by_id, id);

    /* node is the first member */
    return (sio_stored_client *)(void *)node;
}

/* A client is one piece of memory: the struct and the id. */
static sio_stored_client *
client_new(sio_clients *t, sio_view id)
{
    sio_stored_client *c = calloc(1, sizeof *c + id.len);

    if (c == NULL)
        return NULL;
    memcpy(c + 1, id.data, id.len);
    c->node.key = (sio_view){(const char *)(c + 1), id.len};
    sio_link_init(&c->values);
    sio_link_init(&c->in_ended);
    sio_hash_insert(&t->by_id, &c->node);
    t->counters->data_clients++;
    return c;
}

int
sio_clients_set(sio_clients *t, sio_view id, sio_view key, sio_view text,
                const sio_store_client_limits *limits)
{
    sio_stored_client *c = sio_clients_find(t, id);
    int                rc;

    if (c != NULL)
        return set_value(t, c, key, text, limits);
    if (!fits(0, 0, key, text, limits))
        return SIO_ERR_FULL;
    if ((c = client_new(t, id)) == NULL)
        return SIO_ERR_NOMEM;
    if ((rc = set_value(t, c, key, text, limits)) != SIO_OK)
        sio_clients_drop(t, c);
    return rc;
}

void
sio_clients_end(sio_clients *t, sio_stored_client *c, uint64_t expires_ms)
{
    sio_link *next = &t->ended;

    while (next->prev != &t->ended &&
           SIO_CONTAINER(next->prev, sio_stored_client, in_ended)->expires_ms > expires_ms)
        next = next->prev;
    sio_link_append(next, &c->in_ended);
    c->expires_ms = expires_ms;
    c->ended = true;
    t->n_ended_bytes += c->n_bytes;
}

int
sio_clients_note(sio_clients *t, sio_view id)
{
    return sio_clients_find(t, id) != NULL || client_new(t, id) != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

sio_stored_client *
sio_clients_next_ended(const sio_clients *t, const sio_stored_client *after)
{
    sio_link *l = sio_link_next(&t->ended, after != NULL ? &after->in_ended : &t->ended);

    return l != NULL ? SIO_CONTAINER(l, sio_stored_client, in_ended) : NULL;
}

size_t
sio_clients_ended_bytes(const sio_clients *t)
{
    return t->n_ended_bytes;
}

void
sio_clients_drop(sio_clients *t, sio_stored_client *c)
{
    sio_link *next;

    sio_link_remove(&c->in_ended);
    if (c->ended)
        t->n_ended_bytes -= c->n_bytes;
    sio_hash_remove(&t->by_id, &c->node);
    t->counters->data_clients--;
    for (sio_link *l = c->values.next; l != &c->values; l = next) {
        next = l->next;
        free(SIO_CONTAINER(l, sio_stored_value, link));
    }
    free(c);
}

/* --- The table. --- */

int
sio_clients_new(sio_clients **out, sio_store_counters *counters)
{
    sio_clients *t = calloc(1, sizeof *t);
    int          rc;

    if (t == NULL)
        return SIO_ERR_NOMEM;
    t->counters = counters;
    sio_link_init(&t->ended);
    if ((rc = sio_hash_init(&t->by_id)) != SIO_OK) {
        sio_clients_free(t);
        return rc;
    }
    *out = t;
    return SIO_OK;
}

void
sio_clients_free(sio_clients *t)
{
    sio_hash_node *node;

    if (t == NULL)
        return;
    while ((node = sio_hash_any(&t->by_id)) != NULL)
        sio_clients_drop(t, (sio_stored_client *)(void *)node);
    sio_hash_fini(&t->by_id);
    free(t);
}
