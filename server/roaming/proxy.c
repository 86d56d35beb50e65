#include "server/roaming/proxy.h"

#include "server/base/env.h"
#include "server/http/response.h"

bool
sio_proxy_has_room(sio_exchange *x, const sio_peer *peer)
{
    if (sio_peer_has_room(peer))
        return true;
    x->env->stats.backlog_full++;
    sio_response_refuse(x, 503, "The instance that has this session does not answer.");
    return false;
}
