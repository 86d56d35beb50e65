#include "server/inheritance.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/listeners.h"
#include "server/server.h"
#include "server/successor.h"
#include "server/worker_wire.h"

enum { ANSWER_MS = 20000, MAX_SOCKETS = 100000 /* far more than there are */ };

/* --- Asking for sockets. --- */

/* The descriptor that the environment names; -1: none, or what is no such socket. */
static int
find_wire(sio_server *s)
{
    const char *text = getenv(SIO_SUCCESSOR_VARIABLE);
    int         fd, type = 0;
    socklen_t   len = sizeof type;
    char       *end;

    if (text == NULL || !s->owns_base)
        return -1;
    fd = (int)strtol(text, &end, 10);
    if (*end != '\0' || fd <= STDERR_FILENO ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_SEQPACKET ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        sio_log_warn(&s->env.log, NULL, "%s=%s makes no sense, and is ignored",
                     SIO_SUCCESSOR_VARIABLE, text);
        fd = -1;
    }
    unsetenv(SIO_SUCCESSOR_VARIABLE);
    return fd;
}

/* Nothing else goes on in this process yet. */
static int
await_answer(int wire, char buf[SIO_WORKER_WIRE_MAX], sio_worker_message *m)
{
    struct pollfd p = {.fd = wire, .events = POLLIN};
    int           n;

    do
        n = poll(&p, 1, ANSWER_MS);
    while (n < 0 && errno == EINTR);
    return sio_worker_wire_receive(wire, buf, m);
}

/* Where the last one belongs is known from those before it. */
static int
keep_socket(sio_inheritance *h, const sio_worker_message *m, sio_kept_place **place)
{
    sio_listen_address at;

    if (m->fd < 0)
        return SIO_BAD;
    if (m->bytes.len > 0)
        *place = m->number < SIO_INHERITANCE_MAX_SHARES &&
                         sio_listen_address_parse(m->bytes, &at) == SIO_OK
                     ? sio_kept_add(&h->shares[m->number], &at)
                     : NULL;
    if (*place == NULL) {
        close(m->fd);
        return SIO_BAD;
    }
    return sio_kept_add_socket(*place, m->fd) ? SIO_OK : SIO_BAD;
}

/* SIO_OK, or the predecessor does not know how, or has ended. */
static int
ask_for_all(sio_inheritance *h)
{
    sio_kept_place    *place = NULL;
    char               buf[SIO_WORKER_WIRE_MAX];
    sio_worker_message m;

    for (uint32_t i = 0; i < MAX_SOCKETS; i++) {
        const sio_worker_message want = {.word = SIO_SUCCESSOR_WANT, .number = i, .fd = -1};

        if (sio_worker_wire_send(h->wire, &want) != SIO_OK ||
            await_answer(h->wire, buf, &m) != SIO_OK)
            return SIO_BAD;
        if (m.word == SIO_SUCCESSOR_NO_MORE)
            return SIO_OK;
        if (m.word != SIO_SUCCESSOR_SOCKET || keep_socket(h, &m, &place) != SIO_OK)
            return SIO_BAD;
    }
    return SIO_BAD;
}

int
sio_inheritance_take(sio_server *s)
{
    sio_inheritance *h = &s->inheritance;
    int              wire;

    if (h->is_there || (wire = find_wire(s)) < 0)
        return SIO_OK;
    *h = (sio_inheritance){.is_there = true, .wire = wire};
    h->shares = calloc(SIO_INHERITANCE_MAX_SHARES, sizeof *h->shares);
    if (h->shares == NULL)
        return SIO_ERR_NOMEM;
    if (ask_for_all(h) == SIO_OK)
        return SIO_OK;
    sio_buf_add_str(&s->error, "can not take over: the program before this one does not hand over "
                               "its sockets");
    return SIO_ERR_SYS;
}

/* --- One process in place of several. --- */

/* All workers have the same places, in the same order. */
static bool
merge_share(sio_kept *all, unsigned n_own, sio_kept *share)
{
    bool is_well = true;

    for (unsigned i = 0; i < share->n; i++) {
        sio_kept_place          *from = &share->items[i];
        const sio_listen_address at = sio_kept_name_address(&from->name);
        sio_kept_place *to = n_own + i < all->n ? &all->items[n_own + i] : sio_kept_add(all, &at);

        for (unsigned j = 0; is_well && j < from->n; j++)
            is_well = to != NULL && sio_kept_add_socket(to, from->fds[j]);
    }
    share->n = 0;
    return is_well;
}

int
sio_inheritance_merge(sio_inheritance *h, sio_buf *error)
{
    const unsigned n_own = h->is_there ? h->shares[0].n : 0;

    for (unsigned i = 1; h->is_there && i < SIO_INHERITANCE_MAX_SHARES; i++)
        if (!merge_share(&h->shares[0], n_own, &h->shares[i])) {
            sio_buf_add_str(error, "can not take over: the \"workers\" before were too many to "
                                   "listen for all of them");
            return SIO_ERR_SYS;
        }
    return SIO_OK;
}

/* --- It serves. --- */

static int
own_file(sio_server *s, sio_listener *l, void *arg)
{
    (void)s;
    (void)arg;
    sio_listener_own_file(l, true);
    return SIO_OK;
}

/* Nobody listens there any more: the settings have changed. */
static void
remove_rest(sio_kept *k)
{
    for (unsigned i = 0; i < k->n; i++)
        if (k->items[i].n > 0 && k->items[i].name.is_unix)
            (void)unlink(k->items[i].name.host);
    sio_kept_close(k);
}

static void
take_possession(sio_server *s)
{
    (void)sio_listeners_each(s, own_file, NULL);
    for (unsigned i = 0; i < SIO_INHERITANCE_MAX_SHARES; i++)
        remove_rest(&s->inheritance.shares[i]);
}

/* The predecessor leaves, and has told the service manager who is the service now. */
static void
on_predecessor(evutil_socket_t fd, short events, void *arg)
{
    sio_server        *s = arg;
    char               buf[SIO_WORKER_WIRE_MAX];
    sio_worker_message m;

    (void)events;
    if (sio_worker_wire_receive(fd, buf, &m) == SIO_ERR_SYS) {
        sio_inheritance_close(s);
        sio_systemd_ready(s);
    }
}

void
sio_inheritance_serve(sio_server *s)
{
    const sio_worker_message ready = {.word = SIO_SUCCESSOR_READY, .fd = -1};
    sio_inheritance         *h = &s->inheritance;

    if (!h->is_there) {
        sio_systemd_ready(s);
        return;
    }
    take_possession(s);
    (void)sio_worker_wire_send(h->wire, &ready);
    h->event = event_new(s->env.base, h->wire, EV_READ | EV_PERSIST, on_predecessor, s);
    if (h->event != NULL && event_add(h->event, NULL) == 0)
        return;
    sio_inheritance_close(s); /* no memory: the manager ignores what it hears too early */
    sio_systemd_ready(s);
}

void
sio_inheritance_close(sio_server *s)
{
    sio_inheritance *h = &s->inheritance;

    if (!h->is_there)
        return;
    s->net.kept = NULL;
    if (h->event != NULL)
        event_free(h->event);
    for (unsigned i = 0; h->shares != NULL && i < SIO_INHERITANCE_MAX_SHARES; i++)
        sio_kept_close(&h->shares[i]);
    free(h->shares);
    close(h->wire);
    *h = (sio_inheritance){.is_there = false};
}
