/* tests/unit/net/kept_test.c - server/net/kept.c: sockets that are kept, and taken by address. */
#include "server/net/kept.h"

#include "tests/unit/check.h"

#include <fcntl.h>
#include <unistd.h>

static const sio_listen_address any = {.host = {"", 0}, .port = 0};
static const sio_listen_address local = {.host = {"127.0.0.1", 9}, .port = 3100};

static int
new_fd(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool
is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static int
put(sio_kept *k, const sio_listen_address *at)
{
    const int fd = new_fd();

    CHECK(sio_kept_add_socket(sio_kept_add(k, at), fd));
    return fd;
}

static void
test_by_address(void)
{
    sio_kept       k = {.n = 0};
    sio_kept_place place;
    const int      fd = put(&k, &local);
    const int      other = put(&k, &any);

    CHECK(sio_kept_take(&k, &local, &place) && place.n == 1 && place.fds[0] == fd);
    CHECK(!sio_kept_take(&k, &local, &place));
    sio_kept_close(&k);
    CHECK(is_open(fd) && !is_open(other));
    close(fd);
}

/* "*:0" may be asked for more than once. */
static void
test_the_same_address_in_turn(void)
{
    sio_kept       k = {.n = 0};
    sio_kept_place place;
    const int      first = put(&k, &any), second = put(&k, &any);

    CHECK(sio_kept_take(&k, &any, &place) && place.fds[0] == first);
    CHECK(sio_kept_take(&k, &any, &place) && place.fds[0] == second);
    CHECK(!sio_kept_take(&k, &any, &place));
    close(first);
    close(second);
}

static void
test_only_so_many(void)
{
    sio_kept        k = {.n = 0};
    sio_kept_place *place = sio_kept_add(&k, &local);
    int             fd;

    for (int i = 0; i < SIO_KEPT_MAX_SOCKETS; i++)
        CHECK(sio_kept_add_socket(place, new_fd()));
    fd = new_fd();
    CHECK(!sio_kept_add_socket(place, fd));
    CHECK(!is_open(fd));
    for (int i = 1; i < SIO_KEPT_MAX; i++)
        CHECK(sio_kept_add(&k, &any) != NULL);
    CHECK(sio_kept_add(&k, &any) == NULL);
    sio_kept_close(&k);
}

static void
test_names(void)
{
    const sio_kept_name      name = sio_kept_name_of(&local);
    const sio_listen_address at = sio_kept_name_address(&name);

    CHECK_VIEW(at.host, "127.0.0.1");
    CHECK_INT(at.port, 3100);
    CHECK(!at.is_unix);
}

int
main(void)
{
    RUN(test_by_address);
    RUN(test_the_same_address_in_turn);
    RUN(test_only_so_many);
    RUN(test_names);
    return check_done();
}
