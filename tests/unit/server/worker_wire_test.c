/* What a master and its workers say to each other: whole, in order, with descriptors; or nothing. */
#include "server/worker_wire.h"
#include "tests/unit/check.h"

#include "protocol/result.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int  ends[2];
static char buf[SIO_WORKER_WIRE_MAX];

static void
with_sockets(void (*test)(void))
{
    if (!CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0))
        return;
    test();
    close(ends[0]);
    close(ends[1]);
}

static void
messages_come_whole(void)
{
    static char        large[SIO_WORKER_WIRE_MAX];
    sio_worker_message m = {.word = SIO_WORKER_STOP, .number = 2, .fd = -1}, got;

    memset(large, 'x', sizeof large);
    CHECK_INT(sio_worker_wire_receive(ends[1], buf, &got), SIO_PARTIAL);
    CHECK_INT(sio_worker_wire_send(ends[0], &m), SIO_OK);
    m = (sio_worker_message){.word = SIO_WORKER_FIGURES, .bytes = {large, sizeof large}, .fd = -1};
    CHECK_INT(sio_worker_wire_send(ends[0], &m), SIO_OK);
    CHECK_INT(sio_worker_wire_receive(ends[1], buf, &got), SIO_OK);
    CHECK_INT(got.word, SIO_WORKER_STOP);
    CHECK_INT(got.number, 2);
    CHECK_INT(got.bytes.len, 0);
    CHECK_INT(got.fd, -1);
    CHECK_INT(sio_worker_wire_receive(ends[1], buf, &got), SIO_OK);
    CHECK_VIEW(got.bytes, ((sio_view){large, sizeof large}));
    CHECK_INT(sio_worker_wire_receive(ends[1], buf, &got), SIO_PARTIAL);
}

static void
test_messages_come_whole(void)
{
    with_sockets(messages_come_whole);
}

static void
a_descriptor_comes_along(void)
{
    sio_worker_message m = {.word = SIO_WORKER_PEER, .number = 3}, got = {.fd = -1};
    int                pair[2];
    char               byte = 0;

    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    m.fd = pair[0];
    CHECK_INT(sio_worker_wire_send(ends[0], &m), SIO_OK);
    close(pair[0]);
    CHECK_INT(sio_worker_wire_receive(ends[1], buf, &got), SIO_OK);
    CHECK_INT(got.word, SIO_WORKER_PEER);
    if (CHECK(got.fd >= 0)) {
        CHECK_INT(write(got.fd, "x", 1), 1);
        CHECK_INT(read(pair[1], &byte, 1), 1);
        CHECK_INT(byte, 'x');
        close(got.fd);
    }
    close(pair[1]);
}

static void
test_a_descriptor_comes_along(void)
{
    with_sockets(a_descriptor_comes_along);
}

static void
one_that_does_not_read_is_told_of(void)
{
    const sio_worker_message m = {.word = SIO_WORKER_ASK, .fd = -1};
    int                      rc = SIO_OK;

    for (unsigned i = 0; i < 100000 && rc == SIO_OK; i++)
        rc = sio_worker_wire_send(ends[0], &m);
    CHECK_INT(rc, SIO_ERR_FULL);
}

static void
test_one_that_does_not_read_is_told_of(void)
{
    with_sockets(one_that_does_not_read_is_told_of);
}

static void
the_end_is_heard_behind_all_that_was_said(void)
{
    const sio_worker_message m = {.word = SIO_WORKER_READY, .fd = -1};
    sio_worker_message       got;

    CHECK_INT(sio_worker_wire_send(ends[0], &m), SIO_OK);
    shutdown(ends[0], SHUT_RDWR);
    CHECK_INT(sio_worker_wire_receive(ends[1], buf, &got), SIO_OK);
    CHECK_INT(got.word, SIO_WORKER_READY);
    CHECK_INT(sio_worker_wire_receive(ends[1], buf, &got), SIO_ERR_SYS);
    CHECK_INT(sio_worker_wire_send(ends[1], &m), SIO_ERR_SYS);
}

static void
test_the_end_is_heard_behind_all_that_was_said(void)
{
    with_sockets(the_end_is_heard_behind_all_that_was_said);
}

static void
less_than_a_head_is_nonsense(void)
{
    sio_worker_message got;

    CHECK_INT(send(ends[0], "short", 5, 0), 5);
    CHECK_INT(sio_worker_wire_receive(ends[1], buf, &got), SIO_ERR_SYS);
}

static void
test_less_than_a_head_is_nonsense(void)
{
    with_sockets(less_than_a_head_is_nonsense);
}

int
main(void)
{
    RUN(test_messages_come_whole);
    RUN(test_a_descriptor_comes_along);
    RUN(test_one_that_does_not_read_is_told_of);
    RUN(test_the_end_is_heard_behind_all_that_was_said);
    RUN(test_less_than_a_head_is_nonsense);
    return check_done();
}
