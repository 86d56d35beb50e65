#include "store/resolve.h"

#include "protocol/result.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Shared by the event loop and the thread; the last of the two to let go frees it. */
struct sio_resolve {
    atomic_int     n_users;
    int            ends[2]; /* the pipe: the thread writes one byte when `found` is filled in */
    struct event  *readable;
    char          *host;
    sio_addresses  found;
    int            gai_error;
    atomic_bool    done; /* orders the writing of the two above before their reading */
    sio_resolve_cb cb;
    void          *arg;
};

static void
resolve_release(sio_resolve *r)
{
    if (atomic_fetch_sub(&r->n_users, 1) > 1)
        return;
    for (int i = 0; i < 2; i++)
        if (r->ends[i] >= 0)
            close(r->ends[i]);
    free(r->host);
    free(r);
}

/* The event belongs to the loop: it goes before the rest, whatever the thread is doing. */
static void
release_from_loop(sio_resolve *r)
{
    if (r->readable != NULL)
        event_free(r->readable);
    r->readable = NULL;
    resolve_release(r);
}

static void
look_up(sio_resolve *r)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo      *list = NULL;

    r->gai_error = getaddrinfo(r->host, NULL, &hints, &list);
    if (r->gai_error != 0)
        return;
    for (const struct addrinfo *a = list; a != NULL && r->found.n < SIO_RESOLVE_MAX; a = a->ai_next)
        if (getnameinfo(a->ai_addr, a->ai_addrlen, r->found.text[r->found.n], SIO_RESOLVE_TEXT,
                        NULL, 0, NI_NUMERICHOST) == 0)
            r->found.n++;
    freeaddrinfo(list);
}

static void *
resolve_thread_main(void *arg)
{
    sio_resolve *r = arg;

    look_up(r);
    atomic_store(&r->done, true);
    /* One byte into an empty pipe whose ends are both open: it neither blocks nor fails. */
    while (write(r->ends[1], "", 1) < 0 && errno == EINTR)
        continue;
    resolve_release(r);
    return NULL;
}

/* Signals are the business of the thread that runs the event loop. */
static int
resolve_start_thread(sio_resolve *r)
{
    pthread_t thread;
    sigset_t  all, before;
    int       rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&thread, NULL, resolve_thread_main, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        errno = rc;
        return SIO_ERR_SYS;
    }
    pthread_detach(thread);
    return SIO_OK;
}

static void
on_resolve_readable(evutil_socket_t fd, short events, void *arg)
{
    sio_resolve   *r = arg;
    sio_resolve_cb cb = r->cb;
    void          *cb_arg = r->arg;
    sio_addresses  found = {.n = 0};
    int            error = EAI_SYSTEM;

    (void)fd;
    (void)events;
    if (atomic_load(&r->done)) { /* always, when the pipe is readable */
        found = r->found;
        error = r->gai_error;
    }
    release_from_loop(r);
    if (found.n > 0)
        cb(cb_arg, &found, NULL);
    else
        cb(cb_arg, &found, error != 0 ? gai_strerror(error) : "the name has no usable address");
}

int
sio_resolve_start(sio_resolve **out, struct event_base *base, const char *host, sio_resolve_cb cb,
                  void *arg)
{
    sio_resolve *r = calloc(1, sizeof *r);
    int          rc = SIO_ERR_NOMEM;

    if (r == NULL)
        return SIO_ERR_NOMEM;
    *r = (sio_resolve){.ends = {-1, -1}, .cb = cb, .arg = arg};
    atomic_init(&r->n_users, 1);
    if ((r->host = strdup(host)) == NULL)
        goto fail;
    rc = SIO_ERR_SYS;
    if (pipe2(r->ends, O_CLOEXEC) != 0)
        goto fail;
    rc = SIO_ERR_NOMEM;
    r->readable = event_new(base, r->ends[0], EV_READ, on_resolve_readable, r);
    if (r->readable == NULL || event_add(r->readable, NULL) != 0)
        goto fail;
    atomic_fetch_add(&r->n_users, 1); /* the thread's */
    if ((rc = resolve_start_thread(r)) != SIO_OK) {
        atomic_fetch_sub(&r->n_users, 1);
        goto fail;
    }
    *out = r;
    return SIO_OK;

fail:
    release_from_loop(r);
    return rc;
}

void
sio_resolve_cancel(sio_resolve *r)
{
    if (r != NULL)
        release_from_loop(r);
}
