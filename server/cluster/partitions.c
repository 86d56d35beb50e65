#include "server/cluster/partitions.h"

#include <stdlib.h>

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/outbox.h"
#include "server/config/config.h"
#include "store/partitions.h"

unsigned
sio_partitions_count(const sio_env *env)
{
    return env->cluster->partitions.n;
}

/* --- Hearing. --- */

static void
hear(sio_env *env, unsigned number)
{
    sio_partition *p = &env->cluster->partitions.all[number];

    if (p->is_heard)
        return;
    p->is_heard = true;
    env->stats.partitions_heard++;
    sio_store_partition_join(env->store, number);
}

static void
hear_no_more(sio_env *env, unsigned number)
{
    env->cluster->partitions.all[number].is_heard = false;
    env->stats.partitions_heard--;
    sio_store_partition_leave(env->store, number);
}

/* Rooms come and go, and subscriptions cost all: none is ended before its time. */
static bool
is_needed(const sio_partitions *ps, const sio_partition *p, uint64_t now_ms)
{
    return p->n_members > 0 || now_ms < ps->all_until_ms ||
           now_ms < p->left_ms + SIO_PARTITIONS_LINGER_MS;
}

static void
look_again(sio_env *env)
{
    sio_timer *timer = &env->cluster->partitions.timer;

    if (!sio_timer_armed(timer))
        sio_timer_set(&env->timers, timer, SIO_PARTITIONS_LINGER_MS);
}

static void
on_partitions_timer(sio_timer *timer)
{
    sio_partitions *ps = SIO_CONTAINER(timer, sio_partitions, timer);
    sio_env        *env = SIO_CONTAINER(ps, sio_cluster, partitions)->env;
    const uint64_t  now_ms = sio_timer_wheel_now_ms(&env->timers);

    for (unsigned i = 0; i < ps->n; i++) {
        const sio_partition *p = &ps->all[i];

        if (!p->is_heard || p->n_members > 0)
            continue;
        if (is_needed(ps, p, now_ms))
            look_again(env);
        else
            hear_no_more(env, i);
    }
}

void
sio_partitions_enter(sio_env *env, unsigned number)
{
    env->cluster->partitions.all[number].n_members++;
    hear(env, number);
}

void
sio_partitions_exit(sio_env *env, unsigned number)
{
    sio_partition *p = &env->cluster->partitions.all[number];

    if (--p->n_members > 0)
        return;
    p->left_ms = sio_timer_wheel_now_ms(&env->timers);
    look_again(env);
}

bool
sio_partitions_hear_all(sio_env *env)
{
    sio_partitions *ps = &env->cluster->partitions;

    if (ps->n == 0)
        return true;
    ps->all_until_ms = sio_timer_wheel_now_ms(&env->timers) + SIO_PARTITIONS_LINGER_MS;
    for (unsigned i = 0; i < ps->n; i++)
        hear(env, i);
    look_again(env);
    return sio_store_partitions_are_heard(env->store);
}

/* --- Saying. --- */

/* Does everybody who is there spread rooms as this instance does? */
static bool
are_agreed(const sio_env *env)
{
    const sio_partitions *ps = &env->cluster->partitions;

    return ps->knows_peers && ps->n_alike == env->cluster->peers.n_items;
}

void
sio_partitions_widen(sio_env *env, unsigned number)
{
    env->cluster->partitions.all[number].wide_until_ms =
        sio_timer_wheel_now_ms(&env->timers) + SIO_PARTITIONS_WIDE_MS;
}

int
sio_partitions_cast(sio_env *env, unsigned number, sio_cluster_message *m)
{
    const sio_partition *p = &env->cluster->partitions.all[number];

    if (!are_agreed(env) || sio_timer_wheel_now_ms(&env->timers) < p->wide_until_ms)
        return sio_outbox_cast(env, m);
    env->stats.partition_casts++;
    return sio_outbox_cast_to_partition(env, number, m);
}

/* --- What the others know. --- */

static bool
is_alike(const sio_peer *peer)
{
    return peer->n_partitions == sio_partitions_count(peer->env);
}

void
sio_partitions_note(sio_peer *peer, uint64_t n)
{
    sio_partitions *ps = &peer->env->cluster->partitions;

    if (ps->n == 0)
        return;
    ps->n_alike -= is_alike(peer);
    peer->n_partitions = n;
    ps->n_alike += is_alike(peer);
}

void
sio_partitions_forget(const sio_peer *peer)
{
    sio_partitions *ps = &peer->env->cluster->partitions;

    if (ps->n > 0)
        ps->n_alike -= is_alike(peer);
}

void
sio_partitions_note_listed(sio_env *env, bool is_listed)
{
    env->cluster->partitions.knows_peers = is_listed;
}

/* --- Life. --- */

int
sio_partitions_open(sio_env *env)
{
    sio_partitions *ps = &env->cluster->partitions;
    const unsigned  n = env->cfg->broadcast_partitions;

    if (n == 0 || !sio_store_has_partitions(env->store))
        return SIO_OK;
    ps->all = calloc(n, sizeof *ps->all);
    if (ps->all == NULL)
        return SIO_ERR_NOMEM;
    ps->n = n;
    ps->timer.fire = on_partitions_timer;
    return SIO_OK;
}

void
sio_partitions_close(sio_env *env)
{
    sio_partitions *ps = &env->cluster->partitions;

    sio_timer_cancel(&env->timers, &ps->timer);
    free(ps->all);
    *ps = (sio_partitions){.n = 0};
    env->stats.partitions_heard = 0;
}
