#include "server/backends/address_cache.h"

#include <stdlib.h>
#include <string.h>

/* Its index, or SIO_ADDRESS_CACHE_HOSTS. */
static unsigned
find_row(const sio_address_cache *c, const char *host)
{
    unsigned i = 0;

    while (i < SIO_ADDRESS_CACHE_HOSTS &&
           (c->rows[i].host == NULL || strcmp(c->rows[i].host, host) != 0))
        i++;
    return i;
}

static void
empty_row(sio_address_cache_row *row)
{
    free(row->host);
    row->host = NULL;
}

void
sio_address_cache_fini(sio_address_cache *c)
{
    for (unsigned i = 0; i < SIO_ADDRESS_CACHE_HOSTS; i++)
        empty_row(&c->rows[i]);
}

bool
sio_address_cache_find(const sio_address_cache *c, const char *host, uint64_t now_ms,
                       sio_addresses *out)
{
    const unsigned i = find_row(c, host);

    if (i == SIO_ADDRESS_CACHE_HOSTS || now_ms >= c->rows[i].until_ms)
        return false;
    *out = c->rows[i].addresses;
    return true;
}

void
sio_address_cache_put(sio_address_cache *c, const char *host, uint64_t now_ms,
                      const sio_addresses *found)
{
    unsigned               i = find_row(c, host);
    sio_address_cache_row *row;

    if (i == SIO_ADDRESS_CACHE_HOSTS)
        i = c->next++ % SIO_ADDRESS_CACHE_HOSTS;
    row = &c->rows[i];
    empty_row(row);
    row->host = strdup(host);
    row->until_ms = now_ms + SIO_ADDRESS_CACHE_MS;
    row->addresses = *found;
}

void
sio_address_cache_forget(sio_address_cache *c, const char *host)
{
    const unsigned i = find_row(c, host);

    if (i < SIO_ADDRESS_CACHE_HOSTS)
        empty_row(&c->rows[i]);
}
