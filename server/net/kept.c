#include "server/net/kept.h"

#include <string.h>
#include <unistd.h>

sio_kept_name
sio_kept_name_of(const sio_listen_address *at)
{
    sio_kept_name name = {.is_unix = at->is_unix, .port = at->port};

    memcpy(name.host, at->host.data, at->host.len);
    return name;
}

sio_listen_address
sio_kept_name_address(const sio_kept_name *name)
{
    return (sio_listen_address){
        .is_unix = name->is_unix, .host = sio_view_of(name->host), .port = name->port};
}

sio_kept_place *
sio_kept_add(sio_kept *k, const sio_listen_address *at)
{
    sio_kept_place *place;

    if (k->n == SIO_KEPT_MAX)
        return NULL;
    place = &k->items[k->n++];
    *place = (sio_kept_place){.name = sio_kept_name_of(at)};
    return place;
}

bool
sio_kept_add_socket(sio_kept_place *place, int fd)
{
    if (place->n == SIO_KEPT_MAX_SOCKETS) {
        close(fd);
        return false;
    }
    place->fds[place->n++] = fd;
    return true;
}

static bool
is_place_of(const sio_kept_place *place, const sio_listen_address *at)
{
    return place->name.is_unix == at->is_unix && place->name.port == at->port &&
           sio_view_eq(sio_view_of(place->name.host), at->host);
}

const sio_kept_place *
sio_kept_find(const sio_kept *k, const sio_listen_address *at)
{
    for (unsigned i = 0; i < k->n; i++)
        if (k->items[i].n > 0 && is_place_of(&k->items[i], at))
            return &k->items[i];
    return NULL;
}

bool
sio_kept_take(sio_kept *k, const sio_listen_address *at, sio_kept_place *out)
{
    const sio_kept_place *place = sio_kept_find(k, at);

    if (place == NULL)
        return false;
    *out = *place;
    k->items[place - k->items].n = 0;
    return true;
}

void
sio_kept_close(sio_kept *k)
{
    for (unsigned i = 0; i < k->n; i++)
        for (unsigned j = 0; j < k->items[i].n; j++)
            close(k->items[i].fds[j]);
    k->n = 0;
}
