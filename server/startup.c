#include "server/startup.h"

#include <stdio.h>

#include "server/engine/watcher.h"
#include "server/server.h"
#include "server/socketio/observer.h"
#include "store/memory.h"
#include "store/redis.h"

/* --- The store. --- */

static void
on_store_log(void *arg, int level, const char *text)
{
    sio_log_line(arg, level, text);
}

static int
open_redis_store(sio_server *s, const sio_handshakes_limits *limits)
{
    sio_redis_url       url;
    char                prefix[SIO_REDIS_MAX_PREFIX + 1];
    sio_redis_store_cfg cfg = {.base = s->env.base,
                               .url = &url,
                               .prefix = prefix,
                               .limits = *limits,
                               .bare_clients = sio_adapters_bare_clients(&s->env),
                               .log = on_store_log,
                               .log_arg = s};
    char                why[256];

    if (sio_redis_url_parse(s->cfg.redis, &url, why, sizeof why) != SIO_OK) {
        sio_buf_add_str(&s->error, "\"redis\": ");
        sio_buf_add_str(&s->error, why);
        return SIO_ERR_CONFIG;
    }
    snprintf(prefix, sizeof prefix, "%s:", s->cfg.cluster_name); /* bounded by its setting */
    return sio_redis_store_new(&s->env.store, &cfg);
}

static int
open_store(sio_server *s)
{
    const sio_handshakes_limits limits = {.max_entries = s->cfg.max_unused_handshakes};

    if (s->cfg.redis[0] != '\0')
        return open_redis_store(s, &limits);
    return sio_memory_store_new(&s->env.store, s->env.base, &limits);
}

/* --- The others. --- */

int
sio_startup_join(sio_server *s)
{
    sio_env *env = &s->env;
    int      rc;

    if (s->cfg.redis[0] == '\0')
        return SIO_OK;
    sio_roaming_join(env);
    if ((rc = sio_adapters_join(env)) != SIO_OK)
        return rc;
    return sio_cluster_join(env);
}

/* Nobody else is there any more. */
static void
part(sio_server *s)
{
    sio_cluster_quit(&s->env);
    sio_watcher_remove_all(&s->env);
    sio_observer_remove_all(&s->env);
    s->io.adapter = NULL;
    s->io.recovery.remote = NULL;
    s->roaming.foreign = NULL;
}

/* --- All of them. --- */

int
sio_startup_open(sio_server *s)
{
    sio_env *env = &s->env;
    int      rc;

    if ((rc = sio_net_open(env)) != SIO_OK || (rc = sio_signals_catch(s)) != SIO_OK ||
        (rc = open_store(s)) != SIO_OK || (rc = sio_startup_join(s)) != SIO_OK) {
        if (s->error.len == 0)
            sio_buf_add_str(&s->error, "out of memory");
        return rc;
    }
    sio_handlers_open(env);
    return sio_listener_open(&s->listener, env, s->cfg.port, sio_net_accept, &s->error);
}

void
sio_startup_close(sio_server *s)
{
    part(s);
    sio_net_close(&s->env);
    sio_store_free(s->env.store);
    s->env.store = NULL;
    sio_handlers_close(&s->env);
}
