#include "server/adapter/node4_channels.h"

#include "protocol/node4_channel.h"
#include "server/adapter/adapters.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/observer.h"
#include "store/channels.h"

enum { MAX_CHANNELS = 3 };

/* One of them, and whose it is. */
typedef struct {
    sio_node4_topic topic;
    sio_view        room;
} channel_kind;

static size_t
kinds_of(const sio_node4 *n, channel_kind kinds[MAX_CHANNELS])
{
    const sio_view everyone = SIO_VIEW(""), me = sio_view_of(n->uid);

    if (n->is_streams) {
        kinds[0] = (channel_kind){SIO_NODE4_EVENTS, everyone};
        kinds[1] = (channel_kind){SIO_NODE4_EVENTS, me};
        return 2;
    }
    kinds[0] = (channel_kind){SIO_NODE4_REQUESTS, everyone};
    kinds[1] = (channel_kind){SIO_NODE4_RESPONSES, everyone};
    kinds[2] = (channel_kind){SIO_NODE4_RESPONSES, me};
    return 3;
}

static void
each_channel(const sio_namespace *nsp, bool is_joined)
{
    sio_env     *env = nsp->env;
    sio_node4   *n = &env->adapters->node4;
    channel_kind kinds[MAX_CHANNELS];
    const size_t n_kinds = kinds_of(n, kinds);

    for (size_t i = 0; i < n_kinds; i++) {
        sio_buf_clear(&n->channel);
        sio_node4_channel_add(&n->channel, sio_view_of(env->cfg->node_key), kinds[i].topic,
                              nsp->name, kinds[i].room);
        if (!is_joined && !n->channel.failed)
            sio_store_channel_leave(env->store, sio_buf_view(&n->channel));
        else if (n->channel.failed ||
                 sio_store_channel_join(env->store, sio_buf_view(&n->channel)) != SIO_OK)
            sio_log_error(&env->log, NULL, "out of memory: Node is not answered in a namespace");
    }
}

static void
on_channels_opened(const sio_namespace *nsp)
{
    each_channel(nsp, true);
}

static void
on_channels_closed(const sio_namespace *nsp)
{
    if (nsp->env->store != NULL)
        each_channel(nsp, false);
}

static const sio_observer channels_observer = {.opened = on_channels_opened,
                                               .closed = on_channels_closed};

void
sio_node4_channels_join(sio_env *env)
{
    sio_observer_add(env, &channels_observer);
}
