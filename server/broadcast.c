/*
 * server/broadcast.c - one event for many clients, and what they answer.
 *
 * Rules: spec/socketio-0.9.md section 6.2, spec/socketio-modern.md section 3.
 */
#include "server/broadcast.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/cluster_message.h"
#include "protocol/json.h"
#include "protocol/placeholder.h"
#include "server/acks.h"
#include "server/emit.h"
#include "server/node09.h"
#include "server/server.h"
#include "server/session.h"

enum { MAX_ANSWERS_BYTES = 64 * 1024 * 1024 }; /* clients decide how long an answer is */

/* --- Sending. --- */

/* A packet and its encodings so far: one for each dialect that a receiver turned out to speak. */
typedef struct {
    const sio_packet *packet;
    bool              is_volatile;
    sio_frame        *frames[SIO_N_DIALECTS];
} broadcast;

static sio_frame *
frame_for(broadcast *b, const sio_session *session)
{
    sio_frame **frame = &b->frames[session->dialect->index];

    if (*frame != NULL)
        return *frame;
    sio_buf_clear(&session->server->packet);
    *frame = session->dialect->encode(b->packet, &session->server->packet);
    return *frame;
}

static void
send_to(sio_socket *socket, void *arg)
{
    broadcast *b = arg;
    sio_frame *frame = frame_for(b, socket->session);

    if (frame != NULL)
        sio_session_send_frame(socket->session, frame, b->is_volatile);
}

void
sio_namespace_send(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                   const sio_packet *p)
{
    broadcast b = {.packet = p, .is_volatile = is_volatile};

    sio_namespace_walk(nsp, target, send_to, &b);
    for (size_t i = 0; i < SIO_N_DIALECTS; i++)
        sio_frame_unref(b.frames[i]);
}

/* --- From what an application says. --- */

/* A broadcast as it was asked for. */
typedef struct {
    sio_to     to;
    sio_buf    name;   /* of the event */
    sio_packet packet; /* views name */
    sio_buf    more_rooms, except_rooms;
    sio_target target; /* views these */
    bool       is_for_nobody;
} order;

static void
add_rooms(sio_buf *list, const char *const *rooms)
{
    for (; rooms != NULL && *rooms != NULL; rooms++)
        sio_cluster_packets_add(list, sio_view_of(*rooms), false);
}

static void
set_target(order *o)
{
    const char *const *rooms = o->to.rooms;
    const char        *first = o->to.room;

    if (first == NULL && rooms != NULL)
        first = *rooms != NULL ? *rooms++ : NULL;
    o->is_for_nobody = first == NULL && o->to.rooms != NULL; /* the members of no room at all */
    add_rooms(&o->more_rooms, rooms);
    add_rooms(&o->except_rooms, o->to.except_rooms);
    o->target = (sio_target){
        .has_room = first != NULL,
        .room = sio_view_of(first),
        .more_rooms = sio_buf_view(&o->more_rooms),
        .except_rooms = sio_buf_view(&o->except_rooms),
        .except = o->to.except,
    };
}

static void
order_fini(order *o)
{
    sio_buf_fini(&o->name);
    sio_buf_fini(&o->more_rooms);
    sio_buf_fini(&o->except_rooms);
}

/* 0; or -1 when args are not valid or out of memory, and then there is nothing to free. */
static int
order_init(order *o, const sio_namespace *nsp, const sio_to *to, const char *event,
           const sio_args *args)
{
    *o = (order){.to = to != NULL ? *to : (sio_to){.room = NULL}};
    sio_buf_init(&o->name, SIZE_MAX);
    sio_buf_init(&o->more_rooms, SIZE_MAX);
    sio_buf_init(&o->except_rooms, SIZE_MAX);
    set_target(o);
    if (sio_event_packet(nsp, event, args, &o->name, &o->packet) == 0 && !o->more_rooms.failed &&
        !o->except_rooms.failed)
        return 0;
    order_fini(o);
    return -1;
}

static void
tell_others(sio_namespace *nsp, const order *o)
{
    if (nsp->server->node09.is_on)
        sio_node09_broadcast(nsp, &o->target, o->to.is_volatile, &o->packet);
    else
        sio_cluster_broadcast(nsp, &o->target, o->to.is_volatile, &o->packet);
}

int
sio_broadcast_binary(sio_namespace *nsp, const sio_to *to, const char *event, const char *args_json,
                     const sio_bytes *attachments, size_t n)
{
    const sio_args args = {args_json, attachments, n};
    order          o;

    if (order_init(&o, nsp, to, event, &args) != 0)
        return -1;
    if (!o.is_for_nobody) {
        sio_namespace_send(nsp, &o.target, o.to.is_volatile, &o.packet);
        if (!o.to.is_local)
            tell_others(nsp, &o);
    }
    order_fini(&o);
    return 0;
}

int
sio_broadcast(sio_namespace *nsp, const sio_to *to, const char *event, const char *args_json)
{
    return sio_broadcast_binary(nsp, to, event, args_json, NULL, 0);
}

/* --- Answers. --- */

/* A broadcast whose answers are being collected. */
typedef struct {
    sio_link       link; /* in server->surveys */
    sio_namespace *nsp;
    sio_link       acks; /* of those who have neither answered nor left */
    uint64_t       id;   /* the same for all */
    sio_buf        json;
    size_t         n_answered, n_asked;
    sio_answers_fn fn;
    void          *arg;
    sio_timer      timer;
} survey;

static void
free_survey(survey *s)
{
    while (!sio_link_empty(&s->acks))
        sio_awaited_ack_free(SIO_CONTAINER(s->acks.next, sio_awaited_ack, in_survey));
    sio_timer_cancel(&s->nsp->server->wheel, &s->timer);
    sio_link_remove(&s->link);
    sio_buf_fini(&s->json);
    free(s);
}

void
sio_surveys_free(sio_server *io)
{
    while (!sio_link_empty(&io->surveys))
        free_survey(SIO_CONTAINER(io->surveys.next, survey, link));
}

static void
finish(survey *s)
{
    sio_answers answers = {.n_answered = s->n_answered, .n_asked = s->n_asked};

    sio_buf_add_char(&s->json, ']');
    answers.json = s->json.failed ? "[]" : s->json.data; /* "[" at least was there from the start */
    answers.len = s->json.failed ? 2 : s->json.len;
    if (s->json.failed)
        answers.n_answered = 0;
    sio_link_remove(&s->link);
    s->fn(s->nsp, &answers, s->arg);
    free_survey(s);
}

static void
on_time_is_up(sio_timer *timer)
{
    finish(SIO_CONTAINER(timer, survey, timer));
}

/* Only the first argument counts; one that does not fit is as good as none. */
static void
add_answer(survey *s, sio_view args, const sio_view *attachments, size_t n_attachments)
{
    sio_view      first;
    sio_json_iter it;
    sio_buf       text;

    sio_json_array_begin(&it, args);
    if (!sio_json_array_next(&it, &first))
        first = SIO_VIEW("null");
    sio_buf_init(&text, MAX_ANSWERS_BYTES);
    if (s->n_answered > 0)
        sio_buf_add_char(&text, ',');
    sio_placeholders_to_base64(first, attachments, (unsigned)n_attachments, &text);
    if (!text.failed && text.len < MAX_ANSWERS_BYTES - s->json.len) {
        sio_buf_add_view(&s->json, sio_buf_view(&text));
        s->n_answered++;
    }
    sio_buf_fini(&text);
}

static void
on_answer(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    survey          *s = arg;
    size_t           n;
    const sio_bytes *attachments = sio_ack_attachments(socket, &n);

    if (args_json != NULL)
        add_answer(s, (sio_view){args_json, len}, attachments, n);
    if (sio_link_empty(&s->acks))
        finish(s);
}

static void
find_id(sio_socket *socket, void *arg)
{
    survey *s = arg;

    if (s->id <= socket->last_ack_id)
        s->id = socket->last_ack_id + 1;
}

static void
ask_one(sio_socket *socket, void *arg)
{
    survey            *s = arg;
    const sio_ack_wish wish = {.fn = on_answer, .arg = s, .always = true};
    sio_awaited_ack   *ack = sio_socket_await(socket, s->id, &wish);

    s->n_asked++;
    if (ack != NULL)
        sio_link_append(&s->acks, &ack->in_survey);
}

static survey *
survey_new(sio_namespace *nsp, sio_answers_fn fn, void *arg)
{
    survey *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->nsp = nsp;
    s->fn = fn;
    s->arg = arg;
    s->timer.fire = on_time_is_up;
    sio_link_init(&s->acks);
    sio_link_init(&s->link);
    sio_link_append(&nsp->server->surveys, &s->link);
    sio_buf_init(&s->json, SIZE_MAX);
    sio_buf_add_char(&s->json, '[');
    return s;
}

int
sio_broadcast_ack(sio_namespace *nsp, const sio_to *to, const char *event, const char *args_json,
                  unsigned timeout_ms, sio_answers_fn fn, void *arg)
{
    const sio_args args = {.json = args_json};
    survey        *s;
    order          o;

    if (order_init(&o, nsp, to, event, &args) != 0)
        return -1;
    if ((s = survey_new(nsp, fn, arg)) == NULL) {
        order_fini(&o);
        return -1;
    }
    if (!o.is_for_nobody) {
        sio_namespace_walk(nsp, &o.target, find_id, s);
        sio_namespace_walk(nsp, &o.target, ask_one, s);
        o.packet.has_id = true;
        o.packet.id = s->id;
        sio_namespace_send(nsp, &o.target, o.to.is_volatile, &o.packet);
    }
    sio_timer_set(&nsp->server->wheel, &s->timer, sio_link_empty(&s->acks) ? 0 : timeout_ms);
    order_fini(&o);
    return 0;
}
