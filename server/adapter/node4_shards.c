#include "server/adapter/node4_shards.h"

#include "protocol/node4_channel.h"
#include "server/adapter/adapters.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/observer.h"
#include "server/socketio/socket.h"

static void
each_shard(const sio_namespace *nsp, sio_view room, bool is_joined)
{
    sio_env   *env = nsp->env;
    sio_node4 *n = &env->adapters->node4;

    if (env->store == NULL)
        return; /* the server ends */
    sio_buf_clear(&n->channel);
    sio_node4_channel_add(&n->channel, sio_view_of(env->cfg->node_key), SIO_NODE4_EVENTS, nsp->name,
                          room);
    if (!is_joined && !n->channel.failed)
        sio_store_shards_leave(env->store, sio_buf_view(&n->channel));
    else if (n->channel.failed ||
             sio_store_shards_join(env->store, sio_buf_view(&n->channel)) != SIO_OK)
        sio_log_error(&env->log, NULL, "out of memory: a channel of Node is not heard");
}

static void
on_shard_opened(const sio_namespace *nsp)
{
    each_shard(nsp, SIO_VIEW(""), true);
    each_shard(nsp, sio_view_of(nsp->env->adapters->node4.uid), true);
}

static void
on_shard_closed(const sio_namespace *nsp)
{
    each_shard(nsp, SIO_VIEW(""), false);
    each_shard(nsp, sio_view_of(nsp->env->adapters->node4.uid), false);
}

static void
on_shard_joined(const sio_socket *socket)
{
    each_shard(socket->nsp, sio_socket_id(socket), true);
}

static void
on_shard_left(const sio_socket *socket, const char *reason)
{
    const char *room;

    (void)reason;
    each_shard(socket->nsp, sio_socket_id(socket), false);
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++)
        each_shard(socket->nsp, sio_view_of(room), false);
}

static void
on_shard_entered(const sio_socket *socket, const char *room)
{
    each_shard(socket->nsp, sio_view_of(room), true);
}

static void
on_shard_exited(const sio_socket *socket, const char *room)
{
    each_shard(socket->nsp, sio_view_of(room), false);
}

static const sio_observer shards_observer = {
    .opened = on_shard_opened,
    .closed = on_shard_closed,
    .joined = on_shard_joined,
    .left = on_shard_left,
    .entered = on_shard_entered,
    .exited = on_shard_exited,
};

int
sio_node4_shards_join(sio_env *env, sio_store_heard heard)
{
    const int rc = sio_store_shards_hear(env->store, heard, env);

    if (rc == SIO_OK)
        sio_observer_add(env, &shards_observer);
    return rc;
}
