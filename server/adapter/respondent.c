#include "server/adapter/respondent.h"

#include <stdlib.h>

#include "protocol/json.h"
#include "server/adapter/adapters.h"
#include "server/adapter/server_question.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/ack_group.h"
#include "server/socketio/describe.h"
#include "server/socketio/room_list.h"
#include "server/socketio/server_side.h"

enum {
    PIECE_BYTES = 64 * 1024, /* one message carries at least so much, when there is more */
    MAX_ANSWER_BYTES = 4 * 1024 * 1024 /* well below what Redis takes at once (store/redis.h) */
};

/* --- Telling, in pieces. --- */

typedef struct {
    sio_peer *peer;
    uint64_t  number;  /* of its question */
    size_t    n_asked; /* what the first message has to say */
    sio_buf   list;    /* of answers that were not told yet */
} teller;

static void
teller_init(teller *t, sio_peer *peer, uint64_t number)
{
    *t = (teller){.peer = peer, .number = number};
    sio_buf_init(&t->list, SIZE_MAX);
}

static void
respondent_tell(teller *t, bool is_last)
{
    sio_cluster_message m = {
        .kind = SIO_CM_ANSWER,
        .flags = is_last ? SIO_CM_LAST : 0,
        .channel = t->number,
        .count = t->n_asked,
    };

    if (!t->list.failed) /* a part of a list is none */
        m.packets = sio_buf_view(&t->list);
    sio_peer_send(t->peer, &m);
    t->n_asked = 0;
    sio_buf_clear(&t->list);
}

/* The other half is for the requests of clients. */
static bool
respondent_has_room(const teller *t, size_t n)
{
    const size_t limit = t->peer->env->cfg->max_instance_backlog / 2;
    const size_t used = t->peer->n_unacked_bytes + t->list.len;

    return n <= MAX_ANSWER_BYTES && used <= limit && n <= limit - used;
}

static void
respondent_add(teller *t, sio_view json)
{
    if (!respondent_has_room(t, json.len)) {
        t->peer->env->stats.backlog_full++;
        return;
    }
    sio_cluster_message_add_packet(&t->list, json, false);
    if (t->list.len >= PIECE_BYTES)
        respondent_tell(t, false);
}

void
sio_respondent_nothing(sio_peer *peer, const sio_cluster_message *m)
{
    teller t;

    teller_init(&t, peer, m->channel);
    respondent_tell(&t, true);
}

/* How long the one who asks waits, in ms. */
static unsigned
patience_of(const sio_cluster_message *m)
{
    return m->count < SIO_TIMER_MAX_DELAY_MS ? (unsigned)m->count : SIO_TIMER_MAX_DELAY_MS;
}

/* --- Acknowledgements of clients. --- */

/* A question of a peer that clients here have yet to answer. */
typedef struct {
    sio_link      link; /* in peer->lists[SIO_PEER_REPLIES] */
    sio_ack_group ask;
    teller        teller;
    sio_task      task; /* to tell what has come in this turn */
    sio_timer     timer;
} reply;

static void
reply_free(reply *r)
{
    sio_env *env = r->teller.peer->env;

    sio_ack_group_stop(&r->ask);
    sio_task_cancel(&r->task);
    sio_timer_cancel(&env->timers, &r->timer);
    sio_link_remove(&r->link);
    sio_buf_fini(&r->teller.list);
    env->stats.surveys--;
    free(r);
}

/* An instance that stops has said goodbye already: nobody listens to it. */
static void
tell_turn(sio_task *task)
{
    reply     *r = SIO_CONTAINER(task, reply, task);
    const bool is_last = sio_ack_group_is_over(&r->ask);

    if (r->teller.peer->env->phase != SIO_STOPPING)
        respondent_tell(&r->teller, is_last);
    if (is_last)
        reply_free(r);
}

static void
tell_soon(reply *r)
{
    sio_deferred_add(&r->teller.peer->env->deferred, &r->task);
}

/* One that does not fit is as good as none. */
static void
on_respondent_answer(sio_ack_group *ask, const sio_ack_answer *answer)
{
    reply  *r = SIO_CONTAINER(ask, reply, ask);
    sio_buf json;

    sio_buf_init(&json, SIO_ACK_ANSWER_MAX_BYTES);
    sio_ack_answer_add(answer, &json);
    if (!json.failed)
        respondent_add(&r->teller, sio_buf_view(&json));
    sio_buf_fini(&json);
    tell_soon(r);
}

static void
on_respondent_all_answered(sio_ack_group *ask)
{
    tell_soon(SIO_CONTAINER(ask, reply, ask));
}

/* The one who asked has stopped waiting at the same moment. */
static void
on_respondent_time_is_up(sio_timer *timer)
{
    reply_free(SIO_CONTAINER(timer, reply, timer));
}

static reply *
reply_new(sio_peer *peer, uint64_t number)
{
    reply *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    teller_init(&r->teller, peer, number);
    sio_ack_group_init(&r->ask);
    r->ask.answered = on_respondent_answer;
    r->ask.ended = on_respondent_all_answered;
    r->timer.fire = on_respondent_time_is_up;
    sio_task_init(&r->task, tell_turn);
    sio_link_init(&r->link);
    sio_link_append(&peer->lists[SIO_PEER_REPLIES], &r->link);
    peer->env->stats.surveys++;
    return r;
}

void
sio_respondent_survey(sio_peer *peer, sio_namespace *nsp, const sio_target *target,
                      bool is_volatile, const sio_packet *p, const sio_cluster_message *m)
{
    reply *r = reply_new(peer, m->channel);

    if (r == NULL) /* nothing is said, rather than that there is nobody */
        return;
    sio_ack_group_begin(&r->ask, nsp, target, is_volatile, p);
    r->teller.n_asked = r->ask.n_asked;
    sio_timer_set(&peer->env->timers, &r->timer, patience_of(m));
    tell_soon(r);
}

/* --- Questions to the application. --- */

/* The peer only knows it. */
typedef struct {
    sio_server_question base; /* first: the application frees it */
    sio_link            link; /* in peer->lists[SIO_PEER_QUESTIONS] */
    teller              teller;
} peer_question;

/* Who does not take the question will not answer it, and is not counted. */
static void
tell_peer(sio_server_question *base, sio_view json)
{
    peer_question *q = SIO_CONTAINER(base, peer_question, base);

    q->teller.n_asked = base->is_taken;
    if (json.len > 0)
        respondent_add(&q->teller, json);
    respondent_tell(&q->teller, true);
}

static void
forget_peer(sio_server_question *base)
{
    peer_question *q = SIO_CONTAINER(base, peer_question, base);

    sio_link_remove(&q->link);
    sio_buf_fini(&q->teller.list);
}

/* When it can not be given to the application nothing is said, rather than that there is nobody. */
void
sio_respondent_server_side(sio_peer *peer, sio_namespace *nsp, const sio_cluster_message *m)
{
    peer_question *q = calloc(1, sizeof *q);

    if (q != NULL) {
        teller_init(&q->teller, peer, m->channel);
        q->base.tell = tell_peer;
        q->base.forget = forget_peer;
        sio_link_init(&q->link);
        sio_link_append(&peer->lists[SIO_PEER_QUESTIONS], &q->link);
    }
    sio_server_question_ask(nsp, q != NULL ? &q->base : NULL, m->name, m->args, patience_of(m));
}

/* --- Sockets. --- */

static void
count_one(sio_socket *socket, void *n)
{
    (void)socket;
    ++*(size_t *)n;
}

static void
add_one(sio_socket *socket, void *arg)
{
    teller *t = arg;
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_describe_socket(socket, &json);
    if (!json.failed)
        respondent_add(t, sio_buf_view(&json));
    sio_buf_fini(&json);
}

void
sio_respondent_fetch(sio_peer *peer, sio_namespace *nsp, const sio_target *target,
                     const sio_cluster_message *m)
{
    teller t;

    teller_init(&t, peer, m->channel);
    sio_rooms_walk(nsp, target, count_one, &t.n_asked);
    sio_rooms_walk(nsp, target, add_one, &t);
    respondent_tell(&t, true);
    sio_buf_fini(&t.list);
}

void
sio_respondent_count(sio_peer *peer, sio_namespace *nsp, const sio_target *target,
                     const sio_cluster_message *m)
{
    teller t;

    teller_init(&t, peer, m->channel);
    sio_rooms_walk(nsp, target, count_one, &t.n_asked);
    respondent_tell(&t, true);
}

/* --- Rooms. --- */

enum { MAX_ROOMS = 10001 }; /* that anybody asks for (questions.c) */

static void
count_room(sio_view json, void *n)
{
    (void)json;
    ++*(size_t *)n;
}

static void
add_room(sio_view json, void *t)
{
    respondent_add(t, json);
}

/* Without memory nothing is said, rather than that there are none. */
void
sio_respondent_rooms(sio_peer *peer, sio_namespace *nsp, const sio_cluster_message *m)
{
    const size_t max_rooms = m->count < MAX_ROOMS ? (size_t)m->count : MAX_ROOMS;
    teller       t;

    teller_init(&t, peer, m->channel);
    if (sio_room_list_walk(nsp, m->name, max_rooms, count_room, &t.n_asked) == 0) {
        (void)sio_room_list_walk(nsp, m->name, max_rooms, add_room, &t);
        respondent_tell(&t, true);
    }
    sio_buf_fini(&t.list);
}

/* --- The end of who has asked. --- */

/* Nobody wants to know any more. */
static void
respondent_peer_gone(sio_peer *peer)
{
    while (!sio_link_empty(&peer->lists[SIO_PEER_REPLIES]))
        reply_free(SIO_CONTAINER(peer->lists[SIO_PEER_REPLIES].next, reply, link));
    while (!sio_link_empty(&peer->lists[SIO_PEER_QUESTIONS]))
        sio_server_question_forget(
            &SIO_CONTAINER(peer->lists[SIO_PEER_QUESTIONS].next, peer_question, link)->base);
}

const sio_cluster_module sio_respondent_module = {.peer_gone = respondent_peer_gone};
