#include "server/adapter/node4_answer.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "server/adapter/adapters.h"
#include "server/adapter/node4_wire.h"
#include "server/adapter/server_question.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/ack_group.h"
#include "server/socketio/describe.h"

/* Node waits so long for an answer of an application. Ours may take a little less. */
enum { SERVER_SIDE_MS = 4500 };

/* --- Lists. --- */

/* A list that is an answer, and how long that may be: what does not fit is left out. */
typedef struct {
    sio_env                 *env;
    const sio_node4_request *q;
    sio_buf                 *out;
    size_t                   max_bytes;
    bool                     has_some;
} listing;

static listing
listing_begin(sio_namespace *nsp, const sio_node4_request *q, const char *name)
{
    listing l = {.env = nsp->env,
                 .q = q,
                 .out = sio_node4_wire_begin_answer(nsp->env, q),
                 .max_bytes = nsp->env->cfg->max_instance_backlog};

    sio_json_member_name(l.out, name);
    sio_buf_add_char(l.out, '[');
    return l;
}

/* From here on an element is added; listing_take() keeps it, if there is room. */
static size_t
listing_next(listing *l)
{
    const size_t before = l->out->len;

    if (l->has_some)
        sio_buf_add_char(l->out, ',');
    return before;
}

/* An element of a list in data in a message. In MessagePack it may not be nested deeper. */
static bool
is_too_deep(const listing *l, size_t before)
{
    const size_t   begin = before + (l->has_some ? 1 : 0);
    const sio_view json = {l->out->data + begin, l->out->len - begin};

    return l->env->adapters->node4.is_streams && !l->out->failed &&
           sio_json_validate(json, SIO_MSGPACK_MAX_DEPTH - 3) == SIO_TOO_LARGE;
}

static void
listing_take(listing *l, size_t before)
{
    if (l->out->len <= l->max_bytes && !is_too_deep(l, before)) {
        l->has_some = true;
        return;
    }
    l->out->len = before;
    l->env->stats.backlog_full++;
}

static void
listing_add_text(listing *l, sio_view text)
{
    const size_t before = listing_next(l);

    sio_buf_add_json_string(l->out, text, SIO_JSON_PLAIN);
    listing_take(l, before);
}

static void
listing_end(const listing *l, const sio_namespace *nsp)
{
    sio_buf_add_char(l->out, ']');
    sio_node4_wire_end_answer(nsp->env, nsp->name, l->q);
}

/* --- Sockets. --- */

static void
list_id(sio_socket *socket, void *arg)
{
    listing_add_text(arg, sio_socket_id(socket));
}

static void
list_rooms_of(listing *l, const sio_socket *socket)
{
    const char *room;

    listing_add_text(l, sio_socket_id(socket)); /* which is one of them for Node */
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++)
        listing_add_text(l, sio_view_of(room));
}

static bool
is_kind(sio_view json, sio_json_kind kind)
{
    return sio_json_read_kind_of(json) == kind;
}

/*
 * As socket.io 4 has it: the address is a text there. It looks into some of these without asking
 * whether they are there, so they always are.
 */
static void
add_handshake(sio_buf *out, const sio_socket *socket)
{
    enum { HEADERS, TIME, ADDRESS, XDOMAIN, SECURE, ISSUED, URL, QUERY, N };
    sio_json_field fields[N] = {
        [HEADERS] = {.name = SIO_VIEW("headers")}, [TIME] = {.name = SIO_VIEW("time")},
        [ADDRESS] = {.name = SIO_VIEW("address")}, [XDOMAIN] = {.name = SIO_VIEW("xdomain")},
        [SECURE] = {.name = SIO_VIEW("secure")},   [ISSUED] = {.name = SIO_VIEW("issued")},
        [URL] = {.name = SIO_VIEW("url")},         [QUERY] = {.name = SIO_VIEW("query")}};
    sio_json_field address = {.name = SIO_VIEW("address")};
    const char    *auth = sio_auth_json(socket);

    (void)sio_json_pick(sio_view_of(sio_handshake_json(socket)), SIO_JSON_MAX_DEPTH, fields, N);
    (void)sio_json_pick(fields[ADDRESS].value, SIO_JSON_MAX_DEPTH, &address, 1);
    sio_json_member_name(out, "handshake");
    sio_buf_add_char(out, '{');
    sio_json_member_json(out, "headers",
                         is_kind(fields[HEADERS].value, SIO_JSON_OBJECT) ? fields[HEADERS].value
                                                                         : SIO_VIEW("{}"));
    sio_json_member_json(out, "time", fields[TIME].value);
    sio_json_member_json(out, "address", address.value);
    sio_json_member_json(out, "xdomain", fields[XDOMAIN].value);
    sio_json_member_json(out, "secure", fields[SECURE].value);
    sio_json_member_json(out, "issued",
                         fields[ISSUED].value.len > 0 ? fields[ISSUED].value : SIO_VIEW("0"));
    sio_json_member_json(out, "url", fields[URL].value);
    sio_json_member_json(out, "query",
                         is_kind(fields[QUERY].value, SIO_JSON_OBJECT) ? fields[QUERY].value
                                                                       : SIO_VIEW("{}"));
    sio_json_member_json(out, "auth",
                         is_kind(sio_view_of(auth), SIO_JSON_OBJECT) ? sio_view_of(auth)
                                                                     : SIO_VIEW("{}"));
    sio_buf_add_char(out, '}');
}

static void
list_socket(sio_socket *socket, void *arg)
{
    listing       *l = arg;
    const size_t   before = listing_next(l);
    const sio_view data = sio_view_of(sio_socket_data(socket));
    listing        rooms = {.env = l->env, .out = l->out, .max_bytes = SIZE_MAX};

    sio_buf_add_char(l->out, '{');
    sio_json_member_text(l->out, "id", sio_socket_id(socket));
    add_handshake(l->out, socket);
    sio_json_member_name(l->out, "rooms");
    sio_buf_add_char(l->out, '[');
    list_rooms_of(&rooms, socket);
    sio_buf_add_char(l->out, ']');
    sio_json_member_name(l->out, "data");
    if (is_kind(data, SIO_JSON_NULL))
        sio_buf_add_str(l->out, "{}");
    else
        sio_describe_data(socket, l->out);
    /* For other instances of siobroker. Node takes what has a `server` for a socket of its own. */
    sio_json_member_text(l->out, "siobrokerName", sio_view_of(l->env->cfg->name));
    sio_json_member_number(l->out, "siobrokerConnected", socket->connected_ms);
    sio_buf_add_char(l->out, '}');
    listing_take(l, before);
}

void
sio_node4_answer_sockets(sio_namespace *nsp, const sio_target *target, const sio_node4_request *q)
{
    listing l = listing_begin(nsp, q, q->is_old ? "clients" : "sockets");

    sio_rooms_walk(nsp, target, q->kind == SIO_NODE4_FETCH ? list_socket : list_id, &l);
    listing_end(&l, nsp);
}

/* --- Rooms. --- */

static void
list_room(sio_view name, size_t n_members, void *arg)
{
    (void)n_members;
    listing_add_text(arg, name);
}

void
sio_node4_answer_all_rooms(sio_namespace *nsp, const sio_node4_request *q)
{
    const sio_target everyone = {.has_room = false};
    listing          l = listing_begin(nsp, q, "rooms");

    sio_rooms_walk(nsp, &everyone, list_id, &l);
    sio_rooms_each(nsp, list_room, &l);
    listing_end(&l, nsp);
}

void
sio_node4_answer_client_rooms(const sio_socket *socket, const sio_node4_request *q)
{
    listing l = listing_begin(socket->nsp, q, "rooms");

    list_rooms_of(&l, socket);
    listing_end(&l, socket->nsp);
}

/* --- Without a list. --- */

void
sio_node4_answer_done(sio_namespace *nsp, const sio_node4_request *q)
{
    (void)sio_node4_wire_begin_answer(nsp->env, q);
    sio_node4_wire_end_answer(nsp->env, nsp->name, q);
}

void
sio_node4_answer_custom(sio_namespace *nsp, const sio_node4_request *q)
{
    sio_json_member_json(sio_node4_wire_begin_answer(nsp->env, q), "data", SIO_VIEW("null"));
    sio_node4_wire_end_answer(nsp->env, nsp->name, q);
}

/* --- Applications. --- */

typedef struct {
    sio_server_question base; /* first: the application frees it */
    sio_env            *env;
    sio_buf             nsp, request_id, asker;
    bool                is_answered;
} node_question;

static void
tell_node(sio_server_question *base, sio_view json)
{
    node_question          *q = SIO_CONTAINER(base, node_question, base);
    const sio_node4_request request = {.kind = SIO_NODE4_SERVER_SIDE,
                                       .request_id = sio_buf_view(&q->request_id),
                                       .asker = sio_buf_view(&q->asker)};
    const bool              is_bad = q->env->adapters->node4.is_streams &&
                        sio_json_validate(json, SIO_MSGPACK_MAX_VALUE_DEPTH) == SIO_TOO_LARGE;
    const sio_view value = json.len > 0 && !is_bad ? json : SIO_VIEW("null");
    sio_buf       *out = sio_node4_wire_begin_answer(q->env, &request);

    if (q->env->adapters->node4.is_cluster) {
        sio_json_member_json(out, "packet", value);
    } else {
        sio_json_member_json(out, "type", SIO_VIEW("6"));
        sio_json_member_json(out, "data", value);
    }
    sio_node4_wire_end_answer(q->env, sio_buf_view(&q->nsp), &request);
    q->is_answered = true;
}

/* Node waits for one answer of each, so that there is none is said, too. */
static void
forget_node(sio_server_question *base)
{
    node_question *q = SIO_CONTAINER(base, node_question, base);

    if (!q->is_answered && q->env->phase != SIO_STOPPING)
        tell_node(base, SIO_VIEW(""));
    sio_buf_fini(&q->nsp);
    sio_buf_fini(&q->request_id);
    sio_buf_fini(&q->asker);
}

void
sio_node4_answer_server_side(sio_namespace *nsp, const sio_node4_request *request)
{
    node_question *q = calloc(1, sizeof *q);

    if (q == NULL) {
        sio_log_error(&nsp->env->log, NULL, "out of memory: a process of Node gets no answer");
        return;
    }
    q->env = nsp->env;
    q->base.tell = tell_node;
    q->base.forget = forget_node;
    sio_buf_init(&q->nsp, SIZE_MAX);
    sio_buf_init(&q->request_id, SIZE_MAX);
    sio_buf_init(&q->asker, SIZE_MAX);
    sio_buf_add_view(&q->nsp, nsp->name);
    sio_buf_add_view(&q->request_id, request->request_id);
    sio_buf_add_view(&q->asker, request->asker);
    sio_server_question_ask(nsp, &q->base, request->name, request->event.args, SERVER_SIDE_MS);
}

/* --- Clients. --- */

enum {
    MAX_ASKED = 10000,    /* questions that wait for clients */
    DEFAULT_ASK_MS = 5000 /* for one that does not say how long; Node always does */
};

/* A question that clients here have yet to answer. */
typedef struct {
    sio_link      link; /* in node4->asked */
    sio_env      *env;
    sio_ack_group ask;
    sio_timer     timer;
    sio_buf       nsp, request_id, asker;
} node_ask;

static void
ask_free(node_ask *a)
{
    sio_ack_group_stop(&a->ask);
    sio_timer_cancel(&a->env->timers, &a->timer);
    sio_link_remove(&a->link);
    a->env->adapters->node4.n_asked--;
    a->env->stats.surveys--;
    sio_buf_fini(&a->nsp);
    sio_buf_fini(&a->request_id);
    sio_buf_fini(&a->asker);
    free(a);
}

static void
on_node_answer(sio_ack_group *ask, const sio_ack_answer *answer)
{
    node_ask               *a = SIO_CONTAINER(ask, node_ask, ask);
    const sio_node4_request q = {.kind = SIO_NODE4_ASK,
                                 .request_id = sio_buf_view(&a->request_id),
                                 .asker = sio_buf_view(&a->asker)};

    if (!sio_node4_wire_answer_ack(a->env, sio_buf_view(&a->nsp), &q, answer->first,
                                   answer->attachments, answer->n_attachments))
        a->env->stats.backlog_full++;
}

static void
on_node_all_answered(sio_ack_group *ask)
{
    ask_free(SIO_CONTAINER(ask, node_ask, ask));
}

/* The one who asked has stopped waiting at the same moment. */
static void
on_node_time_is_up(sio_timer *timer)
{
    ask_free(SIO_CONTAINER(timer, node_ask, timer));
}

/* NULL: too many wait, or no memory. */
static node_ask *
ask_new(sio_namespace *nsp, const sio_node4_request *q)
{
    sio_node4 *n = &nsp->env->adapters->node4;
    node_ask  *a = n->n_asked < MAX_ASKED ? calloc(1, sizeof *a) : NULL;

    if (a == NULL)
        return NULL;
    a->env = nsp->env;
    sio_ack_group_init(&a->ask);
    a->ask.answered = on_node_answer;
    a->ask.ended = on_node_all_answered;
    a->timer.fire = on_node_time_is_up;
    sio_buf_init(&a->nsp, SIZE_MAX);
    sio_buf_init(&a->request_id, SIZE_MAX);
    sio_buf_init(&a->asker, SIZE_MAX);
    sio_buf_add_view(&a->nsp, nsp->name);
    sio_buf_add_view(&a->request_id, q->request_id);
    sio_buf_add_view(&a->asker, q->asker);
    sio_link_init(&a->link);
    sio_link_append(&n->asked, &a->link);
    n->n_asked++;
    nsp->env->stats.surveys++;
    return a;
}

/* Who can not be asked does not count, so that the one who asks does not wait for them. */
void
sio_node4_answer_ask(sio_namespace *nsp, const sio_target *target, const sio_packet *p,
                     const sio_node4_request *q)
{
    node_ask *a = ask_new(nsp, q);

    if (a == NULL) {
        nsp->env->stats.backlog_full++;
        sio_node4_wire_answer_count(nsp->env, nsp->name, q, 0);
        return;
    }
    sio_ack_group_begin(&a->ask, nsp, target, q->event.is_volatile, p);
    sio_node4_wire_answer_count(nsp->env, nsp->name, q, a->ask.n_asked);
    sio_timer_set(&nsp->env->timers, &a->timer,
                  q->event.timeout_ms > 0 ? q->event.timeout_ms : DEFAULT_ASK_MS);
    if (sio_ack_group_is_over(&a->ask))
        ask_free(a);
}

void
sio_node4_answer_forget_all(sio_env *env)
{
    sio_link *asked = &env->adapters->node4.asked;

    while (asked->next != NULL && !sio_link_empty(asked))
        ask_free(SIO_CONTAINER(asked->next, node_ask, link));
}
