#include "server/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/socketio/acks.h"
#include "server/handler/flash_policy.h"
#include "server/http/http_conn.h"
#include "server/handler/session09.h"
#include "server/config/options.h"
#include "server/startup.h"
#include "server/engine/session.h"
#include "server/adapter/survey.h"

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

const char *
sio_server_date(sio_server *s)
{
    const time_t now_s = time(NULL);
    struct tm    utc;

    if (now_s == s->date_s)
        return s->date_text;
    s->date_s = now_s;
    gmtime_r(&now_s, &utc);
    if (strftime(s->date_text, sizeof s->date_text, "%a, %d %b %Y %H:%M:%S GMT", &utc) == 0)
        s->date_text[0] = '\0';
    return s->date_text;
}

void
sio_log_line(const sio_server *io, int level, const char *text)
{
    if (level <= io->log.level)
        sio_log_printf(&io->log, level, NULL, "%s", text);
}

/* --- Birth and death. --- */

static int
init_parts(sio_server *s)
{
    /* These in any case, since sio_server_free() walks their lists. */
    const int recovery_rc = sio_recovery_init(s), cluster_rc = sio_cluster_init(s);

    if (recovery_rc != SIO_OK || cluster_rc != SIO_OK || sio_cfg_init(&s->cfg) != SIO_OK ||
        sio_hash_init(&s->sessions) != SIO_OK || sio_acks_init(s) != SIO_OK)
        return SIO_ERR_NOMEM;
    if (s->base == NULL) {
        s->base = event_base_new();
        s->owns_base = true;
    }
    if (s->base == NULL || sio_timer_wheel_init(&s->wheel, s->base) != SIO_OK ||
        sio_deferred_init(&s->turn, s->base) != SIO_OK)
        return SIO_ERR_NOMEM;
    sio_memory_trim_init(s);
    sio_laggards_init(s);
    s->default_namespace = sio_of(s, "");
    return s->default_namespace != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

sio_server *
sio_server_new(struct event_base *base)
{
    sio_server *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->base = base;
    sio_link_init(&s->conns);
    sio_link_init(&s->namespaces);
    sio_link_init(&s->openings);
    sio_link_init(&s->endings);
    sio_link_init(&s->searches);
    sio_link_init(&s->timeouts);
    sio_link_init(&s->turn.tasks);
    sio_link_init(&s->left_sockets);
    sio_link_init(&s->surveys);
    sio_task_init(&s->left_task, sio_socket_free_left);
    sio_buf_init(&s->answer, SIZE_MAX);
    sio_buf_init(&s->packet, SIZE_MAX);
    sio_buf_init(&s->event_args, SIZE_MAX);
    sio_buf_init(&s->event_name, SIZE_MAX);
    sio_buf_init(&s->batch, SIZE_MAX);
    sio_buf_init(&s->inflated, SIZE_MAX);
    sio_buf_init(&s->error, SIZE_MAX);
    sio_log_init(&s->log, STDERR_FILENO, SIO_LOG_INFO, false);
    (void)sio_timer_wheel_init(&s->wheel, NULL); /* which needs no memory: until there is a loop */
    sio_log_limits_init(&s->log_limits, &s->log, &s->wheel, 0);
    if (init_parts(s) == SIO_OK)
        return s;
    sio_server_free(s);
    return NULL;
}

/* Connections take their sessions with them; sessions without one end here. */
void
sio_server_end_sessions(sio_server *s, const char *reason)
{
    sio_hash_node *node;

    while ((node = sio_hash_any(&s->sessions)) != NULL) {
        sio_session *session = SIO_CONTAINER(node, sio_session, node);

        sio_session_end(session, reason, false);
        sio_session_forget(session);
    }
}

void
sio_server_free(sio_server *io)
{
    if (io == NULL)
        return;
    io->stopping = true;
    sio_listener_close(&io->listener);
    sio_listener_close(&io->flash_listener);
    sio_session09_cancel(io);
    sio_server_end_sessions(io, "server shutting down");
    sio_cluster_quit(io);
    sio_node09_quit(io);
    sio_recovery_fini(io);
    sio_startup_close(io);
    sio_deferred_fini(&io->turn);
    sio_survey_free_all(io);
    sio_app_timer_free_all(io); /* last, since callbacks may have set some in the meantime */
    while (!sio_link_empty(&io->namespaces))
        sio_namespace_free(SIO_CONTAINER(io->namespaces.next, sio_namespace, link));
    sio_log_limits_fini(&io->log_limits);
    sio_timer_wheel_fini(&io->wheel);
    sio_hash_fini(&io->sessions);
    sio_cluster_fini(io);
    sio_node09_fini(io);
    sio_buf_fini(&io->answer);
    sio_buf_fini(&io->packet);
    sio_buf_fini(&io->event_args);
    sio_buf_fini(&io->event_name);
    sio_buf_fini(&io->batch);
    sio_buf_fini(&io->inflated);
    sio_ws_deflate_free(io->deflate);
    sio_buf_fini(&io->error);
    sio_cfg_fini(&io->cfg);
    sio_log_stop(&io->log);
    sio_signals_release(&io->signals); /* last: until here they are expected, and answered */
    if (io->owns_base && io->base != NULL)
        event_base_free(io->base);
    free(io);
}

/* --- Settings. --- */

int
sio_set(sio_server *io, const char *key, const char *value)
{
    sio_buf_clear(&io->error);
    return fail(io, sio_cfg_set_json(&io->cfg, key, value, &io->error));
}

int
sio_set_file(sio_server *io, const char *path)
{
    sio_buf_clear(&io->error);
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
    sio_stats stats = io->stats;
    sio_buf   json;

    stats.log_lines_left_out = io->log_limits.n_left_out;
    stats.log_lines_lost = sio_log_n_lost(&io->log);
    sio_buf_init(&json, SIZE_MAX);
    sio_stats_json(&stats, io->store != NULL ? sio_store_get_counters(io->store) : NULL, &json);
    sio_buf_add_char(&json, '\0');
    if (!json.failed)
        return json.data;
    sio_buf_fini(&json);
    return NULL;
}

int
sio_options(sio_server *io, int argc, char *const argv[], const char *version)
{
    sio_buf   output;
    const int status = (sio_buf_init(&output, SIZE_MAX),
                        sio_options_parse(argc, argv, version, &io->cfg, &output));

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
    s->log.level = s->cfg.log ? (int)s->cfg.log_level : SIO_LOG_NONE;
    s->log.style.colors = s->cfg.log_colors;
    s->log_limits.rate = s->cfg.log_rate;
    if (!s->cfg.log || sio_log_start(&s->log) == SIO_OK)
        return SIO_OK;
    sio_buf_add_str(&s->error, "can not start the thread of the log: ");
    sio_buf_add_str(&s->error, strerror(errno));
    return SIO_ERR_SYS;
}

static void
server_apply_settings(sio_server *s)
{
    s->queue_limits.max_frames = s->cfg.max_queued_packets;
    s->queue_limits.max_bytes = s->cfg.max_queued_bytes;
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
            sio_log_warn(&s->log, NULL, "%s", line);
    sio_buf_fini(&advice);
}

static void
server_start(void *arg)
{
    sio_server *s = arg;

    if (s->stopping || s->started)
        return;
    s->started = true;
    sio_timer_cancel(&s->wheel, &s->start_timer);
    sio_listener_pause(&s->listener, false);
    sio_log_info(&s->log, NULL, "%s listening on %s%sport %u", s->cfg.name, s->cfg.host,
                 s->cfg.host[0] != '\0' ? " " : "", s->listener.port);
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
    sio_timer_set(&s->wheel, &s->start_timer, STORE_PATIENCE_MS);
    sio_store_on_settled(s->store, server_start, s);
}

int
sio_listen(sio_server *io)
{
    int rc;

    sio_buf_clear(&io->error);
    if (io->lws != NULL || io->stopping) {
        sio_buf_add_str(&io->error, io->stopping ? "stopped" : "listening already");
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
    sio_flash_policy_open(io);
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
        event_base_loopbreak(s->base);
}

static void
on_shutdown_timeout(sio_timer *timer)
{
    leave_loop(SIO_CONTAINER(timer, sio_server, shutdown_timer));
}

void
sio_server_check_drained(sio_server *s)
{
    if (s->stopping && sio_link_empty(&s->conns) && s->n_expiring == 0)
        leave_loop(s);
}

void
sio_stop(sio_server *io)
{
    sio_link *next;

    if (io->stopping) { /* asked twice: the second time means now */
        leave_loop(io);
        return;
    }
    io->stopping = true;
    sio_listener_close(&io->listener);
    sio_listener_close(&io->flash_listener);
    io->n_expiring++; /* not drained before all sessions have ended */
    sio_server_end_sessions(io, "server shutting down");
    sio_cluster_leave(io);
    io->n_expiring--;
    for (sio_link *l = io->conns.next; l != &io->conns; l = next) {
        next = l->next;
        sio_http_conn_drain(SIO_CONTAINER(l, sio_conn, link));
    }
    io->shutdown_timer.fire = on_shutdown_timeout;
    sio_timer_set(&io->wheel, &io->shutdown_timer, io->cfg.shutdown_timeout_ms);
    sio_server_check_drained(io);
}

int
sio_run(sio_server *io)
{
    int rc = 0;

    io->running = true;
    if (!io->stopped)
        rc = event_base_dispatch(io->base);
    io->running = false;
    return rc < 0 ? -1 : 0;
}
