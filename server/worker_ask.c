#include "server/worker_ask.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/places.h"
#include "server/server.h"
#include "server/worker_wire.h"

enum { PATIENCE_MS = 10000 }; /* the master may have to look up a name */

static int
ask_fail(sio_server *s, const char *why)
{
    sio_buf_add_str(&s->error, "can not listen: ");
    sio_buf_add_str(&s->error, why);
    return SIO_ERR_SYS;
}

static bool
wait_for_more(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int           n;

    do
        n = poll(&p, 1, PATIENCE_MS);
    while (n < 0 && errno == EINTR);
    return n > 0;
}

/* The sockets of a place, until the master closes its end. */
static int
hear_answer(sio_server *s, int fd, sio_kept_place *place)
{
    char               buf[SIO_WORKER_WIRE_MAX];
    sio_worker_message m;

    while (wait_for_more(fd)) {
        if (sio_worker_wire_receive(fd, buf, &m) != SIO_OK)
            return place->n > 0 ? SIO_OK : ask_fail(s, "the master has ended");
        if (m.word == SIO_WORKER_REFUSED) {
            sio_buf_add_view(&s->error, m.bytes);
            return SIO_ERR_SYS;
        }
        if (m.fd >= 0 && place->n < SIO_KEPT_MAX_SOCKETS)
            place->fds[place->n++] = m.fd;
    }
    return ask_fail(s, "the master does not answer");
}

static int
ask_there(sio_server *s, const sio_listen_address *at, int answers)
{
    const sio_worker_message m = {.word = SIO_WORKER_OPEN,
                                  .number = at->is_unix ? SIO_WORKER_ASK_PATH : at->port,
                                  .bytes = at->host,
                                  .fd = answers};

    return sio_worker_wire_send(s->worker.control, &m) == SIO_OK
               ? SIO_OK
               : ask_fail(s, "the master does not listen");
}

static int
ask_for(void *arg, const sio_listen_address *at)
{
    sio_server     *s = arg;
    sio_kept_place *place = sio_kept_add(&s->worker.kept, at);
    int             fds[2], rc;

    if (place == NULL)
        return ask_fail(s, "there are too many addresses");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return ask_fail(s, strerror(errno));
    rc = ask_there(s, at, fds[1]);
    close(fds[1]);
    if (rc == SIO_OK)
        rc = hear_answer(s, fds[0], place);
    close(fds[0]);
    return rc;
}

int
sio_worker_ask(sio_server *s)
{
    if (!s->worker.is_late)
        return SIO_OK;
    sio_kept_close(&s->worker.kept); /* of an attempt that has failed */
    return sio_places_each(s, ask_for, s);
}
