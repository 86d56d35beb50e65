/* tests/unit/net/listener_test.c - how many connections a turn of the loop accepts. */
#include "server/net/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "protocol/result.h"
#include "tests/unit/net/net_fixture.h"

enum { SHARE = SIO_LISTENER_ACCEPTS_OF_A_TURN, N_CLIENTS = 2 * SHARE + 10 };

static const sio_listen_address any_port = {.host = SIO_VIEW_INIT("127.0.0.1")};

static sio_listener listener;
static unsigned     n_accepted;
static int          clients[N_CLIENTS];

static void
on_accepted(sio_listener *l, int fd, const sio_address *peer)
{
    CHECK(l == &listener);
    CHECK_INT(peer->family, AF_INET);
    n_accepted++;
    close(fd);
}

static bool
listener_begin(void)
{
    sio_buf error;
    int     rc;

    if (!world_begin(NULL))
        return false;
    n_accepted = 0;
    sio_buf_init(&error, SIZE_MAX);
    rc = sio_listener_open_at(&listener, &world.env, &any_port, on_accepted, &error);
    sio_buf_fini(&error);
    return CHECK_INT(rc, SIO_OK);
}

static void
listener_end(void)
{
    for (unsigned i = 0; i < N_CLIENTS; i++)
        close(clients[i]);
    sio_listener_close(&listener);
    world_end();
}

/* All are in the queue of the kernel when it returns. */
static void
connect_all(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)listener.port)};

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (unsigned i = 0; i < N_CLIENTS; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CHECK_INT(connect(clients[i], (const struct sockaddr *)(const void *)&sa, sizeof sa), 0);
    }
}

static void
one_turn(void)
{
    event_base_loop(world.env.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
test_a_turn_accepts_its_share(void)
{
    if (!listener_begin())
        return;
    connect_all();
    one_turn();
    CHECK_INT(n_accepted, SHARE);
    one_turn();
    CHECK_INT(n_accepted, 2 * SHARE);
    turn();
    CHECK_INT(n_accepted, N_CLIENTS);
    listener_end();
}

static void
test_a_pause_within_such_a_turn_holds(void)
{
    if (!listener_begin())
        return;
    connect_all();
    one_turn();
    sio_listener_pause(&listener, true);
    turn();
    CHECK_INT(n_accepted, SHARE);
    sio_listener_pause(&listener, false);
    turn();
    CHECK_INT(n_accepted, N_CLIENTS);
    listener_end();
}

int
main(void)
{
    RUN(test_a_turn_accepts_its_share);
    RUN(test_a_pause_within_such_a_turn_holds);
    return check_done();
}
