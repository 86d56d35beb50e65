#include "server/admin/admin.h"

#include "protocol/result.h"
#include "server/admin/admin_routes.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "store/clock.h"

/* Some watchers, and a person; each asks for a line. */
static const sio_side_bounds bounds = {
    .max_connections = 32, .max_request_bytes = 8192, .timeout_ms = 5000};

static void
log_where(sio_env *env, const sio_side_listener *l, sio_view address)
{
    sio_buf url;

    sio_buf_init(&url, SIZE_MAX);
    sio_side_add_url(l, address, &url);
    sio_log_at(&env->log, SIO_LOG_INFO, SIO_EVENT_ADMIN_LISTENING, NULL, "admin at %.*s",
               (int)url.len, url.data);
    sio_buf_fini(&url);
}

int
sio_admin_measure(sio_env *env)
{
    sio_admin *admin = env->admin;

    admin->began_ms = env->measures.settings_read_ms = sio_epoch_ms();
    if (env->cfg->admin_listen.n == 0)
        return SIO_OK;
    sio_process_usage_init(&admin->usage);
    env->deferred.turns = &env->measures.loop_turns;
    return sio_loop_lag_begin(&admin->loop_lag, env);
}

int
sio_admin_open(sio_env *env, const sio_control *control, sio_buf *error)
{
    sio_admin       *admin = env->admin;
    const sio_texts *addresses = &env->cfg->admin_listen;
    int              rc = SIO_OK;

    admin->control = *control;
    if (addresses->n > 0)
        sio_side_init(&admin->side, env, &sio_admin_routes, &bounds, &env->stats.admin_refusals);
    for (size_t i = 0; rc == SIO_OK && i < addresses->n; i++)
        if ((rc = sio_side_listen(&admin->side, addresses->items[i], error)) == SIO_OK)
            log_where(env, &admin->side.listeners[i], addresses->items[i]);
    return rc == SIO_OK ? sio_admin_measure(env) : rc;
}

void
sio_admin_close(sio_env *env)
{
    sio_admin *admin = env->admin;

    sio_side_close(&admin->side);
    sio_loop_lag_end(&admin->loop_lag);
    sio_log_level_restore(&admin->log_level);
    env->deferred.turns = NULL;
}
