#include "server/adapter/node4_ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "protocol/node4_request.h"
#include "protocol/node4_response.h"
#include "server/adapter/adapters.h"
#include "server/adapter/node4_wire.h"
#include "server/adapter/survey.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/ack_group.h"

/* What a survey that asks strangers wants of a list of sockets. */
enum { SOCKETS, THEIR_NUMBER, ROOMS, NO_LIST };

/* --- The number of a question, as others say it. --- */

enum { ID_BYTES = SIO_NODE4_UID_LEN + 24 };

static sio_view
make_id(const sio_env *env, uint64_t number, char text[ID_BYTES])
{
    const int len = snprintf(text, ID_BYTES, "%s-%" PRIu64, env->adapters->node4.uid, number);

    return (sio_view){text, (size_t)len};
}

/* 0: it is not one of ours. */
static uint64_t
number_of(const sio_env *env, sio_view id)
{
    char     text[ID_BYTES];
    uint64_t number = 0;

    if (id.len >= sizeof text || id.len <= SIO_NODE4_UID_LEN + 1)
        return 0;
    for (size_t i = SIO_NODE4_UID_LEN + 1; i < id.len && id.data[i] >= '0' && id.data[i] <= '9';
         i++)
        number = number * 10 + (uint64_t)(id.data[i] - '0');
    return sio_view_eq(make_id(env, number, text), id) ? number : 0;
}

/* --- Asking. --- */

static void
on_counted(void *arg, uint64_t number, int64_t n)
{
    sio_survey *v = sio_survey_find(arg, number);

    if (v != NULL && n > 0) /* one of them is this one */
        sio_survey_count_strangers(v, (size_t)n - 1);
}

/* What is in the message was asked: who hears it is counted behind it. */
static int
publish_question(sio_namespace *nsp, uint64_t number, int what)
{
    sio_env    *env = nsp->env;
    sio_survey *v = sio_survey_find(env, number);
    const int   rc = sio_node4_wire_publish_request(env, nsp->name);

    if (v == NULL)
        return rc;
    if (rc != SIO_OK) {
        v->answers.n_instances++; /* somebody is missed; nobody knows how many there are */
        return rc;
    }
    sio_survey_await_strangers(v, what);
    sio_node4_wire_count(env, on_counted, number);
    return SIO_OK;
}

int
sio_node4_ask_clients(sio_namespace *nsp, const sio_node4_event *e, uint64_t number,
                      unsigned timeout_ms)
{
    sio_node4_event asking = *e;
    char            id[ID_BYTES];

    asking.timeout_ms = timeout_ms;
    sio_node4_wire_add_ask(nsp->env, make_id(nsp->env, number, id), &asking);
    return publish_question(nsp, number, NO_LIST);
}

static int
ask_for_sockets(sio_namespace *nsp, const sio_node4_event *to, uint64_t number, int what)
{
    char id[ID_BYTES];

    sio_node4_wire_add_fetch(nsp->env, make_id(nsp->env, number, id), to);
    return publish_question(nsp, number, what);
}

int
sio_node4_ask_fetch(sio_namespace *nsp, const sio_node4_event *to, uint64_t number)
{
    return ask_for_sockets(nsp, to, number, SOCKETS);
}

int
sio_node4_ask_count(sio_namespace *nsp, const sio_node4_event *to, uint64_t number)
{
    return ask_for_sockets(nsp, to, number, THEIR_NUMBER);
}

/* Node can list its rooms, but not say how many are in each: its sockets tell that. */
int
sio_node4_ask_rooms(sio_namespace *nsp, sio_view prefix, uint64_t number)
{
    const sio_node4_event everyone = {.nsp = nsp->name};
    sio_survey           *v = sio_survey_find(nsp->env, number);

    if (v == NULL || sio_survey_keep_prefix(v, prefix) != SIO_OK)
        return SIO_ERR_NOMEM;
    sio_buf_clear(&nsp->env->adapters->node4.message);
    return ask_for_sockets(nsp, &everyone, number, ROOMS);
}

int
sio_node4_ask_applications(sio_namespace *nsp, sio_view event, sio_view args, uint64_t number)
{
    char id[ID_BYTES];

    sio_buf_clear(&nsp->env->adapters->node4.message);
    sio_node4_wire_add_server_side(nsp->env, nsp->name, make_id(nsp->env, number, id), event, args);
    return publish_question(nsp, number, NO_LIST);
}

/* --- Sockets of others. --- */

enum { ID, HANDSHAKE, ROOMS_OF, DATA, SERVER, CONNECTED, N_FIELDS };

typedef struct {
    sio_json_field fields[N_FIELDS];
} their_socket;

/* What is none has no parts. */
static their_socket
read_socket(sio_view json)
{
    their_socket s = {{[ID] = {.name = SIO_VIEW("id")},
                       [HANDSHAKE] = {.name = SIO_VIEW("handshake")},
                       [ROOMS_OF] = {.name = SIO_VIEW("rooms")},
                       [DATA] = {.name = SIO_VIEW("data")},
                       [SERVER] = {.name = SIO_VIEW("siobrokerName")},
                       [CONNECTED] = {.name = SIO_VIEW("siobrokerConnected")}}};

    (void)sio_json_pick(json, SIO_JSON_MAX_DEPTH, s.fields, N_FIELDS);
    return s;
}

/* The next of its rooms, a JSON string; its id is one of them for Node, but not here. */
static bool
next_room(const their_socket *s, sio_json_iter *it, sio_view *room)
{
    while (sio_json_read_array_next(it, room))
        if (sio_json_read_kind_of(*room) == SIO_JSON_STRING &&
            !sio_view_eq(*room, s->fields[ID].value))
            return true;
    return false;
}

static sio_view
value_or(sio_view json, sio_view otherwise)
{
    return json.len > 0 ? json : otherwise;
}

/* The address is a text there, and an object here. */
static void
add_handshake(sio_buf *out, sio_view handshake)
{
    const char   *between = "";
    sio_json_iter it;
    sio_view      key, value;

    sio_buf_add_char(out, '{');
    sio_json_read_object_begin(&it, handshake);
    while (sio_json_read_object_next(&it, &key, &value)) {
        const bool is_address = sio_view_eq(key, SIO_VIEW("\"address\"")) &&
                                sio_json_read_kind_of(value) == SIO_JSON_STRING;

        if (sio_view_eq(key, SIO_VIEW("\"auth\"")))
            continue;
        sio_buf_add_str(out, between);
        between = ",";
        sio_buf_add_view(out, key);
        sio_buf_add_str(out, is_address ? ":{\"address\":" : ":");
        sio_buf_add_view(out, value);
        if (is_address)
            sio_buf_add_str(out, ",\"port\":0}");
    }
    sio_buf_add_char(out, '}');
}

/* With the members that sio_fetch() names. */
static void
add_socket(sio_buf *out, const their_socket *s)
{
    const sio_view handshake = value_or(s->fields[HANDSHAKE].value, SIO_VIEW("{}"));
    sio_json_field of_handshake[] = {{.name = SIO_VIEW("auth")}, {.name = SIO_VIEW("issued")}};
    sio_json_iter  it;
    sio_view       room;

    (void)sio_json_pick(handshake, SIO_JSON_MAX_DEPTH, of_handshake, 2);
    sio_buf_add_char(out, '{');
    sio_json_member_json(out, "id", value_or(s->fields[ID].value, SIO_VIEW("\"\"")));
    sio_json_member_json(out, "server", value_or(s->fields[SERVER].value, SIO_VIEW("\"\"")));
    sio_json_member_json(
        out, "connected",
        value_or(s->fields[CONNECTED].value, value_or(of_handshake[1].value, SIO_VIEW("0"))));
    sio_json_member_name(out, "rooms");
    sio_buf_add_char(out, '[');
    sio_json_read_array_begin(&it, s->fields[ROOMS_OF].value);
    for (bool is_first = true; next_room(s, &it, &room); is_first = false) {
        sio_buf_add_str(out, is_first ? "" : ",");
        sio_buf_add_view(out, room);
    }
    sio_buf_add_char(out, ']');
    sio_json_member_name(out, "handshake");
    add_handshake(out, handshake);
    sio_json_member_json(out, "auth", value_or(of_handshake[0].value, SIO_VIEW("{}")));
    sio_json_member_json(out, "data", value_or(s->fields[DATA].value, SIO_VIEW("{}")));
    sio_buf_add_char(out, '}');
}

static size_t
count_elements(sio_view array)
{
    size_t        n = 0;
    sio_json_iter it;
    sio_view      element;

    for (sio_json_read_array_begin(&it, array); sio_json_read_array_next(&it, &element);)
        n++;
    return n;
}

static void
take_sockets(sio_survey *v, sio_view list)
{
    sio_buf       json;
    sio_json_iter it;
    sio_view      element;

    sio_survey_stranger_said(v, count_elements(list), true);
    sio_buf_init(&json, SIZE_MAX);
    for (sio_json_read_array_begin(&it, list); sio_json_read_array_next(&it, &element);) {
        const their_socket s = read_socket(element);

        sio_buf_clear(&json);
        add_socket(&json, &s);
        sio_survey_stranger_answered(v, json.failed ? SIO_VIEW("null") : sio_buf_view(&json));
    }
    sio_buf_fini(&json);
}

static bool
begins_with(sio_view literal, const char *prefix, sio_buf *name)
{
    const size_t len = strlen(prefix);

    sio_buf_clear(name);
    (void)sio_json_read_string(literal, name);
    return !name->failed && name->len >= len && memcmp(name->data, prefix, len) == 0;
}

/* Each socket in a room is one of its size (room_list.h). */
static void
take_rooms_of(sio_survey *v, const their_socket *s, sio_buf *json, sio_buf *name)
{
    sio_json_iter it;
    sio_view      room;

    sio_json_read_array_begin(&it, s->fields[ROOMS_OF].value);
    while (next_room(s, &it, &room)) {
        if (v->strangers.prefix[0] != '\0' && !begins_with(room, v->strangers.prefix, name))
            continue;
        sio_buf_clear(json);
        sio_buf_add_char(json, '[');
        sio_buf_add_view(json, room);
        sio_buf_add_str(json, ",1]");
        if (json->failed)
            continue;
        sio_survey_note_asked(v, 1);
        sio_survey_add(v, sio_buf_view(json));
    }
}

static void
take_rooms(sio_survey *v, sio_view list)
{
    sio_buf       json, name;
    sio_json_iter it;
    sio_view      element;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_init(&name, SIZE_MAX);
    for (sio_json_read_array_begin(&it, list); sio_json_read_array_next(&it, &element);) {
        const their_socket s = read_socket(element);

        take_rooms_of(v, &s, &json, &name);
    }
    sio_buf_fini(&json);
    sio_buf_fini(&name);
    sio_survey_stranger_said(v, 0, true);
}

static void
take_list(sio_survey *v, sio_view list)
{
    if (v->strangers.what == SOCKETS)
        take_sockets(v, list);
    else if (v->strangers.what == ROOMS)
        take_rooms(v, list);
    else if (v->strangers.what == THEIR_NUMBER)
        sio_survey_stranger_said(v, count_elements(list), false);
}

/* --- Answers. --- */

static void
take_ack(sio_survey *v, const sio_node4_response *a)
{
    const sio_ack_answer answer = {a->value, a->attachments, a->n_attachments};
    sio_buf              json;

    sio_buf_init(&json, SIO_ACK_ANSWER_MAX_BYTES);
    sio_ack_answer_add(&answer, &json);
    sio_survey_stranger_answered(v, json.failed ? SIO_VIEW("null") : sio_buf_view(&json));
    sio_buf_fini(&json);
}

/* All hear the answers to all: what does not bear our uid is not read. */
static bool
is_for_us(const sio_env *env, sio_view bytes)
{
    return bytes.len > 0 &&
           memmem(bytes.data, bytes.len, env->adapters->node4.uid, SIO_NODE4_UID_LEN) != NULL;
}

void
sio_node4_ask_take(sio_env *env, const sio_node4_response *a)
{
    sio_survey *v = sio_survey_find(env, number_of(env, a->request_id));

    if (v == NULL || !v->strangers.is_asked)
        return; /* to somebody else, or too late */
    switch (a->kind) {
    case SIO_NODE4_CLIENT_COUNT:
        sio_survey_stranger_said(v, a->count, true);
        break;
    case SIO_NODE4_CLIENT_ACK:
        take_ack(v, a);
        break;
    case SIO_NODE4_SOCKET_LIST:
        take_list(v, a->value);
        break;
    case SIO_NODE4_VALUE:
        sio_survey_stranger_said(v, 1, true);
        take_ack(v, a);
        break;
    }
}

int
sio_node4_ask_hear(sio_env *env, sio_view bytes)
{
    sio_node4_response a;
    int                rc;

    if (!is_for_us(env, bytes))
        return SIO_DROPPED;
    rc = sio_node4_response_read(&env->adapters->node4.reader, bytes, &a);
    if (rc == SIO_OK)
        sio_node4_ask_take(env, &a);
    return rc;
}
