#include "server/cluster/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/base/random.h"
#include "server/cluster/failure.h"
#include "server/cluster/module.h"
#include "server/cluster/outbox.h"
#include "server/cluster/proof.h"
#include "server/cluster/seal.h"
#include "server/cluster/watch.h"
#include "server/config/config.h"

enum { BEATS_IN_TIMEOUT = 5 };

static sio_view
cluster_own_tag(const sio_env *env)
{
    return (sio_view){env->tag, SIO_STORE_TAG_LEN};
}

/* --- What it says of itself. --- */

static void
say_beat(sio_env *env)
{
    sio_cluster_message m = {.kind = SIO_CM_BEAT,
                             .count = sio_timer_wheel_now_ms(&env->timers),
                             .channel = sio_partitions_count(env)};

    if (sio_outbox_cast(env, &m) == SIO_OK && env->store->is_direct)
        env->cluster->heard_self_ms = m.count; /* it does not come back */
    sio_store_instance_touch(env->store, cluster_own_tag(env));
}

/* So that nobody waits for it, or takes its sessions for lost. */
static void
say_goodbye(sio_env *env)
{
    sio_cluster_message m = {.kind = SIO_CM_BYE};

    (void)sio_outbox_cast(env, &m);
    sio_store_instance_remove(env->store, cluster_own_tag(env));
    if (sio_wills_are_left(env)) /* if nobody takes them over now, the next instance will */
        sio_store_instance_touch(env->store, cluster_own_tag(env));
}

/* --- Messages in. --- */

static void be_reborn(sio_env *env);

static void
see_off(sio_peer *peer)
{
    sio_env *env = peer->env;
    char     tag[SIO_STORE_TAG_LEN + 1];

    memcpy(tag, peer->tag, sizeof tag);
    sio_peer_bury(peer);
    sio_cluster_module_instance_gone(env, tag);
}

static void
hear_beat(sio_peer *peer, const sio_cluster_message *m)
{
    sio_partitions_note(peer, m->channel);
    sio_watch_beat(peer);
}

static void
hear_cast(sio_peer *peer, const sio_cluster_message *m)
{
    if (m->kind == SIO_CM_BYE)
        see_off(peer);
    else if (m->kind == SIO_CM_AWAY)
        sio_watch_hear(peer->env, m->origin);
    else if (m->kind == SIO_CM_BEAT)
        hear_beat(peer, m);
    else
        sio_cluster_module_hear(peer, true, m);
}

/* Whoever can write to Redis can send anything: what does not say who it is from, for one. */
static bool
is_message(sio_view bytes, sio_cluster_message *m)
{
    return sio_cluster_message_decode(bytes, m) == SIO_OK && sio_peer_is_tag(m->from) &&
           (m->origin.len == 0 || sio_peer_is_tag(m->origin));
}

static void
on_cluster_message(void *arg, bool direct, sio_view bytes)
{
    sio_env            *env = arg;
    sio_cluster_message m;
    sio_peer           *peer;
    uint64_t            number;

    if (env->phase == SIO_STOPPING) /* the others have been told that it has gone */
        return;
    if (!sio_seal_take_off(env, direct, &bytes, &number))
        return;
    if (!is_message(bytes, &m)) {
        env->stats.bad_messages++;
        return;
    }
    if (sio_view_eq(m.from, cluster_own_tag(env))) {
        if (sio_seal_is_own_news(env, number) && m.kind == SIO_CM_BEAT &&
            m.count <= sio_timer_wheel_now_ms(&env->timers))
            env->cluster->heard_self_ms = m.count;
        return;
    }
    if (m.kind == SIO_CM_LOST) {
        if (direct) /* whoever says so will not listen to this name again, whatever Redis knows */
            be_reborn(env);
        return;
    }
    if ((peer = sio_peer_meet(env, m.from)) == NULL) {
        if (m.kind != SIO_CM_BYE && sio_peers_is_lost(env, m.from))
            sio_failure_tell(env, m.from);
        return;
    }
    if (!sio_proof_is_news(peer, direct, &m, number))
        return;
    peer->heard_ms = sio_timer_wheel_now_ms(&env->timers);
    if (sio_watch_is_doubted(peer))
        sio_watch_heard(peer);
    if (!direct)
        hear_cast(peer, &m);
    else if (sio_peer_hear(peer, &m))
        sio_cluster_module_hear(peer, false, &m);
}

static void
on_unheard(void *arg, sio_view tag)
{
    sio_peer *peer = sio_peer_find(arg, tag);

    if (peer != NULL)
        sio_watch_doubt(peer);
}

/* --- Where instances are linked directly. --- */

static void
on_met(void *arg, sio_view tag)
{
    (void)sio_peer_meet(arg, tag);
}

/* Nobody has to wait for its silence. One that has said goodbye is known not to be there. */
static void
on_gone(void *arg, sio_view tag)
{
    sio_env  *env = arg;
    sio_peer *peer = env->phase != SIO_STOPPING ? sio_peer_meet(env, tag) : NULL;

    if (peer != NULL)
        sio_failure_claim(peer);
}

static void
on_forgot(void *arg)
{
    sio_env *env = arg;

    if (env->phase != SIO_STOPPING)
        sio_cluster_module_tell(env, SIO_CLUSTER_CONFIRMED);
}

static void
on_partitions_heard(void *arg)
{
    sio_cluster_module_tell(arg, SIO_CLUSTER_HEARD);
}

/* --- Up and down. --- */

static void
on_listed(void *arg, int rc, const sio_view *tags, size_t n)
{
    sio_env *env = arg;

    env->cluster->list = NULL;
    sio_partitions_note_listed(env, rc == SIO_OK);
    for (size_t i = 0; rc == SIO_OK && i < n; i++)
        if (sio_peer_is_tag(tags[i]))
            (void)sio_peer_meet(env, tags[i]); /* one that died unseen will be found silent */
        else
            env->stats.bad_messages++;
}

static void
list_instances(sio_env *env)
{
    sio_store_req *req;

    sio_store_cancel(env->cluster->list);
    env->cluster->list = NULL;
    req = sio_store_instances_list(env->store, on_listed, env);
    if (req != NULL)
        env->cluster->list = req;
}

/* Redis may have lost its memory; and nobody was heard while it was away. */
static void
on_cluster_up(void *arg)
{
    sio_env       *env = arg;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&env->timers);

    env->cluster->up = true;
    env->cluster->up_ms = now_ms;
    if (env->phase == SIO_STOPPING) {
        say_goodbye(env); /* it may have been lost */
        return;
    }
    say_beat(env);
    sio_failure_check_self(env);
    sio_cluster_module_tell(env, SIO_CLUSTER_UP);
    list_instances(env);
    for (sio_link *l = env->cluster->peer_list.next; l != &env->cluster->peer_list; l = l->next) {
        sio_peer *peer = SIO_CONTAINER(l, sio_peer, link);

        peer->heard_ms = now_ms;
        sio_watch_up(peer);
        sio_peer_resume(peer);
    }
}

static void
on_cluster_down(void *arg)
{
    sio_env *env = arg;

    env->cluster->up = false;
    sio_partitions_note_listed(env, false);
    sio_cluster_module_tell(env, SIO_CLUSTER_DOWN);
}

/* --- This one goes on as another. --- */

static void
listen_to_others(sio_env *env)
{
    const sio_store_ears ears = {.message = on_cluster_message,
                                 .up = on_cluster_up,
                                 .down = on_cluster_down,
                                 .unheard = on_unheard,
                                 .met = on_met,
                                 .gone = on_gone,
                                 .forgot = on_forgot,
                                 .heard = on_partitions_heard,
                                 .arg = env};

    env->cluster->up = false;
    sio_seal_begin(env);
    if (sio_store_listen(env->store, cluster_own_tag(env), &ears) != SIO_OK)
        sio_log_error(&env->log, NULL, "out of memory: the other instances are not heard");
}

/* Its sessions have ended. */
static void
begin_anew(sio_env *env)
{
    sio_peers_forget(env); /* they are not lost, and will be met again */
    sio_cluster_module_tell(env, SIO_CLUSTER_REBORN);
    if (sio_random_text(env->tag, SIO_STORE_TAG_LEN) == SIO_OK)
        listen_to_others(env);
    else
        sio_log_error(&env->log, NULL, "no random numbers: the other instances are not heard");
}

/*
 * It was frozen, or cut off from Redis, for so long that the others have announced the end of its
 * sessions. So they end, and it goes on as a new instance.
 */
static void
be_reborn(sio_env *env)
{
    sio_failure_forget_check(env);
    sio_log_at(&env->log, SIO_LOG_ERROR, SIO_EVENT_DECLARED_LOST, NULL,
               "declared lost by the other instances: it was frozen, or could not reach Redis, "
               "for longer than \"instance timeout\"; its sessions end");
    sio_cluster_module_end_sessions(env, "instance lost");
    begin_anew(env);
}

/*
 * What the peer was not told it will never hear, so what both know of each other does not agree any
 * more. It is this instance that ends, not the peer: that has memory, and clients of its own.
 */
static void
end_and_begin_anew(sio_env *env)
{
    sio_log_error(&env->log, NULL,
                  "out of memory: a message to another instance is lost; the sessions of this one "
                  "end");
    sio_cluster_module_end_sessions(env, "out of memory");
    say_goodbye(env);
    begin_anew(env);
}

/* --- The beat. --- */

/* Who does not even hear itself can not say that others are silent. */
static bool
hears_itself(const sio_env *env, uint64_t now_ms)
{
    return env->cluster->up &&
           now_ms <= env->cluster->heard_self_ms + env->cfg->instance_timeout_ms / 2;
}

static void
beat_peer(sio_peer *peer, uint64_t now_ms)
{
    const sio_env *env = peer->env;

    sio_peer_beat(peer);
    sio_watch_beat(peer);
    sio_proof_beat(peer);
    if (!hears_itself(env, now_ms)) {
        peer->heard_ms = now_ms;
    } else if (now_ms > peer->heard_ms + env->cfg->instance_timeout_ms) {
        sio_failure_claim(peer);
    }
}

/* Has a peer not been told something, as there was no memory for it? */
static bool
owes_a_message(const sio_cluster *c)
{
    for (sio_link *l = c->peer_list.next; l != &c->peer_list; l = l->next)
        if (SIO_CONTAINER(l, sio_peer, link)->broken)
            return true;
    return false;
}

static void
on_beat_timer(sio_timer *timer)
{
    sio_env       *env = SIO_CONTAINER(timer, sio_cluster, beat_timer)->env;
    sio_cluster   *c = env->cluster;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&env->timers);
    const bool     was_frozen = now_ms > c->last_beat_ms + env->cfg->instance_timeout_ms / 2;
    sio_link      *next;

    c->last_beat_ms = now_ms;
    sio_timer_set(&env->timers, timer, env->cfg->instance_timeout_ms / BEATS_IN_TIMEOUT);
    if (owes_a_message(c)) {
        end_and_begin_anew(env);
        return;
    }
    if (c->up)
        say_beat(env);
    if (was_frozen) {
        sio_failure_check_self(env);
        for (sio_link *l = c->peer_list.next; l != &c->peer_list; l = l->next)
            SIO_CONTAINER(l, sio_peer, link)->heard_ms = now_ms; /* nothing was heard meanwhile */
    }
    for (sio_link *l = c->peer_list.next; l != &c->peer_list; l = next) {
        next = l->next;
        beat_peer(SIO_CONTAINER(l, sio_peer, link), now_ms);
    }
    sio_failure_beat(env);
}

/* --- Life. --- */

int
sio_cluster_init(sio_env *env)
{
    sio_cluster *c = env->cluster;

    c->env = env;
    sio_link_init(&c->peer_list);
    sio_link_init(&c->obituaries);
    sio_buf_init(&c->message, SIZE_MAX);
    c->beat_timer.fire = on_beat_timer;
    sio_watch_init(env);
    c->declared_lost = be_reborn;
    if (sio_wills_init(env) != SIO_OK || sio_hash_init(&c->peers) != SIO_OK)
        return SIO_ERR_NOMEM;
    return sio_random_text(env->tag, SIO_STORE_TAG_LEN);
}

int
sio_cluster_join(sio_env *env)
{
    int rc;

    if (!env->store->has_others)
        return SIO_OK;
    if ((rc = sio_seal_open(env)) != SIO_OK)
        return rc;
    env->cluster->last_beat_ms = sio_timer_wheel_now_ms(&env->timers);
    sio_timer_set(&env->timers, &env->cluster->beat_timer,
                  env->cfg->instance_timeout_ms / BEATS_IN_TIMEOUT);
    listen_to_others(env);
    return SIO_OK;
}

static void
on_barrier(void *arg, int rc)
{
    sio_env *env = arg;

    (void)rc; /* without an answer in time, Redis has got what it could get */
    env->cluster->barrier = NULL;
    sio_cluster_module_tell(env, SIO_CLUSTER_LEFT);
    sio_holds_release(&env->holds);
}

void
sio_cluster_leave(sio_env *env)
{
    sio_store_req *req;

    sio_cluster_module_tell(env, SIO_CLUSTER_LEAVING);
    if (env->store == NULL || !env->store->has_others)
        return;
    say_goodbye(env);
    sio_timer_cancel(&env->timers, &env->cluster->beat_timer);
    sio_holds_take(&env->holds);
    req = sio_store_lost_check(env->store, cluster_own_tag(env), on_barrier, env);
    if (req != NULL)
        env->cluster->barrier = req;
}

void
sio_cluster_quit(sio_env *env)
{
    sio_cluster *c = env->cluster;

    sio_timer_cancel(&env->timers, &c->beat_timer);
    sio_failure_quit(env);
    sio_store_cancel(c->list);
    sio_store_cancel(c->barrier);
    c->list = c->barrier = NULL;
    sio_peers_forget(env);
    sio_cluster_module_tell(env, SIO_CLUSTER_QUIT);
    sio_watch_quit(env);
    sio_partitions_close(env);
    sio_seal_close(env);
    sio_cluster_module_remove_all(env);
}

void
sio_cluster_fini(sio_env *env)
{
    sio_cluster *c = env->cluster;

    sio_wills_fini(env);
    sio_hash_fini(&c->peers);
    sio_buf_fini(&c->message);
}

/* --- For applications. --- */

void
sio_on_lost(sio_server *io, void (*fn)(const char *id, const char *reason, void *arg), void *arg)
{
    sio_cluster *c = sio_env_of(io)->cluster;

    c->on_lost = fn;
    c->lost_arg = arg;
}
