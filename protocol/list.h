/*
 * protocol/list.h - intrusive doubly linked list, as in the kernels: the links live in the object.
 *
 * No allocation, O(1) insert and remove. The head of a list is a link of its own. An initialised
 * link that is in no list points at itself, so removing it twice is harmless.
 */
#ifndef SIO_PROTOCOL_LIST_H
#define SIO_PROTOCOL_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct sio_link {
    struct sio_link *next, *prev;
} sio_link;

#define SIO_CONTAINER(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void
sio_link_init(sio_link *l)
{
    l->next = l->prev = l;
}

static inline bool
sio_link_empty(const sio_link *list)
{
    return list->next == list;
}

static inline void
sio_link_remove(sio_link *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    sio_link_init(l);
}

/* The link behind l, or (l is the head) the first; NULL: there is none. */
static inline sio_link *
sio_link_next(const sio_link *list, const sio_link *l)
{
    return l->next != list ? l->next : NULL;
}

/* Put l, which must be in no list, at the end; or in front of a link of the list, in its place. */
static inline void
sio_link_append(sio_link *list, sio_link *l)
{
    l->prev = list->prev;
    l->next = list;
    list->prev->next = l;
    list->prev = l;
}

/* Move everything of `from` to the end of `to`; `from` is empty afterwards. */
static inline void
sio_link_move(sio_link *to, sio_link *from)
{
    if (sio_link_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    sio_link_init(from);
}

#endif
