/*
 * server/backends/address_cache.h - where hosts were found a moment ago.
 *
 * Called by plain_link.c, so that a name is not looked up again for each connection: that takes a
 * thread and a question to the network. The system's functions do not tell how long an answer is
 * good, so it is kept for a short time, and forgotten when it leads nowhere.
 */
#ifndef SIO_BACKENDS_ADDRESS_CACHE_H
#define SIO_BACKENDS_ADDRESS_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/resolve.h"

enum {
    SIO_ADDRESS_CACHE_HOSTS = 16, /* as many as a backend may have URLs */
    SIO_ADDRESS_CACHE_MS = 10000
};

typedef struct {
    char         *host; /* NULL: nothing is here */
    uint64_t      until_ms;
    sio_addresses addresses;
} sio_address_cache_row;

/* Zeroed: empty. */
typedef struct {
    sio_address_cache_row rows[SIO_ADDRESS_CACHE_HOSTS];
    unsigned              next; /* to be overwritten */
} sio_address_cache;

void sio_address_cache_fini(sio_address_cache *c);

/* False: it is not known at that time. */
bool sio_address_cache_find(const sio_address_cache *c, const char *host, uint64_t now_ms,
                            sio_addresses *out);

/* Keep what was found, in place of the oldest if need be. Without memory it is not kept. */
void sio_address_cache_put(sio_address_cache *c, const char *host, uint64_t now_ms,
                           const sio_addresses *found);

/* Nobody answers there. */
void sio_address_cache_forget(sio_address_cache *c, const char *host);

#endif
