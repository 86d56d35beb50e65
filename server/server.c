#include "server/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/adapter/survey.h"
#include "server/config/config_file.h"
#include "server/config/options.h"
#include "server/engine/session.h"
#include "server/handler/flash_policy.h"
#include "server/handler/routes.h"
#include "server/handler/session09.h"
#include "server/http/http_conn.h"
#include "server/roaming/ending.h"
#include "server/socketio/acks.h"
#include "server/startup.h"

enum { STORE_PATIENCE_MS = 1000 };

/* --- Errors and small things. --- */

static int
fail(sio_server *s, int rc)
{
    if (rc == SIO_OK)
        return 0;
    if (rc == SIO_ERR_NOMEM && s->error.len == 0)
        sio_buf_add_str(&s->error, "out of memory");
    sio_buf_add_char(&s->error, '\0');
    return -1;
}

const char *
sio_error(const sio_server *io)
{
    if (io->error.failed)
        return "out of memory";
    return io->error.len > 0 ? io->error.data : "";
}

void
sio_log_line(const sio_server *io, int level, const char *text)
{
    if (level <= io->env.log.level)
        sio_log_printf(&io->env.log, level, NULL, "%s", text);
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
}

/* What needs no memory comes first, since sio_server_free() walks all lists in any case. */
static int
init_parts(sio_server *s)
{
    sio_env  *env = &s->env;
    const int rcs[] = {sio_engine_init(env),  sio_io_init(env),       sio_cluster_init(env),
                       sio_roaming_init(env), sio_adapters_init(env), sio_cfg_init(&s->cfg)};

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
    put_parts_together(s);
    sio_env_init(&s->env);
    sio_net_init(&s->env, &sio_http_conn_owner);
    sio_http_init(&s->env, &sio_routes);
    sio_websockets_init(&s->env);
    sio_handlers_init(&s->env);
    sio_link_init(&s->timeouts);
    sio_buf_init(&s->error, SIZE_MAX);
    if (init_parts(s) == SIO_OK)
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
    env->stopping = true;
    sio_listener_close(&io->listener);
    sio_listener_close(&io->handlers.flash_listener);
    sio_session09_cancel(env);
    sio_ending_cancel_all(env);
    sio_engine_end_sessions(env, "server shutting down");
    sio_startup_close(io);
    sio_recovery_fini(env);
    sio_deferred_fini(&env->deferred);
    sio_survey_free_all(env);
    sio_app_timer_free_all(io); /* last, since callbacks may have set some in the meantime */
    sio_io_fini(env);
    sio_engine_fini(env);
    sio_cluster_fini(env);
    sio_roaming_fini(env);
    sio_adapters_fini(env);
    sio_http_fini(env);
    sio_websockets_fini(env);
    sio_buf_fini(&io->error);
    sio_env_fini(env);
    sio_cfg_fini(&io->cfg);
    sio_signals_release(&io->signals); /* last: until here they are expected, and answered */
    if (io->owns_base && env->base != NULL)
        event_base_free(env->base);
    free(io);
}

/* --- Settings. --- */

/* Once it listens, some are in use as they were, and others would be as they are. */
static bool
is_too_late(sio_server *s)
{
    sio_buf_clear(&s->error);
    if (s->env.store != NULL)
        sio_buf_add_str(&s->error, "the server listens: settings are made before sio_listen()");
    return s->env.store != NULL;
}

int
sio_set(sio_server *io, const char *key, const char *value)
{
    if (is_too_late(io))
        return fail(io, SIO_ERR_CONFIG);
    return fail(io, sio_cfg_set_json(&io->cfg, key, value, &io->error));
}

int
sio_set_file(sio_server *io, const char *path)
{
    if (is_too_late(io))
        return fail(io, SIO_ERR_CONFIG);
    return fail(io, sio_config_file_load(&io->cfg, path, &io->error));
}

char *
sio_get(const sio_server *io, const char *key)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    if (sio_cfg_get_json(&io->cfg, key, &json) == SIO_OK)
        sio_buf_add_char(&json, '\0');
    if (json.len > 0 && !json.failed)
        return json.data;
    sio_buf_fini(&json);
    return NULL;
}

char *
sio_counters(const sio_server *io)
{
    sio_stats stats = io->env.stats;
    sio_buf   json;

    stats.log_lines_left_out = io->env.log_limits.n_left_out;
    stats.log_lines_lost = sio_log_n_lost(&io->env.log);
    sio_buf_init(&json, SIZE_MAX);
    sio_stats_json(&stats, io->env.store != NULL ? sio_store_get_counters(io->env.store) : NULL,
                   &json);
    sio_buf_add_char(&json, '\0');
    if (!json.failed)
        return json.data;
    sio_buf_fini(&json);
    return NULL;
}

int
sio_options(sio_server *io, int argc, char *const argv[], const char *version)
{
    sio_buf output;
    int     status;

    sio_buf_init(&output, SIZE_MAX);
    if (is_too_late(io)) {
        (void)fail(io, SIO_ERR_CONFIG);
        sio_buf_add_str(&output, sio_error(io));
        sio_buf_add_char(&output, '\n');
        status = SIO_OPTIONS_USAGE;
    } else {
        status = sio_options_parse(argc, argv, version, &io->cfg, &output);
    }
    if (output.len > 0)
        fwrite(output.data, 1, output.len, status == SIO_OPTIONS_USAGE ? stderr : stdout);
    sio_buf_fini(&output);
    return status;
}

/* --- Listening. --- */

/* From here on nothing waits for those who read the log. */
static int
open_log(sio_server *s)
{
    s->env.log.level = s->cfg.log ? (int)s->cfg.log_level : SIO_LOG_NONE;
    s->env.log.style.colors = s->cfg.log_colors;
    s->env.log_limits.rate = s->cfg.log_rate;
    if (!s->cfg.log || sio_log_start(&s->env.log) == SIO_OK)
        return SIO_OK;
    sio_buf_add_str(&s->error, "can not start the thread of the log: ");
    sio_buf_add_str(&s->error, strerror(errno));
    return SIO_ERR_SYS;
}

static void
server_apply_settings(sio_server *s)
{
    s->engine.queue_limits.max_frames = s->cfg.max_queued_packets;
    s->engine.queue_limits.max_bytes = s->cfg.max_queued_bytes;
}

static void
log_advice(sio_server *s)
{
    sio_buf advice;
    char   *rest, *line;

    sio_buf_init(&advice, SIZE_MAX);
    sio_cfg_advise(&s->cfg, &advice);
    sio_buf_add_char(&advice, '\0');
    for (rest = advice.failed ? NULL : advice.data; (line = strsep(&rest, "\n")) != NULL;)
        if (line[0] != '\0')
            sio_log_warn(&s->env.log, NULL, "%s", line);
    sio_buf_fini(&advice);
}

/* Whoever runs it should know whom it lets in. */
static void
log_origins(sio_server *s)
{
    char *origins = sio_get(s, "origins"), *cors = sio_get(s, "cors");

    if (origins != NULL && cors != NULL)
        sio_log_info(&s->env.log, NULL,
                     "pages that may connect: \"origins\" %s; pages of other origins that may read "
                     "polls of Engine.IO: \"cors\" %s",
                     origins, cors);
    free(origins);
    free(cors);
}

static void
server_start(void *arg)
{
    sio_server *s = arg;

    if (s->env.stopping || s->started)
        return;
    s->started = true;
    sio_timer_cancel(&s->env.timers, &s->start_timer);
    sio_listener_pause(&s->listener, false);
    sio_log_info(&s->env.log, NULL, "%s listening on %s%sport %u", s->cfg.name, s->cfg.host,
                 s->cfg.host[0] != '\0' ? " " : "", s->listener.port);
    log_origins(s);
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
    sio_listener_pause(&s->listener, true);
    s->start_timer.fire = on_start_timer;
    sio_timer_set(&s->env.timers, &s->start_timer, STORE_PATIENCE_MS);
    sio_store_on_settled(s->env.store, server_start, s);
}

int
sio_listen(sio_server *io)
{
    int rc;

    sio_buf_clear(&io->error);
    if (io->net.carrier != NULL || io->env.stopping) {
        sio_buf_add_str(&io->error, io->env.stopping ? "stopped" : "listening already");
        return fail(io, SIO_ERR_CONFIG);
    }
    if ((rc = sio_cfg_check(&io->cfg, &io->error)) != SIO_OK || (rc = open_log(io)) != SIO_OK)
        return fail(io, rc);
    server_apply_settings(io);
    log_advice(io);
    if ((rc = sio_startup_open(io)) != SIO_OK) {
        sio_startup_close(io);
        return fail(io, rc);
    }
    sio_flash_policy_open(&io->env);
    start_when_settled(io);
    return 0;
}

unsigned
sio_port(const sio_server *io)
{
    return io->listener.port;
}

/* --- Running and stopping. --- */

/* The loop of a program that does not call sio_run() is not ours to leave; it may be shared, too. */
static void
leave_loop(sio_server *s)
{
    s->stopped = true;
    if (s->running)
        event_base_loopbreak(s->env.base);
}

static void
on_shutdown_timeout(sio_timer *timer)
{
    leave_loop(SIO_CONTAINER(timer, sio_server, shutdown_timer));
}

static void
on_drained(void *arg)
{
    leave_loop(arg);
}

void
sio_stop(sio_server *io)
{
    sio_env  *env = &io->env;
    sio_link *next;

    if (env->stopping) { /* asked twice: the second time means now */
        leave_loop(io);
        return;
    }
    env->stopping = true;
    sio_listener_close(&io->listener);
    sio_listener_close(&io->handlers.flash_listener);
    sio_engine_end_sessions(env, "server shutting down");
    sio_cluster_leave(env);
    for (sio_link *l = io->net.conns.next; l != &io->net.conns; l = next) {
        next = l->next;
        sio_http_conn_drain(SIO_CONTAINER(l, sio_conn, link));
    }
    io->shutdown_timer.fire = on_shutdown_timeout;
    sio_timer_set(&env->timers, &io->shutdown_timer, io->cfg.shutdown_timeout_ms);
    sio_drain_await(&env->drain, on_drained, io);
}

int
sio_run(sio_server *io)
{
    int rc = 0;

    io->running = true;
    if (!io->stopped)
        rc = event_base_dispatch(io->env.base);
    io->running = false;
    return rc < 0 ? -1 : 0;
}
