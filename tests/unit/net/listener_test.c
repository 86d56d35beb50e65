/*
 * tests/unit/net/listener_test.c - how many connections a turn of the loop accepts; a name with
 * several addresses.
 */
#include "server/net/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include "protocol/result.h"
#include "tests/unit/net/net_fixture.h"

enum { SHARE = SIO_LISTENER_ACCEPTS_OF_A_TURN, N_CLIENTS = 2 * SHARE + 10 };

static const sio_listen_address any_port = {.host = SIO_VIEW_INIT("127.0.0.1")};

/* What the resolver below knows: as a host without /etc/hosts may see "localhost". */
static const sio_listen_address two_addresses = {.host = SIO_VIEW_INIT("two.example")};
static struct sockaddr_in6      address6;
static struct sockaddr_in       address4;
static struct addrinfo          second = {.ai_family = AF_INET,
                                          .ai_socktype = SOCK_STREAM,
                                          .ai_addrlen = sizeof address4,
                                          .ai_addr = (struct sockaddr *)(void *)&address4};
static struct addrinfo          first = {.ai_family = AF_INET6,
                                         .ai_socktype = SOCK_STREAM,
                                         .ai_addrlen = sizeof address6,
                                         .ai_addr = (struct sockaddr *)(void *)&address6,
                                         .ai_next = &second};
static struct addrinfo          only = {.ai_family = AF_INET,
                                        .ai_socktype = SOCK_STREAM,
                                        .ai_addrlen = sizeof address4,
                                        .ai_addr = (struct sockaddr *)(void *)&address4};

static sio_listener listener;
static unsigned     n_accepted;
static int          clients[N_CLIENTS];

/* In place of the C library's. */
int
getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
            struct addrinfo **list)
{
    CHECK(service == NULL);
    CHECK_INT(hints->ai_socktype, SOCK_STREAM);
    address6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    address4 = (struct sockaddr_in){.sin_family = AF_INET};
    address4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *list = strcmp(host, "two.example") == 0 ? &first : &only;
    return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
    CHECK(list == &first || list == &only);
}

static void
on_accepted(sio_listener *l, int fd, const sio_address *peer)
{
    CHECK(l == &listener);
    CHECK_INT(peer->family, AF_INET);
    n_accepted++;
    close(fd);
}

static bool
listener_begin(const sio_listen_address *at)
{
    sio_buf error;
    int     rc;

    if (!world_begin(NULL))
        return false;
    n_accepted = 0;
    sio_buf_init(&error, SIZE_MAX);
    rc = sio_listener_open_at(&listener, &world.env, at, on_accepted, &error);
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
    if (!listener_begin(&any_port))
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
    if (!listener_begin(&any_port))
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

/* The kernel would choose a port for each, and clients are told of one. */
static void
test_all_addresses_of_a_name_have_one_port(void)
{
    struct sockaddr_storage ss;
    socklen_t               len;

    if (!listener_begin(&two_addresses))
        return;
    CHECK(listener.n_sockets >= 1);
    CHECK(listener.port != 0);
    for (unsigned i = 0; i < listener.n_sockets; i++) {
        len = sizeof ss;
        getsockname(evconnlistener_get_fd(listener.sockets[i]), (struct sockaddr *)&ss, &len);
        CHECK_INT(sio_address_of((const struct sockaddr *)&ss).port, listener.port);
    }
    connect_all();
    turn();
    CHECK_INT(n_accepted, N_CLIENTS);
    listener_end();
}

int
main(void)
{
    RUN(test_a_turn_accepts_its_share);
    RUN(test_a_pause_within_such_a_turn_holds);
    RUN(test_all_addresses_of_a_name_have_one_port);
    return check_done();
}
