#include "server/adminui/admin_ui.h"

#include <string.h>

#include "protocol/result.h"
#include "server/adminui/ui_commands.h"
#include "server/adminui/ui_list.h"
#include "server/config/config.h"

enum {
    STATS_MS = 2000,   /* as the original: the page takes a server for ill after 10,000 */
    WATCHED_MS = 6000, /* after another instance has last said that somebody watches there */
};

/* What instances say to each other: somebody watches here. */
static const char watched_event[] = "siobroker:admin_ui_watched";

/* --- While somebody watches. --- */

/* By a client of this instance, or of another of siobroker. */
static bool
is_watched(const sio_admin_ui *ui)
{
    return ui->n_admins > 0 || sio_timer_wheel_now_ms(&ui->env->timers) < ui->watched_til_ms;
}

static void
tell_stats(sio_admin_ui *ui)
{
    sio_buf args;

    sio_buf_init(&args, SIZE_MAX);
    sio_ui_stats_add(&ui->stats, ui->env, &args);
    sio_buf_add_char(&args, '\0');
    if (args.failed || sio_broadcast(ui->nsp, NULL, "server_stats", args.data) != 0)
        ui->env->stats.admin_ui_dropped++;
    sio_buf_fini(&args);
}

static void
tell_watched(const sio_admin_ui *ui)
{
    if (ui->n_admins > 0)
        (void)ui->env->inner_events->emit(sio_sockets(sio_env_server(ui->env)), watched_event,
                                          "[]");
}

static void
on_ui_timer(sio_timer *timer)
{
    sio_admin_ui *ui = SIO_CONTAINER(timer, sio_admin_ui, timer);

    sio_ui_events_look(&ui->events, is_watched(ui));
    if (!is_watched(ui) && !ui->beside_node)
        return;
    sio_timer_set(&ui->env->timers, timer, STATS_MS);
    tell_watched(ui);
    tell_stats(ui);
}

/* Whoever has come to watch sees all servers at once. */
static void
begin_watching(sio_admin_ui *ui)
{
    if (!sio_timer_armed(&ui->timer))
        sio_ui_stats_begin(&ui->stats, ui->env);
    on_ui_timer(&ui->timer);
}

static void
on_watched_elsewhere(sio_namespace *nsp, const char *args_json, size_t len, void *arg)
{
    sio_admin_ui *ui = arg;

    (void)nsp;
    (void)args_json;
    (void)len;
    if (ui->env == NULL)
        return;
    ui->watched_til_ms = sio_timer_wheel_now_ms(&ui->env->timers) + WATCHED_MS;
    if (!sio_timer_armed(&ui->timer))
        begin_watching(ui);
    sio_ui_events_look(&ui->events, true);
}

static void
on_session_elsewhere(sio_namespace *nsp, const char *args_json, size_t len, void *arg)
{
    sio_admin_ui *ui = arg;

    (void)nsp;
    sio_ui_logins_learn(&ui->logins, (sio_view){args_json, len});
}

/* --- Its clients. --- */

static bool
is_development(const sio_admin_ui *ui)
{
    return ui->events.env != NULL;
}

/* What the page may ask for; in the order of the original. */
static void
tell_config(const sio_admin_ui *ui, sio_socket *socket)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_str(&json, "[{\"supportedFeatures\":[");
    if (!ui->env->cfg->admin_ui.readonly)
        sio_buf_add_str(&json, "\"EMIT\",\"JOIN\",\"LEAVE\",\"DISCONNECT\",\"MJOIN\",\"MLEAVE\","
                               "\"MDISCONNECT\",");
    sio_buf_add_str(&json, "\"AGGREGATED_EVENTS\"");
    if (is_development(ui))
        sio_buf_add_str(&json, ",\"ALL_EVENTS\"");
    sio_buf_add_str(&json, "]}]");
    sio_buf_add_char(&json, '\0');
    if (!json.failed)
        (void)sio_emit(socket, "config", json.data);
    sio_buf_fini(&json);
}

/* The original tells of the session before the client has joined, when nobody hears it yet. */
static void
on_admin_connected(sio_socket *socket, void *arg)
{
    sio_admin_ui *ui = arg;
    const char   *session;

    if (ui->env == NULL)
        return;
    ui->n_admins++;
    ui->env->stats.admin_ui_logins++;
    if ((session = sio_ui_logins_new_session(&ui->logins, socket)) != NULL)
        (void)sio_emit_texts(socket, "session", session, (char *)NULL);
    tell_config(ui, socket);
    if (is_development(ui))
        sio_ui_list_begin(socket);
    begin_watching(ui);
}

static void
on_admin_left(sio_socket *socket, const char *reason, void *arg)
{
    sio_admin_ui *ui = arg;

    (void)socket;
    (void)reason;
    if (ui->n_admins > 0)
        ui->n_admins--;
}

/* --- Life. --- */

static int
make_namespace(sio_admin_ui *ui, sio_env *env)
{
    sio_server *io = sio_env_server(env);

    if ((ui->nsp = sio_of(io, env->cfg->admin_ui.nsp)) == NULL ||
        env->inner_events->on(sio_sockets(io), watched_event, on_watched_elsewhere, ui) != 0 ||
        env->inner_events->on(sio_sockets(io), SIO_UI_SESSION_EVENT, on_session_elsewhere, ui) != 0)
        return SIO_ERR_NOMEM;
    sio_namespace_authorization(ui->nsp, sio_ui_logins_ask, &ui->logins);
    sio_on_connection(ui->nsp, on_admin_connected, ui);
    sio_on_disconnect(ui->nsp, on_admin_left, ui);
    return sio_ui_commands_open(ui->nsp) == 0 ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_admin_ui_init(sio_env *env)
{
    env->admin_ui->timer.fire = on_ui_timer;
    sio_ui_logins_init(&env->admin_ui->logins);
    sio_ui_events_init(&env->admin_ui->events);
}

int
sio_admin_ui_open(sio_env *env, sio_buf *error)
{
    sio_admin_ui *ui = env->admin_ui;

    if (strcmp(env->cfg->admin_ui.mode, "off") == 0)
        return SIO_OK;
    if (make_namespace(ui, env) != SIO_OK || sio_ui_logins_open(&ui->logins, env) != SIO_OK) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_NOMEM;
    }
    ui->env = env;
    ui->n_admins = 0;
    ui->beside_node = strncmp(env->cfg->dialect, "node-4", strlen("node-4")) == 0;
    sio_ui_stats_begin(&ui->stats, env);
    if (strcmp(env->cfg->admin_ui.mode, "development") == 0)
        sio_ui_events_open(&ui->events, env, ui->nsp);
    if (ui->beside_node)
        sio_timer_set(&env->timers, &ui->timer, STATS_MS);
    return SIO_OK;
}

void
sio_admin_ui_settle(sio_env *env)
{
    sio_ui_logins_stop(&env->admin_ui->logins);
}

void
sio_admin_ui_close(sio_env *env)
{
    sio_admin_ui *ui = env->admin_ui;

    if (ui->env == NULL)
        return;
    sio_timer_cancel(&env->timers, &ui->timer);
    sio_ui_events_close(&ui->events);
    sio_ui_logins_close(&ui->logins);
    ui->env = NULL;
}
