#include "server/handler/handlers.h"

#include <limits.h>
#include <string.h>

#include "protocol/result.h"
#include "server/assets/client_directory.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/watcher.h"
#include "server/handler/flash_policy.h"
#include "server/handler/route.h"

enum { PAGE_PATIENCE_MS = 60000 };

/* A directory of the user's own, such as that of the npm package, may have just those of 0.9. */
static void
tell_of_missing_client4(const sio_env *env, sio_view why)
{
    if (strcmp(env->cfg->browser_client_version, "4") == 0)
        sio_log_warn(&env->log, NULL, "%.*s", (int)why.len, why.data);
    else
        sio_log_info(&env->log, NULL, "%.*s", (int)why.len, why.data);
}

static void
open_client_files(sio_env *env)
{
    sio_handlers *h = env->handlers;
    char          directory[PATH_MAX];
    sio_buf       why;

    sio_buf_init(&why, SIZE_MAX);
    sio_client_directory(env->cfg, directory);
    if (sio_client09_files_new(&h->client09_files, env->cfg, directory, &why) != SIO_OK)
        sio_log_warn(&env->log, NULL, "%.*s", (int)why.len, why.data);
    sio_buf_clear(&why);
    if (sio_client4_files_new(&h->client4_files, env->cfg, directory, &why) != SIO_OK)
        tell_of_missing_client4(env, sio_buf_view(&why));
    sio_buf_clear(&why);
    if (sio_cfg_admin_ui_is_served(&env->cfg->admin_ui) && env->cfg->admin_ui.page[0] != '\0' &&
        sio_admin_ui_files_new(&h->admin_ui_files, directory, &why) != SIO_OK)
        sio_log_warn(&env->log, NULL, "%.*s", (int)why.len, why.data);
    sio_buf_fini(&why);
}

int
sio_handlers_init(sio_env *env)
{
    int rc;

    sio_link_init(&env->handlers->openings);
    sio_link_init(&env->handlers->routes);
    env->handlers->page_patience_ms = PAGE_PATIENCE_MS;
    sio_watcher_add(env, &sio_unused_handshakes_watcher);
    rc = sio_unused_handshakes_init(env);
    return rc == SIO_OK ? sio_handshake_rate_init(&env->handlers->handshake_rate) : rc;
}

void
sio_handlers_fini(sio_env *env)
{
    sio_unused_handshakes_fini(env);
    sio_handshake_rate_fini(&env->handlers->handshake_rate);
    sio_route_free_all(env);
}

void
sio_handlers_open(sio_env *env)
{
    open_client_files(env);
    sio_route_open(env);
}

void
sio_handlers_close(sio_env *env)
{
    sio_handlers *h = env->handlers;

    sio_client09_files_free(h->client09_files);
    h->client09_files = NULL;
    sio_client4_files_free(h->client4_files);
    h->client4_files = NULL;
    sio_admin_ui_files_free(h->admin_ui_files);
    h->admin_ui_files = NULL;
}

void
sio_handlers_adjust(sio_env *env)
{
    sio_flash_policy_adjust(env);
    if (sio_client09_files_set_transports(env->handlers->client09_files, &env->cfg->transports) !=
        SIO_OK)
        sio_log_error(&env->log, NULL, "out of memory: the browser client has its old transports");
}
