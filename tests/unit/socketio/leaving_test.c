/* What is left of a socket that has left, in the turn in which it did. */
#include "server/socketio/client.h"

#include "server/socketio/namespace.h"
#include "tests/unit/server/api_fixture.h"

enum { TIMES = 50 };

static unsigned n_joined, n_left;

static size_t
count_sockets(const sio_socket *socket)
{
    const sio_link *sockets = &sio_client_of(socket->session)->sockets;
    size_t          n = 0;

    for (const sio_link *l = sockets->next; l != sockets; l = l->next)
        n++;
    return n;
}

static void
on_joined(sio_socket *socket, void *arg)
{
    (void)arg;
    n_joined++;
    CHECK_INT(count_sockets(socket), 1);
}

static void
on_left(sio_socket *socket, const char *reason, void *arg)
{
    (void)arg;
    n_left++;
    CHECK_INT(count_sockets(socket), 0);
    if (n_left <= TIMES) /* then its connection goes */
        CHECK_VIEW(sio_view_of(reason), "client namespace disconnect");
}

/* Otherwise each packet of such a client would look at all sockets that it had before. */
static void
test_a_client_that_leaves_again_and_again_has_one_socket(void)
{
    client c;

    sio_on_connection(sio_sockets(io), on_joined, NULL);
    sio_on_disconnect(sio_sockets(io), on_left, NULL);
    listen_now(io);
    open_engine(&c, io, 4);
    for (unsigned i = 0; i < TIMES; i++) {
        say(&c, "40");
        say(&c, "41");
    }
    say(&c, "40");
    UNTIL(n_joined == TIMES + 1);
    CHECK_INT(n_left, TIMES);
    hang_up(&c);
    UNTIL(n_left == TIMES + 1);
}

int
main(void)
{
    RUN_WITH_SERVER(test_a_client_that_leaves_again_and_again_has_one_socket);
    return check_done();
}
