/* tests/unit/net/proxied_test.c - connections that begin with a PROXY header, with each carrier. */
#include "server/net/proxied.h"

#include "tests/unit/net/net_fixture.h"

#define LINE "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n"

static const sio_address proxy = {.family = AF_INET, .bytes = {127, 0, 0, 1}};
static const sio_address stranger = {.family = AF_INET, .bytes = {192, 0, 2, 1}};

static sio_conn *accepted; /* the last one; NULL: it is gone */
static unsigned  n_accepted;

static void
on_readable(sio_conn *c, char *bytes, size_t n)
{
    sio_conn_write(c, (sio_view){bytes, n});
}

static void
on_closed(sio_conn *c, const char *reason)
{
    (void)reason;
    if (c == accepted)
        accepted = NULL;
}

static void
on_accepted(sio_conn *c)
{
    static const sio_conn_handler echo = {.readable = on_readable, .closed = on_closed};

    c->handler = &echo;
    accepted = c;
    n_accepted++;
}

static const sio_net_owner owner = {.accepted = on_accepted, .refusal = {"go away", 7}};

/* The other end of one that came from there; -1: there is none. */
static int
come(const sio_address *from)
{
    int fd, peer;

    if (!open_pair(&fd, &peer))
        return -1;
    sio_proxied_accept(&world.env, NULL, fd, from);
    return peer;
}

static void
leave(int peer)
{
    close(peer);
    turn();
}

static void
check_peer(const char *want)
{
    char text[SIO_ADDRESS_TEXT_MAX];

    if (CHECK(accepted != NULL))
        CHECK_VIEW(sio_view_of(sio_address_text(&accepted->peer, text)), want);
}

static void
test_it_is_whose_the_header_says(void)
{
    static const struct {
        const char *header, *address;
    } rows[] = {
        {LINE, "203.0.113.9"},
        {"PROXY TCP6 2001:db8::17 ::1 4711 443\r\n", "2001:db8::17"},
        {"PROXY TCP6 ::ffff:203.0.113.9 ::1 4711 443\r\n", "203.0.113.9"},
        {"PROXY UNKNOWN\r\n", "127.0.0.1"},
    };
    char text[PEER_TEXT_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].header;
        if (!world_begin(&owner))
            return;
        const int peer = come(&proxy);

        CHECK_INT(world.env.holds.n_holds, 0); /* a server that stops does not wait for it */
        CHECK_INT(world.env.stats.connections, 1);
        peer_say(peer, rows[i].header);
        peer_say(peer, "hello");
        turn();
        check_peer(rows[i].address);
        CHECK_VIEW(sio_view_of(peer_hear(peer, text)), "hello");
        CHECK_INT(world.env.holds.n_holds, 1);
        leave(peer);
        CHECK_INT(world.env.stats.bad_proxy_headers, 0);
        world_end();
    }
    check_row = NULL;
}

static void
test_pieces_of_a_byte(void)
{
    static const char words[] = LINE "hello";
    char              text[PEER_TEXT_MAX];

    if (!world_begin(&owner))
        return;
    const int peer = come(&proxy);

    for (size_t i = 0; i < sizeof words - 1; i++) {
        CHECK_INT(send(peer, words + i, 1, MSG_NOSIGNAL), 1);
        turn();
        CHECK((accepted != NULL) == (i >= sizeof LINE - 2));
    }
    check_peer("203.0.113.9");
    CHECK_VIEW(sio_view_of(peer_hear(peer, text)), "hello");
    leave(peer);
    world_end();
}

static void
test_what_is_no_header_is_closed_without_a_byte(void)
{
    static const char *const rows[] = {"GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 1 2 3 4\r\n",
                                       "\r\n\r\nX", "x"};
    char                     text[PEER_TEXT_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i];
        if (!world_begin(&owner))
            return;
        const int peer = come(&proxy);

        n_accepted = 0;
        peer_say(peer, rows[i]);
        turn();
        CHECK_VIEW(sio_view_of(peer_hear(peer, text)), "");
        CHECK(peer_sees(peer) != EAGAIN);
        CHECK_INT(world.env.stats.bad_proxy_headers, 1);
        CHECK_INT(world.env.stats.connections, 0);
        CHECK_INT(n_accepted, 0);
        leave(peer);
        world_end();
    }
    check_row = NULL;
}

static void
test_it_has_three_seconds(void)
{
    if (!world_begin(&owner))
        return;
    const int silent = come(&proxy), begun = come(&proxy);

    peer_say(begun, "PROXY ");
    turn();
    pass_time(2900);
    CHECK_INT(world.env.stats.connections, 2);
    peer_say(begun, "TCP4");
    turn();
    pass_time(200);
    CHECK_INT(world.env.stats.connections, 0);
    CHECK_INT(world.env.stats.bad_proxy_headers, 2);
    CHECK_INT(peer_sees(silent), 0);
    leave(silent);
    leave(begun);
    world_end();
}

/* After the header another time limit holds: that of its owner. */
static void
test_the_time_ends_with_the_header(void)
{
    if (!world_begin(&owner))
        return;
    const int peer = come(&proxy);

    peer_say(peer, LINE);
    turn();
    pass_time(60000);
    check_peer("203.0.113.9");
    leave(peer);
    world_end();
}

static void
test_one_that_goes_within_its_header_is_counted(void)
{
    if (!world_begin(&owner))
        return;
    const int silent = come(&proxy), begun = come(&proxy);

    peer_say(begun, "PROXY TCP4");
    turn();
    leave(silent); /* a check whether anybody listens */
    CHECK_INT(world.env.stats.bad_proxy_headers, 0);
    leave(begun);
    CHECK_INT(world.env.stats.bad_proxy_headers, 1);
    CHECK_INT(world.env.stats.connections, 0);
    world_end();
}

static void
test_others_are_not_heard(void)
{
    sio_buf no_error;

    if (!world_begin(&owner))
        return;
    int peer = come(&stranger);

    CHECK_INT(peer_sees(peer), 0);
    CHECK_INT(world.env.stats.bad_proxy_headers, 1);
    leave(peer);
    sio_buf_init(&no_error, SIZE_MAX);
    CHECK_INT(sio_cfg_set_text(&world.cfg, "proxy from", "192.0.2.0/24", &no_error), SIO_OK);
    peer = come(&stranger);
    peer_say(peer, LINE);
    turn();
    check_peer("203.0.113.9");
    leave(peer);
    peer = come(&proxy);
    CHECK_INT(peer_sees(peer), 0);
    leave(peer);
    sio_buf_fini(&no_error);
    world_end();
}

static void
test_limits_count_the_address_in_the_header(void)
{
    char text[PEER_TEXT_MAX];

    if (!world_begin(&owner))
        return;
    world.cfg.max_connections_per_address = 1;
    const int first = come(&proxy), second = come(&proxy), other = come(&proxy);

    peer_say(first, LINE);
    peer_say(second, LINE "first words");
    peer_say(other, "PROXY TCP4 203.0.113.8 192.0.2.1 4711 443\r\n");
    n_accepted = 0;
    turn();
    CHECK_INT(n_accepted, 2);
    CHECK_VIEW(sio_view_of(peer_hear(second, text)), "go away");
    CHECK_INT(peer_sees(second), 0);
    CHECK_INT(world.env.stats.refused_connections, 1);
    CHECK_INT(world.env.stats.connections, 2);
    CHECK_INT(world.net.n_dismissed, 1);
    leave(second);
    CHECK_INT(world.net.n_dismissed, 0);
    CHECK_INT(world.net.admission.addresses.n_items, 2);
    world_end();
    CHECK_INT(world.net.admission.addresses.n_items, 0);
    close(first);
    close(other);
}

static void
test_not_many_are_dismissed_at_a_time(void)
{
    enum { N_PEERS = SIO_NET_MAX_DISMISSED + 2 };
    char text[PEER_TEXT_MAX];
    int  peers[N_PEERS];

    if (!world_begin(&owner))
        return;
    world.cfg.max_connections_per_address = 1;
    for (unsigned i = 0; i < N_PEERS; i++) {
        peers[i] = come(&proxy);
        peer_say(peers[i], LINE);
        turn();
    }
    CHECK_INT(world.net.n_dismissed, SIO_NET_MAX_DISMISSED);
    CHECK_INT(world.env.stats.connections, 1);
    CHECK_VIEW(sio_view_of(peer_hear(peers[N_PEERS - 1], text)), "go away");
    CHECK_INT(peer_sees(peers[N_PEERS - 1]), 0);
    for (unsigned i = 0; i < N_PEERS; i++)
        leave(peers[i]);
    CHECK_INT(world.net.n_dismissed, 0);
    world_end();
}

static void
test_those_without_a_header_count_as_well(void)
{
    char text[PEER_TEXT_MAX];

    if (!world_begin(&owner))
        return;
    world.net.admission.max_connections = 1;
    const int first = come(&proxy), second = come(&proxy);

    turn();
    CHECK_VIEW(sio_view_of(peer_hear(second, text)), "go away");
    CHECK_INT(world.env.stats.connections, 1);
    leave(first);
    leave(second);
    CHECK_INT(world.env.stats.connections, 0);
    world_end();
}

static void
test_the_end_of_the_server_is_none_of_their_faults(void)
{
    if (!world_begin(&owner))
        return;
    const int peer = come(&proxy);

    peer_say(peer, "PROXY");
    turn();
    CHECK_INT(world.env.budget.accounts.by_key.n_items, 1); /* what has come is counted */
    sio_net_close(&world.env);
    CHECK_INT(world.env.stats.bad_proxy_headers, 0);
    CHECK_INT(world.env.budget.accounts.by_key.n_items, 0);
    close(peer);
    CHECK_INT(sio_net_open(&world.env), SIO_OK);
    world_end();
}

int
main(void)
{
    RUN_ON_EACH(test_it_is_whose_the_header_says);
    RUN_ON_EACH(test_pieces_of_a_byte);
    RUN_ON_EACH(test_what_is_no_header_is_closed_without_a_byte);
    RUN_ON_EACH(test_it_has_three_seconds);
    RUN_ON_EACH(test_the_time_ends_with_the_header);
    RUN_ON_EACH(test_one_that_goes_within_its_header_is_counted);
    RUN_ON_EACH(test_others_are_not_heard);
    RUN_ON_EACH(test_limits_count_the_address_in_the_header);
    RUN_ON_EACH(test_not_many_are_dismissed_at_a_time);
    RUN_ON_EACH(test_those_without_a_header_count_as_well);
    RUN_ON_EACH(test_the_end_of_the_server_is_none_of_their_faults);
    return check_done();
}
