#include "store/redis_primary.h"

#include <string.h>

void
sio_redis_primary_init(sio_redis_primary *p)
{
    *p = (sio_redis_primary){.n_places = 0};
    sio_link_init(&p->watchers);
}

static void
tell_watchers(sio_redis_primary *p)
{
    sio_link *l = &p->watchers;

    while ((l = sio_link_next(&p->watchers, l)) != NULL) {
        const sio_redis_primary_watcher *w =
            SIO_CONTAINER(l, sio_redis_primary_watcher, in_watchers);

        w->changed(w->arg);
    }
}

/* Where it is in the list, or behind the last. */
static unsigned
index_of(const sio_redis_primary *p, const sio_redis_place *place)
{
    unsigned i = 0;

    while (i < p->n_places && !sio_redis_place_eq(&p->places[i], place))
        i++;
    return i;
}

void
sio_redis_primary_add(sio_redis_primary *p, const sio_redis_place *place)
{
    if (index_of(p, place) < p->n_places)
        return;
    if (p->n_places == SIO_REDIS_MAX_PLACES)
        p->n_places--;
    p->places[p->n_places++] = *place;
    if (p->n_places == 1)
        tell_watchers(p);
}

void
sio_redis_primary_confirm(sio_redis_primary *p, const sio_redis_place *place)
{
    const sio_redis_place first = *place; /* it may be one of those that move */
    unsigned              i = index_of(p, &first);

    if (i == SIO_REDIS_MAX_PLACES)
        i--;
    else if (i == p->n_places)
        p->n_places++;
    memmove(&p->places[1], &p->places[0], i * sizeof p->places[0]);
    p->places[0] = first;
}

void
sio_redis_primary_announce(sio_redis_primary *p, const sio_redis_place *place)
{
    sio_redis_primary_confirm(p, place);
    tell_watchers(p);
}

void
sio_redis_primary_fail(sio_redis_primary *p, const char *fault)
{
    p->fault = fault;
    if (p->n_places == 0)
        tell_watchers(p);
}

void
sio_redis_primary_watch(sio_redis_primary *p, sio_redis_primary_watcher *watcher)
{
    sio_link_append(&p->watchers, &watcher->in_watchers);
}

void
sio_redis_primary_unwatch(sio_redis_primary_watcher *watcher)
{
    sio_link_remove(&watcher->in_watchers);
}
