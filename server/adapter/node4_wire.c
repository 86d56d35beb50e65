#include "server/adapter/node4_wire.h"

#include "server/adapter/adapters.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "store/channels.h"

int
sio_node4_wire_publish(sio_env *env, sio_node4_topic topic, sio_view nsp, sio_view room)
{
    sio_node4 *n = &env->adapters->node4;

    sio_buf_clear(&n->channel);
    sio_node4_channel_add(&n->channel, sio_view_of(env->cfg->node_key), topic, nsp, room);
    if (n->channel.failed || n->message.failed)
        return SIO_ERR_NOMEM;
    return sio_store_channel_publish(env->store, sio_buf_view(&n->channel),
                                     sio_buf_view(&n->message));
}
