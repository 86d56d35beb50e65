#include "server/cluster/watch.h"

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/module.h"
#include "server/cluster/outbox.h"

enum { MIN_MISSED = 3 };

static void on_look_timer(sio_timer *timer);

/* --- Away, and back. --- */

/* The others are told, so that a client hears the same wherever it asks. */
static void
say_away(sio_peer *peer)
{
    sio_cluster_message m = {.kind = SIO_CM_AWAY, .origin = sio_view_of(peer->tag)};

    (void)sio_outbox_cast(peer->env, &m);
}

static void
note_away(sio_peer *peer)
{
    sio_env *env = peer->env;

    peer->away = true;
    env->stats.away_instances++;
    sio_log_at(&env->log, SIO_LOG_WARN, SIO_EVENT_INSTANCE_AWAY, NULL,
               "instance %s has no connection to Redis any more; clients here of its sessions "
               "are told to reconnect",
               peer->tag);
    say_away(peer);
    sio_cluster_module_peer_away(peer);
}

void
sio_watch_heard(sio_peer *peer)
{
    if (peer->away)
        sio_log_at(&peer->env->log, SIO_LOG_INFO, SIO_EVENT_INSTANCE_BACK, NULL,
                   "instance %s is there again", peer->tag);
    peer->away = false;
    peer->n_missed = 0;
    sio_timer_cancel(&peer->env->timers, &peer->look_timer);
}

/* --- Looking. --- */

static void
note_missed(sio_peer *peer)
{
    sio_env       *env = peer->env;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&env->timers);

    if (peer->away || !peer->seen) /* or it has never been heard of under this connection */
        return;
    if (peer->n_missed++ == 0)
        peer->missed_ms = now_ms;
    if (peer->n_missed >= MIN_MISSED && now_ms >= peer->missed_ms + SIO_WATCH_GRACE_MS) {
        note_away(peer);
        return;
    }
    peer->look_timer.fire = on_look_timer;
    sio_timer_set(&env->timers, &peer->look_timer, SIO_WATCH_AGAIN_MS);
}

static void
on_looked(void *arg, int rc)
{
    sio_peer *peer = arg;

    peer->look = NULL;
    if (rc == SIO_ERR_NOT_FOUND) {
        note_missed(peer);
        return;
    }
    peer->n_missed = 0;
    if (rc == SIO_OK)
        peer->seen = true;
}

static void
watch_look(sio_peer *peer)
{
    sio_env       *env = peer->env;
    sio_store_req *req;

    if (peer->look != NULL || !env->cluster->up || env->phase == SIO_STOPPING)
        return;
    req = sio_store_instance_probe(env->store, sio_view_of(peer->tag), on_looked, peer);
    if (req != NULL)
        peer->look = req;
}

static void
on_look_timer(sio_timer *timer)
{
    watch_look(SIO_CONTAINER(timer, sio_peer, look_timer));
}

/* What has come to wait for it in the meantime is given up, too. */
static void
watch_peer(sio_peer *peer)
{
    const uint64_t now_ms = sio_timer_wheel_now_ms(&peer->env->timers);

    if (peer->away)
        sio_cluster_module_peer_away(peer);
    else if (!peer->seen || now_ms >= peer->heard_ms + SIO_WATCH_QUIET_MS)
        watch_look(peer);
}

static void
on_watch_timer(sio_timer *timer)
{
    sio_cluster *c = SIO_CONTAINER(timer, sio_cluster, watch_timer);

    for (sio_link *l = c->peer_list.next; l != &c->peer_list; l = l->next) {
        sio_peer *peer = SIO_CONTAINER(l, sio_peer, link);

        if (!sio_cluster_module_awaits(peer))
            continue;
        sio_peers_await(c->env);
        watch_peer(peer);
    }
}

/* --- What others find. --- */

void
sio_watch_doubt(sio_peer *peer)
{
    if (peer->n_missed == 0 && !peer->away)
        watch_look(peer);
}

/* They have looked for long enough: to see the same once will do. */
void
sio_watch_hear(sio_env *env, sio_view tag)
{
    sio_peer      *peer = sio_peer_find(env, tag);
    const uint64_t now_ms = sio_timer_wheel_now_ms(&env->timers);

    if (peer == NULL || peer->away || !peer->seen || now_ms < SIO_WATCH_GRACE_MS)
        return;
    peer->n_missed = peer->n_missed > MIN_MISSED ? peer->n_missed : MIN_MISSED;
    peer->missed_ms = now_ms - SIO_WATCH_GRACE_MS;
    watch_look(peer);
}

/* --- Life. --- */

void
sio_watch_init(sio_env *env)
{
    env->cluster->watch_timer.fire = on_watch_timer;
}

void
sio_watch_up(sio_peer *peer)
{
    peer->seen = false;
    peer->n_missed = 0;
}

void
sio_watch_beat(sio_peer *peer)
{
    if (!peer->seen)
        watch_look(peer);
}

void
sio_watch_quit(sio_env *env)
{
    sio_timer_cancel(&env->timers, &env->cluster->watch_timer);
}
