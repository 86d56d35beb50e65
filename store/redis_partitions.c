#include "store/redis_partitions.h"

#include <stdio.h>
#include <string.h>

static const char kind[] = "part:";

sio_redis_key
sio_redis_partitions_key(const sio_redis_partitions *p, unsigned number)
{
    sio_redis_key key;

    key.len = (size_t)snprintf(key.text, sizeof key.text, "%s%s%u", p->prefix, kind, number);
    return key;
}

bool
sio_redis_partitions_has(const sio_redis_partitions *p, sio_view channel)
{
    const size_t prefix_len = strlen(p->prefix), len = prefix_len + sizeof kind - 1;

    return channel.len > len && memcmp(channel.data, p->prefix, prefix_len) == 0 &&
           memcmp(channel.data + prefix_len, kind, sizeof kind - 1) == 0;
}

unsigned
sio_redis_partitions_next(const sio_redis_partitions *p, unsigned number)
{
    while (number < SIO_STORE_MAX_PARTITIONS && !p->joined[number])
        number++;
    return number;
}
