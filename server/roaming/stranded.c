#include "server/roaming/stranded.h"

#include <string.h>

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/engine/engine.h"
#include "server/engine/session.h"
#include "server/roaming/directory.h"
#include "server/roaming/roaming.h"

/* So that a client has the answer to its POST before: see proxy_session.c. */
enum { AWAY_DELAY_MS = 200, GONE_DELAY_MS = 1000 };

static bool
is_stranded(const sio_session *s)
{
    const sio_peer *home;

    if (s->ended || s->is_on_websocket || sio_session_is_engine_io(s) ||
        strncmp(s->id, s->env->tag, SIO_STORE_TAG_LEN) == 0)
        return false;
    home = sio_directory_home_of(s->env, s->node.key);
    return home == NULL || home->away;
}

/* The end of one may be that of others, so they are listed first. */
static void
list_stranded(sio_env *env, sio_buf *ids)
{
    for (sio_hash_node *n = NULL; (n = sio_hash_next(&env->engine->sessions, n)) != NULL;) {
        const sio_session *s = SIO_CONTAINER(n, sio_session, node);

        if (is_stranded(s))
            sio_buf_add(ids, s->id, SIO_SESSION_ID_LEN);
    }
}

static void
on_stranded_timer(sio_timer *timer)
{
    sio_env *env = SIO_CONTAINER(timer, sio_roaming, stranded_timer)->env;
    sio_buf  ids;

    sio_buf_init(&ids, SIZE_MAX);
    list_stranded(env, &ids);
    for (size_t i = 0; i < ids.len; i += SIO_SESSION_ID_LEN) {
        sio_session *s = sio_session_find(env, (sio_view){ids.data + i, SIO_SESSION_ID_LEN});

        if (s != NULL && is_stranded(s))
            sio_session_send_away(s, "connection lost");
    }
    sio_buf_fini(&ids);
}

/* Servers of another kind find sessions in their own way (foreign.h). */
static void
look_for_stranded(sio_env *env, unsigned delay_ms)
{
    sio_timer *timer = &env->roaming->stranded_timer;

    if (env->roaming->foreign == NULL && !sio_timer_armed(timer))
        sio_timer_set(&env->timers, timer, delay_ms);
}

static void
stranded_peer_away(sio_peer *peer)
{
    look_for_stranded(peer->env, AWAY_DELAY_MS);
}

static void
stranded_peer_gone(sio_peer *peer)
{
    look_for_stranded(peer->env, GONE_DELAY_MS);
}

static void
stranded_quit(sio_env *env)
{
    sio_timer_cancel(&env->timers, &env->roaming->stranded_timer);
}

const sio_cluster_module sio_stranded_module = {
    .peer_away = stranded_peer_away,
    .peer_gone = stranded_peer_gone,
    .on = {[SIO_CLUSTER_QUIT] = stranded_quit},
};

void
sio_stranded_init(sio_env *env)
{
    env->roaming->env = env;
    env->roaming->stranded_timer.fire = on_stranded_timer;
}
