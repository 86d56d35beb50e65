#include "tests/fuzz/world/session_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "tests/fuzz/must.h"

static void
emit_args(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t           len, n;
    const char      *args = sio_event_args(event, &len);
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char            *copy = strndup(args, len);

    (void)arg;
    if (sio_event_wants_ack(event))
        must(sio_ack_binary(socket, event, copy, attachments, n) == 0);
    else
        must(sio_emit_binary(socket, "echo", copy, attachments, n, NULL, NULL) == 0);
    free(copy);
}

static void
on_later(sio_socket *socket, const sio_event *event, void *arg)
{
    app *a = arg;

    if (a->prompt || a->n_acks == MAX_LATER)
        sio_ack(socket, event, NULL);
    else if ((a->acks[a->n_acks] = sio_ack_keep(socket, event)) != NULL)
        a->n_acks++;
}

static void
on_answer(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    size_t           n;
    const sio_bytes *attachments = sio_ack_attachments(socket, &n);
    char            *args = args_json != NULL ? strndup(args_json, len) : NULL;

    (void)arg;
    if (args == NULL) /* it has left */
        return;
    must(sio_emit_binary(socket, "answer", args, attachments, n, NULL, NULL) == 0);
    must(sio_emit_binary(socket, "again", args, attachments, n, on_answer, NULL) == 0);
    free(args);
}

/* Told in any case, and asks again of one who answered. */
static void
on_answer_in_time(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    app *a = arg;

    (void)len;
    must(a->n_told-- > 0);
    if (args_json != NULL &&
        sio_emit_ack_within(socket, "hurry", NULL, 1000, on_answer_in_time, a) == 0)
        a->n_told++;
}

static void
on_hurry(sio_socket *socket, const sio_event *event, void *arg)
{
    app *a = arg;

    (void)event;
    if (sio_emit_ack_within(socket, "hurry", "[1]", 1000, on_answer_in_time, a) == 0)
        a->n_told++;
}

static void
on_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    app *a = arg;

    must(answers->n_answered <= answers->n_asked && a->n_told-- > 0);
    must(sio_json_validate((sio_view){answers->json, answers->len}, SIO_JSON_MAX_DEPTH) == SIO_OK);
    sio_broadcast(nsp, NULL, "answers", NULL);
}

static void
on_survey(sio_socket *socket, const sio_event *event, void *arg)
{
    static const char *const rooms[] = {"\"r\"", "\"s\"", NULL};
    const sio_to             to = {.except_rooms = rooms, .is_volatile = true};
    app                     *a = arg;

    (void)event;
    if (sio_broadcast_ack(sio_namespace_of(socket), &to, "survey", NULL, 1000, on_answers, a) == 0)
        a->n_told++;
}

static void
on_ask(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_emit_ack(socket, "question", "[1]", on_answer, NULL);
    sio_send_ack(socket, "text", 4, on_answer, NULL);
}

/* The first argument as it arrived, its beginning: as good a name for a room as any. */
static const char *
room_of(const sio_event *event, char name[16])
{
    size_t      len;
    const char *text = sio_event_arg(event, 0, &len);

    snprintf(name, 16, "%.*s", text != NULL ? (int)len : 0, text != NULL ? text : "");
    return name;
}

static void
on_join(sio_socket *socket, const sio_event *event, void *arg)
{
    char name[16];

    (void)arg;
    if (sio_join(socket, room_of(event, name)) == 0)
        sio_ack(socket, event, NULL);
}

static void
on_leave(sio_socket *socket, const sio_event *event, void *arg)
{
    char name[16];

    (void)arg;
    sio_leave(socket, room_of(event, name));
}

static void
on_room(sio_socket *socket, const sio_event *event, void *arg)
{
    char              name[16];
    const char *const rooms[] = {sio_id(socket), "", room_of(event, name), NULL};
    const sio_to      to = {.room = name, .except = socket};
    const sio_to      union_of_rooms = {.rooms = rooms};
    const sio_bytes   bytes = {"\0\xff", 2};

    (void)arg;
    sio_broadcast(sio_namespace_of(socket), &to, "room", NULL);
    must(sio_broadcast_binary(sio_namespace_of(socket), &union_of_rooms, "rooms",
                              "[{\"_placeholder\":true,\"num\":0},\"\xc3\xa9\"]", &bytes, 1) == 0);
}

static void
on_all(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.is_volatile = true};

    (void)event;
    (void)arg;
    sio_broadcast(sio_namespace_of(socket), NULL, "all", "[]");
    sio_broadcast(sio_namespace_of(socket), &to, "volatile", "[{}]");
}

static void
on_flood(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    for (unsigned i = 0; i < FLOOD; i++) {
        sio_emit_volatile(socket, "v", NULL);
        sio_emit(socket, "n", "[\"0123456789\"]");
    }
}

static void
on_kick(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    sio_disconnect(socket, true);
    emit_args(socket, event, arg); /* harmless, as everything with a socket that has left */
    sio_join(socket, "r");
}

static void
kick(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_disconnect(socket, true);
}

static void
on_kick_all(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_each(sio_namespace_of(socket), NULL, kick, NULL);
}

static void
on_kick_room(sio_socket *socket, const sio_event *event, void *arg)
{
    char name[16];

    (void)arg;
    sio_each(sio_namespace_of(socket), room_of(event, name), kick, NULL);
}

static void
on_send_away(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    sio_disconnect(socket, false);
    emit_args(socket, event, arg);
}

/* Nobody asked for this one, and nobody waits for it. */
static void
kick_everybody(void *arg)
{
    app *a = arg;

    sio_each(sio_sockets(a->server), NULL, kick, NULL);
}

static void
on_soon(sio_socket *socket, const sio_event *event, void *arg)
{
    app *a = arg;

    (void)socket;
    (void)event;
    (void)sio_after(a->server, 1000, kick_everybody, a);
    sio_cancel(sio_after(a->server, 500, kick_everybody, a));
}

static void
on_stop(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_stop(sio_server_of(sio_namespace_of(socket)));
}

static void
on_text(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *text = sio_event_data(event, &len);

    (void)arg;
    sio_ack(socket, event, "[\"got\"]");
    sio_send(socket, text, len);
}

static void
on_json(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *text = sio_event_data(event, &len);
    char       *copy = strndup(text, len);

    (void)arg;
    (void)sio_event_tree(event);
    sio_send_json(socket, copy);
    free(copy);
}

static void
on_connection(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_emit(socket, "welcome", "[1]");
    if (strstr(sio_handshake_json(socket), "unwelcome") != NULL)
        sio_disconnect(socket, true);
}

static void
on_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    (void)arg;
    must(reason[0] != '\0');
    sio_emit(socket, "bye", NULL);
    sio_join(socket, "r");
    sio_broadcast(sio_namespace_of(socket), NULL, "left", NULL);
    sio_disconnect(socket, true);
}

static void
decide_later(sio_decision *decision, const char *handshake_json, void *arg)
{
    app *a = arg;

    const char *auth = sio_decision_auth(decision);

    if (strstr(handshake_json, "refuse") != NULL)
        sio_decide(decision, SIO_REFUSE);
    else if (strstr(auth, "refuse") != NULL)
        must(sio_decide_error(decision, auth, auth) == 0);
    else if (a->prompt || a->n_decisions == MAX_LATER ||
             (strstr(handshake_json, "later") == NULL && strstr(auth, "later") == NULL))
        sio_decide(decision, SIO_ACCEPT);
    else
        a->decisions[a->n_decisions++] = decision;
}

static void
serve_namespace(app *a, const char *name)
{
    static const struct {
        const char  *name;
        sio_event_fn fn;
    } events[] = {
        {"echo", emit_args},         {"later", on_later},   {"ask", on_ask},
        {"hurry", on_hurry},         {"survey", on_survey}, {"join", on_join},
        {"leave", on_leave},         {"room", on_room},     {"all", on_all},
        {"flood", on_flood},         {"kick", on_kick},     {"kick all", on_kick_all},
        {"kick room", on_kick_room}, {"soon", on_soon},     {"send away", on_send_away},
        {"stop", on_stop},
    };
    sio_namespace *nsp = sio_of(a->server, name);

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        sio_on(nsp, events[i].name, events[i].fn, a);
    sio_on_message(nsp, on_text, a);
    sio_on_json(nsp, on_json, a);
    sio_on_connection(nsp, on_connection, a);
    sio_on_disconnect(nsp, on_disconnect, a);
}

void
app_decide(app *a, sio_verdict verdict)
{
    sio_decision *oldest = a->decisions[0];

    if (a->n_decisions == 0)
        return;
    a->n_decisions--;
    for (unsigned i = 0; i < a->n_decisions; i++)
        a->decisions[i] = a->decisions[i + 1];
    sio_decide(oldest, verdict);
}

void
app_acknowledge(app *a)
{
    sio_ack_later *oldest = a->acks[0];

    if (a->n_acks == 0)
        return;
    a->n_acks--;
    for (unsigned i = 0; i < a->n_acks; i++)
        a->acks[i] = a->acks[i + 1];
    sio_ack_now(oldest, "[\"late\"]");
}

void
app_init(app *a, sio_server *server)
{
    *a = (app){.server = server};
    serve_namespace(a, "");
    serve_namespace(a, "/chat");
    serve_namespace(a, "/later");
    sio_authorization(server, decide_later, a);
    sio_namespace_authorization(sio_of(server, "/later"), decide_later, a);
}
