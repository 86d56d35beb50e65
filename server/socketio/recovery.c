#include "server/socketio/recovery.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/socketio/client_data.h"
#include "server/socketio/dialects.h"
#include "server/socketio/io.h"
#include "server/socketio/observer.h"
#include "server/socketio/recovery_rooms.h"
#include "server/socketio/socket_data.h"

static bool
is_on(const sio_env *env)
{
    return env->cfg->max_disconnection_ms > 0;
}

static bool
has_offsets_of_others(const sio_env *env)
{
    const sio_recovery_remote *remote = env->io->recovery.remote;

    return remote != NULL && remote->has_offsets;
}

/* --- Offsets: the tag of this instance, and a number. --- */

void
sio_recovery_print_offset(const sio_env *env, uint64_t number, char text[SIO_OFFSET_MAX + 1])
{
    snprintf(text, SIO_OFFSET_MAX + 1, "%s%" PRIu64, env->tag, number);
}

/* False: it is not an offset of this instance. */
static bool
read_offset(const sio_env *env, sio_view text, uint64_t *number)
{
    char again[SIO_OFFSET_MAX + 1];

    *number = 0;
    for (size_t i = SIO_STORE_TAG_LEN; i < text.len && i < SIO_OFFSET_MAX; i++)
        *number = *number * 10 + (uint64_t)(text.data[i] - '0');
    sio_recovery_print_offset(env, *number, again); /* only what was printed here is the same */
    return *number > 0 && sio_view_eq(text, sio_view_of(again));
}

sio_view
sio_recovery_next_offset(sio_env *env)
{
    sio_recovery *r = &env->io->recovery;

    sio_recovery_print_offset(env, r->log.last + 1, r->offset);
    return sio_view_of(r->offset);
}

/* --- Packets. --- */

bool
sio_recovery_covers(const sio_env *env, const sio_packet *p, bool is_volatile)
{
    return is_on(env) && !has_offsets_of_others(env) && !p->has_id && !is_volatile &&
           (p->type == SIO_PACKET_EVENT || p->type == SIO_PACKET_MESSAGE ||
            p->type == SIO_PACKET_JSON);
}

bool
sio_recovery_keeps(const sio_env *env, bool was_sent)
{
    const sio_recovery *r = &env->io->recovery;

    return (was_sent && !has_offsets_of_others(env)) || r->states.n_items > 0 || r->n_awaited > 0;
}

/*
 * A packet may be missed that was sent before the client was found to be gone, which takes as long
 * as a heartbeat.
 */
static unsigned
retention_ms(const sio_cfg *cfg)
{
    return cfg->max_disconnection_ms + cfg->ping_interval_ms + cfg->ping_timeout_ms;
}

static void
on_recovery_sweep(sio_timer *timer)
{
    sio_env          *env = SIO_CONTAINER(timer, sio_io, recovery.sweep_timer)->env;
    sio_recovery_log *log = &env->io->recovery.log;
    const uint64_t    now_ms = sio_timer_wheel_now_ms(&env->timers);
    const unsigned    ms = retention_ms(env->cfg);

    if (now_ms > ms)
        sio_recovery_log_expire(log, now_ms - ms);
    if (log->n > 0)
        sio_timer_set(&env->timers, timer, ms / 2 + 1);
}

void
sio_recovery_add(const sio_namespace *nsp, const sio_target *target, sio_cast_id cast,
                 sio_frame *frame)
{
    sio_env                *env = nsp->env;
    sio_recovery           *r = &env->io->recovery;
    const sio_logged_packet p = {
        .sent_ms = sio_timer_wheel_now_ms(&env->timers),
        .nsp = nsp,
        .target = *target,
        .room_bits =
            sio_recovery_rooms_bit(target->room) | sio_recovery_rooms_bits(target->more_rooms),
        .except_bits = sio_recovery_rooms_bits(target->except_rooms),
        .except_id = target->except != NULL ? sio_socket_id(target->except) : SIO_VIEW(""),
        .cast = cast,
        .frame = frame,
    };

    sio_recovery_log_add(&r->log, &p);
    env->stats.recovery_dropped += sio_recovery_log_limit(&r->log, env->cfg->max_recovery_packets,
                                                          env->cfg->max_recovery_bytes);
    if (!sio_timer_armed(&r->sweep_timer))
        sio_timer_set(&env->timers, &r->sweep_timer, retention_ms(env->cfg));
}

void
sio_recovery_note_sent(sio_recovery_state *state)
{
    state->sent = state->env->io->recovery.log.last + 1;
}

/* --- States. --- */

static void
on_too_late(sio_timer *timer)
{
    sio_recovery_state *state = SIO_CONTAINER(timer, sio_recovery_state, timer);

    sio_recovery_take(state);
    sio_recovery_end(state);
}

static void
on_state_evicted(sio_charge *c)
{
    sio_recovery_state *state = SIO_CONTAINER(c, sio_recovery_state, charge);

    state->env->stats.evicted++;
    on_too_late(&state->timer);
}

sio_recovery_state *
sio_recovery_state_new(sio_env *env)
{
    sio_recovery_state *state = calloc(1, sizeof *state);

    if (state == NULL)
        return NULL;
    state->env = env;
    state->timer.fire = on_too_late;
    state->charge.evict = on_state_evicted;
    sio_link_init(&state->link);
    sio_buf_init(&state->rooms, SIZE_MAX);
    return state;
}

void
sio_recovery_set_namespace(sio_recovery_state *state, sio_namespace *nsp)
{
    if (state->nsp == NULL)
        state->nsp = sio_namespace_hold(nsp);
}

void
sio_recovery_state_free(sio_recovery_state *state)
{
    if (state == NULL)
        return;
    sio_buf_fini(&state->rooms);
    free(state->data);
    if (state->nsp != NULL)
        sio_namespace_release(state->nsp);
    free(state);
}

void
sio_recovery_end(sio_recovery_state *state)
{
    const sio_recovery_remote *remote = state->env->io->recovery.remote;

    if (remote != NULL && remote->forgotten != NULL)
        remote->forgotten(state->env, sio_view_of(state->private_id));
    sio_recovery_state_free(state);
}

void
sio_recovery_keep(sio_recovery_state *state, unsigned ms)
{
    sio_env      *env = state->env;
    sio_recovery *r = &env->io->recovery;

    while (r->states.n_items >= env->cfg->max_recovery_clients) {
        env->stats.recovery_dropped++;
        on_too_late(&SIO_CONTAINER(r->oldest.next, sio_recovery_state, link)->timer);
    }
    /* Without memory for that it is not counted, and its time ends as well. */
    (void)sio_budget_begin(env, &state->charge, (sio_view){(char *)state->key, state->key_len},
                           sizeof *state + state->rooms.len + sio_view_of(state->data).len);
    state->node.key = sio_view_of(state->private_id);
    sio_hash_insert(&r->states, &state->node);
    sio_link_append(&r->oldest, &state->link);
    sio_timer_set(&env->timers, &state->timer, ms);
    env->stats.recoverable++;
    sio_observer_kept(state);
}

void
sio_recovery_take(sio_recovery_state *state)
{
    sio_env *env = state->env;

    sio_observer_taken(state);
    sio_charge_end(&state->charge);
    sio_hash_remove(&env->io->recovery.states, &state->node);
    sio_link_remove(&state->link);
    sio_timer_cancel(&env->timers, &state->timer);
    env->stats.recoverable--;
}

/* --- A socket comes and leaves. --- */

void
sio_recovery_begin(sio_socket *socket)
{
    sio_env            *env = socket->nsp->env;
    sio_recovery_state *state;

    if (!is_on(env) || !sio_packet_dialect_of(socket->session)->recovers)
        return;
    state = sio_recovery_state_new(env);
    if (state != NULL && sio_session_make_id(env, state->private_id) == SIO_OK) {
        socket->recovery = state;
        return;
    }
    sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, socket->session->id,
                        "can not come back: out of memory");
    sio_recovery_state_free(state);
}

/* Those of socket.io, and one of a cluster. */
static bool
is_accident(const char *reason)
{
    static const char *const reasons[] = {"transport error", "transport close",
                                          "forced close",    "ping timeout",
                                          "connection lost", "server shutting down"};

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i], reason) == 0)
            return true;
    return false;
}

static void
note_account(sio_recovery_state *state, const sio_charge *charge)
{
    const sio_view key = charge->account != NULL ? charge->account->node.key : SIO_VIEW("");

    memcpy(state->key, key.data, key.len);
    state->key_len = key.len;
}

/* False: out of memory. */
static bool
fill_in(sio_recovery_state *state, const sio_socket *socket)
{
    const char *room;
    bool        failed = false;

    sio_recovery_set_namespace(state, socket->nsp);
    state->left_at = state->env->io->recovery.log.last;
    sio_buf_clear(&state->rooms);
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++)
        sio_buf_add(&state->rooms, room, strlen(room) + 1);
    snprintf(state->id, sizeof state->id, "%s", sio_socket_id(socket).data);
    snprintf(state->session_id, sizeof state->session_id, "%s", socket->session->id);
    sio_recovery_rooms_note(state);
    note_account(state, &socket->session->charge);
    state->data = sio_socket_data_copy(socket, &failed);
    return !state->rooms.failed && !failed;
}

/* The end of the server forgets all that is kept here. */
static bool
may_come_back(const sio_env *env, const char *reason)
{
    const sio_recovery_remote *remote = env->io->recovery.remote;

    return is_accident(reason) &&
           (env->phase != SIO_STOPPING || (remote != NULL && remote->keep != NULL));
}

void
sio_recovery_left(sio_socket *socket, const char *reason)
{
    sio_recovery_state        *state = socket->recovery;
    const sio_recovery_remote *remote = socket->nsp->env->io->recovery.remote;

    if (state == NULL)
        return;
    socket->recovery = NULL;
    if (!may_come_back(state->env, reason) || !fill_in(state, socket)) {
        sio_recovery_end(state);
    } else if (remote != NULL && remote->keep != NULL) {
        remote->keep(state);
        sio_recovery_end(state);
    } else {
        sio_recovery_keep(state, state->env->cfg->max_disconnection_ms);
    }
}

/* --- What the client has missed. --- */

/* False: that offset was never sent to this client. */
static bool
number_of(const sio_recovery_state *state, sio_view offset, uint64_t *number)
{
    if (offset.len > 0 && sio_view_eq(offset, sio_view_of(state->came_with))) {
        *number = state->came_at;
        return true;
    }
    return read_offset(state->env, offset, number) && *number <= state->left_at;
}

/* With all that it was sent, it has missed nothing that was sent before it left. */
static bool
find_start(const sio_recovery_state *state, sio_view offset, uint64_t *start)
{
    if (!number_of(state, offset, start))
        return false;
    if (*start >= state->sent)
        *start = state->left_at;
    return sio_recovery_log_has_all_after(&state->env->io->recovery.log, *start);
}

static void
count_frames(sio_send_queue *queue, const sio_frame *f)
{
    for (; f != NULL; f = sio_frame_next(f)) {
        queue->n_frames++;
        queue->n_bytes += sio_frame_message(f).len;
    }
}

/* False: out of memory; or it has missed more than may wait for a client, and is as good as new. */
static bool
list_missed(const sio_recovery_state *state, uint64_t start)
{
    sio_recovery                *r = &state->env->io->recovery;
    const sio_send_queue_limits *limits = &state->env->engine->queue_limits;
    const sio_logged_packet     *p = sio_recovery_log_after(&r->log, start);
    sio_send_queue               queue = {.n_frames = 0};

    sio_return_queue_note(&r->queue, (size_t)(r->log.last - start) + 1);
    sio_buf_clear(&r->missed);
    for (; p != NULL; p = sio_recovery_log_next(&r->log, p)) {
        if (!sio_recovery_rooms_match(state, p))
            continue;
        if (sio_send_queue_is_full(&queue, limits))
            return false;
        count_frames(&queue, p->frame);
        sio_buf_add(&r->missed, &p, sizeof(const sio_logged_packet *));
    }
    return !r->missed.failed;
}

sio_recovery_state *
sio_recovery_find(const sio_namespace *nsp, sio_view private_id, sio_view offset,
                  sio_recovery_missed *missed)
{
    const sio_recovery *r = &nsp->env->io->recovery;
    sio_hash_node      *node = sio_hash_find(&r->states, private_id);
    sio_recovery_state *state = node != NULL ? SIO_CONTAINER(node, sio_recovery_state, node) : NULL;
    uint64_t            start;

    if (state == NULL || state->nsp != nsp ||
        sio_namespace_socket(nsp, sio_view_of(state->id)) != NULL ||
        !find_start(state, offset, &start) || !list_missed(state, start))
        return NULL;
    missed->packets = (const void *)r->missed.data;
    missed->n = r->missed.len / sizeof(const sio_logged_packet *);
    return state;
}

/* --- Coming back. --- */

static void
join_again(sio_socket *socket)
{
    const sio_buf *rooms = &socket->recovery->rooms;
    bool           all = true;

    for (size_t i = 0; i < rooms->len; i += strlen(rooms->data + i) + 1)
        all = sio_join(socket, rooms->data + i) == 0 && all;
    if (!all)
        sio_mailbox_fail(&socket->session->mailbox, "out of memory");
}

void
sio_recovery_resume(sio_socket *socket, sio_recovery_state *state,
                    const sio_recovery_missed *missed)
{
    sio_recovery_take(state);
    socket->recovery = state;
    socket->recovered = true;
    state->env->stats.recovered++;
    join_again(socket);
    if (!sio_socket_data_inherit(socket, state->data))
        sio_mailbox_fail(&socket->session->mailbox, "out of memory");
    state->data = NULL;
    if (state->session_id[0] != '\0') /* on Node it had no such data */
        sio_client_data_inherit(socket->session, sio_view_of(state->session_id));
    for (size_t i = 0; i < missed->n; i++) {
        sio_session_send_frame(socket->session, missed->packets[i]->frame, false);
        state->sent = missed->packets[i]->number;
    }
    sio_buf_fini(&state->rooms); /* an idle client holds no memory */
    sio_log_limit_write(&state->env->log_limits, SIO_LOG_RECOVERED, socket->session->id,
                        "%s is back", sio_socket_id(socket).data);
}

/* --- Life. --- */

int
sio_recovery_init(sio_env *env)
{
    sio_recovery *r = &env->io->recovery;

    sio_recovery_log_init(&r->log);
    sio_link_init(&r->oldest);
    sio_buf_init(&r->missed, SIZE_MAX);
    sio_return_queue_init(&r->queue, env);
    r->sweep_timer.fire = on_recovery_sweep;
    return sio_hash_init(&r->states);
}

void
sio_recovery_forget(sio_env *env)
{
    sio_recovery *r = &env->io->recovery;

    while (!sio_link_empty(&r->oldest))
        on_too_late(&SIO_CONTAINER(r->oldest.next, sio_recovery_state, link)->timer);
    sio_recovery_log_clear(&r->log);
}

void
sio_recovery_fini(sio_env *env)
{
    sio_recovery_forget(env);
    sio_timer_cancel(&env->timers, &env->io->recovery.sweep_timer);
    sio_return_queue_fini(&env->io->recovery.queue);
    sio_buf_fini(&env->io->recovery.missed);
    sio_hash_fini(&env->io->recovery.states);
}
