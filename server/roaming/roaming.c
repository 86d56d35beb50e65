#include "server/roaming/roaming.h"

#include "server/base/env.h"

int
sio_roaming_init(sio_env *env)
{
    sio_roaming *r = env->roaming;

    sio_link_init(&r->searches);
    sio_link_init(&r->endings);
    if (sio_hash_init(&r->proxy_sessions) != SIO_OK ||
        sio_hash_init(&r->proxy_requests) != SIO_OK ||
        sio_hash_init(&r->owner_channels) != SIO_OK || sio_hash_init(&r->forwards) != SIO_OK)
        return SIO_ERR_NOMEM;
    return SIO_OK;
}

void
sio_roaming_fini(sio_env *env)
{
    sio_roaming *r = env->roaming;

    sio_hash_fini(&r->proxy_sessions);
    sio_hash_fini(&r->proxy_requests);
    sio_hash_fini(&r->owner_channels);
    sio_hash_fini(&r->forwards);
}
