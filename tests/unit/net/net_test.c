#include "server/net/net.h"

#include "tests/unit/net/net_fixture.h"

static const sio_address nobody = {.family = 0};

static sio_conn *accepted; /* the last one; NULL: it is gone */

static void
on_readable(sio_conn *c, char *bytes, size_t n)
{
    sio_conn_write(c, (sio_view){bytes, n});
}

static void
on_closed(sio_conn *c, const char *reason)
{
    (void)reason;
    CHECK(c == accepted);
    accepted = NULL;
}

static void
on_accepted(sio_conn *c)
{
    static const sio_conn_handler echo = {.readable = on_readable, .closed = on_closed};

    c->handler = &echo;
    accepted = c;
}

static const sio_net_owner owner = {.accepted = on_accepted, .refusal = {"go away", 7}};

static void
test_a_connection_is_its_owners(void)
{
    char text[PEER_TEXT_MAX];
    int  fd, peer;

    if (!world_begin(&owner) || !open_pair(&fd, &peer))
        return;
    sio_net_accept(&world.env, NULL, fd, &nobody);
    CHECK_INT(world.env.stats.connections, 1);
    CHECK(accepted != NULL);
    peer_say(peer, "hello");
    turn();
    CHECK_VIEW(sio_view_of(peer_hear(peer, text)), "hello");
    close(peer);
    turn();
    CHECK(accepted == NULL);
    CHECK_INT(world.env.stats.connections, 0);
    world_end();
}

/* What it had said before is no reason for a reset, in which the answer would be lost. */
static void
test_one_too_many_gets_a_whole_answer(void)
{
    char text[PEER_TEXT_MAX];
    int  fd, peer;

    if (!world_begin(&owner) || !open_pair(&fd, &peer))
        return;
    world.net.admission.max_connections = 0;
    peer_say(peer, "first words");
    sio_net_accept(&world.env, NULL, fd, &nobody);
    CHECK_INT(world.env.stats.connections, 0);
    CHECK_INT(world.env.stats.refused_connections, 1);
    turn();
    peer_say(peer, "last words");
    turn();
    CHECK_VIEW(sio_view_of(peer_hear(peer, text)), "go away");
    CHECK_INT(peer_sees(peer), 0);
    CHECK_INT(world.net.n_dismissed, 1);
    close(peer);
    turn();
    CHECK_INT(world.net.n_dismissed, 0);
    world_end();
}

/* One that never closes does not stay for ever. */
static void
test_dismissed_peers_have_a_moment(void)
{
    int fd, peer;

    if (!world_begin(&owner) || !open_pair(&fd, &peer))
        return;
    sio_net_dismiss(&world.env, fd, &nobody, SIO_VIEW("bye"));
    turn();
    CHECK_INT(world.net.n_dismissed, 1);
    pass_time(3000);
    CHECK_INT(world.net.n_dismissed, 0);
    close(peer);
    world_end();
}

static void
test_dismissed_peers_are_not_many(void)
{
    enum { N_PEERS = SIO_NET_MAX_DISMISSED + 1 };
    char text[PEER_TEXT_MAX];
    int  fds[N_PEERS], peers[N_PEERS];

    if (!world_begin(&owner))
        return;
    for (unsigned i = 0; i < N_PEERS; i++)
        if (open_pair(&fds[i], &peers[i]))
            sio_net_dismiss(&world.env, fds[i], &nobody, SIO_VIEW("bye"));
    CHECK_INT(world.net.n_dismissed, SIO_NET_MAX_DISMISSED);
    CHECK_VIEW(sio_view_of(peer_hear(peers[N_PEERS - 1], text)), "bye");
    CHECK_INT(peer_sees(peers[N_PEERS - 1]), 0);
    for (unsigned i = 0; i < N_PEERS; i++)
        close(peers[i]);
    turn();
    CHECK_INT(world.net.n_dismissed, 0);
    world_end();
}

int
main(void)
{
    RUN_ON_EACH(test_a_connection_is_its_owners);
    RUN_ON_EACH(test_one_too_many_gets_a_whole_answer);
    RUN_ON_EACH(test_dismissed_peers_have_a_moment);
    RUN_ON_EACH(test_dismissed_peers_are_not_many);
    return check_done();
}
