/*
 * What modules are told, and in which order: an instance with a store that only notes, a peer that
 * says what the test wants, and modules that note what they are told.
 */
#include "tests/unit/check.h"
#include "tests/unit/stub_store.h"

#include <stdlib.h>
#include <string.h>

#include "server/adapter/adapters.h"
#include "server/adapter/native.h"
#include "server/adapter/partition_rooms.h"
#include "server/adapter/remote_ack.h"
#include "server/adapter/respondent.h"
#include "server/adapter/survey.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/module.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/roaming/directory.h"
#include "server/roaming/owner_request.h"
#include "server/roaming/presence.h"
#include "server/roaming/proxy_request.h"
#include "server/roaming/proxy_session.h"
#include "server/roaming/recovery_transfer.h"
#include "server/roaming/stranded.h"
#include "server/roaming/roaming.h"

#define PEER  "peer-1"
#define OTHER "peer-2"

enum { TIMEOUT_MS = 1000 };

/* --- What was told: a word for each call, in turn. --- */

static char   told[256];
static size_t n_told;

static void
note(const char *word)
{
    n_told +=
        (size_t)snprintf(told + n_told, sizeof told - n_told, "%s%s", n_told > 0 ? " " : "", word);
}

static sio_view
told_so_far(void)
{
    const size_t n = n_told;

    n_told = 0;
    return (sio_view){told, n};
}

static void
note_listen(void)
{
    note("listen");
}

/* --- Three modules. --- */

#define MODULE(name, ...)                                                            \
    static void name##_hear(sio_peer *peer, const sio_cluster_message *m)            \
    {                                                                                \
        CHECK_VIEW(sio_view_of(peer->tag), PEER);                                    \
        note((const char[]){#name[0], ':', (char)m->kind, '\0'});                    \
    }                                                                                \
    static void name##_hear_cast(sio_peer *peer, const sio_cluster_message *m)       \
    {                                                                                \
        (void)peer;                                                                  \
        note((const char[]){#name[0], '*', (char)m->kind, '\0'});                    \
    }                                                                                \
    static void name##_peer_gone(sio_peer *peer)                                     \
    {                                                                                \
        CHECK(sio_peer_find(peer->env, sio_view_of(peer->tag)) == peer); /* still */ \
        note(#name "-gone");                                                         \
    }                                                                                \
    static const char               name##_kinds[] = {__VA_ARGS__, 0};               \
    static const sio_cluster_module name = {.kinds = name##_kinds,                   \
                                            .hear = name##_hear,                     \
                                            .hear_cast = name##_hear_cast,           \
                                            .peer_gone = name##_peer_gone}

MODULE(a, SIO_CM_OWNS, SIO_CM_UNKNOWN);
MODULE(b, SIO_CM_POST);
MODULE(c, SIO_CM_UNKNOWN, SIO_CM_CAST);

static void
on_up(sio_env *env)
{
    CHECK(env->cluster->up);
    note("up");
}

static void
on_down(sio_env *env)
{
    CHECK(!env->cluster->up);
    note("down");
}

static void
on_confirmed(sio_env *env)
{
    (void)env;
    note("confirmed");
}

static void
on_reborn(sio_env *env)
{
    CHECK(sio_link_empty(&env->cluster->peer_list));
    note("reborn");
}

static void
on_leaving(sio_env *env)
{
    (void)env;
    note("leaving");
}

static void
on_left(sio_env *env)
{
    (void)env;
    note("left");
}

static void
on_quit(sio_env *env)
{
    CHECK(sio_link_empty(&env->cluster->peer_list));
    note("quit");
}

static void
on_session_lost(sio_env *env, sio_view id)
{
    (void)env;
    CHECK_VIEW(id, "peer-1-its-session");
    note("session-lost");
}

static void
on_end_sessions(sio_env *env, const char *reason)
{
    CHECK(!sio_link_empty(&env->cluster->peer_list)); /* peers can be told */
    note(reason);
}

static const sio_cluster_module events = {
    .session_lost = on_session_lost,
    .end_sessions = on_end_sessions,
    .on = {[SIO_CLUSTER_UP] = on_up,
           [SIO_CLUSTER_DOWN] = on_down,
           [SIO_CLUSTER_CONFIRMED] = on_confirmed,
           [SIO_CLUSTER_REBORN] = on_reborn,
           [SIO_CLUSTER_LEAVING] = on_leaving,
           [SIO_CLUSTER_LEFT] = on_left,
           [SIO_CLUSTER_QUIT] = on_quit},
};

/* --- The instance. --- */

typedef struct {
    sio_env     env;
    sio_cfg     cfg;
    sio_cluster cluster;
    stub_store  stub;
    uint64_t    n_said; /* by the peer, to this instance alone */
    uint64_t    now_ms;
} instance;

static instance *
instance_new(void)
{
    static char url[] = "redis://stub", no_secret[] = "";
    instance   *i = calloc(1, sizeof *i);

    i->env.cfg = &i->cfg;
    i->env.cluster = &i->cluster;
    i->env.store = &i->stub.store;
    stub_store_init(&i->stub);
    i->stub.listened = note_listen;
    sio_env_init(&i->env);
    i->env.log.level = SIO_LOG_NONE;
    i->cfg.redis = url;
    i->cfg.cluster_secret = no_secret;
    i->cfg.instance_timeout_ms = TIMEOUT_MS;
    CHECK_INT(sio_cluster_init(&i->env), SIO_OK);
    return i;
}

/* It is up, and was told so. */
static instance *
instance_begin(void)
{
    instance *i = instance_new();

    sio_cluster_module_add(&i->env, &a);
    sio_cluster_module_add(&i->env, &b);
    sio_cluster_module_add(&i->env, &c);
    sio_cluster_module_add(&i->env, &events);
    CHECK_INT(sio_cluster_join(&i->env), SIO_OK);
    i->stub.ears.up(i->stub.ears.arg);
    stub_answer_check(&i->stub, SIO_ERR_NOT_FOUND);
    CHECK_VIEW(told_so_far(), "listen up confirmed");
    return i;
}

static void
instance_free(instance *i)
{
    sio_cluster_fini(&i->env);
    sio_env_fini(&i->env);
    free(i);
}

static void
instance_end(instance *i)
{
    sio_cluster_quit(&i->env);
    n_told = 0;
    instance_free(i);
}

static void
say(instance *i, bool direct, uint8_t kind, uint64_t seq)
{
    const sio_cluster_message m = {.kind = kind, .from = SIO_VIEW(PEER), .seq = seq};
    sio_buf                   bytes;

    sio_buf_init(&bytes, SIZE_MAX);
    sio_cluster_message_encode(&m, &bytes);
    i->stub.ears.message(i->stub.ears.arg, direct, sio_buf_view(&bytes));
    sio_buf_fini(&bytes);
}

static void
say_here(instance *i, uint8_t kind)
{
    say(i, true, kind, ++i->n_said);
}

static void
say_to_all(instance *i, uint8_t kind)
{
    say(i, false, kind, 0);
}

static void
pass_time(instance *i, unsigned ms)
{
    for (unsigned n = 0; n < ms; n += 10) {
        sio_cluster_message beat = {.kind = SIO_CM_BEAT, .from = sio_view_of(i->env.tag)};
        sio_buf             bytes;

        i->now_ms += 10;
        sio_timer_wheel_advance(&i->env.timers, i->now_ms);
        beat.count = i->now_ms;
        sio_buf_init(&bytes, SIZE_MAX);
        sio_cluster_message_encode(&beat, &bytes); /* it hears itself */
        i->stub.ears.message(i->stub.ears.arg, false, sio_buf_view(&bytes));
        sio_buf_fini(&bytes);
    }
}

/* --- Messages. --- */

static void
test_each_module_hears_its_kinds(void)
{
    instance *i = instance_begin();

    say_here(i, SIO_CM_OWNS);
    say_here(i, SIO_CM_POST);
    say_here(i, SIO_CM_FINISH); /* nobody's */
    CHECK_VIEW(told_so_far(), "a:o b:p");
    say_here(i, SIO_CM_UNKNOWN); /* of two; each in its turn */
    CHECK_VIEW(told_so_far(), "a:u c:u");
    instance_end(i);
}

static void
test_what_is_said_to_all_is_not_what_is_said_to_one(void)
{
    instance *i = instance_begin();

    say_to_all(i, SIO_CM_CAST);
    CHECK_VIEW(told_so_far(), "c*c");
    say_here(i, SIO_CM_CAST);
    CHECK_VIEW(told_so_far(), "c:c");
    say_to_all(i, SIO_CM_BEAT);
    CHECK_VIEW(told_so_far(), "");
    instance_end(i);
}

static void
test_messages_to_one_are_heard_once_and_in_order(void)
{
    instance *i = instance_begin();

    say(i, true, SIO_CM_OWNS, 2); /* the first is still missing */
    say(i, true, SIO_CM_POST, 1);
    say(i, true, SIO_CM_POST, 1);
    say(i, true, SIO_CM_OWNS, 2);
    CHECK_VIEW(told_so_far(), "b:p a:o");
    instance_end(i);
}

/* --- Ends. --- */

static void
test_a_peer_is_buried_in_the_order_of_registration(void)
{
    instance *i = instance_begin();

    say_to_all(i, SIO_CM_BEAT);
    CHECK(sio_peer_find(&i->env, SIO_VIEW(PEER)) != NULL);
    say_to_all(i, SIO_CM_BYE);
    CHECK_VIEW(told_so_far(), "a-gone b-gone c-gone");
    CHECK(sio_peer_find(&i->env, SIO_VIEW(PEER)) == NULL);
    CHECK(sio_peers_is_lost(&i->env, SIO_VIEW(PEER)));
    say_to_all(i, SIO_CM_CAST); /* the dead do not speak */
    CHECK_VIEW(told_so_far(), "");
    instance_end(i);
}

static void
test_sessions_of_a_silent_peer_are_announced_when_it_is_buried(void)
{
    instance *i = instance_begin();

    say_to_all(i, SIO_CM_BEAT);
    i->stub.lost_session = "peer-1-its-session";
    pass_time(i, TIMEOUT_MS);
    CHECK_VIEW(told_so_far(), "");
    pass_time(i, TIMEOUT_MS / 2);
    CHECK_VIEW(told_so_far(), "a-gone b-gone c-gone session-lost");
    instance_end(i);
}

static void
test_one_that_is_declared_lost_goes_on_as_another(void)
{
    instance *i = instance_begin();
    char      tag[SIO_STORE_TAG_LEN + 1];

    say_to_all(i, SIO_CM_BEAT);
    memcpy(tag, i->stub.tag, sizeof tag);
    say_to_all(i, SIO_CM_LOST); /* that is no news for all */
    CHECK_VIEW(told_so_far(), "");
    say(i, true, SIO_CM_LOST, 0);
    CHECK_VIEW(told_so_far(), "instance lost a-gone b-gone c-gone reborn listen");
    CHECK(strcmp(tag, i->stub.tag) != 0);
    CHECK(!sio_peers_is_lost(&i->env, SIO_VIEW(PEER))); /* it will be met again */
    instance_end(i);
}

static void
test_up_and_down(void)
{
    instance *i = instance_begin();

    say_to_all(i, SIO_CM_BEAT);
    i->stub.ears.down(i->stub.ears.arg);
    CHECK_VIEW(told_so_far(), "down");
    i->stub.ears.up(i->stub.ears.arg);
    CHECK_VIEW(told_so_far(), "up");
    stub_answer_check(&i->stub, SIO_OK); /* it has been declared lost meanwhile */
    CHECK_VIEW(told_so_far(), "instance lost a-gone b-gone c-gone reborn listen");
    instance_end(i);
}

static void
test_stopping_has_three_steps(void)
{
    instance *i = instance_begin();

    say_to_all(i, SIO_CM_BEAT);
    sio_cluster_leave(&i->env);
    CHECK_VIEW(told_so_far(), "leaving");
    stub_answer_check(&i->stub, SIO_ERR_NOT_FOUND);
    CHECK_VIEW(told_so_far(), "left");
    sio_cluster_quit(&i->env);
    CHECK_VIEW(told_so_far(), "a-gone b-gone c-gone quit");
    sio_cluster_quit(&i->env); /* nobody is there to be told again */
    CHECK_VIEW(told_so_far(), "");
    instance_free(i);
}

/* --- The modules of a server. --- */

/*
 * Channels first, for sessions of this instance may end with them. The forwards go after all that
 * looks for a session there; the state of a client that comes back, and answers, at the end.
 */
static void
test_order_in_a_server(void)
{
    static const sio_cluster_module *const order[] = {
        &sio_presence_module,        &sio_owner_request_module, &sio_proxy_request_module,
        &sio_proxy_session_module,   &sio_directory_module,     &sio_recovery_transfer_module,
        &sio_stranded_module,        &sio_native_module,        &sio_respondent_module,
        &sio_survey_module,          &sio_remote_ack_module,    &sio_wills_module,
        &sio_partition_rooms_module,
    };
    static char  dialect[] = "siobroker";
    instance    *i = instance_new();
    sio_engine   engine = {.n_fresh = 0};
    sio_adapters adapters = {.env = &i->env};
    sio_io       io = {.env = &i->env};
    size_t       n = 0;

    i->env.engine = &engine;
    i->env.adapters = &adapters;
    i->env.io = &io;
    i->cfg.dialect = dialect;
    sio_roaming_join(&i->env);
    CHECK_INT(sio_adapters_join(&i->env), SIO_OK);
    for (; i->cluster.modules[n] != NULL; n++)
        CHECK(n < sizeof order / sizeof order[0] && i->cluster.modules[n] == order[n]);
    CHECK_INT(n, sizeof order / sizeof order[0]);
    instance_free(i);
}

int
main(void)
{
    RUN(test_each_module_hears_its_kinds);
    RUN(test_what_is_said_to_all_is_not_what_is_said_to_one);
    RUN(test_messages_to_one_are_heard_once_and_in_order);
    RUN(test_a_peer_is_buried_in_the_order_of_registration);
    RUN(test_sessions_of_a_silent_peer_are_announced_when_it_is_buried);
    RUN(test_one_that_is_declared_lost_goes_on_as_another);
    RUN(test_up_and_down);
    RUN(test_stopping_has_three_steps);
    RUN(test_order_in_a_server);
    return check_done();
}
