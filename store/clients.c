#include "store/clients.h"

#include <stdlib.h>

struct sio_clients {
    sio_hash            by_id;
    sio_store_counters *counters;
    size_t              n_ended_bytes;
    TAILQ_HEAD(ended_list, sio_client) ended; /* first to expire first */
};

/* --- Values. --- */

static sio_client_value *
value_new(sio_view key, sio_view text)
{
    const size_t      n_kept = text.data != NULL ? text.len : 0;
    sio_client_value *v = malloc(sizeof *v + key.len + n_kept);
    char             *bytes;

    if (v == NULL)
        return NULL;
    bytes = (char *)(v + 1);
    if (key.len > 0)
        memcpy(bytes, key.data, key.len);
    if (n_kept > 0)
        memcpy(bytes + key.len, text.data, n_kept);
    v->key = (sio_view){bytes, key.len};
    v->text = (sio_view){text.data != NULL ? bytes + key.len : NULL, text.len};
    return v;
}

static size_t
clients_bytes_of(const sio_client_value *v)
{
    return v->key.len + v->text.len;
}

static sio_client_value *
find_value(const sio_client *c, sio_view key)
{
    sio_client_value *v;

    SLIST_FOREACH(v, &c->values, next)
    if (sio_view_eq(v->key, key))
        break;
    return v;
}

const sio_client_value *
sio_client_get(const sio_client *c, sio_view key)
{
    return find_value(c, key);
}

static void
remove_value(sio_clients *t, sio_client *c, sio_client_value *v)
{
    SLIST_REMOVE(&c->values, v, sio_client_value, next);
    c->n_keys--;
    c->n_bytes -= clients_bytes_of(v);
    if (c->ended)
        t->n_ended_bytes -= clients_bytes_of(v);
    free(v);
}

bool
sio_clients_del(sio_clients *t, sio_client *c, sio_view key)
{
    sio_client_value *v = find_value(c, key);

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
set_value(sio_clients *t, sio_client *c, sio_view key, sio_view text,
          const sio_store_client_limits *limits)
{
    sio_client_value *old = find_value(c, key), *v;

    if (c->ended ||
        !fits(c->n_keys - (old != NULL), c->n_bytes - (old != NULL ? clients_bytes_of(old) : 0),
              key, text, limits))
        return SIO_ERR_FULL;
    if ((v = value_new(key, text)) == NULL)
        return SIO_ERR_NOMEM;
    if (old != NULL)
        remove_value(t, c, old);
    SLIST_INSERT_HEAD(&c->values, v, next);
    c->n_keys++;
    c->n_bytes += clients_bytes_of(v);
    return SIO_OK;
}

/* --- Clients. --- */

sio_client *
sio_clients_find(const sio_clients *t, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&t->by_id, id);

    /* node is the first member */
    return (sio_client *)(void *)node;
}

/* A client is one piece of memory: the struct and the id. */
static sio_client *
client_new(sio_clients *t, sio_view id)
{
    sio_client *c = calloc(1, sizeof *c + id.len);

    if (c == NULL)
        return NULL;
    memcpy(c + 1, id.data, id.len);
    c->node.key = (sio_view){(const char *)(c + 1), id.len};
    SLIST_INIT(&c->values);
    sio_hash_insert(&t->by_id, &c->node);
    t->counters->data_clients++;
    return c;
}

int
sio_clients_set(sio_clients *t, sio_view id, sio_view key, sio_view text,
                const sio_store_client_limits *limits)
{
    sio_client *c = sio_clients_find(t, id);
    int         rc;

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
sio_clients_end(sio_clients *t, sio_client *c, uint64_t expires_ms)
{
    sio_client *before = TAILQ_LAST(&t->ended, ended_list);

    while (before != NULL && before->expires_ms > expires_ms)
        before = TAILQ_PREV(before, ended_list, in_ended);
    if (before != NULL)
        TAILQ_INSERT_AFTER(&t->ended, before, c, in_ended);
    else
        TAILQ_INSERT_HEAD(&t->ended, c, in_ended);
    c->expires_ms = expires_ms;
    c->ended = true;
    t->n_ended_bytes += c->n_bytes;
}

int
sio_clients_note(sio_clients *t, sio_view id)
{
    return sio_clients_find(t, id) != NULL || client_new(t, id) != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

sio_client *
sio_clients_next_ended(const sio_clients *t, const sio_client *after)
{
    return after == NULL ? TAILQ_FIRST(&t->ended) : TAILQ_NEXT(after, in_ended);
}

size_t
sio_clients_ended_bytes(const sio_clients *t)
{
    return t->n_ended_bytes;
}

void
sio_clients_drop(sio_clients *t, sio_client *c)
{
    sio_client_value *v;

    if (c->ended) {
        TAILQ_REMOVE(&t->ended, c, in_ended);
        t->n_ended_bytes -= c->n_bytes;
    }
    sio_hash_remove(&t->by_id, &c->node);
    t->counters->data_clients--;
    while ((v = SLIST_FIRST(&c->values)) != NULL) {
        SLIST_REMOVE_HEAD(&c->values, next);
        free(v);
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
    TAILQ_INIT(&t->ended);
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
        sio_clients_drop(t, (sio_client *)(void *)node);
    sio_hash_fini(&t->by_id);
    free(t);
}
