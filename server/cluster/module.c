#include "server/cluster/module.h"

#include <assert.h>
#include <string.h>

#include "server/base/env.h"
#include "server/cluster/cluster.h"

void
sio_cluster_module_add(sio_env *env, const sio_cluster_module *m)
{
    const sio_cluster_module **end = env->cluster->modules;

    while (*end != NULL)
        end++;
    assert(end < env->cluster->modules + SIO_MAX_CLUSTER_MODULES);
    *end = m;
}

void
sio_cluster_module_remove_all(sio_env *env)
{
    memset(env->cluster->modules, 0, sizeof env->cluster->modules);
}

/* No kind is 0, which would be found at the end of each list. */
static bool
module_hears(const sio_cluster_module *m, uint8_t kind)
{
    return m->kinds != NULL && kind != 0 && strchr(m->kinds, kind) != NULL;
}

void
sio_cluster_module_hear(sio_peer *peer, bool is_cast, const sio_cluster_message *m)
{
    for (const sio_cluster_module **p = peer->env->cluster->modules; *p != NULL; p++) {
        void (*hear)(sio_peer *, const sio_cluster_message *) =
            is_cast ? (*p)->hear_cast : (*p)->hear;

        if (hear != NULL && module_hears(*p, m->kind))
            hear(peer, m);
    }
}

bool
sio_cluster_module_awaits(const sio_peer *peer)
{
    for (const sio_cluster_module **p = peer->env->cluster->modules; *p != NULL; p++)
        if ((*p)->awaits != NULL && (*p)->awaits(peer))
            return true;
    return false;
}

void
sio_cluster_module_peer_away(sio_peer *peer)
{
    for (const sio_cluster_module **p = peer->env->cluster->modules; *p != NULL; p++)
        if ((*p)->peer_away != NULL)
            (*p)->peer_away(peer);
}

void
sio_cluster_module_peer_gone(sio_peer *peer)
{
    for (const sio_cluster_module **p = peer->env->cluster->modules; *p != NULL; p++)
        if ((*p)->peer_gone != NULL)
            (*p)->peer_gone(peer);
}

void
sio_cluster_module_session_lost(sio_env *env, sio_view id)
{
    for (const sio_cluster_module **p = env->cluster->modules; *p != NULL; p++)
        if ((*p)->session_lost != NULL)
            (*p)->session_lost(env, id);
}

void
sio_cluster_module_instance_gone(sio_env *env, const char *tag)
{
    for (const sio_cluster_module **p = env->cluster->modules; *p != NULL; p++)
        if ((*p)->instance_gone != NULL)
            (*p)->instance_gone(env, tag);
}

void
sio_cluster_module_end_sessions(sio_env *env, const char *reason)
{
    for (const sio_cluster_module **p = env->cluster->modules; *p != NULL; p++)
        if ((*p)->end_sessions != NULL)
            (*p)->end_sessions(env, reason);
}

void
sio_cluster_module_tell(sio_env *env, sio_cluster_event event)
{
    for (const sio_cluster_module **p = env->cluster->modules; *p != NULL; p++)
        if ((*p)->on[event] != NULL)
            (*p)->on[event](env);
}
