/*
 * store/redis_key.h - the name of a key or of a channel; for the Redis store alone.
 */
#ifndef SIO_STORE_REDIS_KEY_H
#define SIO_STORE_REDIS_KEY_H

#include "protocol/view.h"
#include "store/redis.h"
#include "store/store.h"

enum { SIO_REDIS_MAX_KIND = 9, SIO_REDIS_BRACES = 2 };

/* <prefix><kind><id>; {<prefix>}<kind><id> of what is in one slot of Redis Cluster. */
typedef struct {
    size_t len;
    char   text[SIO_REDIS_BRACES + SIO_REDIS_MAX_PREFIX + SIO_REDIS_MAX_KIND + SIO_STORE_MAX_ID];
} sio_redis_key;

static inline sio_view
sio_redis_key_view(const sio_redis_key *key)
{
    return (sio_view){key->text, key->len};
}

#endif
