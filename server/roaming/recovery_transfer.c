/*
 * A client comes back to another instance than it was at last.
 *
 *     it comes here      RECOVER ──> home of its private id ──> where it was last: the owner
 *     its state is here  <───────────────────────── RECOVERED   and the home: OWNS
 *
 * The home passes the question on when the state is not its own; of a client that never went
 * anywhere else it is the owner. So of all who come with one private id one gets the state.
 *
 * What the client has missed comes with its state, up to what the owner had heard by then of each
 * instance. What this instance heard beyond that, since it asked, is in its own log. All of it is
 * added there once more, for this client alone, so that from then on one log is enough.
 */
#include "server/roaming/recovery_transfer.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/cluster_message.h"
#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/base/random.h"
#include "server/cluster/cluster.h"
#include "server/cluster/partitions.h"
#include "server/config/config.h"
#include "server/roaming/directory.h"
#include "server/roaming/recovery_packets.h"
#include "server/roaming/roaming.h"
#include "server/socketio/io.h"
#include "server/socketio/recovery_rooms.h"
#include "server/socketio/socket_data.h"

enum { PATIENCE_MS = 1000 /* the client waits, and can do without */ };

typedef struct {
    sio_recovery_question question; /* first: it is what the caller holds */
    sio_hash_node         node;     /* in roaming->questions, by number */
    uint64_t              number;
    const sio_namespace  *nsp;
    sio_peer             *peer;   /* who was asked, or is to be; NULL: nobody is any more */
    bool                  is_put; /* it was asked */
    uint64_t              log_at; /* number of the last packet when the question was made */
    sio_timer             timer;
    char                  private_id[SIO_SESSION_ID_MAX + 1];
    char                  offset[SIO_OFFSET_MAX + 1];
} asked;

/* --- Asking. --- */

static void
end_question(asked *q)
{
    sio_env *env = q->nsp->env;
    void (*const done)(void *owner) = q->question.done;
    void *const owner = q->question.owner;

    sio_hash_remove(&env->roaming->questions, &q->node);
    env->io->recovery.n_awaited--;
    sio_timer_cancel(&env->timers, &q->timer);
    free(q);
    if (done != NULL)
        done(owner);
}

static void
on_recovery_transfer_silence(sio_timer *timer)
{
    end_question(SIO_CONTAINER(timer, asked, timer));
}

static asked *
question_new(const sio_namespace *nsp, sio_view private_id, sio_view offset)
{
    sio_env *env = nsp->env;
    asked   *q = calloc(1, sizeof *q);

    if (q == NULL)
        return NULL;
    q->nsp = nsp;
    q->number = ++env->last_number;
    q->log_at = env->io->recovery.log.last;
    q->timer.fire = on_recovery_transfer_silence;
    memcpy(q->private_id, private_id.data, private_id.len);
    memcpy(q->offset, offset.data, offset.len);
    q->node.key = (sio_view){(const char *)&q->number, sizeof q->number};
    sio_hash_insert(&env->roaming->questions, &q->node);
    env->io->recovery.n_awaited++;
    sio_timer_set(&env->timers, &q->timer, PATIENCE_MS);
    return q;
}

static void
put(asked *q)
{
    sio_cluster_message m = {
        .kind = SIO_CM_RECOVER,
        .id = sio_view_of(q->private_id),
        .nsp = q->nsp->name,
        .data = sio_view_of(q->offset),
        .channel = q->number,
    };

    q->is_put = true;
    sio_peer_send(q->peer, &m);
}

/*
 * What is said to the rooms of a client after its owner has answered has to be heard here, and they
 * are not known before. So if rooms are spread over partitions, all are heard first.
 */
static void
put_those_that_wait(sio_env *env)
{
    const sio_hash *questions = &env->roaming->questions;

    if (questions->n_items == 0 || !sio_partitions_hear_all(env))
        return;
    for (sio_hash_node *n = NULL; (n = sio_hash_next(questions, n)) != NULL;) {
        asked *q = SIO_CONTAINER(n, asked, node);

        if (!q->is_put && q->peer != NULL)
            put(q);
    }
}

static sio_recovery_question *
ask_owner(const sio_namespace *nsp, sio_view private_id, sio_view offset, void (*done)(void *owner),
          void *owner)
{
    const bool is_possible = private_id.len >= SIO_STORE_TAG_LEN &&
                             private_id.len <= SIO_SESSION_ID_MAX && offset.len <= SIO_OFFSET_MAX;
    sio_peer *peer = is_possible ? sio_directory_whereabouts(nsp->env, private_id) : NULL;
    asked    *q;

    if (nsp->env->cfg->max_disconnection_ms == 0 || peer == NULL || peer->away ||
        !sio_peer_has_room(peer) || (q = question_new(nsp, private_id, offset)) == NULL)
        return NULL;
    q->peer = peer;
    q->question.done = done;
    q->question.owner = owner;
    if (sio_partitions_hear_all(nsp->env))
        put(q);
    return &q->question;
}

static void
abandon(sio_recovery_question *question)
{
    question->done = NULL;
}

static void
tell_home_ended(sio_env *env, sio_view private_id)
{
    sio_directory_tell_home(env, private_id, SIO_CM_ENDED);
}

const sio_recovery_remote sio_recovery_transfer = {
    .ask = ask_owner,
    .abandon = abandon,
    .forgotten = tell_home_ended,
};

/* Nothing comes from it any more, or not in time. */
static void
recovery_transfer_give_up(sio_peer *peer)
{
    const sio_hash *questions = &peer->env->roaming->questions;

    for (sio_hash_node *n = NULL; (n = sio_hash_next(questions, n)) != NULL;) {
        asked *q = SIO_CONTAINER(n, asked, node);

        if (q->peer != peer)
            continue;
        q->peer = NULL;
        sio_timer_set(&peer->env->timers, &q->timer, 0); /* not in here: it changes the table */
    }
}

/* Nobody is told. */
static void
forget_questions(sio_env *env)
{
    sio_hash_node *node;

    while ((node = sio_hash_any(&env->roaming->questions)) != NULL) {
        asked *q = SIO_CONTAINER(node, asked, node);

        q->question.done = NULL;
        end_question(q);
    }
}

/* --- Giving a state away. --- */

static void
recovery_transfer_answer(sio_peer *to, const sio_cluster_message *question, sio_cluster_message *m)
{
    m->kind = SIO_CM_RECOVERED;
    m->id = question->id;
    m->channel = question->channel;
    sio_peer_send(to, m);
}

/* Whoever asks the home next is sent to the new owner. It must hear that before the client can. */
static void
tell_moved(sio_env *env, sio_view private_id, sio_peer *to)
{
    const sio_view      tag = {private_id.data, SIO_STORE_TAG_LEN};
    sio_peer           *home = sio_directory_home_of(env, private_id);
    sio_cluster_message m = {.kind = SIO_CM_OWNS, .id = private_id, .origin = sio_view_of(to->tag)};

    if (sio_view_eq(tag, sio_view_of(env->tag)))
        sio_directory_set_forward(env, private_id, to);
    else if (home != NULL && home != to)
        sio_peer_send(home, &m);
}

static void
add_missed(const sio_env *env, const sio_recovery_missed *missed, sio_buf *list)
{
    sio_buf packet;

    sio_buf_init(&packet, SIZE_MAX);
    for (size_t i = 0; i < missed->n && !list->failed; i++) {
        sio_buf_clear(&packet);
        sio_recovery_packets_add(env, missed->packets[i], &packet);
        if (packet.failed)
            list->failed = true;
        sio_cluster_message_add_packet(list, sio_buf_view(&packet), true);
    }
    sio_buf_fini(&packet);
}

static unsigned
ms_left(const sio_recovery_state *state)
{
    const uint64_t now_ms = sio_timer_wheel_now_ms(&state->env->timers);

    return state->timer.due_ms > now_ms ? (unsigned)(state->timer.due_ms - now_ms) : 0;
}

/* False: out of memory, and nothing has happened. */
static bool
give(sio_peer *to, const sio_cluster_message *question, sio_recovery_state *state,
     const sio_recovery_missed *missed)
{
    sio_cluster_message m = {
        .name = sio_view_of(state->id),
        .session = sio_view_of(state->session_id),
        .body = sio_buf_view(&state->rooms),
        .count = ms_left(state),
        .data = sio_view_of(state->data),
    };
    sio_buf packets, heard;
    bool    is_whole;

    sio_buf_init(&packets, SIZE_MAX);
    sio_buf_init(&heard, SIZE_MAX);
    add_missed(state->env, missed, &packets);
    sio_recovery_packets_list_heard(state->env, &heard);
    is_whole = !packets.failed && !heard.failed;
    if (is_whole) {
        m.packets = sio_buf_view(&packets);
        m.args = sio_buf_view(&heard);
        tell_moved(state->env, question->id, to);
        recovery_transfer_answer(to, question, &m);
        sio_recovery_take(state);
        sio_recovery_state_free(state);
    }
    sio_buf_fini(&packets);
    sio_buf_fini(&heard);
    return is_whole;
}

/* Once only: instances that think of each other must not keep a question going. */
static bool
recovery_transfer_pass_on(sio_peer *peer, const sio_cluster_message *m)
{
    sio_cluster_message copy = *m;
    sio_peer           *owner = sio_directory_find_forward(peer->env, m->id);

    if (owner == NULL || owner == peer || m->origin.len > 0)
        return false;
    copy.origin = sio_view_of(peer->tag);
    sio_peer_send(owner, &copy);
    return true;
}

static void
hear_question(sio_peer *peer, const sio_cluster_message *m)
{
    sio_env             *env = peer->env;
    sio_peer            *from = m->origin.len > 0 ? sio_peer_meet(env, m->origin) : peer;
    const sio_namespace *nsp = sio_namespace_find(env, m->nsp);
    sio_cluster_message  unknown = {.kind = 0};
    sio_recovery_missed  missed;
    sio_recovery_state  *state =
        nsp != NULL ? sio_recovery_find(nsp, m->id, m->data, &missed) : NULL;

    if (from == NULL || m->id.len < SIO_STORE_TAG_LEN)
        return;
    if (state != NULL && sio_peer_has_room(from) && give(from, m, state, &missed))
        return;
    if (state != NULL || !recovery_transfer_pass_on(peer, m))
        recovery_transfer_answer(from, m, &unknown);
}

/* --- Taking a state in. --- */

/*
 * The packet behind p, which has that number, or had it: what is added at one end of the log may
 * let p be forgotten at the other.
 */
static const sio_logged_packet *
packet_behind(const sio_recovery_log *log, const sio_logged_packet *p, uint64_t number)
{
    const bool is_there = sio_recovery_log_has_all_after(log, number - 1);

    return is_there ? sio_recovery_log_next(log, p) : sio_recovery_log_after(log, number);
}

/* What this instance has heard and the owner had not. The log changes as it is gone through. */
static void
add_what_was_under_way(const sio_recovery_state *state, uint64_t after, sio_view heard)
{
    const sio_recovery_log  *log = &state->env->io->recovery.log;
    const uint64_t           last = state->left_at;
    const sio_logged_packet *p;
    sio_buf                  packet;

    sio_buf_init(&packet, SIZE_MAX);
    for (p = sio_recovery_log_after(log, after); p != NULL && p->number <= last;
         p = packet_behind(log, p, after)) {
        after = p->number;
        if (p->cast.number == 0 || sio_recovery_packets_was_heard(heard, p->cast) ||
            !sio_recovery_rooms_match(state, p))
            continue;
        sio_buf_clear(&packet);
        sio_recovery_packets_add(state->env, p, &packet);
        sio_recovery_packets_add_again(
            state, packet.failed ? SIO_VIEW("") /* a gap */ : sio_buf_view(&packet));
    }
    sio_buf_fini(&packet);
}

/* Ids of sockets and of sessions of Engine.IO are made by instances. */
static bool
is_own_kind_of_id(sio_view id)
{
    return id.len > 0 && id.len <= SIO_SESSION_ID_MAX && sio_random_is_text(id);
}

static bool
is_complete(const sio_cluster_message *m)
{
    return is_own_kind_of_id(m->name) && is_own_kind_of_id(m->session) &&
           (m->body.len == 0 || (m->body.data[m->body.len - 1] == '\0' && sio_utf8_valid(m->body)));
}

/* False: out of memory. What is too long here is left out. */
static bool
take_data(sio_recovery_state *state, sio_view json)
{
    if (json.len == 0)
        return true;
    if (!sio_socket_data_is_valid(state->env, json)) {
        state->env->stats.bad_messages++;
        return true;
    }
    state->data = strndup(json.data, json.len);
    return state->data != NULL;
}

static sio_recovery_state *
state_of(const asked *q, const sio_cluster_message *m)
{
    sio_env            *env = q->nsp->env;
    sio_recovery_state *state = sio_recovery_state_new(env);

    if (state == NULL)
        return NULL;
    sio_recovery_set_namespace(state, sio_namespace_find(env, q->nsp->name)); /* as of q */
    state->sent = state->left_at = state->came_at = env->io->recovery.log.last;
    memcpy(state->private_id, q->private_id, sizeof state->private_id);
    memcpy(state->came_with, q->offset, sizeof state->came_with);
    memcpy(state->id, m->name.data, m->name.len);
    memcpy(state->session_id, m->session.data, m->session.len);
    sio_buf_add_view(&state->rooms, m->body);
    sio_recovery_rooms_note(state);
    if (!state->rooms.failed && take_data(state, m->data))
        return state;
    sio_recovery_state_free(state);
    return NULL;
}

static void
take_in(const asked *q, const sio_cluster_message *m)
{
    sio_env            *env = q->nsp->env;
    const unsigned      longest_ms = env->cfg->max_disconnection_ms;
    sio_recovery_state *state = NULL;
    sio_view            rest = m->packets, packet;

    if (sio_recovery_log_has_all_after(&env->io->recovery.log, q->log_at))
        state = state_of(q, m);
    if (state == NULL) {
        env->stats.recovery_dropped++;
        tell_home_ended(env, m->id);
        return;
    }
    if (strncmp(q->private_id, env->tag, SIO_STORE_TAG_LEN) == 0)
        sio_directory_set_forward(env, m->id, NULL);
    while (sio_cluster_message_next_packet(&rest, &packet, NULL))
        sio_recovery_packets_add_again(state, packet);
    add_what_was_under_way(state, q->log_at, m->args);
    sio_recovery_keep(state, m->count < longest_ms ? (unsigned)m->count : longest_ms);
}

static void
hear_answer(sio_env *env, const sio_cluster_message *m)
{
    const sio_view number = {(const char *)&m->channel, sizeof m->channel};
    sio_hash_node *node = sio_hash_find(&env->roaming->questions, number);
    asked         *q = node != NULL ? SIO_CONTAINER(node, asked, node) : NULL;

    if (q == NULL || !sio_view_eq(m->id, sio_view_of(q->private_id))) {
        if (m->name.len > 0 && m->id.len >= SIO_STORE_TAG_LEN) /* too late */
            tell_home_ended(env, m->id);
        return;
    }
    if (is_complete(m))
        take_in(q, m);
    end_question(q);
}

static void
recovery_transfer_hear(sio_peer *peer, const sio_cluster_message *m)
{
    if (m->kind == SIO_CM_RECOVER)
        hear_question(peer, m);
    else
        hear_answer(peer->env, m);
}

static const char kinds[] = {SIO_CM_RECOVER, SIO_CM_RECOVERED, 0};

const sio_cluster_module sio_recovery_transfer_module = {
    .kinds = kinds,
    .hear = recovery_transfer_hear,
    .peer_away = recovery_transfer_give_up,
    .peer_gone = recovery_transfer_give_up,
    .on = {[SIO_CLUSTER_UP] = put_those_that_wait,
           [SIO_CLUSTER_HEARD] = put_those_that_wait,
           [SIO_CLUSTER_REBORN] = sio_recovery_forget, /* nobody knows what was missed meanwhile */
           [SIO_CLUSTER_QUIT] = forget_questions},
};
