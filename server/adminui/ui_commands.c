#include "server/adminui/ui_commands.h"

#include <string.h>

#include "protocol/buf.h"
#include "server/adminui/admin_ui.h"
#include "server/base/env.h"
#include "server/config/config.h"

static void
refuse_command(sio_socket *socket, const char *command, const char *why)
{
    sio_env *env = sio_env_of(sio_server_of(sio_namespace_of(socket)));

    env->stats.admin_ui_refusals++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_BAD_PACKET, sio_session_id(socket),
                        "admin ui: %s refused: %s", command, why);
}

/* --- Arguments. --- */

static bool
text_at(const sio_event *event, size_t i, size_t max_bytes, const char **text)
{
    return (*text = sio_event_text_within(event, i, max_bytes)) != NULL;
}

/* "" and null are none. False: it is something else than a text. */
static bool
filter_at(const sio_env *env, const sio_event *event, size_t i, sio_to *to)
{
    size_t      len;
    const char *json = sio_event_arg(event, i, &len);

    if (json == NULL || (len == 4 && memcmp(json, "null", 4) == 0) ||
        (len == 2 && memcmp(json, "\"\"", 2) == 0))
        return true;
    return text_at(event, i, env->cfg->max_room_name_bytes, &to->room);
}

static sio_namespace *
namespace_at(sio_server *io, const sio_event *event)
{
    const char *name;

    return text_at(event, 0, 255, &name) ? sio_find_namespace(io, name) : NULL;
}

/* --- The commands. --- */

/* A command that is well formed so far, for everyone, or those whom the filter says. */
typedef struct {
    sio_env       *env;
    sio_namespace *nsp;
    sio_to         to;
} command;

/* NULL: fine; otherwise why not. */
static const char *
command_read(command *c, sio_socket *socket, const sio_event *event, size_t filter)
{
    sio_server *io = sio_server_of(sio_namespace_of(socket));

    *c = (command){.env = sio_env_of(io), .nsp = namespace_at(io, event)};
    if (c->env->admin_ui->env == NULL || c->env->cfg->admin_ui.readonly)
        return "it may only look (\"readonly\")";
    if (c->nsp == NULL)
        return "there is no such namespace";
    if (!filter_at(c->env, event, filter, &c->to))
        return "the filter is no room";
    return NULL;
}

static void
command_done(const command *c, const char *name, const char *what, int rc, sio_socket *socket)
{
    if (rc != 0) {
        refuse_command(socket, name, sio_error(sio_env_server(c->env)));
        return;
    }
    c->env->stats.admin_ui_commands++;
    sio_log_info(&c->env->log, NULL, "admin ui: %s %s in %s of %s", name, what,
                 sio_namespace_name(c->nsp)[0] != '\0' ? sio_namespace_name(c->nsp) : "/",
                 c->to.room != NULL ? c->to.room : "everyone");
}

static void
on_ui_move(sio_socket *socket, const sio_event *event, const char *name,
           int (*each)(sio_namespace *nsp, const sio_to *to, const char *room))
{
    command     c;
    const char *room, *why = command_read(&c, socket, event, 2);

    if (why != NULL)
        refuse_command(socket, name, why);
    else if (!text_at(event, 1, c.env->cfg->max_room_name_bytes, &room))
        refuse_command(socket, name, "there is no room to join or leave");
    else
        command_done(&c, name, room, each(c.nsp, &c.to, room), socket);
}

static void
on_ui_join(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    on_ui_move(socket, event, "join", sio_each_join);
}

static void
on_ui_leave(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    on_ui_move(socket, event, "leave", sio_each_leave);
}

static bool
word_at(const sio_event *event, size_t i, const char *word)
{
    size_t      len;
    const char *json = sio_event_arg(event, i, &len);

    return json != NULL && sio_view_eq((sio_view){json, len}, sio_view_of(word));
}

static void
on_ui_disconnect(sio_socket *socket, const sio_event *event, void *arg)
{
    command     c;
    const char *why = command_read(&c, socket, event, 2);
    const bool  closes = word_at(event, 1, "true");

    (void)arg;
    if (why == NULL && !closes && !word_at(event, 1, "false") && !word_at(event, 1, "null"))
        why = "the second argument is neither true nor false";
    if (why != NULL)
        refuse_command(socket, "_disconnect", why);
    else
        command_done(&c, "_disconnect", closes ? "with all sockets" : "the socket",
                     sio_each_disconnect(c.nsp, &c.to, closes), socket);
}

/* What stands behind the first three; attachments keep their places. */
static void
add_rest(const sio_event *event, sio_buf *args)
{
    const char *json;
    size_t      len;

    sio_buf_add_char(args, '[');
    for (size_t i = 3; (json = sio_event_arg(event, i, &len)) != NULL; i++) {
        if (i > 3)
            sio_buf_add_char(args, ',');
        sio_buf_add(args, json, len);
    }
    sio_buf_add_char(args, ']');
}

static int
broadcast_rest(const command *c, const sio_event *event, const char *name)
{
    size_t           n;
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    sio_buf          args;
    int              rc;

    sio_buf_init(&args, SIZE_MAX);
    add_rest(event, &args);
    sio_buf_add_char(&args, '\0');
    rc = args.failed ? sio_env_fail_memory(c->env)
                     : sio_broadcast_binary(c->nsp, &c->to, name, args.data, attachments, n);
    sio_buf_fini(&args);
    return rc;
}

static void
on_ui_emit(sio_socket *socket, const sio_event *event, void *arg)
{
    command     c;
    const char *name, *why = command_read(&c, socket, event, 1);

    (void)arg;
    if (why != NULL)
        refuse_command(socket, "emit", why);
    else if (!text_at(event, 2, 255, &name))
        refuse_command(socket, "emit", "there is no event to send");
    else
        command_done(&c, "emit", name, broadcast_rest(&c, event, name), socket);
}

int
sio_ui_commands_open(sio_namespace *nsp)
{
    if (sio_on(nsp, "join", on_ui_join, NULL) != 0 ||
        sio_on(nsp, "leave", on_ui_leave, NULL) != 0 ||
        sio_on(nsp, "_disconnect", on_ui_disconnect, NULL) != 0 ||
        sio_on(nsp, "emit", on_ui_emit, NULL) != 0)
        return -1;
    return 0;
}
