#include "server/roaming/directory.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/base/random.h"
#include "server/cluster/cluster.h"
#include "server/roaming/foreign.h"
#include "server/roaming/roaming.h"
#include "server/socketio/dialects.h"

/*
 * How long the home waits to hear who has taken a handshake: the word is on its way, and the client
 * was faster.
 */
enum { WORD_PATIENCE_MS = 1000 };

/* A session that a peer opened with a handshake that was made here. */
typedef struct {
    sio_hash_node node; /* in roaming->forwards, by id */
    sio_link      link; /* in peer->lists[SIO_PEER_FORWARDS] */
    sio_peer     *peer;
    char          id[SIO_SESSION_ID_MAX + 1];
} forward;

/* --- Forwards. --- */

static forward *
find_forward(const sio_env *env, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&env->roaming->forwards, id);

    return node != NULL ? SIO_CONTAINER(node, forward, node) : NULL;
}

sio_peer *
sio_directory_find_forward(sio_env *env, sio_view id)
{
    const forward *f = find_forward(env, id);

    return f != NULL ? f->peer : NULL;
}

sio_peer *
sio_directory_home_of(sio_env *env, sio_view id)
{
    return id.len < SIO_STORE_TAG_LEN ? NULL
                                      : sio_peer_find(env, (sio_view){id.data, SIO_STORE_TAG_LEN});
}

/*
 * Can there be a session with that id? Others than our own instances may make ids of any form. A
 * tag need not be that of an instance that is known: handshakes outlive the one that made them.
 */
static bool
is_possible_id(const sio_env *env, sio_view id)
{
    if (env->roaming->foreign != NULL)
        return id.len <= SIO_SESSION_ID_MAX;
    return id.len == SIO_SESSION_ID_LEN && sio_random_is_text(id);
}

void
sio_directory_tell_home(sio_env *env, sio_view id, uint8_t kind)
{
    sio_cluster_message m = {.kind = kind, .id = id};
    sio_peer           *home = sio_directory_home_of(env, id);

    if (home != NULL)
        sio_peer_send(home, &m);
}

sio_peer *
sio_directory_whereabouts(sio_env *env, sio_view id)
{
    sio_peer *owner = sio_directory_find_forward(env, id);

    return owner != NULL || !is_possible_id(env, id) ? owner : sio_directory_home_of(env, id);
}

static void
free_forward(forward *f)
{
    sio_env *env = f->peer->env;

    sio_hash_remove(&env->roaming->forwards, &f->node);
    sio_link_remove(&f->link);
    env->stats.forwards--;
    free(f);
}

/* Nobody would answer what it is asked. */
static sio_peer *
unless_away(sio_peer *peer)
{
    return peer != NULL && peer->away ? NULL : peer;
}

/* Its sessions are gone with it. */
static void
drop_forwards(sio_peer *peer)
{
    while (!sio_link_empty(&peer->lists[SIO_PEER_FORWARDS]))
        free_forward(SIO_CONTAINER(peer->lists[SIO_PEER_FORWARDS].next, forward, link));
}

static void
add_forward(sio_peer *peer, sio_view id)
{
    sio_env *env = peer->env;
    forward *f = calloc(1, sizeof *f);

    if (f == NULL) {
        sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, NULL,
                            "out of memory: a session of instance %s is not found here", peer->tag);
        return;
    }
    memcpy(f->id, id.data, id.len);
    f->node.key = (sio_view){f->id, id.len};
    f->peer = peer;
    sio_link_init(&f->link);
    sio_link_append(&peer->lists[SIO_PEER_FORWARDS], &f->link);
    sio_hash_insert(&env->roaming->forwards, &f->node);
    env->stats.forwards++;
}

/* --- Searches that wait for a word. --- */

static sio_search *
find_waiting(const sio_env *env, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&env->roaming->waiting, id);

    return node != NULL ? SIO_CONTAINER(node, sio_search, node) : NULL;
}

/* Several may wait for the same: one of them is in the table, the others are in a ring with it. */
static void
begin_wait(sio_search *search, unsigned ms)
{
    sio_env    *env = search->env;
    sio_search *first = find_waiting(env, search->node.key);

    if (first != NULL)
        sio_link_append(&first->same, &search->same);
    else
        sio_hash_insert(&env->roaming->waiting, &search->node);
    search->is_waiting = true;
    sio_timer_set(&env->timers, &search->timer, ms);
}

static void
end_wait(sio_search *search)
{
    sio_hash *waiting = &search->env->roaming->waiting;

    if (search->is_waiting && find_waiting(search->env, search->node.key) == search) {
        sio_hash_remove(waiting, &search->node);
        if (!sio_link_empty(&search->same))
            sio_hash_insert(waiting, &SIO_CONTAINER(search->same.next, sio_search, same)->node);
    }
    search->is_waiting = false;
    sio_link_remove(&search->same);
    sio_timer_cancel(&search->env->timers, &search->timer);
}

static void directory_end_elsewhere(sio_search *search, sio_peer *peer);

static void
end_waiting_searches(sio_peer *peer, sio_view id)
{
    sio_search *search;

    while ((search = find_waiting(peer->env, id)) != NULL)
        directory_end_elsewhere(search, peer);
}

/* --- Where sessions are. --- */

void
sio_directory_set_forward(sio_env *env, sio_view id, sio_peer *owner)
{
    forward *f = find_forward(env, id);

    if (f != NULL)
        free_forward(f);
    if (owner == NULL)
        return;
    add_forward(owner, id);
    end_waiting_searches(owner, id);
}

/* It has opened, or ended, a session whose handshake was made here. */
static void
directory_hear(sio_peer *peer, const sio_cluster_message *m)
{
    sio_peer *owner = m->origin.len > 0 ? sio_peer_meet(peer->env, m->origin) : peer;

    if (m->id.len > 0 && m->id.len <= SIO_SESSION_ID_MAX)
        sio_directory_set_forward(peer->env, m->id, m->kind == SIO_CM_OWNS ? owner : NULL);
}

/* --- The end of a search. --- */

void
sio_directory_cancel(sio_search *search)
{
    sio_store_cancel(search->take);
    search->take = NULL;
    end_wait(search);
}

static void
directory_end_here(sio_search *search, sio_session *session, bool is_new)
{
    sio_directory_cancel(search);
    search->ops->here(search, session, is_new);
}

static void
directory_end_elsewhere(sio_search *search, sio_peer *peer)
{
    sio_directory_cancel(search);
    search->ops->elsewhere(search, peer);
}

static void
end_unknown(sio_search *search)
{
    sio_env *env = search->env;

    if (env->roaming->foreign == NULL ||
        search->purpose != SIO_FOR_POST) { /* those are handed on */
        env->stats.unknown_sessions++;
        sio_log_limit_write(&env->log_limits, SIO_LOG_UNKNOWN_SESSION, search->id,
                            "unknown: told to reconnect");
    }
    sio_directory_cancel(search);
    search->ops->unknown(search);
}

/* --- The search. --- */

static bool
home_is_here(const sio_search *search)
{
    return strncmp(search->id, search->env->tag, SIO_STORE_TAG_LEN) == 0;
}

static void
on_directory_timer(sio_timer *timer)
{
    end_unknown(SIO_CONTAINER(timer, sio_search, timer));
}

static void
directory_open_session(sio_search *search, sio_view handshake)
{
    sio_env     *env = search->env;
    sio_session *session =
        sio_session_new(env, sio_view_of(search->id), handshake, &sio_dialect09.session);

    if (session != NULL) {
        directory_end_here(search, session, true);
    } else {
        sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, search->id,
                            "out of memory: session not opened");
        end_unknown(search);
    }
}

/* Has another server made the handshake (foreign.h)? */
static bool
take_from_foreign(sio_search *search)
{
    const sio_foreign *foreign = search->env->roaming->foreign;
    sio_buf            record;
    bool               is_there;

    if (foreign == NULL)
        return false;
    sio_buf_init(&record, SIZE_MAX);
    is_there = foreign->take(search->env, sio_view_of(search->id), &record) && !record.failed;
    if (is_there)
        directory_open_session(search, sio_buf_view(&record));
    sio_buf_fini(&record);
    return is_there;
}

/*
 * How long to wait: the word of an instance may be on its way, or of another server, which may
 * answer clients before it tells others.
 */
static unsigned
directory_patience_ms(const sio_search *search)
{
    const sio_env     *env = search->env;
    const sio_foreign *foreign = env->roaming->foreign;

    if (foreign == NULL)
        return home_is_here(search) && !sio_link_empty(&env->cluster->peer_list) ? WORD_PATIENCE_MS
                                                                                 : 0;
    if (search->purpose == SIO_FOR_POST)
        return foreign->delay_ms(search->env, sio_view_of(search->id));
    return WORD_PATIENCE_MS;
}

static void
wait_for_word(sio_search *search)
{
    const unsigned wait_ms = directory_patience_ms(search);

    if (wait_ms > 0)
        begin_wait(search, wait_ms);
    else
        end_unknown(search);
}

/*
 * The handshake is not there: it never was, or has expired, or somebody else has opened the
 * session.
 */
static void
not_taken(sio_search *search)
{
    sio_env     *env = search->env;
    sio_session *session = sio_session_find(env, sio_view_of(search->id));
    sio_peer    *peer = sio_directory_whereabouts(env, sio_view_of(search->id));

    if (env->phase == SIO_STOPPING || (session == NULL && peer != NULL && peer->away))
        end_unknown(search); /* when this one stops, the others do not speak to it any more */
    else if (session != NULL)
        directory_end_here(search, session, false);
    else if (peer != NULL)
        directory_end_elsewhere(search, peer);
    else if (!take_from_foreign(search))
        wait_for_word(search);
}

/* One that waits for the word that the handshake is there, or NULL. */
static sio_search *
find_resumable(const sio_env *env, sio_view id)
{
    sio_search *first = find_waiting(env, id), *search = first;

    while (search != NULL && search->purpose == SIO_FOR_POST) {
        search = SIO_CONTAINER(search->same.next, sio_search, same);
        if (search == first)
            return NULL;
    }
    return search;
}

/* They are listed first, since some may have to wait again; and what one does may end another. */
void
sio_directory_resume(sio_env *env, sio_view id)
{
    sio_search *search;
    sio_link    due;

    sio_link_init(&due);
    while ((search = find_resumable(env, id)) != NULL) {
        end_wait(search);
        sio_link_append(&due, &search->same);
    }
    while (!sio_link_empty(&due)) {
        search = SIO_CONTAINER(due.next, sio_search, same);
        sio_link_remove(&search->same);
        not_taken(search);
    }
}

static void
on_directory_taken(void *arg, int rc, sio_view handshake)
{
    sio_search *search = arg;

    search->take = NULL;
    if (rc != SIO_OK || search->env->phase == SIO_STOPPING ||
        sio_session_find(search->env, sio_view_of(search->id)) != NULL)
        not_taken(search);
    else
        directory_open_session(search, handshake);
}

static void
take_search(sio_search *search)
{
    sio_store_req *req = sio_store_handshake_take(search->env->store, sio_view_of(search->id),
                                                  on_directory_taken, search);

    if (req != NULL) /* else on_taken has been called, and the search may be gone */
        search->take = req;
}

void
sio_directory_locate(sio_search *search, sio_env *env, sio_view id, sio_purpose purpose,
                     const sio_search_ops *ops)
{
    const bool   is_possible = is_possible_id(env, id);
    sio_session *session = sio_session_find(env, id);
    sio_peer    *peer = unless_away(purpose == SIO_FOR_STREAM ? sio_directory_find_forward(env, id)
                                                              : sio_directory_whereabouts(env, id));

    *search =
        (sio_search){.env = env, .ops = ops, .purpose = purpose, .timer.fire = on_directory_timer};
    if (id.len > 0 && id.len <= SIO_SESSION_ID_MAX)
        memcpy(search->id, id.data, id.len);
    search->node.key = sio_view_of(search->id);
    sio_link_init(&search->same);
    if (session != NULL)
        directory_end_here(search, session, false);
    else if (!is_possible)
        end_unknown(search);
    else if (peer != NULL)
        directory_end_elsewhere(search, peer);
    else if (env->roaming->foreign != NULL && purpose == SIO_FOR_POST) /* it may be open there */
        wait_for_word(search);
    else
        take_search(search);
}

static const char kinds[] = {SIO_CM_OWNS, SIO_CM_ENDED, 0};

const sio_cluster_module sio_directory_module = {
    .kinds = kinds,
    .hear = directory_hear,
    .peer_gone = drop_forwards,
};
