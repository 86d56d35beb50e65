/*
 * "--reach": what an application asks of all instances, beside the contract.
 *
 *     survey [to, ms, value]     asks "question" [value] of many; acknowledges with what came of it
 *     fetch  [to, ms]            lists sockets; acknowledges in the same way
 *     move   [to, what, room]    "join", "leave", "disconnect" or "close"; acknowledges when done
 *                                here
 *     data   [value]             keeps [value] as the data of the socket, and acknowledges
 *     token  []              is emitted "token" with the token of its acknowledgement
 *     will   [text]              leaves a will of the socket, or revokes it (null); acknowledges
 *     tell   [value]             lets the other instances broadcast "told" [value] to their
 *                                clients; acknowledges
 *     ask    [value, ms]         asks the other instances "asked" [value]; acknowledges with what
 *                                came of it. They answer with their names; asked to "hold", they
 *                                say "held" to their clients, and answer when one says "release"
 *     plain  [value]             sends [value] back as "plain", never compressed
 *     plains [value]             broadcasts [value] as "plain", never compressed
 *     mourn  []                  leaves one that is revoked when the socket leaves; acknowledges
 *     pause  [_, ms]             acknowledges, and does not hear the client for so long, or until
 *                                somebody else is heard again
 *
 * Namespaces whose names begin with "/dynamic-" are there as clients ask for them: they say
 * "welcome" [NAME], echo, and refuse with "not you" whose query has "unwanted".
 *
 * to is {"room":...,"local":true}, without what does not matter. What came of a question is
 * [answers, n_answered, n_asked, n_reached, n_instances].
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/contract/contract.h"

static const cJSON *
arg_of(const sio_event *event, int i)
{
    return cJSON_GetArrayItem(sio_event_tree(event), i);
}

/* Its texts belong to the event. False: the room is no text. */
static bool
read_to(const sio_event *event, sio_to *out)
{
    const cJSON *to = arg_of(event, 0);
    const cJSON *room = cJSON_GetObjectItem(to, "room");

    *out = (sio_to){
        .room = cJSON_GetStringValue(room),
        .is_local = cJSON_IsTrue(cJSON_GetObjectItem(to, "local")),
    };
    return room == NULL || out->room != NULL;
}

static unsigned
ms_of(const sio_event *event)
{
    const cJSON *ms = arg_of(event, 1);

    return cJSON_IsNumber(ms) && ms->valueint > 0 ? (unsigned)ms->valueint : 0;
}

static void
acknowledge(sio_namespace *nsp, const sio_answers *answers, void *later)
{
    char *args = NULL;

    (void)nsp;
    if (asprintf(&args, "[%.*s,%zu,%zu,%zu,%zu]", (int)answers->len, answers->json,
                 answers->n_answered, answers->n_asked, answers->n_reached,
                 answers->n_instances) >= 0)
        sio_ack_now(later, args);
    else
        sio_ack_drop(later);
    free(args);
}

static void
on_survey(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_to         to;
    sio_ack_later *later = read_to(event, &to) ? sio_ack_keep(socket, event) : NULL;
    char          *value = one_arg(event, 2);

    (void)arg;
    if (later != NULL && sio_broadcast_ack(sio_namespace_of(socket), &to, "question", value,
                                           ms_of(event), acknowledge, later) != 0)
        sio_ack_drop(later);
    free(value);
}

static void
on_fetch(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_to         to;
    sio_ack_later *later = read_to(event, &to) ? sio_ack_keep(socket, event) : NULL;

    (void)arg;
    if (later != NULL &&
        sio_fetch(sio_namespace_of(socket), &to, ms_of(event), acknowledge, later) != 0)
        sio_ack_drop(later);
}

static void
on_move(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_to         to;
    const char    *what = cJSON_GetStringValue(arg_of(event, 1));
    const char    *room = cJSON_GetStringValue(arg_of(event, 2));
    sio_namespace *nsp = sio_namespace_of(socket);

    (void)arg;
    if (!read_to(event, &to) || what == NULL)
        return;
    if (strcmp(what, "join") == 0 && room != NULL)
        sio_each_join(nsp, &to, room);
    else if (strcmp(what, "leave") == 0 && room != NULL)
        sio_each_leave(nsp, &to, room);
    else
        sio_each_disconnect(nsp, &to, strcmp(what, "close") == 0);
    sio_ack(socket, event, NULL);
}

static void
on_tell(sio_socket *socket, const sio_event *event, void *arg)
{
    char *value = one_arg(event, 0);

    (void)arg;
    if (sio_server_side_emit(sio_namespace_of(socket), "told", value) == 0)
        sio_ack(socket, event, NULL);
    free(value);
}

static void
on_told(sio_namespace *nsp, const char *args_json, size_t len, void *arg)
{
    const sio_content content = {
        .event = "told", .event_len = 4, .args_json = args_json, .args_len = len};

    (void)arg;
    sio_broadcast_n(nsp, &(sio_to){.is_local = true}, &content);
}

static void
on_ask(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_ack_later *later = sio_ack_keep(socket, event);
    char          *value = one_arg(event, 0);

    (void)arg;
    if (later != NULL && sio_server_side_emit_ack(sio_namespace_of(socket), "asked", value,
                                                  ms_of(event), acknowledge, later) != 0)
        sio_ack_drop(later);
    free(value);
}

static void
answer_with_name(sio_server_question *question, const sio_server *io)
{
    char *name = sio_get(io, "name");

    if (question != NULL)
        (void)sio_server_side_answer(question, name);
    free(name);
}

static sio_server_question *held; /* one at a time */

static void
on_asked(sio_namespace *nsp, const char *args_json, size_t len, void *arg)
{
    const char hold[] = "[\"hold\"]";

    (void)arg;
    if (len != strlen(hold) || memcmp(args_json, hold, len) != 0) {
        answer_with_name(sio_server_side_question(nsp), sio_server_of(nsp));
        return;
    }
    answer_with_name(held, sio_server_of(nsp));
    held = sio_server_side_question(nsp);
    sio_broadcast(nsp, &(sio_to){.is_local = true}, "held", NULL);
}

static void
on_release(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    answer_with_name(held, sio_server_of(sio_namespace_of(socket)));
    held = NULL;
}

static void
on_plain(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_content content;

    (void)arg;
    if (sio_event_content(event, &content) != 0)
        return;
    content.no_compress = true;
    sio_emit_n(socket, &content, 0, NULL, NULL);
}

static void
on_plains(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_content content;

    (void)arg;
    if (sio_event_content(event, &content) != 0)
        return;
    content.event = "plain";
    content.event_len = strlen(content.event);
    content.no_compress = true;
    sio_broadcast_n(sio_namespace_of(socket), NULL, &content);
}

/* --- Namespaces as clients ask for them. --- */

static bool
is_dynamic(const char *name, const char *auth_json, void *arg)
{
    (void)auth_json;
    (void)arg;
    return strncmp(name, "/dynamic-", 9) == 0;
}

static void
welcome(sio_socket *socket, void *arg)
{
    sio_args *args = sio_args_new();

    (void)arg;
    sio_args_text(args, sio_namespace_name(sio_namespace_of(socket)));
    sio_emit_n(socket, sio_args_content(args, "welcome"), 0, NULL, NULL);
    sio_args_free(args);
}

static void
admit(sio_decision *decision, const char *handshake_json, void *arg)
{
    char *unwanted = sio_handshake_query(handshake_json, "unwanted");

    (void)arg;
    if (unwanted == NULL)
        sio_decide(decision, SIO_ACCEPT);
    else
        (void)sio_decide_error(decision, "not you", NULL);
    free(unwanted);
}

static void
serve_dynamic(sio_server *io)
{
    sio_namespace *parent = sio_of_match(io, is_dynamic, NULL);

    if (parent == NULL || sio_use(parent, admit, NULL) != 0)
        return;
    sio_on_connection(parent, welcome, NULL);
    sio_on(parent, "echo", on_echo, NULL);
}

/* --- Sockets. --- */

static void
on_data(sio_socket *socket, const sio_event *event, void *arg)
{
    char *value = one_arg(event, 0);

    (void)arg;
    if (sio_set_socket_data(socket, value) == 0)
        sio_ack(socket, event, NULL);
    free(value);
}

static void
on_token(sio_socket *socket, const sio_event *event, void *arg)
{
    enum { LIFE_MS = 60000 };
    char token[SIO_ACK_TOKEN_SIZE], args[SIO_ACK_TOKEN_SIZE + 8];

    (void)arg;
    if (sio_ack_token(socket, event, LIFE_MS, token) != 0)
        return;
    snprintf(args, sizeof args, "[\"%s\"]", token);
    sio_emit(socket, "token", args);
}

static void
resume_one(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_pause(socket, false);
}

/* Whoever is paused by now: it may have left. */
static void
resume(void *nsp)
{
    sio_each(nsp, NULL, resume_one, NULL);
}

static void
on_pause(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_namespace *nsp = sio_namespace_of(socket);

    (void)arg;
    sio_ack(socket, event, NULL);
    if (sio_after(sio_server_of(nsp), ms_of(event), resume, nsp) != NULL)
        sio_pause(socket, true);
}

static void
on_set_will(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_server *io = sio_server_of(sio_namespace_of(socket));

    (void)arg;
    if (sio_set_will(io, sio_id(socket), cJSON_GetStringValue(arg_of(event, 0))) == 0)
        sio_ack(socket, event, NULL);
}

/* Not under its own id: that is for "will". */
static bool
mourning_id(const sio_socket *socket, char id[64])
{
    return (size_t)snprintf(id, 64, "mourn:%s", sio_id(socket)) < 64;
}

static void
on_mourn(sio_socket *socket, const sio_event *event, void *arg)
{
    char id[64];

    (void)arg;
    if (mourning_id(socket, id) &&
        sio_set_will(sio_server_of(sio_namespace_of(socket)), id, "lost") == 0)
        sio_ack(socket, event, NULL);
}

void
revoke_mourning(sio_socket *socket)
{
    char id[64];

    if (mourning_id(socket, id))
        (void)sio_set_will(sio_server_of(sio_namespace_of(socket)), id, NULL);
}

/* Everybody is told; and unless it says "keep", that is all there was to do. */
static void
on_will(const char *id, const char *will, void *io)
{
    cJSON *args = cJSON_CreateArray();

    cJSON_AddItemToArray(args, cJSON_CreateString(id));
    cJSON_AddItemToArray(args, cJSON_CreateString(will));
    sio_broadcast_tree(sio_sockets(io), NULL, "will", args);
    cJSON_Delete(args);
    if (strcmp(will, "keep") != 0)
        sio_set_will(io, id, NULL);
}

/* Who says so in its query is turned away twice before it is let in. */
static void
decide(sio_decision *decision, const char *handshake_json, void *arg)
{
    static unsigned n_turned_away;
    char           *away = sio_handshake_query(handshake_json, "away");
    sio_verdict     verdict = SIO_ACCEPT;

    (void)arg;
    if (away != NULL && ++n_turned_away % 3 != 0)
        verdict = SIO_AWAY;
    free(away);
    sio_decide(decision, verdict);
}

void
serve_reach(sio_namespace *nsp)
{
    sio_on(nsp, "survey", on_survey, NULL);
    sio_on(nsp, "fetch", on_fetch, NULL);
    sio_on(nsp, "move", on_move, NULL);
    sio_on(nsp, "data", on_data, NULL);
    sio_on(nsp, "token", on_token, NULL);
    sio_on(nsp, "tell", on_tell, NULL);
    sio_on(nsp, "plain", on_plain, NULL);
    sio_on(nsp, "plains", on_plains, NULL);
    sio_on(nsp, "ask", on_ask, NULL);
    sio_on(nsp, "release", on_release, NULL);
    (void)sio_on_server_side(nsp, "told", on_told, NULL);
    (void)sio_on_server_side(nsp, "asked", on_asked, NULL);
    serve_dynamic(sio_server_of(nsp));
    sio_on(nsp, "pause", on_pause, NULL);
    sio_on(nsp, "will", on_set_will, NULL);
    sio_on(nsp, "mourn", on_mourn, NULL);
    sio_namespace_authorization(nsp, decide, NULL);
    sio_on_will(sio_server_of(nsp), on_will, sio_server_of(nsp));
}
