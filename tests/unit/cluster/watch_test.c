/*
 * When a peer counts as away: an instance with a store that answers as the test wants, a clock that
 * the test moves, and a module that waits for the peer.
 */
#include "tests/unit/check.h"
#include "tests/unit/stub_store.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/module.h"
#include "server/cluster/watch.h"
#include "server/config/config.h"

#define PEER "peer-1"

enum {
    TIMEOUT_MS = 10000,
    FOUND_MS = SIO_PEERS_WATCH_MS + SIO_WATCH_QUIET_MS + SIO_WATCH_GRACE_MS + 20
};

typedef struct {
    sio_env     env;
    sio_cfg     cfg;
    sio_cluster cluster;
    stub_store  stub;
    uint64_t    now_ms;
} instance;

static unsigned n_away; /* times that the module was told to give up */
static bool     is_awaited;

static bool
awaits(const sio_peer *peer)
{
    (void)peer;
    return is_awaited;
}

static void
on_away(sio_peer *peer)
{
    CHECK(peer->away);
    n_away++;
}

static const sio_cluster_module module = {.awaits = awaits, .peer_away = on_away};

static sio_peer *
the_peer(const instance *i)
{
    sio_hash_node *node = sio_hash_find(&i->cluster.peers, SIO_VIEW(PEER));

    return node != NULL ? SIO_CONTAINER(node, sio_peer, node) : NULL;
}

/* The peer says it, or another one, of it. */
static void
say(instance *i, const char *from, uint8_t kind)
{
    const sio_cluster_message m = {.kind = kind,
                                   .from = sio_view_of(from),
                                   .origin = kind == SIO_CM_AWAY ? SIO_VIEW(PEER) : SIO_VIEW("")};
    sio_buf                   bytes;

    sio_buf_init(&bytes, SIZE_MAX);
    sio_cluster_message_encode(&m, &bytes);
    i->stub.ears.message(i->stub.ears.arg, false, sio_buf_view(&bytes));
    sio_buf_fini(&bytes);
}

static void
pass_time(instance *i, unsigned ms)
{
    for (unsigned n = 0; n < ms; n += 10) {
        i->now_ms += 10;
        sio_timer_wheel_advance(&i->env.timers, i->now_ms);
    }
}

/* The peer has been seen, and something is awaited of it. */
static instance *
instance_begin(void)
{
    static char url[] = "redis://stub", no_secret[] = "";
    instance   *i = calloc(1, sizeof *i);

    n_away = 0;
    is_awaited = true;
    i->env.cfg = &i->cfg;
    i->env.cluster = &i->cluster;
    i->env.store = &i->stub.store;
    stub_store_init(&i->stub);
    sio_env_init(&i->env);
    i->env.log.level = SIO_LOG_NONE;
    i->cfg.redis = url;
    i->cfg.cluster_secret = no_secret;
    i->cfg.instance_timeout_ms = TIMEOUT_MS;
    CHECK_INT(sio_cluster_init(&i->env), SIO_OK);
    sio_cluster_module_add(&i->env, &module);
    CHECK_INT(sio_cluster_join(&i->env), SIO_OK);
    i->stub.ears.up(i->stub.ears.arg);
    say(i, PEER, SIO_CM_BEAT);
    sio_peers_await(&i->env);
    CHECK(the_peer(i)->seen);
    return i;
}

static void
instance_end(instance *i)
{
    sio_cluster_quit(&i->env);
    sio_cluster_fini(&i->env);
    sio_env_fini(&i->env);
    free(i);
}

/* --- Tests. --- */

static void
test_one_that_redis_has_no_connection_of_is_away(void)
{
    instance *i = instance_begin();

    i->stub.presence = SIO_ERR_NOT_FOUND;
    pass_time(i, SIO_WATCH_GRACE_MS); /* not at once */
    CHECK(!the_peer(i)->away);
    pass_time(i, FOUND_MS - SIO_WATCH_GRACE_MS);
    CHECK(the_peer(i)->away);
    CHECK_INT(i->env.stats.away_instances, 1);
    CHECK_INT(i->env.stats.lost_instances, 0);
    CHECK_INT(n_away, 1);
    pass_time(i, 2 * SIO_PEERS_WATCH_MS); /* what has begun to wait in the meantime */
    CHECK_INT(n_away, 3);
    CHECK_INT(i->env.stats.away_instances, 1);
    instance_end(i);
}

static void
test_a_message_that_nobody_hears_is_the_first_sign(void)
{
    instance *i = instance_begin();

    i->stub.presence = SIO_ERR_NOT_FOUND;
    i->stub.ears.unheard(i->stub.ears.arg, SIO_VIEW(PEER));
    i->stub.ears.unheard(i->stub.ears.arg, SIO_VIEW("nobody"));
    pass_time(i, SIO_WATCH_GRACE_MS + SIO_WATCH_AGAIN_MS);
    CHECK(the_peer(i)->away);
    instance_end(i);
}

static void
test_whoever_is_not_awaited_is_not_looked_for(void)
{
    instance *i = instance_begin();

    is_awaited = false;
    i->stub.presence = SIO_ERR_NOT_FOUND;
    pass_time(i, TIMEOUT_MS / 2);
    CHECK_INT(the_peer(i)->n_missed, 0);
    CHECK(!sio_timer_armed(&i->cluster.watch_timer));
    instance_end(i);
}

static void
test_one_that_comes_back_in_time_was_never_away(void)
{
    instance *i = instance_begin();

    for (unsigned n = 0; n < 10; n++) {
        i->stub.presence = SIO_ERR_NOT_FOUND;
        pass_time(i, SIO_WATCH_GRACE_MS - 50);
        i->stub.presence = SIO_OK;
        pass_time(i, 200);
    }
    CHECK_INT(n_away, 0);
    instance_end(i);
}

static void
test_one_that_speaks_is_not_away(void)
{
    instance *i = instance_begin();

    i->stub.presence = SIO_ERR_NOT_FOUND;
    for (unsigned n = 0; n < 50; n++) {
        say(i, PEER, SIO_CM_CAST);
        pass_time(i, 100);
    }
    CHECK_INT(n_away, 0);
    pass_time(i, FOUND_MS);
    CHECK(the_peer(i)->away);
    say(i, PEER, SIO_CM_CAST);
    CHECK(!the_peer(i)->away);
    instance_end(i);
}

static void
test_what_can_not_be_told_is_no_sign(void)
{
    instance *i = instance_begin();

    i->stub.presence = SIO_ERR_UNAVAILABLE;
    pass_time(i, TIMEOUT_MS / 2);
    CHECK_INT(n_away, 0);
    instance_end(i);
}

/* Redis was restarted, or this instance has a new connection: the peer may be on its way. */
static void
test_one_that_was_not_seen_since_is_not_away(void)
{
    instance *i = instance_begin();

    i->stub.presence = SIO_ERR_NOT_FOUND;
    i->stub.ears.down(i->stub.ears.arg);
    pass_time(i, 1000);
    i->stub.ears.up(i->stub.ears.arg);
    pass_time(i, TIMEOUT_MS / 2);
    CHECK_INT(n_away, 0);
    i->stub.presence = SIO_OK;
    say(i, PEER, SIO_CM_BEAT);
    i->stub.presence = SIO_ERR_NOT_FOUND;
    pass_time(i, FOUND_MS);
    CHECK(the_peer(i)->away);
    instance_end(i);
}

static void
test_what_another_has_found_is_looked_at_once(void)
{
    instance *i = instance_begin();

    say(i, "peer-2", SIO_CM_AWAY); /* it is mistaken */
    CHECK(!the_peer(i)->away);
    i->stub.presence = SIO_ERR_NOT_FOUND;
    pass_time(i, SIO_WATCH_GRACE_MS);
    say(i, "peer-2", SIO_CM_AWAY);
    CHECK(the_peer(i)->away);
    instance_end(i);
}

static void
test_this_instance_does_not_judge_while_it_hears_nothing(void)
{
    instance *i = instance_begin();

    i->stub.ears.down(i->stub.ears.arg);
    i->stub.presence = SIO_ERR_NOT_FOUND;
    i->stub.ears.unheard(i->stub.ears.arg, SIO_VIEW(PEER));
    pass_time(i, TIMEOUT_MS / 2);
    CHECK_INT(the_peer(i)->n_missed, 0);
    instance_end(i);
}

int
main(void)
{
    RUN(test_one_that_redis_has_no_connection_of_is_away);
    RUN(test_a_message_that_nobody_hears_is_the_first_sign);
    RUN(test_whoever_is_not_awaited_is_not_looked_for);
    RUN(test_one_that_comes_back_in_time_was_never_away);
    RUN(test_one_that_speaks_is_not_away);
    RUN(test_what_can_not_be_told_is_no_sign);
    RUN(test_one_that_was_not_seen_since_is_not_away);
    RUN(test_what_another_has_found_is_looked_at_once);
    RUN(test_this_instance_does_not_judge_while_it_hears_nothing);
    return check_done();
}
