#include "server/roaming/roaming.h"

#include "server/base/env.h"
#include "server/engine/watcher.h"
#include "server/roaming/directory.h"
#include "server/roaming/owner_request.h"
#include "server/roaming/presence.h"
#include "server/roaming/proxy_request.h"
#include "server/roaming/proxy_session.h"
#include "server/roaming/recovery_transfer.h"
#include "server/roaming/stranded.h"
#include "server/socketio/io.h"

/*
 * The order in which they are told that an instance is gone. Channels come first, since sessions of
 * this instance may end with them; forwards go after all that looks for a session there.
 */
static const sio_cluster_module *const modules[] = {
    &sio_presence_module,      &sio_owner_request_module, &sio_proxy_request_module,
    &sio_proxy_session_module, &sio_directory_module,     &sio_recovery_transfer_module,
    &sio_stranded_module,
};

int
sio_roaming_init(sio_env *env)
{
    sio_roaming *r = env->roaming;

    sio_link_init(&r->endings);
    sio_stranded_init(env);
    if (sio_hash_init(&r->proxy_sessions) != SIO_OK ||
        sio_hash_init(&r->proxy_requests) != SIO_OK ||
        sio_hash_init(&r->owner_channels) != SIO_OK || sio_hash_init(&r->forwards) != SIO_OK ||
        sio_hash_init(&r->waiting) != SIO_OK || sio_hash_init(&r->questions) != SIO_OK)
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
    sio_hash_fini(&r->waiting);
    sio_hash_fini(&r->questions);
}

void
sio_roaming_join(sio_env *env)
{
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        sio_cluster_module_add(env, modules[i]);
    sio_watcher_add(env, &sio_presence_watcher);
    env->io->recovery.remote = &sio_recovery_transfer;
}
