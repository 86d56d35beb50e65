#include "server/places.h"

#include "server/server.h"

static int
each_front(sio_server *s, sio_place_fn fn, void *arg)
{
    const sio_texts         *list = &s->cfg.listen;
    const sio_listen_address one = {.host = sio_view_of(s->cfg.host), .port = s->cfg.port};
    sio_front_words          words[SIO_FRONTS_MAX];
    sio_listen_entry         entry;
    int                      rc = SIO_OK;

    if (sio_systemd_sockets(s, words) > 0)
        return SIO_OK;
    if (list->n == 0)
        return fn(arg, &one);
    for (size_t i = 0; rc == SIO_OK && i < list->n; i++)
        rc = sio_listen_entry_parse(list->items[i], &entry) == SIO_OK ? fn(arg, &entry.at)
                                                                      : SIO_ERR_CONFIG;
    return rc;
}

int
sio_places_each(sio_server *s, sio_place_fn fn, void *arg)
{
    const sio_texts   *list = &s->cfg.api.listen;
    sio_listen_address at;
    int                rc = each_front(s, fn, arg);

    for (size_t i = 0; rc == SIO_OK && i < list->n; i++)
        rc =
            sio_listen_address_parse(list->items[i], &at) == SIO_OK ? fn(arg, &at) : SIO_ERR_CONFIG;
    return rc;
}
