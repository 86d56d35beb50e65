#include "server/adminui/ui_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "server/adminui/admin_ui.h"
#include "server/adminui/ui_socket.h"
#include "server/config/config.h"
#include "server/engine/watcher.h"
#include "server/socketio/client.h"
#include "server/socketio/dialects.h"
#include "server/socketio/io.h"
#include "server/socketio/observer.h"
#include "store/clock.h"

enum { MAX_EVENT_BYTES = 8192, MAX_NAME_BYTES = 256, MAX_WAITING_BYTES = 4 << 20 };

/* What is to be said. */
typedef struct {
    sio_link    link;
    const char *name;
    sio_buf     args;
    sio_buf     bytes; /* of all attachments */
    size_t      n_attachments;
    sio_bytes   attachments[];
} said;

/* --- Saying it. --- */

static void
said_free(sio_ui_events *events, said *s)
{
    events->n_bytes -= s->args.len + s->bytes.len;
    sio_link_remove(&s->link);
    sio_buf_fini(&s->args);
    sio_buf_fini(&s->bytes);
    free(s);
}

static void
say_all(sio_task *task)
{
    sio_ui_events *events = SIO_CONTAINER(task, sio_ui_events, task);

    while (!sio_link_empty(&events->waiting)) {
        said             *s = SIO_CONTAINER(events->waiting.next, said, link);
        const sio_content content = {.event = s->name,
                                     .event_len = strlen(s->name),
                                     .args_json = s->args.data,
                                     .args_len = s->args.len,
                                     .attachments = s->attachments,
                                     .n_attachments = s->n_attachments};

        if (sio_broadcast_n(events->nsp, NULL, &content) != 0)
            events->env->stats.admin_ui_dropped++;
        said_free(events, s);
    }
}

/* Is one more allowed, in this second and in this turn? */
static bool
may_say(sio_ui_events *events)
{
    const uint64_t second = sio_timer_wheel_now_ms(&events->env->timers) / 1000;

    if (second != events->second) {
        events->second = second;
        events->n_said = 0;
    }
    if (events->n_said < events->env->cfg->admin_ui.max_events_per_second &&
        events->n_bytes < MAX_WAITING_BYTES) {
        events->n_said++;
        return true;
    }
    events->env->stats.admin_ui_dropped++;
    return false;
}

/* name is a literal. NULL: it can not be said; counted. */
static said *
said_begin(sio_ui_events *events, const char *name, size_t n_attachments)
{
    said *s =
        may_say(events) ? calloc(1, sizeof *s + n_attachments * sizeof s->attachments[0]) : NULL;

    if (s == NULL)
        return NULL;
    s->name = name;
    sio_link_init(&s->link);
    sio_buf_init(&s->args, SIZE_MAX);
    sio_buf_init(&s->bytes, SIZE_MAX);
    sio_buf_add_char(&s->args, '[');
    return s;
}

static void
said_end(sio_ui_events *events, said *s)
{
    sio_buf_add_char(&s->args, ']');
    events->n_bytes += s->args.len + s->bytes.len;
    sio_link_append(&events->waiting, &s->link);
    if (s->args.failed || s->bytes.failed) {
        events->env->stats.admin_ui_dropped++;
        said_free(events, s);
        return;
    }
    sio_deferred_add(&events->env->deferred, &events->task);
}

static void
add_text(said *s, sio_view text)
{
    sio_buf_add_json_string(&s->args, text, SIO_JSON_PLAIN);
    sio_buf_add_char(&s->args, ',');
}

/* --- Who comes and goes. --- */

static sio_ui_events *
events_of(const sio_namespace *nsp)
{
    return &nsp->env->admin_ui->events;
}

static void
say_room(const char *name, const sio_socket *socket, sio_view room)
{
    sio_ui_events *events = events_of(socket->nsp);
    said          *s = said_begin(events, name, 0);

    if (s == NULL)
        return;
    add_text(s, sio_ui_socket_namespace(socket->nsp));
    add_text(s, room);
    add_text(s, sio_socket_id(socket));
    sio_ui_socket_add_time(&s->args);
    said_end(events, s);
}

/* As on Node: the room of its own first, of which the original is told by the adapter. */
static void
on_ui_joined(const sio_socket *socket)
{
    sio_ui_events *events = events_of(socket->nsp);
    said          *s;

    if (!events->is_looking)
        return;
    say_room("room_joined", socket, sio_socket_id(socket));
    if ((s = said_begin(events, "socket_connected", 0)) == NULL)
        return;
    sio_ui_socket_add(socket, &s->args);
    sio_buf_add_char(&s->args, ',');
    sio_ui_socket_add_time(&s->args);
    said_end(events, s);
}

static void
on_ui_left(const sio_socket *socket, const char *reason)
{
    sio_ui_events *events = events_of(socket->nsp);
    const char    *room;
    said          *s;

    if (!events->is_looking)
        return;
    if ((s = said_begin(events, "socket_disconnected", 0)) != NULL) {
        add_text(s, sio_ui_socket_namespace(socket->nsp));
        add_text(s, sio_socket_id(socket));
        add_text(s, sio_view_of(reason));
        sio_ui_socket_add_time(&s->args);
        said_end(events, s);
    }
    say_room("room_left", socket, sio_socket_id(socket));
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++)
        say_room("room_left", socket, sio_view_of(room));
}

static void
on_ui_entered(const sio_socket *socket, const char *room)
{
    if (events_of(socket->nsp)->is_looking)
        say_room("room_joined", socket, sio_view_of(room));
}

static void
on_ui_exited(const sio_socket *socket, const char *room)
{
    if (events_of(socket->nsp)->is_looking)
        say_room("room_left", socket, sio_view_of(room));
}

/* What is said of a socket that has changed: {"id","nsp","data"} or {"id","nsp","transport"}. */
static void
say_updated(const sio_socket *socket, bool is_transport)
{
    sio_ui_events *events = events_of(socket->nsp);
    said          *s = said_begin(events, "socket_updated", 0);

    if (s == NULL)
        return;
    sio_buf_add_char(&s->args, '{');
    sio_json_member_text(&s->args, "id", sio_socket_id(socket));
    sio_json_member_text(&s->args, "nsp", sio_ui_socket_namespace(socket->nsp));
    if (is_transport)
        sio_json_member_text(&s->args, "transport", sio_view_of(sio_transport_name(socket)));
    else
        sio_ui_socket_add_data(sio_view_of(sio_socket_data(socket)), &s->args);
    sio_buf_add_char(&s->args, '}');
    said_end(events, s);
}

static void
on_ui_changed(const sio_socket *socket)
{
    if (events_of(socket->nsp)->is_looking)
        say_updated(socket, false);
}

static void
on_ui_carried(sio_session *session)
{
    sio_link *sockets;

    if (!session->env->admin_ui->events.is_looking || session->dialect == &sio_dialect_echo3 ||
        session->dialect == &sio_dialect_echo4)
        return;
    sockets = &sio_client_of(session)->sockets;
    for (sio_link *l = sockets->next; l != sockets; l = l->next)
        say_updated(SIO_CONTAINER(l, sio_socket, in_session), true);
}

static const sio_watcher ui_watcher = {.carried = on_ui_carried};

static const sio_observer ui_observer = {.joined = on_ui_joined,
                                         .changed = on_ui_changed,
                                         .left = on_ui_left,
                                         .entered = on_ui_entered,
                                         .exited = on_ui_exited};

/* --- What they say. --- */

/* An event, sent or received; views of the call. */
typedef struct {
    sio_view        name; /* as JSON */
    sio_view        args; /* elements of an array, without its brackets */
    const sio_view *attachments;
    size_t          n_attachments;
} seen;

static size_t
size_of(const seen *e)
{
    size_t n = e->name.len + e->args.len;

    for (size_t i = 0; i < e->n_attachments; i++)
        n += e->attachments[i].len;
    return n;
}

/* In place of what is too long to be shown. */
static void
add_shortened(const seen *e, said *s)
{
    char text[64];

    if (e->name.len <= MAX_NAME_BYTES)
        sio_buf_add_view(&s->args, e->name);
    else
        sio_buf_add_str(&s->args, "\"(a long name)\"");
    snprintf(text, sizeof text, ",\"(%zu bytes)\"", size_of(e));
    sio_buf_add_str(&s->args, text);
}

static void
add_whole(const seen *e, said *s)
{
    sio_buf_add_view(&s->args, e->name);
    if (e->args.len > 0)
        sio_buf_add_char(&s->args, ',');
    sio_buf_add_view(&s->args, e->args);
    for (size_t i = 0; i < e->n_attachments; i++)
        sio_buf_add_view(&s->bytes, e->attachments[i]);
    for (size_t i = 0, at = 0; i < e->n_attachments && !s->bytes.failed; i++) {
        s->attachments[i] =
            (sio_bytes){s->bytes.data != NULL ? s->bytes.data + at : "", e->attachments[i].len};
        at += e->attachments[i].len;
    }
    s->n_attachments = e->n_attachments;
}

static void
say_event(const char *name, const sio_socket *socket, const seen *e)
{
    sio_ui_events *events = events_of(socket->nsp);
    const bool     is_short = size_of(e) <= MAX_EVENT_BYTES;
    said          *s;

    if (socket->nsp == events->nsp ||
        (s = said_begin(events, name, is_short ? e->n_attachments : 0)) == NULL)
        return;
    add_text(s, sio_ui_socket_namespace(socket->nsp));
    add_text(s, sio_socket_id(socket));
    sio_buf_add_char(&s->args, '[');
    if (is_short)
        add_whole(e, s);
    else
        add_shortened(e, s);
    sio_buf_add_str(&s->args, "],");
    sio_ui_socket_add_time(&s->args);
    said_end(events, s);
}

/* The text of a message is JSON only when it is quoted. */
static void
say_message(const char *name, const sio_socket *socket, sio_view data, bool is_text)
{
    sio_buf text;
    seen    e = {.name = SIO_VIEW("\"message\""), .args = data};

    sio_buf_init(&text, SIZE_MAX);
    if (is_text && data.len <= MAX_EVENT_BYTES) {
        sio_buf_add_json_string(&text, data, SIO_JSON_PLAIN);
        e.args = sio_buf_view(&text);
    }
    if (!text.failed)
        say_event(name, socket, &e);
    sio_buf_fini(&text);
}

static void
on_ui_received(const sio_socket *socket, const sio_incoming *in)
{
    const seen e = {.name = in->name,
                    .args = sio_json_read_elements(in->args),
                    .attachments = in->attachments,
                    .n_attachments = in->n_attachments};

    if (in->type == SIO_PACKET_EVENT)
        say_event("event_received", socket, &e);
    else if (in->type == SIO_PACKET_MESSAGE || in->type == SIO_PACKET_JSON)
        say_message("event_received", socket, in->data, in->type == SIO_PACKET_MESSAGE);
}

static void
on_ui_sent(const sio_socket *socket, const sio_packet *p)
{
    const seen e = {.name = p->name,
                    .args = sio_json_read_elements(p->args),
                    .attachments = p->attachments,
                    .n_attachments = p->n_attachments};

    if (p->type == SIO_PACKET_EVENT)
        say_event("event_sent", socket, &e);
    else if (p->type == SIO_PACKET_MESSAGE || p->type == SIO_PACKET_JSON)
        say_message("event_sent", socket, p->data, p->type == SIO_PACKET_MESSAGE);
}

static const sio_onlooker ui_onlooker = {.received = on_ui_received, .sent = on_ui_sent};

/* --- Life. --- */

void
sio_ui_events_init(sio_ui_events *events)
{
    sio_link_init(&events->waiting);
    sio_task_init(&events->task, say_all);
}

void
sio_ui_events_open(sio_ui_events *events, sio_env *env, sio_namespace *nsp)
{
    events->env = env;
    events->nsp = nsp;
    env->io->shows_clients = true;
    sio_observer_add(env, &ui_observer);
    sio_watcher_add(env, &ui_watcher);
}

void
sio_ui_events_look(sio_ui_events *events, bool is_looking)
{
    if (events->env == NULL)
        return;
    events->is_looking = is_looking;
    events->env->io->onlooker = is_looking ? &ui_onlooker : NULL;
}

void
sio_ui_events_close(sio_ui_events *events)
{
    sio_ui_events_look(events, false);
    sio_task_cancel(&events->task);
    while (!sio_link_empty(&events->waiting))
        said_free(events, SIO_CONTAINER(events->waiting.next, said, link));
    if (events->env != NULL)
        events->env->io->shows_clients = false;
    events->env = NULL;
}
