#include "tests/fuzz/world/cluster_app.h"

#include <stdio.h>
#include <string.h>

#include "server/engine/session.h"
#include "server/socketio/namespace.h"
#include "tests/fuzz/must.h"

enum { N_TICKS = 5, TICK_MS = 700, N_BURST = 4, N_FLOOD = 25 /* more than a queue takes */ };

static void
emit_marked(const cluster_app *a, sio_socket *socket, unsigned n)
{
    session_record *r = sio_user_data(socket);
    char            mark[MARK_LEN], args[MARK_LEN + 8];

    for (; r != NULL && !r->is_over && n > 0; n--) {
        snprintf(args, sizeof args, "[\"%s\"]", promise_mark_event(a->promise, r, mark));
        must(sio_emit(socket, "marked", args) == 0);
    }
}

static void
on_any(sio_socket *socket, const sio_event *event, void *arg)
{
    const cluster_app *a = arg;
    size_t             len;
    const char        *text = sio_event_data(event, &len);

    if (text == NULL)
        text = sio_event_args(event, &len);
    promise_arrived(a->promise, (sio_view){text, len});
    if (sio_event_wants_ack(event))
        sio_ack(socket, event, "[]");
    emit_marked(a, socket, 1);
}

static void
on_burst(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    emit_marked(arg, socket, N_BURST);
}

static void
on_flood(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    emit_marked(arg, socket, N_FLOOD);
}

static void
tick(void *arg)
{
    cluster_app *a = arg;
    bool         again = false;

    for (unsigned i = 0; i < a->promise->n_sessions; i++) {
        session_record *r = &a->promise->sessions[i];
        sio_socket     *socket;

        if (r->owner != a->server || r->n_ticks == 0)
            continue;
        if ((socket = sio_find(sio_sockets(a->server), r->socket_id)) != NULL)
            emit_marked(a, socket, 1);
        r->n_ticks--;
        again = again || r->n_ticks > 0;
    }
    if (again)
        (void)sio_after(a->server, TICK_MS, tick, a);
}

static void
on_ticks(sio_socket *socket, const sio_event *event, void *arg)
{
    cluster_app    *a = arg;
    session_record *r = sio_user_data(socket);

    (void)event;
    if (r == NULL || r->n_ticks > 0)
        return;
    r->n_ticks = N_TICKS;
    (void)sio_after(a->server, TICK_MS, tick, a);
}

static void
on_answer(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)args_json;
    (void)len;
    emit_marked(arg, socket, 1);
}

static void
on_ask(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    sio_emit_ack(socket, "question", "[1]", on_answer, arg);
}

static void
on_join(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    (void)sio_join(socket, "r");
}

static void
on_leave(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_leave(socket, "r");
}

static void
on_room(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.room = "r", .except = socket};

    (void)event;
    (void)arg;
    must(sio_broadcast(sio_namespace_of(socket), &to, "room", "[]") == 0);
}

static void
on_all(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.is_volatile = true};

    (void)event;
    (void)arg;
    must(sio_broadcast(sio_namespace_of(socket), NULL, "all", NULL) == 0);
    must(sio_broadcast(sio_namespace_of(socket), &to, "volatile", "[{}]") == 0);
}

static void
on_kick(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    emit_marked(arg, socket, 1);
    sio_disconnect(socket, true);
}

static void
on_connection(sio_socket *socket, void *arg)
{
    const cluster_app *a = arg;
    const sio_session *session = socket->session;
    session_record    *r = promise_open(a->promise, session->id, a->server);

    sio_set_user_data(socket, r);
    if (r != NULL) {
        snprintf(r->socket_id, sizeof r->socket_id, "%s", sio_id(socket));
        r->revision = (unsigned)session->engine.revision; /* 0: of 0.9 */
    }
    emit_marked(a, socket, 2);
}

static void
on_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    const cluster_app *a = arg;
    session_record    *r = sio_user_data(socket);

    if (r != NULL)
        promise_ended(a->promise, r, reason);
}

static void
on_lost(const char *id, const char *reason, void *arg)
{
    const cluster_app *a = arg;

    must(strcmp(reason, "instance lost") == 0);
    promise_announced(a->promise, id);
}

void
cluster_app_init(cluster_app *a, sio_server *server, promise *p)
{
    static const struct {
        const char  *name;
        sio_event_fn fn;
    } events[] = {
        {"any", on_any}, {"burst", on_burst}, {"flood", on_flood}, {"ticks", on_ticks},
        {"ask", on_ask}, {"join", on_join},   {"leave", on_leave}, {"room", on_room},
        {"all", on_all}, {"kick", on_kick},
    };
    sio_namespace *nsp = sio_sockets(server);

    *a = (cluster_app){.server = server, .promise = p};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        sio_on(nsp, events[i].name, events[i].fn, a);
    sio_on_message(nsp, on_any, a);
    sio_on_json(nsp, on_any, a);
    sio_on_connection(nsp, on_connection, a);
    sio_on_disconnect(nsp, on_disconnect, a);
    sio_on_lost(server, on_lost, a);
}
