#include "server/startup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/announcement.h"
#include "server/app_timer.h"
#include "server/engine/watcher.h"
#include "server/handler/flash_policy.h"
#include "server/handler/routes.h"
#include "server/handler/session09.h"
#include "server/handout.h"
#include "server/http/http_conn.h"
#include "server/listeners.h"
#include "server/privileges.h"
#include "server/roaming/ending.h"
#include "server/sandbox.h"
#include "server/server.h"
#include "server/socketio/observer.h"
#include "server/worker_ask.h"
#include "server/worker_share.h"
#include "store/bus.h"
#include "store/memory.h"
#include "store/redis.h"

enum { STORE_PATIENCE_MS = 1000 };

/* --- The store. --- */

static void
on_store_log(void *arg, int level, const char *text)
{
    const sio_server   *s = arg;
    const sio_log_event event =
        level == SIO_STORE_INFO ? SIO_EVENT_REDIS_UP : SIO_EVENT_REDIS_TROUBLE;

    sio_log_at(&s->env.log, level, event, NULL, "%s", text);
}

/* The files are read here, with the rights that the server begins with. */
static int
open_redis_tls(sio_server *s, sio_redis_tls **out)
{
    const sio_redis_tls_cfg cfg = {.ca = s->cfg.redis_ca,
                                   .certificate = s->cfg.redis_certificate,
                                   .key = s->cfg.redis_key,
                                   .server_name = s->cfg.redis_server_name};
    char                    why[512];
    const int               rc = sio_redis_tls_new(out, &cfg, why, sizeof why);

    if (rc != SIO_OK) {
        sio_buf_add_str(&s->error, "\"redis\": ");
        sio_buf_add_str(&s->error, why);
    }
    return rc;
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
    int                 rc;

    if (sio_redis_url_parse(s->cfg.redis, &url, why, sizeof why) != SIO_OK) {
        sio_buf_add_str(&s->error, "\"redis\": ");
        sio_buf_add_str(&s->error, why);
        return SIO_ERR_CONFIG;
    }
    if (url.has_tls && (rc = open_redis_tls(s, &cfg.tls)) != SIO_OK)
        return rc;
    snprintf(prefix, sizeof prefix, "%s:", s->cfg.cluster_name); /* bounded by its setting */
    return sio_redis_store_new(&s->env.store, &cfg);
}

/* To the other workers. */
static int
open_bus(sio_server *s, const sio_handshakes_limits *limits)
{
    const sio_bus_cfg cfg = {.base = s->env.base, .limits = *limits, .number = s->worker.number};

    return sio_bus_store_new(&s->env.store, &cfg);
}

static int
open_store(sio_server *s)
{
    const sio_handshakes_limits limits = {.max_entries = s->cfg.max_unused_handshakes};

    if (s->cfg.redis[0] != '\0')
        return open_redis_store(s, &limits);
    if (s->worker.is_one)
        return open_bus(s, &limits);
    return sio_memory_store_new(&s->env.store, s->env.base, &limits);
}

/* --- The others. --- */

int
sio_startup_join(sio_server *s)
{
    sio_env *env = &s->env;
    int      rc;

    sio_user_limit_open(env);
    if (!env->store->has_others)
        return SIO_OK;
    if ((rc = sio_partitions_open(env)) != SIO_OK)
        return rc;
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
    sio_user_limit_close(&s->env);
    s->io.adapter = NULL;
    s->io.recovery.remote = NULL;
    s->roaming.foreign = NULL;
}

/* --- All of them. --- */

/* The sockets of the service manager, in place of those that the settings name. */
static int
open_fronts(sio_server *s)
{
    sio_front_words words[SIO_FRONTS_MAX];
    const unsigned  n = sio_systemd_sockets(s, words);

    return n > 0 ? sio_fronts_adopt(&s->env, SIO_SYSTEMD_FIRST_SOCKET, n, words, &s->error)
                 : sio_fronts_open(&s->env, &s->error);
}

static int
open_admin(sio_server *s)
{
    const sio_control control = {.drain = sio_drain,
                                 .undrain = sio_undrain,
                                 .reload = sio_reload,
                                 .error = sio_error,
                                 .io = s};

    if (s->worker.is_one) /* its master listens */
        return sio_admin_measure(&s->env);
    return sio_admin_open(&s->env, &control, &s->error);
}

/* A worker listens where its master does, and a successor where its predecessor did. */
static int
take_kept_sockets(sio_server *s)
{
    int rc = SIO_OK;

    s->net.shares_ports = s->worker.is_one;
    s->net.kept = s->worker.is_one ? &s->worker.kept : NULL;
    if (s->worker.is_one || (rc = sio_inheritance_take(s)) != SIO_OK || !s->inheritance.is_there)
        return rc;
    s->net.kept = &s->inheritance.shares[0];
    return sio_inheritance_merge(&s->inheritance, &s->error);
}

static int
startup_open(sio_server *s)
{
    sio_env *env = &s->env;
    int      rc;

    if ((rc = sio_worker_ask(s)) != SIO_OK)
        return rc;
    if ((rc = sio_post_begin(s) == 0 ? SIO_OK : SIO_ERR_NOMEM) != SIO_OK ||
        (rc = take_kept_sockets(s)) != SIO_OK || (rc = sio_net_open(env)) != SIO_OK ||
        (rc = sio_net_open_tls(env, &s->error)) != SIO_OK ||
        (rc = sio_signals_catch(s)) != SIO_OK || (rc = open_store(s)) != SIO_OK ||
        (rc = sio_worker_add_peers(s)) != SIO_OK || (rc = sio_startup_join(s)) != SIO_OK ||
        (rc = sio_worker_open(s)) != SIO_OK) {
        if (s->error.len == 0)
            sio_buf_add_str(&s->error, "out of memory");
        return rc;
    }
    if ((rc = open_admin(s)) != SIO_OK || (rc = sio_backends_open(env, &s->error)) != SIO_OK ||
        (rc = sio_admin_ui_open(env, &s->error)) != SIO_OK)
        return rc;
    if (!s->listens)
        return SIO_OK;
    sio_handlers_open(env);
    rc = open_fronts(s);
    s->net.port = sio_fronts_port(env);
    if (rc == SIO_OK)
        sio_flash_policy_open(env);
    return rc;
}

static void
startup_close(sio_server *s)
{
    sio_post_end(s);
    sio_memory_guard_fini(&s->env);
    sio_fronts_close(&s->env);
    sio_listener_close(&s->handlers.flash_listener);
    part(s);
    sio_net_close(&s->env);
    sio_admin_close(&s->env);
    sio_backends_close(&s->env);
    sio_admin_ui_close(&s->env);
    sio_store_free(s->env.store);
    s->env.store = NULL;
    sio_handlers_close(&s->env);
}

/* --- Birth and death. --- */

/* Everyone knows the surroundings, and finds there what belongs to its folder. */
static void
put_parts_together(sio_server *s)
{
    s->env.cfg = &s->cfg;
    s->env.net = &s->net;
    s->env.http = &s->http;
    s->env.engine = &s->engine;
    s->env.websockets = &s->websockets;
    s->env.io = &s->io;
    s->env.cluster = &s->cluster;
    s->env.roaming = &s->roaming;
    s->env.adapters = &s->adapters;
    s->env.handlers = &s->handlers;
    s->env.admin = &s->admin;
    s->env.backends = &s->backends;
    s->env.admin_ui = &s->admin_ui;
}

/* What needs no memory comes first, since sio_server_free() walks all lists in any case. */
static int
init_parts(sio_server *s)
{
    sio_env  *env = &s->env;
    const int rcs[] = {sio_http_init(env, &sio_routes), sio_engine_init(env),
                       sio_handlers_init(env),          sio_io_init(env),
                       sio_cluster_init(env),           sio_roaming_init(env),
                       sio_adapters_init(env),          sio_cfg_init(&s->cfg)};

    for (size_t i = 0; i < sizeof rcs / sizeof rcs[0]; i++)
        if (rcs[i] != SIO_OK)
            return rcs[i];
    if (env->base == NULL) {
        env->base = event_base_new();
        s->owns_base = true;
    }
    return env->base != NULL ? sio_env_begin(env) : SIO_ERR_NOMEM;
}

sio_server *
sio_server_new(struct event_base *base)
{
    sio_server *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->env.base = base;
    s->posts.wakeup = -1;
    put_parts_together(s);
    sio_env_init(&s->env);
    sio_net_init(&s->env, &sio_http_conn_owner);
    sio_websockets_init(&s->env);
    sio_backends_init(&s->env);
    sio_admin_ui_init(&s->env);
    sio_link_init(&s->timeouts);
    sio_buf_init(&s->error, SIZE_MAX);
    if (init_parts(s) == SIO_OK && sio_post_init(s) == 0)
        return s;
    sio_server_free(s);
    return NULL;
}

void
sio_server_free(sio_server *io)
{
    sio_env *env = sio_env_of(io);

    if (io == NULL)
        return;
    env->phase = SIO_STOPPING;
    sio_successor_end(&io->successor);
    sio_inheritance_close(io);
    sio_spread_cancel(&io->drain.spread);
    sio_fronts_close(env);
    sio_listener_close(&io->handlers.flash_listener);
    sio_session09_cancel(env);
    sio_ending_cancel_all(env);
    sio_engine_end_sessions(env, "server shutting down");
    sio_admin_ui_settle(env);
    sio_post_finish(io);
    sio_adapters_settle(env);
    startup_close(io);
    sio_recovery_fini(env);
    sio_deferred_fini(&env->deferred);
    sio_backends_fini(env);
    sio_app_timer_free_all(io); /* last, since callbacks may have set some in the meantime */
    sio_io_fini(env);
    sio_engine_fini(env);
    sio_cluster_fini(env);
    sio_roaming_fini(env);
    sio_adapters_fini(env);
    sio_handlers_fini(env);
    sio_http_fini(env);
    sio_websockets_fini(env);
    sio_systemd_close(io);
    sio_worker_close(&io->worker);
    sio_buf_fini(&io->error);
    sio_post_fini(io);
    sio_env_fini(env);
    sio_cfg_fini(&io->cfg);
    sio_sources_fini(&io->sources);
    sio_command_line_fini(&io->command_line);
    sio_signals_release(&io->signals); /* last: until here they are expected, and answered */
    if (io->owns_base && env->base != NULL)
        event_base_free(env->base);
    free(io);
}

/* --- Listening. --- */

/* The file of a unix socket, which the user that it becomes has to remove. */
static int
give_file(sio_server *s, sio_listener *l, void *arg)
{
    (void)arg;
    return sio_privileges_give(&s->cfg, l->unix_socket.path, &s->error);
}

/* Whatever needs rights has been done. Threads have those of the one that starts them. */
static int
give_rights_up(sio_server *s)
{
    const sio_log  quiet = {.level = SIO_LOG_NONE};
    const sio_log *log = s->worker.number > 0 ? &quiet : &s->env.log; /* one tells it for all */
    int            rc;

    if ((rc = sio_listeners_each(s, give_file, NULL)) != SIO_OK ||
        (rc = sio_privileges_drop(&s->cfg, log, &s->error)) != SIO_OK ||
        (rc = sio_sandbox_enter(s->cfg.sandbox, log, &s->error)) != SIO_OK)
        return rc;
    return sio_handout_start_log(s);
}

static void
on_ready_timer(sio_timer *timer)
{
    const sio_server *s = SIO_CONTAINER(timer, sio_server, start_timer);

    if (s->on_ready != NULL)
        s->on_ready(s->ready_arg);
}

void
sio_on_ready(sio_server *io, void (*fn)(void *arg), void *arg)
{
    io->on_ready = fn;
    io->ready_arg = arg;
}

static void
server_start(void *arg)
{
    sio_server *s = arg;

    if (s->env.phase != SIO_STARTING)
        return;
    s->env.phase = SIO_SERVING;
    s->start_timer.fire = on_ready_timer; /* never in sio_listen() */
    sio_timer_set(&s->env.timers, &s->start_timer, 0);
    if (!s->listens)
        return;
    sio_fronts_pause(&s->env, false);
    sio_announcement_serve(s);
}

static void
on_start_timer(sio_timer *timer)
{
    server_start(SIO_CONTAINER(timer, sio_server, start_timer));
}

/*
 * The first clients wait in the queue of the kernel until Redis is there, or known to be away: a
 * handshake answered before that would be good on this instance only.
 */
static void
start_when_settled(sio_server *s)
{
    if (s->listens)
        sio_fronts_pause(&s->env, true);
    s->start_timer.fire = on_start_timer;
    sio_timer_set(&s->env.timers, &s->start_timer, STORE_PATIENCE_MS);
    sio_store_on_settled(s->env.store, server_start, s);
}

/* With a port, or without. */
static int
startup_begin(sio_server *io, bool listens)
{
    int rc;

    sio_server_clear_error(io);
    if (io->net.carrier != NULL || io->env.phase == SIO_STOPPING) {
        sio_buf_add_str(&io->error, io->env.phase == SIO_STOPPING ? "stopped"
                                    : io->listens                 ? "listening already"
                                                                  : "in the cluster already");
        return sio_server_fail(io, SIO_ERR_CONFIG);
    }
    if (io->env.lacked_memory) /* something that it was told is not there */
        return sio_server_fail(io, SIO_ERR_NOMEM);
    if ((rc = sio_cfg_check(&io->cfg, &io->error)) != SIO_OK)
        return sio_server_fail(io, rc);
    if (listens && io->cfg.workers != 1 && !io->knows_workers) {
        sio_buf_add_str(&io->error, "\"workers\" are made before: by sio_fork_workers(), or by an "
                                    "option or a file of the program siobroker");
        return sio_server_fail(io, SIO_ERR_CONFIG);
    }
    io->listens = listens;
    sio_worker_share_once(&io->worker, &io->cfg);
    sio_handout_copies(io);
    sio_systemd_open(io);
    if (!io->worker.is_one || (io->worker.is_late && io->worker.number == 0)) /* else it is said */
        sio_announcement_advise(io);
    if ((rc = startup_open(io)) != SIO_OK || (rc = give_rights_up(io)) != SIO_OK) {
        startup_close(io);
        return sio_server_fail(io, rc);
    }
    start_when_settled(io);
    return 0;
}

int
sio_listen(sio_server *io)
{
    return startup_begin(io, true);
}

int
sio_join_cluster(sio_server *io)
{
    return startup_begin(io, false);
}
