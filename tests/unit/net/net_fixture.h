/*
 * tests/unit/net/net_fixture.h - connections without a broker: a loop, the settings, and the other
 * ends of sockets. Time passes when the test says so. RUN_ON_EACH runs a test with each carrier.
 */
#ifndef SIO_TESTS_UNIT_NET_FIXTURE_H
#define SIO_TESTS_UNIT_NET_FIXTURE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/net/carrier.h"
#include "server/net/net.h"
#include "tests/unit/check.h"

static struct {
    sio_env env;
    sio_cfg cfg;
    sio_net net;
} world;

static const sio_carrier *const carriers[] = {&sio_carrier_tcp, &sio_carrier_lws};

static const sio_carrier *carrier = &sio_carrier_tcp; /* of the running test */

static inline void
run_on_each(const char *name, void (*test)(void))
{
    char text[200];

    for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++) {
        carrier = carriers[i];
        snprintf(text, sizeof text, "%s, %s", name, carrier->name);
        check_run(text, test);
    }
}

#define RUN_ON_EACH(test) run_on_each(#test, test)

/* False: there is no memory. */
static inline bool
world_begin(const sio_net_owner *owner)
{
    sio_env *env = &world.env;
    sio_buf  no_error;

    memset(&world, 0, sizeof world);
    env->base = event_base_new();
    env->cfg = &world.cfg;
    env->net = &world.net;
    sio_env_init(env);
    sio_net_init(env, owner);
    if (!CHECK(env->base != NULL && sio_cfg_init(&world.cfg) == SIO_OK &&
               sio_env_begin(env) == SIO_OK))
        return false;
    sio_buf_init(&no_error, SIZE_MAX);
    CHECK_INT(sio_cfg_set_text(&world.cfg, "carrier", carrier->name, &no_error), SIO_OK);
    sio_buf_fini(&no_error);
    env->log.level = SIO_LOG_NONE;
    sio_timer_wheel_fini(&env->timers);
    return CHECK_INT(sio_timer_wheel_init(&env->timers, NULL), SIO_OK) &&
           CHECK_INT(sio_net_open(env), SIO_OK);
}

static inline void
world_end(void)
{
    sio_net_close(&world.env);
    CHECK_INT(world.env.stats.connections, 0);
    CHECK_INT(world.env.holds.n_holds, 0);
    CHECK(sio_link_empty(&world.net.conns));
    sio_deferred_fini(&world.env.deferred);
    sio_env_fini(&world.env);
    sio_cfg_fini(&world.cfg);
    event_base_free(world.env.base);
}

/* Until nothing is left to do that needs no time. */
static inline void
turn(void)
{
    for (unsigned i = 0; i < 20; i++)
        event_base_loop(world.env.base, EVLOOP_NONBLOCK);
}

static inline void
pass_time(unsigned ms)
{
    sio_timer_wheel_advance(&world.env.timers, world.env.timers.clock_ms + ms);
    turn();
}

/* The carrier has told by then of an end, also where nothing is read: one looks each second. */
static inline void
let_notice(void)
{
    turn();
    pass_time(1000 + 20); /* timers may be a little late */
}

/* --- Peers. --- */

enum { PEER_TEXT_MAX = 1000 };

/* The two ends of a socket: the server's, and the peer's. False: there are none. */
static inline bool
open_pair(int *server, int *peer)
{
    int fds[2];

    if (!CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0))
        return false;
    *server = fds[0];
    *peer = fds[1];
    return true;
}

static inline void
peer_say(int peer, const char *text)
{
    CHECK_INT(send(peer, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* All that has arrived, NUL-terminated. Returns text. */
static inline const char *
peer_hear(int peer, char text[PEER_TEXT_MAX])
{
    const ssize_t n = recv(peer, text, PEER_TEXT_MAX - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* What the peer sees of the connection: 0: its end; else an errno, EAGAIN while it is there. */
static inline int
peer_sees(int peer)
{
    char byte;

    return recv(peer, &byte, 1, 0) < 0 ? errno : 0;
}

#endif
