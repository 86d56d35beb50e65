#include "store/bus_estate.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "store/hash.h"

typedef struct {
    sio_link link;
    char     tag[SIO_STORE_TAG_LEN];
    sio_hash texts[SIO_BUS_N_KINDS];
} estate;

typedef struct {
    sio_hash_node node; /* node.key is the text */
    char          bytes[];
} kept_text;

static estate *
estate_at(sio_link *l)
{
    return SIO_CONTAINER(l, estate, link);
}

static kept_text *
text_of(sio_hash_node *node)
{
    return SIO_CONTAINER(node, kept_text, node);
}

/* --- Estates. --- */

static estate *
estate_find(const sio_bus_estates *e, sio_view tag)
{
    for (sio_link *l = e->list.next; l != &e->list; l = l->next)
        if (sio_view_eq(tag, (sio_view){estate_at(l)->tag, SIO_STORE_TAG_LEN}))
            return estate_at(l);
    return NULL;
}

static void
estate_free(estate *s)
{
    sio_hash_node *node;

    for (size_t i = 0; i < SIO_BUS_N_KINDS; i++) {
        while ((node = sio_hash_any(&s->texts[i])) != NULL) {
            sio_hash_remove(&s->texts[i], node);
            free(text_of(node));
        }
        sio_hash_fini(&s->texts[i]);
    }
    sio_link_remove(&s->link);
    free(s);
}

static void
free_if_empty(estate *s)
{
    if (s->texts[SIO_BUS_SESSION].n_items == 0 && s->texts[SIO_BUS_WILL].n_items == 0)
        estate_free(s);
}

static int
estate_new(sio_bus_estates *e, sio_view tag, estate **out)
{
    estate *s = calloc(1, sizeof *s);
    int     rc;

    if (s == NULL)
        return SIO_ERR_NOMEM;
    memcpy(s->tag, tag.data, SIO_STORE_TAG_LEN);
    sio_link_init(&s->link);
    sio_link_append(&e->list, &s->link);
    if ((rc = sio_hash_init(&s->texts[SIO_BUS_SESSION])) == SIO_OK)
        rc = sio_hash_init(&s->texts[SIO_BUS_WILL]);
    if (rc != SIO_OK)
        estate_free(s);
    *out = s;
    return rc;
}

/* --- What is in them. --- */

int
sio_bus_estates_add(sio_bus_estates *e, sio_view tag, sio_bus_estate_kind kind, sio_view text)
{
    estate    *s = estate_find(e, tag);
    kept_text *k;
    int        rc;

    if (s == NULL && (rc = estate_new(e, tag, &s)) != SIO_OK)
        return rc;
    if (sio_hash_find(&s->texts[kind], text) != NULL)
        return SIO_OK;
    if ((k = malloc(sizeof *k + text.len)) == NULL) {
        free_if_empty(s);
        return SIO_ERR_NOMEM;
    }
    if (text.len > 0)
        memcpy(k->bytes, text.data, text.len);
    k->node.key = (sio_view){k->bytes, text.len};
    sio_hash_insert(&s->texts[kind], &k->node);
    return SIO_OK;
}

static void
drop_node(estate *s, sio_bus_estate_kind kind, sio_hash_node *node)
{
    sio_hash_remove(&s->texts[kind], node);
    free(text_of(node));
}

void
sio_bus_estates_drop(sio_bus_estates *e, sio_view tag, sio_bus_estate_kind kind, sio_view text)
{
    estate        *s = estate_find(e, tag);
    sio_hash_node *node = s != NULL ? sio_hash_find(&s->texts[kind], text) : NULL;

    if (node == NULL)
        return;
    drop_node(s, kind, node);
    free_if_empty(s);
}

void
sio_bus_estates_drop_all(sio_bus_estates *e, sio_view tag, sio_bus_estate_kind kind)
{
    estate        *s = estate_find(e, tag);
    sio_hash_node *node;

    if (s == NULL)
        return;
    while ((node = sio_hash_any(&s->texts[kind])) != NULL)
        drop_node(s, kind, node);
    free_if_empty(s);
}

bool
sio_bus_estates_has(const sio_bus_estates *e, sio_view tag)
{
    return estate_find(e, tag) != NULL;
}

bool
sio_bus_estates_take(sio_bus_estates *e, sio_view tag, sio_bus_estate_kind kind, sio_view *text)
{
    estate        *s = estate_find(e, tag);
    sio_hash_node *node = s != NULL ? sio_hash_any(&s->texts[kind]) : NULL;

    if (node == NULL)
        return false;
    sio_hash_remove(&s->texts[kind], node);
    *text = node->key;
    free_if_empty(s);
    return true;
}

void
sio_bus_estates_text_free(sio_view text)
{
    /* A view is of what may not be changed; this one is of memory that belongs to the caller. */
    free((void *)((uintptr_t)text.data - offsetof(kept_text, bytes)));
}

/* --- Life. --- */

void
sio_bus_estates_init(sio_bus_estates *e)
{
    sio_link_init(&e->list);
}

void
sio_bus_estates_fini(sio_bus_estates *e)
{
    while (!sio_link_empty(&e->list))
        estate_free(estate_at(e->list.next));
}
