#include "store/once_table.h"

#include <stdlib.h>
#include <string.h>

#include "store/clock.h"

enum { LOOKS = 4 };

typedef struct {
    sio_hash_node node;
    sio_link      link;
    uint64_t      expires_ms;
    size_t        n_value;
    char          bytes[]; /* the key, then the value */
} entry;

static void
entry_free(sio_once_table *t, entry *e)
{
    sio_hash_remove(&t->by_key, &e->node);
    sio_link_remove(&e->link);
    free(e);
}

static entry *
find_entry(const sio_once_table *t, sio_view key)
{
    sio_hash_node *node = sio_hash_find(&t->by_key, key);

    return node != NULL ? SIO_CONTAINER(node, entry, node) : NULL;
}

/* NULL when out of memory. */
static entry *
add_entry(sio_once_table *t, sio_view key, sio_view value, uint64_t expires_ms)
{
    entry *e = malloc(sizeof *e + key.len + value.len);
    char  *to;

    if (e == NULL)
        return NULL;
    to = e->bytes;
    *e = (entry){.expires_ms = expires_ms, .n_value = value.len};
    e->node.key = key;
    sio_view_move(&e->node.key, &to);
    sio_view_move(&value, &to);
    sio_hash_insert(&t->by_key, &e->node);
    sio_link_init(&e->link);
    sio_link_append(&t->entries, &e->link);
    return e;
}

/*
 * Each claim adds one entry and looks at some, in turns. So what has expired is soon found, however
 * long others live, and no claim takes longer than another.
 */
static void
sweep(sio_once_table *t, uint64_t now_ms)
{
    for (int i = 0; i < LOOKS && !sio_link_empty(&t->entries); i++) {
        entry *e = SIO_CONTAINER(t->entries.next, entry, link);

        if (e->expires_ms <= now_ms) {
            entry_free(t, e);
        } else {
            sio_link_remove(&e->link);
            sio_link_append(&t->entries, &e->link);
        }
    }
}

int
sio_once_table_init(sio_once_table *t)
{
    sio_link_init(&t->entries);
    return sio_hash_init(&t->by_key) == SIO_OK ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_once_table_fini(sio_once_table *t)
{
    while (t->entries.next != NULL && !sio_link_empty(&t->entries))
        entry_free(t, SIO_CONTAINER(t->entries.next, entry, link));
    sio_hash_fini(&t->by_key);
}

int
sio_once_table_claim(sio_once_table *t, sio_view key, sio_view *value, uint64_t ttl_ms)
{
    const uint64_t now_ms = sio_now_ms();
    entry         *e;

    sweep(t, now_ms);
    e = find_entry(t, key);
    if (e != NULL && e->expires_ms > now_ms) {
        *value = (sio_view){e->bytes + e->node.key.len, e->n_value};
        return SIO_ERR_FULL;
    }
    if (e != NULL)
        entry_free(t, e);
    return add_entry(t, key, *value, now_ms + ttl_ms) != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_once_table_put(sio_once_table *t, sio_view key, sio_view value, uint64_t ttl_ms)
{
    entry *old = find_entry(t, key);

    if (old != NULL)
        sio_hash_remove(&t->by_key, &old->node);
    if (add_entry(t, key, value, sio_now_ms() + ttl_ms) == NULL) {
        if (old != NULL)
            sio_hash_insert(&t->by_key, &old->node);
        return;
    }
    if (old != NULL) {
        sio_link_remove(&old->link);
        free(old);
    }
}

void
sio_once_table_drop(sio_once_table *t, sio_view key)
{
    entry *e = find_entry(t, key);

    if (e != NULL)
        entry_free(t, e);
}
