#include "server/roaming/presence.h"

#include "server/base/env.h"
#include "server/engine/engine.h"
#include "server/engine/watcher.h"
#include "server/roaming/directory.h"

static void
on_opened(sio_session *s)
{
    sio_store_session_add(s->env->store, sio_view_of(s->env->tag), s->node.key);
    sio_directory_tell_home(s->env, s->node.key, SIO_CM_OWNS);
}

static void
on_ended(sio_session *s)
{
    sio_store_session_remove(s->env->store, sio_view_of(s->env->tag), s->node.key);
}

static void
on_forgotten(sio_session *s)
{
    sio_directory_tell_home(s->env, s->node.key, SIO_CM_ENDED);
}

const sio_watcher sio_presence_watcher = {
    .opened = on_opened,
    .ended = on_ended,
    .forgotten = on_forgotten,
};

/* Tell the store again that this instance is there, and which sessions it has; it has no others. */
static void
presence_register(sio_env *env)
{
    const sio_view tag = sio_view_of(env->tag);

    sio_store_instance_remove(env->store, tag); /* with those that ended while Redis was away */
    sio_store_instance_touch(env->store, tag);
    for (sio_hash_node *n = NULL; (n = sio_hash_next(&env->engine->sessions, n)) != NULL;)
        if (!SIO_CONTAINER(n, sio_session, node)->ended)
            sio_store_session_add(env->store, tag, n->key);
}

const sio_cluster_module sio_presence_module = {
    .end_sessions = sio_engine_end_sessions,
    .on = {[SIO_CLUSTER_CONFIRMED] = presence_register},
};
