#include "tests/unit/server/memory_app.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "tests/unit/server/failing_memory.h"
#include "tests/unit/server/memory_world.h"

/* What it was told that it can not have. */
static void
told(int rc)
{
    world.n_told += rc != 0;
}

static void
on_echo(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t           len, n;
    const char      *args = sio_event_args(event, &len);
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char             copy[SAYING_LEN];

    (void)arg;
    snprintf(copy, sizeof copy, "%.*s", (int)len, args);
    told(sio_emit_binary(socket, "echo", copy, attachments, n, NULL, NULL));
    if (sio_event_wants_ack(event))
        told(sio_ack_binary(socket, event, copy, attachments, n));
}

char memory_app_token[SIO_ACK_TOKEN_SIZE];

/* The other instance acknowledges. */
static void
on_token(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    told(sio_ack_token(socket, event, 5000, memory_app_token));
}

static void
on_token_used(sio_ack_result result, void *arg)
{
    (void)arg;
    told(result == SIO_ACK_DONE ? 0 : -1);
}

static void
on_use_token(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_bytes bytes = {"\x01\x02", 2};

    (void)event;
    (void)arg;
    told(sio_emit(socket, "joined", NULL));
    told(sio_ack_by_token(sio_server_of(sio_namespace_of(socket)), memory_app_token,
                          "[{\"_placeholder\":true,\"num\":0}]", &bytes, 1, on_token_used, NULL));
}

static void
on_tree(sio_socket *socket, const sio_event *event, void *arg)
{
    const cJSON *tree = sio_event_tree(event);

    (void)arg;
    told(tree == NULL ? -1 : sio_emit_tree(socket, "tree", tree, NULL, NULL));
}

static void
on_later(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_ack_later *ack = sio_ack_keep(socket, event);

    (void)arg;
    told(ack != NULL ? sio_ack_now(ack, "[\"late\"]") : -1);
}

/* A message comes back as text, or as JSON. */
static void
on_message(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *text = sio_event_data(event, &len);

    (void)arg;
    told(sio_send(socket, text, len));
}

static void
on_later_still(void *arg)
{
    told(sio_broadcast(sio_sockets(arg), NULL, "later", NULL));
}

static void
on_soon(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_server *s = sio_server_of(sio_namespace_of(socket));

    (void)event;
    (void)arg;
    told(sio_after(s, 100, on_later_still, s) != NULL ? 0 : -1);
}

static void
on_join(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    told(sio_set_socket_data(socket, "{\"name\":\"Ann\"}"));
    told(sio_join(socket, "r"));
    told(sio_emit(socket, "joined", NULL));
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
    const char *const rooms[] = {"r", "s", NULL};
    const sio_to      to = {.rooms = rooms};

    (void)event;
    (void)arg;
    told(sio_broadcast(sio_namespace_of(socket), &to, "room", "[1]"));
}

static void
on_all(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_bytes bytes = {"\x01\x02", 2};

    (void)event;
    (void)arg;
    told(sio_broadcast_binary(sio_namespace_of(socket), NULL, "all",
                              "[{\"_placeholder\":true,\"num\":0}]", &bytes, 1));
}

static char answered[] = "answers", listed[] = "listed"; /* what the application says then */

static void
on_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    world.n_answered = (unsigned)answers->n_answered;
    told(answers->n_reached < answers->n_instances ? -1 : 0);
    told(sio_broadcast(nsp, NULL, arg, NULL));
}

static void
on_survey(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.room = "r"};

    (void)event;
    (void)arg;
    told(sio_broadcast_ack(sio_namespace_of(socket), &to, "q", NULL, 2000, on_answers, answered));
}

static void
on_fetch(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *const rooms[] = {"r", "", "s", NULL}, *const except[] = {"t", "u", NULL};
    const sio_to to = {.rooms = rooms, .except_rooms = except};

    (void)event;
    (void)arg;
    told(sio_fetch(sio_namespace_of(socket), &to, 2000, on_answers, listed));
}

static void
on_counted(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    told(count->n_reached < count->n_instances ? -1 : 0);
    told(sio_broadcast(nsp, NULL, arg, NULL));
}

static void
on_rooms(sio_namespace *nsp, const sio_room_list *list, void *arg)
{
    told(list->n_reached < list->n_instances || list->has_more ? -1 : 0);
    told(sio_broadcast(nsp, NULL, arg, NULL));
}

static char counted[] = "counted", rooms_listed[] = "rooms";

static void
on_count(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    told(sio_count(sio_namespace_of(socket), NULL, 2000, on_counted, counted));
}

static void
on_list_rooms(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    told(sio_rooms(sio_namespace_of(socket), NULL, 10, 2000, on_rooms, rooms_listed));
}

static void
resume(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_pause(socket, false);
}

static void
on_rested(void *arg)
{
    told(sio_each(sio_sockets(arg), NULL, resume, NULL));
}

static void
on_rest(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_server *s = sio_server_of(sio_namespace_of(socket));

    (void)event;
    (void)arg;
    if (sio_after(s, 100, on_rested, s) == NULL)
        told(-1);
    else
        told(sio_pause(socket, true));
}

static void
on_move(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *const rooms[] = {"s", "r", NULL}, *const except[] = {"t", NULL};
    const sio_to to = {.rooms = rooms, .except_rooms = except};

    (void)event;
    (void)arg;
    told(sio_each_join(sio_namespace_of(socket), NULL, "s"));
    told(sio_broadcast(sio_namespace_of(socket), &to, "moved", NULL));
    told(sio_each_leave(sio_namespace_of(socket), &to, "s"));
}

static void
on_question_answered(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)arg;
    (void)len;
    told(sio_emit(socket, args_json != NULL ? "answered" : "silent", NULL));
}

static void
on_ask(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    told(sio_emit_ack_within(socket, "ask", NULL, 1000, on_question_answered, NULL));
}

static void
accept_all(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    (void)arg;
    sio_decide(decision, SIO_ACCEPT);
}

bool
memory_app_serve(sio_server *s)
{
    static const struct {
        const char  *name;
        sio_event_fn fn;
    } events[] = {
        {"echo", on_echo},
        {"tree", on_tree},
        {"later", on_later},
        {"join", on_join},
        {"leave", on_leave},
        {"room", on_room},
        {"all", on_all},
        {"survey", on_survey},
        {"fetch", on_fetch},
        {"move", on_move},
        {"soon", on_soon},
        {"ask", on_ask},
        {"token", on_token},
        {"use token", on_use_token},
        {"rest", on_rest},
        {"count", on_count},
        {"list rooms", on_list_rooms},
    };
    const unsigned n_failed = memory.n_failed;
    sio_namespace *chat = sio_of(s, "/chat");

    if (chat == NULL)
        return false;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        sio_on(sio_sockets(s), events[i].name, events[i].fn, NULL);
        sio_on(chat, events[i].name, events[i].fn, NULL);
    }
    sio_on_message(sio_sockets(s), on_message, NULL);
    sio_authorization(s, accept_all, NULL);
    sio_namespace_authorization(chat, accept_all, NULL);
    return memory.n_failed == n_failed; /* sio_on() logs it, and goes on */
}
