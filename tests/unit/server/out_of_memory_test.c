/*
 * The n-th allocation fails, for every n: from a handshake to the end of an instance. The process
 * lives, clients get an answer or an end, nothing leaks, and afterwards all is as before.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/server.h"
#include "server/startup.h"
#include "tests/fuzz/fake_random.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/cluster_store.h"
#include "tests/fuzz/world/session_server.h"
#include "tests/unit/check.h"
#include "tests/unit/server/failing_memory.h"
#include "tests/unit/server/memory_app.h"
#include "tests/unit/server/memory_play.h"
#include "tests/unit/server/memory_world.h"

/* --- Instances. --- */

static bool
configure(sio_server *s)
{
    static const struct {
        const char *key, *value;
    } settings[] = {
        {"redis", "\"redis://fake\""},
        {"log", "false"},
        {"origins", "[\"*:*\"]"},
        {"perMessageDeflate", "true"},
        {"perMessageDeflate threshold", "200"},
        {"maxDisconnectionDuration", "30"},
    };

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (sio_set(s, settings[i].key, settings[i].value) != 0) {
            CHECK(sio_error(s)[0] != '\0');
            return false;
        }
    s->env.log.level = SIO_LOG_NONE;
    s->io.last_ack_id = 0;
    s->engine.queue_limits =
        (sio_send_queue_limits){.max_frames = MAX_PACKETS, .max_bytes = MAX_BYTES};
    sio_timer_wheel_fini(&s->env.timers);
    return sio_timer_wheel_init(&s->env.timers, NULL) == SIO_OK &&
           sio_admission_init(&s->net.admission, &s->env) == SIO_OK;
}

/* What sio_listen() does, but for sockets and Redis. NULL: no memory. */
static sio_server *
server_start(void)
{
    sio_server *s = sio_server_new(NULL);

    if (s != NULL && configure(s) && memory_app_serve(s))
        return s;
    sio_server_free(s);
    return NULL;
}

static void
node_start(node *n)
{
    n->server = server_start();
    must(n->server != NULL);
    n->redis = redis_link_new(&world.redis);
    n->server->env.store = &n->redis->store;
    sio_timer_wheel_advance(&n->server->env.timers, world.now_ms);
    must(sio_startup_join(n->server) == SIO_OK);
}

enum { STOP_MS = 3000 };

static void
world_begin(bool may_fail)
{
    memory.is_armed = false;
    fake_random_seed(1);
    world.users_wait = true;
    world.now_ms = 0;
    world.n_told = world.n_wrong = 0;
    world.may_fail = may_fail;
    memset(world.users, 0, sizeof world.users);
    redis_init(&world.redis);
    for (unsigned i = 0; i < N_NODES; i++)
        node_start(&world.nodes[i]);
    world_turn();
}

/* Its users hear of it, and their connections end. */
static void
node_stop(node *n)
{
    memory_arm(true);
    sio_stop(n->server);
    memory_arm(false);
    world_turn();
    world_pass_time(STOP_MS);
    for (unsigned i = 0; i < N_USERS; i++)
        if (world.users[i].client != NULL && world.users[i].client->conn.env == &n->server->env) {
            CHECK(user_has_ended(&world.users[i]));
            user_leave(&world.users[i]);
        }
    memory_arm(true);
    sio_server_free(n->server);
    memory_arm(false);
    n->server = NULL;
}

static void
everybody_leaves(void)
{
    for (unsigned i = 0; i < N_USERS; i++)
        user_leave(&world.users[i]);
}

static void
world_end(void)
{
    for (unsigned i = 0; i < N_NODES; i++)
        node_stop(&world.nodes[i]);
    redis_fini(&world.redis);
}

enum {
    RECOVERY_MS = 60000 /* until instances that have lost a message to each other agree again */
};

/* The same with memory, a while later: nothing is amiss any more. */
static void
play_again(void)
{
    const unsigned n_asked = memory.n_asked, fail_at = memory.fail_at;
    const bool     may_fail = world.may_fail;

    memory_plan(0, memory.n_fail);
    world_pass_time(RECOVERY_MS);
    world.may_fail = false;
    memory_play();
    for (unsigned i = 0; i < N_USERS; i++)
        if (world.users[i].client != NULL)
            world.users[i].client->transcript.may_be_cut = may_fail;
    world.may_fail = may_fail;
    memory.n_asked = n_asked;
    memory.fail_at = fail_at;
}

/* --- The runs. --- */

static char run_name[40]; /* which allocations fail */

static void
begin_run(unsigned n, unsigned n_fail)
{
    snprintf(run_name, sizeof run_name, "allocation %u, %u fail", n, n_fail);
    check_row = run_name;
}

/* Whoever looks why the process died learns in which run. */
static void
on_abort(int number)
{
    (void)number;
    (void)!write(STDERR_FILENO, run_name, strlen(run_name));
    (void)!write(STDERR_FILENO, "\n", 1);
}

/* One run. True: all was over before that allocation; 0: none fails. */
static bool
run(unsigned n, unsigned n_fail)
{
    const long n_live = memory.n_live;

    begin_run(n, n_fail);
    memory_plan(0, 0);
    world_begin(n > 0);
    memory_plan(n, n_fail);
    memory_play();
    everybody_leaves();
    play_again();
    world_end();
    CHECK_INT(world.n_wrong, 0);
    CHECK_INT(memory.n_live, n_live);
    return memory.n_asked < n;
}

/* The same for the start of an instance. */
static bool
start(unsigned n)
{
    const long  n_live = memory.n_live;
    sio_server *s;

    begin_run(n, 1);
    memory_plan(n, 1);
    memory_arm(true);
    s = server_start();
    CHECK(s == NULL || memory.n_failed == 0);
    sio_server_free(s);
    memory_arm(false);
    CHECK_INT(memory.n_live, n_live);
    return memory.n_failed == 0;
}

static void
test_start(void)
{
    unsigned n = 1;

    while (!start(n))
        n++;
    CHECK(n > 100); /* the settings alone are that many */
}

/* All runs, or the one that the environment names. */
static void
run_all(unsigned n_fail)
{
    const char *only = getenv("ALLOCATION");
    unsigned    n = 1;

    (void)run(0, 0); /* to know what is heard */
    if (only != NULL)
        (void)run((unsigned)atoi(only), n_fail);
    while (only == NULL && !run(n, n_fail))
        n++;
    CHECK(only != NULL || n > 300); /* it has not ended early */
}

static void
test_one_allocation_fails(void)
{
    run_all(1);
}

/* As when what is tried in its place finds no memory either. */
static void
test_ten_in_a_row_fail(void)
{
    run_all(10);
}

int
main(void)
{
    (void)signal(SIGABRT, on_abort);
    memory_init();
    RUN(test_start);
    RUN(test_one_allocation_fails);
    RUN(test_ten_in_a_row_fail);
    return check_done();
}
